"""Ordinary programs: what is found is true and nothing else is; `.grad` is right at each time."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradviz.language.run import RunOptions, run
from gradviz.recording.chain import Chain
from gradviz.recording.diagnostics import find
from gradviz.recording.model import Recording
from gradviz.recording.replay import Replay
from gradviz.recording.story import story_at
from gradviz.recording.values import to_array
from tests.capabilities import needs_saved
from tests.recording.ordinary_programs import PROGRAMS

pytestmark = [pytest.mark.filterwarnings("ignore"), needs_saved]

# Kind, line and severity of all that shall be found; the first line of a program is line 1.
FOUND = {
    "in-place error": [("IN_PLACE", 4, "ERROR")],
    "nan log": [("FORWARD_NOT_FINITE", 3, "ERROR"), ("BACKWARD_NOT_FINITE", 3, "ERROR")],
    "nan sqrt": [("BACKWARD_NOT_FINITE", 3, "ERROR")],
    "nan 0inf": [("FORWARD_NOT_FINITE", 4, "ERROR"), ("BACKWARD_NOT_FINITE", 4, "ERROR")],
    "dead relu": [("DEAD_RELU", 8, "WARNING")],
    "exploding rnn": [("EXPLODING", 6, "WARNING")],
    "retain_grad": [("GRAD_IS_NONE", 8, "WARNING")],
    "no_grad cut": [("GRAD_IS_NONE", 4, "WARNING")],
    "detach cut": [("GRAD_IS_NONE", 4, "WARNING")],
    "item cut": [("GRAD_IS_NONE", 4, "WARNING")],
    "accumulation": [("NOT_CLEARED", 9, "NOTE")],
    "forgot zero_grad": [("NOT_CLEARED", 5, "WARNING")],
    "backward twice": [("BACKWARD_TWICE", 5, "ERROR")],
    "gradient penalty": [("PARAMETER_WITHOUT_GRADIENT", 4, "WARNING")],
    "averaged model": [("PARAMETER_WITHOUT_GRADIENT", 5, "NOTE")],
    "forgotten layer": [("PARAMETER_WITHOUT_GRADIENT", 5, "WARNING")],
    "unused branch": [("GRAD_IS_NONE", 7, "WARNING")],
}
_RAISES = {"in-place error", "backward twice"}


def record(name: str) -> Recording:
    options = RunOptions(seed=0)
    text = PROGRAMS[name].lstrip("\n")
    return run(text, options, on_output=lambda _: None, on_line=lambda _: None).recording


def run_plainly(name: str) -> dict[str, Any]:
    names: dict[str, Any] = {"__name__": "program"}
    torch.manual_seed(0)
    try:
        exec(PROGRAMS[name], names)
    except RuntimeError:
        assert name in _RAISES
    return names


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_is_wrong_is_found_and_nothing_else(name: str) -> None:
    recording = record(name)
    assert (recording.error is not None) is (name in _RAISES)
    assert recording.warnings == ()
    found = [(one.kind.name, one.line, one.severity.name) for one in find(recording)]
    assert found == FOUND.get(name, [])


@pytest.mark.parametrize("name", PROGRAMS)
def test_grad_at_the_end_is_that_of_plain_torch_bit_for_bit(name: str) -> None:
    recording, names = record(name), run_plainly(name)
    replay = Replay(recording)
    leaves = {key: one for key, one in names.items() if isinstance(one, torch.Tensor)}
    for key, one in names.items():
        if isinstance(one, torch.nn.Module):
            leaves |= {f"{key}.{path}": leaf for path, leaf in one.named_parameters()}
    latest = {tensor.name: tensor for tensor in recording.tensors if tensor.name}
    for key, leaf in leaves.items():
        if key not in latest or not (leaf.is_leaf and leaf.requires_grad):
            continue
        kept = recording.value(latest[key].grad)
        assert (kept is None) is (leaf.grad is None), key
        if kept is not None and leaf.grad is not None and kept.is_whole:
            dense = leaf.grad.to_dense() if leaf.grad.is_sparse else leaf.grad
            assert to_array(kept).tobytes() == dense.contiguous().numpy().tobytes(), key
    assert replay.length


@pytest.mark.parametrize("name", PROGRAMS)
def test_each_accumulation_adds_what_arrived_to_what_was_there(name: str) -> None:
    recording = record(name)
    replay = Replay(recording)
    chain = Chain(replay)
    for playhead in range(1, replay.length + 1):
        story = story_at(chain, playhead)
        assert story is not None
        change = story.accumulation
        if change is None or not story.received:
            continue
        before, arrived, after = (
            recording.value(number)
            for number in (change.before, story.received[0].value, change.after)
        )
        assert arrived is not None and after is not None
        if not (arrived.is_whole and after.is_whole):
            continue
        total = to_array(arrived) + (0 if before is None else to_array(before))
        np.testing.assert_allclose(total, to_array(after), rtol=1e-5, atol=1e-6)
        assert replay.leaf_grad_at(change.leaf, playhead) == change.after

"""What a run held for backward, checked by hand on a small network."""

from __future__ import annotations

import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.memory import Moment, memory_moments, peak_of
from gradviz.recording.model import ItemKind, Recording
from tests.capabilities import needs_saved

TEXT = """\
import torch
x = torch.ones(100)
w = torch.ones(100, requires_grad=True)
a = w * x
b = a * a
c = b.sum()
c.backward({})
{}
"""


def record(*parts: str) -> Recording:
    result = run(
        TEXT.format(*parts), RunOptions(), on_output=lambda _: None, on_line=lambda _: None
    )
    assert result.recording.error is None
    return result.recording


def by_name(recording: Recording, moments: tuple[Moment, ...]) -> dict[str, Moment]:
    names = {}
    for moment in moments:
        known = recording.ops if moment.item.kind is ItemKind.OP else recording.autograd_nodes
        names[f"{moment.pass_id}{known[moment.item.id].name}"] = moment
    return names


@needs_saved
def test_what_is_saved_grows_and_is_freed_by_the_pass() -> None:
    recording = record("", "")
    moments = memory_moments(recording)
    named = by_name(recording, moments)
    # x for w * x, then a for a * a, once though it is saved twice.
    assert [m.saved for m in moments[:5]] == [0, 0, 400, 800, 800]
    # SumBackward0 gets 4 bytes and sends 400; its expanded gradient counts in full.
    assert named["0SumBackward0"][2:] == (800, 404, 0)
    last = named["0AccumulateGrad"]
    assert (last.saved, last.flowing, last.grads) == (0, 0, 400)
    assert peak_of(moments) == max(range(len(moments)), key=lambda i: moments[i].nbytes)


@needs_saved
def test_a_kept_graph_stays_and_gradients_accumulate_beside_the_old_ones() -> None:
    recording = record("retain_graph=True", "c.backward()")
    moments = memory_moments(recording)
    named = by_name(recording, moments)
    assert named["0AccumulateGrad"].saved == 800
    assert named["1SumBackward0"].grads == 400
    assert named["1AccumulateGrad"].saved == 0
    # The second gradient is added to the first, so that both are there for a moment.
    assert (named["1AccumulateGrad"].flowing, named["1AccumulateGrad"].grads) == (400, 400)


@pytest.mark.parametrize("recording", [Recording(), None])
def test_without_a_graph_nothing_is_held(recording: Recording | None) -> None:
    if recording is None:
        result = run(
            "import torch\ny = torch.ones(3) + 1",
            RunOptions(),
            on_output=lambda _: None,
            on_line=lambda _: None,
        )
        recording = result.recording
    assert peak_of(memory_moments(recording)) is None

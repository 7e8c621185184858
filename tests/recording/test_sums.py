"""Contributions to a tensor used several times arrive one by one and add up."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.recording.model import Recording
from gradviz.recording.replay import Replay
from gradviz.recording.sums import Sums, contribution_to_leaf
from tests.builders import make_chain_rule_recording
from tests.recording.test_chain import repeat_pass
from tests.recording.test_view import LOOP, record

THRICE = """\
import torch
x = torch.tensor([1., 2.], requires_grad=True)
h = x * 1
a, b, c = h * 2, h * 3, h * 5
(a.sum() + b.sum() + c.sum()).backward()
"""


def test_three_uses_arrive_one_after_the_other_until_their_sum_is_taken() -> None:
    recording = record(THRICE)
    sums = Sums(Replay(recording))
    (one,) = sums.all
    assert recording.autograd_nodes[one.edge.node].name == "MulBackward0"
    assert len(one.values) == 3
    totals = []
    for playhead in one.playheads:
        assert sums.open_at(playhead) == [one]
        assert one.latest(playhead) == one.values[one.arrived(playhead) - 1]
        total = sums.total(one, playhead)
        assert total is not None
        totals.append(total.tolist())
    # Backward runs the latest op first.
    assert totals == [[5.0, 5.0], [8.0, 8.0], [10.0, 10.0]]
    assert sums.open_at(one.playheads[0] - 1) == []
    assert sums.open_at(one.until) == []
    step = recording.passes[0].steps[one.until - 1]
    taken = recording.values[step.grad_outputs[0]]  # type: ignore[index]
    assert np.frombuffer(taken.data or b"", taken.storage).tolist() == [10.0, 10.0]


def test_a_step_that_sends_nothing_there_has_no_latest_contribution() -> None:
    text = THRICE.replace("a, b, c = h * 2, h * 3, h * 5", "a = h * 2\nb = h * 3\nc = b + h * 5")
    one = Sums(Replay(record(text))).all[0]
    between = [p for p in range(one.playheads[0], one.until) if p not in one.playheads]
    assert between
    assert [one.latest(playhead) for playhead in between] == [None] * len(between)
    assert one.arrived(between[0]) == 1
    assert one.latest(one.playheads[0] - 1) is None


def test_one_contribution_is_no_sum() -> None:
    assert Sums(Replay(make_chain_rule_recording())).all == []
    assert Sums(Replay(Recording())).open_at(0) == []


def test_passes_are_kept_apart() -> None:
    loop = record(LOOP.replace("w * 3 + b", "w * 3 + w * 4"))
    sums = Sums(Replay(loop))
    assert [len(one.values) for one in sums.all] == [2, 2, 2]
    assert all(one.playheads[0] < one.until for one in sums.all)
    for one, other in zip(sums.all, sums.all[1:], strict=False):
        assert one.until <= other.playheads[0]


def test_what_is_too_large_is_not_added_up(monkeypatch: pytest.MonkeyPatch) -> None:
    sums = Sums(Replay(record(THRICE)))
    monkeypatch.setattr("gradviz.recording.sums.MAX_ELEMENTS", 1)
    assert sums.total(sums.all[0], sums.all[0].playheads[1]) is None


def test_what_a_step_adds_to_a_leaf_is_told_with_whether_there_was_something() -> None:
    twice = Replay(repeat_pass(make_chain_rule_recording(), cleared=False))
    first, second = contribution_to_leaf(twice, 4), contribution_to_leaf(twice, 9)
    assert first is not None
    assert second is not None
    assert first[0] == second[0] == 0
    assert (first[2], second[2]) == (False, True)
    cleared = Replay(repeat_pass(make_chain_rule_recording(), cleared=True))
    again = contribution_to_leaf(cleared, 9)
    assert again is not None
    assert not again[2]
    assert contribution_to_leaf(twice, 3) is None
    assert contribution_to_leaf(twice, 0) is None

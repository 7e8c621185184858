"""Pending moves, as pure functions of a recording and of settings."""

from __future__ import annotations

import msgspec

from gradviz.gui.devices.placements import (
    PendingMove,
    is_movable,
    move,
    move_back,
    nbytes_by_device,
    pending_moves,
    shown_tensors,
)
from gradviz.gui.session import RunSettings
from gradviz.recording.model import Recording, Tensor, TensorId
from tests.builders import make_chain_rule_recording

HERE = RunSettings()


def tensors() -> tuple[Tensor, ...]:
    return make_chain_rule_recording().tensors


def on(device: str) -> tuple[Tensor, ...]:
    return tuple(msgspec.structs.replace(t, device=device) for t in tensors())


def test_only_named_leaves_are_moved() -> None:
    assert [t.name for t in tensors() if is_movable(t)] == ["x", "y", "z"]
    assert move(HERE, tensors(), "cuda:0").placement == dict.fromkeys("xyz", "cuda:0")


def test_a_move_is_pending_until_a_run_was_made_with_it() -> None:
    asked = move(HERE, tensors()[:1], "cuda:0")
    assert pending_moves(tensors(), asked, HERE) == (PendingMove("x", "cpu", "cuda:0"),)
    assert pending_moves(on("cuda:0"), asked, asked) == ()


def test_a_move_that_is_taken_away_goes_back_to_the_device_of_the_run() -> None:
    asked = move(HERE, tensors()[:1], "cuda:0")
    moves = pending_moves(on("cuda:0")[:1], move_back(asked, ["x"]), asked)
    assert moves == (PendingMove("x", "cuda:0", "cpu"),)


def test_moving_one_keeps_what_was_asked_for_the_others() -> None:
    both = move(move(HERE, tensors()[:1], "cuda:0"), tensors()[1:2], "cuda:1")
    assert both.placement == {"x": "cuda:0", "y": "cuda:1"}
    assert move_back(both, ["x"]).placement == {"y": "cuda:1"}


def test_a_changed_tensor_is_shown_once_and_views_add_no_bytes() -> None:
    first = tensors()[0]
    changed = msgspec.structs.replace(first, id=TensorId(1), version=1, previous=first.id)
    view = msgspec.structs.replace(first, id=TensorId(2), name="v", base=TensorId(1))
    shown = shown_tensors(Recording(tensors=(first, changed, view)))
    assert [t.id for t in shown] == [1, 2]
    assert nbytes_by_device(shown) == {"cpu": 4}

"""Pending moves, as pure functions of a recording and of settings."""

from __future__ import annotations

import msgspec
import pytest

from gradviz.gui.devices.placements import (
    Fate,
    PendingMove,
    fate_of,
    modules_in,
    movable_of,
    move,
    move_back,
    pending_moves,
)
from gradviz.gui.session import RunSettings
from gradviz.recording.model import Tensor, TensorRole
from tests.builders import make_chain_rule_recording

HERE = RunSettings()


def tensors() -> tuple[Tensor, ...]:
    return make_chain_rule_recording().tensors


def on(device: str) -> tuple[Tensor, ...]:
    return tuple(msgspec.structs.replace(t, device=device) for t in tensors())


def test_only_named_leaves_are_moved() -> None:
    leaves = movable_of(tensors(), "xyz")
    assert [t.name for t in leaves] == ["x", "y", "z"]
    assert move(HERE, leaves, "cuda:0").placement == dict.fromkeys("xyz", "cuda:0")


@pytest.mark.parametrize(
    ("name", "role", "fate"),
    [
        ("x", TensorRole.LEAF, Fate.MOVABLE),
        ("net.0.weight", TensorRole.PARAMETER, Fate.MOVABLE),
        ("net.0.weight.grad", TensorRole.CONSTANT, Fate.GRADIENT),
        ("in_function", TensorRole.LEAF, Fate.LOCAL),
        ("linear.weight", TensorRole.PARAMETER, Fate.LOCAL),
        (None, TensorRole.LEAF, Fate.NAMELESS),
        ("x[0]", TensorRole.LEAF, Fate.NAMELESS),
    ],
)
def test_only_what_a_variable_outside_functions_means_is_moved(
    name: str | None, role: TensorRole, fate: Fate
) -> None:
    tensor = msgspec.structs.replace(tensors()[0], name=name, role=role)
    assert fate_of(tensor, {"x", "net"}) is fate
    if fate is Fate.LOCAL:
        assert modules_in(movable_of([tensor], {"x", "net"})) == ()


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

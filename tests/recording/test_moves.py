"""A debugger's moves over the tree of modules, ops and autograd nodes, forward and back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.recording.model import NodeId, Recording, TensorId
from gradviz.recording.moves import Move, Moves, Steps, events_of, next_stop
from gradviz.recording.naming import Edges
from gradviz.recording.replay import Replay
from gradviz.recording.view import node_item, op_item, tensor_item
from tests.builders import make_chain_rule_recording
from tests.recording.test_chain import make_square_recording, repeat_pass
from tests.recording.test_view import LOOP, record
from tests.recording.walks import MODEL_WALK, make_walk

BACK = {Move.INTO: Move.INTO_BACK, Move.OVER: Move.OVER_BACK, Move.OUT: Move.OUT_BACK}


def moves_of(recording: Recording) -> Moves:
    return Moves(Replay(recording))


def path_of(moves: Moves, move: Move, start: int) -> list[int]:
    """Every playhead that a move, made again and again, stops at."""
    visited = [start]
    while (following := moves.target(move, visited[-1])) != visited[-1]:
        visited.append(following)
    return visited


def test_into_stops_at_every_autograd_node() -> None:
    moves = moves_of(make_walk(MODEL_WALK))
    assert path_of(moves, Move.INTO, 0) == [0, 1, 2, 3, 4, 5, 6, 7]
    assert path_of(moves, Move.INTO_BACK, 7) == [7, 6, 5, 4, 3, 2, 1, 0]


def test_over_takes_all_nodes_of_an_op_and_the_leaf_between_them_at_once() -> None:
    moves = moves_of(make_walk(MODEL_WALK))
    assert path_of(moves, Move.OVER, 0) == [0, 3, 4, 5, 6, 7]
    assert path_of(moves, Move.OVER_BACK, 7) == [7, 6, 5, 4, 3, 0]


def test_over_from_inside_an_op_goes_to_its_end_and_back_to_its_start() -> None:
    moves = moves_of(make_walk(MODEL_WALK))
    assert moves.target(Move.OVER, 1) == 3
    assert moves.target(Move.OVER_BACK, 2) == 0


@pytest.mark.parametrize(
    ("start", "end", "beginning"),
    [
        (2, 3, 0),  # inside the op of mlp.fc2: the op
        (3, 6, 0),  # between two modules inside mlp: mlp, which the leaf after it belongs to
        (5, 6, 4),  # inside mlp.fc1, between its op and its leaf
        (6, 7, 0),  # between mlp and embed: the pass
        (0, 7, 0),
        (7, 7, 0),
    ],
)
def test_out_leads_to_the_end_of_what_the_playhead_is_inside(
    start: int, end: int, beginning: int
) -> None:
    moves = moves_of(make_walk(MODEL_WALK))
    assert moves.target(Move.OUT, start) == end
    assert moves.target(Move.OUT_BACK, start) == beginning


def test_a_module_called_twice_in_a_row_is_left_in_between() -> None:
    moves = moves_of(make_walk(("rnn.cell#1:add", "rnn.cell#1:mul", "rnn.cell#0:add", "x")))
    assert moves.target(Move.OUT, 1) == 2
    assert moves.target(Move.OUT, 2) == 4


def test_entering_a_module_inside_is_no_way_out() -> None:
    moves = moves_of(make_walk(("m:add", "m:mul", "m.inner:relu", "m:sub", "other:add")))
    assert moves.target(Move.OUT, 1) == 4


def test_passes_are_never_crossed_by_a_move_out_or_over() -> None:
    moves = moves_of(make_walk(("a:mul", "a:mul"), ("a:mul", "a:mul"), (), ("a:mul",)))
    assert path_of(moves, Move.OVER, 0) == [0, 2, 4, 5]
    assert path_of(moves, Move.OUT, 1) == [1, 2, 4, 5]
    assert path_of(moves, Move.OUT_BACK, 5) == [5, 4, 2, 0]


def test_a_leaf_after_the_last_node_of_a_pass_is_not_within_the_op_that_begins_the_next() -> None:
    moves = moves_of(make_walk(("a:mul", "x"), ("a:mul", "x")))
    assert path_of(moves, Move.OVER, 0) == [0, 1, 2, 3, 4]
    assert len(set(moves.steps.op_runs[:2].tolist())) == 2


def test_the_ends_are_reached_from_anywhere() -> None:
    moves = moves_of(make_walk(MODEL_WALK))
    assert {moves.target(Move.FIRST, p) for p in range(8)} == {0}
    assert {moves.target(Move.LAST, p) for p in range(8)} == {7}


@pytest.mark.parametrize("recording", [Recording(), make_walk(()), make_walk(("x",))])
@pytest.mark.parametrize("move", Move)
def test_where_there_is_nothing_moves_stay_within_it(move: Move, recording: Recording) -> None:
    moves = moves_of(recording)
    for playhead in range(moves.steps.length + 1):
        assert 0 <= moves.target(move, playhead) <= moves.steps.length


words = st.sampled_from(["a:x", "a:y", "a.b:x", "a.b#1:x", "a.b.c:x", ":x", ":y", "leaf"])


@given(st.lists(st.lists(words, max_size=9).map(tuple), max_size=3))
def test_every_move_back_undoes_the_way_and_larger_moves_stop_at_less(passes: list) -> None:
    moves = moves_of(make_walk(*passes))
    length = moves.steps.length
    stops = {move: path_of(moves, move, 0) for move in BACK}
    assert set(stops[Move.OVER]) <= set(stops[Move.INTO])
    for move, back in BACK.items():
        assert stops[move][-1] == length
        assert path_of(moves, back, length)[::-1] == stops[move]
        for playhead in range(length + 1):
            target = moves.target(move, playhead)
            assert target > playhead or playhead == length
            # Between the two nothing is left that the playhead was inside.
            assert moves.target(back, target) <= playhead or playhead == length


def test_the_steps_tell_ops_leaves_and_scopes() -> None:
    steps = Steps(make_walk(("m#2:add", "w"), ("w",)))
    assert steps.passes.tolist() == [0, 0, 1]
    assert steps.ops.tolist() == [0, -1, -1]
    assert steps.leaves.tolist() == [-1, 0, 0]
    assert [steps.scope_paths[s] for s in steps.scopes] == [("m", 2), ("m", 2), ("", 0)]


def events(recording: Recording, item: object) -> list[int]:
    return events_of(Replay(recording), Edges(recording), item).tolist()  # type: ignore[arg-type]


def test_events_of_a_node_and_of_an_op_are_their_executions() -> None:
    twice = repeat_pass(make_chain_rule_recording(), cleared=False)
    assert events(twice, node_item(NodeId(1))) == [3, 8]
    assert events(twice, op_item(0)) == [3, 8]


def test_events_of_a_tensor_are_the_contributions_and_their_sum() -> None:
    # p * p sends both of its gradients at step 1; p's own node takes their sum at the next one.
    assert events(make_square_recording(), tensor_item(TensorId(3))) == [1, 2]
    assert events(make_chain_rule_recording(), tensor_item(TensorId(0))) == [3, 4]


def test_events_of_a_tensor_used_by_several_ops_come_one_by_one() -> None:
    recording = record(
        "import torch\nx = torch.tensor(2., requires_grad=True)\n"
        "a = x * 3\nb = x * 5\nc = a + b\nc.backward()\n"
    )
    x = next(t for t in recording.tensors if t.name == "x")
    replay = Replay(recording)
    found = events(recording, tensor_item(x.id))
    names = []
    for playhead in found:
        moment = replay.moment_at(playhead)
        assert moment is not None
        assert moment.step is not None
        names.append(recording.autograd_nodes[moment.step.autograd_node].name)
    assert names == ["MulBackward0", "MulBackward0", "AccumulateGrad"]


def test_events_of_a_weight_are_those_of_all_its_versions() -> None:
    recording = record(LOOP)
    versions = [t.id for t in recording.tensors if t.name == "w"]
    assert len(versions) > 1
    found = [events(recording, tensor_item(v)) for v in versions]
    assert all(one == found[0] for one in found)
    assert len(found[0]) == 6


def test_the_next_stop_is_never_where_the_playhead_is() -> None:
    stops = np.array([2, 5])
    assert [next_stop(stops, p) for p in (0, 2, 4, 5)] == [2, 5, 5, None]
    assert [next_stop(stops, p, back=True) for p in (9, 5, 3, 2)] == [5, 2, 2, None]
    assert next_stop(np.empty(0, np.int64), 3) is None

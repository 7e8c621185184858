"""Nested passes stand inside the step that ran them, for every question about a moment."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from gradviz.language.run import RunOptions, run
from gradviz.recording.model import Recording
from gradviz.recording.moments import moments_of
from gradviz.recording.moves import Move, Moves
from gradviz.recording.replay import Phase, Replay
from gradviz.recording.step_facts import StepFacts
from gradviz.recording.sums import Sums
from gradviz.recording.values import to_array
from tests.recording.walks import make_walk, nest

# A pass of three steps; the second runs a pass of two, whose second runs one of one step.
WALK = nest(make_walk(("a:x", "b:y", "b:z"), ("c:u", "c:v"), ("d:w",)), (1, 0, 1), (2, 1, 1))
BACK = {
    Move.INTO: Move.INTO_BACK,
    Move.OVER: Move.OVER_BACK,
    Move.OUT: Move.OUT_BACK,
}


def order_of(recording: Recording) -> list[tuple[int, int]]:
    replay = Replay(recording)
    found = []
    for playhead in range(1, replay.length + 1):
        moment = replay.moment_at(playhead)
        assert moment is not None and moment.step is not None
        assert replay.playhead_of(moment.pass_.id, moment.step.index) == playhead
        assert replay.pass_index_at(playhead) == moment.pass_.id
        found.append((moment.pass_.id, moment.step.index))
    return found


def test_a_nested_pass_comes_right_before_the_end_of_the_step_that_ran_it() -> None:
    assert order_of(WALK) == [(0, 0), (1, 0), (2, 0), (1, 1), (0, 1), (0, 2)]
    replay = Replay(WALK)
    assert [replay.span_of(index) for index in range(3)] == [(0, 6), (1, 4), (2, 3)]
    assert [replay.executed_in(0, playhead) for playhead in range(7)] == [0, 1, 1, 1, 1, 2, 3]


def test_without_nested_passes_the_order_is_that_of_the_recording() -> None:
    walk = make_walk(("a:x", "b:y"), ("c:u",))
    assert moments_of(walk) is None
    assert order_of(walk) == [(0, 0), (0, 1), (1, 0)]


def test_a_pass_inside_an_unknown_step_comes_after_its_parent() -> None:
    walk = nest(make_walk(("a:x", "b:y"), ("c:u",), ("e:f",)), (1, 0, 9))
    assert order_of(walk) == [(0, 0), (0, 1), (1, 0), (2, 0)]


def test_passes_of_one_step_come_in_their_order_and_nest_as_deep_as_they_do() -> None:
    walk = nest(make_walk(("a:x",), ("b:y",), ("c:z",)), (1, 0, 0), (2, 0, 0))
    assert order_of(walk) == [(1, 0), (2, 0), (0, 0)]
    assert Replay(walk).pass_index_at(0) == 0
    deep = nest(make_walk(*[("a:x",)] * 3000), *((n, n - 1, 0) for n in range(1, 3000)))
    assert order_of(deep)[0] == (2999, 0)
    assert Moves(Replay(deep)).target(Move.OVER, 0) == 3000


@pytest.mark.parametrize(
    ("move", "way"),
    [
        (Move.INTO, [0, 1, 2, 3, 4, 5, 6]),
        # Over the op whose node runs the nested pass.
        (Move.OVER, [0, 1, 5, 6]),
    ],
)
def test_steps_lead_into_a_nested_pass_or_over_it(move: Move, way: list[int]) -> None:
    moves = Moves(Replay(WALK))
    assert _way(moves, move, 0) == way
    assert _way(moves, BACK[move], 6) == way[::-1]


def test_out_of_a_nested_pass_leads_to_its_end_within_the_step_that_ran_it() -> None:
    moves = Moves(Replay(WALK))
    assert moves.target(Move.OVER, 2) == 4
    assert moves.target(Move.OUT, 3) == 4
    assert moves.target(Move.OUT, 2) == 4
    assert moves.target(Move.OUT, 4) == 5
    assert moves.target(Move.OUT_BACK, 2) == 1
    assert moves.target(Move.OUT, 1) == 6
    assert moves.target(Move.OVER_BACK, 5) == 1


def _way(moves: Moves, move: Move, playhead: int) -> list[int]:
    way = [playhead]
    while (target := moves.target(move, way[-1])) != way[-1]:
        way.append(target)
    return way


words = st.sampled_from(["a:x", "a:y", "a.b:x", "a.b#1:x", ":x", ":y", "leaf"])


@given(
    st.lists(st.lists(words, min_size=1, max_size=5).map(tuple), min_size=2, max_size=5),
    st.lists(st.tuples(st.integers(0, 3), st.integers(0, 5)), min_size=4, max_size=4),
)
def test_every_move_is_undone_by_the_one_back_and_less_is_within_more(
    passes: list, parents: list
) -> None:
    nested = [
        (number, parents[number - 1][0] % number, parents[number - 1][1])
        for number in range(1, len(passes))
        if parents[number - 1][1] < 5
    ]
    walk = nest(make_walk(*passes), *nested)
    moves = Moves(Replay(walk))
    length = moves.steps.length
    assert sorted(order_of(walk)) == [
        (pass_.id, step.index) for pass_ in walk.passes for step in pass_.steps
    ]
    stops = {move: _way(moves, move, 0) for move in BACK}
    assert set(stops[Move.OVER]) <= set(stops[Move.INTO])
    for move, back in BACK.items():
        assert stops[move][-1] == length
        assert _way(moves, back, length)[::-1] == stops[move]


def test_nodes_have_a_phase_in_the_pass_at_the_playhead_only() -> None:
    replay = Replay(WALK)
    outer = WALK.passes[0].steps[1].autograd_node
    inner = WALK.passes[1].steps[0].autograd_node
    assert [replay.phase_of(outer, at) for at in (1, 2, 5, 6)] == [
        Phase.PENDING,
        Phase.IDLE,
        Phase.CURRENT,
        Phase.DONE,
    ]
    assert [replay.phase_of(inner, at) for at in (1, 2, 3, 4, 5)] == [
        Phase.IDLE,
        Phase.CURRENT,
        Phase.IDLE,
        Phase.DONE,
        Phase.IDLE,
    ]


def test_the_facts_of_steps_are_in_the_order_of_the_playhead() -> None:
    nan = float("nan")
    walk = nest(make_walk(("a:x", "b:y"), ("c:u",), gradients=(nan, nan, 5.0)), (1, 0, 1))
    facts = StepFacts(walk)
    assert facts.has_nan.tolist() == [True, False, True]
    assert facts.first_bad.tolist() == [True, False, False]
    assert facts.norms.tolist()[1] == 5.0


REENTRANT = """\
import torch
from torch.utils.checkpoint import checkpoint
w = torch.tensor(2., requires_grad=True)
x = torch.tensor(3., requires_grad=True)
y = checkpoint(lambda t: t * w, x * 1, use_reentrant=True)
(y * w).backward()
"""


def test_a_checkpointed_segment_runs_inside_its_step_and_grad_grows_in_time() -> None:
    """w.grad is y = 6 from the outer pass, and x · 2 = 6 from the pass inside the checkpoint."""
    options = RunOptions()
    recording = run(REENTRANT, options, on_output=lambda _: None, on_line=lambda _: None).recording
    replay = Replay(recording)
    names = [
        recording.autograd_nodes[recording.passes[number].steps[step].autograd_node].name
        for number, step in order_of(recording)
    ]
    checkpoint = names.index("CheckpointFunctionBackward")
    (nested,) = (p for p in recording.passes if p.parent is not None)
    assert replay.span_of(nested.id) == (checkpoint - len(nested.steps), checkpoint)
    w = next(t.id for t in recording.tensors if t.name == "w")
    grads = [
        None if value is None else float(to_array(recording.values[value]))
        for value in (replay.leaf_grad_at(w, at) for at in range(replay.length + 1))
    ]
    assert grads[0] is None
    assert list(dict.fromkeys(g for g in grads if g is not None)) == [6.0, 12.0]
    assert all(one.playheads == tuple(sorted(one.playheads)) for one in Sums(replay).all)

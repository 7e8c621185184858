"""What was known at a playhead: passes, borders, accumulation, nodes that run again."""

from __future__ import annotations

import msgspec
import pytest

from gradviz.recording.model import (
    LeafGrad,
    NodeId,
    Pass,
    PassId,
    Recording,
    TensorId,
    ValueId,
)
from gradviz.recording.replay import Carrier, Phase, Replay, leaf_identities
from tests.builders import make_chain_rule_recording
from tests.recording.test_chain import repeat_pass

X, Z = TensorId(0), TensorId(2)
MUL, ADD, TO_X, TO_Z = NodeId(0), NodeId(1), NodeId(2), NodeId(4)
THREE = ValueId(1)


def replay_of(*, cleared: bool = False) -> Replay:
    return Replay(repeat_pass(make_chain_rule_recording(), cleared=cleared))


def with_passes(*passes: Pass) -> Recording:
    numbered = tuple(msgspec.structs.replace(p, id=PassId(i)) for i, p in enumerate(passes))
    return msgspec.structs.replace(make_chain_rule_recording(), passes=numbered)


def empty_pass() -> Pass:
    (full,) = make_chain_rule_recording().passes
    return msgspec.structs.replace(full, steps=(), grads_before=(), leaf_grads=())


def test_without_passes_there_is_no_moment() -> None:
    replay = Replay(Recording())

    assert replay.length == 0
    assert replay.moment_at(0) is None
    assert replay.pass_index_at(0) is None
    assert replay.phase_of(MUL, 0) is Phase.IDLE
    assert replay.step_of(MUL, 0) is None
    assert replay.gradient_at(Carrier(MUL, 0, incoming=True), 0) is None


def test_phases_follow_the_playhead() -> None:
    replay = Replay(make_chain_rule_recording())

    phases = [replay.phase_of(ADD, playhead) for playhead in range(6)]

    assert phases == [
        Phase.PENDING,
        Phase.PENDING,
        Phase.PENDING,
        Phase.CURRENT,
        Phase.DONE,
        Phase.DONE,
    ]


def test_a_node_that_is_not_executed_is_idle() -> None:
    recording = make_chain_rule_recording()
    (backward,) = recording.passes
    shorter = msgspec.structs.replace(backward, steps=backward.steps[:2])

    replay = Replay(msgspec.structs.replace(recording, passes=(shorter,)))

    assert [replay.phase_of(ADD, p) for p in range(3)] == [Phase.IDLE] * 3


def test_an_edge_carries_its_gradient_from_the_step_on() -> None:
    replay = Replay(make_chain_rule_recording())
    sent = Carrier(ADD, 0, incoming=False)
    came = Carrier(TO_X, 0, incoming=True)

    assert [replay.gradient_at(sent, p) for p in range(6)] == [None] * 3 + [THREE] * 3
    assert [replay.gradient_at(came, p) for p in range(6)] == [None] * 4 + [THREE] * 2
    assert replay.gradient_at(Carrier(ADD, 7, incoming=False), 5) is None


def test_a_leaf_has_its_gradient_from_the_accumulation_on() -> None:
    replay = Replay(make_chain_rule_recording())

    assert [replay.leaf_grad_at(X, p) for p in range(6)] == [None] * 4 + [THREE] * 2
    assert [replay.leaf_grad_at(Z, p) for p in range(6)] == [None] * 2 + [THREE] * 4


def test_the_border_between_two_passes_still_shows_the_first() -> None:
    replay = replay_of()

    assert replay.length == 10
    assert [replay.pass_index_at(p) for p in (0, 1, 5, 6, 10)] == [0, 0, 0, 1, 1]
    moment = replay.moment_at(5)
    assert moment is not None
    assert moment.step is not None
    assert moment.step.index == 4
    assert replay.span_of(0) == (0, 5)
    assert replay.span_of(1) == (5, 10)


def test_the_same_nodes_run_again_in_a_second_pass() -> None:
    replay = replay_of()

    assert tuple(replay.playheads_of(ADD)) == (3, 8)
    assert [replay.phase_of(ADD, p) for p in (5, 6, 8, 9)] == [
        Phase.DONE,
        Phase.PENDING,
        Phase.CURRENT,
        Phase.DONE,
    ]
    assert replay.gradient_at(Carrier(ADD, 0, incoming=False), 6) is None


def test_a_second_pass_adds_to_the_gradient() -> None:
    replay = replay_of(cleared=False)
    six = replay.recording.passes[1].leaf_grads[0].grad

    assert [replay.leaf_grad_at(Z, p) for p in (5, 6, 7, 10)] == [THREE, THREE, six, six]


def test_a_gradient_cleared_between_two_passes_is_gone_after_the_border() -> None:
    replay = replay_of(cleared=True)

    assert [replay.leaf_grad_at(Z, p) for p in (5, 6, 7)] == [THREE, None, THREE]
    assert replay.leaf_grad_before(Z, 6) is None
    assert replay.leaf_grad_before(Z, 2) is None
    assert replay.leaf_grad_before(Z, 5) == THREE


def test_a_gradient_that_was_there_before_the_first_pass_is_shown_from_the_start() -> None:
    recording = make_chain_rule_recording()
    (backward,) = recording.passes
    before = tuple(LeafGrad(g.leaf, ValueId(0)) for g in backward.grads_before)
    backward = msgspec.structs.replace(backward, grads_before=before)

    replay = Replay(msgspec.structs.replace(recording, passes=(backward,)))

    assert replay.leaf_grad_at(Z, 0) == ValueId(0)
    assert replay.leaf_grad_at(Z, 2) == THREE


@pytest.mark.parametrize("where", [0, 1, 2])
def test_a_pass_without_steps_takes_no_place(where: int) -> None:
    (full,) = make_chain_rule_recording().passes
    passes = [full, full]
    passes.insert(where, empty_pass())

    replay = Replay(with_passes(*passes))

    assert replay.length == 10
    for playhead in range(1, 11):
        moment = replay.moment_at(playhead)
        assert moment is not None
        assert moment.step is not None
        assert moment.step.index == (playhead - 1) % 5


def test_before_the_first_step_the_pass_to_come_is_shown_not_an_empty_one() -> None:
    (full,) = make_chain_rule_recording().passes

    replay = Replay(with_passes(empty_pass(), full))

    assert replay.pass_index_at(0) == 1
    assert replay.phase_of(ADD, 0) is Phase.PENDING


def test_only_empty_passes_have_a_moment_without_a_step() -> None:
    replay = Replay(with_passes(empty_pass()))

    moment = replay.moment_at(0)

    assert replay.length == 0
    assert moment is not None
    assert moment.step is None


def test_every_step_is_found_by_its_playhead() -> None:
    replay = replay_of()

    for index, pass_ in enumerate(replay.recording.passes):
        for step in pass_.steps:
            moment = replay.moment_at(replay.playhead_of(index, step.index))
            assert moment is not None
            assert moment.pass_ is pass_
            assert moment.step is step


def test_autograd_grad_leaves_grad_alone() -> None:
    recording = make_chain_rule_recording()
    (backward,) = recording.passes
    asked = msgspec.structs.replace(backward, accumulates=False, steps=backward.steps[:1])

    replay = Replay(msgspec.structs.replace(recording, passes=(asked,)))

    assert replay.leaf_grad_at(X, 1) is None


def test_a_leaf_updated_in_place_keeps_its_gradient() -> None:
    recording = make_chain_rule_recording()
    updated = msgspec.structs.replace(
        recording.tensors[X], id=TensorId(5), version=1, previous=X, autograd_node=None
    )
    again = msgspec.structs.replace(updated, id=TensorId(6), version=2, previous=TensorId(5))
    recording = msgspec.structs.replace(recording, tensors=(*recording.tensors, updated, again))

    replay = Replay(recording)

    assert leaf_identities(recording)[6] == X
    assert replay.leaf_grad_at(TensorId(6), 5) == THREE


def test_an_intermediate_changed_in_place_is_another_tensor() -> None:
    recording = make_chain_rule_recording()
    p = TensorId(3)
    changed = msgspec.structs.replace(recording.tensors[p], id=TensorId(5), previous=p)
    recording = msgspec.structs.replace(recording, tensors=(*recording.tensors, changed))

    assert leaf_identities(recording)[5] == TensorId(5)


def test_a_step_that_runs_twice_in_a_pass_shows_its_latest_run() -> None:
    recording = make_chain_rule_recording()
    (backward,) = recording.passes
    again = msgspec.structs.replace(backward.steps[2], index=5, grad_inputs=(ValueId(0), None))
    steps = (*backward.steps, again)
    backward = msgspec.structs.replace(backward, steps=steps)

    replay = Replay(msgspec.structs.replace(recording, passes=(backward,)))
    sent = Carrier(ADD, 0, incoming=False)

    assert [replay.phase_of(ADD, p) for p in (2, 3, 5, 6)] == [
        Phase.PENDING,
        Phase.CURRENT,
        Phase.DONE,
        Phase.CURRENT,
    ]
    assert [replay.gradient_at(sent, p) for p in (3, 5, 6)] == [THREE, THREE, ValueId(0)]
    assert replay.gradient_at(Carrier(ADD, 1, incoming=False), 6) is None


def test_seeking_is_the_same_in_any_order() -> None:
    replay = replay_of()
    carriers = [Carrier(n, 0, incoming=i) for n in (MUL, ADD, TO_X) for i in (True, False)]

    def state(playhead: int) -> list[object]:
        return [replay.gradient_at(c, playhead) for c in carriers] + [
            replay.leaf_grad_at(X, playhead)
        ]

    forward = [state(p) for p in range(11)]
    backward = [state(p) for p in reversed(range(11))]

    assert forward == backward[::-1]

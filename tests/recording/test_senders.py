"""The chain rule of a tensor that is used a thousand times, such as the weight of a loop."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.recording.chain import LATEST, Chain
from gradviz.recording.expression import Number, Shown
from gradviz.recording.format import format_number
from gradviz.recording.local import Local, LocalDerivatives
from gradviz.recording.model import NextEdge, NodeId, Recording, TensorId, ValueId
from gradviz.recording.replay import Replay
from gradviz.recording.senders import Senders
from gradviz.recording.story import story_at
from gradviz.recording.values import to_array, to_number
from tests.builders import make_value
from tests.tracer.helpers import record

LOOP = """\
w = torch.tensor(0.99, requires_grad=True)
y = torch.tensor(1.)
for _ in range(200):
    y = y * w
y.backward()
"""


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(LOOP)


def test_of_a_long_sum_the_latest_terms_are_written_out(recording: Recording) -> None:
    chain = Chain(Replay(recording))
    story = story_at(chain, 100)
    assert story is not None
    rule = story.rules[-1]

    assert (rule.count, rule.arrived, len(rule.terms)) == (200, 100, LATEST)
    assert [term.playhead for term in rule.terms] == [98, 99, 100]
    assert rule.text.split(" = ")[1].startswith("⋯ + ")
    assert rule.text.split(" = ")[1].endswith(" + ⋯")
    assert all(term.is_delivered for term in rule.terms)


def test_before_anything_arrived_the_first_terms_stand_there_without_numbers(
    recording: Recording,
) -> None:
    chain = Chain(Replay(recording))
    rule = chain.rule_of(recording.ops[0].outputs[0], 0)

    assert rule is not None
    assert (rule.arrived, rule.so_far) == (0, None)
    assert not any(term.is_delivered for term in rule.terms)
    assert not rule.text.split(" = ")[1].startswith("⋯")
    assert len(rule.equation.sides) == 2


def test_the_norm_of_a_complex_sum_has_its_imaginary_part() -> None:
    recording = record(
        "z = torch.full((8,), 3 + 4j, requires_grad=True)\n"
        "(z * 1j + z * 2j).abs().sum().backward()\n"
    )
    chain = Chain(Replay(recording))
    rules = [chain.rule_of(TensorId(0), playhead) for playhead in range(6)]
    (so_far,) = {rule.so_far for rule in rules if rule is not None and rule.so_far is not None}
    assert isinstance(so_far, Shown)
    (sent, _) = (
        step.grad_inputs[0]
        for step in recording.passes[0].steps
        if recording.autograd_nodes[step.autograd_node].name == "MulBackward0"
    )
    norm = float(np.linalg.norm(to_array(recording.values[sent])))
    assert so_far.text == f"((8,), ‖g‖ = {format_number(norm)})"


def test_the_sum_so_far_is_right_at_every_step_in_any_order(recording: Recording) -> None:
    chain = Chain(Replay(recording))
    (weight,) = [t.id for t in recording.tensors if t.name == "w"]
    expected = [0.0]
    for step in recording.passes[0].steps[:200]:
        sent = to_number(recording.value(step.grad_inputs[1]))
        assert sent is not None
        expected.append(expected[-1] + sent)

    for playhead in (*range(1, 200), *range(199, 0, -7), 3, 150, 64, 65, 63, 128):
        rule = chain.rule_of(weight, playhead)
        assert rule is not None
        assert isinstance(rule.so_far, Number)
        assert rule.so_far.value == pytest.approx(expected[playhead], rel=1e-5)


def test_the_last_step_shows_the_engine_s_own_sum(recording: Recording) -> None:
    chain = Chain(Replay(recording))
    (weight,) = [t for t in recording.tensors if t.name == "w"]
    rule = chain.rule_of(weight.id, chain.replay.length)

    assert rule is not None
    assert rule.is_complete
    total = rule.equation.sides[-1]
    assert isinstance(total, Number)
    assert total.value == to_number(recording.value(weight.grad))


def test_a_step_looks_at_few_terms_however_many_there_are(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[object] = []
    real = LocalDerivatives.of

    def counted(self: LocalDerivatives, *arguments: object) -> Local:
        looked_at.append(arguments[0])
        return real(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(LocalDerivatives, "of", counted)
    chain = Chain(Replay(recording))
    for playhead in (50, 51, 52, 53):
        looked_at.clear()
        assert story_at(chain, playhead) is not None
        assert len(looked_at) <= 2 * (LATEST + 1)


def test_the_parts_of_a_sum_are_numbered_in_the_order_of_execution(recording: Recording) -> None:
    chain = Chain(Replay(recording))
    parts = []
    for playhead in (1, 2, 200):
        story = story_at(chain, playhead)
        assert story is not None
        parts.append((story.sent[-1].part, story.sent[-1].parts))

    assert parts == [(1, 200), (2, 200), (200, 200)]


def test_the_term_of_any_one_op_can_be_asked_for(recording: Recording) -> None:
    chain = Chain(Replay(recording))
    (weight,) = [t.id for t in recording.tensors if t.name == "w"]
    op = recording.ops[150]
    pass_chain = chain.of_pass(0)
    (term,) = pass_chain.terms_of_tensor(weight, frozenset(op.autograd_nodes), 200)

    assert term.op == op.id
    assert term.is_delivered
    assert pass_chain.terms_of_tensor(weight, frozenset({NodeId(10**6)}), 200) == ()


def test_terms_of_different_shapes_as_a_file_may_have_them_are_not_added_up() -> None:
    values = (make_value(0, [1.0, 2.0]), make_value(1, [1.0, 2.0, 3.0]))
    edges = (NextEdge(NodeId(0), 0), NextEdge(NodeId(1), 0))
    ids = (ValueId(0), ValueId(1))
    senders = Senders(edges[:1], edges, [1, 2], ids, values)
    assert senders.is_known(0)
    assert not senders.is_known(2)
    alike = Senders(edges[:1], edges, [1, 2], (ids[0], ids[0]), values)
    assert alike.is_known(2)

"""The chain rule of the textbook example, in the person's own names."""

from __future__ import annotations

import msgspec
import pytest

from gradviz.recording.chain import Chain
from gradviz.recording.expression import Derivative, to_text
from gradviz.recording.model import (
    AutogradNode,
    LeafGrad,
    NextEdge,
    NodeId,
    Op,
    OpId,
    Pass,
    PassId,
    Recording,
    TensorId,
    ValueId,
)
from gradviz.recording.replay import Replay
from gradviz.recording.story import story_at
from tests.builders import make_chain_rule_recording, make_value

X, Y, Z, P, G = (TensorId(i) for i in range(5))


def chain_of(recording: Recording) -> Chain:
    return Chain(Replay(recording))


def repeat_pass(recording: Recording, *, cleared: bool) -> Recording:
    """The same backward a second time, `.grad` cleared in between or not."""
    first = recording.passes[0]
    six = ValueId(len(recording.values))
    values = (*recording.values, make_value(six, 6.0))
    three = first.leaf_grads[0].grad
    before = None if cleared else three
    after = three if cleared else six
    steps = tuple(
        msgspec.structs.replace(s, leaf_grad=None if s.leaf_grad is None else after)
        for s in first.steps
    )
    second: Pass = msgspec.structs.replace(
        first,
        id=PassId(1),
        steps=steps,
        grads_before=tuple(LeafGrad(g.leaf, before) for g in first.grads_before),
        leaf_grads=tuple(LeafGrad(g.leaf, after) for g in first.leaf_grads),
    )
    return msgspec.structs.replace(recording, values=values, passes=(first, second))


def make_square_recording() -> Recording:
    """`g = p * p` in place of `p * z`: both edges of the product lead to `p`, worth 3."""
    base = make_chain_rule_recording()
    three, six = ValueId(1), ValueId(len(base.values))
    values = (*base.values, make_value(six, 6.0))
    add_to_p = NextEdge(NodeId(1), 0)
    nodes = tuple(
        msgspec.structs.replace(n, next=(add_to_p, add_to_p)) if n.id == 0 else n
        for n in base.autograd_nodes
    )
    ops = tuple(
        msgspec.structs.replace(op, text="p * p", inputs=(P, P)) if op.id == 1 else op
        for op in base.ops
    )
    backward = base.passes[0]
    multiply, _, add, to_x, to_y = backward.steps
    steps = (
        multiply,
        msgspec.structs.replace(add, index=1, grad_outputs=(six,), grad_inputs=(six, six)),
        msgspec.structs.replace(to_x, index=2, grad_outputs=(six,), leaf_grad=six),
        msgspec.structs.replace(to_y, index=3, grad_outputs=(six,), leaf_grad=six),
    )
    assert multiply.grad_inputs == (three, three)
    passes = (msgspec.structs.replace(backward, steps=steps),)
    return msgspec.structs.replace(
        base, values=values, autograd_nodes=nodes, ops=ops, passes=passes
    )


@pytest.mark.parametrize(
    ("tensor", "text"),
    [
        (X, "dg/dx = dg/dp · dp/dx = z · 1 = 3 · 1 = 3"),
        (Y, "dg/dy = dg/dp · dp/dy = z · 1 = 3 · 1 = 3"),
        (Z, "dg/dz = p = 3"),
        (P, "dg/dp = z = 3"),
        (G, "dg/dg = 1"),
    ],
)
def test_the_chain_rule_of_the_textbook_example(tensor: TensorId, text: str) -> None:
    rule = chain_of(make_chain_rule_recording()).rule_of(tensor, 5)

    assert rule is not None
    assert rule.text == text
    assert rule.is_complete


def test_a_local_derivative_is_explained() -> None:
    rule = chain_of(make_chain_rule_recording()).rule_of(X, 5)

    assert rule is not None
    assert [line.text for line in rule.where] == ["dp/dx = 1"]


def test_numbers_are_shown_only_once_the_playhead_has_reached_them() -> None:
    chain = chain_of(make_chain_rule_recording())

    texts = []
    for playhead in (0, 2, 3):
        rule = chain.rule_of(X, playhead)
        assert rule is not None
        texts.append(rule.text)

    assert texts == [
        "dg/dx = dg/dp · dp/dx = z · 1",
        "dg/dx = dg/dp · dp/dx = z · 1",
        "dg/dx = dg/dp · dp/dx = z · 1 = 3 · 1 = 3",
    ]


def test_a_tensor_used_twice_by_one_op_has_a_term_for_each_use() -> None:
    chain = chain_of(make_square_recording())

    of_p, of_x = chain.rule_of(P, 4), chain.rule_of(X, 4)

    assert of_p is not None
    assert of_p.text == "dg/dp = p + p = 3 + 3 = 6"
    assert of_x is not None
    assert of_x.text == "dg/dx = dg/dp · dp/dx = 6 · 1 = 6"


def test_each_step_is_told_in_one_sentence() -> None:
    chain = chain_of(make_chain_rule_recording())

    sentences = [story.sentence for p in range(6) if (story := story_at(chain, p)) is not None]

    assert sentences == [
        "Step 1 of 5: MulBackward0 (g = p * z, line 7) received dg/dg = 1"
        " and sent dg/dp = 3, dg/dz = 3.",
        "Step 2 of 5: AccumulateGrad added dg/dz = 3 to z.grad, which is now 3.",
        "Step 3 of 5: AddBackward0 (p = x + y, line 6) received dg/dp = 3"
        " and sent dg/dx = 3, dg/dy = 3.",
        "Step 4 of 5: AccumulateGrad added dg/dx = 3 to x.grad, which is now 3.",
        "Step 5 of 5: AccumulateGrad added dg/dy = 3 to y.grad, which is now 3.",
    ]


def test_a_gradient_sent_in_parts_says_so() -> None:
    story = story_at(chain_of(make_square_recording()), 1)

    assert story is not None
    assert [flow.text for flow in story.sent] == ["3 towards dg/dp", "3 towards dg/dp"]
    assert [(flow.part, flow.parts) for flow in story.sent] == [(1, 2), (2, 2)]


def test_a_second_pass_adds_to_what_the_first_left() -> None:
    chain = chain_of(repeat_pass(make_chain_rule_recording(), cleared=False))

    story = story_at(chain, 7)

    assert story is not None
    assert story.sentence == (
        "Step 2 of 5: AccumulateGrad added dg/dz = 3 to z.grad, which was 3 and is now 6."
    )


def test_a_cleared_gradient_starts_again_even_at_the_first_step_of_a_pass() -> None:
    recording = repeat_pass(make_chain_rule_recording(), cleared=True)
    second = recording.passes[1]
    first_adds = msgspec.structs.replace(second, steps=(second.steps[1], second.steps[0]))
    recording = msgspec.structs.replace(recording, passes=(recording.passes[0], first_adds))

    story = story_at(chain_of(recording), 6)

    assert story is not None
    assert story.accumulation is not None
    assert story.accumulation.before is None


def test_an_unnamed_tensor_is_called_by_its_expression() -> None:
    base = make_chain_rule_recording()
    tensors = tuple(msgspec.structs.replace(t, name=None) if t.id == P else t for t in base.tensors)
    recording = msgspec.structs.replace(base, tensors=tensors)

    rule = chain_of(recording).rule_of(X, 5)

    assert rule is not None
    assert rule.text == "dg/dx = dg/d(x + y) · d(x + y)/dx = z · 1 = 3 · 1 = 3"


def test_tensors_that_share_a_variable_are_told_apart_by_an_index() -> None:
    base = make_chain_rule_recording()
    tensors = tuple(
        msgspec.structs.replace(t, name="h") if t.id in (X, P) else t for t in base.tensors
    )

    rule = chain_of(msgspec.structs.replace(base, tensors=tensors)).rule_of(X, 5)

    assert rule is not None
    assert rule.text == "dg/dh₁ = dg/dh₂ · dh₂/dh₁ = z · 1 = 3 · 1 = 3"


def test_a_gradient_given_to_backward_makes_a_new_symbol_that_is_explained() -> None:
    base = make_chain_rule_recording()
    two, six = ValueId(len(base.values)), ValueId(len(base.values) + 1)
    values = (*base.values, make_value(two, 2.0), make_value(six, 6.0))
    backward = base.passes[0]
    steps = tuple(
        msgspec.structs.replace(s, grad_outputs=(two,), grad_inputs=(six, six))
        if s.index == 0
        else s
        for s in backward.steps
    )
    passes = (msgspec.structs.replace(backward, steps=steps),)
    recording = msgspec.structs.replace(base, values=values, passes=passes)

    rule = chain_of(recording).rule_of(Z, 5)

    assert rule is not None
    assert rule.text.startswith("dL/dz = dL/dg · dg/dz = 2 · 3")
    assert rule.root_meaning == "L = Σ(v · g), v is the gradient given to backward"


def test_a_tensor_outside_the_pass_has_no_chain_rule() -> None:
    base = make_chain_rule_recording()
    stray = msgspec.structs.replace(
        base.tensors[0], id=TensorId(5), name="stray", autograd_node=None
    )
    recording = msgspec.structs.replace(base, tensors=(*base.tensors, stray))

    assert chain_of(recording).rule_of(TensorId(5), 5) is None
    assert chain_of(Recording(tensors=base.tensors)).rule_of(X, 0) is None


def test_an_unknown_node_shows_its_measured_factor() -> None:
    base = make_chain_rule_recording()
    nodes = tuple(
        msgspec.structs.replace(n, name="MysteryBackward") if n.id == 1 else n
        for n in base.autograd_nodes
    )

    rule = chain_of(msgspec.structs.replace(base, autograd_nodes=nodes)).rule_of(X, 5)

    assert rule is not None
    assert rule.text == "dg/dx = dg/dp · dp/dx = 3 · 1 = 3"
    assert rule.terms[0].derivative.is_measured
    assert rule.terms[0].derivative.formula is None


def test_a_formula_that_contradicts_the_recording_is_not_shown() -> None:
    base = make_chain_rule_recording()
    nodes = tuple(
        msgspec.structs.replace(n, name="SinBackward0") if n.id == 1 else n
        for n in base.autograd_nodes
    )

    rule = chain_of(msgspec.structs.replace(base, autograd_nodes=nodes)).rule_of(X, 5)

    assert rule is not None
    assert rule.terms[0].derivative.formula is None


def test_the_nodes_of_one_op_are_seen_as_that_op() -> None:
    """A node between `p` and `x` that belongs to the same op does not appear in the rule."""
    base = make_chain_rule_recording()
    inner = AutogradNode(
        id=NodeId(5), name="TBackward0", op=OpId(0), next=(NextEdge(NodeId(2), 0),)
    )
    nodes = tuple(
        msgspec.structs.replace(n, next=(NextEdge(NodeId(5), 0), n.next[1])) if n.id == 1 else n
        for n in base.autograd_nodes
    )
    op: Op = msgspec.structs.replace(base.ops[0], autograd_nodes=(NodeId(1), NodeId(5)))
    backward = base.passes[0]
    to_x = msgspec.structs.replace(
        backward.steps[2], index=5, autograd_node=NodeId(5), grad_inputs=(ValueId(1),)
    )
    recording = msgspec.structs.replace(
        base,
        autograd_nodes=(*nodes, inner),
        ops=(op, base.ops[1]),
        passes=(msgspec.structs.replace(backward, steps=(*backward.steps, to_x)),),
    )

    rule = chain_of(recording).rule_of(X, 6)

    assert rule is not None
    assert rule.text == "dg/dx = dg/dp · dp/dx = 3 · 1 = 3"


def test_a_name_that_begins_with_d_does_not_run_together_with_the_d_of_the_derivative() -> None:
    assert to_text(Derivative("dy", "x")) == "d(dy)/dx"
    assert to_text(Derivative("loss", "data")) == "dloss/d(data)"
    assert to_text(Derivative("g", "d")) == "dg/dd"

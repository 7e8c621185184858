"""The other operand of an op is what the person wrote it to be, however the tensor was written."""

from __future__ import annotations

import pytest

from gradviz.recording.chain import Chain
from gradviz.recording.expression import to_text
from gradviz.recording.replay import Replay
from tests.recording.test_view import record

START = """\
import torch
x = torch.tensor([1., 2., 3.], requires_grad=True)
net = torch.nn.Linear(3, 3)
k = 2.5
once = torch.ones(3, requires_grad=True)
now = once
def made():
    return torch.ones(3, requires_grad=True)
"""

WRITTEN = {
    "x * k": "k",
    "now * k": "k",
    "x ** 3": "3 · x^2",
    "net(x) * 2": "2",
    "net(x) * k": "k",
    "torch.mul(net(x), 2)": "2",
    "net(x).pow(3)": "3 · net(·)^2",
    "3 - net(x)": "-1",
    "once * 3": "3",
    "once ** 3": "3 · now^2",
    "made() * 4": "4",
    "made() * k": None,
    "once * k": None,
}
"""Of each op its derivative by the tensor; None where nobody can tell which operand that is."""


@pytest.mark.parametrize("text", WRITTEN)
def test_the_operand_that_is_no_tensor_is_told_from_the_tensor(text: str) -> None:
    recording = record(f"{START}y = {text}\ny.sum().backward()\n")
    replay = Replay(recording)
    chain = Chain(replay).of_pass(0)
    made = next(tensor for tensor in recording.tensors if tensor.name == "y").op
    assert made is not None
    (node,) = recording.ops[made].autograd_nodes
    edge = next(edge for edge in recording.autograd_nodes[node].next if edge is not None)
    (term,) = (term for term in chain.terms_at(edge, 0, 9, replay.length) if term.node == node)
    formula = term.derivative.formula
    assert (None if formula is None else to_text(formula)) == WRITTEN[text]


SEVERAL_NODES = """\
import torch
import torch.nn.functional as F
x = torch.tensor([[1., 2.]], requires_grad=True)
w = torch.ones(2, 2, requires_grad=True)
b = torch.zeros(2, requires_grad=True)
y = F.linear(x, w, b)
loss = F.cross_entropy(y, torch.tensor([1]))
loss.backward()
"""


@pytest.mark.parametrize(
    ("sender", "formula"),
    [
        ("TBackward0", "(dloss/dy)ᵀ @ x"),
        ("LogSoftmaxBackward0", "softmax(y) - onehot(torch.tensor([1]))"),
    ],
)
def test_what_an_op_of_several_nodes_sends_has_the_formula_of_the_op(
    sender: str, formula: str
) -> None:
    recording = record(SEVERAL_NODES)
    replay = Replay(recording)
    (node,) = (node for node in recording.autograd_nodes if node.name == sender)
    (edge,) = node.next
    assert edge is not None
    (term,) = Chain(replay).of_pass(0).terms_at(edge, 0, 9, replay.length)
    assert term.derivative.formula is not None
    assert to_text(term.derivative.formula) == formula

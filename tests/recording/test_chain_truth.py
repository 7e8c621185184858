"""What the chain rule writes is true: every side that can be computed is the recorded gradient."""

from __future__ import annotations

import json
from typing import Any

import numpy as np
import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.chain import Chain, PassChain
from gradviz.recording.chain_terms import ChainRule
from gradviz.recording.expression import (
    Apply,
    Expression,
    NotComputableError,
    Number,
    Product,
    Shown,
    Sum,
    Symbol,
    evaluate,
)
from gradviz.recording.model import NextEdge, Recording
from gradviz.recording.replay import Replay
from gradviz.recording.values import to_array

START = """\
import torch
import torch.nn.functional as F
from torch import nn
x = torch.tensor([0.5, -1.25, 2.0], requires_grad=True)
w = torch.tensor([1.5, 0.75, -0.5], requires_grad=True)
a = torch.tensor(0.75, requires_grad=True)
b = torch.tensor(-1.5, requires_grad=True)
M = torch.tensor([[1., 2., 3.], [4., 5., 6.]], requires_grad=True)
N = torch.tensor([[1., -1.], [0.5, 2.], [3., 1.]], requires_grad=True)
k = torch.tensor([2.0, 3.0, 4.0])
"""

PROGRAMS = {
    "chain of scalars": "p = a + b\ng = p * a\ng.backward()",
    "three factors": "u = a * b\nv = u * 3\ny = v * b\ny.backward()",
    "longer than is written out": "y = a\nfor _ in range(7):\n    y = y * b\ny.backward()",
    "used by several": "s = a.sin()\ny = s * b + s.exp() - s / a\ny.backward()",
    "used twice by one op": "p = a * a\ny = p * p\ny.backward()",
    "quotients and powers": "q = a ** 3\ny = q / b\ny.backward()",
    "vector": "h = w * x + b\nL = (h * h).sum()\nL.backward()",
    "mean": "h = w * x\nL = h.mean()\nL.backward()",
    "broadcast scalar": "h = x * a\nL = h.sum()\nL.backward()",
    "broadcast row": "h = M * x\nL = h.sum()\nL.backward()",
    "broadcast twice": "h = M * x\nk2 = h * a\nL = k2.mean()\nL.backward()",
    "relu": "h = torch.relu(x * w)\nL = (h * k).sum()\nL.backward()",
    "sigmoid, tanh": "h = torch.sigmoid(x)\nt = h.tanh()\nL = t.sum()\nL.backward()",
    "matmul": "h = M @ N\nL = (h * h).sum()\nL.backward()",
    "matrix and vector": "h = M @ x\nL = h.square().sum()\nL.backward()",
    "dot": "y = x @ w\nL = y * a\nL.backward()",
    "linear": "h = F.linear(x, M, torch.zeros(2))\nL = h.mean()\nL.backward()",
    "mse": "L = F.mse_loss(x * w, k)\nL.backward()",
    "cross entropy": "h = x * w\nL = F.cross_entropy(h[None], torch.tensor([1]))\nL.backward()",
    "softmax": "p = torch.softmax(x, 0)\nL = (p * k).sum()\nL.backward()",
    "log softmax": "p = torch.log_softmax(x * a, 0)\nL = -p[1]\nL.backward()",
    "logsumexp": "y = torch.logsumexp(x, 0)\nL = y * a\nL.backward()",
    "indexing": "c = x[0]\nd = x[1:]\nL = c * d.sum()\nL.backward()",
    "fancy indexing": "c = x[torch.tensor([0, 0, 2])]\nL = (c * k).sum()\nL.backward()",
    "views": "v = M.view(3, 2)\nt = v.t()\nr = t.reshape(6)\nL = (r * r).sum()\nL.backward()",
    "cat and stack": "c = torch.cat([x, w])\ns = torch.stack([a, b])\nL = c.mean() + s.prod()\n"
    "L.backward()",
    "in place": "h = x * 3\nh.mul_(2)\nh += w\nL = (h * k).sum()\nL.backward()",
    "in place by index": "h = x * 3\nh[0] = h[1] * 5\nL = h.sum()\nL.backward()",
    "an op in torch only": "h = x.cumsum(0)\nL = (h * k).sum()\nL.backward()",
    "norm": "y = x.norm()\nL = y * b\nL.backward()",
    "max": "y = x.max()\nL = y * a\nL.backward()",
    "where and clamp": "h = torch.where(x > 0, x, w)\nc = h.clamp(-0.4, 1.0)\nL = c.sum()\n"
    "L.backward()",
    "conv": "i = x.view(1, 1, 3)\nf = w[:2].view(1, 1, 2)\nL = F.conv1d(i, f).sum()\nL.backward()",
    "several passes": "y = a * b\ny.backward(retain_graph=True)\ny.backward()",
    "a pass for each": "for n in range(2):\n    y = a * b + a\n    y.backward()",
    "autograd.grad": "y = a.exp() * b\ntorch.autograd.grad(y, [a, b])",
    "second order": "y = a ** 3\n(g,) = torch.autograd.grad(y, a, create_graph=True)\ng.backward()",
    "weights for the root": "h = x * w\nh.backward(torch.tensor([1.0, 2.0, 3.0]))",
    "a hook": "h = a * 3\nh.register_hook(lambda g: g * 10)\ny = h * h\ny.backward()",
    "custom function": "class Twice(torch.autograd.Function):\n"
    "    @staticmethod\n    def forward(ctx, x):\n        return x * 2\n"
    "    @staticmethod\n    def backward(ctx, g):\n        return g * 2\n"
    "y = Twice.apply(a) * b\ny.backward()",
    "module": "m = nn.Linear(3, 2)\nL = F.mse_loss(m(x), torch.zeros(2))\nL.backward()",
    "layer norm": "L = (F.layer_norm(x, (3,)) * k).sum()\nL.backward()",
}

NOT_CHECKABLE = {"conv", "layer norm"}
"""Only their single steps have a formula that can be computed here."""


def record(text: str) -> Recording:
    options = RunOptions(seed=0)
    recording = run(
        START + text, options, on_output=lambda _: None, on_line=lambda _: None
    ).recording
    assert recording.error is None, recording.error
    return recording


def known_in(recording: Recording, chain: PassChain, index: int) -> dict[Expression, Any]:
    """What symbols and total derivatives are worth, as recorded."""
    known: dict[Expression, Any] = {}
    for tensor in recording.tensors:
        value = recording.value(tensor.value)
        if value is not None and value.is_whole:
            known[Symbol(chain.names.tensor(tensor.id))] = to_array(value).astype(np.float64)
    for step in recording.passes[index].steps:
        for slot, gradient in enumerate(step.grad_outputs):
            value = recording.value(gradient)
            if value is not None:
                edge = NextEdge(step.autograd_node, slot)
                known[chain.derivative(edge)] = to_array(value).astype(np.float64)
    return known


def worth(side: Expression, known: dict[Expression, Any]) -> Any:
    match side:
        case Shown(text):
            try:
                return np.asarray(json.loads(text))
            except ValueError:
                raise NotComputableError from None
        case Sum(terms):
            return sum(worth(term, known) for term in terms)
        case Apply("Σ", (product,)):
            return worth(product, known)
        case _:
            return evaluate(side, known)


def as_gradient(array: Any, shape: tuple[int, ...]) -> Any:
    """Summed to a broadcast operand's shape, or spread over it."""
    while array.ndim > len(shape):
        array = array.sum(0)
    for axis, size in enumerate(shape):
        if size == 1 and array.ndim == len(shape) and array.shape[axis] != 1:
            array = array.sum(axis, keepdims=True)
    return np.broadcast_to(array, shape)


def check(rule: ChainRule, recording: Recording, known: dict[Expression, Any]) -> int:
    """Compare all sides that can be computed with the recorded sum; how many there were."""
    parts = [recording.value(term.contribution) for term in rule.terms]
    arrays = [to_array(part).astype(np.float64) for part in parts if part is not None]
    if not arrays or rule.is_root or rule.count > len(rule.terms):
        return 0
    total = sum(arrays)
    compared = 0
    for side in rule.equation.sides[1:]:
        try:
            computed = worth(side, known)
        except (NotComputableError, ValueError):
            continue
        if isinstance(side, Product | Sum) and computed.size < total.size and computed.ndim:
            continue
        seen = as_gradient(np.asarray(computed, dtype=np.float64), total.shape)
        np.testing.assert_allclose(seen, total, rtol=1e-3, atol=2e-3, err_msg=rule.text)
        compared += 1
    return compared


@pytest.mark.parametrize("name", PROGRAMS)
def test_every_side_of_an_equation_is_the_recorded_gradient(name: str) -> None:
    recording = record(PROGRAMS[name])
    replay = Replay(recording)
    chain = Chain(replay)
    compared = 0
    for index in range(len(recording.passes)):
        pass_chain = chain.of_pass(index)
        known = known_in(recording, pass_chain, index)
        end = replay.span_of(index)[1]
        for tensor in recording.tensors:
            rule = pass_chain.rule_of(tensor.id, end)
            if rule is not None:
                compared += check(rule, recording, known)
    assert compared >= 2 or name in NOT_CHECKABLE


def test_a_wrong_number_would_be_noticed() -> None:
    recording = record(PROGRAMS["chain of scalars"])
    chain = Chain(Replay(recording))
    rule = chain.rule_of(next(t.id for t in recording.tensors if t.name == "a"), 5)
    assert rule is not None
    wrong = {Symbol("p"): np.asarray(7.0)}
    assert check(rule, recording, {}) > 0
    with pytest.raises(AssertionError):
        check(
            ChainRule(
                tensor=rule.tensor,
                total=rule.total,
                terms=rule.terms,
                equation=type(rule.equation)((rule.total, Symbol("p"))),
                where=(),
                so_far=None,
                is_root=False,
                is_complete=True,
            ),
            recording,
            wrong,
        )


def test_the_whole_way_is_written_in_symbols_where_it_is_short() -> None:
    recording = record(PROGRAMS["three factors"])
    replay = Replay(recording)
    a = next(t.id for t in recording.tensors if t.name == "a")
    rule = Chain(replay).rule_of(a, replay.length)
    assert rule is not None
    assert rule.text == ("dy/da = dy/du · du/da = b · 3 · b = -4.5 · (-1.5) = 6.75")


def test_what_a_hook_makes_of_a_sum_is_told_apart_from_the_sum() -> None:
    recording = record(PROGRAMS["a hook"])
    replay = Replay(recording)
    h = next(t.id for t in recording.tensors if t.name == "h")
    rule = Chain(replay).rule_of(h, replay.length)
    assert rule is not None
    assert rule.text == "dy/dh = h + h = 2.25 + 2.25 = 4.5"
    assert rule.changed_to == Number(45.0)

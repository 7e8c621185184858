"""Textbook formulas against the gradients that PyTorch really computed."""

from __future__ import annotations

import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.chain import Chain
from gradviz.recording.chain_terms import ChainRule
from gradviz.recording.expression import Symbol, to_text
from gradviz.recording.formulas import (
    NODE_FORMULAS,
    OP_FORMULAS,
    USUAL_ONLY,
    fill,
    names_in,
)
from gradviz.recording.model import Recording, TensorId
from gradviz.recording.replay import Replay
from gradviz.recording.values import to_number


def record(text: str) -> Recording:
    result = run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
    assert result.recording.error is None, result.recording.error
    return result.recording


def rule_for(recording: Recording, name: str) -> ChainRule:
    tensor = next(t for t in recording.tensors if t.name == name)
    replay = Replay(recording)
    rule = Chain(replay).rule_of(TensorId(tensor.id), replay.length)
    assert rule is not None
    return rule


SCALARS = """\
import torch
import torch.nn.functional as F
x = torch.tensor(0.7, requires_grad=True)
w = torch.tensor(1.3, requires_grad=True)
k = torch.tensor(2.5)
y = {}
y.backward()
"""

OF_X = [
    ("x + w", "1"),
    ("x + 2", "1"),
    ("2 + x", "1"),
    ("w - x", "-1"),
    ("x - w", "1"),
    ("3 - x", "-1"),
    ("x * w", "w"),
    ("x * 2", "2"),
    ("2 * x", "2"),
    ("x * k", "k"),
    ("x / w", "1/w"),
    ("w / x", "-w/x^2"),
    ("x / 4", "1/4"),
    ("-x", "-1"),
    ("x.reciprocal()", "-1/x^2"),
    ("x ** 3", "3 · x^2"),
    ("x ** 2", "2 · x"),
    ("torch.pow(x, 3)", "3 · x^2"),
    ("x ** w", "w · x^(w - 1)"),
    ("w ** x", "w^x · log(w)"),
    ("2 ** x", "y · log(2)"),
    ("torch.exp(x)", "exp(x)"),
    ("x.exp2()", "y · log(2)"),
    ("x.expm1()", "exp(x)"),
    ("torch.log(x)", "1/x"),
    ("x.log2()", "1/(x · log(2))"),
    ("x.log10()", "1/(x · log(10))"),
    ("x.log1p()", "1/(1 + x)"),
    ("torch.sin(x)", "cos(x)"),
    ("torch.cos(x)", "-sin(x)"),
    ("torch.tan(x)", "1 + tan(x)^2"),
    ("x.sinh()", "cosh(x)"),
    ("x.cosh()", "sinh(x)"),
    ("torch.tanh(x)", "1 - tanh(x)^2"),
    ("x.asin()", "1/sqrt(1 - x^2)"),
    ("x.acos()", "-1/sqrt(1 - x^2)"),
    ("x.atan()", "1/(1 + x^2)"),
    ("torch.atan2(x, w)", "w/(x^2 + w^2)"),
    ("torch.sigmoid(x)", "σ(x) · (1 - σ(x))"),
    ("F.logsigmoid(x)", "1 - σ(x)"),
    ("F.softplus(x)", "σ(x)"),
    ("F.silu(x)", "σ(x) · (1 + x · (1 - σ(x)))"),
    ("torch.relu(x)", "[x > 0]"),
    ("torch.relu(-k * x)", None),
    ("torch.sqrt(x)", "1/(2 · sqrt(x))"),
    ("x.rsqrt()", "-1/(2 · x · sqrt(x))"),
    ("torch.abs(x)", "sign(x)"),
    ("torch.maximum(x, w)", "[x > w]"),
    ("torch.minimum(x, w)", "[x < w]"),
    ("F.gelu(x)", "Φ(x) + x · φ(x)"),
    ("F.elu(x)", "[x > 0] + [x ≤ 0] · (y + 1)"),
    ("F.leaky_relu(x, 0.2)", "[x > 0] + [x ≤ 0] · y/x"),
    ("F.mish(x)", None),
    ("x.clamp(-1, 1)", "[x = y]"),
    ("x.clamp(-1, 0.5)", "[x = y]"),
    ("x.clamp_min(0.9)", "[x = y]"),
    ("x.clamp_max(0.9)", "[x = y]"),
    ("F.hardtanh(x)", "[x = y]"),
    ("x.erf()", "2 · exp(-x^2)/sqrt(π)"),
    ("x.erfc()", "-2 · exp(-x^2)/sqrt(π)"),
    ("x.erfinv()", "sqrt(π) · exp(y^2)/2"),
    ("x.logit()", "1/(x · (1 - x))"),
    ("x.asinh()", "1/sqrt(x^2 + 1)"),
    ("(x).atanh()", "1/(1 - x^2)"),
    ("torch.acosh(x * 2)", None),
    ("x.floor()", "0"),
    ("x.round()", "0"),
    ("x.frac()", "1"),
    ("torch.hypot(x, w)", "x/y"),
    ("torch.xlogy(x, w)", "log(w)"),
    ("torch.logaddexp(x, w)", "exp(x - y)"),
    ("torch.lerp(x, w, 0.25)", "0.75"),
    ("torch.addcmul(w, x, k)", "k"),
    ("torch.addcdiv(w, x, k)", "1/k"),
    ("torch.addcdiv(w, k, x)", "-k/x^2"),
    ("torch.fmax(x, w)", "[x > w]"),
    ("torch.fmin(x, w)", "[x < w]"),
    ("x.square()", "2 · x"),
    ("x.prod()", "y/x"),
    ("x.norm()", "x/‖x‖"),
    ("F.l1_loss(x, k)", None),
    ("F.smooth_l1_loss(x, k)", "clip(x - k, -1, 1)"),
    ("F.huber_loss(x, k)", "clip(x - k, -1, 1)"),
    ("x.clone()", "1"),
    ("x.sum()", "1"),
    ("x.mean()", "1"),
    ("F.mse_loss(x, k)", "2 · (x - k)"),
    ("F.binary_cross_entropy(x, torch.tensor(1.))", None),
]


@pytest.mark.parametrize(("expression", "formula"), OF_X)
def test_a_formula_gives_the_number_that_torch_computed(
    expression: str, formula: str | None
) -> None:
    recording = record(SCALARS.format(expression))

    rule = rule_for(recording, "x")

    (term,) = rule.terms
    local = term.derivative
    upstream = to_number(recording.value(term.upstream_value))
    contribution = to_number(recording.value(term.contribution))
    assert local.formula is not None
    assert not local.is_measured
    assert local.number is not None
    assert upstream is not None
    assert contribution == pytest.approx(upstream * local.number, rel=1e-4, abs=1e-6)
    if formula is not None:
        assert to_text(local.formula) == formula


@pytest.mark.parametrize(
    ("expression", "text"),
    [
        (
            "torch.sin(x) * w",
            "dy/dx = dy/d(torch.sin(x)) · d(torch.sin(x))/dx = w · cos(x) = 1.3 · 0.7648 = 0.9943",
        ),
        ("x * x", "dy/dx = x + x = 0.7 + 0.7 = 1.4"),
        ("x ** 3", "dy/dx = 3 · x^2 = 1.47"),
        ("torch.special.i0(x)", "dy/dx = 0.3719"),
    ],
)
def test_the_rule_of_a_scalar_reads_as_in_a_book(expression: str, text: str) -> None:
    assert rule_for(record(SCALARS.format(expression)), "x").text == text


TENSORS = """\
import torch
import torch.nn.functional as F
torch.manual_seed(0)
a = torch.randn(3, 4, requires_grad=True)
b = torch.randn(4, 2, requires_grad=True)
v = torch.randn(4, requires_grad=True)
u = torch.randn(4, requires_grad=True)
r = {}
L = r.sum()
L.backward()
"""


@pytest.mark.parametrize(
    ("expression", "name", "text"),
    [
        ("a @ b", "a", "dL/da = dL/dr @ bᵀ"),
        ("a @ b", "b", "dL/db = aᵀ @ dL/dr"),
        ("a @ v", "v", "dL/dv = aᵀ @ dL/dr"),
        ("a @ v", "a", "dL/da = outer(dL/dr, v)"),
        ("v.dot(u)", "v", "dL/dv = dL/dr ⊙ dr/dv"),
        ("a * v", "v", "dL/dv = Σ(dL/dr ⊙ dr/dv)"),
        ("a.sin()", "a", "dL/da = dL/dr ⊙ dr/da"),
        ("a.t()", "a", "dL/da = (dL/dr)ᵀ"),
        ("a.view(-1)", "a", "dL/da = reshape(dL/dr)"),
        ("a[0]", "a", "dL/da = place(dL/dr)"),
        ("torch.cat([a, a + 1])", "a", None),
        ("a.mean(0)", "a", "dL/da = expand(dL/dr)/3"),
        ("F.softmax(a, -1)", "a", "dL/da = r ⊙ (dL/dr - Σ(dL/dr ⊙ r))"),
        ("F.linear(v, a)", "v", None),
        ("F.linear(a, b.t(), torch.ones(2, requires_grad=True))", "a", None),
        ("F.cross_entropy(a, torch.tensor([0, 1, 2]))", "a", None),
    ],
)
def test_the_rule_of_a_tensor_is_matrix_calculus(
    expression: str, name: str, text: str | None
) -> None:
    rule = rule_for(record(TENSORS.format(expression)), name)

    assert all(term.contribution is not None for term in rule.terms)
    if text is not None:
        assert rule.text.startswith(text + " = ")


@pytest.mark.parametrize(
    ("expression", "formula"),
    [
        ("F.gelu(a)", "Φ(a) + a ⊙ φ(a)"),
        ("F.elu(a)", "[a > 0] + [a ≤ 0] ⊙ (r + 1)"),
        ("F.leaky_relu(a)", "[a > 0] + [a ≤ 0] ⊙ r/a"),
        ("F.prelu(a, torch.tensor([0.3], requires_grad=True))", None),
        ("F.mish(a)", None),
        ("F.softplus(a)", "σ(a)"),
        ("F.hardtanh(a)", "[a = r]"),
        ("F.relu6(a)", "[a = r]"),
        ("a.clamp(-0.5, 0.5)", "[a = r]"),
        ("a.clamp(min=0.1)", "[a = r]"),
        ("a.std()", "(a - mean(a))/(11 · r)"),
        ("a.var()", "2 · (a - mean(a))/11"),
        ("a.norm()", "a/‖a‖"),
        ("a.prod()", "r/a"),
        ("a.amax()", "[a = r]"),
        ("a.logsumexp(1)", "softmax(a)"),
        ("a.cumsum(0)", "reversed_cumsum(dL/dr)"),
        ("a.tril()", "tril(dL/dr)"),
        ("a.flip(0)", "flip(dL/dr)"),
        ("a.repeat(2, 1)", "Σ(dL/dr)"),
        ("a.masked_fill(a > 0, 3.)", None),
        ("a.gather(1, torch.zeros(3, 2, dtype=torch.long))", "place(dL/dr)"),
        ("a.index_select(0, torch.tensor([1, 1]))", "place(dL/dr)"),
        ("a.sort().values", "place(dL/dr)"),
        ("torch.linalg.inv(a[:3, :3])", None),
        ("F.l1_loss(a, torch.zeros(3, 4))", None),
        ("F.smooth_l1_loss(a, torch.zeros(3, 4))", None),
        ("F.huber_loss(a, torch.zeros(3, 4))", None),
        ("F.mse_loss(a, torch.zeros(3, 4))", None),
        ("F.layer_norm(a, (4,), v, u)", None),
        ("F.conv1d(a[None], torch.ones(2, 3, 2, requires_grad=True))", None),
        ("F.max_pool2d(a[None, None], 2)", None),
        ("F.pad(a, (1, 1))", "crop(dL/dr)"),
        ("torch.bmm(a[None], b[None])", None),
        ("F.dropout(a, 0.5)", "kept(a)/0.5"),
    ],
)
def test_a_node_that_people_meet_has_a_formula(expression: str, formula: str | None) -> None:
    """A formula that the recorded numbers contradict is not shown: so one that is shown holds."""
    recording = record(TENSORS.format(expression))
    replay = Replay(recording)
    chain = Chain(replay)
    result = next(t for t in recording.tensors if t.name == "r")
    assert result.op is not None
    op = recording.ops[result.op]
    terms = [
        term
        for tensor in op.inputs
        for term in chain.of_pass(0).terms_of_tensor(
            tensor, frozenset(op.autograd_nodes), replay.length
        )
    ]

    assert terms
    assert all(term.derivative.formula is not None for term in terms)
    if formula is not None:
        found = terms[0].derivative.formula
        assert found is not None
        assert to_text(found) == formula


@pytest.mark.parametrize(
    "expression",
    [
        "F.elu(a, 0.5)",
        "a.std(unbiased=False)",
        "a.std(1)",
        "a.norm(1)",
        "F.mse_loss(a, torch.zeros(3, 4), reduction='sum')",
        "F.huber_loss(a * 4, torch.zeros(3, 4), delta=0.1)",
    ],
)
def test_a_formula_of_the_usual_options_is_not_shown_for_others(expression: str) -> None:
    recording = record(TENSORS.format(expression))
    chain = Chain(Replay(recording))
    for tensor in recording.tensors:
        rule = chain.rule_of(tensor.id, chain.replay.length)
        for term in () if rule is None else rule.terms:
            node = recording.autograd_nodes[term.node].name
            if node.partition("Backward")[0] in USUAL_ONLY:
                formula = term.derivative.formula
                assert formula is None


def test_every_template_can_be_filled() -> None:
    for templates in (*NODE_FORMULAS.values(), *OP_FORMULAS.values()):
        for template in filter(None, templates):
            operands = {name: Symbol(name) for name in names_in(template)}
            assert to_text(fill(template, operands, by_element=False))


def test_a_loop_that_updates_its_weights_keeps_its_formulas() -> None:
    recording = record(
        """\
import torch
torch.manual_seed(0)
model = torch.nn.Linear(2, 3)
x = torch.randn(4, 2)
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
for _ in range(3):
    loss = model(x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""
    )
    replay = Replay(recording)
    chain = Chain(replay)
    texts = []
    for index in range(3):
        last = replay.span_of(index)[1]
        weight = next(t for t in recording.tensors if t.name == "model.weight")
        rule = chain.rule_of(weight.id, last)
        assert rule is not None
        texts.append(rule.text.partition(" = ")[2].partition(" = ")[0])

    assert len(replay.recording.passes) == 3
    assert set(texts) == {"(dloss/dmodel(·))ᵀ @ x"}

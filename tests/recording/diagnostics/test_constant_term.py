"""Gradients that were computed without a graph and then used as if they had one."""

from __future__ import annotations

import pytest

from gradviz.recording.diagnostics import FindingKind, Severity
from tests.recording.diagnostics.conftest import Findings

PENALTY = """
critic = nn.Linear(2, 1)
x = torch.randn(8, 2, requires_grad=True)
out = critic(x).tanh()
(g,) = torch.autograd.grad(out.sum(), x, {})
penalty = (g.norm(dim=1) - 1).square().mean()
loss = out.mean() + 10 * penalty
loss.backward()
"""

INNER = """
net = nn.Linear(1, 1)
scale = torch.ones((), requires_grad=True)
x, y = torch.randn(5, 1), torch.randn(5, 1)
w, s = net.weight, scale
for _ in range(2):
    inner = (s * (x @ w) - y).square().mean()
    gw, gs = torch.autograd.grad(inner, (w, s))
    w, s = w - 0.1 * gw, s - 0.1 * gs
loss = (s * (x @ w) - y).square().mean()
loss.backward()
"""


def test_a_gradient_penalty_without_a_graph_is_found(findings: Findings) -> None:
    (found,) = findings(PENALTY.format("retain_graph=True"), FindingKind.CONSTANT_TERM)
    assert found.sentence == (
        "loss = out.mean() + 10 * penalty (line 9) adds 10 * penalty, which has no gradient: it "
        "was computed from what g = torch.autograd.grad(out.sum(),…tain_graph=True) (line 7) "
        "returned without create_graph=True. Give it to that call, or nothing learns from this "
        "term."
    )
    assert (found.line, found.severity) == (7, Severity.WARNING)


@pytest.mark.parametrize(
    "text",
    [
        PENALTY.format("create_graph=True"),
        PENALTY.format("retain_graph=True").replace("10 * penalty", "10 * penalty.detach()"),
        PENALTY.format("retain_graph=True").replace("loss.backward", "out.mean().backward"),
        INNER,
    ],
    ids=["with a graph", "detached", "only read", "learning to learn, to first order"],
)
def test_what_is_meant_to_be_constant_is_no_finding(findings: Findings, text: str) -> None:
    assert findings(text, FindingKind.CONSTANT_TERM) == ()


@pytest.mark.parametrize(
    "again",
    [
        "torch.autograd.grad(u_x, x, torch.ones_like(u_x), create_graph=True)",
        "u_x.backward(torch.ones_like(u_x))",
    ],
)
def test_a_second_derivative_without_a_graph_is_told_the_call(
    findings: Findings, again: str
) -> None:
    text = (
        "x = torch.rand(4, 1, requires_grad=True)\nu = x.tanh()\n"
        f"u_x = torch.autograd.grad(u, x, torch.ones_like(u))[0]\n{again}"
    )
    (found,) = findings(text, FindingKind.NO_GRAPH)
    assert found.sentence == (
        "backward cannot start from u_x (line 6): u_x = torch.autograd.grad(u, x, torch.ones_like(u"
        ")) on line 5 returns gradients without a graph unless it is given create_graph=True."
    )
    assert found.line == 5

"""`torch.rand(3, requires_grad=True).cuda()` is not a leaf; `meta` stands in for the card."""

from __future__ import annotations

import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.diagnostics import Finding, FindingKind, find


def moved_leaves(text: str) -> list[Finding]:
    result = run(
        f"import torch\n{text}\n", RunOptions(), on_output=lambda _: None, on_line=lambda _: None
    )
    assert result.recording.error is None
    return [f for f in find(result.recording) if f.kind is FindingKind.MOVED_LEAF]


@pytest.mark.parametrize(
    ("text", "line", "fix"),
    [
        ("x = torch.rand(3, requires_grad=True).to('meta')", 2, "Write device='meta' into"),
        ("x = torch.rand(3, requires_grad=True)\nx = x.to('meta')", 3, "Write device='meta'"),
        ("x = torch.rand(3, requires_grad=True).double()", 2, "Write dtype=torch.float64 into"),
        ("x = torch.rand(3, requires_grad=True).to(torch.float16)", 2, "dtype=torch.float16"),
    ],
)
def test_a_leaf_that_lost_its_name_is_told_with_the_fix(text: str, line: int, fix: str) -> None:
    (finding,) = moved_leaves(text)
    assert finding.line == line
    assert finding.sentence.startswith("x is not a leaf: ")
    assert fix in finding.sentence


@pytest.mark.parametrize(
    "text",
    [
        "x = torch.rand(3, device='meta', requires_grad=True)",
        "x = torch.rand(3).to('meta').requires_grad_()",
        "x = torch.rand(3, requires_grad=True)\ny = x.to('meta')",
        "x = torch.rand(3, requires_grad=True).to('cpu')",
        "net = torch.nn.Linear(2, 2)\nw = net.weight.double()",
        "x = torch.rand(3, requires_grad=True).to('meta')\nx.retain_grad()",
    ],
)
def test_what_is_in_order_is_left_alone(text: str) -> None:
    assert moved_leaves(text) == []

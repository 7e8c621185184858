"""The examples of `docs/api.md` run, and say what is so."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest
import torch

import gradviz.api
from gradviz.recording.differences import DifferenceView
from gradviz.recording.record_views import NodeView, OpView, PassView, StepView, TensorView

ROOT = Path(__file__).resolve().parent.parent
VIEWS = {
    "tensor": TensorView,
    "op": OpView,
    "autograd node": NodeView,
    "pass": PassView,
    "step": StepView,
    "difference": DifferenceView,
}


@pytest.mark.parametrize("name", VIEWS)
def test_the_page_lists_every_attribute_of_a_view(name: str) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    (row,) = [line for line in page.splitlines() if line.startswith(f"| {name} | `")]
    view = VIEWS[name]
    public = {one for one in dir(view) if isinstance(getattr(view, one), property)}
    assert set(re.findall(r"`(\w+)`", row)) == public


def test_the_page_lists_every_question_to_a_recording() -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    table = page.partition("| `recording.` | what |")[2].partition("\n\n")[0]
    told = {
        name
        for row in table.splitlines()
        for name in re.findall(r"`(\w+)", row.partition(" | ")[0])
    }
    public = {one for one in dir(gradviz.api.Recording) if not one.startswith("_")}
    assert told == public - {"data", "array"}


def test_the_examples_of_the_page_run(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in page.split("```python\n")[1:]]
    assert len(blocks) == 9
    script = tmp_path / "page.py"
    script.write_text("\n".join(blocks), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, str(script)], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert done.returncode == 0, done.stderr
    assert "spare.weight" in done.stdout


def test_the_first_op_that_is_not_finite_is_told() -> None:
    with gradviz.record() as recording:
        x = torch.zeros(3, requires_grad=True)
        y = x + 1
        z = y / x
        z.sum().backward()
    found = recording.first_not_finite
    assert found is not None
    assert found.name == "div"
    assert found.line == recording.tensor("z").line


def test_each_pass_tells_the_norms_that_it_left() -> None:
    with gradviz.record() as recording:
        x = torch.ones(4, requires_grad=True)
        for _ in range(2):
            (x * 3).sum().backward()
    assert [one.grad_norms["x"] for one in recording.passes] == pytest.approx([6, 12])
    assert recording.grad_norms["x"] == pytest.approx(12)
    assert [op.name for op in recording.tensor("x").consumers] == ["mul", "mul"]
    assert recording.ops_of_line(recording.passes[0].line)[0].name == "mul"

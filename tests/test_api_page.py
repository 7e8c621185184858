"""The examples of `docs/api.md` run, and say what is so."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
import torch

import gradviz

ROOT = Path(__file__).resolve().parent.parent


def test_the_examples_of_the_page_run(tmp_path: Path) -> None:
    page = (ROOT / "docs" / "api.md").read_text(encoding="utf-8")
    blocks = [part.partition("```")[0] for part in page.split("```python\n")[1:]]
    assert len(blocks) == 8
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

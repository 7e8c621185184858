"""The shipped examples: two have something wrong on purpose, all others have not."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.diagnostics import Finding, FindingKind, Severity, find
from gradviz.recording.model import Recording
from gradviz.resources_path import RESOURCES
from tests.capabilities import needs_saved

EXAMPLES = sorted((RESOURCES / "examples").glob("*.py"))


def record_example(path: Path) -> Recording:
    options = RunOptions(seed=0)
    text = path.read_text(encoding="utf-8")
    return run(text, options, on_output=lambda _: None, on_line=lambda _: None).recording


def example(number: str) -> Path:
    (path,) = [p for p in EXAMPLES if p.name.startswith(number)]
    return path


def line_with(path: Path, start: str) -> int:
    lines = path.read_text(encoding="utf-8").splitlines()
    (number,) = [n for n, line in enumerate(lines, start=1) if line.startswith(start)]
    return number


def errors(path: Path) -> list[Finding]:
    return [f for f in find(record_example(path)) if f.severity is Severity.ERROR]


@pytest.mark.parametrize(
    "path", [p for p in EXAMPLES if p.name[:2] not in ("07", "08")], ids=lambda p: p.stem
)
def test_an_example_in_order_has_no_serious_finding(path: Path) -> None:
    serious = (Severity.ERROR, Severity.WARNING)
    assert [f.sentence for f in find(record_example(path)) if f.severity in serious] == []


def test_the_nan_hunt_ends_at_the_root_of_zero() -> None:
    path = example("08")
    line = line_with(path, "distance = torch.sqrt")
    (found,) = errors(path)

    assert found.kind is FindingKind.BACKWARD_NOT_FINITE
    assert found.line == line
    assert found.sentence == (
        "Step 3 of 5 of loss.backward(), SqrtBackward0 of distance = torch.sqrt(scale * measured)"
        f" (line {line}), is the first that sends a gradient that is not finite (1 × NaN), although"
        " what it received is finite. At 0 its derivative is not finite, and 0 × Inf is NaN, so "
        "a gradient of 0 does not help: keep the 0 out of its input; a torch.where after it is "
        "too late."
    )
    assert found.playhead == 3


@needs_saved
def test_the_change_in_place_is_told_with_both_lines() -> None:
    path = example("07")
    saved, changed = line_with(path, "e = b.exp()"), line_with(path, "e += 1")
    (found,) = errors(path)

    assert found.kind is FindingKind.IN_PLACE
    assert found.line == changed
    assert found.sentence == (
        f"e += 1 (line {changed}) changed e in place, but e = b.exp() (line {saved}) had saved it"
        " for backward: ExpBackward0 needs version 0 and finds version 1."
    )

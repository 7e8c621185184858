"""Findings of programs that torch really ran."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.diagnostics import Finding, FindingKind, find
from gradviz.recording.model import Recording

Findings = Callable[..., tuple[Finding, ...]]


def record(text: str) -> Recording:
    """What a program does; it may raise."""
    options = RunOptions(seed=0)
    text = f"import torch\nfrom torch import nn\n{text}"
    return run(text, options, on_output=lambda _: None, on_line=lambda _: None).recording


@pytest.fixture
def findings() -> Findings:
    """The findings of one kind in a program; its first line is line 3."""

    def of(text: str, kind: FindingKind | None = None) -> tuple[Finding, ...]:
        found = find(record(text))
        return tuple(f for f in found if kind is None or f.kind is kind)

    return of

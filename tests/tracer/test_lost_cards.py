"""The graph is whole although tensors can be read no more: their card has stopped working."""

from __future__ import annotations

import pytest

from gradviz.recording.model import RunStatus
from gradviz.tracer import summary
from tests.language.helpers import evaluate

# Values of a type that NumPy lacks are read as those on a card are: by way of a copy.
TEXT = """\
import torch
x = torch.rand(3, dtype=torch.bfloat16, requires_grad=True)
large = torch.rand(100, 100, dtype=torch.bfloat16)
y = (x * 2).sum() + large.sum()
y.backward()
raise RuntimeError("CUDA error: device-side assert triggered")
"""


def fails(*_: object) -> None:
    raise RuntimeError("CUDA error: device-side assert triggered")


@pytest.mark.parametrize("broken", ["_to_plain", "_statistics_of_tensor"])
def test_the_graph_is_kept_where_values_cannot_be_read(
    monkeypatch: pytest.MonkeyPatch, broken: str
) -> None:
    monkeypatch.setattr(summary, broken, fails)
    recording = evaluate(TEXT).recording
    assert recording.status is RunStatus.ERROR
    assert recording.error is not None
    assert recording.error.line == 6
    assert [op.name for op in recording.ops] == ["rand", "rand", "mul", "sum", "sum", "add"]
    assert len(recording.passes) == 1

"""Each op by itself, numbered as in the recording of the same text."""

from __future__ import annotations

import pytest
import torch

from gradviz.devices.op_calls import find_calls
from gradviz.devices.rehearsal import Conditions
from gradviz.devices.script import parse_statements
from gradviz.devices.timing import time_parts
from gradviz.language.run import RunOptions
from gradviz.language.run import run as run_text
from gradviz.recording.model import Recording
from gradviz.recording.timing import TimedPart, Timing
from gradviz.worker.messages import TimeParts
from tests.devices.test_timing import ignore

TEXT = """\
import torch
from torch import nn
X = torch.randn(
    16, 8)
net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(inplace=True), nn.Linear(8, 1), nn.Dropout(0.5))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
%timeit -n 1 -r 1 X * 2
for epoch in range(3):
    h = net(X)
    loss = (h ** 2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
X[0] = 0
with torch.no_grad():
    X += 1
loss.item()
X
"""


def record(text: str) -> Recording:
    result = run_text(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
    assert result.recording.error is None
    return result.recording


def time_ops(text: str, *parts: TimedPart) -> Timing:
    request = TimeParts(
        text=text, parts=parts, devices=("cpu",), min_seconds=0.001, max_seconds=0.004
    )
    timing, error = time_parts(request, on_progress=ignore)
    assert error is None
    return timing


def test_the_numbers_are_those_of_the_recording() -> None:
    recording = record(TEXT)
    calls = find_calls(TEXT, parse_statements(TEXT), Conditions("cpu"))
    for call in calls:
        for number in call.ops:
            op = recording.ops[number]
            assert (op.name, op.text) == (call.name, call.text)
    found = {number for call in calls for number in call.ops}
    missing = {op.name for op in recording.ops if op.id not in found}
    assert missing == {"SGD.step"}


def test_equal_calls_are_one_measurement() -> None:
    timing = time_ops(TEXT, TimedPart.OP)
    recording = record(TEXT)
    first = next(m for m in timing.measurements if recording.ops[m.ops[0]].name == "linear")
    assert len(first.ops) == 3
    assert timing.failures == ()


def test_backward_is_timed_where_there_is_one() -> None:
    text = "import torch\nx = torch.ones(9, requires_grad=True)\ny = x * 2\nz = x.detach() + 1\n"
    timing = time_ops(text, TimedPart.OP, TimedPart.OP_BACKWARD)
    backward = [m.text for m in timing.measurements if m.part is TimedPart.OP_BACKWARD]
    assert backward == ["x * 2"]
    assert {m.text for m in timing.measurements if m.part is TimedPart.OP} >= {"x * 2"}


def test_an_op_in_place_does_not_grow_a_graph_and_changes_nothing() -> None:
    text = (
        "import torch\nx = torch.ones(3, requires_grad=True)\ny = x * 2\ny.mul_(0.5)\n"
        "assert y.tolist() == [1, 1, 1]\n"
    )
    timing = time_ops(text, TimedPart.OP, TimedPart.OP_BACKWARD)
    assert "y.mul_(0.5)" in {m.text for m in timing.measurements if m.part is TimedPart.OP}


def test_what_is_too_large_to_be_kept_is_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradviz.devices.op_calls.free_nbytes", lambda _device: 1000)
    text = "import torch\nx = torch.ones(4)\ny = x + 1\nz = torch.ones(999)\nw = z + 1\n"
    calls = find_calls(text, parse_statements(text), Conditions("cpu"))
    assert "z + 1" not in [call.text for call in calls]
    assert "x + 1" in [call.text for call in calls]


def test_a_text_without_ops_says_so() -> None:
    assert time_ops("x = 1", TimedPart.OP).failures == (
        "Not timed on cpu: There is no op in the text.",
    )


def test_nothing_is_recorded_afterwards() -> None:
    time_ops(TEXT, TimedPart.OP)
    assert torch._C._len_torch_function_stack() == 0
    assert record(TEXT).ops

from __future__ import annotations

import msgspec
import pytest

from gradviz.errors import GradvizError
from gradviz.recording.check import check_recording
from gradviz.recording.model import ModuleCall
from tests.recording.scoped import make_block_recording
from tests.tracer.helpers import record

NESTED = """\
import torch
from torch import nn
net = nn.Sequential(nn.Linear(2, 2), nn.Sequential(nn.ReLU(), nn.Linear(2, 1)))
for _ in range(2):
    loss = net(torch.ones(3, 2)).sum()
loss.backward()
"""


def test_every_call_of_a_module_is_told_with_the_call_around_it() -> None:
    recording = record(NESTED)

    calls = recording.module_calls

    assert calls[:5] == (
        ModuleCall("net", "Sequential", 0),
        ModuleCall("net.0", "Linear", 0, 0),
        ModuleCall("net.1", "Sequential", 0, 0),
        ModuleCall("net.1.0", "ReLU", 0, 2),
        ModuleCall("net.1.1", "Linear", 0, 2),
    )
    assert [(c.path, c.call, c.parent) for c in calls[5:7]] == [("net", 1, None), ("net.0", 1, 5)]
    known = {(call.path, call.call) for call in calls}
    assert {(op.scope, op.call) for op in recording.ops if op.scope} <= known


def test_a_call_within_a_later_one_is_refused() -> None:
    recording = make_block_recording(2)
    check_recording(recording)
    wrong = (ModuleCall("model", "Model", 0, 1), *recording.module_calls[1:])
    with pytest.raises(GradvizError, match="call within a later one"):
        check_recording(msgspec.structs.replace(recording, module_calls=wrong))

"""A run may be stopped at any moment, also while the recorder writes down what it saw."""

from __future__ import annotations

import sys
from types import FrameType
from typing import Any

from gradviz.recording.check import check_recording
from gradviz.tracer import Tracer
from tests.tracer.helpers import FILENAME, _namespace, recording_of

_ROOMS = ("forward", "lean", "ledger", "nodes", "entries", "values", "results")
_PROGRAM = """\
x = torch.ones(3, requires_grad=True)
h = x * 2
h = h * 3
h += 1
a, b = h.split([1, 2])
w = nn.Parameter(torch.randn(3))
loss = (h * w).sum() + b.mean()
loss.backward()
"""


class _StopAt:
    """Raises KeyboardInterrupt at the n-th line that the recorder executes."""

    def __init__(self, wanted: int) -> None:
        self.seen = 0
        self.wanted = wanted

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> Any:
        module = frame.f_globals.get("__name__", "")
        if not module.startswith("gradviz.tracer.") or module.rpartition(".")[2] not in _ROOMS:
            return None
        if event == "line":
            self.seen += 1
            if self.seen == self.wanted:
                raise KeyboardInterrupt
        return self


def _stopped_at(wanted: int) -> int:
    """Record the program, stopped at a line of the recorder; how many of its lines ran."""
    tracer = Tracer(text=_PROGRAM, filename=FILENAME, value_budget_nbytes=None)
    namespace = _namespace(_PROGRAM)
    stop = _StopAt(wanted)
    with tracer:
        sys.settrace(stop)
        try:
            exec(compile(_PROGRAM, FILENAME, "exec"), namespace)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
    tracer.bind(namespace)
    check_recording(recording_of(tracer.finish()))
    return stop.seen


def test_a_run_stopped_within_the_recorder_leaves_a_whole_recording() -> None:
    total = _stopped_at(sys.maxsize)
    assert total > 300
    for wanted in range(1, total, 11):
        _stopped_at(wanted)

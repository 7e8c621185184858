"""The short ways of the recorder lead where the long ones do."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import pytest

from gradviz.recording.model import Recording
from gradviz.tracer import forward
from gradviz.tracer.forward import ForwardRecorder
from gradviz.tracer.ledger import Ledger
from tests.tracer.helpers import record
from tests.tracer.programs import PROGRAMS

pytestmark = pytest.mark.filterwarnings("ignore")

# What `torch.empty` finds in memory is another thing each time.
REPEATABLE = [name for name, text in PROGRAMS.items() if "torch.empty(" not in text]


def without_times(recording: Recording) -> Any:
    plain = msgspec.to_builtins(recording)
    for one in [*plain["ops"], *plain["passes"]]:
        one.pop("seconds", None)
    for pass_ in plain["passes"]:
        for step in pass_["steps"]:
            step.pop("seconds", None)
    for node in plain["autograd_nodes"]:
        for saved in node.get("saved", ()):
            saved[-1] = 0  # which memory the allocator reused
    return plain


def long_way(_: Ledger, recorder: ForwardRecorder) -> Any:
    def handle(mode: Any, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        return recorder.handle(func, types, args, kwargs or {}, sys._getframe(1))

    return handle


@pytest.mark.parametrize("name", REPEATABLE)
def test_a_call_entered_in_one_go_is_the_call_entered_step_by_step(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = without_times(record(PROGRAMS[name]))
    monkeypatch.setattr(forward, "lean_handler", long_way)
    assert short == without_times(record(PROGRAMS[name]))


def sent(recording: Recording) -> list[list[tuple[bytes | None, ...]]]:
    def elements(value: Any) -> bytes | None:
        kept = recording.value(value)
        return None if kept is None else kept.data

    return [
        [tuple(elements(value) for value in step.grad_inputs) for step in pass_.steps]
        for pass_ in recording.passes
    ]


@pytest.mark.parametrize("name", PROGRAMS)
def test_what_a_node_sent_is_known_without_watching_its_end(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = sent(record(PROGRAMS[name]))
    original = ForwardRecorder.__init__

    def watching(self: ForwardRecorder, *args: Any) -> None:
        original(self, *args)
        self.hooks_seen = True

    monkeypatch.setattr(ForwardRecorder, "__init__", watching)
    assert short == sent(record(PROGRAMS[name]))

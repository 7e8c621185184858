"""The short ways of the recorder lead where the long ones do."""

from __future__ import annotations

import sys
from typing import Any

import msgspec
import pytest

from gradviz.recording.model import OpKind, Recording
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


def test_calls_that_write_go_the_short_way(monkeypatch: pytest.MonkeyPatch) -> None:
    original, slow = ForwardRecorder.call, set[str]()

    def noting(self: ForwardRecorder, func: Any, *args: Any, **kwargs: Any) -> Any:
        slow.add(func.__name__)
        return original(self, func, *args, **kwargs)

    monkeypatch.setattr(ForwardRecorder, "call", noting)
    recording = record(
        "x = torch.ones(2, 3, 4)\nmean, var = torch.zeros(3), torch.ones(3)\n"
        "y = F.batch_norm(x, mean, var, torch.ones(3), torch.ones(3), True)\n"
        "F.relu(y, inplace=True)\ny += x\n"
    )
    assert [op.kind for op in recording.ops[-3:]] == [OpKind.CALL, OpKind.IN_PLACE, OpKind.IN_PLACE]
    assert [len(op.outputs) for op in recording.ops[-3:]] == [3, 1, 1]
    assert slow <= {"ones", "zeros"}


@pytest.mark.parametrize(("written", "changed"), [("x", 1), ("x[:2]", 2)])
def test_what_is_changed_by_itself_has_one_new_version(written: str, changed: int) -> None:
    recording = record(f"x = torch.ones(3)\nv = {written}\nv.mul_(v)\n")
    assert len(recording.ops[-1].outputs) == changed  # a view's base has a version, too


def test_a_small_gradient_that_the_same_numbers_were_written_to_is_kept_once() -> None:
    recording = record(
        "w = torch.ones(3, requires_grad=True)\n(w * 2).sum().backward()\n"
        "w.grad.data.mul_(1)\n(w.detach() * 2).sum()\nv = torch.ones(3, requires_grad=True)\n"
        "(v * 2).sum().backward()\n"
    )
    last = recording.passes[-1]
    before = {one.leaf: one.grad for one in last.grads_before}
    first = recording.passes[0].leaf_grads[0]
    assert before[first.leaf] == first.grad


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

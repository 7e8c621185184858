"""A run may be stopped at any moment, also while the recorder writes down what it saw."""

from __future__ import annotations

import contextlib
import signal
import sys
import threading
import traceback
from collections.abc import Callable
from types import FrameType
from typing import Any

import torch

from gradviz.recording.check import check_recording
from gradviz.tracer import Tracer
from tests.tracer.helpers import FILENAME, _namespace, record, recording_of

_ROOMS = frozenset(
    f"gradviz.tracer.{room}"
    for room in ("forward", "lean", "ledger", "nodes", "entries", "values", "results")
)
_PLACING = frozenset(
    f"gradviz.tracer.{room}" for room in ("tracer", "patches", "threads", "private", "modules")
)
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
_NOTED = """\
x = torch.ones(2, 3, requires_grad=True)
mean, var = torch.zeros(3), torch.ones(3)
y = F.batch_norm(x, mean, var, training=True)
z = y.relu_() + 1
"""


class _StopAt:
    """Sends SIGINT at the n-th line that is executed, or function that is entered, in a room."""

    def __init__(self, wanted: int, is_room: Callable[[FrameType], bool]) -> None:
        self.seen = 0
        self.wanted = wanted
        self._is_room = is_room

    def __call__(self, frame: FrameType, event: str, _argument: Any) -> Any:
        if not self._is_room(frame):
            return None
        if event in ("line", "call"):
            self.seen += 1
            if self.seen == self.wanted:
                signal.raise_signal(signal.SIGINT)
        return self


def _is_in_call(frame: FrameType) -> bool:
    """In the recorder, or where torch takes its mode off for a call and puts it on again."""
    module, caller = frame.f_globals.get("__name__", ""), frame.f_back
    if module == contextlib.__name__ and caller is not None:
        module = caller.f_globals.get("__name__", "")
    return module in _ROOMS or module == torch.overrides.__name__


def _is_in_placing(frame: FrameType) -> bool:
    """Where the recorder is put in place and taken away; not before either begins."""
    return frame.f_globals.get("__name__", "") in _PLACING and frame.f_code.co_name not in (
        "__enter__",
        "__exit__",
    )


def _stopped_at(
    wanted: int,
    is_room: Callable[[FrameType], bool] = _is_in_call,
    text: str = _PROGRAM,
) -> int:
    """Record a program, stopped at a line of the recorder; how many of its lines ran."""
    tracer = Tracer(text=text, filename=FILENAME, value_budget_nbytes=None)
    namespace = _namespace(text)
    stop = _StopAt(wanted, is_room)
    with tracer:
        sys.settrace(stop)
        try:
            exec(compile(text, FILENAME, "exec"), namespace)
        except KeyboardInterrupt:
            pass
        finally:
            sys.settrace(None)
    tracer.bind(namespace)
    check_recording(recording_of(tracer.finish()))
    return stop.seen


def _placed_at(wanted: int) -> int:
    """The same, stopped while the recorder is put in place or taken away."""
    stop = _StopAt(wanted, _is_in_placing)
    tracer = Tracer(text=_PROGRAM, filename=FILENAME, value_budget_nbytes=None)
    sys.settrace(stop)
    try:
        with tracer:
            pass
    except KeyboardInterrupt as stopped:
        sys.settrace(None)
        traceback.clear_frames(stopped.__traceback__)
    finally:
        sys.settrace(None)
    return stop.seen


def _placed() -> list[object]:
    return [
        torch.autograd.Function.__dict__["apply"],
        torch.compile,
        torch.from_numpy,
        torch.random.fork_rng,
        torch.jit.trace,
        torch.jit.ScriptFunction.__call__,
        torch.jit.ScriptModule.__call__,
        torch.func.grad,
        torch.vmap,
        torch.autograd.functional.jacobian,
        torch.utils.swap_tensors,
        torch.autograd.graph.saved_tensors_hooks.__enter__,
        torch.autograd._engine_run_backward,
        len(torch.nn.modules.module._global_forward_hooks),
        threading.Thread._bootstrap_inner,
        signal.getsignal(signal.SIGINT),
        torch._C._len_torch_function_stack(),
        torch._C._is_torch_function_enabled(),
    ]


def _check_next() -> None:
    """What is recorded next is whole, and nothing of what was stopped is left after it."""
    assert [op.name for op in record("a = torch.ones(2) * 2").ops] == ["ones", "mul"]
    assert torch._C._len_torch_function_stack() == 0
    assert torch._C._is_torch_function_enabled()


def test_a_run_stopped_within_the_recorder_leaves_a_whole_recording() -> None:
    total = _stopped_at(sys.maxsize)
    assert total > 300
    for wanted in range(1, total, 7):
        _stopped_at(wanted)
        _check_next()


def test_a_run_stopped_while_a_call_is_noted_leaves_a_whole_recording() -> None:
    def is_noting(frame: FrameType) -> bool:
        return frame.f_code.co_qualname.startswith("_noter.<locals>.note")

    total = _stopped_at(sys.maxsize, is_noting, _NOTED)
    assert total > 100
    for wanted in range(1, total + 1):
        _stopped_at(wanted, is_noting, _NOTED)


def test_a_recorder_stopped_while_it_is_put_in_place_or_taken_away_leaves_nothing() -> None:
    before = _placed()
    total = _placed_at(sys.maxsize)
    assert total > 100
    for wanted in range(1, total + 1):
        _placed_at(wanted)
        assert _placed() == before, wanted
    _check_next()


def test_a_mode_that_an_interrupt_left_on_hands_calls_through_until_the_next_recording() -> None:
    tracer = Tracer()
    with tracer:
        (mode,) = torch.overrides._get_current_function_mode_stack()
    ops = len(tracer.finish().ops)
    torch._C._push_on_torch_function_stack(mode)
    try:
        assert (torch.ones(2) * 2).tolist() == [2, 2]
        assert len(tracer.ops) == ops == 0
        _check_next()
    finally:
        if torch._C._len_torch_function_stack():
            torch._C._pop_torch_function_stack()


def test_a_pass_that_was_interrupted_is_told_to_have_been() -> None:
    recording = record(
        "x = torch.ones(3, requires_grad=True)\ny = x * 2\ndef stop(g): raise KeyboardInterrupt\n"
        "y.register_hook(stop)\ntry:\n    y.sum().backward()\nexcept KeyboardInterrupt: pass\n"
        "(x * 3).sum().backward()\n"
    )
    assert [pass_.raised for pass_ in recording.passes] == ["KeyboardInterrupt", ""]
    check_recording(recording)

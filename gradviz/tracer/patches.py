"""Wrap the few entries to torch that no mode and no hook reaches, and put them back."""

from __future__ import annotations

import functools
import gc
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch
import torch.utils.dlpack
from torch.utils.checkpoint import CheckpointFunction

from gradviz.tracer.backward import BackwardRecorder
from gradviz.tracer.forward import ForwardRecorder
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.private.engine import engine_wrapped, has_saving_hooks

_ALLOCATIONS: Final = 300_000


@contextmanager
def rarer_collections() -> Iterator[None]:
    """Let the garbage collector look less often at the many small records that are being made."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], _ALLOCATIONS) if before[0] else 0, *before[1:])
    during = gc.get_threshold()
    try:
        yield
    finally:
        if gc.get_threshold() == during:
            gc.set_threshold(*before)


@contextmanager
def engine_entry(
    recorder: BackwardRecorder, is_recorded_thread: Callable[[], bool]
) -> Iterator[None]:
    """Record what is run by the engine."""
    with engine_wrapped(lambda engine: recorder.wrap(engine, is_recorded_thread)):
        yield


@contextmanager
def custom_functions(
    recorder: ForwardRecorder, is_recorded_thread: Callable[[], bool]
) -> Iterator[None]:
    """Record each call of a custom `torch.autograd.Function` as one op."""
    original = torch.autograd.Function.__dict__["apply"]

    def apply(cls: type, *args: Any, **kwargs: Any) -> Any:
        run = original.__get__(None, cls)
        if not is_recorded_thread():
            return run(*args, **kwargs)
        # A checkpoint takes parameters that are no arguments of it.
        sees_inside = cls is CheckpointFunction
        frame = sys._getframe(1)
        return recorder.call_opaque(cls.__name__, run, args, kwargs, frame, sees_inside=sees_inside)

    torch.autograd.Function.apply = classmethod(apply)  # type: ignore[assignment,method-assign]
    try:
        yield
    finally:
        torch.autograd.Function.apply = original  # type: ignore[method-assign]


@contextmanager
def shared_sources(
    recorder: ForwardRecorder, is_recorded_thread: Callable[[], bool]
) -> Iterator[None]:
    """Record `torch.from_numpy` and `from_dlpack`, which no mode sees."""

    def recorded(original: Callable[..., Any]) -> Callable[..., Any]:
        @functools.wraps(original)
        def share(*args: Any, **kwargs: Any) -> Any:
            if not is_recorded_thread():
                return original(*args, **kwargs)
            frame = sys._getframe(1)
            return recorder.call_opaque(original.__name__, original, args, kwargs, frame)

        return share

    owners: tuple[tuple[Any, str], ...] = (
        (torch, "from_numpy"),
        (torch, "from_dlpack"),
        (torch.utils.dlpack, "from_dlpack"),
    )
    originals = [(owner, name, getattr(owner, name)) for owner, name in owners]
    try:
        for owner, name, original in originals:
            setattr(owner, name, recorded(original))
        yield
    finally:
        for owner, name, original in originals:
            setattr(owner, name, original)


@contextmanager
def swapped_tensors(ledger: Ledger, is_recorded_thread: Callable[[], bool]) -> Iterator[None]:
    """Let `torch.utils.swap_tensors` work: it refuses tensors that somebody refers to weakly."""
    original = torch.utils.swap_tensors

    @functools.wraps(original)
    def swap_tensors(t1: Any, t2: Any) -> Any:
        if not is_recorded_thread():
            return original(t1, t2)  # type: ignore[no-untyped-call]
        with ledger.swapping(t1, t2):
            return original(t1, t2)  # type: ignore[no-untyped-call]

    torch.utils.swap_tensors = swap_tensors
    try:
        yield
    finally:
        torch.utils.swap_tensors = original


@contextmanager
def saving_hooks(recorder: ForwardRecorder) -> Iterator[None]:
    """Notice hooks on what is saved for backward: the person's code, which the engine will run.

    The person may have put them in place before the recording.
    """
    recorder.hooks_seen = recorder.hooks_seen or has_saving_hooks()
    kind = torch.autograd.graph.saved_tensors_hooks
    original = kind.__enter__

    @functools.wraps(original)
    def enter(self: Any) -> None:
        recorder.hooks_seen = True
        original(self)

    kind.__enter__ = enter  # type: ignore[method-assign]
    try:
        yield
    finally:
        kind.__enter__ = original  # type: ignore[method-assign]


@contextmanager
def storage_changes(
    recorder: ForwardRecorder, is_recorded_thread: Callable[[], bool]
) -> Iterator[None]:
    """Record `Tensor.set_`, which no mode sees and which parametrizations are put in place with."""
    original = torch.Tensor.set_

    @functools.wraps(original)
    def set_(self: torch.Tensor, *args: Any, **kwargs: Any) -> Any:
        if not is_recorded_thread():
            return original(self, *args, **kwargs)
        frame = sys._getframe(1)
        return recorder.call(original, (self, *args), kwargs, frame, aside=True)

    torch.Tensor.set_ = set_  # type: ignore[assignment]
    try:
        yield
    finally:
        del torch.Tensor.set_

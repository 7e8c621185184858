"""Record what processes send each other where torch hides these calls from modes."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch.distributed as dist

from gradviz.tracer.forward import ForwardRecorder
from gradviz.tracer.functions import profile_of
from gradviz.tracer.source import COLLECTIVES

IS_HIDDEN: Final = dist.is_available() and not hasattr(dist.distributed_c10d, "has_torch_function")
"""Whether this torch does not ask modes before such a call."""
_RECEIVING: Final = ("recv", "recv_anysource")
"""Methods of a group that `irecv` calls. It is not replaced itself: torch asks whether a function
that the person hands over is that very one."""


@contextmanager
def collective_calls(
    recorder: ForwardRecorder, is_recorded_thread: Callable[[], bool]
) -> Iterator[None]:
    """Record each call by which processes send each other tensors, and what it changes."""

    def watched(original: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            if is_recorded_thread():
                return recorder.call(original, args, kwargs, sys._getframe(1), aside=True)
            recorder.guard(profile_of(original), args, kwargs)
            return original(*args, **kwargs)

        return call

    if not IS_HIDDEN:
        yield
        return
    functions = [getattr(dist, name, None) for name in COLLECTIVES]
    cells = [cell for function in functions if (cell := _cell_of(function)) is not None]
    originals = [cell.cell_contents for cell in cells]
    methods = {name: getattr(dist.ProcessGroup, name) for name in _RECEIVING}
    try:
        for cell, original in zip(cells, originals, strict=True):
            cell.cell_contents = watched(original)
        for name in methods:
            setattr(dist.ProcessGroup, name, _as_method(watched(_as_irecv(name))))
        yield
    finally:
        for cell, original in zip(cells, originals, strict=True):
            cell.cell_contents = original
        for name, method in methods.items():
            setattr(dist.ProcessGroup, name, method)


def _cell_of(function: Any) -> Any:
    """Where torch's wrapper of a function has that: who imported the wrapper calls it, too."""
    inner = getattr(function, "__wrapped__", None)
    if inner is None:
        return None
    return next((cell for cell in function.__closure__ or () if cell.cell_contents is inner), None)


@functools.cache
def _as_irecv(name: str) -> Callable[..., Any]:
    """A group's method as what can be recorded as `irecv`, which changes its first argument."""
    method = getattr(dist.ProcessGroup, name)

    @functools.wraps(dist.irecv)
    def receive(tensors: Any, group: Any, *args: Any) -> Any:
        return method(group, tensors, *args)

    return receive


def _as_method(receive: Callable[..., Any]) -> Callable[..., Any]:
    def method(group: Any, tensors: Any, *args: Any) -> Any:
        return receive(tensors, group, *args)

    return method

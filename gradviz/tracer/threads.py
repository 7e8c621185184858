"""Notice what threads other than the recorded one change; their calls are not recorded."""

from __future__ import annotations

import functools
import threading
import weakref
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from torch.overrides import TorchFunctionMode

from gradviz.tracer.forward import ForwardRecorder
from gradviz.tracer.functions import Treatment, profile_of
from gradviz.tracer.private.modes import silenceable
from gradviz.tracer.quiet import Overhead

_ANOTHER_THREAD = (
    "The program also computes in other threads; only the thread that runs it is recorded."
)


class AsideMode(TorchFunctionMode):
    """Copies what is about to be overwritten, and records nothing.

    It may outlive the recording with its thread, so it keeps nothing of it alive.
    """

    def __init__(self, recorder: ForwardRecorder, overhead: Overhead) -> None:
        super().__init__()
        self._recorder = weakref.ref(recorder)
        self._overhead = weakref.ref(overhead)

    @silenceable
    def __torch_function__(
        self,
        func: Callable[..., Any],
        types: Sequence[type],
        args: tuple[Any, ...] = (),
        kwargs: dict[str, Any] | None = None,
    ) -> Any:
        kwargs = kwargs or {}
        recorder, overhead = self._recorder(), self._overhead()
        if recorder is not None and overhead is not None:
            profile = profile_of(func)
            if profile.treatment is Treatment.OP or profile.name == "backward":
                overhead.warn(_ANOTHER_THREAD)
            recorder.guard(profile, args, kwargs)
            del recorder, overhead
        return func(*args, **kwargs)


@contextmanager
def other_threads(recorder: ForwardRecorder, overhead: Overhead) -> Iterator[None]:
    """Watch the threads that start while this is entered."""
    name = "_bootstrap_inner"  # `run` is for subclasses to override
    original = getattr(threading.Thread, name, None)
    if original is None:
        yield
        return

    @functools.wraps(original)
    def watched(self: threading.Thread) -> None:
        with AsideMode(recorder, overhead):
            original(self)

    setattr(threading.Thread, name, watched)
    try:
        yield
    finally:
        setattr(threading.Thread, name, original)

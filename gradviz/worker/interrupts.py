"""Let an interrupt end the request that it is meant for, and nothing else."""

from __future__ import annotations

import inspect
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Final

from gradviz.folders import is_of_library

_AGAIN_SECONDS: Final = 0.02
_OURS: Final = ("gradviz.language.", "gradviz.tracer.")


def must_finish(frame: FrameType | None) -> bool:
    """Whether what runs in `frame` or has called it would leave something half done behind.

    These are imports of libraries, which would be broken from then on, and the entering and leaving
    of what a run is recorded with. The person's own modules do not count: they may loop for ever.
    """
    imported = ""
    while frame is not None:
        code, module = frame.f_code, frame.f_globals.get("__name__", "")
        if code.co_name == "<module>":
            imported = code.co_filename
        if code.co_filename.startswith("<frozen importlib") and (
            not imported or is_of_library(imported)
        ):
            return True
        is_generator = bool(code.co_flags & inspect.CO_GENERATOR)
        if module.startswith(_OURS) and (is_generator or code.co_name in ("__enter__", "__exit__")):
            return True
        caller = frame.f_back
        calls_for = "" if caller is None else caller.f_globals.get("__name__", "")
        if module == "contextlib" and calls_for.startswith(_OURS):
            return True
        frame = caller
    return False


class InterruptGate:
    """Turns SIGINT into KeyboardInterrupt only while the request it is meant for is running.

    A signal is used because it also ends a blocking system call such as `time.sleep`. One that
    comes for a request that has ended is dropped; one that comes while a frame is written waits
    until the frame is whole; one that would leave a library half imported, or the recorder half
    put in place, comes again a moment later.

    Attributes:
        on_raise: called with the request's number just before it is raised.
    """

    def __init__(self) -> None:
        self._current: int | None = None
        self._wanted: set[int] = set()
        self._holds = 0
        self.on_raise: Callable[[int], None] | None = None

    def install(self) -> None:
        """Become the handler of SIGINT; call it in the main thread."""
        signal.signal(signal.SIGINT, self._on_signal)

    def interrupt(self, number: int) -> None:
        """End the request with this number, now or when it is about to start (any thread)."""
        self._wanted.add(number)
        self._signal_main()

    def _come_again(self, number: int) -> None:
        # What was meant has ended: whoever handles the signal by now would take it for another.
        if self._current == number and number in self._wanted:
            self._signal_main()

    def _signal_main(self) -> None:
        if hasattr(signal, "pthread_kill"):
            main = threading.main_thread().ident
            assert main is not None
            signal.pthread_kill(main, signal.SIGINT)
        else:
            signal.raise_signal(signal.SIGINT)

    @contextmanager
    def open_for(self, number: int) -> Iterator[None]:
        """Within this block KeyboardInterrupt is raised when request `number` is interrupted."""
        try:
            self._current = number
            self._raise_if_due()
            yield
        finally:
            self._current = None
            self._wanted.discard(number)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Within this block of the main thread nothing is raised; what came is raised after it."""
        if threading.current_thread() is not threading.main_thread():
            yield
            return
        self._holds += 1
        try:
            yield
        finally:
            self._holds -= 1
        self._raise_if_due(sys._getframe(1))

    def _on_signal(self, _number: int, frame: FrameType | None) -> None:
        self._raise_if_due(frame)

    def _raise_if_due(self, frame: FrameType | None = None) -> None:
        if self._holds or self._current is None or self._current not in self._wanted:
            return
        if must_finish(frame):
            again = threading.Timer(_AGAIN_SECONDS, self._come_again, (self._current,))
            again.daemon = True
            again.start()
            return
        self._wanted.discard(self._current)
        if self.on_raise is not None:
            self.on_raise(self._current)
        raise KeyboardInterrupt

"""Let an interrupt end the request that it is meant for, and nothing else."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType


class InterruptGate:
    """Turns SIGINT into KeyboardInterrupt only while the request it is meant for is running.

    A signal is used because it also ends a blocking system call such as `time.sleep`. One that
    comes for a request that has ended is dropped; one that comes while a frame is written waits
    until the frame is whole.

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
        self._raise_if_due()

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._raise_if_due()

    def _raise_if_due(self) -> None:
        if self._holds or self._current is None or self._current not in self._wanted:
            return
        self._wanted.discard(self._current)
        if self.on_raise is not None:
            self.on_raise(self._current)
        raise KeyboardInterrupt

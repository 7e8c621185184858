"""Let Ctrl+C wait until something is whole."""

from __future__ import annotations

import signal
import threading
from types import CodeType, FrameType, TracebackType
from typing import Any


class Undisturbed:
    """A block that Ctrl+C ends only when it is through; in other threads it never comes."""

    def __init__(self) -> None:
        self._handler: Any = None
        self._has_come = False

    def __enter__(self) -> None:
        # Python cannot put back a handler that is not its own: None.
        in_main = threading.current_thread() is threading.main_thread()
        if in_main and signal.getsignal(signal.SIGINT) is not None:
            self._handler = signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, _number: int, _frame: FrameType | None) -> None:
        self._has_come = True

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._handler is None:
            return
        signal.signal(signal.SIGINT, self._handler)
        if self._has_come:
            signal.raise_signal(signal.SIGINT)


class BegunUndisturbed:
    """Ctrl+C that comes within these functions themselves, as at their very beginning, waits.

    Python looks for it as it enters a function, before any of the function's own lines. What they
    call is interrupted as ever, except by what another object of this kind held back. Handlers
    that the person puts in place meanwhile are left alone.
    """

    def __init__(self, *functions: CodeType) -> None:
        self._functions = (*functions, BegunUndisturbed.end.__code__)
        self._handler: Any = None
        self._has_come = False

    def begin(self) -> None:
        """Look at each Ctrl+C from now on."""
        handler = signal.getsignal(signal.SIGINT)
        if threading.current_thread() is threading.main_thread() and callable(handler):
            self._handler = handler
            signal.signal(signal.SIGINT, self._on_signal)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        if frame is not None and frame.f_code in self._functions:
            self._has_come = True
        else:
            self._handler(number, frame)

    def end(self) -> None:
        """Look no more, and let what has come be felt."""
        if signal.getsignal(signal.SIGINT) == self._on_signal:
            signal.signal(signal.SIGINT, self._handler)
        if self._has_come:
            self._has_come = False
            signal.raise_signal(signal.SIGINT)

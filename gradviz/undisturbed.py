"""Let Ctrl+C wait until something is whole."""

from __future__ import annotations

import signal
import threading
from types import FrameType, TracebackType
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

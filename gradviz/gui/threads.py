"""Threads beside the window's own, so that they do not hold it up."""

from __future__ import annotations

import sys
from threading import Thread
from typing import Final

from PySide6.QtCore import QTimer

SWITCH_SECONDS: Final = 0.001
"""How long a thread may keep Python to itself. With Python's own 5 ms, a slot that calls Qt a
hundred times beside two busy threads waits for more than half a second."""


def share_python_fairly() -> None:
    """Let the window's thread come to its turn soon, whatever runs beside it."""
    sys.setswitchinterval(SWITCH_SECONDS)


def start_soon(thread: Thread) -> None:
    """Start a thread after what the window is doing now, which it would slow down."""
    QTimer.singleShot(0, thread.start)


def has_ended(thread: Thread) -> bool:
    """Whether a thread that was told to start soon has started and ended."""
    return thread.ident is not None and not thread.is_alive()

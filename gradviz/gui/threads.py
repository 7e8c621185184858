"""Work beside the window's own thread, so that it does not hold the window up."""

from __future__ import annotations

import logging
import sys
from collections.abc import Callable
from threading import Thread, _DummyThread
from threading import enumerate as living_threads
from time import monotonic
from typing import Any, Final, Generic, TypeVar

from PySide6.QtCore import QObject, QPoint, QTimer

SWITCH_SECONDS: Final = 0.001
"""How long a thread may keep Python to itself. With Python's own 5 ms, a slot that calls Qt a
hundred times beside two busy threads waits for more than half a second."""
ROOM_FOR_CLASSES: Final = 1_000
"""With the 180 that a window begins with, more than 1,109, so that libstdc++'s next size of the
table is 2,357: enough for the 950 that there are in the end, pyqtgraph's among them."""
_room: Final[list[type]] = []
_POLL_MS: Final = 10
_log = logging.getLogger(__name__)

Result = TypeVar("Result")


def share_python_fairly() -> None:
    """Let the window's thread get the interpreter soon, whatever runs beside it."""
    sys.setswitchinterval(SWITCH_SECONDS)


def make_room_for_classes() -> None:
    """Let modules that define Qt classes be imported on a thread; costs about 12 ms, once.

    Below Python 3.12 PySide looks up what it knows of a class in a hash table, and the window's
    thread does so without the interpreter's lock. Where a class that another thread defines makes
    that table grow at this moment, nothing is found and the process crashes. The table never
    shrinks: here it grows to its last size, while nothing is imported.
    """
    if sys.version_info < (3, 12) and not _room:
        _room.extend(type("Room", (QPoint,), {}) for _ in range(ROOM_FOR_CLASSES))


def start_soon(thread: Thread) -> None:
    """Start a thread after what the window is doing now, which it would slow down."""
    QTimer.singleShot(0, thread.start)


def wait_for_threads(seconds: float) -> None:
    """Wait until all work beside the window has ended, or this time is over.

    A thread that is within Qt when Python ends is unwound through code that bears no exceptions:
    the process would end with a crash after its window was closed.
    """
    last = monotonic() + seconds
    for thread in living_threads():
        # Python stands in so for threads of Qt's, and cannot wait for them.
        if thread.daemon and not isinstance(thread, _DummyThread):
            thread.join(max(0.0, last - monotonic()))


class Background(QObject):
    """Calls functions on a thread and hands their results over on the window's thread.

    Only the latest call counts: the result of an earlier one is dropped, and a call that was
    replaced before its thread began is never made. The functions must not touch Qt's objects.
    """

    def __init__(self, name: str, *, parent: QObject) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._call: _Call[Any] | None = None
        # Polled rather than signalled: the thread may outlive this object.
        self._poll = QTimer(self)
        self._poll.timeout.connect(self._on_tick)

    @property
    def is_busy(self) -> bool:
        """Whether a result is still to come."""
        return self._call is not None

    def call(
        self,
        function: Callable[[], Result],
        deliver: Callable[[Result], object],
        *,
        failed: Callable[[Exception], object] | None = None,
        at_once: bool = False,
    ) -> None:
        """Call `function` on a thread, and then `deliver` with its result.

        `failed` gets the exception if there is one; without it, the exception is logged.
        `at_once` does everything before this method returns, for work that takes no time.
        """
        self.drop()
        call = _Call(function, deliver, failed, self.objectName())
        if at_once:
            call.run()
            call.finish()
        else:
            self._call = call
            # The thread starts after what the window is doing now, which it would slow down.
            self._poll.start(0)

    def drop(self) -> None:
        """Deliver nothing more of what was called so far."""
        self._call = None
        self._poll.stop()

    def _on_tick(self) -> None:
        call = self._call
        if call is None:
            return
        if call.ident is None:
            call.start()
            self._poll.start(_POLL_MS)
        elif not call.is_alive():
            self.drop()
            call.finish()


class _Call(Thread, Generic[Result]):
    def __init__(
        self,
        function: Callable[[], Result],
        deliver: Callable[[Result], object],
        failed: Callable[[Exception], object] | None,
        name: str,
    ) -> None:
        super().__init__(name=name, daemon=True)
        self._function, self._deliver, self._failed = function, deliver, failed
        self._outcome: list[Result] = []
        self._error: Exception | None = None

    def run(self) -> None:
        """Call the function and keep what came of it."""
        try:
            self._outcome.append(self._function())
        except Exception as error:  # A thread has nobody else to tell.
            self._error = error

    def finish(self) -> None:
        """Hand over what came of it, on the window's thread."""
        if self._error is None:
            self._deliver(self._outcome[0])
        elif self._failed is not None:
            self._failed(self._error)
        else:
            _log.error("%s failed", self.name, exc_info=self._error)

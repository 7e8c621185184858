"""Leave in order when the system asks: Ctrl+C in the terminal, or SIGTERM."""

from __future__ import annotations

import signal
import socket
from contextlib import suppress
from types import FrameType

from PySide6.QtCore import QCoreApplication, QObject, QSocketNotifier


class TerminationWatch(QObject):
    """Quits the application on SIGINT and SIGTERM while it is watching.

    Python runs its signal handlers only between its own instructions, and Qt's loop may run none
    for hours: the wakeup descriptor makes a signal an event of that loop.
    """

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._receiver, self._sender = socket.socketpair()
        self._receiver.setblocking(False)
        self._sender.setblocking(False)
        self._notifier = QSocketNotifier(self._receiver.fileno(), QSocketNotifier.Type.Read, self)
        self._notifier.activated.connect(self._on_signal_arrived)
        self._wakeup = signal.set_wakeup_fd(self._sender.fileno(), warn_on_full_buffer=False)
        self._handlers = {
            number: signal.signal(number, self._quit) for number in (signal.SIGINT, signal.SIGTERM)
        }

    def stop(self) -> None:
        """Restore the previous signal handlers."""
        for number, handler in self._handlers.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        self._notifier.setEnabled(False)
        self._receiver.close()
        self._sender.close()

    def _on_signal_arrived(self) -> None:
        with suppress(BlockingIOError):  # another turn of the loop may have read it
            self._receiver.recv(4096)

    def _quit(self, number: int, frame: FrameType | None) -> None:
        # `quit` would first close the windows, and they would ask about unsaved text.
        QCoreApplication.exit(0)

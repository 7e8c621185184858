"""Collect garbage on the window's thread only.

Python collects on whichever thread happens to allocate, and a widget that is destroyed on another
thread than its own crashes Qt.
"""

from __future__ import annotations

import gc
from time import perf_counter
from typing import Final

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS: Final = 1000
_REST: Final = 100
"""After a collection of everything, so many times its duration pass before the next one."""


class GarbageWatch(QObject):
    """Takes over from Python's automatic collector while it is watching."""

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        self._rest_until = 0.0
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> None:
        """Collect the oldest generation whose time has come, by Python's own thresholds."""
        counts, thresholds = gc.get_count(), gc.get_threshold()
        due = [n for n in range(3) if counts[n] > thresholds[n] > 0]
        if not due:
            return
        generation = due[-1]
        began = perf_counter()
        if generation == 2 and began < self._rest_until:
            generation = 1
        gc.collect(generation)
        if generation == 2:
            ended = perf_counter()
            self._rest_until = ended + _REST * (ended - began)

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        if self._was_enabled:
            gc.enable()

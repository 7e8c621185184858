"""Collect garbage on the window's thread only.

Python collects on whichever thread happens to allocate, and a widget that is destroyed on another
thread than its own crashes Qt.
"""

from __future__ import annotations

import gc
from time import perf_counter
from typing import Final

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS: Final = 100
"""Short, since what threads made meanwhile is looked at in one go: 100 ms of it take 10 ms."""
_REST: Final = 100
"""After a collection of everything, so many times its duration pass before the next one."""


class GarbageWatch(QObject):
    """Takes over from Python's automatic collector while it is watching."""

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        self._rest_until = 0.0
        self._old = 0
        self._added = 0
        gc.disable()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> None:
        """Collect what is new; everything too, once a quarter of it came since the last time.

        These are Python's own rules, but for the middle generation: it would be looked at whole
        after a second of work, which stops the window for longer than its parts do.
        """
        counts, thresholds = gc.get_count(), gc.get_threshold()
        if not counts[0] > thresholds[0] > 0:
            return
        self._added += counts[0]
        gc.collect(1)
        if gc.get_count()[2] <= thresholds[2] or self._added <= self._old // 4:
            return
        began = perf_counter()
        if began >= self._rest_until:
            gc.collect()
            ended = perf_counter()
            self._rest_until = ended + _REST * (ended - began)
            self._old, self._added = len(gc.get_objects()), 0

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        if self._was_enabled:
            gc.enable()

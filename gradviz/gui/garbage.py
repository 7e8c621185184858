"""Collect garbage on the window's thread only.

Python collects on whichever thread happens to allocate, and a widget that is destroyed on another
thread than its own crashes Qt.
"""

from __future__ import annotations

import gc
import sys
from time import perf_counter
from typing import Final

from PySide6.QtCore import QObject, QTimer

_INTERVAL_MS: Final = 100
"""Short, since what threads made meanwhile is looked at in one go: 100 ms of it take 10 ms."""
_MANY: Final = 15_000
"""New objects that take 5 ms to look at, or many more on a busy machine."""
_MAX_FREEZES: Final = 500
"""So often new objects in bulk are passed over; a large recording with its graph takes several."""
_REST: Final = 100
"""After a collection of everything, so many times its duration pass before the next one."""


class GarbageWatch(QObject):
    """Takes over from Python's automatic collector while it is watching."""

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._was_enabled = gc.isenabled()
        self._rest_until = 0.0
        self._freezes = 0
        self._modules = len(sys.modules)
        self._old = self._usual = self._frozen_at = sys.getallocatedblocks()
        gc.disable()
        gc.freeze()
        self._timer = QTimer(self)
        self._timer.setInterval(_INTERVAL_MS)
        self._timer.timeout.connect(self.collect_if_due)
        self._timer.start()

    def collect_if_due(self) -> None:
        """Collect what is new; everything too, once it grew by a quarter since the last time.

        These are Python's own rules, but for the middle generation: it would be looked at whole
        after a second of work, which stops the window for longer than its parts do.
        """
        counts, thresholds = gc.get_count(), gc.get_threshold()
        if not counts[0] > thresholds[0] > 0:
            return
        if len(sys.modules) != self._modules:
            # What imports make is not garbage. To look at all of it would take 60 ms, and twice
            # that on a busy machine, just when something is used for the first time.
            gc.freeze()
            self._modules = len(sys.modules)
            self._old = sys.getallocatedblocks()
            return
        if counts[0] > _MANY:
            # A recording or its indices, made by a thread: no garbage, and too much to look at.
            gc.freeze()
            self._frozen_at = sys.getallocatedblocks()
            self._freezes += 1
            return
        blocks = sys.getallocatedblocks()
        if not self._freezes:
            self._usual = blocks
        elif self._is_gone(blocks) or self._freezes > _MAX_FREEZES:
            # Garbage that was among it is looked for now.
            gc.unfreeze()
            self._freezes = 0
        gc.collect(1)
        # Not the objects themselves are counted: that would refer to tuples which threads are
        # making, and Python refuses to complete a tuple that somebody else refers to.
        grown = sys.getallocatedblocks() - self._old
        if gc.get_count()[2] <= thresholds[2] or grown <= self._old // 4:
            return
        began = perf_counter()
        if began >= self._rest_until:
            gc.collect()
            ended = perf_counter()
            self._rest_until = ended + _REST * (ended - began)
            self._old = sys.getallocatedblocks()

    def _is_gone(self, blocks: int) -> bool:
        """Whether nearly all of what was passed over has been freed, so that the rest is small."""
        return blocks < self._usual + (self._frozen_at - self._usual) // 8

    def stop(self) -> None:
        """Leave it to Python again."""
        self._timer.stop()
        gc.unfreeze()
        if self._was_enabled:
            gc.enable()

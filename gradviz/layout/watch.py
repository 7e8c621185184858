"""How a layout in the making is stopped, hurried and followed."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Final

from gradviz.layout.model import LayoutCancelled, ShouldStop

Progress = Callable[[float], None]

PREPARED: Final = 0.1
ORDERED: Final = 0.7
PLACED: Final = 0.85
"""Parts of the time after which the layers, the order and the columns of a drawing are done."""


class Watch:
    """Asked again and again while a layout is made.

    Attributes:
        is_rough: whether something was left out because the deadline was over
    """

    def __init__(
        self,
        should_stop: ShouldStop | None = None,
        deadline_seconds: float | None = None,
        progress: Progress | None = None,
    ) -> None:
        self._should_stop, self._progress = should_stop, progress
        self._end = None if deadline_seconds is None else time.monotonic() + deadline_seconds
        self._from, self._to = 0.0, 1.0
        self._said = -1.0
        self.is_rough = False

    def check(self) -> None:
        """Raise `LayoutCancelled` where the caller wants no more of it."""
        if self._should_stop is not None and self._should_stop():
            raise LayoutCancelled

    def is_late(self) -> bool:
        """Whether the deadline is over: asked by what can be left out, and then is."""
        self.check()
        if self._end is not None and time.monotonic() >= self._end:
            self.is_rough = True
            return True
        return False

    def stretch(self, start: float, end: float) -> None:
        """What is reported from now on is from 0 to 1 of this part of the whole."""
        self._from, self._to = start, end

    def report(self, part: float) -> None:
        """Tell the caller how much is done; never less than before."""
        done = self._from + (self._to - self._from) * min(max(part, 0.0), 1.0)
        if self._progress is not None and done > self._said:
            self._said = done
            self._progress(done)

"""Where on the timeline a playhead is, and what falls into one column of its pixels."""

from __future__ import annotations

import math
from typing import Any, Final

import msgspec
import numpy as np

Floats = np.ndarray[Any, np.dtype[np.float64]]
Integers = np.ndarray[Any, np.dtype[np.int64]]

SMALLEST_SPAN: Final = 4
"""Steps that are in sight however far one zooms in."""
_CATCH: Final = 4.0
"""So close behind the end of a step, in pixels, a point still means that step."""


class Scale(msgspec.Struct, frozen=True):
    """The playheads from `first` to `last`, drawn from `left` to `right` (pixels)."""

    first: float
    last: float
    left: float
    right: float

    @property
    def span(self) -> float:
        """How many steps are in sight."""
        return max(self.last - self.first, 1e-9)

    @property
    def pixels_per_step(self) -> float:
        """Width of a step."""
        return (self.right - self.left) / self.span

    def x_of(self, playhead: float) -> float:
        """Where a playhead is; a step reaches from the playhead before it to its own."""
        return self.left + (playhead - self.first) * self.pixels_per_step

    def all_x_of(self, playheads: np.ndarray[Any, Any]) -> Floats:
        """Where many playheads are."""
        places: Floats = self.left + (playheads - self.first) * self.pixels_per_step
        return places

    def playhead_at(self, x: float) -> int:
        """The playhead that a point means: that of the step which is drawn there."""
        if self.pixels_per_step <= 0:
            return round(self.first)
        at = self.first + (x - self.left) / self.pixels_per_step
        catch = min(0.25, _CATCH / self.pixels_per_step)
        return max(math.floor(self.first), min(math.ceil(at - catch), math.ceil(self.last)))

    def zoomed(self, factor: float, x: float, length: int) -> tuple[float, float]:
        """First and last playhead when zoomed with a point staying where it is."""
        fixed = self.first + (x - self.left) / max(self.pixels_per_step, 1e-9)
        span = min(max(self.span / factor, min(SMALLEST_SPAN, length)), length)
        first = fixed - (fixed - self.first) * span / self.span
        return kept_within(first, span, length)


def kept_within(first: float, span: float, length: int) -> tuple[float, float]:
    """First and last playhead of so many steps, moved into a recording of `length`."""
    first = max(0.0, min(first, length - span))
    return first, first + span


class Columns:
    """Which steps fall into which column of pixels.

    Attributes:
        x: left edge of each column that has a step.
        width: how wide a column is; that of a step where steps are wider than pixels.
        start: the first step of each column.
    """

    def __init__(self, scale: Scale, length: int) -> None:
        first = max(0, math.floor(scale.first))
        last = min(length, math.ceil(scale.last))
        steps = np.arange(first, max(first, last))
        x = scale.left + (steps - scale.first) * scale.pixels_per_step
        self.width = max(scale.pixels_per_step, 1.0)
        if scale.pixels_per_step < 1.0:
            pixels = np.floor(x)
            new = np.ones(len(steps), np.bool_)
            new[1:] = pixels[1:] != pixels[:-1]
            self.x, self.start = pixels[new], steps[new]
        else:
            self.x, self.start = x, steps
        self._end = int(steps[-1]) + 1 if len(steps) else 0

    def __len__(self) -> int:
        return len(self.start)

    def largest(self, of_steps: Floats) -> Floats:
        """The largest number in each column, NaN where there are only NaN."""
        return self._reduce(np.fmax, of_steps)

    def smallest(self, of_steps: Floats) -> Floats:
        """The smallest number in each column, NaN where there are only NaN."""
        return self._reduce(np.fmin, of_steps)

    def any(self, of_steps: np.ndarray[Any, np.dtype[np.bool_]]) -> Integers:
        """The columns in which something holds of a step."""
        if not len(self):
            return np.empty(0, np.int64)
        holds = np.logical_or.reduceat(of_steps[: self._end], self.start)
        return np.flatnonzero(holds)

    def _reduce(self, how: np.ufunc, of_steps: Floats) -> Floats:
        if not len(self):
            return np.empty(0)
        reduced: Floats = how.reduceat(of_steps[: self._end], self.start)
        return reduced


def heights(norms: Floats, low: float, high: float) -> Floats:
    """Numbers on a logarithmic scale from 0 (at `low`) to 1; NaN stays, zero and less is 0."""
    with np.errstate(divide="ignore", invalid="ignore"):
        logs = np.log10(norms)
        if high <= low:
            shown = np.where(norms > 0, 1.0, 0.0)
        else:
            shown = (logs - math.log10(low)) / (math.log10(high) - math.log10(low))
    shown = np.clip(shown, 0.0, 1.0)
    kept: Floats = np.where(np.isnan(norms), np.nan, shown)
    return kept


def extent(norms: Floats) -> tuple[float, float]:
    """The smallest and the largest positive finite number, (1, 1) where there is none."""
    shown = norms[np.isfinite(norms) & (norms > 0)]
    return (float(shown.min()), float(shown.max())) if len(shown) else (1.0, 1.0)

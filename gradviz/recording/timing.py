"""Measured times: what was timed, where, and how sure the figure is."""

from __future__ import annotations

from enum import Enum

import msgspec


class TimedPart(Enum):
    """What part of a document is timed."""

    STATEMENT = "statement"
    FORWARD = "forward"
    BACKWARD = "backward"
    TRANSFER = "transfer"


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """One timing; `seconds` holds one time per sample, each of them per execution.

    `loops` is how many executions one sample averages over; `first_seconds` is the very first
    execution (compilation, allocator, context), which is in no sample. For a transfer, `nbytes`
    is what was copied, `device` where from and `to_device` where to.
    """

    part: TimedPart
    text: str
    line: int | None
    device: str
    threads: int
    seconds: tuple[float, ...]
    loops: int = 1
    first_seconds: float | None = None
    to_device: str = ""
    nbytes: int = 0
    warning: str = ""

    @property
    def median(self) -> float:
        """Median of the samples, in seconds per execution."""
        return _quantile(self.seconds, 0.5)

    @property
    def iqr(self) -> float:
        """Interquartile range of the samples, in seconds per execution."""
        return _quantile(self.seconds, 0.75) - _quantile(self.seconds, 0.25)


def _quantile(samples: tuple[float, ...], fraction: float) -> float:
    """Linear interpolation between order statistics (Hyndman and Fan's type 7, as in numpy)."""
    if not samples:
        return float("nan")
    ordered = sorted(samples)
    position = fraction * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one request to time: complete, or stopped early, or failed in parts."""

    measurements: tuple[Measurement, ...]
    failures: tuple[str, ...] = ()
    stopped: bool = False
    machine: str = ""
    torch: str = ""
    date: str = ""

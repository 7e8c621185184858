"""Measured times: what was timed, where, and how sure the figure is."""

from __future__ import annotations

from enum import Enum
from typing import Final

import msgspec

AS_PLACED: Final = "placed"
"""In the place of a device: where the document itself and its placement put each tensor."""
AS_WRITTEN: Final = ""
"""In the place of a dtype: what the document itself makes."""
DTYPES: Final = ("float32", "tf32", "bfloat16", "float16", "float64")
"""What a document can be timed in; tf32 is float32 whose products are rounded to 10 bits."""


class TimedPart(Enum):
    """What part of a document is timed."""

    STATEMENT = "statement"
    LINES = "lines"
    FORWARD = "forward"
    BACKWARD = "backward"
    STEP = "optimizer step"
    TRANSFER = "transfer"
    OP = "op"
    OP_BACKWARD = "op backward"


class Measurement(msgspec.Struct, frozen=True, kw_only=True):
    """One timing; `seconds` holds one time per sample, each of them per execution.

    `loops` is how many executions one sample averages over; `first_seconds` is the very first
    execution (compilation, allocator, context), which is in no sample. For a transfer, `nbytes`
    is what was copied, `device` where from and `to_device` where to. `ops` are the ops of the
    document's run that were the same call on the same shapes; their time is that of one of them.
    `flops` and `moved_nbytes` are the arithmetic and the traffic of one execution, None where they
    were not counted. `peak_nbytes` is the most that the device's allocator held beyond what was
    there before, None where the device does not say. `size` is the value of a sweep's number.
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
    end_line: int | None = None
    dtype: str = AS_WRITTEN
    ops: tuple[int, ...] = ()
    flops: int | None = None
    moved_nbytes: int | None = None
    peak_nbytes: int | None = None
    size: int | None = None

    @property
    def median(self) -> float:
        """Median of the samples, in seconds per execution."""
        return _quantile(self.seconds, 0.5)

    @property
    def quartiles(self) -> tuple[float, float]:
        """Lower and upper quartile of the samples, in seconds per execution."""
        return _quantile(self.seconds, 0.25), _quantile(self.seconds, 0.75)

    @property
    def iqr(self) -> float:
        """Interquartile range of the samples, in seconds per execution."""
        lower, upper = self.quartiles
        return upper - lower

    @property
    def flops_per_second(self) -> float | None:
        """Achieved arithmetic, None where none was counted."""
        return self.flops / self.median if self.flops and self.seconds else None

    @property
    def bytes_per_second(self) -> float | None:
        """Achieved traffic; of a transfer what was copied. None where none was counted."""
        moved = self.nbytes if self.part is TimedPart.TRANSFER else self.moved_nbytes
        return moved / self.median if moved and self.seconds else None


def _quantile(samples: tuple[float, ...], fraction: float) -> float:
    """Linear interpolation between order statistics (Hyndman and Fan's type 7, as in numpy)."""
    if not samples:
        return float("nan")
    ordered = sorted(samples)
    position = fraction * (len(ordered) - 1)
    below = int(position)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (ordered[above] - ordered[below]) * (position - below)


class Ceiling(msgspec.Struct, frozen=True, kw_only=True):
    """What a device was measured to reach at best: a large copy, and a large product of matrices.

    `bytes_per_second` counts what is read and what is written; `flops_per_second` two operations
    for each product and sum. `dtype` is that of the matrices.
    """

    device: str
    threads: int
    dtype: str
    bytes_per_second: float
    flops_per_second: float


class Sweep(msgspec.Struct, frozen=True, kw_only=True):
    """A document timed with one of its numbers changed: `size` is `SizeInText.key`.

    Ends before `values` do where one execution takes longer than `max_seconds`, or where the next
    one would need more than `max_nbytes` of memory (None: half of what is free).
    """

    size: str
    values: tuple[int, ...]
    max_seconds: float = 2.0
    max_nbytes: int | None = None


class Timing(msgspec.Struct, frozen=True, kw_only=True):
    """The result of one request to time: complete, or stopped early, or failed in parts.

    `sweep` is what the size of its measurements is called in the text, empty where none was swept.
    `allocator` says how the CPU's memory was had where that is not the system's usual way.
    """

    measurements: tuple[Measurement, ...]
    failures: tuple[str, ...] = ()
    stopped: bool = False
    machine: str = ""
    torch: str = ""
    date: str = ""
    ceilings: tuple[Ceiling, ...] = ()
    sweep: str = ""
    allocator: str = ""

"""Write times, amounts of memory and rates in units that a reader takes in."""

from __future__ import annotations

import math
from typing import Final

_SECONDS_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_BYTES_UNITS: Final = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_RATE_UNITS: Final = ((1e15, "P"), (1e12, "T"), (1e9, "G"), (1e6, "M"), (1e3, "k"))


def format_seconds(seconds: float | None) -> str:
    """A time with three significant digits in a readable unit: `12.3 µs`."""
    if seconds is None or math.isnan(seconds):
        return "–"
    if seconds == 0:
        return "0 s"
    # 0.9995 ms would be written as 1,000 µs, so that the unit is chosen after rounding.
    rounded = float(f"{seconds:.3g}")
    scale, unit = next(
        (pair for pair in _SECONDS_UNITS if abs(rounded) >= pair[0]), _SECONDS_UNITS[-1]
    )
    return f"{_three_digits(seconds / scale)} {unit}"


def format_bytes(nbytes: int | None) -> str:
    """An amount of memory in a readable binary unit: `381 MiB`."""
    if nbytes is None:
        return "–"
    for scale, unit in _BYTES_UNITS:
        if nbytes >= scale:
            return f"{_three_digits(nbytes / scale)} {unit}"
    return f"{nbytes} B"


def format_rate(rate: float | None, unit: str) -> str:
    """A rate in decimal units, as makers of memory and cards write it: `12.3 GB/s`."""
    if rate is None:
        return "–"
    rounded = float(f"{rate:.3g}")
    for scale, prefix in _RATE_UNITS:
        if rounded >= scale:
            return f"{_three_digits(rate / scale)} {prefix}{unit}"
    return f"{_three_digits(rate)} {unit}"


def _three_digits(number: float) -> str:
    magnitude = abs(float(f"{number:.3g}"))
    if magnitude >= 100:
        return f"{number:.0f}"
    return f"{number:.1f}" if magnitude >= 10 else f"{number:.2f}"

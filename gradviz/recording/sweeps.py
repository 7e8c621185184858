"""Lines of a size sweep, and from which size on one of them is the faster."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import combinations
from typing import NamedTuple

from gradviz.recording.timing import Measurement, TimedPart


class Series(NamedTuple):
    """What stays the same along a line of a sweep."""

    part: TimedPart
    text: str
    device: str
    dtype: str
    threads: int
    to_device: str = ""


class Line(NamedTuple):
    """One line: its measurements in the order of their sizes, which are all different."""

    series: Series
    measurements: tuple[Measurement, ...]


class Crossover(NamedTuple):
    """Two lines that cross: from `size` on `winner` is the faster at every size measured of both.

    The faster is the one whose upper quartile lies below the other's lower quartile; where the
    two overlap, neither is. `size` is a measured size, not one in between.
    """

    winner: Series
    loser: Series
    size: int


def series_of(measurement: Measurement) -> Series:
    """The line that a measurement belongs to."""
    return Series(
        measurement.part,
        # The text of a statement holds the number that is swept.
        "" if measurement.size is not None else measurement.text,
        measurement.device,
        measurement.dtype,
        measurement.threads,
        measurement.to_device,
    )


def sweep_lines(measurements: Iterable[Measurement]) -> tuple[Line, ...]:
    """The lines, in the order of their first measurement; what has no size is left out."""
    found: dict[Series, dict[int, Measurement]] = {}
    for measurement in measurements:
        if measurement.size is not None and measurement.seconds:
            found.setdefault(series_of(measurement), {})[measurement.size] = measurement
    return tuple(
        Line(series, tuple(of_size[size] for size in sorted(of_size)))
        for series, of_size in found.items()
    )


def crossovers(lines: Sequence[Line]) -> tuple[Crossover, ...]:
    """Where two lines of the same part cross once and for all, both of them measured there."""
    found = []
    for one, other in combinations(lines, 2):
        if (one.series.part, one.series.to_device) == (other.series.part, other.series.to_device):
            crossover = _crossover(one, other)
            if crossover is not None:
                found.append(crossover)
    return tuple(found)


def _crossover(one: Line, other: Line) -> Crossover | None:
    others = {m.size: m for m in other.measurements}
    shared = [(m, others[m.size]) for m in one.measurements if m.size in others]
    leads = [_lead(first, second) for first, second in shared]
    clear = [lead for lead in leads if lead]
    if len(clear) < 2 or not leads[-1] or clear[0] == leads[-1]:
        return None
    index = len(leads)
    while leads[index - 1] == leads[-1]:
        index -= 1
    size = shared[index][0].size
    assert size is not None
    winner, loser = (one, other) if leads[-1] > 0 else (other, one)
    return Crossover(winner.series, loser.series, size)


def _lead(first: Measurement, second: Measurement) -> int:
    """1 where the first is the faster, -1 where the second is, 0 where their samples overlap."""
    if first.quartiles[1] < second.quartiles[0]:
        return 1
    return -1 if second.quartiles[1] < first.quartiles[0] else 0

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

    `size` is a measured size, not one in between.
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
    medians = {m.size: m.median for m in other.measurements}
    shared = [(m.size, m.median, medians[m.size]) for m in one.measurements if m.size in medians]
    if len(shared) < 2:
        return None
    wins = [first < second for _, first, second in shared]
    if wins[-1] == wins[0]:
        return None
    # The last change of the lead, however often it changed before.
    index = max(i for i in range(1, len(wins)) if wins[i] != wins[i - 1])
    size = shared[index][0]
    assert size is not None
    winner, loser = (one, other) if wins[-1] else (other, one)
    return Crossover(winner.series, loser.series, size)

"""Find how far two tensors of one shape are apart: how many elements, how much, and where."""

from __future__ import annotations

import math
from typing import Any, Final, NamedTuple

import numpy as np

from gradviz.errors import GradvizError
from gradviz.recording.extent import Extent
from gradviz.recording.model import Statistics, Value, ValueId
from gradviz.recording.statistics import statistics_of
from gradviz.recording.values import to_array

Array = np.ndarray[Any, Any]


class Tolerance(NamedTuple):
    """How far two numbers may be apart and still count as equal, as `numpy.isclose` has it.

    By `absolute`, and by `relative` times the size of the one in the first recording.
    """

    relative: float = 0.0
    absolute: float = 0.0


EXACT: Final = Tolerance()


def extent_between(before: Value, after: Value) -> Extent | None:
    """How far two values are apart; None where they were not kept whole or have other shapes."""
    if not (before.is_whole and after.is_whole):
        return None
    return extent_of_kept(before, after)


def extent_of_kept(before: Value, after: Value, tolerance: Tolerance = EXACT) -> Extent | None:
    """How far those elements are apart that were kept of both; None for none and other shapes."""
    if before.data is None or after.data is None or before.shape != after.shape:
        return None
    try:
        first, second = to_array(before), to_array(after)
    except GradvizError:  # a file may contradict itself
        return None
    common = tuple(map(slice, map(min, first.shape, second.shape)))
    return extent_of_arrays(before.id, after.id, first[common], second[common], tolerance)


def extent_of_arrays(
    before: ValueId, after: ValueId, first: Array, second: Array, tolerance: Tolerance = EXACT
) -> Extent:
    """How far two arrays of one shape, the elements of two values, are apart."""
    differs = (first != second) & ~((first != first) & (second != second))
    if not differs.any():
        return _no_extent(before, after, first.size)
    is_complex = first.dtype.kind == "c" or second.dtype.kind == "c"
    wide = np.complex128 if is_complex else np.float64
    with np.errstate(all="ignore"):
        gap = second.astype(wide) - first.astype(wide)
        if tolerance != EXACT:
            allowed = tolerance.absolute + tolerance.relative * np.abs(first.astype(wide))
            differs &= ~((np.abs(gap) <= allowed) & np.isfinite(first) & np.isfinite(second))
    differing = int(differs.sum())
    if not differing:
        return _no_extent(before, after, first.size)
    size = np.where(differs, np.abs(gap), -1.0)
    place = np.unravel_index(int(np.argmax(np.where(np.isnan(size), np.inf, size))), first.shape)
    largest = gap[place]
    return Extent(
        before=before,
        after=after,
        numel=first.size,
        differing=differing,
        largest=float(np.abs(largest) if is_complex else largest),
        at=tuple(int(one) for one in place),
    )


def differing_statistics(
    before: Value, after: Value, tolerance: Tolerance = EXACT
) -> tuple[str, ...] | None:
    """The statistics of two values that no elements within the tolerance could have.

    None where those of one of them are not known.
    """
    first, second = statistics_of(before), statistics_of(after)
    if first is None or second is None:
        return None
    allowed = _allowed(first, before.numel, tolerance)
    return tuple(
        name
        for name, size in allowed.items()
        if _are_apart(getattr(first, name), getattr(second, name), size)
    )


def _allowed(first: Statistics, numel: int, tolerance: Tolerance) -> dict[str, float]:
    """How far each statistic may move if every element stays within the tolerance."""
    peak = max(abs(first.min or 0.0), abs(first.max or 0.0))
    each = tolerance.absolute + tolerance.relative * peak
    norm = tolerance.absolute * math.sqrt(numel) + tolerance.relative * (first.norm or 0.0)
    allowed = {"min": each, "max": each, "mean": each, "std": each, "norm": norm}
    allowed |= {"zeros": 0.0 if tolerance == EXACT else math.inf}
    return allowed | {"nan": 0.0, "inf": 0.0}


def _are_apart(first: float | None, second: float | None, allowed: float) -> bool:
    if first is None or second is None:
        return first is not second
    return not (first == second or abs(first - second) <= allowed)


def _no_extent(before: ValueId, after: ValueId, numel: int) -> Extent:
    return Extent(before=before, after=after, numel=numel, differing=0, largest=0.0, at=())

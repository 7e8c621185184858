"""Compare any two recordings, and let numbers count as equal that are close enough."""

from __future__ import annotations

from collections.abc import Iterable
from enum import Enum

from gradviz.recording.alignment import Alignment
from gradviz.recording.compare import Comparison, Difference, Quantity, is_same_value
from gradviz.recording.extent import Extent
from gradviz.recording.extents import EXACT, Tolerance, differing_statistics, extent_of_kept
from gradviz.recording.model import Recording, Value


class Basis(Enum):
    """By what two quantities are compared."""

    ELEMENTS = "elements"
    """All elements of both."""
    STATISTICS = "statistics"
    """The statistics, and the corners that were kept."""
    NOTHING = "nothing"
    """Nothing was kept of one of them that tells."""


class TolerantComparison(Comparison):
    """What differs between two recordings by more than a tolerance.

    Without one, numbers are to be equal and of the same type; two NaN are equal. Values come first,
    then gradients on their way, then `.grad`, so that the first difference led to the others.
    """

    def __init__(
        self,
        before: Recording,
        after: Recording,
        alignment: Alignment,
        *,
        extents: Iterable[Extent] = (),
        tolerance: Tolerance = EXACT,
    ) -> None:
        self.tolerance = tolerance
        super().__init__(before, after, extents, alignment)
        self.differences = tuple(sorted(self.differences, key=_stage))

    def basis_of(self, pair: Difference) -> Basis:
        """By what a pair is compared."""
        first, second = self.before.value(pair.before), self.after.value(pair.after)
        if first is None or second is None:
            # That there is no gradient is known; a value that is not there was not kept.
            return Basis.NOTHING if pair.quantity is Quantity.VALUE else Basis.ELEMENTS
        if (first.id, second.id) in self._extents or (first.is_whole and second.is_whole):
            return Basis.ELEMENTS
        if first.shape != second.shape:
            return Basis.ELEMENTS
        has_corner = first.data is not None and second.data is not None
        has_statistics = first.statistics is not None and second.statistics is not None
        return Basis.STATISTICS if has_corner or has_statistics else Basis.NOTHING

    def extent_of(self, difference: Difference) -> Extent | None:
        """How many of the compared elements differ and how much; None where that is not known."""
        first, second = self.before.value(difference.before), self.after.value(difference.after)
        if first is None or second is None:
            return None
        return self._extent(first, second)

    def statistics_of(self, difference: Difference) -> tuple[str, ...]:
        """The statistics that differ, where it was compared by these."""
        first, second = self.before.value(difference.before), self.after.value(difference.after)
        if first is None or second is None or self.basis_of(difference) is not Basis.STATISTICS:
            return ()
        return differing_statistics(first, second, self.tolerance) or ()

    def _extent(self, first: Value, second: Value) -> Extent | None:
        known = self._extents.get((first.id, second.id))
        return known or extent_of_kept(first, second, self.tolerance)

    def _differ(self, pair: Difference) -> bool:
        first, second = self.before.value(pair.before), self.after.value(pair.after)
        if first is None or second is None:
            return first is not second and pair.quantity is not Quantity.VALUE
        if first.shape != second.shape:
            return True
        if self.tolerance == EXACT and first.dtype != second.dtype:
            return True
        known = self._extents.get((first.id, second.id))
        if known is None and is_same_value(first, second):
            return False
        extent = known or extent_of_kept(first, second, self.tolerance)
        if extent is not None and extent.differing:
            return True
        is_complete = known is not None or (first.is_whole and second.is_whole)
        return not is_complete and bool(differing_statistics(first, second, self.tolerance))


def _stage(pair: Difference) -> int:
    return {Quantity.VALUE: 0, Quantity.GRAD: 2}.get(pair.quantity, 1)

"""From two orders of a layered graph a third, with the better rows of either."""

from __future__ import annotations

from itertools import pairwise
from typing import Final

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Bools, Ints
from gradviz.layout.rows import Rows
from gradviz.layout.sorting import run_starts

MAX_PAIRS: Final = 700_000
"""Pairs of edges between neighbouring rows up to which orders are merged."""


class Merger:
    """Chooses row by row between two orders, so that crossings are as few as that can make them.

    Crossings lie between neighbouring rows, so that the best choice is a shortest way along each
    component: never more crossings than either order has.

    Attributes:
        is_possible: whether there are few enough pairs of edges to look at.
    """

    def __init__(self, layers: Layers, rows: Rows) -> None:
        upper, lower = layers.upper, layers.lower
        gap = rows.of[upper]
        begins = run_starts(gap)
        size = np.diff(begins, append=len(gap))
        self.is_possible = int((size * (size - 1) // 2).sum()) <= MAX_PAIRS
        self._rows, self._row_count = rows, len(rows.size)
        if not self.is_possible:
            return
        end = np.repeat(begins + size, size)
        later = end - np.arange(len(gap)) - 1
        one = np.repeat(np.arange(len(gap)), later)
        offset = np.cumsum(later) - later
        other = one + 1 + np.arange(len(one)) - np.repeat(offset, later)
        apart = (upper[one] != upper[other]) & (lower[one] != lower[other])
        one, other = one[apart], other[apart]
        self._upper = upper[one], upper[other]
        self._lower = lower[one], lower[other]
        pair_gap = gap[one]
        self._begins = run_starts(pair_gap)
        self._gaps = pair_gap[self._begins]
        # The row above each in its component, -1 for the first; rows of a component in order.
        order = np.lexsort((rows.layer, rows.component))
        component = rows.component[order]
        self._order = order
        self._firsts = run_starts(component)

    def count(self, local: Ints) -> int:
        """The crossings of an order, places within rows."""
        return int((self._sides(local, self._upper) ^ self._sides(local, self._lower)).sum())

    def merge(self, one: Ints, other: Ints) -> tuple[Ints, int]:
        """The best of both, and its crossings; where they are equal the first has its way."""
        upper = [self._sides(local, self._upper) for local in (one, other)]
        lower = [self._sides(local, self._lower) for local in (one, other)]
        costs = [self._per_row(a ^ b) for a in upper for b in lower]
        chosen = np.zeros(self._row_count, dtype=np.bool_)
        total = 0
        bounds = [*self._firsts.tolist(), self._row_count]
        for first, last in pairwise(bounds):
            path = self._order[first:last]
            picks, cost = _cheapest([each[path].tolist() for each in costs])
            chosen[path] = picks
            total += cost
        return np.where(chosen[self._rows.of], other, one), total

    def _sides(self, local: Ints, ends: tuple[Ints, Ints]) -> Bools:
        return np.asarray(local.take(ends[0]) < local.take(ends[1]))

    def _per_row(self, crossed: Bools) -> Ints:
        result = np.zeros(self._row_count, dtype=np.intp)
        if len(self._begins):
            result[self._gaps] = np.add.reduceat(crossed, self._begins, dtype=np.intp)
        return result


def _cheapest(costs: list[list[int]]) -> tuple[list[bool], int]:
    """The cheapest way along rows of two orders; costs by order above and below are those below.

    `costs` are of the first order on both sides, of the first above the second, of the second
    above the first, and of the second, each by the row above.
    """
    a = b = 0
    from_other: list[tuple[bool, bool]] = []
    for same, out, back, there in zip(*costs, strict=True):
        a_from_a, a_from_b = a + same, b + back
        b_from_a, b_from_b = a + out, b + there
        from_other.append((a_from_b < a_from_a, b_from_b < b_from_a))
        a = a_from_b if a_from_b < a_from_a else a_from_a
        b = b_from_b if b_from_b < b_from_a else b_from_a
    # Below the last row nothing costs anything, so that there it is as if the first went on.
    is_other = False
    picks = []
    for pair in reversed(from_other):
        is_other = pair[is_other]
        picks.append(is_other)
    return picks[::-1], a

"""Spines as units, and the room that they need."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradviz.layout.columns import Columns
from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Floats, Ints
from gradviz.layout.sorting import run_starts

WIDEST: Final = 2.0
"""Times the width of the widest layer that a picture may have."""
MAX_CUTS: Final = 12
"""Rounds of cutting lines that need too much room."""


class Blocks:
    """Spines as units: the distances that they must keep from each other."""

    def __init__(self, block: Ints, columns: Columns) -> None:
        self.of = block
        self.count = int(block.max()) + 1
        self.size = np.bincount(block, minlength=self.count).astype(np.float64)
        left, right = block[columns.left], block[columns.right]
        by_pair = np.lexsort((-columns.distance, left * self.count + right))
        pair = left[by_pair] * self.count + right[by_pair]
        kept = by_pair[run_starts(pair)]
        self.distances = left[kept], right[kept], columns.distance[kept]
        self._vertex = columns.left[kept]
        self._left, self._right = left[kept].tolist(), right[kept].tolist()
        self._apart = columns.distance[kept].tolist()
        self._push()

    def _push(self) -> None:
        """Push everything to the right as far as distances make it go, from the left on."""
        right, apart = self._right, self._apart
        # Distances are sorted by the block at their left.
        first = np.searchsorted(self.distances[0], np.arange(self.count + 1)).tolist()
        waiting = np.bincount(self.distances[1], minlength=self.count).tolist()
        at = [0.0] * self.count
        pushed_by = [-1] * self.count
        order = [b for b in range(self.count) if not waiting[b]]
        for a in order:
            here = at[a]
            for number in range(first[a], first[a + 1]):
                b = right[number]
                reached = here + apart[number]
                if reached > at[b]:
                    at[b], pushed_by[b] = reached, number
                left = waiting[b] = waiting[b] - 1
                if not left:
                    order.append(b)
        self._order, self._first, self._at, self._pushed_by = order, first, at, pushed_by

    def weigh(self, weight: Floats) -> tuple[Floats, Floats]:
        """What `mean` wants beside values: the weight of each vertex, and of each block."""
        total = np.bincount(self.of, weights=weight, minlength=self.count)
        return weight, total.astype(np.float64)

    def mean(self, values: Floats, weight: Floats, total: Floats) -> Floats:
        """Each block's weighted mean of its vertices' values."""
        summed = np.bincount(self.of, weights=values * weight, minlength=self.count)
        return np.asarray(summed / total)

    def separate(self, wanted: Floats) -> Floats:
        """Near those wanted, and keeping all distances: the middle of pushing both ways."""
        right, apart, first = self._right, self._apart, self._first
        rightwards = wanted.tolist()
        for a in self._order:
            here = rightwards[a]
            for number in range(first[a], first[a + 1]):
                b, reached = right[number], here + apart[number]
                if reached > rightwards[b]:
                    rightwards[b] = reached
        leftwards = wanted.tolist()
        for a in reversed(self._order):
            here = leftwards[a]
            for number in range(first[a], first[a + 1]):
                reached = leftwards[right[number]] - apart[number]
                if reached < here:
                    here = reached
            leftwards[a] = here
        middle: Floats = (np.array(rightwards) + np.array(leftwards)) / 2
        return middle

    def longest_push(self) -> tuple[float, list[tuple[int, float, int, int]]]:
        """The least width of everything, and the chain of blocks that needs it, from the right.

        Each of the chain with its distance from the leftmost and the vertices at whose layers it
        is pushed and pushes on, -1 at the ends.
        """
        left, at, pushed_by = self._left, self._at, self._pushed_by
        b = max(range(self.count), key=at.__getitem__)
        width, pushes, chain = at[b], -1, []
        while b >= 0:
            number = pushed_by[b]
            pushed = int(self._vertex[number]) if number >= 0 else -1
            chain.append((b, at[b], pushed, pushes))
            b, pushes = (left[number] if number >= 0 else -1), pushed
        return width, chain


def without_staircases(layers: Layers, columns: Columns, block: Ints) -> Blocks:
    """Blocks that leave the picture about as narrow as its widest layer.

    Straight lines side by side may need far more room than any layer has in it, where one that
    ends pushes one that goes on, over and over. Such chains are cut at some of their lines.
    """
    blocks = Blocks(block, columns)
    limit = WIDEST * (float(columns.offset.max()) + columns.room)
    for _ in range(MAX_CUTS):
        width, chain = blocks.longest_push()
        if width <= limit:
            break
        last, is_cut = width, False
        block = blocks.of.copy()
        number = blocks.count
        for b, at, pushed, pushes in chain:
            if pushed < 0 or pushes < 0 or last - at < limit / 4:
                continue
            first, second = int(layers.layer[pushed]), int(layers.layer[pushes])
            if first == second:
                continue
            members = np.flatnonzero(blocks.of == b)
            if (layers.node[members] < 0).mean() > 0.5 and last - at < limit / 2:
                continue
            block[members[layers.layer[members] > min(first, second)]] = number
            number, last, is_cut = number + 1, at, True
        if not is_cut:
            break
        blocks = Blocks(block, columns)
    return blocks

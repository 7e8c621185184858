"""Spines as units, and the room that they need."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradviz.layout.columns import Columns
from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Floats, Ints

WIDEST: Final = 2.0
"""Times the width of the widest layer that a picture may have."""
MOST_CUTS: Final = 12
"""Rounds of cutting lines that need too much room."""


class Blocks:
    """Spines as units: the distances that they must keep from each other."""

    def __init__(self, block: Ints, columns: Columns) -> None:
        self.of = block
        self.count = int(block.max()) + 1
        self.size = np.bincount(block, minlength=self.count).astype(np.float64)
        left, right = block[columns.left], block[columns.right]
        by_pair = np.lexsort((-columns.distance, right, left))
        pair = left[by_pair] * self.count + right[by_pair]
        kept = by_pair[np.r_[True, pair[1:] != pair[:-1]]] if len(pair) else by_pair
        self._right_of: list[list[tuple[int, float]]] = [[] for _ in range(self.count)]
        self._left_of: list[list[tuple[int, float]]] = [[] for _ in range(self.count)]
        self.distances = left[kept], right[kept], columns.distance[kept]
        self._vertex = columns.left[kept]
        ends = zip(*(values.tolist() for values in self.distances), strict=True)
        for a, b, distance in ends:
            self._right_of[a].append((b, distance))
            self._left_of[b].append((a, distance))
        waiting = [len(blocks) for blocks in self._left_of]
        self._from_left = [b for b in range(self.count) if not waiting[b]]
        for a in self._from_left:
            for b, _ in self._right_of[a]:
                waiting[b] -= 1
                if not waiting[b]:
                    self._from_left.append(b)

    def mean(self, values: Floats, weight: Floats) -> Floats:
        """Each block's weighted mean of its vertices' values."""
        total = np.bincount(self.of, weights=values * weight, minlength=self.count)
        return np.asarray(total / np.bincount(self.of, weights=weight, minlength=self.count))

    def separate(self, wanted: Floats) -> Floats:
        """Near those wanted, and keeping all distances: the middle of pushing both ways."""
        rightwards = wanted.tolist()
        for b in self._from_left:
            for a, distance in self._left_of[b]:
                rightwards[b] = max(rightwards[b], rightwards[a] + distance)
        leftwards = wanted.tolist()
        for a in reversed(self._from_left):
            for b, distance in self._right_of[a]:
                leftwards[a] = min(leftwards[a], leftwards[b] - distance)
        middle: Floats = (np.array(rightwards) + np.array(leftwards)) / 2
        return middle

    def longest_push(self) -> tuple[float, list[tuple[int, float, int, int]]]:
        """The least width of everything, and the chain of blocks that needs it, from the right.

        Each of the chain with its distance from the leftmost and the vertices at whose layers it
        is pushed and pushes on, -1 at the ends.
        """
        left, right, distance = self.distances
        at = [0.0] * self.count
        pushed_by = [-1] * self.count
        into: list[list[int]] = [[] for _ in range(self.count)]
        for number, b in enumerate(right.tolist()):
            into[b].append(number)
        lefts, apart = left.tolist(), distance.tolist()
        for b in self._from_left:
            for number in into[b]:
                reached = at[lefts[number]] + apart[number]
                if reached > at[b]:
                    at[b], pushed_by[b] = reached, number
        b = max(range(self.count), key=at.__getitem__)
        width, pushes, chain = at[b], -1, []
        while b >= 0:
            number = pushed_by[b]
            pushed = int(self._vertex[number]) if number >= 0 else -1
            chain.append((b, at[b], pushed, pushes))
            b, pushes = (lefts[number] if number >= 0 else -1), pushed
        return width, chain


def without_staircases(layers: Layers, columns: Columns, block: Ints) -> Blocks:
    """Blocks that leave the picture about as narrow as its widest layer.

    Straight lines side by side may need far more room than any layer has in it, where one that
    ends pushes one that goes on, over and over. Such chains are cut at some of their lines.
    """
    blocks = Blocks(block, columns)
    limit = WIDEST * (float(columns.offset.max()) + columns.room)
    for _ in range(MOST_CUTS):
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

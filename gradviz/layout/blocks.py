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
        self.distances = left[kept], right[kept], columns.distance[kept]
        self._vertex = columns.left[kept]
        # Each distance by its number: the blocks that keep it, and those of each block.
        self._left, self._right = left[kept].tolist(), right[kept].tolist()
        self._apart = columns.distance[kept].tolist()
        self._right_of: list[list[int]] = [[] for _ in range(self.count)]
        self._left_of: list[list[int]] = [[] for _ in range(self.count)]
        for number, (a, b) in enumerate(zip(self._left, self._right, strict=True)):
            self._right_of[a].append(number)
            self._left_of[b].append(number)
        waiting = [len(numbers) for numbers in self._left_of]
        self._from_left = [b for b in range(self.count) if not waiting[b]]
        for a in self._from_left:
            for number in self._right_of[a]:
                b = self._right[number]
                waiting[b] -= 1
                if not waiting[b]:
                    self._from_left.append(b)

    def mean(self, values: Floats, weight: Floats) -> Floats:
        """Each block's weighted mean of its vertices' values."""
        total = np.bincount(self.of, weights=values * weight, minlength=self.count)
        return np.asarray(total / np.bincount(self.of, weights=weight, minlength=self.count))

    def separate(self, wanted: Floats) -> Floats:
        """Near those wanted, and keeping all distances: the middle of pushing both ways."""
        left, right, apart = self._left, self._right, self._apart
        rightwards = wanted.tolist()
        for b in self._from_left:
            for number in self._left_of[b]:
                rightwards[b] = max(rightwards[b], rightwards[left[number]] + apart[number])
        leftwards = wanted.tolist()
        for a in reversed(self._from_left):
            for number in self._right_of[a]:
                leftwards[a] = min(leftwards[a], leftwards[right[number]] - apart[number])
        middle: Floats = (np.array(rightwards) + np.array(leftwards)) / 2
        return middle

    def longest_push(self) -> tuple[float, list[tuple[int, float, int, int]]]:
        """The least width of everything, and the chain of blocks that needs it, from the right.

        Each of the chain with its distance from the leftmost and the vertices at whose layers it
        is pushed and pushes on, -1 at the ends.
        """
        left, apart = self._left, self._apart
        at = [0.0] * self.count
        pushed_by = [-1] * self.count
        for b in self._from_left:
            for number in self._left_of[b]:
                reached = at[left[number]] + apart[number]
                if reached > at[b]:
                    at[b], pushed_by[b] = reached, number
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

"""The x of every vertex: spines straight, neighbours near, nothing too close."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.optimize import isotonic_regression

from gradviz.layout.exact import least_slant
from gradviz.layout.layers import Layers
from gradviz.layout.model import ShouldStop, Spacing, check
from gradviz.layout.prepare import Floats, Ints

EXACT_BLOCKS: Final = 150
EXACT_DISTANCES: Final = 400
"""Sizes up to which the least-squares problem is solved exactly, in some milliseconds."""


class Columns:
    """Vertices in their order within groups (a component's part of a layer), with distances.

    `reach` is how far each vertex goes to the left and to the right of its x.
    """

    def __init__(
        self,
        layers: Layers,
        place: Ints,
        reach: tuple[Floats, Floats],
        spacing: Spacing,
    ) -> None:
        order = np.argsort(layers.first[layers.layer] + place, kind="stable")
        self.order = order
        layer, component = layers.layer[order], layers.component[order]
        same = (layer[1:] == layer[:-1]) & (component[1:] == component[:-1])
        bend = layers.node[order] < 0
        gap = np.where(bend[1:] | bend[:-1], spacing.line_gap, spacing.node_gap)
        leftwards, rightwards = reach
        distance = leftwards[order][1:] + rightwards[order][:-1] + gap
        self.left = order[:-1][same]
        self.right = order[1:][same]
        self.distance = distance[same]
        self.group = np.cumsum(np.r_[0, ~same]) if len(order) else np.zeros(0, dtype=np.intp)
        steps = np.cumsum(np.r_[0.0, np.where(same, distance, 0.0)]) if len(order) else np.zeros(0)
        starts = np.flatnonzero(np.r_[True, ~same]) if len(order) else np.zeros(0, dtype=np.intp)
        self.offset = steps - steps[starts][self.group] if len(order) else steps

    def separate(self, wanted: Floats, weight: Floats) -> Floats:
        """The nearest x to those wanted, by least squares, that keep all distances."""
        target = wanted[self.order] - self.offset
        apart = self.group * (np.ptp(target) + 1.0)
        fitted = isotonic_regression(target + apart, weights=weight[self.order]).x
        result = np.empty_like(wanted)
        result[self.order] = fitted - apart + self.offset
        return result

    def start(self) -> Floats:
        """Every group packed around 0."""
        result = np.empty(len(self.order))
        widest = np.zeros(int(self.group[-1]) + 1)
        np.maximum.at(widest, self.group, self.offset)
        result[self.order] = self.offset - widest[self.group] / 2
        return result


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


def assign_x(
    layers: Layers,
    columns: Columns,
    block: Ints,
    *,
    rounds: int,
    should_stop: ShouldStop | None,
) -> Floats:
    """The x of every vertex's centre."""
    if not layers.count:
        return np.zeros(0)
    blocks = Blocks(block, columns)
    upper, lower = layers.upper, layers.lower
    ends = block[upper], block[lower]
    if blocks.count <= EXACT_BLOCKS and len(blocks.distances[0]) <= EXACT_DISTANCES:
        slanted = ends[0] != ends[1]
        exact = least_slant(blocks.count, (ends[0][slanted], ends[1][slanted]), blocks.distances)
        if exact is not None:
            return blocks.separate(exact)[block]
    degree = np.bincount(upper, minlength=layers.count) + np.bincount(lower, minlength=layers.count)
    weight = np.maximum(degree, 1e-3)
    x = columns.start()
    for _ in range(rounds):
        check(should_stop)
        pull = np.bincount(upper, weights=x[lower] - x[upper], minlength=layers.count)
        pull += np.bincount(lower, weights=x[upper] - x[lower], minlength=layers.count)
        wanted = x + pull / np.maximum(degree, 1.0) * 0.8
        x = columns.separate(blocks.mean(wanted, weight)[block], weight)
    return blocks.separate(blocks.mean(x, weight))[block]

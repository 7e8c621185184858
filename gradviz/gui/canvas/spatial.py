"""Find what of very many boxes lies in a rectangle, looking only at what is near."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from gradviz.gui.canvas.geometry import Box, Indices, Points, touching

CELL: Final = 512.0
"""Side of a cell in pixels of the scene: about the twenty cards that a person looks at."""
SPREAD: Final = 16
"""What lies in more cells than this is not sorted into them but always looked at."""
FEW: Final = 256
"""Fewer boxes than this are looked at one and all."""


class SpatialIndex:
    """Boxes, shape (n, 4) as left, top, right, bottom, sorted into square cells."""

    def __init__(self, boxes: Points) -> None:
        # Each side of all boxes in a row, as they are compared.
        self._boxes = np.asfortranarray(boxes)
        self._last: tuple[Box, Indices] | None = None
        self._is_sorted = len(boxes) > FEW
        if self._is_sorted:
            self._sort()

    def _sort(self) -> None:
        boxes = self._boxes
        self._left, self._top = boxes[:, :2].min(axis=0).tolist()
        wide, high = boxes[:, 2].max() - self._left, boxes[:, 3].max() - self._top
        # No more cells than boxes, however far those are from each other.
        self._side = max(CELL, math.sqrt(wide * high / len(boxes)))
        self._columns = int(wide // self._side) + 1
        self._rows = int(high // self._side) + 1
        origin = np.array((self._left, self._top) * 2)
        at = ((boxes - origin) // self._side).astype(np.intp)
        across, down = at[:, 2] - at[:, 0] + 1, at[:, 3] - at[:, 1] + 1
        is_large = across * down > SPREAD
        self._large = np.flatnonzero(is_large)
        small = np.flatnonzero(~is_large)
        counts = (across * down)[small]
        members = np.repeat(small, counts)
        nth = np.arange(len(members)) - np.repeat(np.cumsum(counts) - counts, counts)
        column = at[members, 0] + nth % across[members]
        row = at[members, 1] + nth // across[members]
        cell = row * self._columns + column
        order = np.argsort(cell, kind="stable")
        self._members = members[order]
        self._starts = np.searchsorted(cell[order], np.arange(self._rows * self._columns + 1))

    def touching(self, box: Box) -> Indices:
        """Which boxes share a point with one, in ascending order."""
        # One tile's edges and cards are asked for several times in turn.
        last = self._last
        if last is None or last[0] != box:
            self._last = last = box, self._find(box)
        return last[1]

    def _find(self, box: Box) -> Indices:
        if not self._is_sorted:
            return touching(self._boxes, box)
        first = max(int((box.left - self._left) // self._side), 0)
        last = min(int((box.right - self._left) // self._side), self._columns - 1)
        top = max(int((box.top - self._top) // self._side), 0)
        bottom = min(int((box.bottom - self._top) // self._side), self._rows - 1)
        if (last - first + 1) * (bottom - top + 1) * 2 > self._rows * self._columns:
            return touching(self._boxes, box)
        near = [self._large]
        if first <= last:
            for row in range(top, bottom + 1):
                start = row * self._columns
                begin, end = self._starts[start + first], self._starts[start + last + 1]
                near.append(self._members[begin:end])
        is_near = np.zeros(len(self._boxes), np.bool_)
        is_near[np.concatenate(near)] = True
        found = np.flatnonzero(is_near)
        return found[touching(self._boxes[found], box)]

"""Rectangles of the scene, one and many at a time."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np

Points = np.ndarray[Any, np.dtype[np.float64]]
Indices = np.ndarray[Any, np.dtype[np.intp]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]

OUTWARDS: Final = np.array((-1.0, -1.0, 1.0, 1.0))
"""Times a length, what makes a box larger by it on every side."""


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Horizontal extent."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Vertical extent."""
        return self.bottom - self.top

    @property
    def centre(self) -> tuple[float, float]:
        """Its middle."""
        return (self.left + self.right) / 2, (self.top + self.bottom) / 2

    def contains(self, x: float, y: float) -> bool:
        """Whether a point is inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def holds(self, other: Box) -> bool:
        """Whether another box is inside."""
        return (
            self.left <= other.left
            and self.top <= other.top
            and self.right >= other.right
            and self.bottom >= other.bottom
        )

    def grown(self, by: float) -> Box:
        """The same with a border added on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


def touching(boxes: Points, box: Box) -> Indices:
    """Which of many boxes, shape (n, 4), share a point with one."""
    return np.flatnonzero(
        (boxes[:, 0] <= box.right)
        & (boxes[:, 2] >= box.left)
        & (boxes[:, 1] <= box.bottom)
        & (boxes[:, 3] >= box.top)
    )

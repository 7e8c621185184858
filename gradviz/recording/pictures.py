"""Small pictures of large values: a matrix shrunk to a heat map, all elements as a histogram."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final, TypeAlias

import msgspec

if TYPE_CHECKING:
    import numpy as np

    Array: TypeAlias = np.ndarray[Any, Any]

SIDE: Final = 256
"""Rows and columns of a heat map; a panel shows no more."""
BINS: Final = 64


class Picture(msgspec.Struct, frozen=True, gc=False):
    """A matrix of `rows` × `columns` little-endian float32 in C order.

    Each cell stands for a block of `row_step` × `column_step` elements, the last ones perhaps for
    fewer: it is the one with the largest absolute value, and NaN where there is any. Of complex
    elements it is the absolute value.
    """

    rows: int
    columns: int
    row_step: int
    column_step: int
    data: bytes

    def matrix(self) -> Array:
        """The cells. Raises ValueError where there are fewer or more than it says."""
        # Late, since messages know pictures, and the window is shown before anything heavy.
        import numpy as np

        return np.frombuffer(self.data, "<f4").reshape(self.rows, self.columns)


class Histogram(msgspec.Struct, frozen=True, gc=False):
    """How many elements lie in each of `counts` equal parts of `low` to `high`.

    Those that are not finite are counted by themselves.
    """

    low: float
    high: float
    counts: tuple[int, ...]
    nan: int = 0
    positive_inf: int = 0
    negative_inf: int = 0


def steps_for(rows: int, columns: int, side: int = SIDE) -> tuple[int, int]:
    """How many rows and columns share a cell, so that no side has more than `side` cells."""
    return max(1, -(-rows // side)), max(1, -(-columns // side))


def picture_of(matrix: Array, side: int = SIDE) -> Picture:
    """The heat map of a matrix."""
    import numpy as np

    if matrix.dtype.kind == "c":
        matrix = np.abs(matrix)
    cells = matrix.astype(np.float32)
    row_step, column_step = steps_for(cells.shape[0], cells.shape[1], side)
    if cells.size and (row_step, column_step) != (1, 1):
        starts = (np.arange(0, cells.shape[0], row_step), np.arange(0, cells.shape[1], column_step))
        with np.errstate(invalid="ignore"):
            high = np.maximum.reduceat(np.maximum.reduceat(cells, starts[0], 0), starts[1], 1)
            low = np.minimum.reduceat(np.minimum.reduceat(cells, starts[0], 0), starts[1], 1)
            cells = np.where(np.abs(low) > np.abs(high), low, high)
    rows, columns = cells.shape
    return Picture(rows, columns, row_step, column_step, cells.astype("<f4").tobytes())


def histogram_of(array: Array) -> Histogram:
    """The histogram of all elements; of complex ones that of their absolute values."""
    import numpy as np

    if array.dtype.kind == "c":
        array = np.abs(array)
    elements = array.astype(np.float64).reshape(-1)
    finite = elements[np.isfinite(elements)]
    low, high = (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)
    with np.errstate(over="ignore"):
        is_narrow = not np.isfinite(high - low) or high <= low
    if is_narrow:
        counts = np.array([finite.size])
    else:
        counts, _ = np.histogram(finite, bins=BINS, range=(low, high))
    return Histogram(
        low,
        high,
        tuple(int(count) for count in counts),
        nan=int(np.isnan(elements).sum()),
        positive_inf=int((elements == np.inf).sum()),
        negative_inf=int((elements == -np.inf).sum()),
    )

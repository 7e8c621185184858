"""Components side by side, in rows; those of a single node in a grid."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradviz.layout.prepare import Bools, Floats

ASPECT: Final = 1.6
"""Width divided by height that rows aim at: that of a window."""

Packed = tuple[Floats, Floats, tuple[float, float]]
"""Left and top of each box, and the size of the whole."""


def pack(width: Floats, height: Floats, gap: float, *, one_row: bool = False) -> Packed:
    """Boxes in rows, in their order."""
    count = len(width)
    left, top = np.zeros(count), np.zeros(count)
    if not count:
        return left, top, (0.0, 0.0)
    row_width = np.inf if one_row else _row_width(width, height, gap)
    x = y = row_height = widest = 0.0
    for i, (w, h) in enumerate(zip(width.tolist(), height.tolist(), strict=True)):
        if x and x + w > row_width + 1e-6:
            x, y, row_height = 0.0, y + row_height + gap, 0.0
        left[i], top[i] = x, y
        x += w + gap
        widest = max(widest, x - gap)
        row_height = max(row_height, h)
    return left, top, (widest, y + row_height)


def pack_with_grid(
    width: Floats,
    height: Floats,
    gap: float,
    *,
    alone: Bools,
    grid_gap: float,
    one_row: bool = False,
) -> Packed:
    """Boxes in rows, and those `alone` in a grid below them, or behind them in the one row."""
    left, top = np.zeros(len(width)), np.zeros(len(width))
    rest = ~alone
    left[rest], top[rest], size = pack(width[rest], height[rest], gap, one_row=one_row)
    if not alone.any():
        return left, top, size
    limit = _row_width(width[alone], height[alone], grid_gap)
    if not one_row:
        limit = max(limit, size[0])
    x, y, grid_size = grid(width[alone], height[alone], grid_gap, limit)
    if not rest.any():
        offset, size = (0.0, 0.0), grid_size
    elif one_row:
        offset = (size[0] + gap, 0.0)
        size = (offset[0] + grid_size[0], max(size[1], grid_size[1]))
    else:
        offset = (0.0, size[1] + gap)
        size = (max(size[0], grid_size[0]), offset[1] + grid_size[1])
    left[alone], top[alone] = x + offset[0], y + offset[1]
    return left, top, size


def grid(width: Floats, height: Floats, gap: float, limit: float) -> Packed:
    """Boxes in rows and columns, in reading order, as many columns as the limit has room for."""
    count = len(width)
    columns = min(count, max(1, int((limit + gap) / (float(width.min()) + gap))))
    while True:
        column = np.arange(count) % columns
        wide = np.zeros(columns)
        np.maximum.at(wide, column, width)
        if columns == 1 or wide.sum() + gap * (columns - 1) <= limit + 1e-6:
            break
        columns -= 1
    row = np.arange(count) // columns
    tall = np.zeros(int(row[-1]) + 1)
    np.maximum.at(tall, row, height)
    right, bottom = np.cumsum(wide + gap), np.cumsum(tall + gap)
    left = (right - wide - gap)[column] + (wide[column] - width) / 2
    top = (bottom - tall - gap)[row] + (tall[row] - height) / 2
    return left, top, (float(right[-1]) - gap, float(bottom[-1]) - gap)


def _row_width(width: Floats, height: Floats, gap: float) -> float:
    area = float(((width + gap) * (height + gap)).sum())
    return max(float(width.max()), float(np.sqrt(area * ASPECT)) - gap)

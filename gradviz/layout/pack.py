"""Components side by side, in rows."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradviz.layout.prepare import Floats

ASPECT: Final = 1.6
"""Width divided by height that rows aim at: that of a window."""


def pack(
    width: Floats, height: Floats, gap: float, *, one_row: bool = False
) -> tuple[Floats, Floats, tuple[float, float]]:
    """Left and top of each box, and the size of the whole; boxes keep their order."""
    count = len(width)
    left, top = np.zeros(count), np.zeros(count)
    if not count:
        return left, top, (0.0, 0.0)
    area = float(((width + gap) * (height + gap)).sum())
    row_width = max(float(width.max()), float(np.sqrt(area * ASPECT)) - gap)
    if one_row:
        row_width = np.inf
    x = y = row_height = widest = 0.0
    for i, (w, h) in enumerate(zip(width.tolist(), height.tolist(), strict=True)):
        if x and x + w > row_width + 1e-6:
            x, y, row_height = 0.0, y + row_height + gap, 0.0
        left[i], top[i] = x, y
        x += w + gap
        widest = max(widest, x - gap)
        row_height = max(row_height, h)
    return left, top, (widest, y + row_height)

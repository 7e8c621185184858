"""Kernels of a convolution as small images side by side."""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from gradviz.recording.pictures import SIDE, Picture

_LARGEST_KERNEL: Final = 16
_FEWEST: Final = 2


def is_kernel(shape: tuple[int, ...]) -> bool:
    """Whether a shape is that of a convolution's weight: (outputs, inputs, rows, columns)."""
    return (
        len(shape) == 4
        and _FEWEST <= max(shape[2:]) <= _LARGEST_KERNEL
        and 0 not in shape
        and shape[0] * shape[1] * shape[2] * shape[3] <= 1 << 20
    )


def mosaic_of(kernels: np.ndarray[Any, Any]) -> Picture:
    """A group of images for each output, with an image for each input, as square as they go.

    Images are one cell of zeros apart, groups two. As many as have room in `SIDE` cells are shown.
    """
    if kernels.dtype.kind == "c":
        kernels = np.abs(kernels)
    outputs, inputs, rows, columns = kernels.shape
    inputs = min(inputs, max(SIDE // (columns + 1), 1))
    height, width = rows + 2, inputs * (columns + 1) + 1
    across = min(max(round(math.sqrt(outputs * height / width)), 1), max(SIDE // width, 1), outputs)
    down = min(-(-outputs // across), max(SIDE // height, 1))
    cells = np.zeros((down * height - 2, across * width - 2), "<f4")
    for output in range(min(outputs, across * down)):
        top, left = output // across * height, output % across * width
        for input_ in range(inputs):
            at = left + input_ * (columns + 1)
            cells[top : top + rows, at : at + columns] = kernels[output, input_]
    return Picture(cells.shape[0], cells.shape[1], 1, 1, cells.tobytes())

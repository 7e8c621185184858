"""Heat maps and histograms of tensors too large to be sent, computed in the worker in pieces."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Final

import torch

from gradviz.recording.pictures import BINS, SIDE, Histogram, Picture, steps_for

_CHUNK: Final = 1 << 22
"""Elements that are worked on at a time, so that a large tensor needs little extra memory."""


def picture_of(matrix: torch.Tensor, side: int = SIDE) -> Picture:
    """The heat map of a matrix, as `recording.pictures` defines it."""
    rows, columns = matrix.shape
    row_step, column_step = steps_for(rows, columns, side)
    height, width = -(-rows // row_step), -(-columns // column_step)
    cells = torch.zeros(height, width)
    for row in range(height if matrix.numel() else 0):
        block = _real(matrix[row * row_step : (row + 1) * row_step])
        high, low = block.amax(0), block.amin(0)
        padding = width * column_step - columns
        if padding:
            # The last element once more changes neither the largest nor the smallest.
            high = torch.cat([high, high[-1:].expand(padding)])
            low = torch.cat([low, low[-1:].expand(padding)])
        high = high.view(width, column_step).amax(1)
        low = low.view(width, column_step).amin(1)
        cells[row] = torch.where(low.abs() > high.abs(), low, high).float().cpu()
    data = cells.contiguous().numpy().astype("<f4").tobytes()
    return Picture(height, width, row_step, column_step, data)


def histogram_of(tensor: torch.Tensor) -> Histogram:
    """The histogram of all elements, as `recording.pictures` defines it."""
    low, high = math.inf, -math.inf
    nan = above = below = finite_count = 0
    for chunk in _chunks(tensor):
        finite = chunk[chunk.isfinite()]
        if finite.numel() < chunk.numel():
            nan += int(chunk.isnan().sum())
            above += int(chunk.isposinf().sum())
            below += int(chunk.isneginf().sum())
        if finite.numel():
            smallest, largest = finite.aminmax()
            low, high = min(low, float(smallest)), max(high, float(largest))
            finite_count += finite.numel()
    if not finite_count:
        return Histogram(0.0, 0.0, (0,), nan, above, below)
    if high <= low or not math.isfinite(high - low):
        return Histogram(low, high, (finite_count,), nan, above, below)
    counts = torch.zeros(BINS, dtype=torch.int64)
    for chunk in _chunks(tensor):
        finite = chunk[chunk.isfinite()]
        at = ((finite - low) * (BINS / (high - low))).long().clamp_(0, BINS - 1)
        counts += torch.bincount(at, minlength=BINS).cpu()
    return Histogram(low, high, tuple(counts.tolist()), nan, above, below)


def _chunks(tensor: torch.Tensor) -> Iterator[torch.Tensor]:
    for chunk in torch.split(tensor.reshape(-1), _CHUNK):
        yield _real(chunk).double()


def _real(part: torch.Tensor) -> torch.Tensor:
    # Beside the CPU only CUDA has double precision for sure.
    part = part if part.is_cuda else part.cpu()
    if part.is_complex():
        return part.abs()
    return part if part.is_floating_point() else part.double()

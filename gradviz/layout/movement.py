"""Measure the stability of layouts: how much a picture moved from one to the next."""

from __future__ import annotations

from typing import Generic

import msgspec
import numpy as np

from gradviz.layout.model import Direction, Layout, NodeT


class Movement(msgspec.Struct, Generic[NodeT], frozen=True):
    """Movement of the nodes that both layouts have, in pixels, once the pictures are aligned.

    `across` and `along` are medians over the nodes of the distance across and along the
    direction of the edges; `most` is the largest distance. `swapped` is the number of pairs of
    neighbours in a layer that are the other way round afterwards, and still in one layer.
    """

    across: float
    along: float
    most: float
    swapped: int


def movement(
    before: Layout[NodeT], after: Layout[NodeT], *, direction: Direction = Direction.DOWN
) -> Movement[NodeT]:
    """Compare two layouts of (nearly) the same graph; alignment is by the median movement."""
    nodes = [node for node in before.positions if node in after.positions]
    if not nodes:
        return Movement(across=0.0, along=0.0, most=0.0, swapped=0)
    old = np.array([before.positions[node] for node in nodes])
    new = np.array([after.positions[node] for node in nodes])
    if direction is Direction.RIGHT:
        old, new = old[:, ::-1], new[:, ::-1]
    moved = np.abs(new - old - np.median(new - old, axis=0))
    order = np.lexsort((old[:, 0], old[:, 1]))
    old, new = old[order], new[order]
    together = (old[1:, 1] == old[:-1, 1]) & (new[1:, 1] == new[:-1, 1])
    swapped = together & (new[1:, 0] < new[:-1, 0])
    across, along = np.median(moved, axis=0)
    return Movement(
        across=float(across),
        along=float(along),
        most=float(np.hypot(*moved.T).max()),
        swapped=int(swapped.sum()),
    )

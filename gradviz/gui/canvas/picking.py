"""Which edge is under the pointer."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradviz.gui.canvas.curves import curve_lines
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.scene import Scene

SAMPLES: Final = 8
REACH: Final = 5.0
"""Pixels of the screen from which an edge is hit."""


def edge_at(scene: Scene, x: float, y: float, scale: float) -> int | None:
    """The edge nearest to a point of the scene, None where none is near."""
    reach = REACH / scale
    edges = scene.edges_in(Box(x, y, x, y).grown(reach))
    if not len(edges):
        return None
    pieces = scene.pieces_of(edges)
    lines, piece = curve_lines(scene.segments[pieces], SAMPLES, scene.bends)
    start, step = lines[:, :2], lines[:, 2:] - lines[:, :2]
    away = np.array((x, y)) - start
    length = np.maximum((step**2).sum(axis=1), 1e-9)
    along = np.clip((away * step).sum(axis=1) / length, 0.0, 1.0)
    distance = np.hypot(*(away - along[:, None] * step).T)
    nearest = int(np.argmin(distance))
    if distance[nearest] > reach:
        return None
    return int(scene.segment_edge[pieces[piece[nearest]]])


def far_end(scene: Scene, edge: int, x: float, y: float) -> int:
    """The card at the end of an edge that is farther from a point."""
    ends = scene.edges[edge].source, scene.edges[edge].target

    def away(card: int) -> float:
        centre = scene.centre_of(card)
        return abs(centre[0] - x) + abs(centre[1] - y)

    return max(ends, key=away)

"""Move nodes that overlap apart, and lines to the borders of nodes: for layouts of bare points."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.spatial import cKDTree

from gradviz.layout.prepare import Floats, Ints

PUSHES: Final = 40
"""Rounds of pushing neighbours apart before everything is scaled up."""
GROWTH: Final = 1.2
MAX_GROWTHS: Final = 60
TYPICAL: Final = 0.6
"""Part of the nodes that have room beside their nearest neighbour before any is pushed."""


def spread(centres: Floats, sizes: Floats, gap: float) -> Floats:
    """Centres, shape (n, 2), scaled and moved so that no two nodes are nearer than the gap.

    The picture is scaled until most nodes have room; the rest are pushed apart, which keeps its
    shape far better than scaling it until the two nearest nodes are free of each other.
    """
    count = len(centres)
    if count < 2:
        return centres.copy()
    room = sizes + gap
    # Nodes at one point would never part; these steps are far below a pixel in the end.
    extent = max(float(np.ptp(centres, axis=0).max()), 1e-9)
    turn = np.arange(count) * 2.399963
    x: Floats = (centres - centres.mean(axis=0)) / extent
    x += 1e-6 * np.stack((np.cos(turn), np.sin(turn)), axis=1)
    x *= _typical_scale(x, room)
    for _ in range(MAX_GROWTHS):
        for _ in range(PUSHES):
            if not _push(x, room):
                return x
        x *= GROWTH
    x *= _least_scale(x, room)
    return x


def _typical_scale(x: Floats, room: Floats) -> float:
    other = np.asarray(cKDTree(x).query(x, k=2)[1])[:, 1]
    apart, wanted = np.abs(x - x[other]), (room + room[other]) / 2
    return float(np.quantile(np.min(wanted / np.maximum(apart, 1e-12), axis=1), TYPICAL))


def _least_scale(x: Floats, room: Floats) -> float:
    """The scale at which no two overlap: for every pair one of the axes is enough."""
    a, b = np.triu_indices(len(x), k=1)
    apart, wanted = np.abs(x[a] - x[b]), (room[a] + room[b]) / 2
    return max(1.0, float(np.min(wanted / np.maximum(apart, 1e-12), axis=1).max()) * (1 + 1e-9))


def _push(x: Floats, room: Floats) -> bool:
    """Move overlapping pairs apart along the axis that needs less; whether there were any."""
    largest = room.max(axis=0)
    pairs = cKDTree(x / largest).query_pairs(1.0, p=np.inf, output_type="ndarray")
    if not len(pairs):
        return False
    pairs = pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]
    a, b = pairs.T
    way = x[b] - x[a]
    overlap = (room[a] + room[b]) / 2 - np.abs(way)
    touching = (overlap > 1e-9).all(axis=1)
    if not touching.any():
        return False
    a, b, way, overlap = a[touching], b[touching], way[touching], overlap[touching]
    axis = overlap.argmin(axis=1)
    rows = np.arange(len(a))
    step = np.where(way[rows, axis] < 0, -1.0, 1.0) * (overlap[rows, axis] / 2 + 1e-3)
    np.add.at(x, (b, axis), step)
    np.subtract.at(x, (a, axis), step)
    return True


def clipped(
    start: Floats, end: Floats, source: Ints, target: Ints, centres: Floats, sizes: Floats
) -> Floats:
    """Straight lines from the border of each source to that of its target, shape (m, 2, 2).

    `start` and `end` are points inside the nodes through which the lines run.
    """
    way = end - start
    first = start + way * _until_border(start, way, centres[source], sizes[source])[:, None]
    last = end - way * _until_border(end, -way, centres[target], sizes[target])[:, None]
    return np.stack((first, last), axis=1)


def _until_border(point: Floats, way: Floats, centre: Floats, size: Floats) -> Floats:
    """Which part of its way each point goes until it leaves its node."""
    room = size / 2 - np.sign(way) * (point - centre)
    with np.errstate(divide="ignore", invalid="ignore"):
        part = np.where(way != 0, room / np.abs(way), np.inf)
    return np.asarray(part.min(axis=1))

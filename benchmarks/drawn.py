"""Count crossings on drawn lines, of any program's picture."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Lines = Mapping[Any, Sequence[Point]]
"""By edge, a pair of nodes."""
CHUNK = 1_000_000


def count_crossings(lines: Lines) -> int:
    """Pairs of edges without a common end whose lines cross properly."""
    numbers: dict[Hashable, int] = {}
    pieces: list[tuple[float, ...]] = []
    owners: list[int] = []
    ends: list[tuple[int, int]] = []
    for edge, (u, v) in enumerate(lines):
        ends.append((numbers.setdefault(u, len(numbers)), numbers.setdefault(v, len(numbers))))
        points = lines[u, v]
        for a, b in pairwise(points):
            pieces.append((*a, *b) if a[1] <= b[1] else (*b, *a))
            owners.append(edge)
    if len(pieces) < 2:
        return 0
    piece, owner, end = np.array(pieces), np.array(owners), np.array(ends)
    by_top = np.argsort(piece[:, 1], kind="stable")
    piece, owner = piece[by_top], owner[by_top]
    # Every later piece that starts above the end of this one.
    last = np.searchsorted(piece[:, 1], piece[:, 3], side="right")
    numbers_of = np.maximum(last - np.arange(len(piece)) - 1, 0)
    found: list[npt.NDArray[np.intp]] = []
    start = 0
    total = np.cumsum(numbers_of)
    while start < len(piece):
        done = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, done + CHUNK, side="right")))
        rows = np.arange(start, stop)
        i = np.repeat(rows, numbers_of[rows])
        j = np.arange(len(i)) - np.repeat(
            np.cumsum(numbers_of[rows]) - numbers_of[rows], numbers_of[rows]
        )
        j += i + 1
        found.append(_crossing(piece, owner, end, i, j))
        start = stop
    return len(np.unique(np.concatenate(found)))


def _crossing(
    piece: npt.NDArray[np.float64],
    owner: npt.NDArray[np.intp],
    end: npt.NDArray[np.intp],
    i: npt.NDArray[np.intp],
    j: npt.NDArray[np.intp],
) -> npt.NDArray[np.intp]:
    """A number for each pair of edges of which these pieces cross."""
    one, two = end[owner[i]], end[owner[j]]
    apart = (one[:, :, None] != two[:, None, :]).all(axis=(1, 2))
    i, j = i[apart], j[apart]
    a, b, c, d = piece[i, :2], piece[i, 2:], piece[j, :2], piece[j, 2:]
    crosses = (_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)
    first, second = owner[i[crosses]], owner[j[crosses]]
    pair: npt.NDArray[np.intp] = np.minimum(first, second) * len(end) + np.maximum(first, second)
    return pair


def _side(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], c: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    first, second = b - a, c - a
    cross: npt.NDArray[np.float64] = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return cross

"""Count crossings on drawn lines, of any program's picture."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from operator import itemgetter
from typing import Any

import numpy as np
import numpy.typing as npt

Point = tuple[float, float]
Lines = Mapping[Any, Sequence[Point]]
"""By edge, a pair of nodes."""
Piece = tuple[float, float, float, float]
CHUNK = 1_000_000


def count_crossings(lines: Lines) -> int:
    """Places where lines of edges without a common end cross, as drawn.

    What several edges share, the trunk of a bundle, is one line.
    """
    numbers: dict[Hashable, int] = {}
    pieces: dict[Piece, tuple[int, int]] = {}
    upright: dict[tuple[int, float], list[tuple[float, float, int]]] = {}
    for (u, v), points in lines.items():
        source, target = (numbers.setdefault(node, len(numbers)) for node in (u, v))
        for a, b in pairwise(points):
            (x0, top), (x1, bottom) = sorted((a, b), key=itemgetter(1))
            if x0 == x1:
                upright.setdefault((source, x0), []).append((top, bottom, target))
            else:
                pieces.setdefault((x0, top, x1, bottom), (source, target))
    for (source, x), spans in upright.items():
        pieces |= {(x, top, x, end): (source, target) for top, end, target in _merged(spans)}
    if len(pieces) < 2:
        return 0
    piece, end = np.array(list(pieces)), np.array(list(pieces.values()))
    by_top = np.argsort(piece[:, 1], kind="stable")
    piece, end = piece[by_top], end[by_top]
    # Every later piece that starts above the end of this one.
    last = np.searchsorted(piece[:, 1], piece[:, 3], side="right")
    partners = np.maximum(last - np.arange(len(piece)) - 1, 0)
    total = np.cumsum(partners)
    crossings = start = 0
    while start < len(piece):
        done = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, done + CHUNK, side="right")))
        rows = np.arange(start, stop)
        i = np.repeat(rows, partners[rows])
        first = np.cumsum(partners[rows]) - partners[rows]
        j = i + 1 + np.arange(len(i)) - np.repeat(first, partners[rows])
        crossings += _crossing(piece, end, i, j)
        start = stop
    return crossings


def _merged(spans: list[tuple[float, float, int]]) -> list[tuple[float, float, int]]:
    """Overlapping stretches of one upright line as one."""
    result: list[tuple[float, float, int]] = []
    for top, bottom, target in sorted(spans):
        if result and top < result[-1][1]:
            before, end, first = result[-1]
            result[-1] = before, max(end, bottom), first
        else:
            result.append((top, bottom, target))
    return result


def _crossing(
    piece: npt.NDArray[np.float64],
    end: npt.NDArray[np.intp],
    i: npt.NDArray[np.intp],
    j: npt.NDArray[np.intp],
) -> int:
    """How many of these pairs of pieces cross properly."""
    apart = (end[i][:, :, None] != end[j][:, None, :]).all(axis=(1, 2))
    i, j = i[apart], j[apart]
    a, b, c, d = piece[i, :2], piece[i, 2:], piece[j, :2], piece[j, 2:]
    crosses = (_side(a, b, c) * _side(a, b, d) < 0) & (_side(c, d, a) * _side(c, d, b) < 0)
    return int(crosses.sum())


def _side(
    a: npt.NDArray[np.float64], b: npt.NDArray[np.float64], c: npt.NDArray[np.float64]
) -> npt.NDArray[np.float64]:
    first, second = b - a, c - a
    cross: npt.NDArray[np.float64] = first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0]
    return cross

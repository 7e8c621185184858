"""Count what is wrong in a drawing: crossings, overlaps, lines through nodes."""

from __future__ import annotations

from collections.abc import Hashable, Iterator, Mapping, Sequence
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


Box = tuple[float, float, float, float]
"""Left, top, right and bottom."""
TOLERANCE = 0.05


def count_overlaps(boxes: Sequence[Box]) -> int:
    """Pairs of boxes that share some of the plane."""
    return sum(int(_meet(box, box, i, j).sum()) for box, i, j in _self_pairs(boxes))


def count_hits(lines: Lines, boxes: Sequence[Box]) -> int:
    """Pairs of a straight piece of a line and a box that it runs through."""
    pieces = {
        (*sorted((a, b), key=itemgetter(1)),)
        for points in lines.values()
        for a, b in pairwise(points)
    }
    if not pieces or not boxes:
        return 0
    piece = np.array(sorted(pieces)).reshape(-1, 4)
    piece = piece[np.argsort(piece[:, 1], kind="stable")]
    box = np.array(boxes)
    box = box[np.argsort(box[:, 1], kind="stable")]
    inner = box + np.array((TOLERANCE, TOLERANCE, -TOLERANCE, -TOLERANCE))
    hits = 0
    # Either the piece begins beside the box, or the box beside the piece.
    for first, second, swapped in ((inner, piece, False), (piece, inner, True)):
        low = np.searchsorted(second[:, 1], first[:, 1], side="right" if swapped else "left")
        high = np.searchsorted(second[:, 1], first[:, 3], side="right")
        for i, j in _ranges(low, np.maximum(low, high)):
            hits += int(
                (
                    _runs_through(piece[i], inner[j])
                    if swapped
                    else _runs_through(piece[j], inner[i])
                ).sum()
            )
    return hits


def _self_pairs(
    boxes: Sequence[Box],
) -> Iterator[tuple[npt.NDArray[np.float64], npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    if len(boxes) < 2:
        return
    box = np.array(boxes)
    box = box[np.argsort(box[:, 1], kind="stable")]
    last = np.searchsorted(box[:, 1], box[:, 3], side="right")
    for i, j in _ranges(np.arange(len(box)) + 1, np.maximum(last, np.arange(len(box)) + 1)):
        yield box, i, j


def _ranges(
    low: npt.NDArray[np.intp], high: npt.NDArray[np.intp]
) -> Iterator[tuple[npt.NDArray[np.intp], npt.NDArray[np.intp]]]:
    """Every row with each number from `low` to before `high`, some million at a time."""
    size = high - low
    total = np.cumsum(size)
    start = 0
    while start < len(size):
        done = total[start - 1] if start else 0
        stop = max(start + 1, int(np.searchsorted(total, done + CHUNK, side="right")))
        rows = np.arange(start, stop)
        i = np.repeat(rows, size[rows])
        first = np.cumsum(size[rows]) - size[rows]
        yield i, low[i] + np.arange(len(i)) - np.repeat(first, size[rows])
        start = stop


def _meet(
    one: npt.NDArray[np.float64],
    two: npt.NDArray[np.float64],
    i: npt.NDArray[np.intp],
    j: npt.NDArray[np.intp],
) -> npt.NDArray[np.bool_]:
    a, b = one[i], two[j]
    across = np.minimum(a[:, 2], b[:, 2]) - np.maximum(a[:, 0], b[:, 0])
    along = np.minimum(a[:, 3], b[:, 3]) - np.maximum(a[:, 1], b[:, 1])
    return np.asarray((across > TOLERANCE) & (along > TOLERANCE))


def _runs_through(
    piece: npt.NDArray[np.float64], box: npt.NDArray[np.float64]
) -> npt.NDArray[np.bool_]:
    """Which straight pieces have more than a point in their box (Liang and Barsky's clipping)."""
    low, high = np.zeros(len(piece)), np.ones(len(piece))
    for axis in (0, 1):
        way = piece[:, axis + 2] - piece[:, axis]
        near, far = box[:, axis] - piece[:, axis], box[:, axis + 2] - piece[:, axis]
        with np.errstate(divide="ignore", invalid="ignore"):
            enter, leave = np.sort(np.stack((near / way, far / way)), axis=0)
        still = way == 0
        inside = (near < 0) & (far > 0)
        low = np.maximum(low, np.where(still, np.where(inside, 0.0, 2.0), enter))
        high = np.minimum(high, np.where(still, 1.0, leave))
    return np.asarray(low < high)

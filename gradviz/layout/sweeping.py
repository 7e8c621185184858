"""Barycentre sweeps: vertices go where their neighbours are, many layers at once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Ints, neighbours
from gradviz.layout.rows import Rows

MIN_PERIOD: Final = 40
"""Layers at least so far from each other are swept at once: each starts from what was there."""
IN_STEP: Final = 50
"""Vertices in one step that are worth its calls of numpy: with more the period is longer."""
KEY_BITS: Final = 62
MAX_FRACTION_BITS: Final = 12


class _Step(NamedTuple):
    """Vertices of several layers, none next to another, ready for array arithmetic.

    `places` are those that they share out among themselves, row by row; None where only some of
    a row are here, so that they are those that these have.
    """

    vertices: Ints
    ends: np.ndarray[Any, np.dtype[np.int32]]
    starts: Ints
    degree: Ints
    row_key: Ints
    places: Ints | None


class Sweeper:
    """Orders rows by the means of their vertices' neighbours; works on places within rows."""

    def __init__(self, layers: Layers, rows: Rows) -> None:
        self._layers, self._rows = layers, rows
        self._place_bits = int(rows.size.max(initial=1)).bit_length()
        row_bits = len(rows.size).bit_length()
        room = KEY_BITS - row_bits - 2 * self._place_bits
        self._fraction_bits = max(0, min(MAX_FRACTION_BITS, room))
        upper, lower = layers.upper, layers.lower
        layer_count = len(layers.first) - 1
        period = min(max(MIN_PERIOD, layers.count // IN_STEP), max(layer_count, 2))
        self._down = self._steps(lower, upper, layers.layer % period)
        self._up = self._steps(upper, lower, (period // 2 - layers.layer) % period)
        both = np.concatenate((lower, upper)), np.concatenate((upper, lower))
        self._both = self._steps(*both, layers.layer % 2)

    def sweep(self, local: Ints, *, downwards: bool, keep_ties: bool) -> None:
        """Go by the layer before; vertices of equal means keep their order, or are reversed."""
        self._run(self._down if downwards else self._up, local, keep_ties=keep_ties)

    def relax(self, local: Ints, *, keep_ties: bool) -> None:
        """Go by both neighbouring layers: the even layers, then the odd ones."""
        self._run(self._both, local, keep_ties=keep_ties)

    def _run(self, steps: list[_Step], local: Ints, *, keep_ties: bool) -> None:
        bits, fraction = self._place_bits, self._fraction_bits
        for vertices, ends, starts, degree, row_key, places in steps:
            own = local.take(vertices)
            key = np.add.reduceat(local.take(ends), starts)
            key <<= fraction
            key //= degree
            key <<= bits
            key += row_key
            if keep_ties:
                key += own
            else:
                key -= own
            taken = places
            if taken is None:
                taken = np.sort(row_key + own) & ((1 << bits) - 1)
            local[vertices.take(key.argsort())] = taken

    def _steps(self, source: Ints, target: Ints, phase: Ints) -> list[_Step]:
        """One step for each phase in which there is something to order by these neighbours."""
        rows = self._rows
        start, end = neighbours(self._layers.count, source, target)
        degree = np.diff(start)
        linked = np.flatnonzero((degree > 0) & (rows.size[rows.of] > 1))
        linked = linked[np.argsort(phase[linked], kind="stable")]
        count = degree[linked]
        offset = np.cumsum(count) - count
        ends = end[np.repeat(start[linked] - offset, count) + np.arange(int(count.sum()))]
        # These are the most by far in a large graph.
        short = ends.astype(np.int32)
        shift = self._fraction_bits + 2 * self._place_bits
        row_key = (rows.of[linked] << shift) + (1 << self._place_bits)
        present = np.bincount(rows.of[linked], minlength=len(rows.size))
        is_whole = present[rows.of[linked]] == rows.size[rows.of[linked]]
        bounds = [*np.flatnonzero(np.diff(phase[linked], prepend=-1)).tolist(), len(linked)]
        end_of = [*offset.tolist(), len(ends)]
        steps = []
        for i, j in pairwise(bounds):
            first, last = end_of[i], end_of[j]
            vertices = linked[i:j]
            whole = bool(is_whole[i:j].all())
            steps.append(
                _Step(
                    vertices=vertices,
                    ends=short[first:last],
                    starts=offset[i:j] - first,
                    degree=count[i:j],
                    row_key=row_key[i:j],
                    places=rows.cell[vertices] if whole else None,
                )
            )
        return steps

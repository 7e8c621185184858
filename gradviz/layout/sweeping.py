"""Barycentre sweeps: vertices go where their neighbours are, many layers at once."""

from __future__ import annotations

from itertools import pairwise
from typing import Any, Final, NamedTuple

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Floats, Ints, neighbours
from gradviz.layout.rows import Rows
from gradviz.layout.sorting import run_starts, stable_order

MIN_PERIOD: Final = 40
"""Layers at least so far from each other are swept at once: each starts from what was there."""
IN_STEP: Final = 50
"""Vertices in one step that are worth its calls of numpy: with more the period is longer."""
KEY_BITS: Final = 52
"""Whole numbers of so many bits are exact in double precision."""
MAX_FRACTION_BITS: Final = 12


class _Step(NamedTuple):
    """Vertices of several layers, none next to another, ready for array arithmetic.

    `places` are those that they share out among themselves, row by row; None where only some of
    a row are here, so that they are those that these have.
    """

    vertices: Ints
    ends: np.ndarray[Any, np.dtype[np.int32]]
    starts: Ints
    divisor: Floats
    row_key: Floats
    places: Floats | None


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
        # All in floating point, so that nothing is converted in a step.
        at = local.astype(np.float64)
        for vertices, ends, starts, divisor, row_key, places in steps:
            own = at.take(vertices)
            key = np.add.reduceat(at.take(ends), starts)
            key /= divisor
            key += row_key
            if keep_ties:
                key += own
            else:
                key -= own
            if places is None:
                own += row_key
                own.sort()
                own -= row_key
                places = own
            at[vertices.take(key.argsort())] = places
        local[:] = at

    def _steps(self, source: Ints, target: Ints, phase: Ints) -> list[_Step]:
        """One step for each phase in which there is something to order by these neighbours."""
        rows = self._rows
        start, end = neighbours(self._layers.count, source, target)
        degree = np.diff(start)
        linked = np.flatnonzero((degree > 0) & (rows.size[rows.of] > 1))
        linked = linked[stable_order(phase[linked])]
        if not len(linked):
            return []
        count, row, cell = degree[linked], rows.of[linked], rows.cell[linked].astype(np.float64)
        offset = np.cumsum(count) - count
        ends = end[np.repeat(start[linked] - offset, count) + np.arange(int(count.sum()))]
        # These are the most by far in a large graph.
        short = ends.astype(np.int32)
        places = 2.0**self._place_bits
        fraction = places * 2.0**self._fraction_bits
        row_key = np.asarray(row * (fraction * places) + places, dtype=np.float64)
        divisor = count / fraction
        is_whole = (np.bincount(row, minlength=len(rows.size)) == rows.size)[row]
        begins = run_starts(phase[linked])
        bounds = [*begins.tolist(), len(linked)]
        end_bounds = [*offset[begins].tolist(), len(ends)]
        starts = offset - np.repeat(offset[begins], np.diff(bounds))
        are_whole = np.logical_and.reduceat(is_whole, begins).tolist()
        return [
            _Step(
                linked[i:j],
                short[first:last],
                starts[i:j],
                divisor[i:j],
                row_key[i:j],
                cell[i:j] if whole else None,
            )
            for (i, j), (first, last), whole in zip(
                pairwise(bounds), pairwise(end_bounds), are_whole, strict=True
            )
        ]

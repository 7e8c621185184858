"""Sift vertices to better places in their rows, all rows of every second layer at once."""

from __future__ import annotations

from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
from scipy.sparse import csr_array

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Ints
from gradviz.layout.rows import Rows
from gradviz.layout.sorting import stable_order

Counts = npt.NDArray[np.floating[Any]]
"""Whole numbers: in single precision where that keeps them exactly."""

MAX_CELLS: Final = 150_000
"""Of the tables that are worked on at once: they fit into a processor's cache."""
MAX_WIDTH: Final = 320
"""Wider rows are left as the sweeps put them: tables grow with the square of the width."""
WORTH_APART: Final = 40_000
"""Cells that have to be saved by it, before rows of different widths are worked on apart."""
EXACT: Final = 2.0**24
"""Whole numbers up to this are exact in single precision."""


class _Links(NamedTuple):
    """Each edge from both its ends, by the near one: `side` is 0 where the far one is above."""

    near: Ints
    far: Ints
    side: Ints


def _links_of(layers: Layers) -> _Links:
    near = np.concatenate((layers.lower, layers.upper))
    far = np.concatenate((layers.upper, layers.lower))
    by_near = stable_order(near)
    return _Links(near[by_near], far[by_near], by_near // max(len(layers.upper), 1))


class _Batch:
    """Rows of every second layer, padded to the width of the widest.

    All tables have a last axis along a row's vertices. A table of pairs says what it saves to put
    the first vertex behind the second, `unit` times, plus the neighbours that they share.
    """

    def __init__(self, links: _Links, rows: Rows, chosen: Ints, beside: int) -> None:
        count, width = self.shape = len(chosen), int(rows.size[chosen].max())
        row_of = np.full(len(rows.size), -1, dtype=np.intp)
        row_of[chosen] = np.arange(count)
        own = row_of[rows.of]
        self._vertices = np.flatnonzero(own >= 0)
        self._cell = rows.cell[self._vertices]
        self._row_start = own[self._vertices] * width
        row = own[links.near]
        mine = np.flatnonzero(row >= 0)
        row, near, side = row[mine], links.near[mine], links.side[mine]
        cells = row * width + rows.cell[near]
        side_of = row * 2 + side
        # There are many batches of a large graph, so that they are kept small.
        self._side_of = side_of.astype(np.int32)
        self._ends = links.far[mine].astype(np.int32)
        self._at = (side_of * width + rows.cell[near]).astype(np.int32)
        degree = np.bincount(cells * 2 + side, minlength=count * width * 2).reshape(-1, 2)
        degrees = degree.sum(axis=1)
        largest = float(degrees.max())
        self._unit = 2.0 ** int(largest + 1).bit_length()
        is_small = self._unit * largest * (largest + 1) * width < EXACT
        kind: type[np.floating[Any]] = np.float32 if is_small else np.float64
        by_row = degree.reshape(count, width, 2).astype(kind)
        pairs = (by_row @ by_row.transpose(0, 2, 1)).reshape(-1)
        self._pairs = pairs.astype(np.uint16) if largest**2 < 2**16 else pairs
        self._start = (-self._unit * by_row.transpose(0, 2, 1)).reshape(-1)
        self._places = beside + 1
        starts = np.zeros(count * width + 1, dtype=np.int32)
        np.cumsum(degrees, out=starts[1:])
        self._edges = csr_array(
            (np.ones(len(cells), kind), np.zeros(len(cells), np.int32), starts),
            shape=(count * width, self._places * count * 2),
        )
        self._row_cells = np.arange(count)[:, None] * width
        self._plain = np.arange(width)
        self._unmoved = np.tile(self._plain, count)

    def table(self, local: Ints) -> Counts:
        """The table of pairs, flat, as the neighbours of these rows stand now."""
        count, width = self.shape
        slab = count * 2 * width
        # For each place beside a row and each of its vertices: twice the number of neighbours
        # before that place, plus one for one there, less all of them; and one for one there.
        weight = np.zeros((self._places, slab), dtype=self._start.dtype)
        places = local.take(self._ends)
        at = places * slab
        at += self._at
        flat = weight.reshape(-1)
        flat[at] = self._unit + 1.0
        at += slab
        flat[at] += self._unit - 1.0
        before = self._start
        for weights in weight:
            weights += before
            before = weights
        np.add(places * (2 * count), self._side_of, out=self._edges.indices, casting="same_kind")
        result: Counts = self._edges @ weight.reshape(-1, width)
        return result.reshape(-1)

    def order(self, local: Ints) -> Ints:
        """Who stands at each place of each row."""
        order = self._unmoved.copy()
        order[self._row_start + local.take(self._vertices)] = self._cell
        return order.reshape(self.shape)

    def put(self, order: Ints, local: Ints) -> None:
        """The opposite: the place of each vertex."""
        inverse = np.empty(order.size, dtype=np.intp)
        inverse[self._row_cells + order] = self._plain
        local[self._vertices] = inverse.take(self._row_start + self._cell)

    def move(self, table: Counts, order: Ints) -> bool:
        """In each row put one vertex where that saves most; whether any was moved."""
        count, width = self.shape
        # What it costs to put each vertex in each gap of its row, beside the first one.
        gaps = np.zeros((width + 1, count, width), dtype=table.dtype)
        by_place = (self._row_cells + order).T
        costs_alone = table.reshape(-1, width).take(by_place, axis=0)
        costs_alone *= 1.0 / self._unit
        np.floor(costs_alone, out=gaps[1:])
        before = gaps[0]
        for costs in gaps[1:]:
            costs += before
            before = costs
        every = np.arange(count)
        saving = gaps[self._plain, every[:, None], order]
        saving -= gaps.min(axis=0)[every[:, None], order]
        source = saving.argmax(axis=1)
        rows = np.flatnonzero(saving[every, source] > 0.0)
        if len(rows):
            source = source[rows]
            gap = gaps[:, rows, order[rows, source]].argmin(axis=0)
            key = np.tile(2 * self._plain, (len(rows), 1))
            key[np.arange(len(rows)), source] = 2 * gap - 1
            order[rows] = np.take_along_axis(order[rows], key.argsort(axis=1), axis=1)
        return len(rows) > 0

    def exchange(self, table: Counts, order: Ints, parity: int) -> bool:
        """Exchange neighbours, from the first place on or the second; whether that saved any.

        Also where they cross at no cost.
        """
        width = self.shape[1]
        pairs = (width - parity) // 2
        left = order[:, parity : parity + 2 * pairs : 2]
        right = order[:, parity + 1 : parity + 2 * pairs : 2]
        pair = self._row_cells + left
        pair *= width
        pair += right
        value = table.take(pair)
        saves = value >= self._unit
        swaps = value < self._pairs.take(pair)
        swaps &= value >= 0.0
        swaps |= saves
        both = np.where(swaps, right, left), np.where(swaps, left, right)
        left[...], right[...] = both
        return bool(np.count_nonzero(saves))


class Sifter:
    """Makes a layered graph's crossings fewer, and never more; works on places within rows.

    To sift is to put a vertex at the best place of its row while all others stay (Matuszewski,
    Schönfeld, Molitor, Using Sifting for k-Layer Straightline Crossing Minimization, 1999).
    Neighbours are exchanged also where that only turns crossings into as many others, which leads
    out of most orders that no exchange makes better, as Graphviz does (Gansner, Koutsofios,
    North, Vo, A Technique for Drawing Directed Graphs, 1993).

    Attributes:
        is_whole: whether all rows are narrow enough to be looked at.
    """

    def __init__(self, layers: Layers, rows: Rows) -> None:
        size = rows.size
        beside = np.ones(len(size), dtype=np.intp)
        for near, far in ((layers.lower, layers.upper), (layers.upper, layers.lower)):
            np.maximum.at(beside, rows.of[near], size[rows.of[far]])
        cells = size * np.maximum(size, 2 * beside)
        wanted = (size > 1) & (size <= MAX_WIDTH) & (cells <= MAX_CELLS)
        self.is_whole = bool((wanted | (size == 1)).all())
        links = _links_of(layers)
        self._batches: list[_Batch] = []
        for parity in (0, 1):
            left = np.flatnonzero(wanted & (rows.layer % 2 == parity))
            for chosen in _batches(left, size, beside):
                width = int(beside[chosen].max())
                self._batches.append(_Batch(links, rows, chosen, width))

    def sift(self, local: Ints, *, moves: int, first: int) -> bool:
        """Look at every row once, and move so many vertices in each; whether any crossing is saved.

        `first` is 0 or 1: from which place on neighbours are exchanged at first.
        """
        saves = False
        for batch in self._batches:
            table = batch.table(local)
            order = batch.order(local)
            for _ in range(moves):
                if not batch.move(table, order):
                    break
                saves = True
            for parity in (first, 1 - first):
                saves |= batch.exchange(table, order, parity)
            batch.put(order, local)
        return saves


def _batches(rows: Ints, size: Ints, beside: Ints) -> list[Ints]:
    """Rows of about the same width together, as many as fit."""
    result: list[Ints] = []
    rest = rows[np.lexsort((rows, -size[rows]))]
    while len(rest):
        width = int(size[rest[0]])
        # The first row that is at most half as wide starts another batch, where that pays.
        end = int(np.searchsorted(-size[rest], -(width // 2), side="left"))
        deep = int(beside[rest].max())
        if (len(rest) - end) * (width - width // 2) * 2 * deep < WORTH_APART:
            end = len(rest)
        deep = int(beside[rest[:end]].max())
        end = min(end, max(1, MAX_CELLS // (width * max(width, 2 * deep))))
        result.append(np.sort(rest[:end]))
        rest = rest[end:]
    return result

"""The way of every edge: straight down inside layers, slanted only between them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.model import NodeT, Point
from gradviz.layout.prepare import Floats, Ints

STUB: Final = 0.38
"""Part of the gap between layers that an edge runs straight at each end, so that a curve through
its points leaves and enters at a right angle, and bends nowhere but in the gap."""
FLATTEST: Final = 12.0
"""Pixels aside for each pixel of the gap between layers, beyond which the gap grows."""
LARGEST_GAP: Final = 6.0
"""How much it may grow."""
PORT_GAP: Final = 0.6
"""Part of the gap that is left beside a layer without any node: the ports in a frame's border."""
PIECES: Final = 1 << 16
"""Of lines, that are worked on at once."""
SAME: Final = 1e-6
"""Heights nearer than this are one."""


class Bands(msgspec.Struct, frozen=True):
    """`top` and `bottom` of the layer of each vertex."""

    top: Floats
    bottom: Floats


class Strands(msgspec.Struct, frozen=True):
    """Lines to draw, each along one edge of the drawing.

    A line leaves its source `leave` pixels beside the node's middle, follows a trunk `lane`
    pixels beside that, and enters its target `enter` pixels beside its middle; `out_port` and
    `in_port` are the widths of border over which lines spread at the ends.
    """

    source: Ints
    target: Ints
    leave: Floats
    lane: Floats
    enter: Floats
    out_port: Floats
    in_port: Floats


class Lines(msgspec.Struct, frozen=True):
    """Polylines one after the other: line `i` has the points `points[starts[i]:starts[i + 1]]`."""

    points: Floats
    starts: Ints

    def chosen(self, numbers: Ints) -> Lines:
        """Some of them, in another order."""
        lengths = np.diff(self.starts)[numbers]
        # Rows are taken several times as fast as they are indexed.
        points = self.points.take(ranges(self.starts[numbers], lengths), axis=0)
        return Lines(points, starts_of(lengths))

    def lists(self) -> list[list[Point]]:
        """Each line as a list of points."""
        x, y = self.points.T
        flat = list(zip(x.tolist(), y.tolist(), strict=True))
        return [flat[a:b] for a, b in pairwise(self.starts.tolist())]


def joined(lines: Sequence[Floats]) -> Lines:
    """Separate polylines, each of shape (k, 2), one after the other."""
    starts = starts_of(np.array([*map(len, lines)], dtype=np.intp))
    return Lines(np.concatenate([np.empty((0, 2)), *lines]), starts)


class Routes(Mapping[tuple[NodeT, NodeT], list[Point]]):
    """The lines of edges by their ends: points as arrays until somebody asks for one.

    Attributes:
        edges: the edges that are drawn between two nodes
        lines: the line of each
    """

    def __init__(
        self,
        edges: list[tuple[NodeT, NodeT]],
        lines: Lines,
        loops: Mapping[tuple[NodeT, NodeT], list[Point]],
    ) -> None:
        self.edges, self.lines, self._loops = edges, lines, loops
        self._number = {edge: number for number, edge in enumerate(edges)}

    def __getitem__(self, edge: tuple[NodeT, NodeT]) -> list[Point]:
        if edge in self._loops:
            return self._loops[edge]
        start, stop = self.lines.starts[self._number[edge] :][:2].tolist()
        return [(x, y) for x, y in self.lines.points[start:stop].tolist()]

    def __iter__(self) -> Iterator[tuple[NodeT, NodeT]]:
        yield from self._number
        yield from self._loops

    def __len__(self) -> int:
        return len(self._number) + len(self._loops)

    def chosen(self, edges: Sequence[tuple[NodeT, NodeT]]) -> Lines:
        """The lines of some edges, in their order."""
        if self._loops:
            lists = [self[edge] for edge in edges]
            points = np.array([point for line in lists for point in line]).reshape(-1, 2)
            return Lines(points, starts_of(np.array([*map(len, lists)], dtype=np.intp)))
        return self.lines.chosen(np.array([*map(self._number.__getitem__, edges)], dtype=np.intp))

    def turned(self) -> Routes[NodeT]:
        """The same with both axes exchanged."""
        lines = Lines(np.ascontiguousarray(self.lines.points[:, ::-1]), self.lines.starts)
        loops = {edge: [(y, x) for x, y in line] for edge, line in self._loops.items()}
        return Routes(self.edges, lines, loops)


def starts_of(lengths: Ints) -> Ints:
    """Where each of parts of these lengths begins, and where the last one ends."""
    starts = np.zeros(len(lengths) + 1, dtype=np.intp)
    np.cumsum(lengths, out=starts[1:])
    return starts


def ranges(firsts: Ints, lengths: Ints) -> Ints:
    """As many numbers from each first one on, one range after the other."""
    starts = starts_of(lengths)
    result: Ints = np.repeat(firsts - starts[:-1], lengths) + np.arange(starts[-1])
    return result


class Router:
    """Finds the ways of lines through a placed drawing."""

    def __init__(self, layers: Layers, x: Floats, bands: Bands) -> None:
        self._layers, self._x, self._bands = layers, x, bands
        self._number = np.zeros(layers.count, dtype=np.intp)
        self._number[layers.bends] = np.arange(len(layers.bends))

    def lines(self, strands: Strands, top: Floats, bottom: Floats) -> Lines:
        """Each strand as a line downwards, from one height to another."""
        layers = self._layers
        if not len(strands.source):
            return Lines(np.empty((0, 2)), np.zeros(1, dtype=np.intp))
        start, end = layers.vertex_of[strands.source], layers.vertex_of[strands.target]
        span = layers.layer[end] - layers.layer[start]
        joins = np.isin(strands.source * len(layers.vertex_of) + strands.target, layers.joining)
        trunk = np.where(joins, layers.joint[strands.target], layers.trunk[strands.source])
        # A line parts from its trunk after so many layers, or joins one at so many before its end.
        skipped = np.where(joins, layers.layer[end] - layers.layer[trunk] - (span - 1), 0)
        first = self._number[trunk] + skipped
        names = Strands.__struct_fields__
        parts = [
            self._some_lines(
                Strands(*(getattr(strands, name)[i:j] for name in names)),
                (start[i:j], end[i:j]),
                (span[i:j] - 1, first[i:j]),
                (top[i:j], bottom[i:j]),
            )
            for i, j in pairwise(_shares(span))
        ]
        lengths = np.concatenate([np.diff(part.starts) for part in parts])
        return Lines(np.concatenate([part.points for part in parts]), starts_of(lengths))

    def _some_lines(
        self,
        strands: Strands,
        ends: tuple[Ints, Ints],
        bends: tuple[Ints, Ints],
        heights: tuple[Floats, Floats],
    ) -> Lines:
        """The same of some strands, given how many bends each has and the number of the first."""
        # The vertices of one line after the other: between two of them there is a piece.
        count, first = bends
        starts = starts_of(count + 2)
        begin, stop = starts[:-1], starts[1:] - 1
        is_bend = np.ones(starts[-1], dtype=np.bool_)
        is_bend[begin] = is_bend[stop] = False
        vertices = np.empty(starts[-1], dtype=np.intp)
        vertices[begin], vertices[stop] = ends
        vertices[is_bend] = self._layers.bends[ranges(first, count)]
        x = self._x[vertices]
        x[is_bend] += np.repeat(strands.lane, count)
        x[begin] += strands.leave
        x[stop] += strands.enter
        out = _port_offset(x[begin + 1] - x[begin], strands.out_port)
        into = _port_offset(x[stop - 1] - x[stop], strands.in_port)
        x[begin] += out
        x[stop] += into
        is_slant = x[:-1] != x[1:]
        is_slant[stop[:-1]] = False
        slants = np.flatnonzero(is_slant)
        line = np.searchsorted(stop, slants)
        # Each line has a point at either end and four for each slant, less those that are one.
        lengths = 2 + 4 * np.bincount(line, minlength=len(begin))
        begins = starts_of(lengths)
        points = np.empty((begins[-1], 2))
        points[begins[:-1], 0], points[begins[:-1], 1] = x[begin], heights[0]
        points[begins[1:] - 1, 0], points[begins[1:] - 1, 1] = x[stop], heights[1]
        at = 4 * np.arange(len(slants)) + 2 * line + 1
        high = self._bands.bottom[vertices[slants]]
        low = self._bands.top[vertices[slants + 1]]
        stub = (low - high) * STUB
        for nth, y in enumerate((high, high + stub, low - stub, low)):
            points[at + nth, 0] = x[slants + nth // 2]
            points[at + nth, 1] = y
        is_point = np.ones(len(points), dtype=np.bool_)
        is_point[at] = high - points[at - 1, 1] > SAME
        last = at[np.flatnonzero(np.diff(line, append=len(begin)))] + 3
        is_point[last] = points[last + 1, 1] - points[last, 1] > SAME
        kept = np.flatnonzero(is_point)
        return Lines(points.take(kept, axis=0), np.searchsorted(kept, begins))


def _shares(span: Ints) -> list[int]:
    """Where to cut lines into parts of not too many pieces: all at once take much room."""
    done = np.cumsum(span) // PIECES
    return [0, *(np.flatnonzero(np.diff(done)) + 1).tolist(), len(span)]


def _port_offset(away: Floats, width: Floats) -> Floats:
    """How far from its middle a border is met by a line from `away`: never past its side.

    Increasing in `away`, so that lines keep their order, and 0 for a straight line.
    """
    offset: Floats = 0.42 * width * away / (np.abs(away) + width + 1.0)
    return np.round(offset, 3)


def loop_route(x: float, y: float, width: float, height: float, reach: float) -> list[Point]:
    """A loop at the right side of a node."""
    side, out, rise = x + width / 2, x + width / 2 + reach, height / 4
    return [(side, y - rise), (out, y - rise), (out, y + rise), (side, y + rise)]


def bands_of(
    layers: Layers, node_height: Floats, x: Floats, layer_gap: float
) -> tuple[Bands, Floats]:
    """The layers' bands, and the height of each component.

    Where a line goes far to the side the gap is larger, so that it does not run too flat.
    """
    layer_count = len(layers.first) - 1
    shape = layers.component_count, layer_count
    group = layers.component * layer_count + layers.layer
    tall = np.full(shape, -1.0)
    height = np.where(layers.node >= 0, node_height[layers.node], 0.0)
    np.maximum.at(tall.ravel(), group, height)
    aside = np.zeros(shape)
    np.maximum.at(aside.ravel(), group[layers.upper], np.abs(x[layers.upper] - x[layers.lower]))
    wide = np.sqrt(aside / (FLATTEST * layer_gap)) if layer_gap > 0 else aside * 0.0
    gap = layer_gap * np.clip(wide, 1.0, LARGEST_GAP)
    # Where lines pass the border of a frame there is nothing to keep away from.
    ports = tall == 0.0
    gap[ports] *= PORT_GAP
    gap[:, :-1][ports[:, 1:]] *= PORT_GAP
    step = np.where(tall >= 0.0, tall + gap, 0.0)
    following = np.cumsum(step, axis=1)
    top = following - step
    bottom = top + np.maximum(tall, 0.0)
    return Bands(top=top.ravel()[group], bottom=bottom.ravel()[group]), bottom.max(axis=1)

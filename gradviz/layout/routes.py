"""The way of every edge: straight down inside layers, slanted only between them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import msgspec
import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.model import Point
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
ROWS: Final = 4096
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


class Way(msgspec.Struct, frozen=True):
    """Where a line leaves its source's layer, its points in between, where it enters."""

    start: float
    points: list[Point]
    end: float

    def between(self, top: float, bottom: float) -> list[Point]:
        """The whole line from one height to another."""
        inner = self.points
        first = 1 if inner and inner[0][1] - top <= SAME else 0
        last = len(inner) - (1 if inner and bottom - inner[-1][1] <= SAME else 0)
        return [(self.start, top), *inner[first:last], (self.end, bottom)]


class Router:
    """Finds the ways of lines through a placed drawing."""

    def __init__(self, layers: Layers, x: Floats, bands: Bands) -> None:
        self._layers, self._x, self._bands = layers, x, bands
        self._bends: dict[int, list[int]] = {}
        self._trunks: dict[tuple[int, float], tuple[list[Point], list[int]]] = {}
        self._node_count = len(layers.vertex_of)

    def ways(self, strands: Strands) -> Iterator[Way]:
        """The way of each line, downwards, one after the other: all together are large."""
        layers, x, source = self._layers, self._x, strands.source
        start, end = layers.vertex_of[source], layers.vertex_of[strands.target]
        span = layers.layer[end] - layers.layer[start]
        joins = np.isin(source * self._node_count + strands.target, layers.joining)
        trunk_start = np.where(joins, layers.joint[strands.target], layers.trunk[source])
        second, last = end.copy(), start.copy()
        for line in np.flatnonzero(span > 1).tolist():
            bends = self._trunk_bends(int(trunk_start[line]))
            between = int(span[line]) - 1
            if joins[line]:
                second[line], last[line] = bends[-between], bends[-1]
            else:
                second[line], last[line] = bends[0], bends[between - 1]
        x0 = x[start] + strands.leave
        x1 = x[end] + strands.enter
        x_second = x[second] + np.where(span > 1, strands.lane, strands.enter)
        x_last = x[last] + np.where(span > 1, strands.lane, strands.leave)
        x0 += _port_offset(x_second - x0, strands.out_port)
        x1 += _port_offset(x_last - x1, strands.in_port)
        top, bottom = self._bands.top, self._bands.bottom
        columns = (trunk_start, joins, span, strands.lane, x0, x1, x_second, x_last)
        heights = (bottom[start], top[second], bottom[last], top[end])
        for first, joined, layers_down, beside, a, b, c, d, h0, h1, h2, h3 in _rows(
            columns + heights
        ):
            points: list[Point] = []
            if layers_down == 1:
                _slant(points, a, b, h0, h3)
            else:
                _slant(points, a, c, h0, h1)
                trunk, prefix = self._trunk(first, beside)
                if joined:
                    points += trunk[prefix[1 - layers_down] :]
                else:
                    points += trunk[: prefix[layers_down - 2]]
                _slant(points, d, b, h2, h3)
            yield Way(a, points, b)

    def _trunk_bends(self, first: int) -> list[int]:
        """The vertices of the trunk that starts with this one."""
        bends = self._bends.get(first)
        if bends is None:
            bends = self._bends[first] = []
            vertex = first
            while vertex >= 0:
                bends.append(vertex)
                vertex = int(self._layers.next_bend[vertex])
        return bends

    def _trunk(self, first: int, beside: float) -> tuple[list[Point], list[int]]:
        """A trunk's points, and how many of them come before the end of each of its bends."""
        known = self._trunks.get((first, beside))
        if known is not None:
            return known
        bends = self._trunk_bends(first)
        x = (self._x[bends] + beside).tolist()
        top, bottom = self._bands.top[bends].tolist(), self._bands.bottom[bends].tolist()
        points: list[Point] = []
        prefix = [0]
        for i in range(1, len(bends)):
            _slant(points, x[i - 1], x[i], bottom[i - 1], top[i])
            prefix.append(len(points))
        self._trunks[first, beside] = points, prefix
        return points, prefix


def _rows(columns: tuple[Any, ...]) -> Iterator[tuple[Any, ...]]:
    """The rows of arrays side by side, some at a time: all at once are much larger as objects."""
    for start in range(0, len(columns[0]), ROWS):
        yield from zip(*(column[start : start + ROWS].tolist() for column in columns), strict=True)


def _port_offset(away: Floats, width: Floats) -> Floats:
    """How far from its middle a border is met by a line from `away`: never past its side.

    Increasing in `away`, so that lines keep their order, and 0 for a straight line.
    """
    offset: Floats = 0.42 * width * away / (np.abs(away) + width + 1.0)
    return np.round(offset, 3)


def _slant(points: list[Point], x0: float, x1: float, top: float, bottom: float) -> None:
    """Go from one x to the next in the gap between two layers; nothing where they are one."""
    if x0 == x1:
        return
    stub = (bottom - top) * STUB
    if not points or top - points[-1][1] > SAME:
        points.append((x0, top))
    points += ((x0, top + stub), (x1, bottom - stub), (x1, bottom))


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

"""The way of every edge: straight down inside layers, slanted only between them."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.model import Point
from gradviz.layout.prepare import Drawing, Floats

STUB: Final = 0.38
"""Part of the gap between layers that an edge runs straight at each end, so that a curve through
its points leaves and enters at a right angle, and bends nowhere but in the gap."""


SAME: Final = 1e-6
"""Heights nearer than this are one."""


class Bands(msgspec.Struct, frozen=True):
    """`top` and `bottom` of the layer of each vertex."""

    top: Floats
    bottom: Floats


def port_offset(away: Floats, width: Floats) -> Floats:
    """How far from a node's middle an edge ends whose other end is `away`: never past its side.

    Increasing in `away`, so that edges keep their order, and 0 for a straight edge.
    """
    return 0.42 * width * away / (np.abs(away) + width + 1.0)


def route_edges(
    drawing: Drawing, layers: Layers, x: Floats, y: Floats, bands: Bands
) -> list[list[Point]]:
    """A polyline for each edge of the drawing, downwards."""
    return _Router(drawing, layers, x, y, bands).route()


class _Router:
    def __init__(
        self, drawing: Drawing, layers: Layers, x: Floats, y: Floats, bands: Bands
    ) -> None:
        self._drawing, self._layers = drawing, layers
        self._x, self._bands = x, bands
        self._top = (y - drawing.height / 2).tolist()
        self._bottom = (y + drawing.height / 2).tolist()
        self._trunks: dict[int, tuple[list[Point], list[int], list[int]]] = {}

    def route(self) -> list[list[Point]]:
        drawing, layers = self._drawing, self._layers
        source, target = drawing.source, drawing.target
        start, end = layers.vertex_of[source], layers.vertex_of[target]
        is_long = layers.layer[end] - layers.layer[start] > 1
        second = np.where(is_long, layers.trunk[source], end)
        last = start.copy()
        for edge in np.flatnonzero(is_long).tolist():
            bends = self._trunk(int(source[edge]))[2]
            last[edge] = bends[int(layers.layer[end[edge]] - layers.layer[start[edge]]) - 2]
        x, bands = self._x, self._bands
        width_out, width_in = drawing.port[source], drawing.port[target]
        leave = x[start] + port_offset(x[second] - x[start], width_out)
        enter = x[end] + port_offset(x[last] - x[end], width_in)
        columns = (source, target, leave, enter, x[second], x[last], last, second, start, end)
        rows = zip(is_long.tolist(), *(column.tolist() for column in columns), strict=True)
        top, bottom = bands.top.tolist(), bands.bottom.tolist()
        routes = []
        for long_way, u, v, x0, x1, x_second, x_last, a, b, first, final in rows:
            points = [(x0, self._bottom[u])]
            if long_way:
                _slant(points, x0, x_second, bottom[first], top[b])
                trunk, prefix, _ = self._trunk(u)
                points += trunk[
                    : prefix[int(self._layers.layer[a] - self._layers.layer[first]) - 1]
                ]
                _slant(points, x_last, x1, bottom[a], top[final])
            else:
                _slant(points, x0, x1, bottom[first], top[final])
            if self._top[v] - points[-1][1] > SAME:
                points.append((x1, self._top[v]))
            routes.append(points)
        return routes

    def _trunk(self, hub: int) -> tuple[list[Point], list[int], list[int]]:
        """The points of a trunk, how many come before each of its bends' ends, and the bends."""
        known = self._trunks.get(hub)
        if known is not None:
            return known
        layers, bands = self._layers, self._bands
        points: list[Point] = []
        prefix: list[int] = []
        bends: list[int] = []
        vertex = int(layers.trunk[hub])
        while vertex >= 0:
            if bends:
                above = bends[-1]
                _slant(
                    points,
                    float(self._x[above]),
                    float(self._x[vertex]),
                    float(bands.bottom[above]),
                    float(bands.top[vertex]),
                )
            bends.append(vertex)
            prefix.append(len(points))
            vertex = int(layers.next_bend[vertex])
        self._trunks[hub] = points, prefix, bends
        return self._trunks[hub]


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


def bands_of(layers: Layers, drawing: Drawing, layer_gap: float) -> tuple[Bands, Floats]:
    """The layers' bands, and the height of each component."""
    layer_count = len(layers.first) - 1
    group = layers.component * layer_count + layers.layer
    tall = np.zeros(layers.component_count * layer_count)
    height = np.where(layers.node >= 0, drawing.height[layers.node], 0.0)
    np.maximum.at(tall, group, height)
    used = np.zeros(layers.component_count * layer_count, dtype=np.bool_)
    used[group] = True
    step = np.where(used, tall + layer_gap, 0.0).reshape(layers.component_count, layer_count)
    bottom = np.cumsum(step, axis=1)
    top = bottom - step
    total = bottom[:, -1] - layer_gap
    return Bands(top=top.ravel()[group], bottom=(bottom - layer_gap).ravel()[group]), total

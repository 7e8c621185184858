"""Lay a graph out in layers: the way from a networkx graph to positions and routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import networkx as nx
import numpy as np

from gradviz.layout.coordinates import Columns, assign_x
from gradviz.layout.layers import Layers, make_layers
from gradviz.layout.model import Direction, Layout, NodeT, Point, ShouldStop, Spacing, check
from gradviz.layout.order import order_vertices
from gradviz.layout.pack import pack
from gradviz.layout.prepare import Drawing, Floats, prepare, rank_nodes
from gradviz.layout.routes import Bands, Router, Strands, bands_of, loop_route
from gradviz.layout.spines import find_spines

LOOP_REACH: Final = 18.0
ROUNDS: Final = 40
PIXEL_DIGITS: Final = 3
"""Decimals kept, so that what should be straight is."""


class Placement(msgspec.Struct, frozen=True):
    """Where everything of a drawing stands: `x` and `bands` by vertex, `size` of the whole."""

    layers: Layers
    x: Floats
    bands: Bands
    size: Point

    @property
    def node_x(self) -> Floats:
        """The x of each node's centre."""
        return self.x[self.layers.vertex_of]

    @property
    def node_y(self) -> Floats:
        """The y of each node's centre."""
        return ((self.bands.top + self.bands.bottom) / 2)[self.layers.vertex_of]


def layered_layout(
    graph: nx.DiGraph[NodeT],
    *,
    direction: Direction = Direction.DOWN,
    layer_gap: float = 44.0,
    node_gap: float = 28.0,
    component_gap: float = 56.0,
    sweeps: int = 24,
    should_stop: ShouldStop | None = None,
    key: Callable[[NodeT], Any] | None = None,
) -> Layout[NodeT]:
    """Positions and routes of a directed graph whose edges run down (or right).

    Node attributes `width` and `height` are pixels (120 and 40 where they are missing). Nodes
    never overlap, and no edge runs through a node. The result depends on nothing but the graph:
    ties are broken by the node attribute `order` where there is one, then by `key`, which is a
    sort key for nodes (by default one for numbers, text, enums and tuples of them).

    Cycles and loops are drawn; parallel edges share one route. Raises `LayoutCancelled` soon
    after `should_stop` has returned true.
    """
    nodes, drawing = prepare(graph, key)
    if direction is Direction.RIGHT:
        drawing = turned(drawing)
    spacing = Spacing(layer_gap=layer_gap, node_gap=node_gap, component_gap=component_gap)
    placement = place(drawing, spacing, sweeps=sweeps, should_stop=should_stop)
    if placement is None:
        return Layout(positions={}, routes={}, size=(0.0, 0.0))
    routes = _routes(nodes, drawing, placement)
    centres = zip(placement.node_x.tolist(), placement.node_y.tolist(), strict=True)
    layout = Layout(
        positions=dict(zip(nodes, centres, strict=True)), routes=routes, size=placement.size
    )
    return turned_back(layout) if direction is Direction.RIGHT else layout


def _routes(
    nodes: list[NodeT], drawing: Drawing, placement: Placement
) -> dict[tuple[NodeT, NodeT], list[Point]]:
    beside = np.zeros(len(drawing.source))
    strands = Strands(
        source=drawing.source,
        target=drawing.target,
        leave=beside,
        lane=beside,
        enter=beside,
        out_port=drawing.width[drawing.source],
        in_port=drawing.width[drawing.target],
    )
    ways = Router(placement.layers, placement.x, placement.bands).ways(strands)
    x, y = placement.node_x, placement.node_y
    bottom = (y + drawing.height / 2)[drawing.source].tolist()
    top = (y - drawing.height / 2)[drawing.target].tolist()
    lines = [way.between(*ends) for way, *ends in zip(ways, bottom, top, strict=True)]
    routes: dict[tuple[NodeT, NodeT], list[Point]] = {}
    for (u, v), (edge, against) in drawing.edge_of.items():
        routes[nodes[u], nodes[v]] = lines[edge][::-1] if against else lines[edge]
    for i in drawing.loops.tolist():
        size = float(drawing.width[i]), float(drawing.height[i])
        routes[nodes[i], nodes[i]] = loop_route(float(x[i]), float(y[i]), *size, LOOP_REACH)
    return routes


def turned(drawing: Drawing) -> Drawing:
    """The drawing with its axes exchanged."""
    return msgspec.structs.replace(drawing, width=drawing.height, height=drawing.width)


def turned_back(layout: Layout[NodeT]) -> Layout[NodeT]:
    """The layout with its axes exchanged."""
    return Layout(
        positions={node: (y, x) for node, (x, y) in layout.positions.items()},
        routes={edge: [(y, x) for x, y in points] for edge, points in layout.routes.items()},
        size=(layout.size[1], layout.size[0]),
    )


def place(
    drawing: Drawing,
    spacing: Spacing,
    *,
    sweeps: int,
    should_stop: ShouldStop | None,
    bend_width: float = 0.0,
) -> Placement | None:
    """Lay a drawing out, edges running down; None for one without nodes."""
    if not drawing.count:
        return None
    check(should_stop)
    width = drawing.width.copy()
    width[drawing.loops] += 2 * LOOP_REACH
    ranks = rank_nodes(drawing)
    layers = make_layers(drawing, ranks)
    places = order_vertices(layers, ranks, sweeps=sweeps, should_stop=should_stop)
    block = find_spines(layers, ranks, places)
    vertex_width = np.where(layers.node >= 0, width[layers.node], bend_width)
    columns = Columns(layers, places, vertex_width, spacing)
    x = assign_x(layers, columns, block, rounds=ROUNDS, should_stop=should_stop)

    bands, tall = bands_of(layers, drawing.height, x, spacing.layer_gap)
    left = np.full(layers.component_count, np.inf)
    right = np.full(layers.component_count, -np.inf)
    np.minimum.at(left, layers.component, x - vertex_width / 2)
    np.maximum.at(right, layers.component, x + vertex_width / 2)
    box_left, box_top, size = pack(
        np.round(right - left, PIXEL_DIGITS), tall, spacing.component_gap
    )
    x = np.round(x + (box_left - left)[layers.component], PIXEL_DIGITS)
    down = box_top[layers.component]
    bands = Bands(
        top=np.round(bands.top + down, PIXEL_DIGITS),
        bottom=np.round(bands.bottom + down, PIXEL_DIGITS),
    )
    return Placement(layers=layers, x=x, bands=bands, size=size)

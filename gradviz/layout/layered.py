"""Lay a graph out in layers: the way from a networkx graph to positions and routes."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
import networkx as nx
import numpy as np

from gradviz.layout.coordinates import Columns, assign_x
from gradviz.layout.layers import make_layers, vertex_widths
from gradviz.layout.model import Direction, Layout, NodeT, Point, ShouldStop, Spacing, check
from gradviz.layout.order import order_vertices
from gradviz.layout.pack import pack
from gradviz.layout.prepare import Drawing, Floats, prepare, rank_nodes
from gradviz.layout.routes import bands_of, loop_route, route_edges
from gradviz.layout.spines import find_spines

LOOP_REACH: Final = 18.0
ROUNDS: Final = 40


class Placement(msgspec.Struct, frozen=True):
    """Where the nodes of a drawing stand, and the way of each of its edges and loops."""

    x: Floats
    y: Floats
    routes: list[list[Point]]
    loops: list[list[Point]]
    size: Point


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
    routes: dict[tuple[NodeT, NodeT], list[Point]] = {}
    for (u, v), (edge, against) in drawing.edge_of.items():
        points = placement.routes[edge]
        routes[nodes[u], nodes[v]] = points[::-1] if against else points
    for node, points in zip(drawing.loops.tolist(), placement.loops, strict=True):
        routes[nodes[node], nodes[node]] = points
    centres = zip(placement.x.tolist(), placement.y.tolist(), strict=True)
    layout = Layout(
        positions=dict(zip(nodes, centres, strict=True)), routes=routes, size=placement.size
    )
    return turned_back(layout) if direction is Direction.RIGHT else layout


def turned(drawing: Drawing) -> Drawing:
    """The drawing with its axes exchanged."""
    return msgspec.structs.replace(
        drawing, width=drawing.height, height=drawing.width, port=drawing.height
    )


def turned_back(layout: Layout[NodeT]) -> Layout[NodeT]:
    """The layout with its axes exchanged."""
    return Layout(
        positions={node: (y, x) for node, (x, y) in layout.positions.items()},
        routes={edge: [(y, x) for x, y in points] for edge, points in layout.routes.items()},
        size=(layout.size[1], layout.size[0]),
    )


def place(
    drawing: Drawing, spacing: Spacing, *, sweeps: int, should_stop: ShouldStop | None
) -> Placement:
    """Lay a drawing out, edges running down."""
    if not drawing.count:
        return Placement(x=np.zeros(0), y=np.zeros(0), routes=[], loops=[], size=(0.0, 0.0))
    check(should_stop)
    width = drawing.width.copy()
    width[drawing.loops] += 2 * LOOP_REACH
    roomy = msgspec.structs.replace(drawing, width=width)
    ranks = rank_nodes(roomy)
    layers = make_layers(roomy, ranks)
    places = order_vertices(layers, ranks, sweeps=sweeps, should_stop=should_stop)
    block = find_spines(layers, ranks, places)
    vertex_width = vertex_widths(layers, roomy, bend_width=0.0)
    columns = Columns(layers, places, vertex_width, spacing)
    x = assign_x(layers, columns, block, rounds=ROUNDS, should_stop=should_stop)

    bands, tall = bands_of(layers, roomy, spacing.layer_gap)
    left = np.full(layers.component_count, np.inf)
    right = np.full(layers.component_count, -np.inf)
    np.minimum.at(left, layers.component, x - vertex_width / 2)
    np.maximum.at(right, layers.component, x + vertex_width / 2)
    box_left, box_top, size = pack(right - left, tall, spacing.component_gap)
    x = np.round(x + (box_left - left)[layers.component], 3)
    down = box_top[layers.component]
    bands = msgspec.structs.replace(bands, top=bands.top + down, bottom=bands.bottom + down)

    y = ((bands.top + bands.bottom) / 2)[layers.vertex_of]
    node_x = x[layers.vertex_of]
    routes = route_edges(drawing, layers, x, y, bands)
    loops = [
        loop_route(node_x[i], y[i], drawing.width[i], drawing.height[i], LOOP_REACH)
        for i in drawing.loops.tolist()
    ]
    return Placement(x=node_x, y=y, routes=routes, loops=loops, size=size)

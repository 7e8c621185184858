"""networkx's own layouts as layouts of the same kind: node sizes respected, lines to borders."""

from __future__ import annotations

from enum import Enum
from typing import Final

import networkx as nx
import numpy as np

from gradviz.errors import GradvizError
from gradviz.layout.layers import components_of
from gradviz.layout.model import Direction, Layout, NodeT, Point
from gradviz.layout.options import DEFAULTS, LayoutOptions
from gradviz.layout.pack import pack_with_grid
from gradviz.layout.place import LOOP_REACH, PIXEL_DIGITS
from gradviz.layout.prepare import Drawing, Floats, Ints, prepare, rank_nodes
from gradviz.layout.routes import loop_route
from gradviz.layout.spread import clipped, spread

BESIDE: Final = 5.0
"""Pixels from the middle of two nodes at which lines run that join them in both directions."""
SEED: Final = 20


class NetworkxKind(Enum):
    """Which of networkx's layouts."""

    SPRING = "spring"
    """Fruchterman and Reingold's forces: `networkx.spring_layout`."""
    KAMADA_KAWAI = "kamada-kawai"
    """Distances in the picture like those in the graph: `networkx.kamada_kawai_layout`."""
    CIRCULAR = "circular"
    """All nodes of a component on a circle: `networkx.circular_layout`."""
    MULTIPARTITE = "multipartite"
    """The layers of the layered layout, unordered: `networkx.multipartite_layout`."""


MAX_NODES: Final = {
    NetworkxKind.SPRING: 1_000,
    NetworkxKind.KAMADA_KAWAI: 300,
    NetworkxKind.CIRCULAR: 500,
    NetworkxKind.MULTIPARTITE: 5_000,
}
"""Nodes up to which a layout ends within some two seconds and can still be read."""


class GraphTooLarge(GradvizError):  # noqa: N818  (the graph is at fault, not the program)
    """The graph has too many nodes for this layout."""

    def __init__(self, kind: NetworkxKind, nodes: int) -> None:
        self.kind, self.nodes = kind, nodes
        super().__init__(
            f"The {kind.value} layout is for graphs of at most {MAX_NODES[kind]} nodes; "
            f"this one has {nodes}."
        )


def networkx_layout(
    graph: nx.DiGraph[NodeT],
    kind: NetworkxKind,
    options: LayoutOptions = DEFAULTS,
) -> Layout[NodeT]:
    """One of networkx's layouts of a graph, with its nodes' `width` and `height` (pixels).

    Nodes never overlap. Lines are straight, from border to border, and may run through nodes:
    for a picture in which they do not there is `layered_layout`. Components stand side by side.
    Direction and the gap between layers matter to the multipartite layout only. The result depends
    on nothing but the graph, as that of `layered_layout`.

    Raises `GraphTooLarge` beyond `MAX_NODES[kind]` nodes. Whether to stop is asked before each
    component.
    """
    if len(graph) > MAX_NODES[kind]:
        raise GraphTooLarge(kind, len(graph))
    watch = options.watch()
    nodes, drawing = prepare(graph)
    if not nodes:
        return Layout(positions={}, routes={}, size=(0.0, 0.0), direction=None)
    sizes = np.stack((drawing.width, drawing.height), axis=1)
    number, component = components_of(drawing)
    centres = np.zeros_like(sizes)
    boxes = np.zeros((number, 2))
    room = sizes.copy()
    room[drawing.loops, 0] += 2 * LOOP_REACH
    spacing = options.node_gap, options.layer_gap
    if options.is_turned:
        spacing = spacing[::-1]
    for part in range(number):
        watch.check()
        members = np.flatnonzero(component == part)
        at = _component(drawing, members, kind, room[members], spacing, options.direction)
        low = (at - room[members] / 2).min(axis=0)
        boxes[part] = (at + room[members] / 2).max(axis=0) - low
        centres[members] = at - low
    left, top, size = pack_with_grid(
        boxes[:, 0],
        boxes[:, 1],
        options.component_gap,
        alone=np.bincount(component, minlength=number) == 1,
        grid_gap=options.node_gap,
    )
    centres = np.round(centres + np.stack((left, top), axis=1)[component], PIXEL_DIGITS)
    positions = {node: (x, y) for node, (x, y) in zip(nodes, centres.tolist(), strict=True)}
    return Layout(
        positions=positions,
        routes=_lines(nodes, drawing, centres, sizes),
        size=size,
        direction=None,
    )


def _component(
    drawing: Drawing,
    members: Ints,
    kind: NetworkxKind,
    room: Floats,
    spacing: Point,
    direction: Direction,
) -> Floats:
    """Centres of one component's nodes, around anywhere."""
    if len(members) == 1:
        return np.zeros((1, 2))
    inside = np.isin(drawing.source, members)
    part: nx.Graph[int] = nx.Graph()
    part.add_nodes_from(members.tolist())
    part.add_edges_from(
        zip(drawing.source[inside].tolist(), drawing.target[inside].tolist(), strict=True)
    )
    match kind:
        case NetworkxKind.SPRING:
            found = nx.spring_layout(part, seed=SEED)
        case NetworkxKind.KAMADA_KAWAI:
            found = nx.kamada_kawai_layout(part)
        case NetworkxKind.CIRCULAR:
            found = nx.circular_layout(part)
        case NetworkxKind.MULTIPARTITE:
            layer = rank_nodes(drawing).layer
            nx.set_node_attributes(part, {i: int(layer[i]) for i in part}, "layer")
            down = direction is Direction.DOWN
            found = nx.multipartite_layout(
                part, subset_key="layer", align="horizontal" if down else "vertical"
            )
    at = np.array([found[i] for i in part], dtype=np.float64)
    if kind is not NetworkxKind.MULTIPARTITE:
        return spread(at, room, max(spacing) if kind is NetworkxKind.CIRCULAR else min(spacing))
    return np.stack([_steps(at[:, i], room[:, i], spacing[i]) for i in (0, 1)], axis=1)


def _steps(at: Floats, room: Floats, gap: float) -> Floats:
    """One coordinate of nodes in layers, stretched so that what differs in it is apart."""
    different = np.diff(np.unique(np.round(at, 9)))
    if not len(different):
        return at * 0.0
    return at * (float(room.max()) + gap) / float(different.min())


def _lines(
    nodes: list[NodeT], drawing: Drawing, centres: Floats, sizes: Floats
) -> dict[tuple[NodeT, NodeT], list[Point]]:
    pairs = [(u, v) for u, v in drawing.edge_of]
    source = np.array([u for u, _ in pairs], dtype=np.intp)
    target = np.array([v for _, v in pairs], dtype=np.intp)
    both = np.array([(v, u) in drawing.edge_of for u, v in pairs], dtype=np.bool_)
    way = centres[target] - centres[source]
    length = np.maximum(np.hypot(*way.T), 1e-9)
    beside = np.stack((-way[:, 1], way[:, 0]), axis=1) / length[:, None] * BESIDE
    least = np.minimum(sizes[source].min(axis=1), sizes[target].min(axis=1)) / 4
    beside *= (np.minimum(least / BESIDE, 1.0) * both)[:, None]
    ends = clipped(
        centres[source] + beside, centres[target] + beside, source, target, centres, sizes
    )
    routes: dict[tuple[NodeT, NodeT], list[Point]] = {
        (nodes[u], nodes[v]): [(a[0], a[1]), (b[0], b[1])]
        for (u, v), (a, b) in zip(pairs, ends.tolist(), strict=True)
    }
    for i in drawing.loops.tolist():
        (x, y), (width, height) = map(float, centres[i]), map(float, sizes[i])
        routes[nodes[i], nodes[i]] = loop_route(x, y, width, height, LOOP_REACH)
    return routes

"""Lay a graph out in layers: the way from a networkx graph to positions and routes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any

import msgspec
import networkx as nx
import numpy as np

from gradviz.collector import no_collections
from gradviz.layout.compound import CompoundLayout
from gradviz.layout.framing import Picture
from gradviz.layout.memory import remember
from gradviz.layout.model import Direction, Layout, NodeT, Path, Point
from gradviz.layout.nesting import Nest, nest_of
from gradviz.layout.options import DEFAULTS, LayoutOptions
from gradviz.layout.place import LOOP_REACH, Placement, place
from gradviz.layout.prepare import Drawing, Floats, Ints, prepare, sizes_of
from gradviz.layout.routes import Router, Routes, Strands, loop_route
from gradviz.layout.watch import Watch


@no_collections()
def layered_layout(
    graph: nx.DiGraph[NodeT],
    options: LayoutOptions = DEFAULTS,
    *,
    key: Callable[[NodeT], Any] | None = None,
    previous: Layout[NodeT] | None = None,
    groups: Mapping[NodeT, Sequence[Hashable]] | None = None,
) -> Layout[NodeT]:
    """Positions and routes of a directed graph whose edges run down (or right).

    Node attributes `width` and `height` are pixels (120 and 40 where they are missing). Nodes
    never overlap, and no edge runs through a node. The result depends on nothing but the graph:
    ties are broken by the node attribute `order` where there is one, then by `key`, which is a
    sort key for nodes (by default one for numbers, text, enums and tuples of them).

    `previous` is a layout of the graph as it was before a change, in the same direction: nodes
    that it has keep their order within layers, and so move little; new ones find a place among
    them.

    `groups` says in which open scopes a node is: their names, the outermost first; nodes that it
    does not name are in none. A scope is the whole path, so that `("a", "x")` and `("b", "x")`
    are two. `Layout.frames` then holds a box around each scope. A frame contains the nodes and
    frames of its scope and no others, and lines of other nodes never run through it. Lines of one
    source enter or leave a frame at one place, at its top and bottom (RIGHT: left and right).
    Scopes may depend on each other in cycles.

    Cycles and loops are drawn; parallel edges share one route. Raises `LayoutCancelled` where the
    options' `should_stop` says so.
    """
    watch = options.watch()
    if groups is not None and any(groups.get(node) for node in graph):
        nest = nest_of(graph, groups, key)
        sizes = sizes_of(graph, nest.nodes)
        compound = _compound(nest, sizes, options, previous, watch).layout()
        watch.stretch(0.0, 1.0)
        watch.report(1.0)
        return turned_back(compound) if options.is_turned else compound
    nodes, drawing = prepare(graph, key)
    if options.is_turned:
        drawing = msgspec.structs.replace(drawing, width=drawing.height, height=drawing.width)
    memory = None if previous is None else remember(previous, nodes)
    placement = place(drawing, options, watch=watch, memory=memory)
    if placement is None:
        return Layout(positions={}, routes={}, size=(0.0, 0.0), direction=options.direction)
    routes = _routes(nodes, drawing, placement)
    centres = zip(placement.node_x.tolist(), placement.node_y.tolist(), strict=True)
    layout = Layout(
        positions=dict(zip(nodes, centres, strict=True)),
        routes=routes,
        size=placement.size,
        is_rough=watch.is_rough,
    )
    watch.report(1.0)
    return turned_back(layout) if options.is_turned else layout


@no_collections()
def nested_picture(
    nodes: Sequence[NodeT],
    sizes: Floats,
    edges: Ints,
    paths: Sequence[Path],
    path_of: Ints,
    options: LayoutOptions,
    *,
    previous: Layout[NodeT] | None,
) -> Picture:
    """As `layered_layout` with `groups`, of what has been numbered before, as arrays.

    `nodes` are in canonical order, `sizes` their widths and heights, `edges` distinct pairs of
    their numbers without loops; the picture has its lines in their order. `path_of` is the number
    in `paths` of the scope of each node.
    """
    watch = options.watch()
    nest = Nest(nodes, edges, paths, path_of)
    picture = _compound(nest, sizes, options, previous, watch).picture()
    watch.stretch(0.0, 1.0)
    watch.report(1.0)
    # The nest has them in the order of their ends.
    place = np.empty(len(edges), dtype=np.intp)
    place[np.argsort(edges[:, 0] * len(nodes) + edges[:, 1])] = np.arange(len(edges))
    picture = msgspec.structs.replace(picture, lines=picture.lines.chosen(place))
    return picture.turned() if options.is_turned else picture


def _compound(
    nest: Nest[NodeT],
    sizes: Floats,
    options: LayoutOptions,
    previous: Layout[NodeT] | None,
    watch: Watch,
) -> CompoundLayout[NodeT]:
    if options.is_turned:
        sizes = sizes[:, ::-1]
    return CompoundLayout(nest, sizes, options, previous=previous, watch=watch)


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
    x, y = placement.node_x, placement.node_y
    bottom = (y + drawing.height / 2)[drawing.source]
    top = (y - drawing.height / 2)[drawing.target]
    router = Router(placement.layers, placement.x, placement.bands)
    lines = router.lines(strands, bottom, top).lists()
    ends = [(nodes[u], nodes[v]) for u, v in drawing.edge_of]
    drawn = [lines[i] if i >= 0 else lines[-1 - i][::-1] for i in drawing.edge_of.values()]
    routes = dict(zip(ends, drawn, strict=True))
    for i in drawing.loops.tolist():
        size = float(drawing.width[i]), float(drawing.height[i])
        routes[nodes[i], nodes[i]] = loop_route(float(x[i]), float(y[i]), *size, LOOP_REACH)
    return routes


def turned_back(layout: Layout[NodeT]) -> Layout[NodeT]:
    """The layout with its axes exchanged."""
    routes = layout.routes
    return Layout(
        positions={node: (y, x) for node, (x, y) in layout.positions.items()},
        routes=routes.turned()
        if isinstance(routes, Routes)
        else {edge: [(y, x) for x, y in points] for edge, points in routes.items()},
        size=(layout.size[1], layout.size[0]),
        frames={
            path: (top, left, bottom, right)
            for path, (left, top, right, bottom) in layout.frames.items()
        },
        is_rough=layout.is_rough,
        scopes=layout.scopes,
        direction=Direction.RIGHT,
    )

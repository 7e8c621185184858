"""Forward and backward together: each op beside its autograd nodes, the edges mirrored."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Any, Generic

import msgspec
import networkx as nx
import numpy as np

from gradviz.collector import no_collections
from gradviz.layout.box_picture import BoxPicture
from gradviz.layout.boxes import Boxes
from gradviz.layout.layered import layered_layout, turned_back
from gradviz.layout.memory import remember
from gradviz.layout.model import Layout, NodeT, Point
from gradviz.layout.options import DEFAULTS, LayoutOptions
from gradviz.layout.paired_frames import FramedPairs
from gradviz.layout.place import Placement, place
from gradviz.layout.prepare import Drawing, make_drawing
from gradviz.layout.routes import Router, Strands


@no_collections()
def paired_layout(
    graph: nx.DiGraph[NodeT],
    partner: Mapping[NodeT, NodeT],
    options: LayoutOptions = DEFAULTS,
    *,
    key: Callable[[NodeT], Any] | None = None,
    previous: Layout[NodeT] | None = None,
    groups: Mapping[NodeT, Sequence[Hashable]] | None = None,
) -> Layout[NodeT]:
    """Lay out ops and tensors in one column, their autograd nodes in a second, mirrored one.

    `partner` says for an autograd node to which op or leaf it belongs; several of one op are
    stacked beside it. Edges between autograd nodes run in the second column as the edges of
    their ops run in the first, so that both stay recognisable. Nodes that belong to none, or to
    one that is not in the graph or in another scope, stand in the first column. All else is as in
    `layered_layout`.
    """
    valid = {
        node: owner
        for node, owner in partner.items()
        if node in graph and owner in graph and owner not in partner
        # A frame around one of two that stand together contains the other.
        if groups is None or tuple(groups.get(node, ())) == tuple(groups.get(owner, ()))
    }
    if not valid:
        return layered_layout(graph, options, key=key, previous=previous, groups=groups)
    watch, turned = options.watch(), options.is_turned
    boxes = Boxes(graph, valid, key, turned=turned, column_gap=options.node_gap)
    drawing, paths = _draw_boxes(graph, boxes)
    if groups is not None and any(groups.get(node) for node in graph):
        framed = FramedPairs(boxes, paths, groups).layout(
            options,
            previous=turned_back(previous) if previous is not None and turned else previous,
            watch=watch,
        )
        framed = msgspec.structs.replace(framed, is_rough=watch.is_rough)
        watch.stretch(0.0, 1.0)
        watch.report(1.0)
        return turned_back(framed) if turned else framed
    memory = None if previous is None else remember(previous, boxes.owners)
    placement = place(
        drawing,
        options,
        watch=watch,
        bend_width=2 * boxes.beside,
        memory=memory,
    )
    assert placement is not None  # a graph with partners is not empty
    layout = _Lines(boxes, drawing, placement).layout(paths)
    layout = msgspec.structs.replace(layout, is_rough=watch.is_rough)
    watch.report(1.0)
    return turned_back(layout) if turned else layout


def _draw_boxes(
    graph: nx.DiGraph[NodeT], boxes: Boxes[NodeT]
) -> tuple[Drawing, dict[tuple[NodeT, NodeT], list[int]]]:
    """The boxes as a drawing, and for each edge of the graph the boxes that it runs along.

    An edge from an autograd node runs through a box whose second column is empty where its op's own
    edges run by way of that box: from an op to a named tensor to the next op, or a folded scope.
    """
    number = {node: i for i, node in enumerate(boxes.nodes)}
    edges = sorted(set(graph.edges()), key=lambda edge: (number[edge[0]], number[edge[1]]))
    ends = {(u, v): (boxes.box_of[u], boxes.box_of[v]) for u, v in edges}
    mirrored = {edge for edge in edges if boxes.is_partner(edge[0])}
    pairs = {pair for edge, pair in ends.items() if edge not in mirrored and pair[0] != pair[1]}
    after: dict[int, list[int]] = {}
    for a, b in sorted(pairs):
        after.setdefault(a, []).append(b)
    paths: dict[tuple[NodeT, NodeT], list[int]] = {}
    for edge, (a, b) in ends.items():
        paths[edge] = [a, b] if a != b else [a]
        if edge not in mirrored or a == b or (a, b) in pairs:
            continue
        by_way = [c for c in after.get(a, ()) if boxes.is_bare(c) and (c, b) in pairs]
        if by_way:
            paths[edge] = [a, by_way[0], b]
    pairs |= {(path[0], path[1]) for path in paths.values() if len(path) == 2}
    count = range(len(boxes.owners))
    width, height = (
        np.array([boxes.width(i) for i in count]),
        np.array([boxes.height(i) for i in count]),
    )
    return make_drawing(width, height, sorted(pairs)), paths


class _Port(msgspec.Struct, frozen=True):
    """Where a line meets a box: pixels beside its middle, spread, height.

    `border` is the point inside the box that it goes on to from a lane, None where it is there.
    """

    beside: float
    spread: float
    y: float
    border: Point | None = None


class _Leg(msgspec.Struct, frozen=True):
    """A part of a line, from one box to another; `upwards` where cycles were broken."""

    source: int
    target: int
    leave: _Port
    enter: _Port
    upwards: bool


class _Lines(Generic[NodeT]):
    """Everything inside and between placed boxes."""

    def __init__(self, boxes: Boxes[NodeT], drawing: Drawing, placement: Placement) -> None:
        self._boxes, self._drawing, self._placement = boxes, drawing, placement
        self._x = placement.node_x.tolist()
        self._y = placement.node_y.tolist()
        self._picture = BoxPicture(boxes, self._x, self._y)
        self._positions = self._picture.positions

    def layout(self, paths: dict[tuple[NodeT, NodeT], list[int]]) -> Layout[NodeT]:
        """The whole picture, moved into its own bounding box."""
        legs = {edge: self._legs(*edge, path) for edge, path in paths.items() if len(path) > 1}
        lines = iter(self._draw([leg for legs_of_edge in legs.values() for leg in legs_of_edge]))
        routes: dict[tuple[NodeT, NodeT], list[Point]] = {}
        for edge in paths:
            if edge in legs:
                routes[edge] = _join(legs[edge], [next(lines) for _ in legs[edge]])
            else:
                routes[edge] = self._picture.within_box(*edge)
        return self._picture.cropped(routes)

    def _legs(self, u: NodeT, v: NodeT, path: list[int]) -> list[_Leg]:
        upwards = [self._drawing.edge_of[pair] < 0 for pair in itertools.pairwise(path)]
        ports = [self._port(u, downwards=not upwards[0])]
        ports += [_Port(self._boxes.beside, 0.0, self._y[box]) for box in path[1:-1]]
        ports.append(self._port(v, downwards=upwards[-1]))
        return [
            _Leg(path[i], path[i + 1], ports[i], ports[i + 1], upwards[i])
            for i in range(len(upwards))
        ]

    def _port(self, node: NodeT, *, downwards: bool) -> _Port:
        """Where lines to the layers below (or above) meet a node."""
        boxes, (x, y) = self._boxes, self._positions[node]
        width, height = boxes.size(node)
        if boxes.is_partner(node) and not boxes.is_last(node, downwards=downwards):
            return _Port(boxes.lane(boxes.box_of[node]), 0.0, y, border=(x + width / 2, y))
        return _Port(boxes.column(node), width, y + (height if downwards else -height) / 2)

    def _draw(self, legs: list[_Leg]) -> list[list[Point]]:
        down = [
            (leg.target, leg.source, leg.enter, leg.leave)
            if leg.upwards
            else (leg.source, leg.target, leg.leave, leg.enter)
            for leg in legs
        ]
        # Trunks keep to the column in which the line starts.
        lanes = [self._boxes.beside * (1 if leg.leave.beside > 0 else -1) for leg in legs]
        strands = Strands(
            source=np.array([row[0] for row in down], dtype=np.intp),
            target=np.array([row[1] for row in down], dtype=np.intp),
            leave=np.array([row[2].beside for row in down]),
            lane=np.array(lanes),
            enter=np.array([row[3].beside for row in down]),
            out_port=np.array([row[2].spread for row in down]),
            in_port=np.array([row[3].spread for row in down]),
        )
        placement = self._placement
        router = Router(placement.layers, placement.x, placement.bands)
        top, bottom = np.array([row[2].y for row in down]), np.array([row[3].y for row in down])
        return router.lines(strands, top, bottom).lists()


def _join(legs: list[_Leg], lines: list[list[Point]]) -> list[Point]:
    """One line from its legs, which are all drawn downwards."""
    points: list[Point] = []
    for leg, line in zip(legs, lines, strict=True):
        part = line[::-1] if leg.upwards else line
        points = points[:-1] + (part[1:] if points else part)
    if legs[0].leave.border is not None:
        points.insert(0, legs[0].leave.border)
    if legs[-1].enter.border is not None:
        points.append(legs[-1].enter.border)
    return points

"""Forward and backward together, with a frame around each open scope."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Final, Generic

import msgspec
import networkx as nx

from gradviz.layout.box_picture import BoxPicture
from gradviz.layout.boxes import Boxes
from gradviz.layout.compound import CompoundLayout
from gradviz.layout.model import Layout, NodeT, Point
from gradviz.layout.nesting import nest_of
from gradviz.layout.options import LayoutOptions
from gradviz.layout.prepare import sizes_of
from gradviz.layout.watch import Watch

JOG: Final = 0.1
"""Part of the gap between layers in which a line changes lanes where it is straight otherwise."""


class FramedPairs(Generic[NodeT]):
    """Boxes of two columns, laid out in their scopes as nodes; then the lines of either column.

    One line joins two boxes in that layout. The lines of the first column run so far to its left
    as the column is beside the middle of the boxes, those of the second to its right.
    """

    def __init__(
        self,
        boxes: Boxes[NodeT],
        paths: dict[tuple[NodeT, NodeT], list[int]],
        groups: Mapping[NodeT, Sequence[Hashable]],
    ) -> None:
        self._boxes, self._paths = boxes, paths
        self._graph: nx.DiGraph[int] = nx.DiGraph()
        for box in range(len(boxes.owners)):
            self._graph.add_node(box, width=boxes.width(box), height=boxes.height(box))
        for path in paths.values():
            self._graph.add_edges_from(pairwise(path))
        self._groups = {box: tuple(groups.get(owner, ())) for box, owner in enumerate(boxes.owners)}

    def layout(
        self,
        options: LayoutOptions,
        *,
        previous: Layout[NodeT] | None,
        watch: Watch,
    ) -> Layout[NodeT]:
        """The whole picture, edges running down; so are those of `previous`."""
        boxes = self._boxes
        nest = nest_of(self._graph, self._groups, None)
        placed = CompoundLayout(
            nest,
            sizes_of(self._graph, nest.nodes),
            options,
            previous=None if previous is None else self._boxes_in(previous),
            watch=watch,
            line_reach=boxes.beside,
        ).layout()
        centres = [placed.positions[box] for box in range(len(boxes.owners))]
        picture = BoxPicture(boxes, [x for x, _ in centres], [y for _, y in centres])
        routes: dict[tuple[NodeT, NodeT], list[Point]] = {}
        for (u, v), path in self._paths.items():
            if len(path) > 1:
                legs = [placed.routes[pair] for pair in pairwise(path)]
                routes[u, v] = self._line(picture, u, v, legs, options.layer_gap)
            else:
                routes[u, v] = picture.within_box(u, v)
        cropped = picture.cropped(routes, placed.frames)
        return msgspec.structs.replace(cropped, scopes=placed.scopes)

    def _boxes_in(self, previous: Layout[NodeT]) -> Layout[int]:
        """What was there before, box by box."""
        boxes = self._boxes
        positions = {}
        for box, owner in enumerate(boxes.owners):
            if owner in previous.positions:
                x, y = previous.positions[owner]
                positions[box] = (x + boxes.beside, y)
        routes: dict[tuple[int, int], list[Point]] = {}
        for edge, path in self._paths.items():
            if len(path) == 2 and edge in previous.routes:
                aside = self._side(edge[0])
                line = [(x - aside, y) for x, y in previous.routes[edge]]
                routes.setdefault((path[0], path[1]), line)
        return Layout(
            positions=positions,
            routes=routes,
            size=previous.size,
            frames=previous.frames,
            scopes=previous.scopes,
        )

    def _side(self, node: NodeT) -> float:
        """Where the lines of a node run: pixels beside those that join the boxes."""
        return self._boxes.beside * (1 if self._boxes.is_partner(node) else -1)

    def _line(
        self,
        picture: BoxPicture[NodeT],
        u: NodeT,
        v: NodeT,
        legs: list[list[Point]],
        layer_gap: float,
    ) -> list[Point]:
        side = self._side(u)
        points: list[Point] = []
        for number, leg in enumerate(legs):
            downwards = leg[0][1] <= leg[-1][1]
            first = picture.beside(u, downwards=downwards) if number == 0 else side
            last = picture.beside(v, downwards=not downwards) if leg is legs[-1] else side
            part = _shifted(leg, first, side, last, JOG * layer_gap)
            if number == 0:
                points += picture.way_out(u, downwards=downwards)
            points += part
            if leg is legs[-1]:
                points += picture.way_out(v, downwards=not downwards)[::-1]
        return _without_repeats(points)


def _shifted(
    line: list[Point], first: float, middle: float, last: float, jog: float
) -> list[Point]:
    """A line moved aside, at its ends to where it leaves one node and enters the other."""
    down = 1.0 if line[0][1] <= line[-1][1] else -1.0
    result = [(x + middle, y) for x, y in line]
    result = _end_at(result, first - middle, down * jog)
    return _end_at(result[::-1], last - middle, -down * jog)[::-1]


def _end_at(line: list[Point], aside: float, jog: float) -> list[Point]:
    """The line beginning so far aside: in the gap in which it goes aside anyway, if it does."""
    if not aside:
        return line
    (x, y), (_, below) = line[0], line[1]
    if len(line) >= 4 and line[1][0] == x != line[2][0]:
        return [(x + aside, y), (x + aside, below), *line[2:]]
    return [(x + aside, y), (x + aside, y + jog), (x, y + 2 * jog), *line[1:]]


def _without_repeats(points: list[Point]) -> list[Point]:
    result = points[:1]
    for before, point in pairwise(points):
        if point == before:
            continue
        if len(result) > 1 and result[-2][0] == result[-1][0] == point[0]:
            result.pop()
        result.append(point)
    return result

"""What is drawn inside placed boxes of two columns: nodes, and the lines that stay within."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Generic

from gradviz.layout.boxes import Boxes
from gradviz.layout.model import Layout, NodeT, Path, Point, Rectangle
from gradviz.layout.place import LOOP_REACH
from gradviz.layout.routes import loop_route


class BoxPicture(Generic[NodeT]):
    """Boxes at their places, edges running down.

    Attributes:
        positions: the centre of each node.
    """

    def __init__(self, boxes: Boxes[NodeT], x: list[float], y: list[float]) -> None:
        self._boxes, self._x, self._y = boxes, x, y
        self.positions = boxes.positions(x, y)

    def has_lane(self, node: NodeT, *, downwards: bool) -> bool:
        """Whether lines of a node pass others of its stack on the way out of the box."""
        boxes = self._boxes
        return boxes.is_partner(node) and not boxes.is_last(node, downwards=downwards)

    def beside(self, node: NodeT, *, downwards: bool) -> float:
        """Pixels from the middle of its box to where lines of a node leave it."""
        if self.has_lane(node, downwards=downwards):
            return self._boxes.lane(self._boxes.box_of[node])
        return self._boxes.column(node)

    def way_out(self, node: NodeT, *, downwards: bool) -> list[Point]:
        """A line from a node's border to where it is free to leave the box."""
        boxes, (x, y) = self._boxes, self.positions[node]
        width, height = boxes.size(node)
        if self.has_lane(node, downwards=downwards):
            box = boxes.box_of[node]
            return [(x + width / 2, y), (self._x[box] + boxes.lane(box), y)]
        return [(x, y + (height if downwards else -height) / 2)]

    def within_box(self, u: NodeT, v: NodeT) -> list[Point]:
        """The line between two nodes of one box."""
        boxes, (x0, y0), (x1, y1) = self._boxes, self.positions[u], self.positions[v]
        (width0, height0), (width1, height1) = boxes.size(u), boxes.size(v)
        if u == v:
            return loop_route(x0, y0, width0, height0, LOOP_REACH)
        if not boxes.is_partner(v):
            return self.within_box(v, u)[::-1]
        if not boxes.is_partner(u):
            start, end = x0 + width0 / 2, x1 - width1 / 2
            bend = start + boxes.column_gap / 2
            middle = [] if y0 == y1 else [(bend, y0), (bend, y1)]
            return [(start, y0), *middle, (end, y1)]
        if boxes.are_adjacent(u, v):
            return [(x0, y0 + height0 / 2), (x1, y1 - height1 / 2)]
        box = boxes.box_of[u]
        lane = self._x[box] + boxes.lane(box)
        return [(x0 + width0 / 2, y0), (lane, y0), (lane, y1), (x1 + width1 / 2, y1)]

    def cropped(
        self,
        routes: dict[tuple[NodeT, NodeT], list[Point]],
        frames: Mapping[Path, Rectangle] | None = None,
    ) -> Layout[NodeT]:
        """The whole picture, moved into its own bounding box."""
        frames = frames or {}
        corners = [point for points in routes.values() for point in points]
        for node, (x, y) in self.positions.items():
            width, height = self._boxes.size(node)
            corners.append((x - width / 2, y - height / 2))
            corners.append((x + width / 2, y + height / 2))
        for left, top, right, bottom in frames.values():
            corners += ((left, top), (right, bottom))
        dx, dy = min(x for x, _ in corners), min(y for _, y in corners)
        right, bottom = max(x for x, _ in corners), max(y for _, y in corners)
        return Layout(
            positions={node: (x - dx, y - dy) for node, (x, y) in self.positions.items()},
            routes={edge: [(x - dx, y - dy) for x, y in points] for edge, points in routes.items()},
            size=(right - dx, bottom - dy),
            frames={
                path: (box[0] - dx, box[1] - dy, box[2] - dx, box[3] - dy)
                for path, box in frames.items()
            },
        )

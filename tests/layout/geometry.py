"""What a person would find wrong in a drawing, counted plainly and without the layout's help."""

from __future__ import annotations

from collections.abc import Hashable
from itertools import combinations, pairwise
from typing import Any

import networkx as nx

from gradviz.layout import Layout

Point = tuple[float, float]
Box = tuple[float, float, float, float]
TOLERANCE = 0.05


def box_of(graph: nx.DiGraph[Any], layout: Layout[Any], node: Hashable) -> Box:
    """Left, top, right and bottom of a node."""
    x, y = layout.positions[node]
    width = graph.nodes[node].get("width", 120.0)
    height = graph.nodes[node].get("height", 40.0)
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2


def overlaps(graph: nx.DiGraph[Any], layout: Layout[Any]) -> list[tuple[Any, Any]]:
    """Pairs of nodes that share some of the plane."""
    boxes = {node: box_of(graph, layout, node) for node in graph}
    found = []
    for (a, one), (b, two) in combinations(boxes.items(), 2):
        apart = (
            one[2] <= two[0] + TOLERANCE
            or two[2] <= one[0] + TOLERANCE
            or one[3] <= two[1] + TOLERANCE
            or two[3] <= one[1] + TOLERANCE
        )
        if not apart:
            found.append((a, b))
    return found


def touches(start: Point, end: Point, box: Box) -> bool:
    """Whether a straight piece has a point well inside a box (Liang and Barsky's clipping)."""
    left, top, right, bottom = (
        box[0] + TOLERANCE,
        box[1] + TOLERANCE,
        box[2] - TOLERANCE,
        box[3] - TOLERANCE,
    )
    dx, dy = end[0] - start[0], end[1] - start[1]
    low, high = 0.0, 1.0
    for direction, room in (
        (-dx, start[0] - left),
        (dx, right - start[0]),
        (-dy, start[1] - top),
        (dy, bottom - start[1]),
    ):
        if direction == 0:
            if room < 0:
                return False
        elif direction < 0:
            low = max(low, room / direction)
        else:
            high = min(high, room / direction)
    return low < high


def hits(graph: nx.DiGraph[Any], layout: Layout[Any]) -> list[tuple[Any, Any]]:
    """Edges and the nodes that they run through, their own ends included."""
    boxes = {node: box_of(graph, layout, node) for node in graph}
    found = []
    for edge, points in layout.routes.items():
        for node, box in boxes.items():
            if any(touches(a, b, box) for a, b in pairwise(points)):
                found.append((edge, node))
    return found


def is_on_border(point: Point, box: Box) -> bool:
    """Whether a point lies on the border of a box."""
    left, top, right, bottom = box
    x, y = point
    inside = (
        left - TOLERANCE <= x <= right + TOLERANCE and top - TOLERANCE <= y <= bottom + TOLERANCE
    )
    near = min(abs(x - left), abs(x - right), abs(y - top), abs(y - bottom))
    return inside and near <= TOLERANCE


def ends_off_border(graph: nx.DiGraph[Any], layout: Layout[Any]) -> list[tuple[Any, Any]]:
    """Edges that do not run from their source's border to their target's."""
    return [
        (u, v)
        for (u, v), points in layout.routes.items()
        if not is_on_border(points[0], box_of(graph, layout, u))
        or not is_on_border(points[-1], box_of(graph, layout, v))
    ]


def outside(graph: nx.DiGraph[Any], layout: Layout[Any]) -> list[Any]:
    """Nodes and edges that leave the layout's own box."""
    width, height = layout.size

    def is_in(point: Point) -> bool:
        x, y = point
        return -TOLERANCE <= x <= width + TOLERANCE and -TOLERANCE <= y <= height + TOLERANCE

    nodes = [
        node
        for node in graph
        if not (is_in(box_of(graph, layout, node)[:2]) and is_in(box_of(graph, layout, node)[2:]))
    ]
    return nodes + [e for e, points in layout.routes.items() if not all(map(is_in, points))]


def crossings(layout: Layout[Any]) -> int:
    """Places where two drawn edges cross, those with a common end apart."""
    pieces = [(edge, a, b) for edge, points in layout.routes.items() for a, b in pairwise(points)]
    pairs = set()
    for (one, a, b), (two, c, d) in combinations(pieces, 2):
        if set(one) & set(two):
            continue
        if _side(a, b, c) * _side(a, b, d) < 0 and _side(c, d, a) * _side(c, d, b) < 0:
            pairs.add((one, two))
    return len(pairs)


def _side(a: Point, b: Point, c: Point) -> float:
    return (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0])


def defects(graph: nx.DiGraph[Any], layout: Layout[Any]) -> dict[str, list[Any]]:
    """Everything wrong, by kind; empty for a sound layout."""
    missing: list[Any] = [n for n in graph if n not in layout.positions]
    missing += [edge for edge in set(graph.edges()) if edge not in layout.routes]
    found = {
        "missing": missing,
        "overlaps": overlaps(graph, layout),
        "hits": hits(graph, layout),
        "ends off the border": ends_off_border(graph, layout),
        "outside": outside(graph, layout),
    }
    return {kind: cases for kind, cases in found.items() if cases}

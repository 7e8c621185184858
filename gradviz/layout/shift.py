"""The first picture after a scope was folded or unfolded: what is behind it moves along."""

from __future__ import annotations

from gradviz.layout.model import Direction, Layout, NodeT, Point, Rectangle
from gradviz.layout.prepare import Floats


def shift_points(
    points: Floats, *, behind: float, by: float, direction: Direction = Direction.DOWN
) -> Floats:
    """Points of shape (n, 2), those behind a height (RIGHT: an x) moved by so many pixels."""
    along = 1 if direction is Direction.DOWN else 0
    result = points.copy()
    result[:, along] += by * (points[:, along] > behind)
    return result


def shifted(
    layout: Layout[NodeT], *, behind: float, by: float, direction: Direction = Direction.DOWN
) -> Layout[NodeT]:
    """The layout with everything behind a height (RIGHT: an x) moved by so many pixels.

    `behind` is a height that no node is at, such as the lower border of what is unfolded. Every x
    stays. Lines across the height become longer or shorter, and so do frames: it makes
    room where a folded scope is unfolded, before the new layout is there, or takes it away.
    """
    down = direction is Direction.DOWN

    def moved(point: Point) -> Point:
        x, y = point
        if down:
            return (x, y + by) if y > behind else point
        return (x + by, y) if x > behind else point

    def grown(frame: Rectangle) -> Rectangle:
        return (*moved(frame[:2]), *moved(frame[2:]))

    return Layout(
        positions={node: moved(centre) for node, centre in layout.positions.items()},
        routes={edge: [moved(point) for point in line] for edge, line in layout.routes.items()},
        size=moved(layout.size),
        frames={path: grown(frame) for path, frame in layout.frames.items()},
        is_rough=layout.is_rough,
        direction=layout.direction,
    )

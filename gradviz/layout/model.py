"""What a layout is: positions, routes and a size, and how one is stopped."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping
from enum import Enum
from typing import Any, Generic, TypeAlias, TypeVar

import msgspec

from gradviz.errors import GradvizError

NodeT = TypeVar("NodeT", bound=Hashable)
Point: TypeAlias = tuple[float, float]
Rectangle: TypeAlias = tuple[float, float, float, float]
"""Left, top, right, bottom."""
Path: TypeAlias = tuple[Hashable, ...]
"""Names of nested scopes, the outermost first."""
ShouldStop: TypeAlias = Callable[[], bool]


class Direction(Enum):
    """Which way edges run."""

    DOWN = "down"
    RIGHT = "right"


class Scopes:
    """How each open scope of a layout was made, so that the next one need not make it again.

    It is not part of what the layout is: all are equal.
    """

    def __init__(self, made: Mapping[Path, tuple[Hashable, Any]] | None = None) -> None:
        self.made = made or {}

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Scopes)

    __hash__ = None  # type: ignore[assignment]


class Layout(msgspec.Struct, Generic[NodeT], frozen=True):
    """A graph's picture in pixels, y downwards, inside the box from (0, 0) to `size`.

    `positions` are the nodes' centres. `routes` are polylines from the border of an edge's
    source to the border of its target; the first and last pieces run along the direction of the
    layout, so that a smooth curve through the points meets the borders at a right angle.
    `frames` are the boxes around open scopes by their paths, where the graph was given any: each
    contains the nodes and frames of its scope, and no other node; `scopes` says how they were made,
    for a layout that starts from this one. `is_rough` says that the deadline
    came before the layout was as good as it gets. `direction` is that of the lines' ends, None
    where all lines are straight.
    """

    positions: Mapping[NodeT, Point]
    routes: Mapping[tuple[NodeT, NodeT], list[Point]]
    size: Point
    frames: dict[Path, Rectangle] = {}
    is_rough: bool = False
    scopes: Scopes = msgspec.field(default_factory=lambda: Scopes())
    direction: Direction | None = Direction.DOWN


class LayoutCancelled(GradvizError):  # noqa: N818  (it is a request that was met, no failure)
    """The caller's `should_stop` returned true before the layout was done."""

    def __init__(self) -> None:
        super().__init__("The layout was stopped before it was done.")

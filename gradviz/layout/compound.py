"""Lay out a graph whose nodes belong to nested scopes, with a frame around each scope."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from itertools import pairwise
from typing import Any, Final, Generic

import msgspec
import networkx as nx
import numpy as np

from gradviz.layout.memory import Memory, line_of, passes_at, remember, shape_of
from gradviz.layout.model import (
    Direction,
    Layout,
    NodeT,
    Path,
    Point,
    Rectangle,
    Spacing,
)
from gradviz.layout.nesting import Leg, Nest, Port, Scope, Unit
from gradviz.layout.place import LOOP_REACH, Placement, place
from gradviz.layout.prepare import DEFAULT_HEIGHT, DEFAULT_WIDTH, Drawing, Floats, make_drawing
from gradviz.layout.routes import Router, Strands, Way, loop_route
from gradviz.layout.watch import Watch

LANE_GAP: Final = 8.0
"""Between lines that leave a frame at several places and go far together."""
LANES_WIDTH: Final = 16.0
"""Room that such lines share."""
KNOWN_SHARE: Final = 0.5
"""Part of a scope that must have been there before: of one just opened a few tensors were."""


class Frame(msgspec.Struct, frozen=True):
    """Pixels between a scope's frame and its contents, as they are drawn downwards.

    `least` is the least width and height of a frame by path, for its title.
    """

    left: float
    top: float
    right: float
    bottom: float
    least: Mapping[Path, Point]

    def turned(self) -> Frame:
        """The same with its axes exchanged."""
        return Frame(
            left=self.top,
            top=self.left,
            right=self.bottom,
            bottom=self.right,
            least={path: (height, width) for path, (width, height) in self.least.items()},
        )


class _Placed(msgspec.Struct, frozen=True):
    """A scope that was laid out: all in its own coordinates, `size` and `shift` with its frame.

    `anchor` is where its parent thinks that it is, from the left of its frame.
    """

    drawing: Drawing
    placement: Placement
    shift: Point
    size: Point
    anchor: float
    number_of: dict[Unit | Port, int]
    ways: dict[Leg, Way]


class CompoundLayout(Generic[NodeT]):
    """Scopes laid out from the innermost outwards, then put together from the outermost inwards.

    With a `line_reach` each line stands for several, up to so many pixels beside it: there is
    room for them, and it ends at the middle of its nodes.
    """

    def __init__(
        self,
        graph: nx.DiGraph[NodeT],
        nest: Nest[NodeT],
        spacing: Spacing,
        frame: Frame,
        *,
        direction: Direction,
        previous: Layout[NodeT] | None,
        sweeps: int,
        watch: Watch,
        line_reach: float = 0.0,
    ) -> None:
        self._reach = line_reach
        self._nest, self._spacing, self._previous = nest, spacing, previous
        turned = direction is Direction.RIGHT
        self._frame = frame.turned() if turned else frame
        self._sweeps, self._watch = sweeps, watch
        attributes: list[dict[str, Any]] = [graph.nodes[node] for node in nest.nodes]
        sizes = [
            (float(a.get("width", DEFAULT_WIDTH)), float(a.get("height", DEFAULT_HEIGHT)))
            for a in attributes
        ]
        self._sizes = [(height, width) for width, height in sizes] if turned else sizes
        self._placed: list[_Placed] = []
        self._known: dict[Hashable, Placement] = {}
        self._memory: Memory | None = None
        self._edges: dict[tuple[int, Leg], tuple[NodeT, NodeT]] = {}
        if previous is not None:
            self._memory = remember(previous, nest.nodes, direction)
            for edge, way in nest.ways.items():
                if edge in previous.routes:
                    self._edges.update(dict.fromkeys(way, edge))
        self._direction = direction

    def layout(self) -> Layout[NodeT]:
        """The whole picture, edges running down."""
        placed: dict[int, _Placed] = {}
        done, total = 0, sum(len(scope.units) + len(scope.ports) for scope in self._nest.scopes)
        for number in reversed(range(len(self._nest.scopes))):
            scope = self._nest.scopes[number]
            start, done = done, done + len(scope.units) + len(scope.ports)
            self._watch.stretch(start / total, done / total)
            placed[number] = self._place(number, placed)
        self._placed = [placed[number] for number in range(len(placed))]
        origins = self._origins()
        positions: dict[NodeT, Point] = {}
        for number, node in enumerate(self._nest.nodes):
            around = self._nest.scope_of[number]
            inner = self._placed[around]
            at, (left, top) = inner.number_of[number], origins[around]
            x = float(inner.placement.node_x[at]) + inner.shift[0] + left
            y = float(inner.placement.node_y[at]) + inner.shift[1] + top
            positions[node] = (x, y)
        frames: dict[Path, Rectangle] = {}
        for number, scope_of_frame in enumerate(self._nest.scopes[1:], start=1):
            (left, top), (width, height) = origins[number], self._placed[number].size
            frames[scope_of_frame.path] = (left, top, left + width, top + height)
        return Layout(
            positions=positions,
            routes=self._routes(origins, positions),
            size=self._placed[0].size,
            frames=frames,
            is_rough=self._watch.is_rough,
        )

    def _place(self, number: int, inner: dict[int, _Placed]) -> _Placed:
        scope = self._nest.scopes[number]
        # The root has no frame, and its parts may go in rows.
        ends = sorted(scope.ports, key=lambda port: (port.source, port.is_entry))
        order: list[Unit | Port] = sorted(
            [*scope.units, *ends],
            key=lambda end: end.source if isinstance(end, Port) else self._first(end),
        )
        number_of = {end: i for i, end in enumerate(order)}
        sizes = np.array([self._size(end, inner) for end in order]).reshape(-1, 2)
        anchors = np.array([self._anchor(end, inner) for end in order])
        pairs = {(number_of[leg.upper], number_of[leg.lower]) for leg in scope.legs}
        pairs |= {(number_of[node], number_of[node]) for node in scope.loops}
        drawing = make_drawing(sizes[:, 0].copy(), sizes[:, 1].copy(), sorted(pairs))
        entries = [number_of[port] for port in ends if port.is_entry]
        exits = [number_of[port] for port in ends if not port.is_entry]
        drawing = msgspec.structs.replace(
            drawing,
            entries=np.array(entries, dtype=np.intp),
            exits=np.array(exits, dtype=np.intp),
            anchor=anchors,
        )
        lanes = self._lanes(scope.legs)
        placement = self._put(
            drawing,
            bend_width=2 * (max(lanes.values(), default=0.0) + self._reach),
            memory=self._memory_of(number, order, number_of),
        )
        ways = self._ways(scope, lanes, placement, number_of, inner)
        shift, size = (0.0, 0.0), placement.size
        if number:
            frame = self._frame
            least = frame.least.get(scope.path, (0.0, 0.0))
            shift = (frame.left, frame.top)
            size = (
                max(placement.size[0] + frame.left + frame.right, least[0]),
                max(placement.size[1] + frame.top + frame.bottom, least[1]),
            )
        main = self._main_port(drawing, placement)
        anchor = size[0] / 2 if main is None else float(placement.node_x[main]) + shift[0]
        return _Placed(
            drawing=drawing,
            placement=placement,
            shift=shift,
            size=size,
            anchor=anchor,
            number_of=number_of,
            ways=ways,
        )

    def _put(self, drawing: Drawing, *, bend_width: float, memory: Memory | None) -> Placement:
        """Place a drawing; scopes that look alike, the blocks of a model, are placed once."""
        arrays = (
            drawing.width,
            drawing.height,
            drawing.loops,
            drawing.entries,
            drawing.exits,
            drawing.anchor,
        )
        key = (
            tuple(b"" if array is None else array.tobytes() for array in arrays),
            tuple(drawing.edge_of.items()),
            bend_width,
            None if memory is None else memory.shape,
        )
        placement = self._known.get(key)
        if placement is None:
            placement = place(
                drawing,
                self._spacing,
                sweeps=self._sweeps,
                watch=self._watch,
                bend_width=bend_width,
                memory=memory,
            )
            assert placement is not None  # a scope has nodes, and so has the graph
            self._known[key] = placement
        return placement

    def _memory_of(
        self, scope: int, order: list[Unit | Port], number_of: dict[Unit | Port, int]
    ) -> Memory | None:
        """Where the parts of a scope were; None where most of them were not there."""
        if self._memory is None or self._previous is None:
            return None
        down = self._direction is Direction.DOWN
        where = np.full((len(order), 2), np.nan)
        for number, end in enumerate(order):
            if isinstance(end, Port):
                continue
            if end >= 0:
                where[number] = self._memory.across[end], self._memory.along[end]
            elif (frame := self._previous.frames.get(self._nest.scopes[-1 - end].path)) is not None:
                left, top, right, bottom = frame if down else _turned(frame)
                where[number] = (left + right) / 2, (top + bottom) / 2
        units = len(self._nest.scopes[scope].units)
        if units * KNOWN_SHARE > int((~np.isnan(where[:, 0])).sum()):
            return None
        lines: dict[tuple[int, int], Floats] = {}
        border = self._previous.frames.get(self._nest.scopes[scope].path)
        for leg in self._nest.scopes[scope].legs:
            edge = self._edges.get((scope, leg))
            if edge is None:
                continue
            line = line_of(self._previous.routes[edge], self._direction)
            lines.setdefault((number_of[leg.upper], number_of[leg.lower]), line)
            for end in (leg.upper, leg.lower):
                if not isinstance(end, Port) or border is None:
                    continue
                _, top, _, bottom = border if down else _turned(border)
                along = top if end.is_entry else bottom
                where[number_of[end]] = passes_at(line, np.array([along]))[0], along
        return Memory(
            across=where[:, 0],
            along=where[:, 1],
            line=lambda u, v: lines.get((u, v)),
            shape=shape_of(where, lines),
        )

    def _first(self, unit: Unit) -> int:
        return unit if unit >= 0 else self._nest.scopes[-1 - unit].first

    def _size(self, end: Unit | Port, inner: dict[int, _Placed]) -> Point:
        if isinstance(end, Port):
            return (2 * self._reach, 0.0)
        return self._sizes[end] if end >= 0 else inner[-1 - end].size

    def _anchor(self, end: Unit | Port, inner: dict[int, _Placed]) -> float:
        if isinstance(end, Port):
            return self._reach
        return self._sizes[end][0] / 2 if end >= 0 else inner[-1 - end].anchor

    def _main_port(self, drawing: Drawing, placement: Placement) -> int | None:
        """The port on whose line a frame is threaded: one of a straight way through, if any."""
        x = placement.node_x
        leaving = {float(x[port]) for port in drawing.exits}
        for port in drawing.entries.tolist():
            if float(x[port]) in leaving:
                return int(port)
        for ports in (drawing.entries, drawing.exits):
            if len(ports):
                return int(ports[0])
        return None

    def _ways(
        self,
        scope: Scope,
        lanes: dict[Leg, float],
        placement: Placement,
        number_of: dict[Unit | Port, int],
        inner: dict[int, _Placed],
    ) -> dict[Leg, Way]:
        legs = scope.legs
        if not legs:
            return {}
        source = np.array([number_of[leg.upper] for leg in legs], dtype=np.intp)
        target = np.array([number_of[leg.lower] for leg in legs], dtype=np.intp)
        strands = Strands(
            source=source,
            target=target,
            leave=np.array([self._aside(leg.upper, leg, inner, last=True) for leg in legs]),
            lane=np.array([lanes[leg] for leg in legs]),
            enter=np.array([self._aside(leg.lower, leg, inner, last=False) for leg in legs]),
            out_port=self._spread([leg.upper for leg in legs]),
            in_port=self._spread([leg.lower for leg in legs]),
        )
        ways = Router(placement.layers, placement.x, placement.bands).ways(strands)
        return dict(zip(legs, ways, strict=True))

    def _spread(self, ends: list[Unit | Port]) -> Floats:
        """The width of border over which lines spread: none where their place is fixed."""
        if self._reach:
            return np.zeros(len(ends))
        return np.array(
            [0.0 if isinstance(end, Port) or end < 0 else self._sizes[end][0] for end in ends]
        )

    def _aside(self, end: Unit | Port, leg: Leg, inner: dict[int, _Placed], *, last: bool) -> float:
        """Pixels from an inner scope's anchor to the port through which a line goes."""
        if isinstance(end, Port) or end >= 0:
            return 0.0
        scope = inner[-1 - end]
        port = scope.number_of[Port(leg.source, is_entry=not last)]
        return float(scope.placement.node_x[port]) + scope.shift[0] - scope.anchor

    def _lanes(self, legs: list[Leg]) -> dict[Leg, float]:
        """Beside the trunk, for lines of several sources that leave one frame."""
        sources: dict[Unit | Port, dict[int, None]] = {}
        for leg in legs:
            sources.setdefault(leg.upper, {})[leg.source] = None
        lanes = {}
        for leg in legs:
            together = list(sources[leg.upper])
            gap = min(LANE_GAP, LANES_WIDTH / max(len(together) - 1, 1))
            middle = (len(together) - 1) / 2
            lanes[leg] = (together.index(leg.source) - middle) * gap if middle else 0.0
        return lanes

    def _origins(self) -> list[Point]:
        """Left and top of each scope's frame."""
        origins: list[Point] = [(0.0, 0.0)]
        for number, scope in enumerate(self._nest.scopes[1:], start=1):
            outer, own = self._placed[scope.parent], self._placed[number]
            at = outer.number_of[-1 - number]
            left, top = origins[scope.parent]
            x = float(outer.placement.node_x[at]) - own.anchor
            y = float(outer.placement.node_y[at]) - own.size[1] / 2
            origins.append((left + outer.shift[0] + x, top + outer.shift[1] + y))
        return origins

    def _routes(
        self, origins: list[Point], positions: dict[NodeT, Point]
    ) -> dict[tuple[NodeT, NodeT], list[Point]]:
        lines: dict[tuple[int, Leg], list[Point]] = {}
        routes: dict[tuple[NodeT, NodeT], list[Point]] = {}
        for edge, way in self._nest.ways.items():
            points: list[Point] = []
            for step in way:
                if step not in lines:
                    lines[step] = self._line(*step, origins)
                points += lines[step]
            routes[edge] = _simplified(points)
        for scope in self._nest.scopes:
            for number in scope.loops:
                node = self._nest.nodes[number]
                routes[node, node] = loop_route(*positions[node], *self._sizes[number], LOOP_REACH)
        return routes

    def _line(self, number: int, leg: Leg, origins: list[Point]) -> list[Point]:
        """A leg's points in the picture, from the side of its source."""
        placed = self._placed[number]
        top = self._border(placed, leg.upper, below=True)
        bottom = self._border(placed, leg.lower, below=False)
        points = placed.ways[leg].between(top, bottom)
        left, up = origins[number][0] + placed.shift[0], origins[number][1] + placed.shift[1]
        moved = [(x + left, y + up) for x, y in points]
        return moved[::-1] if leg.upwards else moved

    def _border(self, placed: _Placed, end: Unit | Port, *, below: bool) -> float:
        """The height at which a line leaves one end, or reaches the other."""
        if isinstance(end, Port):
            return -placed.shift[1] if below else placed.size[1] - placed.shift[1]
        at = placed.number_of[end]
        half = float(placed.drawing.height[at]) / 2
        return float(placed.placement.node_y[at]) + (half if below else -half)


def _turned(rectangle: Rectangle) -> Rectangle:
    left, top, right, bottom = rectangle
    return top, left, bottom, right


def _simplified(points: list[Point]) -> list[Point]:
    """The same line without points that are there twice, or on the way straight down."""
    result = points[:1]
    for before, point in pairwise(points):
        if point == before:
            continue
        if len(result) > 1 and result[-2][0] == result[-1][0] == point[0]:
            result.pop()
        result.append(point)
    return result

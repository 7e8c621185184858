"""Where the parts of nested scopes were in an earlier layout."""

from __future__ import annotations

from typing import Final, Generic

import numpy as np

from gradviz.layout.memory import Memory, line_of, passes_at, shape_of
from gradviz.layout.model import Direction, Layout, NodeT, Rectangle
from gradviz.layout.nesting import ENTRY, UNIT, Nest
from gradviz.layout.prepare import Floats, Ints
from gradviz.layout.routes import starts_of

KNOWN_SHARE: Final = 0.5
"""Part of a scope that must have been there before: of one just opened a few tensors were."""
SAME: Final = 1e-3
"""Pixels by which two widths differ that are one."""


class ScopeMemory(Generic[NodeT]):
    """What an earlier layout says of each scope of a nest."""

    def __init__(self, previous: Layout[NodeT], nest: Nest[NodeT]) -> None:
        self._previous, self._nest = previous, nest
        self._is_turned = previous.direction is Direction.RIGHT
        self._lines: dict[int, Floats | None] = {}

    def of(self, number: int, inside: Floats, lanes: Floats) -> Memory | None:
        """Where the parts of a scope were; None where most of them were not there.

        `inside` is the width of each end now, and how far its x is from its left, shape (n, 2);
        `lanes` is how far beside its trunk the line of each leg is.
        """
        ends, legs = self._nest.ends, self._nest.legs
        first, last = ends.first[number : number + 2].tolist()
        where = np.full((last - first, 2), np.nan)
        units = np.flatnonzero(ends.kind[first:last] == UNIT)
        for at in units.tolist():
            inner = int(ends.inner[first + at])
            if inner >= 0:
                frame = self._frame(inner)
                if frame is not None:
                    where[at] = self._anchor(inner, frame, inside[at]), (frame[1] + frame[3]) / 2
            else:
                centre = self._previous.positions.get(self._nest.nodes[ends.node[first + at]])
                if centre is not None:
                    where[at] = centre[::-1] if self._is_turned else centre
        if len(units) * KNOWN_SHARE > int((~np.isnan(where[:, 0])).sum()):
            return None
        run = slice(*legs.first[number : number + 2].tolist())
        upper, lower = legs.upper[run], legs.lower[run]
        drawn_along = self._edges_along(run)
        drawn = {}
        for same in groups_of(upper * len(ends.kind) + lower):
            found = self._drawn(drawn_along, same)
            if found is not None:
                ways = int(upper[same[0]]) - first, int(lower[same[0]]) - first
                drawn[ways] = found[1] - (lanes[found[0]], 0.0)
        border = self._frame(number)
        if border is not None:
            for side in (upper, lower):
                at_port = np.flatnonzero(ends.kind[side] != UNIT)
                for same in groups_of(side[at_port]):
                    port = int(side[at_port[same[0]]])
                    found = self._drawn(drawn_along, at_port[same])
                    if found is None:
                        continue
                    along = border[1] if ends.kind[port] == ENTRY else border[3]
                    across = passes_at(found[1], np.array([along]))[0]
                    where[port - first] = across, along
        return Memory(
            across=where[:, 0],
            along=where[:, 1],
            line=lambda u, v: drawn.get((u, v)),
            shape=shape_of(where, drawn),
        )

    def _anchor(self, scope: int, frame: Rectangle, now: Floats) -> float:
        """The x at which the line through a scope was, in its frame of then."""
        left, _, right, _ = frame
        made = self._previous.scopes.made.get(self._nest.paths[scope])
        if made is not None:
            return left + float(made[1].anchor)
        is_same = abs(right - left - now[0]) < SAME
        return left + float(now[1]) if is_same else (left + right) / 2

    def _edges_along(self, run: slice) -> tuple[Ints, Ints]:
        """The edges along some legs, those of each leg in a row, and where each row begins."""
        nest = self._nest
        steps = np.flatnonzero((nest.ways >= run.start) & (nest.ways < run.stop))
        leg = nest.ways[steps] - run.start
        counts = np.diff(nest.first_step)
        edge = np.repeat(np.arange(len(counts)), counts)[steps]
        edge = edge[np.argsort(leg * len(counts) + edge)]
        return edge, starts_of(np.bincount(leg, minlength=run.stop - run.start))

    def _drawn(self, along: tuple[Ints, Ints], legs: Ints) -> tuple[int, Floats] | None:
        """The first of some legs along which an edge was drawn before, and the last such line."""
        edges, starts = along
        for leg in legs.tolist():
            for edge in edges[starts[leg] : starts[leg + 1]][::-1].tolist():
                line = self._line(edge)
                if line is not None:
                    return leg, line
        return None

    def _line(self, edge: int) -> Floats | None:
        """Where an edge was drawn before; the same edge is asked for in every scope it is in."""
        if edge not in self._lines:
            nodes = self._nest.nodes
            u, v = self._nest.edges[edge].tolist()
            route = self._previous.routes.get((nodes[u], nodes[v]))
            self._lines[edge] = None if route is None else line_of(route, self._previous.direction)
        return self._lines[edge]

    def _frame(self, scope: int) -> Rectangle | None:
        """Where the frame of a scope was, as it is drawn downwards."""
        frame = self._previous.frames.get(self._nest.paths[scope])
        if frame is None or not self._is_turned:
            return frame
        left, top, right, bottom = frame
        return top, left, bottom, right


def groups_of(numbers: Ints) -> list[Ints]:
    """The places of equal numbers, in ascending order of both."""
    order = np.argsort(numbers, kind="stable")
    return np.split(order, np.flatnonzero(np.diff(numbers[order])) + 1) if len(order) else []

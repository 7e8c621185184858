"""Where the parts of nested scopes were in an earlier layout."""

from __future__ import annotations

from functools import cached_property
from typing import Final, Generic

import numpy as np

from gradviz.layout.memory import Memory, line_of, passes_at, shape_of
from gradviz.layout.model import Direction, Layout, NodeT, Rectangle
from gradviz.layout.nesting import ENTRY, UNIT, Nest
from gradviz.layout.prepare import Floats, Ints

KNOWN_SHARE: Final = 0.5
"""Part of a scope that must have been there before: of one just opened a few tensors were."""
SAME: Final = 1e-3
"""Pixels by which two widths differ that are one."""


class ScopeMemory(Generic[NodeT]):
    """What an earlier layout says of each scope of a nest."""

    def __init__(self, previous: Layout[NodeT], nest: Nest[NodeT], direction: Direction) -> None:
        self._previous, self._nest, self._direction = previous, nest, direction

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
                    where[at] = centre if self._direction is Direction.DOWN else centre[::-1]
        if len(units) * KNOWN_SHARE > int((~np.isnan(where[:, 0])).sum()):
            return None
        run = slice(*legs.first[number : number + 2].tolist())
        upper, lower, edge = legs.upper[run], legs.lower[run], self._edge_of_leg[run]
        known = np.flatnonzero(edge >= 0)
        pairs, one = np.unique(upper[known] * len(ends.kind) + lower[known], return_index=True)
        ways = np.stack(np.divmod(pairs, len(ends.kind)), axis=1) - first
        aside = np.column_stack((lanes, np.zeros(len(lanes))))[known[one]]
        drawn = {
            (u, v): self._line(e) - beside
            for (u, v), e, beside in zip(
                ways.tolist(), edge[known[one]].tolist(), aside, strict=True
            )
        }
        border = self._frame(number)
        if border is not None:
            for side in (upper[known], lower[known]):
                ports, one = np.unique(side, return_index=True)
                for port, e in zip(ports.tolist(), edge[known[one]].tolist(), strict=True):
                    if ends.kind[port] != UNIT:
                        along = border[1] if ends.kind[port] == ENTRY else border[3]
                        across = passes_at(self._line(e), np.array([along]))[0]
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

    @cached_property
    def _edge_of_leg(self) -> Ints:
        """An edge that was drawn before along each leg, -1 where there was none."""
        nest, routes = self._nest, self._previous.routes
        found = np.full(len(nest.legs.upper), -1, dtype=np.intp)
        if routes:
            nodes = nest.nodes
            was_there = [(nodes[u], nodes[v]) in routes for u, v in nest.edges.tolist()]
            steps = np.repeat(np.arange(len(was_there)), np.diff(nest.first_step))
            kept = np.array(was_there, dtype=np.bool_)[steps]
            found[nest.ways[kept]] = steps[kept]
        return found

    def _line(self, edge: int) -> Floats:
        u, v = self._nest.edges[edge].tolist()
        route = self._previous.routes[self._nest.nodes[u], self._nest.nodes[v]]
        return line_of(route, self._direction)

    def _frame(self, scope: int) -> Rectangle | None:
        """Where the frame of a scope was, as it is drawn downwards."""
        frame = self._previous.frames.get(self._nest.paths[scope])
        if frame is None or self._direction is Direction.DOWN:
            return frame
        left, top, right, bottom = frame
        return top, left, bottom, right

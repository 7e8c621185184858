"""Keep what an earlier layout showed where it was."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Mapping, Sequence
from typing import Final, TypeAlias

import msgspec
import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.model import Direction, Layout, NodeT, Point
from gradviz.layout.prepare import Bools, Drawing, Floats, Ints
from gradviz.layout.switching import Switcher
from gradviz.layout.watch import Watch

SPREADINGS: Final = 4
"""How many edges far new nodes learn where their neighbours were."""
PASSES: Final = 12
"""Of exchanges between what is new and what was there."""

Line: TypeAlias = Callable[[int, int], Floats | None]
"""Where an edge of a drawing ran: points across and along the edges' direction, shape (n, 2)."""


class Memory(msgspec.Struct, frozen=True):
    """Where each node of a drawing was, across and along the edges' direction, and each line.

    NaN for what was not there. `shape` is equal for memories that say the same of equal drawings,
    wherever in the picture these were.
    """

    across: Floats
    along: Floats
    line: Line
    shape: Hashable = None


def remember(previous: Layout[NodeT], nodes: Sequence[NodeT]) -> Memory:
    """Where nodes and the lines between them were."""
    missing = (np.nan, np.nan)
    centres = np.array([previous.positions.get(node, missing) for node in nodes]).reshape(-1, 2)
    across = 1 if previous.direction is Direction.RIGHT else 0

    def line(u: int, v: int) -> Floats | None:
        route = previous.routes.get((nodes[u], nodes[v]))
        if route is None:
            route = previous.routes.get((nodes[v], nodes[u]))
        return None if route is None else line_of(route, previous.direction)

    return Memory(across=centres[:, across], along=centres[:, 1 - across], line=line)


def shape_of(where: Floats, lines: Mapping[tuple[int, int], Floats]) -> Hashable:
    """The same for the same places and lines anywhere else, to a hundredth of a pixel."""
    corner = np.nanmin(where, axis=0)

    def seen(points: Floats) -> bytes:
        rounded: Floats = np.round(points - corner, 2)
        return rounded.tobytes()

    return seen(where), tuple((edge, seen(line)) for edge, line in sorted(lines.items(), key=_edge))


def _edge(item: tuple[tuple[int, int], Floats]) -> tuple[int, int]:
    return item[0]


def line_of(route: list[Point], direction: Direction | None) -> Floats:
    """A route as points across and along the direction, from its beginning in that to its end."""
    points = np.array(route, dtype=np.float64)
    if direction is Direction.RIGHT:
        points = points[:, ::-1]
    return points if points[0, 1] <= points[-1, 1] else points[::-1]


def passes_at(line: Floats, along: Floats) -> Floats:
    """Where a line passes these heights; NaN beyond its ends."""
    heights = np.maximum.accumulate(line[:, 1])
    return np.asarray(np.interp(along, heights, line[:, 0], left=np.nan, right=np.nan))


def vertex_memory(layers: Layers, drawing: Drawing, memory: Memory) -> tuple[Floats, Bools]:
    """Where each vertex was, or its neighbours were, and which were there themselves."""
    is_node = layers.node >= 0
    known = np.where(is_node, memory.across[layers.node], np.nan)
    _recall_bends(known, layers, drawing, memory)
    was_there = ~np.isnan(known)
    for _ in range(SPREADINGS):
        missing = np.isnan(known)
        if not missing.any():
            break
        value, there = np.where(missing, 0.0, known), ~missing
        total = np.bincount(layers.upper, weights=value[layers.lower], minlength=layers.count)
        total += np.bincount(layers.lower, weights=value[layers.upper], minlength=layers.count)
        number = np.bincount(layers.upper, weights=there[layers.lower], minlength=layers.count)
        number += np.bincount(layers.lower, weights=there[layers.upper], minlength=layers.count)
        reached = missing & (number > 0)
        known[reached] = total[reached] / number[reached]
    return np.where(np.isnan(known), np.inf, known), was_there


def _recall_bends(known: Floats, layers: Layers, drawing: Drawing, memory: Memory) -> None:
    """Fill in where trunks were in each layer: where one of their lines passed its nodes' height.

    A trunk need not be straight, so that one place for the whole of it would mix it up with what
    it passes.
    """
    level = _levels(layers, memory)
    source, target = drawing.source, drawing.target
    span = layers.layer[layers.vertex_of[target]] - layers.layer[layers.vertex_of[source]]
    joins = np.isin(source * drawing.count + target, layers.joining)
    filled: set[int] = set()
    longest = np.argsort(-span, kind="stable")
    for edge in longest[span[longest] > 1].tolist():
        u, v = int(source[edge]), int(target[edge])
        first = int(layers.joint[v] if joins[edge] else layers.trunk[u])
        if first in filled:
            continue
        line = memory.line(u, v)
        if line is None:
            continue
        filled.add(first)
        bends = []
        while first >= 0:
            bends.append(first)
            first = int(layers.next_bend[first])
        known[bends] = passes_at(line, level[bends])


def _levels(layers: Layers, memory: Memory) -> Floats:
    """How far along the direction the layer of each vertex was, by its nodes that were there.

    NaN where there were none: between layers a line may have been on its way aside.
    """
    count = len(layers.first) - 1
    group = layers.component * count + layers.layer
    along = np.where(layers.node >= 0, memory.along[layers.node], np.nan)
    there = ~np.isnan(along)
    size = layers.component_count * count
    number = np.bincount(group[there], minlength=size)
    total = np.bincount(group[there], weights=along[there], minlength=size)
    with np.errstate(invalid="ignore"):
        level = total / number
    return np.asarray(level[group])


def order_remembered(layers: Layers, remembered: tuple[Floats, Bools], watch: Watch) -> Ints:
    """Each vertex's place in its layer: what was there in its old order, the rest among it."""
    watch.check()
    known, was_there = remembered
    order = np.lexsort((known, layers.component, layers.layer))
    place = np.empty(layers.count, dtype=np.intp)
    place[order] = np.arange(layers.count)
    place -= layers.first[layers.layer]
    if not watch.is_late():
        Switcher(layers, fixed=was_there).switch(place, passes=PASSES)
    return place

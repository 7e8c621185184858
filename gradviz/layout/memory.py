"""Keep what an earlier layout showed where it was."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise
from typing import Final

import msgspec
import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.model import Direction, Layout, NodeT, Point
from gradviz.layout.prepare import Bools, Floats, Ints
from gradviz.layout.switching import Switcher
from gradviz.layout.watch import Watch

SPREADINGS: Final = 4
"""How many edges far new nodes learn where their neighbours were."""
PASSES: Final = 12
"""Of exchanges between what is new and what was there."""


class Memory(msgspec.Struct, frozen=True):
    """Across the edges' direction: where each node was, and the long edges that leave it.

    NaN for what was not there.
    """

    node: Floats
    trunk: Floats


def remember(
    previous: Layout[NodeT],
    nodes: Sequence[NodeT],
    edges: Iterable[tuple[int, int]],
    direction: Direction,
) -> Memory:
    """Where nodes, and the trunks of the long ones of these edges, were."""
    across = 0 if direction is Direction.DOWN else 1
    node = np.full(len(nodes), np.nan)
    for number, name in enumerate(nodes):
        centre = previous.positions.get(name)
        if centre is not None:
            node[number] = centre[across]
    trunk = np.full(len(nodes), np.nan)
    longest = [0.0] * len(nodes)
    for u, v in edges:
        route = previous.routes.get((nodes[u], nodes[v]))
        if route is None:
            continue
        length, x = _longest_straight(route, across)
        if length > longest[u]:
            longest[u], trunk[u] = length, x
    return Memory(node=node, trunk=trunk)


def _longest_straight(route: list[Point], across: int) -> Point:
    """Length of a route's longest piece along the direction of the layout, and where it is."""
    best = (0.0, 0.0)
    for a, b in pairwise(route):
        if a[across] == b[across] and abs(a[1 - across] - b[1 - across]) > best[0]:
            best = abs(a[1 - across] - b[1 - across]), a[across]
    return best


def vertex_memory(layers: Layers, memory: Memory) -> tuple[Floats, Bools]:
    """Where each vertex was, or its neighbours were, and which were there as nodes."""
    is_node = layers.node >= 0
    known = np.where(is_node, memory.node[layers.node], memory.trunk[layers.hub])
    was_there = is_node & ~np.isnan(known)
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


def order_remembered(layers: Layers, memory: Memory, watch: Watch) -> Ints:
    """Each vertex's place in its layer: what was there in its old order, the rest among it."""
    watch.check()
    known, was_there = vertex_memory(layers, memory)
    order = np.lexsort((known, layers.component, layers.layer))
    place = np.empty(layers.count, dtype=np.intp)
    place[order] = np.arange(layers.count)
    place -= layers.first[layers.layer]
    if not watch.is_late():
        Switcher(layers, fixed=was_there).switch(place, passes=PASSES)
    return place

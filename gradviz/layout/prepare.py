"""From a networkx graph to arrays: sizes, acyclic edges, and the layer of each node."""

from __future__ import annotations

import math
import sys
from collections.abc import Sequence
from itertools import chain, pairwise
from typing import Any, Final

import msgspec
import networkx as nx
import numpy as np
import numpy.typing as npt

from gradviz.layout.canonical import Key, sorted_nodes
from gradviz.layout.sorting import stable_order

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.intp]
Bools = npt.NDArray[np.bool_]

MANY_LEAVES: Final = 24
"""Leaves of one op, or nodes at the end of it, from which on they stand in several rows."""
ROW_ASPECT: Final = 1.2
"""Width divided by height of these rows together."""
ROOM: Final = 36.0
"""Pixels that a node has around it, more or less."""
DEFAULT_WIDTH: Final = 120.0
DEFAULT_HEIGHT: Final = 40.0
MOST_BELOW: Final = 2
"""Layers below a long scope for the leaves of what follows: a parameter and its AccumulateGrad."""
OUTSIDE: Final = 3
"""Nodes that the way outside a scope counts as: more than what is done to a parameter there."""
NEAR_LAYERS: Final = 6
"""Layers of which an op on sources alone stays early, in a row with the others of its kind."""


class Drawing(msgspec.Struct, frozen=True):
    """A graph ready to be laid out: nodes are their index in canonical order.

    `source` and `target` are distinct edges without loops or cycles, sorted; `edge_of` says for
    each edge of the graph which of them it is, or -1 minus that where it runs against it. `loops`
    are nodes with an edge to themselves. `entries` stand in the first layer and `exits` in the
    last, without any node above or below them. `anchor` is how far right of a node's left side
    its x is: where lines to it end, None for the middle of each. `length` is how many layers are
    within each where it is a scope, None where all are as long as a node.
    """

    width: Floats
    height: Floats
    source: Ints
    target: Ints
    edge_of: dict[tuple[int, int], int]
    loops: Ints
    entries: Ints = msgspec.field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    exits: Ints = msgspec.field(default_factory=lambda: np.zeros(0, dtype=np.intp))
    anchor: Floats | None = None
    length: Ints | None = None

    @property
    def count(self) -> int:
        """Number of nodes."""
        return len(self.width)

    @property
    def is_long(self) -> Bools:
        """Which nodes are scopes with several layers in them."""
        return np.zeros(self.count, np.bool_) if self.length is None else self.length > 1


def sizes_of(graph: nx.DiGraph[Any], nodes: Sequence[Any]) -> Floats:
    """Widths and heights of some nodes, shape (n, 2)."""
    attributes_of = dict(graph.nodes(data=True))
    attributes = [attributes_of[node] for node in nodes]
    sizes = [(a.get("width", DEFAULT_WIDTH), a.get("height", DEFAULT_HEIGHT)) for a in attributes]
    return np.array(sizes, dtype=np.float64).reshape(-1, 2)


def neighbours(count: int, source: Ints, target: Ints) -> tuple[Ints, Ints]:
    """Adjacency as `(start, end)`: the targets of node `i` are `end[start[i]:start[i + 1]]`."""
    start = np.zeros(count + 1, dtype=np.intp)
    np.cumsum(np.bincount(source, minlength=count), out=start[1:])
    return start, target[stable_order(source)]


def neighbour_lists(count: int, source: Ints, target: Ints) -> list[list[int]]:
    """Adjacency as lists, for walks in Python."""
    start, end = neighbours(count, source, target)
    flat = end.tolist()
    return [flat[i:j] for i, j in pairwise(start.tolist())]


def topological_order(out: list[list[int]]) -> list[int]:
    """Sources first; nodes on or behind a cycle are left out."""
    waiting = [0] * len(out)
    for targets in out:
        for target in targets:
            waiting[target] += 1
    order = [node for node, count in enumerate(waiting) if count == 0]
    for node in order:
        for target in out[node]:
            left = waiting[target] = waiting[target] - 1
            if not left:
                order.append(target)
    return order


def _back_edges(out: list[list[int]]) -> set[tuple[int, int]]:
    """Edges that close a cycle in a depth-first walk in canonical order, sources first."""
    has_input = {target for targets in out for target in targets}
    starts = sorted(range(len(out)), key=lambda node: node in has_input)
    back: set[tuple[int, int]] = set()
    state = bytearray(len(out))
    for start in starts:
        if state[start]:
            continue
        state[start] = 1
        stack = [(start, iter(out[start]))]
        while stack:
            node, targets = stack[-1]
            for target in targets:
                if state[target] == 0:
                    state[target] = 1
                    stack.append((target, iter(out[target])))
                    break
                if state[target] == 1:
                    back.add((node, target))
            else:
                state[node] = 2
                stack.pop()
    return back


def prepare(graph: nx.DiGraph[Any], key: Key | None = None) -> tuple[list[Any], Drawing]:
    """The graph's nodes in canonical order, and its drawing."""
    nodes = sorted_nodes(graph, key)
    index = {node: i for i, node in enumerate(nodes)}
    width, height = np.ascontiguousarray(sizes_of(graph, nodes).T)
    find = index.__getitem__
    targets_of = [targets for _, targets in graph.adjacency()]
    source = np.repeat([*map(find, graph)], [*map(len, targets_of)])
    target = np.array([*map(find, chain.from_iterable(targets_of))], np.intp)
    pairs = np.stack((source, target), axis=1)[stable_order(source * len(nodes) + target)]
    return nodes, make_drawing(width, height, pairs)


Pairs = list[tuple[int, int]]


def acyclic_pairs(count: int, pairs: Pairs) -> tuple[Pairs, set[tuple[int, int]]]:
    """Sorted edges without a cycle, and those of `pairs` that they hold the other way round.

    `pairs` are sorted, distinct, and without loops.
    """
    out: list[list[int]] = [[] for _ in range(count)]
    for source, target in pairs:
        out[source].append(target)
    if len(topological_order(out)) == count:
        return pairs, set()
    back = _back_edges(out)
    return sorted({(v, u) if (u, v) in back else (u, v) for u, v in pairs}), back


def make_drawing(width: Floats, height: Floats, pairs: Ints | Pairs) -> Drawing:
    """A drawing from sizes and sorted, distinct edges, which may be loops or close cycles."""
    count = len(width)
    ends = np.array(pairs, dtype=np.intp).reshape(-1, 2)
    is_loop = ends[:, 0] == ends[:, 1]
    loops, ends = ends[is_loop, 0], ends[~is_loop]
    edge_of: dict[tuple[int, int], int] = {}
    if not (ends[:, 0] < ends[:, 1]).all():
        straight = [(u, v) for u, v in ends.tolist()]
        kept, back = acyclic_pairs(count, straight)
        if back:
            number = {pair: i for i, pair in enumerate(kept)}
            edge_of = {
                (u, v): -1 - number[v, u] if (u, v) in back else number[u, v] for u, v in straight
            }
            ends = np.array(kept, dtype=np.intp).reshape(-1, 2)
    source, target = ends[:, 0].copy(), ends[:, 1].copy()
    if not edge_of:
        both = zip(source.tolist(), target.tolist(), strict=True)
        edge_of = dict(zip(both, range(len(ends)), strict=True))
    return Drawing(
        width=width, height=height, source=source, target=target, edge_of=edge_of, loops=loops
    )


def _wrapped(drawing: Drawing, out: list[list[int]], into: list[list[int]]) -> dict[int, int]:
    """The row of each leaf, counted from the only op that it feeds, where these are very many.

    And of each node at the end of the graph, from the only op that feeds it.
    """
    rows: dict[int, int] = {}
    if not _has_many_leaves(drawing):
        return rows
    ports = {*drawing.entries.tolist(), *drawing.exits.tolist()}
    for ahead, behind in ((out, into), (into, out)):
        groups: dict[int, list[int]] = {}
        for node in range(drawing.count):
            if not behind[node] and len(ahead[node]) == 1 and node not in ports:
                groups.setdefault(ahead[node][0], []).append(node)
        for group in groups.values():
            if len(group) > MANY_LEAVES:
                size = drawing.width[group].mean() + ROOM, drawing.height[group].mean() + ROOM
                in_row = math.ceil(math.sqrt(ROW_ASPECT * len(group) * size[1] / size[0]))
                last = (len(group) - 1) // in_row
                for i, node in enumerate(group):
                    rows[node] = last - i // in_row if ahead is out else i // in_row
    return rows


def _has_many_leaves(drawing: Drawing) -> bool:
    """Whether one node has more neighbours without any others than stand in one row."""
    count = drawing.count
    leaving = np.bincount(drawing.source, minlength=count)
    arriving = np.bincount(drawing.target, minlength=count)
    leaves = (leaving + arriving) == 1
    hubs = np.concatenate(
        (drawing.target[leaves[drawing.source]], drawing.source[leaves[drawing.target]])
    )
    return bool(np.bincount(hubs, minlength=1).max() > MANY_LEAVES)


class Ranks(msgspec.Struct, frozen=True):
    """`layer` of each node, and the longest way to it (`depth`) and from it (`height`).

    Ways go through whatever is within the nodes on them: that through a node is `length` long.
    `wrapped` are nodes of which so many belong to one op that they stand in several rows.
    """

    layer: Ints
    depth: Ints
    height: Ints
    length: Ints
    wrapped: Ints


def _ways_through(
    drawing: Drawing, order: list[int], into: list[list[int]], out: list[list[int]]
) -> tuple[list[int], list[int]]:
    """The longest ways to nodes and from them, given how long it is through each."""
    length = [1] * drawing.count if drawing.length is None else drawing.length.tolist()
    depth, height = [0] * drawing.count, [0] * drawing.count
    for ways, ports in ((depth, drawing.entries), (height, drawing.exits)):
        for port in ports.tolist():
            ways[port] = OUTSIDE
    for node in order:
        for before in into[node]:
            depth[node] = max(depth[node], depth[before] + length[before])
    for node in reversed(order):
        for after in out[node]:
            height[node] = max(height[node], height[after] + length[after])
    return depth, height


def _rows_of_leaves(
    drawing: Drawing, order: list[int], into: list[list[int]], out: list[list[int]]
) -> list[int]:
    """How many layers each node has for leaves of its own between it and long scopes before it.

    Beside such a scope, they would stand as far off as it is wide.
    """
    rows = [0] * drawing.count
    if not drawing.is_long.any():
        return rows
    closed = {*drawing.entries.tolist(), *np.flatnonzero(drawing.is_long).tolist()}
    # How many nodes there are one after the other that lead to one other only, up to each.
    chain_up_to = [0] * drawing.count
    for node in order:
        own = max((chain_up_to[before] for before in into[node]), default=0)
        rows[node] = min(own, MOST_BELOW)
        is_own = len(out[node]) == 1 and node not in closed
        if is_own and all(chain_up_to[before] for before in into[node]):
            chain_up_to[node] = own + 1
    return rows


def rank_nodes(drawing: Drawing) -> Ranks:
    """Put ops as early as they can stand, and what only feeds one op right before it.

    What feeds more ops than feed it goes there as well. Ops on sources alone, such as every step's
    `x[t] @ w`, go to their consumers too where that is far: the sources' trunks get there anyway.
    What could stand beside a long scope stands below it, next to what it leads to.
    """
    count = drawing.count
    out = neighbour_lists(count, drawing.source, drawing.target)
    into = neighbour_lists(count, drawing.target, drawing.source)
    is_sorted = bool((drawing.source < drawing.target).all())
    order = [*range(count)] if is_sorted else topological_order(out)
    depth, height = [0] * count, [0] * count
    row = _wrapped(drawing, out, into)
    for node in row:
        for after in out[node]:
            depth[after] = max(depth[after], row[node] + 1)
    entries = frozenset(drawing.entries.tolist())
    is_long = drawing.is_long.tolist()
    below = _rows_of_leaves(drawing, order, into, out)
    # Whether something that feeds each node, or that itself, feeds others as well.
    feeds_others, follows_ops = [False] * count, [False] * count
    is_fed_by_others, is_fed_by_ops = [False] * count, [False] * count
    for node in order:
        first, others, ops = depth[node], False, False
        for before in into[node]:
            at = depth[before] + (1 + below[node] if is_long[before] else 1)
            if at > first:
                first = at
            others = others or feeds_others[before]
            ops = ops or follows_ops[before]
        is_fed_by_others[node], is_fed_by_ops[node] = others, ops
        shared = len(out[node]) > 1
        feeds_others[node] = others or shared
        follows_ops[node] = ops or (shared and bool(into[node]))
        depth[node] = first + row[node] if node in row and not out[node] else first
    layer = depth.copy()
    scope_layers = {depth[node] for node in np.flatnonzero(drawing.is_long).tolist()}
    for node in drawing.exits.tolist():
        layer[node] = max(depth)
    for node in reversed(order):
        if out[node]:
            way, latest, is_scope = 0, sys.maxsize, is_long[node]
            for after in out[node]:
                if height[after] > way:
                    way = height[after]
                at = layer[after] - below[after] if is_scope else layer[after]
                if at < latest:
                    latest = at
            height[node] = 1 + way
            latest -= 1 + row.get(node, 0)
            wants_later = not is_fed_by_others[node] or len(out[node]) > len(into[node])
            if not wants_later and not is_fed_by_ops[node]:
                wants_later = latest - depth[node] > NEAR_LAYERS or not scope_layers.isdisjoint(
                    range(depth[node], latest)
                )
            if wants_later and node not in entries:
                layer[node] = latest
    if drawing.length is not None:
        depth, height = _ways_through(drawing, order, into, out)
    return Ranks(
        layer=np.array(layer, np.intp),
        depth=np.array(depth, np.intp),
        height=np.array(height, np.intp),
        length=np.ones(count, np.intp) if drawing.length is None else drawing.length,
        wrapped=np.array(sorted(row), np.intp),
    )

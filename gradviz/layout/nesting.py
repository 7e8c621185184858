"""A graph whose nodes belong to nested scopes, as one small graph for each scope."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import chain, pairwise
from typing import Final, Generic, TypeAlias

import msgspec
import networkx as nx
import numpy as np

from gradviz.layout.canonical import Key, sorted_nodes
from gradviz.layout.model import NodeT, Path
from gradviz.layout.prepare import Bools, Ints, acyclic_pairs
from gradviz.layout.routes import starts_of

UNIT: Final = 0
EXIT: Final = 2
ENTRY: Final = 3
"""What an end is: something that stands in a scope, or a port in the scope's border, where lines
of one source pass, in its last side or its first."""
KINDS: Final = 4


class Ends(msgspec.Struct, frozen=True):
    """What lines join, scope by scope and in canonical order within each.

    Those of scope `s` are `first[s]:first[s + 1]`. `kind` is one of those above; `node` is the
    node that stands there, the first one of the inner scope that does, or the source of the
    port's lines; `inner` is that scope, -1 for others.
    """

    first: Ints
    kind: Ints
    node: Ints
    inner: Ints


class Legs(msgspec.Struct, frozen=True):
    """The parts of lines that are each within one scope, scope by scope.

    Those of scope `s` are `first[s]:first[s + 1]`. A leg is drawn from the end `upper` down to
    the end `lower`, `is_up` where its line goes the other way. `leave` is the port through which
    it comes out of the inner scope at its upper end, `enter` that of the lower one; -1 for none.
    """

    first: Ints
    upper: Ints
    lower: Ints
    source: Ints
    is_up: Bools
    leave: Ints
    enter: Ints


Row: TypeAlias = tuple[Ints, Ints, Ints, Ints, Ints]
"""Legs of some edges: the edge, the ends that it joins from its source on, the ports behind those
where they are inner scopes, -1 for none."""


class Nest(Generic[NodeT]):
    """The scopes of a graph and the way of each edge through them.

    Attributes:
        nodes: all nodes, in canonical order
        paths: all scopes, each after the one that it is in; the first is the whole graph
        parent: the scope around each, -1 for the first
        scope_of: the scope of each node
        loops: nodes with an edge to themselves
        edges: all others, as their nodes' numbers, shape (m, 2)
        ends, legs: what is in each scope
        ways: the legs of each edge from its source to its target, one edge after the other
        first_step: where in `ways` each edge begins
    """

    def __init__(
        self, nodes: Sequence[NodeT], edges: Ints, paths: Sequence[Path], path_of: Ints
    ) -> None:
        """`nodes` are in canonical order, `edges` pairs of their numbers, shape (m, 2).

        `path_of` is the number in `paths` of the scope that each node is in.
        """
        self.nodes = nodes
        self.paths: list[Path] = [()]
        parent, first = [-1], [0]
        by_path: dict[Path, int] = {(): 0}
        numbers, seen = np.unique(path_of, return_index=True)
        scope_of = np.zeros(len(paths), dtype=np.intp)
        for which in np.argsort(seen).tolist():
            path, node = paths[numbers[which]], int(seen[which])
            for end in range(1, len(path) + 1):
                if path[:end] not in by_path:
                    parent.append(by_path[path[: end - 1]])
                    by_path[path[:end]] = len(self.paths)
                    self.paths.append(path[:end])
                    first.append(node)
            scope_of[numbers[which]] = by_path[path]
        self.parent = np.array(parent, dtype=np.intp)
        self.scope_of = scope_of[path_of]
        self._first_node = np.array(first, dtype=np.intp)
        count = max(len(nodes), 1)
        codes = distinct(edges[:, 0] * count + edges[:, 1])
        every = np.stack(np.divmod(codes, count), axis=1)
        is_loop = every[:, 0] == every[:, 1]
        self.loops, self.edges = every[is_loop, 0], every[~is_loop]
        self._route()

    def _route(self) -> None:
        """Find the legs of all edges, and the ends that these join."""
        u, v = self.edges[:, 0].copy(), self.edges[:, 1].copy()
        depth = np.array([len(path) for path in self.paths], dtype=np.intp)
        a, b = self.scope_of[u], self.scope_of[v]
        # What stands for either end in its scope: the node, or the inner scope that it is in.
        above, below = np.full(len(u), -1), np.full(len(u), -1)
        # From either end up to the innermost scope of both; a step is edge, scope and inner scope.
        risings: list[tuple[Ints, Ints, Ints]] = []
        fallings: list[tuple[Ints, Ints, Ints]] = []
        while (apart := np.flatnonzero(a != b)).size:
            is_deeper = depth[a[apart]] >= depth[b[apart]]
            for edges, scope, inner, steps in (
                (apart[is_deeper], a, above, risings),
                (apart[~is_deeper], b, below, fallings),
            ):
                steps.append((edges, scope[edges], inner[edges]))
                inner[edges] = scope[edges]
                scope[edges] = self.parent[scope[edges]]
        is_up = self._against(a, self._first(u, above), self._first(v, below))
        ports = [
            # Whatever goes out of a scope upwards comes in through its first side, and so on.
            self._port_codes(edges, scope, np.where(is_up[edges] == is_falling, EXIT, ENTRY))
            for steps, is_falling in ((risings, False), (fallings, True))
            for edges, scope, _ in steps
        ]
        sizes = starts_of(np.array([*map(len, ports)], dtype=np.intp))
        port = self._find_ends(np.concatenate([np.zeros(0, dtype=np.intp), *ports]))
        through = [port[i:j] for i, j in pairwise(sizes.tolist())]
        legs, passed = self._rows(risings, through[: len(risings)], u)
        down, entered = self._rows(fallings, through[len(risings) :], v)
        middle = np.arange(len(u)), self._end(u, above), self._end(v, below), passed, entered
        # Those of the target are found from its end backwards.
        back = [(edges, end, start, enter, leave) for edges, start, end, leave, enter in down[::-1]]
        self._find_legs([*legs, middle, *back], u, is_up)

    def _first(self, node: Ints, inner: Ints) -> Ints:
        """The node, or the first one of the inner scope that stands for it."""
        return np.where(inner >= 0, self._first_node[inner], node)

    def _end(self, node: Ints, inner: Ints) -> Ints:
        """The end that a node is, or the inner scope that stands for it."""
        return np.where(inner >= 0, self.end_of_scope[inner], self.end_of_node[node])

    def _rows(
        self, steps: list[tuple[Ints, Ints, Ints]], through: list[Ints], node: Ints
    ) -> tuple[list[Row], Ints]:
        """Legs from one end of edges outwards, and the port that each passes last, -1 for none."""
        passed = np.full(len(node), -1)
        rows = []
        for (edges, _, inner), port in zip(steps, through, strict=True):
            nothing = np.full(len(edges), -1)
            start = self._end(node[edges], inner)
            rows.append((edges, start, port, passed[edges], nothing))
            passed[edges] = port
        return rows, passed

    def _against(self, scope: Ints, above: Ints, below: Ints) -> Bools:
        """Which edges have to run upwards, so that the rest close no cycle in their scope."""
        is_up = np.zeros(len(scope), dtype=np.bool_)
        # Most scopes are in canonical order as they are.
        for number in distinct(scope[above >= below]).tolist():
            edges = np.flatnonzero(scope == number)
            units = np.unique(np.concatenate((above[edges], below[edges])))
            ends = np.searchsorted(units, above[edges]), np.searchsorted(units, below[edges])
            pairs = np.unique(ends[0] * len(units) + ends[1])
            straight = [divmod(pair, len(units)) for pair in pairs.tolist()]
            _, back = acyclic_pairs(len(units), straight)
            against = np.array([p * len(units) + q for p, q in back], dtype=np.intp)
            is_up[edges] = np.isin(ends[0] * len(units) + ends[1], against)
        return is_up

    def _code(self, scope: Ints, node: Ints, kind: Ints | int) -> Ints:
        """What ends are sorted by."""
        return (scope * max(len(self.nodes), 1) + node) * KINDS + kind

    def _port_codes(self, edges: Ints, scope: Ints, kind: Ints) -> Ints:
        return self._code(scope, self.edges[edges, 0], kind)

    def _find_ends(self, ports: Ints) -> Ints:
        """Number everything that stands somewhere, and the ports of these codes: their numbers."""
        units = self._code(self.scope_of, np.arange(len(self.nodes)), UNIT)
        inner = self._code(self.parent[1:], self._first_node[1:], UNIT)
        ports, which = np.unique(ports, return_inverse=True)
        codes = np.concatenate((units, inner, ports))
        order = np.argsort(codes)
        number: Ints = np.empty(len(codes), dtype=np.intp)
        number[order] = np.arange(len(codes))
        self.end_of_node = number[: len(units)]
        self.end_of_scope = np.append(-1, number[len(units) : len(units) + len(inner)])
        rest, kind = np.divmod(codes[order], KINDS)
        of, node = np.divmod(rest, max(len(self.nodes), 1))
        scopes = np.full(len(codes), -1, dtype=np.intp)
        scopes[self.end_of_scope[1:]] = np.arange(1, len(self.paths))
        first = starts_of(np.bincount(of, minlength=len(self.paths)))
        self.ends = Ends(first=first, kind=kind, node=node, inner=scopes)
        numbers: Ints = number[len(units) + len(inner) + which]
        return numbers

    def _find_legs(self, rows: list[Row], source: Ints, is_up: Bools) -> None:
        """The distinct legs, and which of them each edge takes from its source to its target."""
        each = np.concatenate([edges for edges, *_ in rows])
        self.first_step = starts_of(np.bincount(each, minlength=len(source)))
        # The rows follow each other on the way of every edge.
        way: Ints = np.empty((5, len(each)), dtype=np.intp)
        following = self.first_step[:-1].copy()
        for row in rows:
            at = following[row[0]]
            for column, values in zip(way, row, strict=True):
                column[at] = values
            following[row[0]] += 1
        edge, start, end, out, into = way
        up, source = is_up[edge], source[edge]
        upper, lower = np.where(up, end, start), np.where(up, start, end)
        leave, enter = np.where(up, into, out), np.where(up, out, into)
        key = (upper * len(self.ends.node) + lower) * max(len(self.nodes), 1) + source
        key = key * 2 + up
        by_leg = np.argsort(key)
        is_new = np.diff(key[by_leg], prepend=-1) != 0
        # Legs are in the order of their ends, and so scope by scope.
        self.ways = np.empty(len(by_leg), dtype=np.intp)
        self.ways[by_leg] = np.cumsum(is_new) - 1
        kept = by_leg[is_new]
        self.legs = Legs(
            first=np.searchsorted(upper[kept], self.ends.first),
            upper=upper[kept],
            lower=lower[kept],
            source=source[kept],
            is_up=up[kept],
            leave=leave[kept],
            enter=enter[kept],
        )


def distinct(numbers: Ints) -> Ints:
    """Each number once, in order; several times as fast as `numpy.unique`."""
    numbers = np.sort(numbers)
    once: Ints = numbers[np.diff(numbers, prepend=-1) != 0]
    return once


def nest_of(
    graph: nx.DiGraph[NodeT], groups: Mapping[NodeT, Sequence[Hashable]], key: Key | None
) -> Nest[NodeT]:
    """The scopes of a graph; `groups` says in which a node is, as in `layered_layout`."""
    nodes = sorted_nodes(graph, key)
    number: dict[Path, int] = {}
    path_of = [number.setdefault(tuple(groups.get(node, ())), len(number)) for node in nodes]
    index = {node: i for i, node in enumerate(nodes)}
    ends = np.array([*map(index.__getitem__, chain.from_iterable(graph.edges()))], dtype=np.intp)
    return Nest(nodes, ends.reshape(-1, 2), [*number], np.array(path_of, dtype=np.intp))

"""A graph whose nodes belong to nested scopes, as one small graph for each scope."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import pairwise
from typing import Generic, TypeAlias

import msgspec
import networkx as nx

from gradviz.layout.canonical import Key, sorted_nodes
from gradviz.layout.model import NodeT, Path
from gradviz.layout.prepare import acyclic_pairs

Unit: TypeAlias = int
"""What stands in a scope: a node's number, or -1 minus an inner scope's number."""


class Port(msgspec.Struct, frozen=True):
    """Where lines of one source pass the border of a scope: its first side or its last."""

    source: int
    is_entry: bool


class Leg(msgspec.Struct, frozen=True):
    """The part of lines from `source` that is within one scope, drawn from `upper` to `lower`."""

    upper: Unit | Port
    lower: Unit | Port
    source: int
    upwards: bool


class Scope(msgspec.Struct):
    """One scope: its units, the ports in its border, and the lines within it.

    `units` and `legs` are in canonical order once the nest is built; `loops` are nodes with an
    edge to themselves.
    """

    path: Path
    parent: int
    first: int = 0
    units: list[Unit] = []
    ports: list[Port] = []
    legs: list[Leg] = []
    loops: list[int] = []


class Nest(Generic[NodeT]):
    """The scopes of a graph and the way of each edge through them.

    Attributes:
        nodes: all nodes, in canonical order
        scopes: all scopes, each after the one that it is in; the first is the whole graph
        scope_of: the scope of each node
        ways: for each edge the scopes and legs along which it is drawn, from source to target
    """

    def __init__(
        self,
        graph: nx.DiGraph[NodeT],
        groups: Mapping[NodeT, Sequence[Hashable]],
        key: Key | None,
    ) -> None:
        self.nodes = sorted_nodes(graph, key)
        self.scopes = [Scope(path=(), parent=-1)]
        by_path: dict[Path, int] = {(): 0}
        self.scope_of: list[int] = []
        for number, node in enumerate(self.nodes):
            path = tuple(groups.get(node, ()))
            for end in range(1, len(path) + 1):
                if path[:end] not in by_path:
                    parent = by_path[path[: end - 1]]
                    by_path[path[:end]] = len(self.scopes)
                    self.scopes[parent].units.append(-1 - len(self.scopes))
                    self.scopes.append(Scope(path=path[:end], parent=parent, first=number))
            self.scope_of.append(by_path[path])
            self.scopes[by_path[path]].units.append(number)
        self._depth = [len(scope.path) for scope in self.scopes]
        self.ways = self._route(graph)

    def _route(self, graph: nx.DiGraph[NodeT]) -> dict[tuple[NodeT, NodeT], list[tuple[int, Leg]]]:
        index = {node: i for i, node in enumerate(self.nodes)}
        edges = sorted({(index[u], index[v]) for u, v in graph.edges()})
        meetings = {(u, v): self._meeting(u, v) for u, v in edges if u != v}
        pairs: dict[int, set[tuple[Unit, Unit]]] = {}
        for scope, above, below in meetings.values():
            pairs.setdefault(scope, set()).add((above[-1], below[-1]))
        against = {scope: self._against(scope, joined) for scope, joined in pairs.items()}
        legs: dict[tuple[int, Leg], None] = {}
        ways: dict[tuple[NodeT, NodeT], list[tuple[int, Leg]]] = {}
        for u, v in edges:
            if u == v:
                self.scopes[self.scope_of[u]].loops.append(u)
                continue
            scope, above, below = meetings[u, v]
            upwards = (above[-1], below[-1]) in against[scope]
            way = self._way(u, scope, above, below, upwards=upwards)
            legs.update(dict.fromkeys(way))
            ways[self.nodes[u], self.nodes[v]] = way
        ports: dict[tuple[int, Port], None] = {}
        for number, leg in legs:
            self.scopes[number].legs.append(leg)
            ends = [end for end in (leg.upper, leg.lower) if isinstance(end, Port)]
            ports.update(((number, end), None) for end in ends)
        for number, port in ports:
            self.scopes[number].ports.append(port)
        return ways

    def _meeting(self, u: int, v: int) -> tuple[int, list[Unit], list[Unit]]:
        """The innermost scope of both, and the units that lead there from either, from within."""
        a, b = self.scope_of[u], self.scope_of[v]
        above, below = [u], [v]
        while a != b:
            if self._depth[a] >= self._depth[b]:
                above.append(-1 - a)
                a = self.scopes[a].parent
            else:
                below.append(-1 - b)
                b = self.scopes[b].parent
        return a, above, below

    def _against(self, scope: int, pairs: set[tuple[Unit, Unit]]) -> set[tuple[Unit, Unit]]:
        """Which of these have to run upwards, so that the rest close no cycle."""
        units = self.scopes[scope].units
        place = {unit: i for i, unit in enumerate(units)}
        _, back = acyclic_pairs(len(units), sorted((place[a], place[b]) for a, b in pairs))
        return {(units[a], units[b]) for a, b in back}

    def _way(
        self, u: int, scope: int, above: list[Unit], below: list[Unit], *, upwards: bool
    ) -> list[tuple[int, Leg]]:
        out, into = Port(u, is_entry=upwards), Port(u, is_entry=not upwards)
        steps: list[tuple[int, Unit | Port, Unit | Port]] = []
        for inner, outer in pairwise(above):
            steps.append((-1 - outer, inner, out))
        steps.append((scope, above[-1], below[-1]))
        for outer, inner in zip(below[:0:-1], below[-2::-1], strict=True):
            steps.append((-1 - outer, into, inner))
        if upwards:
            return [(s, Leg(end, start, u, upwards=True)) for s, start, end in steps]
        return [(s, Leg(start, end, u, upwards=False)) for s, start, end in steps]

"""A graph whose nodes belong to nested scopes, as one small graph for each scope."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from itertools import chain
from typing import Final, Generic

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
        every = np.stack(np.divmod(np.unique(edges[:, 0] * count + edges[:, 1]), count), axis=1)
        is_loop = every[:, 0] == every[:, 1]
        self.loops, self.edges = every[is_loop, 0], every[~is_loop]
        self._route()

    def _route(self) -> None:
        """Find the legs of all edges, and the ends that these join."""
        u, v = self.edges.T
        depth = np.array([len(path) for path in self.paths], dtype=np.intp)
        a, b = self.scope_of[u], self.scope_of[v]
        above, below = u.copy(), v.copy()
        # From either end up to the innermost scope of both; a step is edge, scope and unit.
        risings: list[tuple[Ints, Ints, Ints]] = []
        fallings: list[tuple[Ints, Ints, Ints]] = []
        while (apart := np.flatnonzero(a != b)).size:
            is_deeper = depth[a[apart]] >= depth[b[apart]]
            for edges, scope, unit, steps in (
                (apart[is_deeper], a, above, risings),
                (apart[~is_deeper], b, below, fallings),
            ):
                steps.append((edges, scope[edges], unit[edges]))
                unit[edges] = self._first_node[scope[edges]]
                scope[edges] = self.parent[scope[edges]]
        is_up = self._against(a, above, below)
        # Whatever goes out of a scope upwards comes in through its first side, and so on.
        parts = []
        for edges, scope, unit in risings:
            port = KINDS * u[edges] + np.where(is_up[edges], ENTRY, EXIT)
            parts.append(_oriented(edges, scope, _unit(unit), port, is_up[edges]))
        parts.append(_oriented(np.arange(len(u)), a, _unit(above), _unit(below), is_up))
        for edges, scope, unit in reversed(fallings):
            port = KINDS * u[edges] + np.where(is_up[edges], EXIT, ENTRY)
            parts.append(_oriented(edges, scope, port, _unit(unit), is_up[edges]))
        each = np.concatenate([part[0] for part in parts])
        self.first_step = starts_of(np.bincount(each, minlength=len(u)))
        # The parts follow each other on the way of every edge.
        way: Ints = np.empty((4, len(each)), dtype=np.intp)
        following = self.first_step[:-1].copy()
        for part in parts:
            way[:, following[part[0]]] = np.stack(part)
            following[part[0]] += 1
        edge, inside, upper, lower = way
        self.ends = self._find_ends(inside, upper, lower)
        self._find_legs(inside, upper, lower, u[edge], is_up[edge])

    def _against(self, scope: Ints, above: Ints, below: Ints) -> Bools:
        """Which edges have to run upwards, so that the rest close no cycle in their scope."""
        is_up = np.zeros(len(scope), dtype=np.bool_)
        order = np.argsort(scope, kind="stable")
        bounds = np.flatnonzero(np.diff(scope[order], prepend=-1, append=-1))
        for i, j in zip(bounds[:-1].tolist(), bounds[1:].tolist(), strict=True):
            edges = order[i:j]
            # Most scopes are in canonical order as they are.
            if (above[edges] < below[edges]).all():
                continue
            units = np.unique(np.concatenate((above[edges], below[edges])))
            ends = np.searchsorted(units, above[edges]), np.searchsorted(units, below[edges])
            pairs = np.unique(ends[0] * len(units) + ends[1])
            straight = [divmod(pair, len(units)) for pair in pairs.tolist()]
            _, back = acyclic_pairs(len(units), straight)
            against = np.array([p * len(units) + q for p, q in back], dtype=np.intp)
            is_up[edges] = np.isin(ends[0] * len(units) + ends[1], against)
        return is_up

    def _find_ends(self, scope: Ints, upper: Ints, lower: Ints) -> Ends:
        """Everything that stands somewhere, and the ports of these legs."""
        count = KINDS * max(len(self.nodes), 1)
        units = self.scope_of * count + _unit(np.arange(len(self.nodes)))
        inner = self.parent[1:] * count + _unit(self._first_node[1:])
        both = np.concatenate((scope, scope)) * count + np.concatenate((upper, lower))
        self._codes = np.unique(np.concatenate((units, inner, both)))
        of, rest = np.divmod(self._codes, count)
        node, kind = np.divmod(rest, KINDS)
        scopes = np.full(len(self._codes), -1, dtype=np.intp)
        scopes[np.searchsorted(self._codes, inner)] = np.arange(1, len(self.paths))
        self.end_of_scope = np.concatenate(([-1], np.searchsorted(self._codes, inner)))
        self.end_of_node = np.searchsorted(self._codes, units)
        first = starts_of(np.bincount(of, minlength=len(self.paths)))
        return Ends(first=first, kind=kind, node=node, inner=scopes)

    def _find_legs(self, scope: Ints, upper: Ints, lower: Ints, source: Ints, is_up: Bools) -> None:
        count = KINDS * max(len(self.nodes), 1)
        upper = np.searchsorted(self._codes, scope * count + upper)
        lower = np.searchsorted(self._codes, scope * count + lower)
        by_leg = np.lexsort((is_up, source, lower, upper))
        columns = np.stack((upper, lower, source, is_up))[:, by_leg]
        is_new = np.ones(len(by_leg), dtype=np.bool_)
        is_new[1:] = (columns[:, 1:] != columns[:, :-1]).any(axis=0)
        # Legs are in the order of their ends, and so scope by scope.
        self.ways = np.empty(len(by_leg), dtype=np.intp)
        self.ways[by_leg] = np.cumsum(is_new) - 1
        kept = by_leg[is_new]
        upper, lower, source = upper[kept], lower[kept], source[kept]

        def port(end: Ints, kind: int) -> Ints:
            inner = self.ends.inner[end]
            code = np.searchsorted(self._codes, inner * count + KINDS * source + kind)
            return np.where(inner >= 0, code, -1)

        self.legs = Legs(
            first=starts_of(np.bincount(scope[kept], minlength=len(self.paths))),
            upper=upper,
            lower=lower,
            source=source,
            is_up=is_up[kept],
            leave=port(upper, EXIT),
            enter=port(lower, ENTRY),
        )


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


def _unit(node: Ints) -> Ints:
    """What stands in a scope, by its first node."""
    return KINDS * node + UNIT


def _oriented(
    edges: Ints, scope: Ints, start: Ints, end: Ints, is_up: Bools
) -> tuple[Ints, Ints, Ints, Ints]:
    """Legs from their upper to their lower ends."""
    return edges, scope, np.where(is_up, end, start), np.where(is_up, start, end)

"""One order of a graph's nodes that does not depend on how the graph was put together."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from enum import Enum
from functools import lru_cache
from typing import Any

import networkx as nx

from gradviz.layout.model import NodeT

Key = Callable[[Any], Any]


def canonical_key(node: Hashable) -> tuple[Any, ...]:
    """A sort key that orders nodes of mixed types: numbers, then text, enums, tuples, the rest.

    Objects of other types all get the same key per type, and keep the order of insertion.
    """
    match node:
        case Enum():
            return _enum_key(node)
        case int() | float():
            return (0, node)
        case str():
            return (1, node)
        case bytes():
            return (2, node)
        case tuple():
            return (4, tuple(canonical_key(part) for part in node))
        case frozenset():
            return (5, tuple(sorted(canonical_key(part) for part in node)))
        case _:
            return (6, type(node).__qualname__)


@lru_cache(maxsize=1024)
def _enum_key(member: Enum) -> tuple[Any, ...]:
    """The few members of enums are in many nodes."""
    return (3, type(member).__qualname__, canonical_key(member.value))


def sorted_nodes(graph: nx.DiGraph[NodeT], key: Key | None) -> list[NodeT]:
    """The nodes by their attribute `order` where they have one, then by key."""
    has_orders = any("order" in attributes for _, attributes in graph.nodes(data=True))
    if not has_orders and key is None and {*map(type, graph)} <= {int}:
        return sorted(graph, key=_itself)
    sort_key = key or canonical_key
    if not has_orders:
        return sorted(graph, key=sort_key)

    def full_key(node: NodeT) -> tuple[Any, ...]:
        order = graph.nodes[node].get("order")
        return (1, 0, sort_key(node)) if order is None else (0, order, sort_key(node))

    return sorted(graph.nodes(), key=full_key)


def _itself(node: Any) -> Any:
    return node

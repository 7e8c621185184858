"""Graphs to lay out: those of textbooks, and random ones."""

from __future__ import annotations

import random
from typing import Any

import networkx as nx
from hypothesis import strategies as st


def chain_rule() -> nx.DiGraph[str]:
    """`p = x + y; g = p * z`."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from([("x", "+"), ("y", "+"), ("+", "p"), ("p", "*"), ("z", "*"), ("*", "g")])
    return graph


def perceptron_layers(count: int) -> nx.DiGraph[tuple[str, int]]:
    """Linear layers, each with its weight and bias, and activations between them."""
    graph: nx.DiGraph[tuple[str, int]] = nx.DiGraph()
    for i in range(count):
        before = ("relu", i - 1) if i else ("x", 0)
        graph.add_edges_from(
            [(part, ("linear", i)) for part in (before, ("weight", i), ("bias", i))]
        )
        graph.add_edge(("linear", i), ("relu", i))
    return graph


def shuffled(graph: nx.DiGraph[Any], seed: int) -> nx.DiGraph[Any]:
    """The same graph, put together in another order."""
    shuffle = random.Random(seed).shuffle
    nodes, edges = list(graph.nodes(data=True)), list(graph.edges(data=True))
    shuffle(nodes)
    shuffle(edges)
    result: nx.DiGraph[Any] = nx.DiGraph()
    result.add_nodes_from(nodes)
    result.add_edges_from(edges)
    return result


@st.composite
def digraphs(draw: st.DrawFn, *, acyclic: bool = False, most: int = 24) -> nx.DiGraph[int]:
    """Graphs with nodes of many sizes, in any number of components."""
    count = draw(st.integers(0, most))
    graph: nx.DiGraph[int] = nx.DiGraph()
    sizes = st.floats(1, 400, allow_nan=False)
    for node in range(count):
        graph.add_node(node)
        if draw(st.booleans()):
            graph.nodes[node].update(width=draw(sizes), height=draw(sizes))
    if count:
        ends = st.tuples(st.integers(0, count - 1), st.integers(0, count - 1))
        for a, b in draw(st.lists(ends, max_size=2 * count)):
            if not acyclic:
                graph.add_edge(a, b)
            elif a != b:
                graph.add_edge(min(a, b), max(a, b))
    return graph

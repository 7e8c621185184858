"""Graphs of the shapes that recordings have, without torch."""

from __future__ import annotations

import random
from itertools import count

import networkx as nx

Graph = nx.DiGraph
Pair = tuple[int, bool]
"""A node, and whether it is its autograd node."""


class _Builder:
    def __init__(self) -> None:
        self.graph: Graph[int] = nx.DiGraph()
        self._numbers = count()

    def node(self, *inputs: int) -> int:
        """An op on these inputs, a parameter without any."""
        number = next(self._numbers)
        self.graph.add_node(number, width=90.0 if inputs else 70.0, height=34.0)
        self.graph.add_edges_from((before, number) for before in inputs)
        return number

    def linear(self, x: int) -> int:
        return self.node(x, self.node(), self.node())


def perceptron(layers: int) -> Graph[int]:
    """Linear layers with activations."""
    build = _Builder()
    x = build.node()
    for _ in range(layers):
        x = build.node(build.linear(x))
    return build.graph


def transformer(layers: int) -> Graph[int]:
    """The shape of GPT-2: attention, a multilayer perceptron with GELU, residuals, norms."""
    build = _Builder()
    node = build.node
    x = node(node(node(), node()), node(node(), node()))
    for _ in range(layers):
        split = node(build.linear(build.linear(x)))
        q, k, v = (node(node(node(split))) for _ in range(3))
        scores = node(node(node(node(q, node(k))), node()))
        mixed = node(node(node(node(scores), v)))
        x = node(x, node(build.linear(mixed)))
        hidden = build.linear(build.linear(x))
        cube = node(node(hidden), node())
        gelu = node(node(node(node(node(hidden, cube)), node())), node())
        x = node(x, node(build.linear(node(node(hidden, node()), gelu))))
    node(node(build.linear(x), node()), node())
    return build.graph


def with_backward(graph: Graph[int]) -> tuple[Graph[Pair], dict[Pair, Pair]]:
    """Every node with an autograd node beside it, and which belongs to which.

    The edges among these mirror those of the graph.
    """
    both: Graph[Pair] = nx.DiGraph()
    for node, size in graph.nodes(data=True):
        both.add_node((node, False), **size)
        both.add_node((node, True), **size)
        both.add_edge((node, False), (node, True))
    for u, v in graph.edges():
        both.add_edges_from([((u, False), (v, False)), ((u, True), (v, True))])
    return both, {(node, True): (node, False) for node in graph}


def recurrent(steps: int) -> Graph[int]:
    """An LSTM cell, unrolled: four weights used at every step."""
    build = _Builder()
    node = build.node
    weights = [node() for _ in range(4)]
    hidden, cell, inputs = node(), node(), node()
    for _ in range(steps):
        x = node(node(inputs), weights[0], weights[1])
        gates = node(node(x, node(hidden, weights[2], weights[3])))
        i, f, g, o = (node(gates) for _ in range(4))
        cell = node(node(f, cell), node(i, g))
        hidden = node(o, node(cell))
        node(hidden)
    return build.graph


def deep(nodes: int, seed: int = 0) -> Graph[int]:
    """A random graph whose edges come from a little before."""
    chance = random.Random(seed)
    graph: Graph[int] = nx.DiGraph()
    graph.add_nodes_from(range(nodes))
    for node in range(1, nodes):
        for _ in range(chance.choice((1, 1, 2))):
            graph.add_edge(max(0, node - 1 - int(chance.expovariate(1 / 6))), node)
    return graph


def square(nodes: int, seed: int = 0) -> Graph[int]:
    """As many layers as nodes in a layer, each with two inputs near above."""
    chance = random.Random(seed)
    side = int(nodes**0.5)
    graph: Graph[int] = nx.DiGraph()
    graph.add_nodes_from(range(side * side))
    for node in range(side, side * side):
        row, column = divmod(node, side)
        for _ in range(2):
            graph.add_edge((row - 1) * side + (column + chance.randint(-2, 2)) % side, node)
    return graph

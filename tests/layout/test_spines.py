from __future__ import annotations

from itertools import pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings

from gradviz.layout.layers import make_layers
from gradviz.layout.order import order_vertices
from gradviz.layout.prepare import prepare, rank_nodes
from gradviz.layout.spines import find_spines
from gradviz.layout.watch import Watch
from tests.layout.graphs import digraphs


def spines_of(graph: nx.DiGraph[int]) -> list[list[tuple[int, int, int]]]:
    """The vertices of each spine: layer, component and place."""
    _, drawing = prepare(graph)
    ranks = rank_nodes(drawing)
    layers = make_layers(drawing, ranks)
    place = order_vertices(layers, ranks, sweeps=4, watch=Watch())
    block = find_spines(layers, ranks, place)
    spines: list[list[tuple[int, int, int]]] = [[] for _ in range(int(block.max(initial=-1)) + 1)]
    rows = zip(block, layers.layer, layers.component, place, strict=True)
    for spine, layer, component, at in rows:
        spines[spine].append((int(layer), int(component), int(at)))
    return spines


def check_spines(graph: nx.DiGraph[int]) -> None:
    pieces: dict[tuple[int, int], list[tuple[int, int]]] = {}
    for spine in spines_of(graph):
        spine.sort()
        assert [layer for layer, _, _ in spine] == list(
            range(spine[0][0], spine[0][0] + len(spine))
        )
        for (layer, component, above), (_, _, below) in pairwise(spine):
            pieces.setdefault((layer, component), []).append((above, below))
    for ends in pieces.values():
        ends.sort()
        assert [below for _, below in ends] == sorted(below for _, below in ends)


@given(digraphs())
@settings(deadline=None, max_examples=100)
def test_spines_have_one_vertex_in_each_layer_and_never_cross(graph: nx.DiGraph[int]) -> None:
    check_spines(graph)


@pytest.mark.parametrize("seed", range(3))
def test_spines_of_a_larger_graph_never_cross(seed: int) -> None:
    chance = np.random.default_rng(seed)
    graph = nx.DiGraph(
        (max(0, node - 1 - int(chance.exponential(6))), node)
        for node in range(1, 400)
        for _ in range(chance.integers(1, 3))
    )
    check_spines(graph)

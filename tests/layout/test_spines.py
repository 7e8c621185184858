from __future__ import annotations

from itertools import combinations, pairwise

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.layout.layers import Layers, make_layers
from gradviz.layout.order import order_vertices
from gradviz.layout.prepare import Ints, prepare, rank_nodes
from gradviz.layout.spines import find_spines, joined_blocks
from gradviz.layout.watch import Watch
from tests.layout.graphs import digraphs


def blocks_of(graph: nx.DiGraph[int]) -> tuple[Layers, Ints, Ints]:
    """The graph's layers, its vertices' places, and their spines."""
    _, drawing = prepare(graph)
    ranks = rank_nodes(drawing)
    layers = make_layers(drawing, ranks)
    place = order_vertices(layers, ranks, Watch(), steps=0)
    return layers, place, find_spines(layers, ranks, place)


def straight_edges(graph: nx.DiGraph[int]) -> set[tuple[int, int]]:
    """The edges between nodes of one spine, of a graph without long edges."""
    layers, _, block = blocks_of(graph)
    nodes = sorted(graph)
    of = dict(zip(nodes, block[layers.vertex_of].tolist(), strict=True))
    return {(u, v) for u, v in graph.edges() if of[u] == of[v]}


def spines_of(graph: nx.DiGraph[int]) -> list[list[tuple[int, int, int]]]:
    """The vertices of each spine: layer, component and place."""
    layers, place, block = blocks_of(graph)
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


def test_what_is_at_the_end_of_the_longest_way_stands_above() -> None:
    graph: nx.DiGraph[int] = nx.DiGraph([(1, 2), (2, 3), (0, 3), (3, 4), (4, 5), (3, 6)])
    assert straight_edges(graph) == {(1, 2), (2, 3), (3, 4), (4, 5)}


@pytest.mark.parametrize("count", range(1, 7))
def test_of_equal_neighbours_the_middle_one_stands_above_where_there_is_one(count: int) -> None:
    below: nx.DiGraph[int] = nx.DiGraph((i, count) for i in range(count))
    above: nx.DiGraph[int] = nx.DiGraph((0, i) for i in range(1, count + 1))
    assert len(straight_edges(below)) == count % 2
    assert len(straight_edges(above)) == count % 2
    if count % 2:
        assert straight_edges(below) == {(count // 2, count)}
        assert straight_edges(above) == {(0, count // 2 + 1)}


def test_both_have_to_choose_each_other() -> None:
    # What 0 leads on to in the longest way is below 1, which is at the end of a longer way itself.
    graph: nx.DiGraph[int] = nx.DiGraph([(0, 3), (1, 2), (2, 3), (0, 4), (3, 5)])
    assert (0, 3) not in straight_edges(graph)


@given(digraphs(acyclic=True))
@settings(deadline=None, max_examples=100)
def test_trunks_are_straight_but_where_they_cross_each_other(graph: nx.DiGraph[int]) -> None:
    layers, place, block = blocks_of(graph)
    bend = layers.node < 0
    inner = np.flatnonzero(bend[layers.upper] & bend[layers.lower])
    upper, lower = layers.upper[inner], layers.lower[inner]
    is_crossed = np.zeros(len(inner), dtype=np.bool_)
    for number, (u, v) in enumerate(zip(upper, lower, strict=True)):
        beside = layers.layer[upper] == layers.layer[u]
        crosses = (place[upper] - place[u]) * (place[lower] - place[v]) < 0
        is_crossed[number] = (beside & crosses).any()
    is_straight = block[upper] == block[lower]
    assert (is_straight | is_crossed).all()


@given(digraphs())
@settings(deadline=None, max_examples=50)
def test_spines_are_numbered_without_gaps(graph: nx.DiGraph[int]) -> None:
    _, _, block = blocks_of(graph)
    assert set(block.tolist()) == set(range(len(set(block.tolist()))))


def most_without_crossings(edges: list[tuple[int, int]], kept: list[tuple[int, int]]) -> int:
    """How many of these can be kept beside others, so that none crosses another: all tried."""
    for count in range(len(edges), 0, -1):
        for chosen in combinations(edges, count):
            ends = sorted([*chosen, *kept])
            if all(a[1] < b[1] for a, b in pairwise(ends)):
                return count
    return 0


@given(st.permutations(range(7)), st.lists(st.booleans(), min_size=7, max_size=7))
@settings(deadline=None, max_examples=100)
def test_as_many_edges_as_can_be_are_straight_and_first_class_ones_before_others(
    below: list[int], strong: list[bool]
) -> None:
    graph: nx.DiGraph[int] = nx.DiGraph((i, 7 + j) for i in range(7) for j in range(7))
    _, drawing = prepare(graph)
    layers = make_layers(drawing, rank_nodes(drawing))
    place = np.array([*range(7), *below])
    edges = np.flatnonzero(layers.node[layers.lower] - layers.node[layers.upper] == 7)
    block = joined_blocks(layers, place, edges, np.array(strong))
    ends = list(enumerate(below))
    straight = [end for end in ends if block[end[0]] == block[7 + end[0]]]
    assert [v for _, v in straight] == sorted(v for _, v in straight)
    first = [end for end in straight if strong[end[0]]]
    rest = [end for end in straight if not strong[end[0]]]
    assert len(first) == most_without_crossings([end for end in ends if strong[end[0]]], [])
    assert len(rest) == most_without_crossings([end for end in ends if not strong[end[0]]], first)


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

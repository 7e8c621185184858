from __future__ import annotations

import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import graphs
from gradviz.layout import (
    MAX_NODES,
    Direction,
    GraphTooLarge,
    LayoutCancelled,
    LayoutOptions,
    NetworkxKind,
    networkx_layout,
)
from gradviz.layout.spread import spread
from tests.layout.geometry import defects, overlaps
from tests.layout.graphs import chain_rule, digraphs, shuffled


def unsound(graph: nx.DiGraph[int], kind: NetworkxKind, direction: Direction) -> set[str]:
    """What is wrong, lines through nodes apart: these layouts do not promise that."""
    return set(defects(graph, networkx_layout(graph, kind, LayoutOptions(direction=direction)))) - {
        "hits"
    }


@given(digraphs(), st.sampled_from(NetworkxKind), st.sampled_from(Direction))
@settings(deadline=None, max_examples=100)
def test_nodes_of_any_size_never_overlap_and_lines_go_from_border_to_border(
    graph: nx.DiGraph[int], kind: NetworkxKind, direction: Direction
) -> None:
    assert unsound(graph, kind, direction) == set()


@pytest.mark.parametrize("kind", NetworkxKind)
def test_a_graph_of_some_hundred_nodes_is_sound_and_of_bearable_size(kind: NetworkxKind) -> None:
    graph = graphs.deep(200)
    layout = networkx_layout(graph, kind)
    assert overlaps(graph, layout) == []
    assert max(layout.size) < 40_000


@pytest.mark.parametrize("kind", NetworkxKind)
def test_the_order_of_insertion_does_not_matter(kind: NetworkxKind) -> None:
    graph = graphs.deep(60)
    assert networkx_layout(shuffled(graph, 3), kind) == networkx_layout(graph, kind)


@pytest.mark.parametrize("kind", NetworkxKind)
def test_a_graph_that_is_too_large_is_refused_with_both_numbers(kind: NetworkxKind) -> None:
    graph = nx.empty_graph(MAX_NODES[kind] + 1, create_using=nx.DiGraph)
    with pytest.raises(GraphTooLarge, match=rf"{MAX_NODES[kind]} nodes; this one has {len(graph)}"):
        networkx_layout(graph, kind)


def test_the_circle_is_one() -> None:
    graph = nx.path_graph(12, create_using=nx.DiGraph)
    at = np.array(list(networkx_layout(graph, NetworkxKind.CIRCULAR).positions.values()))
    radius = np.hypot(*(at - at.mean(axis=0)).T)
    assert radius.max() < 1.15 * radius.min()


@pytest.mark.parametrize("direction", Direction)
def test_the_multipartite_layout_has_the_forward_pass_in_layers(direction: Direction) -> None:
    along = 1 if direction is Direction.DOWN else 0
    layout = networkx_layout(
        chain_rule(), NetworkxKind.MULTIPARTITE, LayoutOptions(direction=direction)
    )
    depth = [layout.positions[node][along] for node in ("x", "+", "p", "*", "g")]
    assert depth == sorted(set(depth))
    assert layout.positions["y"][along] == layout.positions["x"][along]


def test_lines_in_both_directions_run_beside_each_other() -> None:
    graph = nx.DiGraph([("a", "b"), ("b", "a")])
    layout = networkx_layout(graph, NetworkxKind.SPRING)
    there, back = layout.routes["a", "b"], layout.routes["b", "a"]
    assert there != back[::-1]
    assert layout.direction is None


def test_nodes_at_one_point_are_spread_as_well() -> None:
    sizes = np.full((30, 2), 50.0)
    at = spread(np.zeros((30, 2)), sizes, 10.0)
    apart = np.abs(at[:, None] - at[None]).max(axis=2)
    assert apart[np.triu_indices(30, k=1)].min() >= 60.0 - 1e-6


def test_it_stops_when_it_is_asked_to() -> None:
    with pytest.raises(LayoutCancelled):
        networkx_layout(chain_rule(), NetworkxKind.SPRING, LayoutOptions(should_stop=lambda: True))


@pytest.mark.parametrize("kind", NetworkxKind)
def test_an_empty_graph_has_an_empty_layout(kind: NetworkxKind) -> None:
    assert networkx_layout(nx.DiGraph(), kind).positions == {}

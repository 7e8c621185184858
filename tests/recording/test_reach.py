from __future__ import annotations

import networkx as nx
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradviz.recording.reach import Reach


def reach_of(count: int, edges: list[tuple[int, int]]) -> Reach:
    both = np.array(edges, np.intp).reshape(-1, 2)
    return Reach(count, both[:, 0], both[:, 1])


@given(st.lists(st.tuples(st.integers(0, 7), st.integers(0, 7)), max_size=20))
def test_it_agrees_with_networkx(edges: list[tuple[int, int]]) -> None:
    graph: nx.DiGraph[int] = nx.DiGraph(edges)
    graph.add_nodes_from(range(8))
    reach = reach_of(8, edges)
    for node in range(8):
        after = np.flatnonzero(reach.descendants(node)).tolist()
        assert set(after) == nx.descendants(graph, node) | {node}
        before = np.flatnonzero(reach.ancestors(node)).tolist()
        assert set(before) == nx.ancestors(graph, node) | {node}


def test_between_is_what_lies_on_a_way() -> None:
    reach = reach_of(6, [(0, 1), (1, 3), (0, 2), (2, 3), (3, 4), (1, 5)])
    assert np.flatnonzero(reach.between(0, 4)).tolist() == [0, 1, 2, 3, 4]
    assert np.flatnonzero(reach.between(3, 0)).tolist() == [0, 1, 2, 3]
    assert not reach.between(4, 5).any()


def test_several_nodes_are_asked_for_at_once() -> None:
    reach = reach_of(6, [(0, 2), (1, 3), (3, 4)])
    assert np.flatnonzero(reach.descendants(0, 3)).tolist() == [0, 2, 3, 4]
    assert np.flatnonzero(reach.ancestors(2, 3)).tolist() == [0, 1, 2, 3]
    assert not reach.descendants().any()


def test_a_long_chain_needs_no_recursion() -> None:
    count = 50_000
    reach = reach_of(count, [(number, number + 1) for number in range(count - 1)])
    assert reach.descendants(0).all()

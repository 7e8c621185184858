from __future__ import annotations

from itertools import pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.layout import Direction, LayoutOptions, layered_layout, paired_layout
from tests.layout.geometry import defects
from tests.layout.graphs import chain_rule, digraphs, shuffled
from tests.layout.test_compound import frame_defects, grouped


def chain_rule_with_backward() -> tuple[nx.DiGraph[str], dict[str, str]]:
    graph = chain_rule()
    partner = {"AddBackward0": "+", "MulBackward0": "*"}
    partner |= {f"AccumulateGrad {leaf}": leaf for leaf in "xyz"}
    graph.add_edges_from((owner, node) for node, owner in partner.items())
    graph.add_edge("AddBackward0", "MulBackward0")
    graph.add_edges_from((f"AccumulateGrad {leaf}", "AddBackward0") for leaf in "xy")
    graph.add_edge("AccumulateGrad z", "MulBackward0")
    return graph, partner


@st.composite
def paired_graphs(draw: st.DrawFn) -> tuple[nx.DiGraph[int], dict[int, int]]:
    graph = draw(digraphs(most=16))
    graph.remove_edges_from(list(nx.selfloop_edges(graph)))
    count = len(graph)
    owners = range(count // 2)
    partner = {
        node: draw(st.sampled_from(owners))
        for node in range(count // 2, count)
        if count >= 2 and draw(st.booleans())
    }
    return graph, partner


@given(paired_graphs(), st.sampled_from(Direction))
@settings(deadline=None, max_examples=150)
def test_any_paired_graph_is_drawn_without_overlaps_and_without_edges_through_nodes(
    case: tuple[nx.DiGraph[int], dict[int, int]], direction: Direction
) -> None:
    graph, partner = case
    assert defects(graph, paired_layout(graph, partner, LayoutOptions(direction=direction))) == {}


@given(paired_graphs(), st.integers(0, 1000))
@settings(deadline=None, max_examples=40)
def test_the_order_of_insertion_does_not_matter(
    case: tuple[nx.DiGraph[int], dict[int, int]], seed: int
) -> None:
    graph, partner = case
    again = paired_layout(shuffled(graph, seed), dict(reversed(partner.items())))
    assert again == paired_layout(graph, partner)


def test_autograd_nodes_stand_beside_their_op_in_a_column_of_their_own() -> None:
    graph, partner = chain_rule_with_backward()
    layout = paired_layout(graph, partner)
    assert defects(graph, layout) == {}
    distances = set()
    for node, owner in partner.items():
        (x, y), (owner_x, owner_y) = layout.positions[node], layout.positions[owner]
        assert y == owner_y
        distances.add(round(x - owner_x, 3))
    assert len(distances) == 1


def test_backward_edges_mirror_forward_ones() -> None:
    graph, partner = chain_rule_with_backward()
    layout = paired_layout(graph, partner)
    beside = layout.positions["AddBackward0"][0] - layout.positions["+"][0]
    forward = layout.routes["x", "+"]
    backward = layout.routes["AccumulateGrad x", "AddBackward0"]
    assert backward == [pytest.approx((x + beside, y)) for x, y in forward]
    along = layout.routes["AddBackward0", "MulBackward0"]
    assert {round(x, 3) for x, _ in along} == {round(layout.positions["p"][0] + beside, 3)}


@pytest.mark.parametrize("is_framed", [False, True])
def test_a_backward_edge_to_a_folded_scope_passes_named_tensors_in_its_own_column(
    is_framed: bool,
) -> None:
    graph = nx.DiGraph([("w", "+"), ("+", "y"), ("y", "block"), ("+", "AddBackward0")])
    graph.add_edges_from([("AddBackward0", "block"), ("block", "loss")])
    groups = dict.fromkeys(graph, ("model",)) if is_framed else None
    layout = paired_layout(graph, {"AddBackward0": "+"}, groups=groups)
    assert defects(graph, layout) == {}
    column = layout.positions["AddBackward0"][0]
    route = layout.routes["AddBackward0", "block"]
    assert max(x for x, _ in route) == pytest.approx(column)


def test_nodes_of_one_op_are_stacked_in_the_order_of_their_edges() -> None:
    graph = nx.DiGraph([("x", "linear"), ("linear", "y"), ("linear", "t"), ("linear", "addmm")])
    graph.add_edges_from([("t", "addmm"), ("addmm", "square"), ("t", "square"), ("in", "addmm")])
    partner = {"addmm": "linear", "t": "linear", "square": "linear", "in": "x"}
    layout = paired_layout(graph, partner)
    assert defects(graph, layout) == {}
    heights = [layout.positions[node][1] for node in ("t", "addmm", "square")]
    assert all(below - above >= 40 for above, below in pairwise(heights))
    assert len({layout.positions[node][0] for node in ("t", "addmm", "square")}) == 1


def test_without_partners_it_is_the_layered_layout() -> None:
    graph = chain_rule()
    assert paired_layout(graph, {"gone": "x", "x": "gone"}) == layered_layout(graph)


def test_an_owner_that_is_a_partner_itself_is_ignored() -> None:
    graph = nx.DiGraph([("a", "b"), ("b", "c")])
    layout = paired_layout(graph, {"b": "a", "c": "b"})
    assert layout.positions["a"][1] == layout.positions["b"][1] < layout.positions["c"][1]


@given(grouped(), st.sampled_from(Direction))
@settings(deadline=None, max_examples=80)
def test_scopes_are_framed_with_both_columns_inside(
    case: tuple[nx.DiGraph[Any], dict[Any, Any]], direction: Direction
) -> None:
    drawn, groups = case
    # Ops are recorded in the order in which they were computed: forward has no cycles.
    forward: nx.DiGraph[Any] = nx.DiGraph()
    forward.add_nodes_from(drawn)
    forward.add_edges_from((u, v) for u, v in drawn.edges if u < v)
    graph: nx.DiGraph[Any] = nx.DiGraph(forward)
    partner: dict[Any, Any] = {}
    for node in list(forward):
        for number in range(node % 3):
            name = ("grad", node, number)
            partner[name] = node
            graph.add_edge(node, name)
            if node in groups:
                groups[name] = groups[node]
    graph.add_edges_from(
        (("grad", v, 0), ("grad", u, 0)) for u, v in forward.edges() if u % 3 and v % 3 and u != v
    )
    layout = paired_layout(graph, partner, LayoutOptions(direction=direction), groups=groups)
    assert frame_defects(graph, layout, groups) == {}
    assert defects(graph, layout) == {}
    again = paired_layout(
        graph, partner, LayoutOptions(direction=direction), groups=groups, previous=layout
    )
    assert again == layout

"""Graphs whose picture has a shape of its own."""

from __future__ import annotations

from collections import Counter
from typing import Any

import networkx as nx
import pytest

from gradviz.layout import Direction, Layout, LayoutOptions, layered_layout
from tests.layout.geometry import crossings, defects


def columns_of(layout: Layout[Any], nodes: list[Any]) -> Counter[float]:
    return Counter(round(layout.positions[node][0], 2) for node in nodes)


def test_nodes_without_edges_stand_in_rows_and_columns() -> None:
    graph: nx.DiGraph[int] = nx.DiGraph()
    for node in range(23):
        graph.add_node(node, width=60.0 + 15.0 * (node % 4), height=30.0 + node % 3)
    layout = layered_layout(graph)
    assert defects(graph, layout) == {}
    columns = columns_of(layout, list(graph))
    rows = Counter(layout.positions[node][1] for node in graph)
    assert 3 <= len(columns) <= 6
    assert len(rows) == -(-23 // len(columns))
    assert sorted(rows.values())[1:] == [len(columns)] * (len(rows) - 1)
    reading_order = sorted(graph, key=lambda node: layout.positions[node][::-1])
    assert reading_order == list(range(23))


def test_the_grid_stands_below_everything_else() -> None:
    graph: nx.DiGraph[Any] = nx.path_graph(6, create_using=nx.DiGraph)
    graph.add_nodes_from("abcdefgh")
    layout = layered_layout(graph)
    assert defects(graph, layout) == {}
    assert min(layout.positions[node][1] for node in "abcdefgh") > layout.positions[5][1]


@pytest.mark.parametrize("direction", Direction)
@pytest.mark.parametrize("turned", [False, True])
def test_very_many_leaves_of_one_op_stand_in_rows_around_one_trunk(
    direction: Direction, turned: bool
) -> None:
    graph: nx.DiGraph[Any] = nx.DiGraph((i, "op") for i in range(90))
    nx.add_path(graph, ["op", "y", "z"])
    if turned:
        graph = graph.reverse()
    layout = layered_layout(graph, LayoutOptions(direction=direction))
    assert defects(graph, layout) == {}
    assert crossings(layout) == 0
    wide, tall = layout.size
    assert 0.4 < wide / tall < 3.0


def test_ten_thousand_leaves_on_one_op_make_no_picture_of_a_million_pixels() -> None:
    layout = layered_layout(nx.DiGraph((i, -1) for i in range(10_000)))
    assert max(layout.size) < 30_000


def test_a_tensor_added_to_itself_again_and_again_is_one_straight_line() -> None:
    graph = nx.path_graph(101, create_using=nx.DiGraph)
    graph.add_edges_from((0, op) for op in range(1, 101))
    layout = layered_layout(graph)
    assert defects(graph, layout) == {}
    assert len(columns_of(layout, list(graph))) == 1
    assert crossings(layout) == 0


def test_five_hundred_components_fill_a_picture_of_a_window_s_shape() -> None:
    graph = nx.DiGraph(((i, j), (i, j + 1)) for i in range(500) for j in range(1 + i % 4))
    layout = layered_layout(graph)
    assert 0.8 < layout.size[0] / layout.size[1] < 3.2


def test_a_node_alone_and_its_loop_are_a_whole_picture() -> None:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_node(1)
    assert layered_layout(graph).size == (120.0, 40.0)
    graph.add_edge(1, 1)
    layout = layered_layout(graph)
    assert defects(graph, layout) == {}
    assert list(layout.routes) == [(1, 1)]


def test_a_cycle_has_one_line_back() -> None:
    graph = nx.DiGraph([(i, (i + 1) % 7) for i in range(7)])
    layout = layered_layout(graph)
    assert defects(graph, layout) == {}
    back = [edge for edge, line in layout.routes.items() if line[0][1] > line[-1][1]]
    assert back == [(6, 0)]

from __future__ import annotations

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from unittest.mock import patch

import msgspec
import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import graphs
from benchmarks.drawn import count_crossings
from gradviz.layout import Direction, Layout, LayoutCancelled, LayoutOptions, layered_layout, layers
from gradviz.recording.model import Item, ItemKind
from tests.layout.geometry import crossings, defects, hits, is_on_border, overlaps
from tests.layout.graphs import chain_rule, digraphs, perceptron_layers, shuffled


@given(digraphs(), st.sampled_from(Direction))
@settings(deadline=None, max_examples=150)
def test_any_graph_is_drawn_without_overlaps_and_without_edges_through_nodes(
    graph: nx.DiGraph[int], direction: Direction
) -> None:
    assert defects(graph, layered_layout(graph, LayoutOptions(direction=direction))) == {}


@given(digraphs(), st.integers(1, 3))
@settings(deadline=None, max_examples=100)
def test_it_is_as_sound_where_nearly_all_long_edges_join_before_their_target(
    graph: nx.DiGraph[int], many: int
) -> None:
    with patch.object(layers, "MANY", many):
        assert defects(graph, layered_layout(graph)) == {}


@given(digraphs(), st.integers(0, 1000))
@settings(deadline=None, max_examples=60)
def test_the_order_of_insertion_does_not_matter(graph: nx.DiGraph[int], seed: int) -> None:
    layout = layered_layout(graph)
    again = layered_layout(shuffled(graph, seed))
    assert again.positions == layout.positions
    assert again.routes == layout.routes
    assert again.size == layout.size


@given(digraphs(acyclic=True), st.sampled_from(Direction))
@settings(deadline=None, max_examples=60)
def test_edges_of_an_acyclic_graph_run_forwards(
    graph: nx.DiGraph[int], direction: Direction
) -> None:
    layout = layered_layout(graph, LayoutOptions(direction=direction))
    axis = 1 if direction is Direction.DOWN else 0
    for points in layout.routes.values():
        along = [point[axis] for point in points]
        assert along == sorted(along)


@pytest.mark.parametrize("seed", range(3))
def test_a_graph_too_large_for_the_exact_columns_is_sound_as_well(seed: int) -> None:
    chance = random.Random(seed)
    graph = nx.DiGraph(
        (max(0, node - 1 - int(chance.expovariate(1 / 6))), node)
        for node in range(1, 400)
        for _ in range(chance.randint(1, 2))
    )
    assert defects(graph, layered_layout(graph)) == {}


def moved(layout: Layout[Any], node: Any, x: float, y: float) -> Layout[Any]:
    return msgspec.structs.replace(layout, positions=layout.positions | {node: (x, y)})


def test_the_counters_see_a_node_that_was_moved_onto_another_or_onto_an_edge() -> None:
    graph = chain_rule()
    layout = layered_layout(graph)
    (px, py), (gx, gy) = layout.positions["p"], layout.positions["g"]
    assert overlaps(graph, moved(layout, "z", px + 10, py + 10)) == [("p", "z")]
    start, end = layout.routes["*", "g"]
    middle = (start[1] + end[1]) / 2
    assert (("*", "g"), "z") in hits(graph, moved(layout, "z", gx + 30, middle))
    assert "ends off the border" in defects(graph, moved(layout, "g", gx, gy + 3))
    assert "outside" in defects(graph, moved(layout, "z", -5, py))


def test_crossings_are_counted_on_the_drawn_lines() -> None:
    routes = {("a", "d"): [(0.0, 0.0), (10.0, 10.0)], ("b", "c"): [(10.0, 0.0), (0.0, 10.0)]}
    assert crossings(Layout(positions={}, routes=routes, size=(10.0, 10.0))) == 1


def test_an_empty_graph_has_an_empty_layout() -> None:
    layout = layered_layout(nx.DiGraph())
    assert layout.positions == {}
    assert layout.routes == {}
    assert layout.size == (0.0, 0.0)


def test_the_chain_rule_stands_as_an_author_would_print_it() -> None:
    at = layered_layout(chain_rule()).positions
    assert at["+"][0] == at["p"][0] == at["*"][0] == at["g"][0]
    assert at["x"][0] + at["y"][0] == pytest.approx(2 * at["+"][0], abs=0.01)
    assert at["x"][0] < at["y"][0]
    assert at["z"][0] > at["p"][0]
    assert at["x"][1] == at["y"][1] < at["+"][1] < at["p"][1] < at["*"][1] < at["g"][1]
    assert at["z"][1] == at["p"][1]


def test_a_sequential_model_has_one_straight_spine_with_parameters_beside_their_op() -> None:
    at = layered_layout(perceptron_layers(30)).positions
    spine = {at[kind, i][0] for i in range(30) for kind in ("linear", "relu")}
    assert len(spine) == 1
    for i in range(1, 30):
        assert at["weight", i][1] == at["bias", i][1] == at["relu", i - 1][1]


def test_a_shared_weight_stands_before_its_first_consumer() -> None:
    graph = nx.DiGraph([(i, i + 1) for i in range(6)] + [("w", 4), ("w", 6)])
    at = layered_layout(graph).positions
    assert at["w"][1] == at[3][1]


def test_long_edges_of_one_source_share_a_trunk() -> None:
    graph = nx.DiGraph([(i, i + 1) for i in range(9)] + [(0, 5), (0, 9)])
    layout = layered_layout(graph)
    first, second = layout.routes[0, 5], layout.routes[0, 9]
    assert first[:4] == second[:4]


@pytest.mark.parametrize("turned", [False, True])
def test_trees_have_no_crossings(turned: bool) -> None:
    tree = nx.random_labeled_rooted_tree(60, seed=5)
    root = tree.graph["root"]
    graph = nx.bfs_tree(tree, root)
    layout = layered_layout(graph.reverse() if turned else graph)
    assert crossings(layout) == 0


def test_two_by_two_complete_layers_cross_once_each() -> None:
    graph = nx.DiGraph()
    for layer in range(4):
        graph.add_edges_from(((layer, a), (layer + 1, b)) for a in range(2) for b in range(2))
    assert crossings(layered_layout(graph)) == 4


def test_a_ring_between_two_layers_gets_its_fewest_crossings() -> None:
    graph = nx.DiGraph()
    for i in range(8):
        graph.add_edges_from([(("a", i), ("b", i * 3 % 8)), (("a", i), ("b", (i + 1) * 3 % 8))])
    assert crossings(layered_layout(graph)) == 7


def test_sizes_are_respected_and_default_to_120_by_40() -> None:
    graph = nx.DiGraph([("a", "b")])
    graph.nodes["a"].update(width=300, height=90)
    layout = layered_layout(graph, LayoutOptions(layer_gap=10.0))
    assert layout.size == (300.0, 140.0)
    assert layout.positions == {"a": (150.0, 45.0), "b": (150.0, 120.0)}


def test_the_gap_grows_where_lines_go_far_to_the_side() -> None:
    narrow = layered_layout(nx.DiGraph((i, -1) for i in range(5)))
    wide = layered_layout(nx.DiGraph((i, -1) for i in range(24)))
    assert narrow.size[1] == 124.0
    assert narrow.size[1] < wide.size[1] < 500.0


def test_right_is_down_with_its_axes_exchanged() -> None:
    graph = nx.DiGraph([("a", "b")])
    graph.nodes["a"].update(width=300, height=90)
    layout = layered_layout(graph, LayoutOptions(direction=Direction.RIGHT, layer_gap=10.0))
    assert layout.size == (430.0, 90.0)
    assert layout.positions == {"a": (150.0, 45.0), "b": (370.0, 45.0)}
    assert layout.routes["a", "b"] == [(300.0, 45.0), (310.0, 45.0)]


def test_a_cycle_and_a_loop_are_drawn_from_border_to_border() -> None:
    graph = nx.DiGraph([("a", "b"), ("b", "c"), ("c", "a"), ("b", "b")])
    layout = layered_layout(graph)
    assert defects(graph, layout) == {}
    up = layout.routes["c", "a"]
    assert up[0][1] > up[-1][1]
    x, y = layout.positions["b"]
    assert all(
        is_on_border(p, (x - 60, y - 20, x + 60, y + 20)) for p in layout.routes["b", "b"][::3]
    )


def test_parallel_edges_share_a_route() -> None:
    graph: nx.MultiDiGraph[str] = nx.MultiDiGraph([("a", "b"), ("a", "b"), ("b", "c")])
    assert set(layered_layout(graph).routes) == {("a", "b"), ("b", "c")}


def test_components_fill_rows_in_order_and_single_nodes_come_last() -> None:
    graph = nx.DiGraph([((i, "a"), (i, "b")) for i in range(9)])
    graph.add_node((-1, "alone"))
    layout = layered_layout(graph)
    width, height = layout.size
    assert 0.5 < width / height < 4
    reading_order = sorted(
        (layout.positions[i, "a"][1], layout.positions[i, "a"][0], i) for i in range(9)
    )
    assert [i for _, _, i in reading_order] == list(range(9))
    alone = layout.positions[-1, "alone"]
    assert alone[1] >= layout.positions[8, "a"][1]


def test_the_attribute_order_decides_between_equal_operands() -> None:
    graph = nx.DiGraph([("b", "+"), ("a", "+")])
    assert layered_layout(graph).positions["a"][0] < layered_layout(graph).positions["b"][0]
    graph.nodes["a"]["order"], graph.nodes["b"]["order"] = 2, 1
    assert layered_layout(graph).positions["a"][0] > layered_layout(graph).positions["b"][0]


def test_a_key_decides_between_equal_operands() -> None:
    graph = nx.DiGraph([("b", "+"), ("a", "+")])
    at = layered_layout(graph, key=lambda node: -ord(node)).positions
    assert at["a"][0] > at["b"][0]


def test_items_of_a_view_and_mixed_types_have_one_order() -> None:
    items = [Item(kind, i) for kind in ItemKind for i in range(3)]
    graph: nx.DiGraph[Any] = nx.DiGraph([(item, "sum") for item in [*items, 3, 2.5, b"x"]])
    graph.add_edge(frozenset({1, 2}), "sum")
    layout = layered_layout(graph)
    assert layered_layout(shuffled(graph, 4)).positions == layout.positions


def test_nodes_that_cannot_be_compared_keep_the_order_of_insertion() -> None:
    @dataclass(frozen=True)
    class Opaque:
        name: str

    graph = nx.DiGraph([(Opaque("b"), Opaque("sum")), (Opaque("a"), Opaque("sum"))])
    at = layered_layout(graph).positions
    assert at[Opaque("b")][0] < at[Opaque("a")][0]


def test_a_layout_stops_when_it_is_asked_to() -> None:
    asked = iter([False, False, True])
    graph = nx.gnp_random_graph(60, 0.2, seed=1, directed=True)
    with pytest.raises(LayoutCancelled, match="stopped"):
        layered_layout(graph, LayoutOptions(should_stop=lambda: next(asked)))


def test_after_the_deadline_a_layout_is_rough_but_sound() -> None:
    graph = graphs.deep(400)
    rough = layered_layout(graph, LayoutOptions(deadline_seconds=0.0))
    assert rough.is_rough
    assert defects(graph, rough) == {}
    calm = layered_layout(graph, LayoutOptions(deadline_seconds=600.0))
    assert not calm.is_rough
    assert calm == layered_layout(graph)
    assert crossings(calm) < crossings(rough)


def test_progress_goes_from_nothing_to_all_and_never_back() -> None:
    graph = graphs.deep(300)
    for groups in ({}, {node: (node // 50,) for node in graph}):
        said: list[float] = []
        layered_layout(graph, LayoutOptions(progress=said.append), groups=groups)
        assert len(said) > 10
        assert said == sorted(set(said))
        assert said[0] < 0.1
        assert said[-1] == 1.0


# What Graphviz' dot draws of the same graphs, at the same distances.
@pytest.mark.parametrize(
    ("make", "seed", "dot"),
    [
        (graphs.deep, 0, 39),
        (graphs.deep, 1, 75),
        (graphs.deep, 2, 78),
        (graphs.square, 0, 459),
        (graphs.square, 1, 529),
        (graphs.square, 2, 459),
    ],
)
def test_random_graphs_have_hardly_more_crossings_than_graphviz_draws(
    make: Callable[[int, int], nx.DiGraph[int]], seed: int, dot: int
) -> None:
    assert count_crossings(layered_layout(make(300, seed)).routes) <= 1.15 * dot


def test_a_long_recurrence_is_hardly_wider_than_a_short_one() -> None:
    short, long = layered_layout(graphs.recurrent(10)), layered_layout(graphs.recurrent(60))
    assert long.size[0] < 2 * short.size[0]


@pytest.mark.parametrize(
    "graph",
    [
        pytest.param(nx.path_graph(10_000, create_using=nx.DiGraph), id="chain"),
        pytest.param(nx.DiGraph((i, -1) for i in range(10_000)), id="leaves"),
        pytest.param(nx.empty_graph(3_000, create_using=nx.DiGraph), id="alone"),
    ],
)
@pytest.mark.timeout(60)
def test_large_graphs_need_no_recursion(graph: nx.DiGraph[int]) -> None:
    layout = layered_layout(graph)
    assert len(layout.positions) == len(graph)
    assert len(layout.routes) == graph.number_of_edges()


def stacked(steps: int) -> nx.DiGraph[int]:
    """A recurrence whose every state also goes to one node at the end."""
    graph = nx.DiGraph((i, i + 1) for i in range(steps))
    graph.add_edges_from((i, steps + 2) for i in range(0, steps, 2))
    graph.add_edge(steps, steps + 1)
    graph.add_edge(steps + 1, steps + 2)
    return graph


def test_many_long_edges_into_one_node_join_in_one_trunk() -> None:
    graph = stacked(40)
    layout = layered_layout(graph)
    assert defects(graph, layout) == {}
    ends = {tuple(layout.routes[i, 42][-3:]) for i in range(0, 36, 2)}
    assert len(ends) == 1


@pytest.mark.timeout(60)
def test_stacking_every_step_of_a_long_recurrence_stays_small() -> None:
    assert len(layered_layout(stacked(3000)).routes) == 4502

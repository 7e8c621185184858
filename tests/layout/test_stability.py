from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import msgspec
import networkx as nx
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks import graphs
from gradviz.layout import (
    Direction,
    Layout,
    LayoutOptions,
    layered_layout,
    movement,
    paired_layout,
    shift_points,
    shifted,
)
from gradviz.layout.model import Scopes
from gradviz.layout.place import place
from gradviz.layout.prepare import Drawing
from tests.layout.geometry import crossings, defects
from tests.layout.graphs import digraphs
from tests.layout.test_compound import frame_defects, grouped

NEW = 10**6


def with_an_op_inserted(graph: nx.DiGraph[int]) -> nx.DiGraph[int]:
    """The graph with a new node on the middle one of its edges."""
    result = graph.copy()
    u, v = sorted(graph.edges())[graph.number_of_edges() // 2]
    result.remove_edge(u, v)
    result.add_edges_from([(u, NEW), (NEW, v)])
    return result


CASES = [
    pytest.param(graphs.deep(300), id="deep"),
    pytest.param(graphs.square(300), id="square"),
    pytest.param(graphs.transformer(5), id="transformer"),
    pytest.param(graphs.recurrent(20), id="recurrent"),
]


@pytest.mark.parametrize("graph", CASES)
@pytest.mark.parametrize("direction", Direction)
def test_an_inserted_op_leaves_all_others_in_their_order_and_nearly_in_their_place(
    graph: nx.DiGraph[int], direction: Direction
) -> None:
    before = layered_layout(graph, LayoutOptions(direction=direction))
    changed = with_an_op_inserted(graph)
    kept = layered_layout(changed, LayoutOptions(direction=direction), previous=before)
    moved = movement(before, kept, direction=direction)
    assert moved.swapped == 0
    assert moved.across <= 2.0


@pytest.mark.parametrize("make", [graphs.deep, graphs.square])
@pytest.mark.parametrize("seed", range(10))
def test_what_stands_elsewhere_than_an_inserted_op_stays_where_it_is(
    make: Callable[[int, int], nx.DiGraph[int]], seed: int
) -> None:
    graph = make(300, seed)
    before = layered_layout(graph)
    changed = with_an_op_inserted(graph)
    after = layered_layout(changed, previous=before)
    assert defects(changed, after) == {}
    moved = movement(before, after)
    assert moved.swapped == 0
    assert moved.across == pytest.approx(0.0, abs=0.01)


@pytest.mark.parametrize("graph", CASES[:2])
def test_a_fresh_layout_moves_a_tangled_graph_far_more(graph: nx.DiGraph[int]) -> None:
    before = layered_layout(graph)
    changed = with_an_op_inserted(graph)
    fresh = movement(before, layered_layout(changed))
    kept = movement(before, layered_layout(changed, previous=before))
    assert fresh.swapped > 10
    assert kept.across < fresh.across / 10


@pytest.mark.parametrize("graph", CASES[:2])
def test_stability_costs_few_crossings(graph: nx.DiGraph[int]) -> None:
    before = layered_layout(graph)
    changed = with_an_op_inserted(graph)
    kept = layered_layout(changed, previous=before)
    assert defects(changed, kept) == {}
    assert crossings(kept) <= 1.1 * crossings(before) + 5


@given(digraphs(), digraphs())
@settings(deadline=None, max_examples=60)
def test_any_graph_may_follow_any_other(one: nx.DiGraph[int], two: nx.DiGraph[int]) -> None:
    before = layered_layout(one)
    assert defects(two, layered_layout(two, previous=before)) == {}


def scoped(blocks: int, *, closed: frozenset[int]) -> tuple[nx.DiGraph[Any], dict[Any, Any]]:
    """A chain of blocks of parallel branches; those closed are one node each."""
    graph: nx.DiGraph[Any] = nx.DiGraph()
    groups: dict[Any, Any] = {}
    before: Any = "x"
    for block in range(blocks):
        if block in closed:
            graph.add_edge(before, ("block", block))
            before = ("block", block)
            groups[before] = ("net",)
            continue
        end = (block, "end")
        for branch in range(4):
            ops = [(block, branch, op) for op in range(branch + 1)]
            nx.add_path(graph, [before, *ops, end])
            groups |= dict.fromkeys(ops, ("net", f"block{block}"))
        groups[end] = ("net", f"block{block}")
        before = end
    return graph, groups


def test_folding_one_scope_leaves_the_others_in_their_order_and_place() -> None:
    graph, groups = scoped(8, closed=frozenset())
    before = layered_layout(graph, groups=groups)
    folded, fewer = scoped(8, closed=frozenset({3}))
    after = layered_layout(folded, groups=fewer, previous=before)
    assert defects(folded, after) == {}
    assert frame_defects(folded, after, fewer) == {}
    moved = movement(before, after)
    assert moved.swapped == 0
    assert moved.across <= 2.0
    again = layered_layout(graph, groups=groups, previous=after)
    assert movement(before, again).across <= 2.0


def test_a_paired_layout_keeps_its_order_as_well() -> None:
    graph: nx.DiGraph[Any] = graphs.deep(150)
    partner = {("grad", node): node for node in list(graph)}
    graph.add_edges_from((owner, node) for node, owner in partner.items())
    before = paired_layout(graph, partner)
    changed = graph.copy()
    changed.add_edge(70, NEW)
    after = paired_layout(changed, partner, previous=before)
    assert defects(changed, after) == {}
    assert movement(before, after).swapped == 0


def test_movement_counts_what_went_elsewhere() -> None:
    old = Layout(positions={i: (100.0 * i, 0.0) for i in range(5)}, routes={}, size=(500.0, 0.0))
    positions = {i: (100.0 * i + 30.0, 50.0) for i in range(5)} | {0: (150.0, 50.0)}
    new = Layout(positions=positions, routes={}, size=(500.0, 0.0))
    moved = movement(old, new)
    assert (moved.across, moved.along, moved.most, moved.swapped) == (0.0, 0.0, 120.0, 1)


@pytest.mark.parametrize("direction", Direction)
def test_shifting_moves_what_is_behind_and_nothing_else(direction: Direction) -> None:
    graph = graphs.perceptron(4)
    layout = layered_layout(graph, LayoutOptions(direction=direction))
    along = 1 if direction is Direction.DOWN else 0
    size = graph.nodes[8]["height" if direction is Direction.DOWN else "width"]
    behind = layout.positions[8][along] + size / 2 + 1.0
    after = shifted(layout, behind=behind, by=80.0, direction=direction)
    assert defects(graph, after) == {}
    for node, centre in layout.positions.items():
        expected = 80.0 if centre[along] > behind else 0.0
        assert after.positions[node][along] - centre[along] == expected
        assert after.positions[node][1 - along] == centre[1 - along]
    points = np.array(list(layout.positions.values()))
    moved = shift_points(points, behind=behind, by=80.0, direction=direction)
    assert moved.tolist() == [list(centre) for centre in after.positions.values()]


@pytest.mark.parametrize("graph", CASES)
@pytest.mark.parametrize("direction", Direction)
def test_a_layout_that_follows_itself_is_the_same(
    graph: nx.DiGraph[int], direction: Direction
) -> None:
    layout = layered_layout(graph, LayoutOptions(direction=direction))
    assert layered_layout(graph, LayoutOptions(direction=direction), previous=layout) == layout


@pytest.mark.parametrize("widths", [(117.602, 14.407), (130.968, 34.305, 32.882, 120.0)])
def test_half_a_thousandth_of_a_pixel_is_rounded_in_one_way(widths: tuple[float, ...]) -> None:
    graph: nx.DiGraph[int] = nx.DiGraph()
    for node, width in enumerate(widths):
        graph.add_node(node, width=width, height=40.0)
    layout = layered_layout(graph, LayoutOptions())
    assert layered_layout(graph, LayoutOptions(), previous=layout) == layout


@given(grouped(), st.sampled_from(Direction))
@settings(deadline=None, max_examples=60)
def test_frames_that_follow_themselves_are_the_same(
    case: tuple[nx.DiGraph[int], dict[int, tuple[Hashable, ...]]], direction: Direction
) -> None:
    graph, groups = case
    layout = layered_layout(graph, LayoutOptions(direction=direction), groups=groups)
    # From how it was made, and from the places alone.
    for before in (layout, msgspec.structs.replace(layout, scopes=Scopes())):
        again = layered_layout(
            graph, LayoutOptions(direction=direction), groups=groups, previous=before
        )
        assert again == layout


@given(grouped(), grouped(), st.sampled_from(Direction))
@settings(deadline=None, max_examples=60)
def test_any_frames_may_follow_any_others(
    one: tuple[nx.DiGraph[int], dict[int, tuple[Hashable, ...]]],
    two: tuple[nx.DiGraph[int], dict[int, tuple[Hashable, ...]]],
    direction: Direction,
) -> None:
    before = layered_layout(one[0], LayoutOptions(direction=direction), groups=one[1])
    graph, groups = two
    after = layered_layout(
        graph, LayoutOptions(direction=direction), groups=groups, previous=before
    )
    assert defects(graph, after) == {}
    assert frame_defects(graph, after, groups) == {}


@pytest.mark.parametrize("is_paired", [False, True])
def test_only_scopes_that_changed_are_laid_out_again(
    is_paired: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def lay_out(closed: frozenset[int], previous: Layout[Any] | None) -> Layout[Any]:
        graph, groups = scoped(8, closed=closed)
        if not is_paired:
            return layered_layout(graph, groups=groups, previous=previous)
        partner = {("grad", node): node for node in list(graph)}
        graph.add_edges_from((owner, node) for node, owner in partner.items())
        groups |= {node: groups.get(owner, ()) for node, owner in partner.items()}
        return paired_layout(graph, partner, groups=groups, previous=previous)

    before = lay_out(frozenset(), None)
    laid_out: list[int] = []

    def counting(drawing: Drawing, *rest: Any, **options: Any) -> Any:
        laid_out.append(drawing.count)
        return place(drawing, *rest, **options)

    monkeypatch.setattr("gradviz.layout.compound.place", counting)
    after = lay_out(frozenset({3}), before)
    assert len(laid_out) <= 3, "the whole, the network, and the block that it now leads to"
    for block in (0, 1, 2, 4, 5, 6, 7):
        inside = []
        for layout in (before, after):
            left, top, *_ = layout.frames["net", f"block{block}"]
            x, y = layout.positions[block, 3, 1]
            inside.append((x - left, y - top))
        assert inside[1] == pytest.approx(inside[0])


def test_a_scope_that_is_opened_again_is_just_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    graph, groups = scoped(8, closed=frozenset())
    before = layered_layout(graph, groups=groups)
    folded, fewer = scoped(8, closed=frozenset(range(1, 8)))
    between = layered_layout(folded, groups=fewer, previous=before)
    laid_out: list[int] = []

    def counting(drawing: Drawing, *rest: Any, **options: Any) -> Any:
        laid_out.append(drawing.count)
        return place(drawing, *rest, **options)

    monkeypatch.setattr("gradviz.layout.compound.place", counting)
    after = layered_layout(graph, groups=groups, previous=between)
    assert len(laid_out) <= 3, "the whole, the network, and the block behind, not the block"
    assert defects(graph, after) == {}
    assert movement(before, after).most == pytest.approx(0.0, abs=2.0)


@pytest.mark.parametrize("direction", Direction)
def test_a_paired_layout_that_follows_itself_is_the_same(direction: Direction) -> None:
    graph: nx.DiGraph[Any] = graphs.deep(150)
    partner = {("grad", node): node for node in list(graph)}
    graph.add_edges_from((owner, node) for node, owner in partner.items())
    graph.add_edges_from((("grad", v), ("grad", u)) for u, v in graphs.deep(150).edges())
    layout = paired_layout(graph, partner, LayoutOptions(direction=direction))
    assert (
        paired_layout(graph, partner, LayoutOptions(direction=direction), previous=layout) == layout
    )

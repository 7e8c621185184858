from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Mapping
from itertools import combinations, pairwise
from typing import Any

import networkx as nx
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gradviz.layout import Direction, Layout, LayoutOptions, layered_layout
from tests.layout.geometry import TOLERANCE, Box, box_of, defects, touches
from tests.layout.graphs import digraphs, shuffled

Groups = Mapping[Any, tuple[Hashable, ...]]


def contains(outer: Box, inner: Box) -> bool:
    return (
        outer[0] - TOLERANCE <= inner[0]
        and outer[1] - TOLERANCE <= inner[1]
        and outer[2] + TOLERANCE >= inner[2]
        and outer[3] + TOLERANCE >= inner[3]
    )


def meet(one: Box, two: Box) -> bool:
    return not (
        one[2] <= two[0] + TOLERANCE
        or two[2] <= one[0] + TOLERANCE
        or one[3] <= two[1] + TOLERANCE
        or two[3] <= one[1] + TOLERANCE
    )


def frame_defects(graph: nx.DiGraph[Any], layout: Layout[Any], groups: Groups) -> Counter[str]:
    """What is wrong with the frames, counted without the layout's help."""
    paths = {path[:end] for path in groups.values() for end in range(1, len(path) + 1)}
    found: Counter[str] = Counter()
    found["missing or too many"] = len(paths ^ set(layout.frames))
    for path, frame in layout.frames.items():
        for node in graph:
            box = box_of(graph, layout, node)
            if groups.get(node, ())[: len(path)] == path:
                found["member outside"] += not contains(frame, box)
            else:
                found["foreign node inside"] += meet(frame, box)
        for (u, v), points in layout.routes.items():
            if not any(groups.get(n, ())[: len(path)] == path for n in (u, v)):
                found["foreign line"] += any(touches(a, b, frame) for a, b in pairwise(points))
        found["outside the picture"] += not contains((0.0, 0.0, *layout.size), frame)
    for (one, box), (two, other) in combinations(layout.frames.items(), 2):
        if one == two[: len(one)]:
            found["not nested"] += not contains(box, other)
        elif two == one[: len(two)]:
            found["not nested"] += not contains(other, box)
        else:
            found["frames overlap"] += meet(box, other)
    return +found


@st.composite
def grouped(draw: st.DrawFn) -> tuple[nx.DiGraph[int], dict[int, tuple[Hashable, ...]]]:
    graph = draw(digraphs(most=18))
    path = st.lists(st.sampled_from("ab"), max_size=3).map(tuple)
    return graph, {node: draw(path) for node in graph if draw(st.booleans())}


@given(grouped(), st.sampled_from(Direction))
@settings(deadline=None, max_examples=120)
def test_any_nesting_is_drawn_soundly(
    case: tuple[nx.DiGraph[int], dict[int, tuple[Hashable, ...]]], direction: Direction
) -> None:
    graph, groups = case
    layout = layered_layout(graph, LayoutOptions(direction=direction), groups=groups)
    assert defects(graph, layout) == {}
    assert frame_defects(graph, layout, groups) == {}


@given(grouped(), st.integers(0, 1000))
@settings(deadline=None, max_examples=40)
def test_frames_do_not_depend_on_the_order_of_insertion(
    case: tuple[nx.DiGraph[int], dict[int, tuple[Hashable, ...]]], seed: int
) -> None:
    graph, groups = case
    again = layered_layout(shuffled(graph, seed), groups=dict(reversed(groups.items())))
    assert again == layered_layout(graph, groups=groups)


def network() -> tuple[nx.DiGraph[str], dict[str, tuple[str, ...]]]:
    """Two blocks of a residual network, opened."""
    graph: nx.DiGraph[str] = nx.DiGraph()
    groups: dict[str, tuple[str, ...]] = {}
    before = "x"
    for block in "ab":
        path: tuple[str, ...] = ("net", block)
        x = before
        for op in ("conv", "norm", "relu"):
            node = f"{block}.{op}"
            graph.add_edges_from([(x, node), (f"{node}.weight", node)])
            groups[node] = groups[f"{node}.weight"] = (*path, op)
            x = node
        graph.add_edges_from([(x, f"{block}.add"), (before, f"{block}.add")])
        groups[f"{block}.add"] = path
        before = f"{block}.add"
    graph.add_edge(before, "loss")
    return graph, groups


@pytest.mark.parametrize("direction", Direction)
def test_a_residual_network_has_its_ops_on_one_line_through_all_frames(
    direction: Direction,
) -> None:
    graph, groups = network()
    layout = layered_layout(graph, LayoutOptions(direction=direction), groups=groups)
    assert defects(graph, layout) == {}
    assert frame_defects(graph, layout, groups) == {}
    across = 0 if direction is Direction.DOWN else 1
    for block in "ab":
        ops = [f"{block}.{op}" for op in ("conv", "norm", "relu")]
        assert len({round(layout.positions[op][across], 1) for op in ops}) == 1


def test_the_way_through_a_long_scope_is_straight_where_short_ones_join() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    inside = [f"attention{i}" for i in range(5)]
    nx.add_path(graph, [*inside, "+", "norm", "loss"])
    for leaf in ("weight", "bias"):
        nx.add_path(graph, [leaf, f"grad of {leaf}", "norm"])
    groups = dict.fromkeys(inside, ("attention",))
    layout = layered_layout(graph, groups=groups)
    assert {layout.positions[node][0] for node in (*inside, "+", "norm", "loss")} == {
        layout.positions["+"][0]
    }


def test_the_counter_sees_a_foreign_node_and_a_frame_in_another() -> None:
    graph, groups = network()
    layout = layered_layout(graph, groups=groups)
    layout.positions["loss"] = layout.positions["a.add"]
    layout.frames[("net", "a")] = layout.frames[("net", "b")]
    found = frame_defects(graph, layout, groups)
    assert {"foreign node inside", "member outside", "frames overlap"} <= set(found)


def test_without_scopes_it_is_the_plain_layout() -> None:
    graph, _ = network()
    assert layered_layout(graph, groups={"x": ()}) == layered_layout(graph)


def test_leaves_of_what_follows_a_long_frame_stand_below_it_beside_their_consumer() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    inside = [f"attention{i}" for i in range(8)]
    nx.add_path(graph, ["x", *inside, "norm", "loss"])
    nx.add_path(graph, ["weight", "grad of weight", "norm"])
    graph.add_edges_from([("bias", "norm"), ("attention0", "kept")])
    layout = layered_layout(graph, groups=dict.fromkeys(inside, ("attention",)))
    _, top, _, bottom = layout.frames["attention",]
    at = layout.positions
    assert bottom < at["weight"][1] < at["grad of weight"][1] < at["norm"][1]
    assert at["bias"][1] == at["grad of weight"][1]
    assert abs(at["bias"][0] - at["norm"][0]) < 400
    assert at["kept"][1] > bottom or at["kept"][1] - 20.0 == top


def test_parameters_of_nested_modules_make_no_staircase() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    groups, path = {}, []
    for level in range(10):
        nx.add_path(graph, [*path[-1:], f"mul{level}", f"tanh{level}"])
        path.append(f"tanh{level}")
        graph.add_edge(f"scale{level}", f"mul{level}")
        for node in (f"mul{level}", f"tanh{level}", f"scale{level}"):
            groups[node] = tuple(range(9, level - 1, -1))
    layout = layered_layout(graph, groups=groups)
    assert layout.size[0] < 650


def test_what_is_made_of_inputs_alone_stands_below_a_long_frame_not_beside_it() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    inside = [f"attention{i}" for i in range(8)]
    nx.add_path(graph, ["tokens", *inside, "logits", "cross entropy"])
    nx.add_path(graph, ["tokens", "targets", "cross entropy"])
    layout = layered_layout(graph, groups=dict.fromkeys(inside, ("attention",)))
    assert layout.positions["targets"][1] == layout.positions["logits"][1]


def test_a_gradient_goes_straight_through_a_module_whose_parameters_it_passes() -> None:
    graph: nx.DiGraph[str] = nx.DiGraph()
    nx.add_path(graph, ["conv", "norm", "relu", "loss"])
    groups = {"norm": ("module",)}
    for leaf in ("weight", "bias"):
        nx.add_path(graph, [leaf, f"grad of {leaf}", "norm"])
        groups |= {leaf: ("module",), f"grad of {leaf}": ("module",)}
    layout = layered_layout(graph, groups=groups)
    assert len({layout.positions[node][0] for node in ("conv", "norm", "relu", "loss")}) == 1

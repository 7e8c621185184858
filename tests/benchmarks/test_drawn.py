from __future__ import annotations

import random
from itertools import pairwise

import pytest

from benchmarks import graphs
from benchmarks.drawn import count_hits, count_overlaps
from benchmarks.layout import shuffled
from gradviz.layout import Layout, layered_layout
from tests.layout import geometry


def moved_about(seed: int) -> tuple[list[geometry.Box], Layout[int], int, int]:
    """A layout whose nodes were moved, with the overlaps and hits that the slow counter finds."""
    graph = graphs.deep(60, seed)
    chance = random.Random(seed)
    layout = layered_layout(graph)
    for node, (x, y) in layout.positions.items():
        away = chance.choice((0.0, 0.0, 90.0))
        layout.positions[node] = (x + chance.uniform(-away, away), y + chance.uniform(-away, away))
    boxes = {node: geometry.box_of(graph, layout, node) for node in graph}
    pieces = {
        tuple(sorted(piece, key=lambda point: point[1]))
        for points in layout.routes.values()
        for piece in pairwise(points)
    }
    hits = sum(geometry.touches(a, b, box) for a, b in pieces for box in boxes.values())
    return list(boxes.values()), layout, len(geometry.overlaps(graph, layout)), hits


@pytest.mark.parametrize("seed", range(4))
def test_the_fast_counters_find_what_the_plain_ones_find(seed: int) -> None:
    boxes, layout, overlaps, hits = moved_about(seed)
    assert overlaps > 0
    assert hits > 0
    assert count_overlaps(boxes) == overlaps
    assert count_hits(layout.routes, boxes) == hits


def test_a_shuffled_graph_is_the_same_in_another_order() -> None:
    graph = graphs.deep(40)
    other = shuffled(graph)
    assert list(other) != list(graph)
    assert set(other.edges()) == set(graph.edges())
    assert dict(other.nodes(data=True)) == dict(graph.nodes(data=True))


def test_every_node_has_its_autograd_node_beside_it() -> None:
    both, partner = graphs.with_backward(graphs.perceptron(2))
    assert len(both) == 2 * len(graphs.perceptron(2))
    assert all(both.has_edge(owner, node) for node, owner in partner.items())

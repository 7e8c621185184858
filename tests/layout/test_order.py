from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from benchmarks import graphs
from gradviz.layout.crossings import count_crossings, has_crossings
from gradviz.layout.layers import Layers, make_layers
from gradviz.layout.merging import Merger
from gradviz.layout.model import LayoutCancelled
from gradviz.layout.order import centre_trunks, order_vertices
from gradviz.layout.prepare import Ints, Ranks, prepare, rank_nodes
from gradviz.layout.rows import Rows
from gradviz.layout.sifting import Sifter
from gradviz.layout.sweeping import Sweeper
from gradviz.layout.walks import MOST, Walker
from gradviz.layout.watch import ORDERED, PREPARED, Watch


def layered(graph: nx.DiGraph[int]) -> tuple[Layers, Ranks]:
    _, drawing = prepare(graph)
    ranks = rank_nodes(drawing)
    return make_layers(drawing, ranks), ranks


def two_tangles() -> nx.DiGraph[int]:
    return nx.disjoint_union(graphs.deep(60, 2), graphs.square(49, 3))


CASES = [
    pytest.param(graphs.deep(200), id="deep"),
    pytest.param(graphs.square(100), id="square"),
    pytest.param(two_tangles(), id="two components"),
]


def random_order(rows: Rows, seed: int) -> Ints:
    """Places within rows, drawn at random."""
    chance = np.random.default_rng(seed).random(len(rows.of))
    order = np.lexsort((chance, rows.of))
    local = np.empty_like(order)
    local[order] = np.arange(len(order)) - rows.start[rows.of]
    return local


def is_order(rows: Rows, local: Ints) -> bool:
    """Whether the vertices of every row stand at different places of it."""
    taken = np.sort(rows.start[rows.of] + local)
    return bool((taken == np.arange(len(taken))).all())


def total(layers: Layers, rows: Rows, local: Ints) -> int:
    return int(count_crossings(layers, rows.place(local)).sum())


@pytest.mark.parametrize("graph", CASES)
@pytest.mark.parametrize("moves", [0, 1, 3])
def test_sifting_says_whether_it_saves_crossings(graph: nx.DiGraph[int], moves: int) -> None:
    layers, _ = layered(graph)
    rows = Rows(layers)
    sifter, local = Sifter(layers, rows), random_order(rows, 1)
    before = total(layers, rows, local)
    saves = True
    while saves:
        for first in (0, 1):
            saves = sifter.sift(local, moves=moves, first=first)
            assert is_order(rows, local)
            after = total(layers, rows, local)
            assert after <= before
            assert saves == (after < before)
            before = after


@pytest.mark.parametrize("graph", CASES)
def test_merging_is_at_least_as_good_as_either_order(graph: nx.DiGraph[int]) -> None:
    layers, _ = layered(graph)
    rows = Rows(layers)
    merger = Merger(layers, rows)
    one, other = random_order(rows, 1), random_order(rows, 2)
    merged, crossings = merger.merge(one, other)
    assert is_order(rows, merged)
    assert crossings == merger.count(merged) == total(layers, rows, merged)
    assert crossings < min(total(layers, rows, one), total(layers, rows, other))
    for row in range(len(rows.size)):
        mine = rows.of == row
        assert (merged[mine] == one[mine]).all() or (merged[mine] == other[mine]).all()


@pytest.mark.parametrize("graph", CASES)
@pytest.mark.parametrize("keep_ties", [True, False])
def test_sweeps_keep_every_row_in_its_places(graph: nx.DiGraph[int], keep_ties: bool) -> None:
    layers, _ = layered(graph)
    rows = Rows(layers)
    sweeper, local = Sweeper(layers, rows), random_order(rows, 1)
    before = total(layers, rows, local)
    for downwards in (True, False, True):
        sweeper.sweep(local, downwards=downwards, keep_ties=keep_ties)
        assert is_order(rows, local)
    sweeper.relax(local, keep_ties=keep_ties)
    assert is_order(rows, local)
    assert total(layers, rows, local) < before / 2


def test_rows_too_wide_for_tables_are_ordered_as_well() -> None:
    graph: nx.DiGraph[int] = nx.DiGraph()
    graph.add_edges_from((i, 1_000 + 799 - i) for i in range(800))
    graph.add_edges_from((i, 2_000 + i % 2) for i in range(800))
    layers, ranks = layered(graph)
    assert not Sifter(layers, Rows(layers)).is_whole
    rows = Rows(layers)
    local = rows.local(order_vertices(layers, ranks, Watch()))
    assert is_order(rows, local)
    assert total(layers, rows, local) < total(layers, rows, random_order(rows, 1)) / 2


def test_a_walk_comes_to_the_neighbours_of_a_hub_in_their_order() -> None:
    ways = range(1, 1 + 5 * MOST)
    graph: nx.DiGraph[int] = nx.DiGraph((0, way) for way in ways)
    graph.add_edges_from((way, 1_000 + way) for way in ways)
    layers, ranks = layered(graph)
    place = Walker(layers, ranks).order(from_sinks=False)
    assert place[layers.vertex_of].tolist() == [0, *range(5 * MOST), *range(5 * MOST)]


@pytest.mark.parametrize("graph", [*CASES, pytest.param(graphs.perceptron(3), id="plane")])
def test_an_order_has_crossings_where_some_are_counted(graph: nx.DiGraph[int]) -> None:
    layers, ranks = layered(graph)
    for from_sinks in (True, False):
        place = Walker(layers, ranks).order(from_sinks=from_sinks)
        assert has_crossings(layers, place) == bool(count_crossings(layers, place).sum())


def crossings_after(graph: nx.DiGraph[int], steps: int, watch: Watch | None = None) -> int:
    """Those of the order that is found with so much effort, which has to be one."""
    layers, ranks = layered(graph)
    rows = Rows(layers)
    local = rows.local(order_vertices(layers, ranks, watch or Watch(), steps=steps))
    assert is_order(rows, local)
    return total(layers, rows, local)


@pytest.mark.parametrize("graph", [*CASES, pytest.param(graphs.recurrent(20), id="long")])
def test_more_effort_never_makes_more_crossings(graph: nx.DiGraph[int]) -> None:
    found = [crossings_after(graph, steps) for steps in (0, 1, 2, 3, 6)]
    assert found == sorted(found, reverse=True)
    assert found[-1] < found[0]


@pytest.mark.parametrize("graph", CASES)
def test_without_time_an_order_is_rough_but_far_from_random(graph: nx.DiGraph[int]) -> None:
    layers, _ = layered(graph)
    rows = Rows(layers)
    watch = Watch(deadline_seconds=0.0)
    rough = crossings_after(graph, 3, watch)
    assert watch.is_rough
    assert crossings_after(graph, 3) < rough < total(layers, rows, random_order(rows, 1)) / 2


def test_what_is_reported_goes_from_step_to_step_and_not_beyond_the_order() -> None:
    reports: list[float] = []
    crossings_after(graphs.deep(200), 24, Watch(progress=reports.append))
    assert len(reports) > 1
    assert reports == sorted(reports)
    assert reports[0] > PREPARED
    assert reports[-1] <= ORDERED + 1e-9


def test_a_search_stops_where_nothing_crosses() -> None:
    reports: list[float] = []
    assert not crossings_after(graphs.perceptron(30), 24, Watch(progress=reports.append))
    assert not reports


def test_a_search_is_stopped_between_its_steps() -> None:
    asked = iter([False] * 20)
    with pytest.raises(LayoutCancelled):
        crossings_after(graphs.deep(200), 24, Watch(should_stop=lambda: next(asked, True)))


@pytest.mark.parametrize("leads_away", [False, True])
def test_a_trunk_runs_in_the_middle_of_the_leaves_that_it_passes(leads_away: bool) -> None:
    graph: nx.DiGraph[int] = nx.DiGraph((leaf, 0) for leaf in range(1, 121))
    if leads_away:
        graph = graph.reverse()
    layers, ranks = layered(graph)
    place = order_vertices(layers, ranks, Watch())
    centre_trunks(layers, place, ranks.wrapped)
    trunks = np.flatnonzero(layers.node < 0)
    assert len(trunks) > 1
    for trunk in trunks:
        beside = place[layers.layer == layers.layer[trunk]]
        assert sorted(beside) == list(range(len(beside)))
        assert place[trunk] == (len(beside) - 1) // 2

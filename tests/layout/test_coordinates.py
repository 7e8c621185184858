from __future__ import annotations

import networkx as nx
import numpy as np
import pytest

from benchmarks import graphs
from gradviz.layout.columns import Columns
from gradviz.layout.coordinates import assign_x
from gradviz.layout.layers import make_layers
from gradviz.layout.options import LayoutOptions
from gradviz.layout.order import order_vertices
from gradviz.layout.place import ROUNDS
from gradviz.layout.prepare import prepare, rank_nodes
from gradviz.layout.spines import find_spines
from gradviz.layout.watch import Watch


def slant(graph: nx.DiGraph[int], *, rounds: int) -> float:
    """The sum of the squares of how far each edge goes aside."""
    _, drawing = prepare(graph)
    ranks = rank_nodes(drawing)
    layers = make_layers(drawing, ranks)
    places = order_vertices(layers, ranks, Watch())
    reach = np.where(layers.node >= 0, 45.0, 0.0)
    options = LayoutOptions()
    columns = Columns(layers, places, (reach, reach), options)
    block = find_spines(layers, ranks, places)
    x = assign_x(layers, columns, block, rounds=rounds, watch=Watch())
    return float(((x[layers.upper] - x[layers.lower]) ** 2).sum())


@pytest.mark.parametrize(
    "graph",
    [
        pytest.param(graphs.deep(1_000), id="deep"),
        pytest.param(graphs.square(400), id="square"),
        pytest.param(graphs.recurrent(60), id="recurrent"),
    ],
)
def test_few_rounds_come_near_to_what_many_reach(graph: nx.DiGraph[int]) -> None:
    assert slant(graph, rounds=ROUNDS) < 1.1 * slant(graph, rounds=40 * ROUNDS)

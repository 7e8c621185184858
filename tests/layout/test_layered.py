from __future__ import annotations

import networkx as nx

from gradviz.layout import layered_layout


def chain_rule() -> nx.DiGraph[str]:
    graph: nx.DiGraph[str] = nx.DiGraph()
    graph.add_edges_from([("x", "+"), ("y", "+"), ("+", "p"), ("p", "*"), ("z", "*"), ("*", "g")])
    return graph


def test_the_chain_rule_stands_as_an_author_would_print_it() -> None:
    at = layered_layout(chain_rule()).positions
    assert at["+"][0] == at["p"][0] == at["*"][0] == at["g"][0]
    assert at["z"][1] == at["p"][1]
    assert at["x"][1] == at["y"][1] < at["+"][1] < at["p"][1] < at["*"][1] < at["g"][1]


def test_an_empty_graph_has_an_empty_layout() -> None:
    layout = layered_layout(nx.DiGraph())
    assert layout.positions == {} and layout.routes == {} and layout.size == (0.0, 0.0)

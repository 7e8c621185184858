"""What is drawn of a recording, and which gradients its edges carry."""

from __future__ import annotations

import msgspec
import networkx as nx
import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.model import (
    Item,
    ItemKind,
    NodeId,
    OpKind,
    PassId,
    Recording,
    TensorId,
    TensorRole,
)
from gradviz.recording.replay import Carrier
from gradviz.recording.view import (
    ViewMode,
    ViewOptions,
    build_view,
    node_item,
    op_item,
    tensor_item,
)
from tests.builders import make_chain_rule_recording

LOOP = """\
import torch
w = torch.tensor(1., requires_grad=True)
b = torch.tensor(0., requires_grad=True)
unused = torch.tensor(5., requires_grad=True)
optimizer = torch.optim.SGD([w, b], lr=0.1)
for _ in range(3):
    y = w * 3 + b
    optimizer.zero_grad()
    y.backward()
    optimizer.step()
"""
ALL_MODES = list(ViewMode)


def record(text: str) -> Recording:
    result = run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
    assert result.recording.error is None
    return result.recording


def carriers(graph: nx.DiGraph[Item], source: Item, target: Item) -> tuple[Carrier, ...]:
    found = graph.edges[source, target]["carriers"]
    assert isinstance(found, tuple)
    return found


def names(recording: Recording, graph: nx.DiGraph[Item]) -> list[str]:
    return sorted(
        f"{recording.tensors[i.id].name}.{recording.tensors[i.id].version}"
        for i in graph
        if i.kind is ItemKind.TENSOR
    )


def test_the_forward_view_has_tensors_and_ops_as_written() -> None:
    graph = build_view(make_chain_rule_recording())
    x, y, z, p, g = (tensor_item(TensorId(i)) for i in range(5))
    add, mul = op_item(0), op_item(1)

    assert set(graph) == {x, y, z, p, g, add, mul}
    assert set(graph.edges) == {(x, add), (y, add), (add, p), (p, mul), (z, mul), (mul, g)}
    assert graph.nodes[x]["role"] is TensorRole.LEAF
    assert graph.nodes[g]["role"] is TensorRole.ROOT
    assert graph.nodes[add]["role"] is OpKind.CALL


def test_each_edge_knows_the_gradient_that_flows_back_along_it() -> None:
    graph = build_view(make_chain_rule_recording())

    assert carriers(graph, tensor_item(TensorId(0)), op_item(0)) == (
        Carrier(NodeId(1), 0, incoming=False),
    )
    assert carriers(graph, tensor_item(TensorId(1)), op_item(0)) == (
        Carrier(NodeId(1), 1, incoming=False),
    )
    assert carriers(graph, op_item(1), tensor_item(TensorId(4))) == (
        Carrier(NodeId(0), 0, incoming=True),
    )


def test_the_backward_view_has_nodes_leaves_and_roots() -> None:
    graph = build_view(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BACKWARD))

    assert {i.id for i in graph if i.kind is ItemKind.NODE} == {0, 1, 2, 3, 4}
    assert {i.id for i in graph if i.kind is ItemKind.TENSOR} == {0, 1, 2, 4}
    assert not any(i.kind is ItemKind.OP for i in graph)
    assert graph.has_edge(node_item(NodeId(0)), tensor_item(TensorId(4)))
    assert graph.has_edge(tensor_item(TensorId(0)), node_item(NodeId(2)))
    assert nx.is_directed_acyclic_graph(graph)


def test_both_pairs_each_op_with_its_nodes() -> None:
    graph = build_view(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BOTH))

    assert graph.has_edge(op_item(0), node_item(NodeId(1)))
    assert graph.edges[op_item(0), node_item(NodeId(1))]["carriers"] == ()
    assert len(graph) == 12


def test_an_unnamed_result_is_an_edge_between_two_ops() -> None:
    base = make_chain_rule_recording()
    tensors = tuple(msgspec.structs.replace(t, name=None) if t.id == 3 else t for t in base.tensors)

    graph = build_view(msgspec.structs.replace(base, tensors=tensors))

    assert tensor_item(TensorId(3)) not in graph
    assert graph.edges[op_item(0), op_item(1)]["tensor"] == 3


def test_an_op_that_uses_a_tensor_twice_has_one_edge_with_two_carriers() -> None:
    recording = record(
        "import torch\nx = torch.tensor(3., requires_grad=True)\ny = x * x\ny.backward()\n"
    )

    graph = build_view(recording)

    (edge,) = [(s, t) for s, t in graph.edges if s.kind is ItemKind.TENSOR]
    assert [c.slot for c in carriers(graph, *edge)] == [0, 1]


@pytest.mark.parametrize("mode", ALL_MODES)
def test_a_pass_shows_only_the_versions_that_it_used(mode: ViewMode) -> None:
    recording = record(LOOP)

    for number in range(3):
        graph = build_view(recording, ViewOptions(mode=mode, pass_id=PassId(number)))

        assert names(recording, graph) == [f"b.{number}", f"w.{number}", "y.0"]
        assert nx.is_weakly_connected(graph)
        assert nx.is_directed_acyclic_graph(graph)


def test_the_whole_run_ties_every_used_version_of_a_weight_to_its_accumulation() -> None:
    recording = record(LOOP)

    graph = build_view(recording, ViewOptions(mode=ViewMode.BOTH))

    accumulations = [n.id for n in recording.autograd_nodes if n.leaf is not None]
    for node in accumulations:
        sources = [s for s in graph.predecessors(node_item(node)) if s.kind is ItemKind.TENSOR]
        assert [recording.tensors[s.id].version for s in sources] == [0, 1, 2]
    assert nx.is_directed_acyclic_graph(graph)


@pytest.mark.parametrize("mode", ALL_MODES)
def test_the_optimizers_step_makes_new_versions_without_a_cycle(mode: ViewMode) -> None:
    recording = record(LOOP)

    graph = build_view(recording, ViewOptions(mode=mode))

    assert nx.is_directed_acyclic_graph(graph)
    if mode is not ViewMode.BACKWARD:
        steps = [i for i in graph if graph.nodes[i]["role"] is OpKind.STEP]
        assert len(steps) == 3
        made = [recording.tensors[t.id].version for s in steps for t in graph.successors(s)]
        assert sorted(made) == [1, 1, 2, 2, 3, 3]


@pytest.mark.parametrize("mode", ALL_MODES)
def test_in_place_versions_stand_one_after_the_other(mode: ViewMode) -> None:
    recording = record(
        "import torch\na = torch.ones(2, requires_grad=True)\nh = a * 2\nh.add_(1)\n"
        "h.sum().backward()\n"
    )

    graph = build_view(recording, ViewOptions(mode=mode))

    assert nx.is_directed_acyclic_graph(graph)
    if mode is not ViewMode.BACKWARD:
        assert [n for n in names(recording, graph) if n.startswith("h")] == ["h.0", "h.1"]


def test_constants_can_be_hidden() -> None:
    recording = record(
        "import torch\nx = torch.tensor(1., requires_grad=True)\nc = torch.tensor(2.)\n"
        "d = c + 1\ny = x * d\ny.backward()\n"
    )

    hidden = build_view(recording, ViewOptions(hide_constants=True))
    shown = build_view(recording)

    assert names(recording, hidden) == ["x.0", "y.0"]
    assert names(recording, shown) == ["c.0", "d.0", "x.0", "y.0"]


def test_a_leaf_that_is_its_own_root_is_shown_in_its_pass() -> None:
    recording = record("import torch\nx = torch.tensor(1., requires_grad=True)\nx.backward()\n")

    for mode in ALL_MODES:
        graph = build_view(recording, ViewOptions(mode=mode, pass_id=PassId(0)))
        assert names(recording, graph) == ["x.0"]


def test_a_pass_without_steps_draws_nothing_but_its_roots() -> None:
    base = make_chain_rule_recording()
    empty = msgspec.structs.replace(base.passes[0], steps=())
    recording = msgspec.structs.replace(base, passes=(empty,))

    graph = build_view(recording, ViewOptions(pass_id=PassId(0)))

    assert names(recording, graph) == ["g.0"]


def test_an_empty_recording_has_an_empty_view() -> None:
    for mode in ALL_MODES:
        assert len(build_view(Recording(), ViewOptions(mode=mode))) == 0


def test_what_an_in_place_op_made_is_drawn_once_and_goes_on() -> None:
    recording = record(
        "import torch\n"
        "x = torch.ones(2, requires_grad=True)\na = x * 1\n"
        "for _ in range(3):\n    a += a\na.sum().backward()\n"
    )
    graph = build_view(recording)
    named = [
        item for item in graph
        if item.kind is ItemKind.TENSOR and recording.tensors[item.id].name == "a"
    ]  # fmt: skip
    assert len(named) == 4, "one for each version"
    assert all(graph.out_degree(item) for item in named)

from __future__ import annotations

import itertools

import msgspec
import networkx as nx
import pytest

from gradviz.recording.folding import Folding
from gradviz.recording.items import node_item, op_item, scope_item, tensor_item
from gradviz.recording.model import Item, ItemKind, NodeId, OpId, Recording, TensorId, TensorRole
from gradviz.recording.opening import MAX_CARDS, MAX_REPEATED, READABLE_CARDS
from gradviz.recording.scopes import ScopeKind, scope_title, scopes_of
from gradviz.recording.view import (
    Folds,
    FoldStart,
    ViewMode,
    ViewOptions,
    build_view,
    fold_view,
)
from tests.recording.scoped import Program, make_block_recording, run_blocks
from tests.recording.test_view import record

OPEN, FOLDED, FITTING = FoldStart.OPEN, FoldStart.FOLDED, FoldStart.FITTING


def folding_of(recording: Recording, start: FoldStart = OPEN, **options: object) -> Folding:
    return fold_view(recording, ViewOptions(folds=Folds(start), **options))  # type: ignore[arg-type]


def scope(recording: Recording, title: str) -> Item:
    (found,) = (s for s in scopes_of(recording).scopes if scope_title(s) == title)
    return scope_item(found.id)


def titles(folding: Folding) -> list[str]:
    """What the cards that are folded scopes are called."""
    scopes = folding.tree.scopes
    return [scope_title(scopes[i.id]) for i in folding.items if i.kind is ItemKind.SCOPE]


def boxes(folding: Folding) -> list[str]:
    return [scope_title(group.scope) for group in folding.groups]


def test_folded_up_a_model_is_one_card_between_input_and_loss() -> None:
    recording = make_block_recording()

    graph = build_view(recording, ViewOptions(folds=Folds(FOLDED)))

    model, summed = scope(recording, "model"), op_item(36)
    loss = tensor_item(recording.passes[0].root_tensors[0])  # type: ignore[arg-type]
    x = tensor_item(TensorId(0))
    assert set(graph) == {x, model, summed, loss}
    assert set(graph.edges) == {(x, model), (model, summed), (summed, loss)}
    assert graph.nodes[model]["role"] is ScopeKind.MODULE


def test_a_folded_card_tells_what_is_behind_it() -> None:
    recording = make_block_recording()

    fold = folding_of(recording, FOLDED).folds[scope(recording, "model")]

    assert (fold.ops, fold.parameters) == (36, 12 * 6)
    assert (fold.inputs, fold.outputs) == (((2, 3),), ((2, 3),))
    assert len(fold.nodes) == 36 + 12, "those of its ops and of its weights"


def test_a_folded_card_counts_a_weight_once_whatever_its_versions() -> None:
    program = Program()
    program.enter("model", "Linear")
    weight = program.weight("model.weight")
    program.op("linear", program.last, weight)
    updated = program.tensor("model.weight", role=TensorRole.PARAMETER)
    program.tensors[updated] = msgspec.structs.replace(
        program.tensors[updated], version=1, previous=weight, autograd_node=None
    )
    program.op("linear", program.last, weight)
    program.ops[-1] = msgspec.structs.replace(
        program.ops[-1], inputs=(program.ops[0].outputs[0], updated)
    )
    program.leave()
    recording = program.finish()

    fold = folding_of(recording, FOLDED).folds[scope(recording, "model")]

    assert fold.parameters == 6


def test_an_edge_that_stands_for_several_tensors_is_none_of_them() -> None:
    program = Program()
    program.enter("model", "Model")
    one, two = program.op("exp"), program.op("sin", program.last)
    program.leave()
    program.op("add", one, two)
    recording = program.finish()
    folding = folding_of(recording, FOLDED)

    at = {
        (folding.items[source], folding.items[target]): number
        for number, (source, target) in enumerate(
            zip(folding.edges.sources.tolist(), folding.edges.targets.tolist(), strict=True)
        )
    }
    several = at[scope(recording, "model"), op_item(2)]

    assert folding.edges.counts[several] == 2
    assert folding.edges.tensors[several] is None
    assert TensorId(0) in folding.edges.tensors, "the only one that enters"


def test_what_differs_is_what_only_one_of_two_foldings_draws() -> None:
    recording = make_block_recording(3)
    opened, folded = folding_of(recording), folding_of(recording, FOLDED)

    ops = {item for item in opened.items if item not in folded}

    assert ops
    assert set(opened.differing(folded)) == set(folded.differing(opened)) == ops


def test_no_box_is_drawn_around_a_single_op_in_a_graph_that_is_all_open() -> None:
    recording = make_block_recording(3)
    assert "fc" not in boxes(folding_of(recording))
    assert "blocks.0" in boxes(folding_of(recording))


def test_opening_one_by_one_shows_the_repeat_then_the_blocks_then_their_ops() -> None:
    recording = make_block_recording()
    folds = Folds(FOLDED)
    seen = []
    for title in ("model", "blocks × 12", "blocks.3", "fc"):
        tree = scopes_of(recording)
        inside = [s for s in tree.scopes if scope_title(s) == title]
        folds = folds.opening(inside[3 if title == "fc" else 0].key)
        folding = fold_view(recording, ViewOptions(folds=folds))
        seen.append((titles(folding)[:4], boxes(folding)))

    assert seen[0] == (["blocks × 12"], ["model"])
    assert seen[1][0] == ["blocks.0", "blocks.1", "blocks.2", "blocks.3"]
    assert seen[2][0] == ["blocks.0", "blocks.1", "blocks.2", "fc"]
    assert seen[3] == (
        ["blocks.0", "blocks.1", "blocks.2", "blocks.4"], ["model", "blocks × 12", "blocks.3", "fc"]
    )  # fmt: skip


@pytest.mark.parametrize("mode", ViewMode)
@pytest.mark.parametrize("start", FoldStart)
def test_whatever_is_folded_there_is_no_cycle_and_every_edge_is_accounted_for(
    mode: ViewMode, start: FoldStart
) -> None:
    program = Program()
    for _ in range(3):
        run_blocks(program, 4)
        program.op("mul", program.last, program.weight("model.blocks.0.fc.weight"))
    program.op("sum", makes="loss", role=TensorRole.ROOT)
    recording = program.finish()
    whole = build_view(recording, ViewOptions(mode=mode))
    keys = [s.key for s in whole.graph["folding"].tree.scopes]
    for opened in itertools.chain([()], itertools.combinations(keys[:12], 2)):
        options = ViewOptions(mode=mode, folds=Folds(start).opening(*opened))
        graph = build_view(recording, options)
        folding: Folding = graph.graph["folding"]

        assert nx.is_directed_acyclic_graph(graph)
        crossing = [
            carriers for source, target, carriers in whole.edges(data="carriers")
            if folding.shown_as(source) != folding.shown_as(target)
        ]  # fmt: skip
        assert sum(count for *_, count in graph.edges(data="count")) == len(crossing)
        carried = {carrier for carriers in crossing for carrier in carriers}
        assert {c for *_, carriers in graph.edges(data="carriers") for c in carriers} == carried


def test_everything_has_a_card_that_stands_for_it() -> None:
    recording = make_block_recording()
    for start in FoldStart:
        folding = folding_of(recording, start, mode=ViewMode.BOTH)
        kept = set(folding.items)
        for op in recording.ops:
            assert folding.shown_as(op_item(op.id)) in kept
        for node in recording.autograd_nodes:
            assert folding.shown_as(node_item(node.id)) in kept
        for tensor in recording.tensors:
            assert folding.shown_as(tensor_item(tensor.id)) in kept
        for one in folding.tree.scopes:
            shown = folding.shown_as(scope_item(one.id))
            assert shown in kept or (shown is None and one.id in folding.open)


def test_boxes_hold_each_card_once_and_lie_within_each_other() -> None:
    recording = make_block_recording()
    folding = folding_of(recording, OPEN)

    members = [item for group in folding.groups for item in group.members]

    assert len(members) == len(set(members))
    assert set(members) == set(folding.items) - {
        tensor_item(TensorId(0)), op_item(36), folding.items[-1],
        tensor_item(recording.passes[0].root_tensors[0]),  # type: ignore[arg-type]
    }  # fmt: skip
    known: set[int | None] = {None}
    for group in folding.groups:
        assert group.parent in known
        known.add(group.scope.id)


def test_small_graphs_are_open_and_large_ones_are_what_can_be_read() -> None:
    small, large = make_block_recording(12), make_block_recording(MAX_CARDS)

    assert folding_of(small, FITTING).items == folding_of(small, OPEN).items
    folding = folding_of(large, FITTING)
    assert titles(folding) == [f"blocks × {MAX_CARDS}"]
    assert boxes(folding) == ["model"]
    assert len(folding.items) <= READABLE_CARDS


def test_repeated_blocks_open_folded_before_other_graphs_do() -> None:
    few, many = make_block_recording(20), make_block_recording(36)
    assert len(folding_of(few).items) <= MAX_REPEATED < len(folding_of(many).items) <= MAX_CARDS

    assert titles(folding_of(few, FITTING)) == []
    assert titles(folding_of(many, FITTING)) == ["blocks × 36"]
    chain = Program()
    for number in range(70):
        chain.op(f"op{number}")
        chain.op("mul" if number % 3 else "add", chain.last, chain.weight(f"w{number}"))
    unlike = chain.finish()
    assert MAX_REPEATED < len(folding_of(unlike).items) <= MAX_CARDS
    assert titles(folding_of(unlike, FITTING)) == [], "nothing is repeated: all stays open"


def test_a_weight_is_in_its_module_an_input_outside_and_a_shared_weight_around() -> None:
    program = Program()
    program.enter("model", "Model")
    for part in ("a", "b"):
        program.enter(f"model.{part}", "Linear")
        own = program.op("linear", program.last, program.weight(f"model.{part}.weight"))
        program.op("add", own, program.weight("model.bias"))
        program.leave()
    program.leave()
    recording = program.finish()

    folding = folding_of(recording)
    homes = {}
    for tensor in recording.tensors:
        if tensor.name is not None:
            around = folding.scope_of(tensor_item(tensor.id))
            homes[tensor.name] = None if around is None else around.path

    assert homes == {
        "x": None, "model.a.weight": "model.a", "model.b.weight": "model.b", "model.bias": "model"
    }  # fmt: skip


def test_in_the_view_of_one_pass_a_scope_is_open_in_every_round() -> None:
    program = Program()
    for _ in range(4):
        run_blocks(program, 1)
        program.op("mul")
    recording = program.finish()
    model = next(s for s in scopes_of(recording).scopes if s.path == "model")

    folds = Folds(FOLDED).opening("/*model · mul/~/model")
    folding = fold_view(recording, ViewOptions(folds=folds))

    opened = {s.call for s in folding.tree.scopes if s.path == "model" and s.id in folding.open}
    assert opened == {0, 1, 2, 3}
    assert model.key.startswith("/*model · mul/~1/model")


def test_filters_count_what_they_hide() -> None:
    program = Program()
    program.op("detached", program.tensor("c", role=TensorRole.CONSTANT))
    program.op("linear", program.tensor("x2", role=TensorRole.CONSTANT), program.weight("w"))
    recording = program.finish()

    assert folding_of(recording).hidden == 0
    hidden = folding_of(recording, hide_constants=True)
    assert hidden.hidden == len(folding_of(recording).items) - len(hidden.items) > 0
    both = folding_of(recording, mode=ViewMode.BOTH)
    plain = folding_of(recording, mode=ViewMode.BOTH, hide_nodes=True)
    assert plain.hidden == len(both.items) - len(plain.items) == len(recording.autograd_nodes)


def test_what_no_pass_went_through_is_outside_the_gradient_graph() -> None:
    program = Program()
    side = program.op("exp", program.weight("w"))
    program.op("mul", program.weight("w"), program.weight("v"))
    recording = program.finish()
    steps = tuple(s for s in recording.passes[0].steps if s.autograd_node != NodeId(1))
    import msgspec

    passes = (msgspec.structs.replace(recording.passes[0], steps=steps),)
    recording = msgspec.structs.replace(recording, passes=passes)

    folding = folding_of(recording, hide_outside=True)

    assert op_item(OpId(0)) not in folding.items
    assert op_item(OpId(1)) in folding.items
    assert folding.hidden >= 1
    assert recording.tensors[side].op == 0


def test_keys_of_another_run_are_no_harm() -> None:
    folds = Folds(FOLDED).opening("/other", "/model/nothing").folding("/gone")
    folding = fold_view(make_block_recording(), ViewOptions(folds=folds))
    assert titles(folding) == ["model"]


def test_a_list_of_many_leaves_is_folded_into_one_card() -> None:
    recording = record(
        "import torch\n"
        "leaves = [torch.ones((), requires_grad=True) for _ in range(200)]\n"
        "total = torch.stack(leaves).sum()\n"
        "total.backward()\n"
    )
    for mode in ViewMode:
        assert titles(folding_of(recording, FITTING, mode=mode)) == ["ones × 200"]
    assert len(folding_of(recording, OPEN).items) == 203


def test_the_last_leaf_of_a_loop_is_folded_with_the_others_although_it_has_a_name() -> None:
    recording = record(
        "import torch\n"
        "leaves = [torch.ones((), requires_grad=True) for _ in range(50)]\n"
        "for leaf in leaves:\n"
        "    (leaf * 2).exp()\n"
    )
    folding = folding_of(recording, FITTING)
    assert titles(folding) == ["mul · exp × 50"]
    assert len(folding.items) == 1


def test_leaves_with_names_stay_outside_the_loop_over_them() -> None:
    recording = record(
        "import torch\n"
        "a, b, c = (torch.ones((), requires_grad=True) for _ in range(3))\n"
        "for leaf in (a, b, c):\n"
        "    (leaf * 2).exp()\n"
    )
    folding = folding_of(recording, FOLDED)
    assert titles(folding) == ["mul · exp × 3"]
    assert len(folding.items) == 4

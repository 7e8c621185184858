"""What a checkpoint computes again during backward has short names and a place in the graph."""

from __future__ import annotations

import pytest

from gradviz.recording.chain import Chain
from gradviz.recording.items import node_item, tensor_item
from gradviz.recording.model import ItemKind, PassId, Recording
from gradviz.recording.recomputed import is_recomputed, pass_with_ops, step_around
from gradviz.recording.replay import Replay
from gradviz.recording.story import story_at
from gradviz.recording.view import ViewMode, ViewOptions, build_view
from tests.recording.test_view import record

TEXT = """import torch
from torch.utils.checkpoint import checkpoint
torch.manual_seed(0)
layer = torch.nn.Linear(2, 2)
h = torch.ones(1, 2, requires_grad=True) * 2
y = checkpoint(lambda t: layer(torch.relu(layer(t))), h, use_reentrant=True)
y.sum().backward()
"""
INNER = PassId(1)


@pytest.fixture(scope="module")
def recording() -> Recording:
    return record(TEXT)


def test_the_pass_around_is_found(recording: Recording) -> None:
    outer, inner = recording.passes
    assert not is_recomputed(recording, outer)
    assert is_recomputed(recording, inner)
    assert pass_with_ops(recording, inner) is outer
    around = step_around(recording, inner)
    assert around is not None
    assert recording.autograd_nodes[around.node].name == "CheckpointFunctionBackward"


def test_results_are_called_by_their_modules_in_the_order_of_the_calls(
    recording: Recording,
) -> None:
    chain = Chain(Replay(recording))
    first, last = chain.replay.span_of(INNER)
    stories = [story_at(chain, at) for at in range(first + 1, last + 1)]
    texts = [rule.text for story in stories if story is not None for rule in story.rules]
    assert any(t.startswith("dL/dRelu(layer(·)₁) = dL/dlayer(·)₂ @ layer.weight") for t in texts)
    assert any(t.startswith("dL/dh.detach() = dL/dlayer(·)₁ @ layer.weight") for t in texts)
    assert not any("tensor " in text or "Addmm" in text for text in texts)


def test_the_forward_graph_of_the_inner_pass_is_that_of_the_pass_around_it(
    recording: Recording,
) -> None:
    inner = build_view(recording, ViewOptions(pass_id=INNER))
    outer = build_view(recording, ViewOptions(pass_id=PassId(0)))
    assert set(inner) == set(outer)
    backward = build_view(recording, ViewOptions(mode=ViewMode.BACKWARD, pass_id=INNER))
    assert set(backward) != set(outer)
    both = build_view(recording, ViewOptions(mode=ViewMode.BOTH, pass_id=INNER))
    assert set(both) > set(outer)
    assert {item for item in backward if item.kind is ItemKind.NODE} < set(both)


def test_beside_the_forward_graph_the_inner_pass_has_its_root_and_its_leaves(
    recording: Recording,
) -> None:
    both = build_view(recording, ViewOptions(mode=ViewMode.BOTH, pass_id=INNER))
    inner = recording.passes[INNER]
    (root,) = inner.root_tensors
    assert root is not None
    assert both.has_edge(node_item(inner.roots[0].node), tensor_item(root))
    leaves = [recording.autograd_nodes[step.autograd_node] for step in inner.steps]
    leaves = [node for node in leaves if node.leaf is not None]
    assert len(leaves) == 3
    for node in leaves:
        assert both.has_edge(tensor_item(node.leaf), node_item(node.id))

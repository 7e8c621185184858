"""Nodes that a pass with `create_graph=True` made are told from those of the forward pass."""

from __future__ import annotations

import pytest

from gradviz.recording.layers import layers_of
from gradviz.recording.model import Recording
from tests.builders import make_chain_rule_recording
from tests.recording.test_view import record

GRAD = """\
import torch
x = torch.tensor([2., 3.], requires_grad=True)
y = (x.sin() * x).sum()
(g,) = torch.autograd.grad(y, x, create_graph=True)
(h,) = torch.autograd.grad(g.sum(), x, create_graph=True)
h.sum().backward()
"""
BACKWARD = """\
import torch
x = torch.tensor([2., 3.], requires_grad=True)
(x ** 3).sum().backward(create_graph=True)
g = x.grad
x.grad = None
(g ** 2).sum().backward()
"""


def names_by_layer(recording: Recording) -> dict[int, set[str]]:
    found: dict[int, set[str]] = {}
    for node, layer in layers_of(recording).items():
        found.setdefault(layer, set()).add(recording.autograd_nodes[node].name)
    return found


def test_each_grad_call_makes_a_layer() -> None:
    found = names_by_layer(record(GRAD))
    assert set(found) == {0, 1}
    assert "CosBackward0" in found[0]
    assert {"NegBackward0", "SinBackward0", "CosBackward0"} <= found[1]


def test_backward_makes_one_too_and_the_ops_after_it_none() -> None:
    recording = record(BACKWARD)
    found = names_by_layer(recording)
    assert set(found) == {0}
    assert {"MulBackward0", "MulBackward1", "PowBackward0"} <= found[0]
    after = next(op for op in recording.ops if op.text == "g ** 2")
    assert not set(after.autograd_nodes) & set(layers_of(recording))


@pytest.mark.parametrize("recording", [Recording(), make_chain_rule_recording()])
def test_without_create_graph_there_are_none(recording: Recording) -> None:
    assert layers_of(recording) == {}


def test_nodes_of_a_layer_are_stepped_in_a_later_pass() -> None:
    recording = record(GRAD)
    layers = layers_of(recording)
    for pass_ in recording.passes:
        made = {layers[s.autograd_node] for s in pass_.steps if s.autograd_node in layers}
        assert all(layer < pass_.id for layer in made)
    second = {s.autograd_node for s in recording.passes[1].steps}
    assert any(layers.get(node) == 0 for node in second)

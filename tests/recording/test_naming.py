"""What a pass calls the tensors between the nodes of an earlier pass."""

from __future__ import annotations

import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.formulas import node_template
from gradviz.recording.model import NextEdge
from gradviz.recording.naming import Edges, PassNames

PENALTY = """\
import torch
from torch import nn
D = nn.Sequential(nn.Linear(2, 4), nn.{kind}(), nn.Linear(4, 1))
x = torch.ones(3, 2, requires_grad=True)
score = D(x).sum()
gx, = torch.autograd.grad(score, x, create_graph=True)
penalty = ((gx.norm(dim=1) - 1) ** 2).mean()
penalty.backward()
"""


def names_of(text: str) -> dict[str, list[str]]:
    """The names of what each kind of node of the last pass belongs to, in its order."""
    result = run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
    recording = result.recording
    assert recording.error is None, recording.error
    names = PassNames(recording, Edges(recording), recording.passes[-1])
    found: dict[str, list[str]] = {}
    for step in recording.passes[-1].steps:
        kind = recording.autograd_nodes[step.autograd_node].name
        found.setdefault(kind, []).append(names.edge(NextEdge(step.autograd_node, 0)))
    return found


@pytest.mark.parametrize("kind", ["Tanh", "Sigmoid", "Softplus"])
def test_what_a_step_sent_with_create_graph_is_called_as_a_derivative(kind: str) -> None:
    names = names_of(PENALTY.format(kind=kind))
    assert names[f"{kind}BackwardBackward0"] == ["dscore/dD.0(·)"]
    assert names["MmBackward0"] == ["gx", "Mm(D.2.weight)"]


def test_of_two_steps_of_a_kind_each_is_told_by_what_it_needed() -> None:
    names = names_of(
        "import torch\nx = torch.tensor([1., 2.], requires_grad=True)\na = x.tanh()\n"
        "b = (a * 2).tanh()\ny = b.sum()\ng, = torch.autograd.grad(y, x, create_graph=True)\n"
        "g.sum().backward()\n"
    )
    assert names["TanhBackwardBackward0"] == ["g", "dy/d(a * 2)"]


def test_what_is_a_part_of_a_sum_is_called_by_its_function() -> None:
    names = names_of(
        "import torch\nx = torch.tensor([1., 2.], requires_grad=True)\nh = x * 2\n"
        "y = (h.tanh() * h).sum()\ng, = torch.autograd.grad(y, x, create_graph=True)\n"
        "g.sum().backward()\n"
    )
    assert names["TanhBackwardBackward0"] == ["Tanh′(…)"]


def test_no_formula_of_a_forward_op_is_given_to_a_node_of_a_backward_pass() -> None:
    assert node_template("TanhBackward0", 0) is not None
    assert node_template("TanhBackwardBackward0", 0) is None

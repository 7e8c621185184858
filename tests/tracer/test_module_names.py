"""Modules are called as the person calls them, also where no global name is bound to them."""

from __future__ import annotations

import pytest
import torch
from torch import nn

import gradviz
from tests.tracer.helpers import record

SETTING = """\
import torch
from torch import nn

class GPT(nn.Module):
    def __init__(self):
        super().__init__()
        self.head = nn.Linear(2, 1)

    def forward(self, x):
        return self.head(x)

    def generate(self, x):
        return self(x)

"""

WAYS = {
    "a local variable": "def main():\n    model = GPT()\n    model(torch.ones(2))\nmain()\n",
    "a global variable": "model = GPT()\ndef main(net):\n    net(torch.ones(2))\nmain(model)\n",
    "a method that calls itself": (
        "def main():\n    model = GPT()\n    model.generate(torch.ones(2))\nmain()\n"
    ),
    "an attribute": """\
class Trainer:
    def __init__(self):
        self.model = GPT()

    def fit(self):
        self.model(torch.ones(2))

Trainer().fit()
""",
    "an attribute of a module that is not called": """\
class Trainer(nn.Module):
    def __init__(self):
        super().__init__()
        self.model = GPT()

    def fit(self):
        self.model(torch.ones(2))

Trainer().fit()
""",
    "an attribute beside slots": """\
class Trainer:
    __slots__ = ("net",)

    def fit(self):
        self.net = model = GPT()
        model(torch.ones(2))

Trainer().fit()
""",
}


@pytest.mark.parametrize("way", WAYS)
def test_a_module_is_called_by_the_name_through_which_it_is_called(way: str) -> None:
    recording = record(SETTING + WAYS[way])
    assert [call.path for call in recording.module_calls] == ["model", "model.head"]
    assert {"model.head.weight", "model.head.bias"} <= {one.name for one in recording.tensors}


ROWS = {
    "nn.ModuleList([GPT(), GPT()])": ["row.0", "row.1"],
    "nn.Sequential(GPT(), GPT())": ["row.0", "row.1"],
    "[GPT(), GPT()]": ["row.0", "row.1"],
    "(GPT(), GPT())": ["row.0", "row.1"],
    "nn.ModuleDict({'a': GPT(), 'b': GPT()}).values()": ["one", "one"],
}


@pytest.mark.parametrize("made", ROWS)
def test_modules_in_a_row_are_called_by_their_places_and_not_by_the_loops_variable(
    made: str,
) -> None:
    recording = record(
        f"{SETTING}def main():\n    row = {made}\n    for one in row:\n"
        "        one(torch.ones(2))\nmain()\n"
    )
    assert [call.path for call in recording.module_calls[::2]] == ROWS[made]


@pytest.mark.parametrize(
    ("made", "called", "path"),
    [
        ("nn.Sequential(nn.Linear(2, 2), GPT())", "row[1]", "row.1"),
        ("nn.ModuleDict({'a': GPT()})", "row['a']", "row.a"),
        ("{'a': GPT()}", "row['a']", "row.a"),
        ("nn.Sequential(nn.Sequential(GPT()))", "row[0][0]", "row.0.0"),
    ],
)
def test_a_module_that_only_its_holder_has_is_called_by_its_place(
    made: str, called: str, path: str
) -> None:
    text = f"{SETTING}def main():\n    row = {made}\n    {called}(torch.ones(2))\nmain()\n"
    assert [call.path for call in record(text).module_calls] == [path, f"{path}.head"]


def test_a_part_that_has_a_variable_of_its_own_is_called_by_that() -> None:
    text = """\
class Average(nn.Module):
    def __init__(self, model):
        super().__init__()
        self.module = model

def main():
    model = GPT()
    average = Average(model)
    model(torch.ones(2))
main()
"""
    assert [call.path for call in record(SETTING + text).module_calls] == ["model", "model.head"]


def test_a_module_without_any_name_is_called_by_its_type() -> None:
    recording = record(SETTING + "def main():\n    GPT()(torch.ones(2))\nmain()\n")
    assert [call.path for call in recording.module_calls] == ["gpt", "gpt.head"]


def test_the_frame_that_was_looked_at_keeps_nothing_alive() -> None:
    text = """\
import weakref
class Marker: pass
def main():
    marker, model = Marker(), GPT()
    model(torch.ones(2))
    gone = weakref.ref(marker)
    del marker
    assert gone() is None
main()
"""
    assert record(SETTING + text).module_calls[0].path == "model"  # and the program's assert held


def test_a_module_that_functional_call_calls_is_called_by_its_name() -> None:
    recording = record(
        "def main():\n    net = nn.Sequential(nn.Linear(2, 1), nn.Tanh())\n"
        "    fast = {name: p * 2 for name, p in net.named_parameters()}\n"
        "    out = torch.func.functional_call(net, fast, (torch.ones(2),))\n"
        "    out.sum().backward()\nmain()\n"
    )
    ops = [op for op in recording.ops if op.scope]
    assert [(op.scope, op.name) for op in ops] == [("net.0", "linear"), ("net.1", "tanh")]
    assert {op.location.line for op in ops if op.location} == {4}
    assert all(node.op is not None or node.leaf is not None for node in recording.autograd_nodes)


def test_what_functional_call_puts_in_a_parameters_place_keeps_its_own_name() -> None:
    def main() -> gradviz.api.Recording:
        net = nn.Linear(2, 1, bias=False)
        w = torch.ones(1, 2, requires_grad=True)
        with gradviz.record() as recording:
            made = w * 3
            torch.func.functional_call(net, {"weight": made}, (torch.ones(2),)).sum().backward()
            net(torch.ones(2)).sum().backward()
        return recording

    recording = main()
    assert set(recording.leaf_grads) == {"w", "net.weight"}
    first, second = (op for op in recording.ops if op.name == "linear")
    assert [tensor.name for tensor in (first.inputs[1], second.inputs[1])] == ["made", "net.weight"]


def test_a_parametrization_is_called_by_its_place_though_it_was_tried_out_before_it_had_one() -> (
    None
):
    text = """\
from torch.nn.utils import parametrize
class Symmetric(nn.Module):
    def forward(self, x):
        return x.triu() + x.triu(1).T
layer = nn.Linear(3, 3)
layer(torch.ones(3))
parametrize.register_parametrization(layer, "weight", Symmetric())
layer(torch.ones(3)).sum().backward()
"""
    recording = record(text)
    assert recording.module_calls[-1].path == "layer.parametrizations.weight.0"
    names = {tensor.name for tensor in recording.tensors if tensor.grad is not None}
    assert names == {"layer.bias", "layer.parametrizations.weight.original"}


def test_a_tensor_that_is_an_attribute_of_a_module_is_called_by_it() -> None:
    recording = record(
        "class Scaled(nn.Module):\n    def __init__(self):\n        super().__init__()\n"
        "        self.scale = torch.ones(2, requires_grad=True)\n"
        "    def forward(self, x):\n        return x * self.scale\n"
        "net = nn.Sequential(Scaled())\nnet(torch.ones(2)).sum().backward()\n"
    )
    assert "net.0.scale" in {tensor.name for tensor in recording.tensors if tensor.is_leaf}

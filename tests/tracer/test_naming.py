"""Tensors are called as the person calls them, wherever the name was bound."""

from __future__ import annotations

from collections import UserDict

import pytest
import torch
from torch import nn

import gradviz
from gradviz.language.run import RunOptions, run
from gradviz.recording.diagnostics import find
from gradviz.recording.model import Recording
from gradviz.tracer.tracer import Tracer
from tests.tracer.helpers import record, recording_of

SETTING = """\
import torch
from torch import nn
x = torch.ones(2, requires_grad=True)
model = nn.Sequential(nn.Linear(2, 2), nn.Tanh())
class Net(nn.Module):
    def forward(self, x):
        return (x * 2).tanh()
net = Net()
def doubled(x):
    return x * 2
def passed_on(x):
    return doubled(x)
"""

BODIES = {
    "an op": ("h = x * 2", ["h"]),
    "a function of Python's": ("h = nn.functional.mse_loss(x, x)", ["h"]),
    "a module": ("h = model(x)", ["h"]),
    "several results": ("h, k = x.split(1)", ["h", "k"]),
    "a module of the person's": ("h = net(x)", ["h"]),
    "a function of the person's": ("h = doubled(x)", ["h"]),
    "a function that returns another's result": ("h = passed_on(x)", ["h"]),
    "two modules": ("h = model(x)\nk = model(h)", ["h", "k"]),
}


def indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.split("\n"))


def outputs_named(text: str) -> list[str]:
    recording = record(SETTING + text)
    made = [recording.tensors[t].name for op in recording.ops for t in op.outputs]
    return [name for name in made if name in ("h", "k")]


@pytest.mark.parametrize("body", BODIES)
def test_names_bound_in_a_loop_stay_with_each_of_its_tensors(body: str) -> None:
    text, names = BODIES[body]
    loop = f"for turn in range(3):\n{indented(text)}\n    last = x + 1\n"
    assert outputs_named(loop) == names * 3


@pytest.mark.parametrize("body", BODIES)
def test_names_bound_in_a_function_are_seen(body: str) -> None:
    text, names = BODIES[body]
    function = f"def f(x):\n{indented(text)}\n    return {names[-1]}.sum()\nf(x)\n"
    assert outputs_named(function) == names


def test_what_a_module_computes_inside_takes_no_name() -> None:
    recording = record(SETTING + "for turn in range(2):\n    h = model(x)\n    k = h + 1\n")
    linear = [op for op in recording.ops if op.name == "linear"]
    assert [recording.tensors[op.outputs[0]].name for op in linear] == [None, None]


OF_MANY = {
    "h = sum(map(torch.sin, xs))": ["h"],
    "h = max(map(lambda x: x.sum(), xs)) + 1": ["h"],
    "h = sum(\n    x * 2 for x in xs\n)": ["h"],
    "h = functools.reduce(operator.mul, xs)": ["h"],
    "k = tuple(map(torch.sin, xs))": [],
    "h = torch.sum(xs[0])": ["h"],
}


@pytest.mark.parametrize("is_in_function", [False, True])
@pytest.mark.parametrize("body", OF_MANY)
def test_of_many_results_only_the_one_that_is_bound_takes_the_name(
    body: str, is_in_function: bool
) -> None:
    loop = f"for turn in range(2):\n{indented(body)}\n    last = x + 1\n"
    text = f"def f():\n{indented(loop)}\nf()\n" if is_in_function else loop
    made = "import functools, operator\nxs = [x + 1, x + 2, x + 3]\n"
    assert outputs_named(made + text) == OF_MANY[body] * 2


def test_of_many_results_the_root_of_a_pass_has_its_name() -> None:
    text = "def f():\n    loss = sum([x[0], x[1]])\n    loss.backward()\nf()\n"
    recording = record(SETTING + text)
    named = [tensor.id for tensor in recording.tensors if tensor.name == "loss"]
    assert named == list(recording.passes[0].root_tensors)


def test_what_is_computed_further_from_a_function_takes_no_name() -> None:
    recording = record(SETTING + "for turn in range(2):\n    h = doubled(x) + 1\n    k = h * 3\n")
    (product, *_) = [op for op in recording.ops if op.name == "mul"]
    assert recording.tensors[product.outputs[0]].name is None


@pytest.mark.parametrize("call", ["net(x).sum()", "total(x)"])
def test_the_root_of_each_pass_of_a_loop_in_a_function_has_its_name(call: str) -> None:
    recording = record(
        SETTING
        + "def total(x):\n    return net(x).sum()\n"
        + "def train():\n    for turn in range(3):\n"
        + f"        loss = {call}\n        loss.backward()\n"
        + "train()\n"
    )
    roots = [recording.tensors[p.root_tensors[0]].name for p in recording.passes]
    assert roots == ["loss"] * 3


def replaced(*, is_used: bool) -> Recording:
    """`head.weight` was met under its name, and then the embedding's took its place."""
    tracer = Tracer(filename=__file__)
    with tracer:
        embedding, head = nn.Embedding(5, 3), nn.Linear(3, 5, bias=False)
        names = {"embedding": embedding, "head": head}
        tracer.bind(names)
        if is_used:
            head(torch.ones(3)).sum().backward()
        head.weight = embedding.weight
        head(embedding(torch.tensor([1, 2]))).sum().backward()
        tracer.bind(names)
    return recording_of(tracer.finish())


def test_a_parameter_that_was_replaced_unused_is_not_told_to_have_no_gradient() -> None:
    recording = replaced(is_used=False)
    names = [tensor.name for tensor in recording.tensors]
    assert "embedding.weight" in names
    assert "head.weight" not in names
    assert find(recording) == ()


def test_a_parameter_that_was_replaced_after_its_use_keeps_its_name() -> None:
    assert "head.weight" in [tensor.name for tensor in replaced(is_used=True).tensors]


def test_a_gradient_that_is_asked_for_is_called_as_it_was_written() -> None:
    call = "torch.autograd.grad((x ** 3).sum(), x, create_graph=True)"
    recording = record(f"x = torch.ones(3, requires_grad=True)\n(first,) = {call}\n")
    (op,) = (op for op in recording.ops if op.name == "grad")
    assert op.text == recording.passes[0].text == call


def test_a_call_that_torch_function_hands_on_comes_from_where_the_person_made_it() -> None:
    recording = record(
        """\
from torch.overrides import TorchFunctionMode
class Through(TorchFunctionMode):
    def __torch_function__(self, func, types, args=(), kwargs=None):
        return func(*args, **(kwargs or {}))
class Metres(torch.Tensor):
    @classmethod
    def __torch_function__(cls, func, types, args=(), kwargs=None):
        return super().__torch_function__(func, types, args, kwargs or {})
x = torch.ones(2, requires_grad=True)
with Through():
    y = x * 3
z = (y.as_subclass(Metres) + 1).sum()
z.backward()
"""
    )
    found = {op.text: op.location.line for op in recording.ops if op.location}
    assert found["x * 3"] == 11
    assert found["y.as_subclass(Metres) + 1"] == 12
    assert "y" in {tensor.name for tensor in recording.tensors}
    (pass_,) = recording.passes
    assert (pass_.text, pass_.location and pass_.location.line) == ("z.backward()", 13)


def test_the_passes_of_a_functional_derivative_come_from_its_call() -> None:
    recording = record(
        "x = torch.ones(2)\nh = torch.autograd.functional.hessian(lambda t: (t ** 3).sum(), x)\n"
    )
    assert recording.passes
    assert {pass_.location.line for pass_ in recording.passes if pass_.location} == {2}
    assert all(pass_.text.startswith("torch.autograd.functional") for pass_ in recording.passes)


def test_leaves_that_have_no_variable_are_called_by_their_place_in_a_list_or_dictionary() -> None:
    text = """\
import torch
ws = [torch.ones(2, requires_grad=True) for _ in range(2)]
params = {"b": torch.zeros(2, requires_grad=True)}
named = torch.ones(2, requires_grad=True)
both = (named, torch.ones(2))
h = sum(w.sum() for w in ws) + params["b"].sum() + sum(both).sum()
h.backward()
"""
    recording = run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None).recording
    names = {t.name for t in recording.tensors if t.is_leaf and t.requires_grad}
    assert names == {"ws[0]", "ws[1]", "params['b']", "named"}

    with gradviz.record() as recorded:
        weights = [torch.ones(2, requires_grad=True), torch.ones(2, requires_grad=True)]
        (weights[0] * weights[1]).sum().backward()
    assert list(recorded.grad_norms) == ["weights[0]", "weights[1]"]


class Trainer:
    """What keeps its leaf to itself."""

    def __init__(self) -> None:
        self.w = torch.ones(2, requires_grad=True)

    def record(self) -> gradviz.api.Recording:
        with gradviz.record() as recording:
            (self.w * 2).sum().backward()
        return recording


def test_a_leaf_that_is_an_attribute_is_called_by_it() -> None:
    assert list(Trainer().record().leaf_grads) == ["self.w"]
    text = """\
import torch
class Model:
    def __init__(self):
        self.w = torch.ones(2, requires_grad=True)
    def __getattribute__(self, name):
        assert name == "w", "nothing else was asked"
        return object.__getattribute__(self, name)
m = Model()
(m.w * 2).sum().backward()
"""
    result = run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None)
    assert result.recording.error is None
    assert "m.w" in {tensor.name for tensor in result.recording.tensors}


MANY = 600
"""Statements, each of which binds one name: more than are looked at after each."""


def many_names(last: str) -> Recording:
    text = "import torch\nx = torch.ones(2, requires_grad=True)\n"
    text += "".join(f"h{at} = x + {at}\n" for at in range(MANY))
    text += last
    return run(text, RunOptions(), on_output=lambda _: None, on_line=lambda _: None).recording


def names_of_outputs(recording: Recording, op: str) -> list[str | None]:
    return [
        recording.tensors[t].name for one in recording.ops if one.name == op for t in one.outputs
    ]


def test_of_very_many_names_each_is_the_one_that_was_bound() -> None:
    recording = many_names("h5 = h7 * 2\nh9.mul_(3)\ndel h11\nh11 = h7 - 1\n")
    assert names_of_outputs(recording, "add") == [f"h{at}" for at in range(MANY)]
    assert names_of_outputs(recording, "mul") == ["h5"]
    assert names_of_outputs(recording, "mul_") == ["h9"]
    assert names_of_outputs(recording, "sub") == ["h11"]


def test_of_very_many_names_one_that_moves_on_is_lost() -> None:
    assert names_of_outputs(many_names("h5 = w = x * 2\nh5 = 1\n"), "mul") == ["w"]


def test_of_very_many_names_one_that_a_function_binds_is_found() -> None:
    last = "def bind():\n    global h5\n    value = [x * 2]\n    h5 = value[0]\nbind()\nk = x - 1\n"
    assert names_of_outputs(many_names(last), "mul") == ["h5"]


def test_after_a_statement_of_a_long_program_few_names_are_looked_at() -> None:
    looked_at = 0

    class Counted(UserDict[str, object]):
        def __getitem__(self, name: str) -> object:
            nonlocal looked_at
            looked_at += 1
            return super().__getitem__(name)

    tracer = Tracer(filename=__file__)
    names = Counted()
    statements = 2000
    with tracer:
        for at in range(statements):
            names[f"h{at}"] = torch.ones(1)
            tracer.bind(names, line=at, mentioned=(f"h{at}",))
    # Looking at each name after each statement makes 2,000 × 2,000 ÷ 2.
    assert looked_at < statements * 400


SUMS = "xs = [torch.ones(2, requires_grad=True) * k for k in range(3)]\n"


@pytest.mark.parametrize(
    "call",
    ["sum(xs)", "sum(x * 2 for x in xs)", "functools.reduce(torch.add, xs)", "math.prod(xs)"],
)
def test_a_sum_that_a_function_ends_with_has_its_name(call: str) -> None:
    recording = record(
        f"import functools, math\n{SUMS}def f():\n    s = {call}\n    return s\n"
        "def main():\n    return f().exp()\nlast = main()\n"
    )
    (exp,) = [op for op in recording.ops if op.name == "exp"]
    assert recording.tensors[exp.inputs[0]].name == "s"
    assert [tensor.name for tensor in recording.tensors].count("s") == 1


@pytest.mark.parametrize(
    "call", ["list(x * 2 for x in xs)", "max(xs, key=torch.sum)", "sum([*xs, None])"]
)
def test_what_a_call_made_on_the_way_has_not_the_name_of_its_result(call: str) -> None:
    recording = record(
        f"{SUMS}def f():\n    s = {call}\n    return s\n"
        "try:\n    kept = f()\nexcept TypeError:\n    pass\nlast = xs[0].exp()\n"
    )
    assert "s" not in {tensor.name for tensor in recording.tensors}


def test_a_sum_can_be_exchanged_for_another_tensor_in_its_function() -> None:
    text = (
        f"{SUMS}def f():\n    s = sum(x.detach() for x in xs)\n    t = xs[1].detach()\n"
        "    torch.utils.swap_tensors(s, t)\n    return s\nlast = f() * 1\n"
    )
    recording = record(text)
    assert recording.ops[-1].name == "mul"

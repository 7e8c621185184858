"""What if: a run with other values goes on with them, and nothing else is different."""

from __future__ import annotations

import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.changes import (
    Change,
    GradientChange,
    LeafChange,
    gradient_change,
    leaf_change,
)
from gradviz.recording.compare import Comparison, Quantity
from gradviz.recording.items import node_item, tensor_item
from gradviz.recording.model import OutputKind, PassId, Recording
from gradviz.recording.values import to_array, to_number
from tests.capabilities import problems

CHAIN = """\
import torch
x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
"""


def record(text: str, *changes: Change) -> Recording:
    options = RunOptions(changes=changes, seed=0)
    return run(text, options, on_output=lambda _o: None, on_line=lambda _l: None).recording


def numbers(recording: Recording) -> dict[str, tuple[float | None, float | None]]:
    return {
        tensor.name: (
            to_number(recording.value(tensor.value)),
            to_number(recording.value(tensor.grad)),
        )
        for tensor in recording.tensors
        if tensor.name
    }


def test_a_changed_leaf_changes_what_depends_on_it() -> None:
    changed = record(CHAIN, LeafChange("x", (5.0,)))
    assert numbers(changed) == {
        "x": (5.0, 3.0),
        "y": (2.0, 3.0),
        "z": (3.0, 7.0),
        "p": (7.0, None),
        "g": (21.0, None),
    }


def test_a_changed_gradient_flows_on_from_its_node() -> None:
    plain = record(CHAIN)
    step = next(
        step
        for step in plain.passes[0].steps
        if plain.autograd_nodes[step.autograd_node].name == "AddBackward0"
    )
    change = gradient_change(plain, PassId(0), step, 0, (100.0,))
    assert change is not None
    grads = {name: grad for name, (_, grad) in numbers(record(CHAIN, change)).items()}
    assert grads == {"x": 100.0, "y": 100.0, "z": 3.0, "p": None, "g": None}


def test_the_gradient_that_a_leaf_receives_can_be_changed() -> None:
    plain = record(CHAIN)
    leaf = next(t.id for t in plain.tensors if t.name == "y")
    step = next(
        step
        for step in plain.passes[0].steps
        if plain.autograd_nodes[step.autograd_node].leaf == leaf
    )
    change = gradient_change(plain, PassId(0), step, 0, (-7.0,))
    assert change is not None
    grads = {name: grad for name, (_, grad) in numbers(record(CHAIN, change)).items()}
    assert (grads["x"], grads["y"]) == (3.0, -7.0)


def test_only_the_chosen_pass_of_a_loop_is_changed() -> None:
    text = (
        "import torch\n"
        "w = torch.tensor(2., requires_grad=True)\n"
        "grads = []\n"
        "for _ in range(3):\n"
        "    w.grad = None\n"
        "    (w * 3).backward()\n"
        "    grads.append(w.grad.item())\n"
        "first, second, third = (torch.tensor(one) for one in grads)\n"
    )
    plain = record(text)
    step = plain.passes[1].steps[0]
    change = gradient_change(plain, PassId(1), step, 0, (10.0,))
    assert change is not None
    found = numbers(record(text, change))
    assert [found[name][0] for name in ("first", "second", "third")] == [3.0, 30.0, 3.0]


def test_a_parameter_of_a_module_is_changed_by_its_path() -> None:
    text = "import torch\nm = torch.nn.Linear(2, 1)\nout = m(torch.ones(2))\nout.backward()\n"
    changed = record(text, LeafChange("m.weight", (1.0, 2.0)), LeafChange("m.bias", (10.0,)))
    out = next(t for t in changed.tensors if t.name == "out")
    value = changed.value(out.value)
    assert value is not None
    assert to_array(value).tolist() == [13.0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (LeafChange("p", (1.0,)), "p is no leaf any more: its value was not changed."),
        (LeafChange("x", (1.0, 2.0)), "x has 1 elements, not 2: its value was not changed."),
        (LeafChange("nobody", (1.0,)), "nobody was not bound: its value was not changed."),
        (
            GradientChange(pass_id=PassId(5), node=0, node_name="MulBackward0", values=(1.0,)),
            "MulBackward0 was not executed again: its gradient was not changed.",
        ),
    ],
)
def test_a_change_that_finds_no_place_is_told(change: Change, sentence: str) -> None:
    changed = record(CHAIN, change)
    warnings = [one.text for one in changed.outputs if one.kind is OutputKind.WARNING]
    told = list(problems(tuple(warnings)))
    assert told == [sentence]
    assert numbers(changed) == numbers(record(CHAIN))


def test_changes_are_made_of_what_fits() -> None:
    plain = record(CHAIN)
    x, p = (next(t for t in plain.tensors if t.name == name) for name in ("x", "p"))
    assert leaf_change(x, (4.0,)) == LeafChange("x", (4.0,))
    assert leaf_change(x, (4.0, 5.0)) is None
    assert leaf_change(p, (4.0,)) is None
    assert gradient_change(plain, PassId(0), plain.passes[0].steps[0], 0, (1.0, 2.0)) is None


def test_two_equal_runs_have_no_difference() -> None:
    comparison = Comparison(record(CHAIN), record(CHAIN))
    assert comparison.differences == ()
    assert comparison.parted_at is None


def test_differences_are_told_by_item() -> None:
    plain, changed = record(CHAIN), record(CHAIN, LeafChange("x", (5.0,)))
    comparison = Comparison(plain, changed)
    ids = {tensor.name: tensor.id for tensor in plain.tensors}
    quantities = {
        name: [one.quantity for one in comparison.by_item.get(tensor_item(ids[name]), ())]
        for name in ids
    }
    assert quantities == {
        "x": [Quantity.VALUE],
        "y": [],
        "z": [Quantity.GRAD],
        "p": [Quantity.VALUE],
        "g": [Quantity.VALUE],
    }
    multiplication = plain.passes[0].steps[0]
    (sent,) = comparison.by_item[node_item(multiplication.autograd_node)]
    assert (sent.quantity, sent.step, sent.slot) == (Quantity.SENT, 0, 1)
    assert sent.after is not None
    before = comparison.counterpart(sent.after)
    assert to_number(plain.value(before)) == 3.0
    assert to_number(changed.value(sent.after)) == 7.0


def test_runs_that_part_are_compared_until_then() -> None:
    text = (
        "import torch\n"
        "x = torch.tensor(1., requires_grad=True)\n"
        "y = x * 2\n"
        "if y > 5:\n"
        "    y = y.sin()\n"
        "y.backward()\n"
    )
    comparison = Comparison(record(text), record(text, LeafChange("x", (5.0,))))
    assert comparison.parted_at == 5
    assert {one.quantity for one in comparison.differences} >= {Quantity.VALUE}

"""What if: a run with other values goes on with them, and nothing else is different."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.language.run import RunOptions, run
from gradviz.recording.changes import (
    Change,
    GradientChange,
    LeafChange,
    gradient_change,
    leaf_change,
)
from gradviz.recording.compare import Comparison, Difference, Quantity
from gradviz.recording.items import node_item, tensor_item
from gradviz.recording.model import Item, NodeId, OutputKind, PassId, Recording, TensorId
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


def leaf(recording: Recording, name: str, edit: str, *, version: int = 0) -> LeafChange:
    """A change of the first record that has a name, or of a later one."""
    found = [tensor for tensor in recording.tensors if tensor.name == name]
    change = leaf_change(found[version], edit)
    assert change is not None
    return change


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
    changed = record(CHAIN, leaf(record(CHAIN), "x", "5"))
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
    change = gradient_change(plain, PassId(0), step, 0, "100")
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
    change = gradient_change(plain, PassId(0), step, 0, "-7")
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
    change = gradient_change(plain, PassId(1), step, 0, "10")
    assert change is not None
    found = numbers(record(text, change))
    assert [found[name][0] for name in ("first", "second", "third")] == [3.0, 30.0, 3.0]


def test_a_parameter_of_a_module_is_changed_by_its_path() -> None:
    text = "import torch\nm = torch.nn.Linear(2, 1)\nout = m(torch.ones(2))\nout.backward()\n"
    plain = record(text)
    changed = record(text, leaf(plain, "m.weight", "[[1, 2]]"), leaf(plain, "m.bias", "10"))
    out = next(t for t in changed.tensors if t.name == "out")
    value = changed.value(out.value)
    assert value is not None
    assert to_array(value).tolist() == [13.0]


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (
            LeafChange(tensor=TensorId(3), name="p", edit="1"),
            "p is no longer a leaf: its value was not changed.",
        ),
        (
            LeafChange(tensor=TensorId(0), name="x", edit="[1, 2]"),
            "x was not changed: That has shape 2, but shape () is needed.",
        ),
        (
            LeafChange(tensor=TensorId(99), name="nobody", edit="1"),
            "nobody was not bound: its value was not changed.",
        ),
        (
            GradientChange(pass_id=PassId(5), node=NodeId(0), node_name="MulBackward0", edit="1"),
            "MulBackward0 was not executed again: its gradient was not changed.",
        ),
        (
            GradientChange(
                pass_id=PassId(0), node=NodeId(3), node_name="MulBackward0", edit="y + 1"
            ),
            "The gradient into MulBackward0 was not changed: The name y is not known here.",
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
    assert leaf_change(x, "4") == LeafChange(tensor=x.id, name="x", edit="4")
    assert leaf_change(p, "4") is None
    multiplication = plain.passes[0].steps[0]
    assert gradient_change(plain, PassId(0), multiplication, 0, "0") is not None


LARGE = """\
import torch
torch.manual_seed(0)
w = torch.randn(80, 70, requires_grad=True)
loss = (w * w).sum()
loss.backward()
"""


def whole(recording: Recording, name: str, *, grad: bool = False) -> np.ndarray:
    tensor = next(t for t in recording.tensors if t.name == name)
    value = recording.value(tensor.grad if grad else tensor.value)
    assert value is not None
    return to_array(value)


def test_a_large_leaf_is_set_by_an_expression_over_its_old_value() -> None:
    plain = record(LARGE)
    changed = record(LARGE, leaf(plain, "w", "2*value; w[3, 5] = 7; value[0:2] = 0"))
    expected = 2 * whole(plain, "w")
    expected[3, 5] = 7
    expected[:2] = 0
    assert np.array_equal(whole(changed, "w"), expected)
    assert np.array_equal(whole(changed, "w", grad=True), 2 * expected)


def test_a_large_gradient_is_set_by_an_expression_over_its_old_value() -> None:
    plain = record(LARGE)
    (step,) = (
        step
        for step in plain.passes[0].steps
        if plain.autograd_nodes[step.autograd_node].name == "MulBackward0"
    )
    change = gradient_change(plain, PassId(0), step, 0, "value[:, 0] *= 10")
    assert change is not None
    ratio = whole(record(LARGE, change), "w", grad=True) / whole(plain, "w", grad=True)
    assert np.allclose(ratio[:, 0], 10)
    assert np.allclose(ratio[:, 1:], 1)


def test_leaves_without_a_name_of_the_document_are_changed_too() -> None:
    text = (
        "import torch\n"
        "ws = [torch.ones(2, requires_grad=True) for _ in range(2)]\n"
        "def f(layers):\n"
        "    inner = torch.ones(2, requires_grad=True)\n"
        "    out = (layers[0](inner) * ws[1]).sum()\n"
        "    out.backward()\n"
        "    return inner.grad\n"
        "torch.manual_seed(0)\n"
        "g = f([torch.nn.Linear(2, 2, bias=False)])\n"
    )
    plain = record(text)
    inner = next(t for t in plain.tensors if t.name == "inner")
    ws = [t for t in plain.tensors if t.line == 2]
    weight = next(t for t in plain.tensors if t.shape == (2, 2) and t.is_leaf)
    changes = [leaf_change(ws[1], "[0, 5]"), leaf_change(weight, "[[1, 2], [3, 4]]")]
    assert None not in changes
    changed = record(text, *(change for change in changes if change is not None))
    assert whole(changed, "g").tolist() == [15.0, 20.0]
    value = changed.value(changed.tensors[weight.id].value)
    assert value is not None
    assert to_array(value).tolist() == [[1.0, 2.0], [3.0, 4.0]]
    again = leaf_change(inner, "0")
    assert again is not None
    assert whole(record(text, again), "inner").tolist() == [0.0, 0.0]


def test_a_weight_is_changed_from_one_step_of_its_optimizer_on() -> None:
    text = (
        "import torch\n"
        "w = torch.tensor(1., requires_grad=True)\n"
        "optimizer = torch.optim.SGD([w], lr=1.0)\n"
        "seen = []\n"
        "for _ in range(3):\n"
        "    optimizer.zero_grad()\n"
        "    (3 * w).backward()\n"
        "    optimizer.step()\n"
        "    seen.append(w.detach().clone())\n"
        "first, second, third = seen\n"
    )
    plain = record(text)
    assert [numbers(plain)[name][0] for name in ("first", "second", "third")] == [-2, -5, -8]
    changed = record(text, leaf(plain, "w", "100", version=1))
    assert [numbers(changed)[name][0] for name in ("first", "second", "third")] == [100, 97, 94]
    assert numbers(changed)["w"][0] == 94


@pytest.mark.parametrize(
    ("made", "edit", "expected"),
    [
        ("torch.tensor([1, 2])", "value + 1", [2, 3]),
        ("torch.tensor([True, False])", "value[0] = 0", [False, False]),
        ("torch.tensor([1 + 2j, 3j])", "2*value; value[1] = 1j", [2 + 4j, 1j]),
        ("torch.ones(2, dtype=torch.bfloat16)", "value / 4", [0.25, 0.25]),
        ("torch.arange(4.).reshape(2, 2).t()", "value[0] = [8, 9]", [[8, 9], [1, 3]]),
    ],
)
def test_values_of_any_type_are_changed(made: str, edit: str, expected: list) -> None:
    text = f"import torch\nx = {made}\ny = x.clone()\n"
    assert whole(record(text, leaf(record(text), "x", edit)), "y").tolist() == expected


def test_a_sparse_gradient_is_changed() -> None:
    text = (
        "import torch\n"
        "torch.manual_seed(0)\n"
        "e = torch.nn.Embedding(4, 2, sparse=True)\n"
        "e(torch.tensor([1, 1])).sum().backward()\n"
    )
    plain = record(text)
    step = plain.passes[0].steps[-1]
    assert plain.autograd_nodes[step.autograd_node].name == "AccumulateGrad"
    change = gradient_change(plain, PassId(0), step, 0, "value[1, 0] = 5")
    assert change is not None
    found = whole(record(text, change), "e.weight", grad=True)
    assert found.tolist() == [[0, 0], [5, 2], [0, 0], [0, 0]]


def test_other_records_of_the_same_memory_keep_what_they_held() -> None:
    text = "import torch\na = torch.arange(4.)\nb = a[:2]\nc = b + 0\n"
    plain = record(text)
    changed = record(text, leaf(plain, "b", "9"))
    assert whole(changed, "a").tolist() == [0, 1, 2, 3]
    assert whole(changed, "b").tolist() == [9, 9]
    assert whole(changed, "c").tolist() == [9, 9]


def test_two_equal_runs_have_no_difference() -> None:
    comparison = Comparison(record(CHAIN), record(CHAIN))
    assert comparison.differences == ()
    assert comparison.parted_at is None


def test_differences_are_told_by_item() -> None:
    plain, changed = record(CHAIN), record(CHAIN, leaf(record(CHAIN), "x", "5"))
    comparison = Comparison(plain, changed)
    ids = {tensor.name: tensor.id for tensor in plain.tensors}

    def of(item: Item) -> list[Difference]:
        return [one for one in comparison.differences if one.item == item]

    quantities = {name: [one.quantity for one in of(tensor_item(ids[name]))] for name in ids}
    assert quantities == {
        "x": [Quantity.VALUE],
        "y": [],
        "z": [Quantity.GRAD],
        "p": [Quantity.VALUE],
        "g": [Quantity.VALUE],
    }
    multiplication = plain.passes[0].steps[0]
    (sent,) = of(node_item(multiplication.autograd_node))
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
    comparison = Comparison(record(text), record(text, leaf(record(text), "x", "5")))
    assert comparison.parted_at == 5
    assert {one.quantity for one in comparison.differences} >= {Quantity.VALUE}

"""What nodes keep for backward, what a pass ended with, and who asked for a missing `.grad`."""

from __future__ import annotations

from itertools import product

import pytest
import torch

from gradviz.tracer.nodes import KINDS, kind_of, saved_by
from tests.capabilities import needs_saved
from tests.tracer.helpers import record, recording_of, run_recorded


@needs_saved
def test_a_node_names_the_tensors_that_it_saved() -> None:
    recording = record("a = torch.ones(3, requires_grad=True)\nb = torch.ones(3)\nc = a * b")
    (node,) = [n for n in recording.autograd_nodes if n.name == "MulBackward0"]

    names = {saved.name: saved.tensor for saved in node.saved}
    assert {recording.tensors[t].name for t in names.values() if t is not None} == {"b"}
    assert [saved.nbytes for saved in node.saved] == [12]


PRODUCTS = {
    "MulBackward0": ("a * b", [(2,), (2,)]),
    "DivBackward0": ("a / b", [(2,), (2,)]),
    "MmBackward0": ("a @ b", [(2, 2), (2, 2)]),
    "BmmBackward0": ("torch.bmm(a, b)", [(1, 2, 2), (1, 2, 2)]),
    "AddmmBackward0": ("torch.addmm(a, b, c)", [(2,), (2, 2), (2, 2)]),
    "MvBackward0": ("a @ b", [(2, 2), (2,)]),
    "DotBackward0": ("a @ b", [(2,), (2,)]),
}


@needs_saved
@pytest.mark.parametrize("name", PRODUCTS)
def test_what_is_not_looked_into_is_empty(name: str) -> None:
    text, shapes = PRODUCTS[name]
    for needed in product((False, True), repeat=len(shapes)):
        if not any(needed):
            continue
        inputs = [torch.ones(s, requires_grad=n) for s, n in zip(shapes, needed, strict=True)]
        node = eval(text, {"torch": torch, **dict(zip("abc", inputs, strict=False))}).grad_fn
        kind = kind_of(node)
        assert kind[0] == name and kind[2] is not None
        mask = int("1" + "".join("01"[is_needed] for is_needed in needed), 2)
        assert saved_by(node, kind, mask) == saved_by(node, (name, kind[1], None), mask)


@needs_saved
def test_hooks_on_what_is_saved_do_not_hide_what_later_programs_save(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    for kind in list(KINDS):  # as in a new process
        monkeypatch.delitem(KINDS, kind)
    product = "a = torch.ones(2, requires_grad=True)\nb = torch.ones(2, requires_grad=True)\n"
    hooks = "with torch.autograd.graph.saved_tensors_hooks(lambda t: [t], lambda t: t[0]):\n"
    record(f"{product}{hooks}    c = a * b")

    recording = record(f"{product}c = a * b")
    (node,) = [one for one in recording.autograd_nodes if one.name == "MulBackward0"]
    assert {one.tensor for one in node.saved} == {0, 1}


@needs_saved
def test_a_saved_result_is_the_version_that_was_saved() -> None:
    recording = record("a = torch.ones(3, requires_grad=True)\nb = a.exp()\nb += 1")
    (node,) = [n for n in recording.autograd_nodes if n.name == "ExpBackward0"]
    (saved,) = node.saved

    assert saved.tensor is not None
    assert recording.tensors[saved.tensor].version == 0
    assert [t.version for t in recording.tensors if t.name == "b"] == [0, 1]


@needs_saved
def test_two_nodes_that_save_the_same_memory_say_so() -> None:
    recording = record("a = torch.ones(3, requires_grad=True)\nb = a.exp()\nc = b.sin() + b.cos()")
    kept = {n.name: n.saved[0].memory for n in recording.autograd_nodes if n.saved}

    assert kept["ExpBackward0"] == kept["SinBackward0"] == kept["CosBackward0"]


def test_a_pass_that_raised_keeps_the_message() -> None:
    text = "a = torch.ones(3, requires_grad=True)\nb = a.exp()\nb += 1\nb.sum().backward()"
    _, raised, traced = run_recorded(text)
    (pass_,) = recording_of(traced).passes

    assert pass_.raised == str(raised)
    assert traced.autograd_nodes[pass_.steps[-1].autograd_node].name == "ExpBackward0"
    assert not pass_.steps[-1].grad_inputs


def test_a_pass_knows_what_ran_before_it_and_whether_the_graph_stays() -> None:
    text = (
        "a = torch.ones(3, requires_grad=True)\nb = (a * a).sum()\nb.backward(retain_graph=True)\n"
    )
    recording = record(text + "c = a * 2\nb.backward()")

    assert [p.ops_before for p in recording.passes] == [3, 4]
    assert [p.retain_graph for p in recording.passes] == [True, False]
    assert not any(p.raised for p in recording.passes)


def test_reading_a_missing_grad_is_noted_with_its_line() -> None:
    text = "a = torch.ones(3, requires_grad=True)\nb = a * 2\nb.sum().backward()\nb.grad, a.grad"
    recording = record(text)

    assert [(t.name, t.read_no_grad) for t in recording.tensors if t.read_no_grad] == [("b", 4)]


def test_a_retained_grad_is_told_apart() -> None:
    text = "a = torch.ones(3, requires_grad=True)\nb = a * 2\nb.retain_grad()\nb.sum().backward()"
    recording = record(text)

    assert [t.name for t in recording.tensors if t.retains_grad] == ["b"]

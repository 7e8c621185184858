"""Devices written into the text: the line runs, and what was a leaf is a leaf there."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from gradviz.documents.placing import variables_of, with_device
from gradviz.errors import GradvizError


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("x = torch.rand(3, requires_grad=True)",
         'x = torch.rand(3, requires_grad=True, device="meta")'),
        ("x = torch.rand(3, device='cpu', requires_grad=True)",
         'x = torch.rand(3, device="meta", requires_grad=True)'),
        ("ñ = 1\nx = torch.tensor(\n    [1., 2.],\n)  # two",
         'ñ = 1\nx = torch.tensor(\n    [1., 2.], device="meta",\n)  # two'),
        ("x = (torch.rand(3) * 2).requires_grad_()\ny = x + 1",
         "x = (torch.rand(3) * 2).requires_grad_()\n"
         'x = x.detach().to("meta").requires_grad_(x.requires_grad)\ny = x + 1'),
        ("x = torch.nn.Parameter(torch.randn(3))",
         'x = torch.nn.Parameter(torch.randn(3, device="meta"))'),
        ("x = torch.randn(3).requires_grad_()",
         'x = torch.randn(3, device="meta").requires_grad_()'),
        ("x = torch.ones((2))", 'x = torch.ones((2), device="meta")'),
        ("%time x = torch.ones(2)", '%time x = torch.ones(2, device="meta")'),
    ],
)  # fmt: skip
def test_a_tensor_is_made_there_or_becomes_a_leaf_there(text: str, written: str) -> None:
    assert with_device(text, "x", "meta") == written
    names: dict[str, object] = {"torch": torch}
    exec(written.replace("%time ", ""), names)
    x = names["x"]
    assert isinstance(x, torch.Tensor) and x.is_leaf and x.device.type == "meta"
    assert x.requires_grad == ("requires_grad" in text or "Parameter" in text)
    assert isinstance(x, torch.nn.Parameter) == ("Parameter" in text)


def test_a_module_is_moved_in_place_before_anything_else_sees_it() -> None:
    text = "net = torch.nn.Linear(2, 1)\nopt = torch.optim.SGD(net.parameters(), lr=1)"
    lines = with_device(text, "net", "cuda:0", is_module=True).split("\n")
    assert lines[1] == 'net.to("cuda:0")'
    assert lines[2].startswith("opt")


@pytest.mark.parametrize(
    ("text", "written"),
    [
        ("if True:\n    x = torch.ones(2)\n    y = x",
         'if True:\n    x = torch.ones(2, device="meta")\n    y = x'),
        ("for i in range(2):\n    x = make()\n    y = x * 2",
         "for i in range(2):\n    x = make()\n"
         '    x = x.detach().to("meta").requires_grad_(x.requires_grad)\n    y = x * 2'),
        ("x = None\nif 1 > 2:\n    x = torch.ones(2)\nelse:\n    with torch.no_grad():\n"
         "        %time x = make()",
         'x = None\nif 1 > 2:\n    x = torch.ones(2, device="meta")\nelse:\n'
         "    with torch.no_grad():\n        %time x = make()\n"
         '        x = x.detach().to("meta").requires_grad_(x.requires_grad)'),
        ("if True: x = make()",
         'if True: x = make(); x = x.detach().to("meta").requires_grad_(x.requires_grad)'),
        ("a = 1; x = make(); y = x",
         "a = 1; x = make(); "
         'x = x.detach().to("meta").requires_grad_(x.requires_grad); y = x'),
        ("try:\n    x = torch.ones(\n        2)\nexcept OSError:\n    x = torch.zeros(2)",
         'try:\n    x = torch.ones(\n        2, device="meta")\nexcept OSError:\n'
         '    x = torch.zeros(2, device="meta")'),
    ],
)  # fmt: skip
def test_it_is_written_into_the_block_that_makes_the_tensor(text: str, written: str) -> None:
    assert with_device(text, "x", "meta") == written
    names: dict[str, Any] = {"torch": torch, "make": lambda: torch.ones(2, requires_grad=True)}
    exec(written.replace("%time ", ""), names)
    assert names["x"].is_leaf and names["x"].device.type == "meta"
    assert "y" not in names or names["y"].device.type == "meta"


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("for x in [1]:\n    pass", r"^The loop or block on line 1 makes x: "),
        ("with a as (b, x):\n    pass", r"^The loop or block on line 1 makes x: "),
        ("y = 2\ndef f():\n    x = 1\n    return x", r"^x is defined only in f on line 2: "),
        ("x = 3", r"^The text does not define x"),
    ],
)
def test_where_it_cannot_be_written_it_is_said_why(text: str, why: str) -> None:
    with pytest.raises(GradvizError, match=why):
        with_device(text, "x", "meta")


@pytest.mark.parametrize("text", ["y = 1", "def f():\n    x = 1", "x = = 1", "for x in []: pass"])
def test_a_name_that_is_not_bound_at_the_top_is_a_sentence(text: str) -> None:
    with pytest.raises(GradvizError, match=r"\.$"):
        with_device(text, "x", "cpu")


def test_variables_are_what_statements_outside_functions_bind() -> None:
    text = """
%matplotlib inline
import torch
x, (y, *rest) = 1, (2, 3)
for i in range(2):
    with open(i) as handle:
        inner = 1
squares = [n * n for n in range(3)]
def f(argument):
    global made
    made = local = argument
class Net:
    attribute = 1
"""
    expected = {"x", "y", "rest", "i", "handle", "inner", "squares", "made"}
    assert variables_of(text) >= expected
    assert not variables_of(text) & {"n", "local", "argument", "attribute"}
    assert variables_of("x = = 1") == frozenset()

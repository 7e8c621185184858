"""Which numbers of a text are sizes, and texts with other ones."""

from __future__ import annotations

import ast

import pytest

from gradviz.documents.magics import without_magics
from gradviz.documents.sizes import find_sizes, with_size
from gradviz.errors import GradvizError

TEXT = """\
import torch
from torch import nn
n, d = 512, 64
x = torch.rand(10000, 10000)  # ñ
%time z = x * torch.ones((10000, 3))
net = nn.Sequential(nn.Linear(d, 128), nn.ReLU(), nn.Linear(128, 1))
torch.manual_seed(42)
for i in range(100):
    a = torch.rand(n, 2 * d).sum(1)
"""


def test_names_and_repeated_numbers_are_sizes_and_seeds_and_counts_are_not() -> None:
    found = {size.key: (size.value, len(size.places)) for size in find_sizes(TEXT)}
    assert found == {"n": (512, 1), "d": (64, 1), "10000": (10000, 3), "3": (3, 1), "128": (128, 2)}
    assert [size.key for size in find_sizes(TEXT) if size.is_named] == ["n", "d"]


def test_all_places_of_a_number_change_together_and_nothing_else() -> None:
    changed = with_size(TEXT, "10000", 7)
    assert changed == TEXT.replace("10000", "7")
    ast.parse(without_magics(changed))
    assert with_size(TEXT, "n", 1024) == TEXT.replace("n, d = 512", "n, d = 1024")


@pytest.mark.parametrize(
    "text",
    [
        "x = = 1",
        "x = torch.tensor(1., requires_grad=True)",
        "y = x.sum(2)",
        "n = 3\nfor i in range(n): pass",
        "n = 3\nn = 4\nx = torch.rand(n)",
        "y = torch.softmax(x, 3)",
        "\0",
    ],
)
def test_a_text_without_a_size_has_none(text: str) -> None:
    assert find_sizes(text) == ()


def test_columns_are_those_of_the_text_beyond_ascii_and_magics() -> None:
    text = "%timeit -n 10 ñandú = torch.rand(16, 16)"
    (size,) = find_sizes(text)
    assert [text[p.column : p.end_column] for p in size.places] == ["16", "16"]


def test_a_size_that_the_text_has_not_is_refused() -> None:
    with pytest.raises(GradvizError, match=r"^The text has no size 7\.$"):
        with_size(TEXT, "7", 8)

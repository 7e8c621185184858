"""Large values of two runs are compared element by element, where they live."""

from __future__ import annotations

import math

import numpy as np
import pytest
import torch

from gradviz.recording.extent import Extent
from gradviz.recording.extents import extent_between
from gradviz.recording.model import ValueId
from gradviz.worker import comparing
from tests.builders import make_value

_NAN, _INF = math.nan, math.inf
ONE, TWO = ValueId(1), ValueId(2)


def extent(differing: int, largest: float, at: tuple[int, ...], numel: int = 6) -> Extent:
    return Extent(before=ONE, after=TWO, numel=numel, differing=differing, largest=largest, at=at)


CASES = {
    "equal": ([[1, 2, 3], [4, 5, 6]], [[1, 2, 3], [4, 5, 6]], extent(0, 0.0, ())),
    "some": ([[1, 2, 3], [4, 5, 6]], [[1, 2, 0], [4, 4, 6]], extent(2, -3.0, (0, 2))),
    "nan twice": ([[_NAN, 2, 3], [4, 5, 6]], [[_NAN, 2, 3], [4, 5, 7]], extent(1, 1.0, (1, 2))),
    "new nan": ([[1, 2, 3], [4, 5, 6]], [[9, 2, 3], [4, _NAN, 6]], extent(2, _NAN, (1, 1))),
    "infinity": ([[1, 2, 3], [4, 5, _INF]], [[1, 2, 3], [4, 5, -_INF]], extent(1, -_INF, (1, 2))),
}  # fmt: skip


def same(one: Extent | None, other: Extent) -> bool:
    return str(one) == str(other)


@pytest.mark.parametrize("chunk", [4, 1 << 20])
@pytest.mark.parametrize("name", CASES)
def test_how_far_tensors_are_apart(name: str, chunk: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(comparing, "_CHUNK", chunk)
    before, after, expected = CASES[name]
    found = comparing.extent_of(ONE, TWO, torch.tensor(before), torch.tensor(after))
    assert same(found, expected)


@pytest.mark.parametrize("name", CASES)
def test_values_that_were_kept_are_compared_alike(name: str) -> None:
    before, after, expected = CASES[name]
    values = [
        make_value(number, np.array(array, np.float32))
        for number, array in ((ONE, before), (TWO, after))
    ]
    assert same(extent_between(*values), expected)


def test_other_types_are_compared() -> None:
    for before, after, expected in (
        (torch.tensor([True, False]), torch.tensor([True, True]), extent(1, 1.0, (1,), 2)),
        (torch.tensor([3 + 4j, 0]), torch.tensor([0j, 0]), extent(1, 5.0, (0,), 2)),
        (torch.eye(2).to_sparse(), 2 * torch.eye(2).to_sparse(), extent(2, 1.0, (0, 0), 4)),
        (torch.tensor(1.0), torch.tensor(2.0), extent(1, 1.0, (), 1)),
    ):
        assert same(comparing.extent_of(ONE, TWO, before, after), expected)

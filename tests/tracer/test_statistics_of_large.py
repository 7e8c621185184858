"""Statistics of tensors too large to be whole in a recording, beside those in double precision."""

from __future__ import annotations

import math

import pytest
import torch

from gradviz.tracer.summary import statistics_of

LARGE = {
    "usual": lambda noise: noise,
    "tiny": lambda noise: noise * 1e-25,
    "huge": lambda noise: noise * 1e25,
    "far from zero": lambda noise: noise * 1e-3 + 5,
    "constant": lambda noise: noise * 0 + 3,
    "zeros": lambda noise: noise * 0,
    "half zeros": lambda noise: noise.relu(),
    "double": lambda noise: noise.double() * 1e-200,
    "one row and a rest": lambda noise: noise[:5000],
    "not contiguous": lambda noise: noise.view(100, -1).t(),
}


@pytest.mark.parametrize("name", LARGE)
def test_statistics_of_a_large_tensor_are_those_of_double_precision(name: str) -> None:
    tensor = LARGE[name](torch.randn(123_400, generator=torch.Generator().manual_seed(0)))
    found = statistics_of(tensor)
    assert found is not None
    exact = tensor.double()
    scale = float(exact.abs().max()) or 1.0
    assert (found.min, found.max) == (float(exact.min()), float(exact.max()))
    assert found.mean == pytest.approx(float(exact.mean()), rel=1e-5, abs=1e-7 * scale)
    assert found.std == pytest.approx(float(exact.std(correction=0)), rel=1e-4, abs=1e-7 * scale)
    norm = math.hypot(*exact.reshape(-1).tolist())
    assert found.norm == pytest.approx(norm, rel=1e-5)
    assert found.zeros == int((tensor == 0).sum())
    assert (found.nan, found.inf) == (0, 0)

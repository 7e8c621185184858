"""Statistics of tensors too large to be whole in a recording, beside those in double precision."""

from __future__ import annotations

import math

import pytest
import torch

from gradviz.recording.model import Statistics
from gradviz.tracer import Tracer, summary
from gradviz.tracer.summary import contents_of, corner, statistics_of

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
    "negated when it is read": lambda noise: torch.complex(noise, noise + 5).conj().imag,
    "one number everywhere": lambda noise: noise[:1].expand(300).expand(200, 300),
    "repeated rows": lambda noise: noise[:90].relu().expand(80, 90),
    "repeated columns far from zero": lambda noise: (noise[:90] + 99).view(90, 1).expand(-1, 80),
    "constant and repeated": lambda noise: torch.full((90, 1, 2), 1e-20).expand(-1, 80, -1),
    "every other one": lambda noise: noise[::2],
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
    spread = float((exact / scale).std(correction=0)) * scale
    assert found.std == pytest.approx(spread, rel=1e-4, abs=1e-7 * scale)
    norm = math.hypot(*exact.reshape(-1).tolist())
    assert found.norm == pytest.approx(norm, rel=1e-5, abs=0)
    assert found.zeros == int((tensor == 0).sum())
    assert (found.nan, found.inf) == (0, 0)


def test_statistics_of_what_shares_its_memory_are_its_own() -> None:
    whole = torch.randn(100, 123, generator=torch.Generator().manual_seed(0)) + 1
    first = whole[:1]
    with Tracer() as tracer:
        turned = whole.t()
        negative = whole.neg()
        gaps = whole[:, ::2]
        part = whole[:60]
        repeated = first.expand(100, 123)
        same = turned.reshape(-1)
    traced = tracer.finish()
    for op, tensor in zip(traced.ops, (turned, negative, gaps, part, repeated, same), strict=True):
        value = traced.tensors[op.outputs[0]].value
        assert value is not None
        found = traced.values[value].statistics
        assert found is not None
        assert found.mean == pytest.approx(float(tensor.double().mean()), rel=1e-5)
        assert found.norm == pytest.approx(float(tensor.double().norm()), rel=1e-5)


def test_a_tensor_whose_elements_were_read_may_be_resized() -> None:
    tensor = torch.randn(5000)
    assert statistics_of(tensor) is not None
    tensor.resize_(10_000)


@pytest.mark.parametrize("dtype", [torch.float32, torch.float64, torch.bfloat16, torch.float16])
def test_what_is_not_finite_is_counted_and_left_out(dtype: torch.dtype) -> None:
    tensor = (torch.randn(300_000, generator=torch.Generator().manual_seed(0)) + 1).to(dtype)
    tensor[:200_000:1000] = math.nan
    tensor[1:3] = torch.tensor([math.inf, -math.inf])
    tensor[7] = 0
    found = statistics_of(tensor)
    exact = tensor.double()
    exact = exact[exact.isfinite()]
    assert found is not None
    assert (found.nan, found.inf, found.zeros) == (200, 2, int((exact == 0).sum()))
    assert (found.min, found.max) == (float(exact.min()), float(exact.max()))
    assert found.mean == pytest.approx(float(exact.mean()), rel=1e-5)
    assert found.std == pytest.approx(float(exact.std(correction=0)), rel=1e-5)
    assert found.norm == pytest.approx(float(exact.norm()), rel=1e-5)


def test_of_what_is_nowhere_finite_there_are_only_counts() -> None:
    found = statistics_of(torch.full((200_000,), math.nan))
    assert found == Statistics(None, None, None, None, None, 0, 200_000, 0)
    assert statistics_of(torch.ones(0, 5)) == Statistics(None, None, None, None, None, 0, 0, 0)


@pytest.mark.parametrize(
    "tensor",
    [
        torch.arange(10_000),
        torch.arange(10_000) % 3 == 0,
        torch.complex(torch.arange(9000.0), torch.arange(9000.0) - 5).conj(),
        torch._efficientzerotensor((100, 100)),  # type: ignore[attr-defined]
    ],
    ids=["integers", "truth", "complex", "zeros without memory"],
)
def test_statistics_of_other_numbers(tensor: torch.Tensor) -> None:
    found = statistics_of(tensor)
    exact = (tensor.resolve_conj().abs() if tensor.is_complex() else tensor + 0).double()
    assert found is not None
    assert (found.min, found.max) == (float(exact.min()), float(exact.max()))
    assert found.mean == pytest.approx(float(exact.mean()), rel=1e-5)
    assert found.std == pytest.approx(float(exact.std(correction=0)), rel=1e-5)
    assert found.norm == pytest.approx(float(exact.norm()), rel=1e-5)
    assert found.zeros == int((exact == 0).sum())


def test_a_tensor_whose_memory_was_taken_away_has_no_statistics() -> None:
    tensor = torch.randn(100_000)
    tensor.untyped_storage().resize_(400)
    assert statistics_of(tensor) is None


@pytest.mark.parametrize("name", LARGE)
def test_of_a_large_tensor_the_first_elements_of_each_dimension_are_kept(name: str) -> None:
    tensor = LARGE[name](torch.randn(123_400, generator=torch.Generator().manual_seed(0)))
    shape = corner(tensor.shape)
    found = contents_of(tensor, shape)
    assert found is not None
    assert found.kept_shape == shape
    kept = torch.frombuffer(bytearray(found.data), dtype=tensor.dtype).view(shape)
    assert torch.equal(kept, tensor[tuple(slice(size) for size in shape)])


def test_the_corner_of_a_tensor_is_small_in_all_dimensions() -> None:
    assert corner((5000,)) == (4096,)
    assert corner((100, 123)) == (64, 64)
    assert corner((3, 5, 100, 9)) == (1, 5, 64, 9)
    assert corner((300, 200, 64, 64)) == (1, 1, 64, 64)


def test_of_what_lies_in_memory_only_in_part_the_first_elements_are_kept() -> None:
    tensor = torch.arange(10_000.0)
    tensor.untyped_storage().resize_(5000 * 4)
    assert contents_of(tensor) is None
    found = contents_of(tensor, corner(tensor.shape))
    assert found is not None
    assert found.data == torch.arange(4096.0).numpy().tobytes()


def test_what_is_repeated_is_not_written_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """The gradient of a mean over many elements is one number."""
    seen: list[int] = []
    original = summary._sums_of
    monkeypatch.setattr(
        summary, "_sums_of", lambda block: seen.append(block.size) or original(block)
    )
    statistics_of(torch.ones(1).expand(1000, 1000))
    statistics_of(torch.ones(2, 1, 3).expand(2, 1000, 3))
    assert seen == [1, 6]

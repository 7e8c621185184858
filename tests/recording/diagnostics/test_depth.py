"""The size of gradients by depth: the right numbers, and only those that are needed."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.recording.diagnostics import depth
from gradviz.recording.diagnostics.depth import find_depth, layers_of
from gradviz.recording.diagnostics.evidence import Evidence
from gradviz.recording.model import Value
from gradviz.recording.values import to_array
from tests.recording.diagnostics.conftest import record

CHAIN = (
    "w = [torch.full((2, 2), {weight}, dtype={dtype}, requires_grad=True) for _ in range(6)]\n"
    "h = torch.ones(3, 2, dtype={dtype})\nfor one in w:\n    h = h @ one\n"
    "for _ in range({times}):\n    h.abs().sum().backward(retain_graph=True)\n"
)


@pytest.mark.parametrize("dtype", ["torch.float64", "torch.float16", "torch.complex64"])
def test_the_size_of_a_layers_gradient_is_the_root_mean_square_of_its_elements(dtype: str) -> None:
    recording = record(CHAIN.format(weight=0.3, dtype=dtype, times=1))
    (pass_,) = recording.passes
    layers = layers_of(Evidence(recording), pass_)
    assert len(layers) == 6
    for layer in layers:
        value = recording.value(pass_.steps[layer.step].grad_outputs[0])
        assert value is not None
        wide = to_array(value).astype(np.complex128)
        assert layer.size == pytest.approx(np.sqrt(np.mean(np.abs(wide) ** 2)))


def test_a_layer_whose_gradient_is_not_finite_is_left_out() -> None:
    recording = record(CHAIN.format(weight=1e30, dtype="torch.float32", times=1))
    (pass_,) = recording.passes
    sizes = [layer.size for layer in layers_of(Evidence(recording), pass_)]
    assert 0 < len(sizes) < 6 and np.isfinite(sizes).all()


@pytest.mark.parametrize(("weight", "found"), [(0.5, 0), (0.01, 1)])
def test_of_a_pass_without_a_difference_only_the_ends_are_read(
    monkeypatch: pytest.MonkeyPatch, weight: float, found: int
) -> None:
    read: list[Value] = []

    def counted(value: Value) -> np.ndarray:
        read.append(value)
        return to_array(value)

    recording = record(CHAIN.format(weight=weight, dtype="torch.float32", times=10))
    monkeypatch.setattr(depth, "to_array", counted)
    assert len(list(find_depth(Evidence(recording)))) == found
    assert (len(read) == 2 * 10) == (not found)

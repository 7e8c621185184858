"""Other ways to the same gradients: asking torch again, and numerical differentiation."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch
from torch.autograd import gradcheck, gradgradcheck

from gradviz.tracer import Tracer
from tests.capabilities import problems
from tests.tracer.helpers import on_a_short_stack
from tests.tracer.oracles.checks import check_requery
from tests.tracer.oracles.samples import (
    full_name,
    operators,
    run_recorded,
    samples_of,
    tensors_in,
)

pytestmark = pytest.mark.filterwarnings("ignore")

_EVERY = 8
_LARGEST = 30
"""Elements of a leaf that is differentiated numerically."""


@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64], ids=str)
@on_a_short_stack
def test_torch_asked_for_each_edge_again_gives_what_was_recorded(dtype: torch.dtype) -> None:
    asked = 0
    for op in operators(dtype)[::_EVERY]:
        for sample in samples_of(op, dtype, 1):
            recorded = run_recorded(op, sample)
            if recorded.ran.error is None and recorded.ran.outputs:
                asked += check_requery(recorded)
    assert asked > 60


def _checks(function: Callable[..., Any], leaves: list[torch.Tensor]) -> object:
    try:
        return gradcheck(function, leaves), gradgradcheck(function, leaves)
    except Exception as error:
        return type(error), str(error)


@on_a_short_stack
def test_numerical_checks_come_out_inside_a_recording_as_outside() -> None:
    checked = 0
    for op in [op for op in operators(torch.float64) if op.supports_gradgrad][:: _EVERY * 2]:
        (sample,) = samples_of(op, torch.float64, 1)
        found = tensors_in([sample.input, sample.args, sample.kwargs])
        leaves = [one for one in found if one.requires_grad and one.is_leaf]
        if not leaves or any(leaf.numel() > _LARGEST for leaf in leaves):
            continue

        def function(*_: torch.Tensor, op: Any = op, sample: Any = sample) -> Any:
            results = op(sample.input, *sample.args, **sample.kwargs)
            if sample.output_process_fn_grad is not None:
                results = sample.output_process_fn_grad(results)
            return tuple(one for one in tensors_in(results) if one.requires_grad)

        expected = _checks(function, leaves)
        tracer = Tracer()
        with tracer:
            got = _checks(function, leaves)
        assert got == expected, full_name(op)
        assert problems(tracer.finish().warnings) == (), full_name(op)
        checked += got == (True, True)
    assert checked >= 10


def test_a_gradient_that_is_wrong_is_refused_inside_a_recording_too() -> None:
    class OffByAMillionth(torch.autograd.Function):
        @staticmethod
        def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
            return x * 1e3

        @staticmethod
        def backward(ctx: Any, *grads: Any) -> Any:
            return grads[0] * 1e3 * (1 + 1e-6)

    x = torch.ones(3, dtype=torch.float64, requires_grad=True)
    with Tracer(), pytest.raises(RuntimeError, match="Jacobian"):
        gradcheck(OffByAMillionth.apply, (x,), atol=1e-6, rtol=1e-9)

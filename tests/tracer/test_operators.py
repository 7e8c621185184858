"""A sample of PyTorch's own database of operators: recorded gradients are the plain ones."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
import torch

from gradviz.tracer import Tracer
from gradviz.tracer.private.tensors import is_zerotensor
from gradviz.tracer.values import MAX_WHOLE
from tests.capabilities import problems
from tests.tracer.helpers import array, on_a_short_stack, recording_of, same_bits

op_db = pytest.importorskip("torch.testing._internal.common_methods_invocations").op_db

_EVERY = 9
"""Takes each ninth operator: about sixty, a few seconds."""
_NOT_REPEATABLE = ("empty", "bernoulli", "multinomial", "normal", "rand", "dropout", "resize")


def _differentiable() -> list[Any]:
    return [
        op
        for op in sorted(op_db, key=lambda op: (op.name, op.variant_test_name))
        if torch.float32 in op.supported_backward_dtypes("cpu")
        and not any(word in op.name for word in _NOT_REPEATABLE)
    ]


OPERATORS = _differentiable()[::_EVERY]


def _run(op: Any) -> tuple[list[torch.Tensor], list[torch.Tensor]]:
    """One sample: its leaves, with their gradients, and its results."""
    torch.manual_seed(0)
    sample = next(iter(op.sample_inputs("cpu", torch.float32, requires_grad=True)))
    torch.manual_seed(1)
    results = op(sample.input, *sample.args, **sample.kwargs)
    if sample.output_process_fn_grad is not None:
        results = sample.output_process_fn_grad(results)
    outputs = [one for one in _tensors(results) if one.requires_grad]
    if outputs:
        torch.autograd.backward(outputs, [torch.ones_like(one) for one in outputs])
    inputs = _tensors([sample.input, sample.args, sample.kwargs])
    return [one for one in inputs if one.requires_grad and one.is_leaf], outputs


def _tensors(nested: Any) -> list[torch.Tensor]:
    if isinstance(nested, torch.Tensor):
        return [nested]
    if isinstance(nested, dict):
        nested = nested.values()
    elif not isinstance(nested, (list, tuple)):
        return []
    return [one for part in nested for one in _tensors(part)]


def test_the_sample_is_a_sample() -> None:
    assert 50 <= len(OPERATORS) <= 90


@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("op", OPERATORS, ids=lambda op: f"{op.name}-{op.variant_test_name}")
@on_a_short_stack
def test_an_operator_has_the_same_gradients_when_recorded(op: Any) -> None:
    plain, expected = _run(op)
    tracer = Tracer(filename=__file__)
    with tracer:
        leaves, results = _run(op)
    traced = tracer.finish()
    assert problems(traced.warnings) == ()
    assert len(leaves) == len(plain)
    for one, other in zip(expected, results, strict=True):
        assert same_bits(one, other)
    for one, other in zip(plain, leaves, strict=True):
        assert same_bits(one.grad, other.grad)
    recording = recording_of(traced)
    if not expected:
        return
    assert recording.passes
    recorded = [
        array(recording, grad) for pass_ in recording.passes for _, grad in pass_.leaf_grads
    ]
    for leaf in leaves:
        is_whole = leaf.numel() <= MAX_WHOLE
        if is_whole and leaf.grad is not None and leaf.grad.layout is torch.strided:
            # Older torch makes an array of whatever lies at the address that zeros do not have.
            has_none = is_zerotensor(leaf.grad)
            grad = np.zeros(tuple(leaf.shape)) if has_none else leaf.grad.numpy()
            assert any(
                one is not None and np.array_equal(one, grad, equal_nan=True) for one in recorded
            )

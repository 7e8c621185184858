"""Sample calls of PyTorch's own database of operators, run the same way plainly and recorded."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import Any, NamedTuple

import torch
from torch.testing._internal.common_methods_invocations import op_db

from gradviz.recording.model import Recording
from gradviz.tracer import Tracer
from tests.tracer.helpers import recording_of


class Ran(NamedTuple):
    """What one sample call left behind.

    `kept_grad[i]` says whether `leaves[i].grad` is still the very tensor that lay there before.
    """

    leaves: list[torch.Tensor]
    outputs: list[torch.Tensor]
    cotangents: list[torch.Tensor]
    error: tuple[type, str] | None
    rng: torch.Tensor
    kept_grad: list[bool]


class Recorded(NamedTuple):
    """The same, and what was recorded of it."""

    ran: Ran
    recording: Recording


def operators(dtype: torch.dtype) -> list[Any]:
    """All that can be differentiated in this type on a CPU, in a lasting order."""
    return [
        op
        for op in sorted(op_db, key=lambda op: (op.name, op.variant_test_name))
        if op.supports_autograd and dtype in op.supported_backward_dtypes("cpu")  # type: ignore[no-untyped-call]
    ]


def full_name(op: Any) -> str:
    return f"{op.name}.{op.variant_test_name}" if op.variant_test_name else str(op.name)


def samples_of(op: Any, dtype: torch.dtype, count: int | None) -> list[Any]:
    """The first `count` samples, or each; the same values each time it is called."""
    torch.manual_seed(7)
    found = op.sample_inputs("cpu", dtype, requires_grad=True)
    return list(itertools.islice(found, count))


def wrong_samples_of(op: Any, count: int | None) -> list[Any]:
    """Samples that the operator must refuse."""
    torch.manual_seed(7)
    if op.error_inputs_func is None:
        return []
    try:
        return [one.sample_input for one in itertools.islice(op.error_inputs("cpu"), count)]
    except Exception:  # the database itself does not know this operator's errors here
        return []


def tensors_in(nested: Any) -> Iterator[torch.Tensor]:
    if isinstance(nested, torch.Tensor):
        yield nested
    elif isinstance(nested, dict):
        for part in nested.values():
            yield from tensors_in(part)
    elif isinstance(nested, (list, tuple)):
        for part in nested:
            yield from tensors_in(part)


def run(op: Any, sample: Any, *, with_grad: bool = False) -> Ran:
    """Call, then differentiate with cotangents drawn at random, in the person's way."""
    inputs = list(tensors_in([sample.input, sample.args, sample.kwargs]))
    leaves = [one for one in inputs if one.requires_grad and one.is_leaf]
    before: list[torch.Tensor | None] = [None] * len(leaves)
    for leaf in leaves:  # samples may share them
        leaf.grad = None
    if with_grad:
        for index, leaf in enumerate(leaves):
            if leaf.layout is torch.strided:
                before[index] = leaf.grad = torch.ones_like(leaf)
    torch.manual_seed(11)
    outputs: list[torch.Tensor] = []
    cotangents: list[torch.Tensor] = []
    error: tuple[type, str] | None = None
    try:
        results = op(sample.input, *sample.args, **sample.kwargs)
        if sample.output_process_fn_grad is not None:
            results = sample.output_process_fn_grad(results)
        outputs = [one for one in tensors_in(results) if one.requires_grad]
        cotangents = [_cotangent(one) for one in outputs]
        if outputs:
            torch.autograd.backward(outputs, cotangents, retain_graph=True)
    except Exception as raised:
        error = (type(raised), str(raised))
    return Ran(
        leaves,
        outputs,
        cotangents,
        error,
        torch.get_rng_state(),
        [a is not None and leaf.grad is a for leaf, a in zip(leaves, before, strict=True)],
    )


def _cotangent(output: torch.Tensor) -> torch.Tensor:
    if output.layout is not torch.strided:
        return torch.ones_like(output)
    return torch.randn_like(output)


def run_recorded(op: Any, sample: Any, *, with_grad: bool = False) -> Recorded:
    """The same while it is recorded; leaves are named `leaf0`…, outputs `output0`…"""
    tracer = Tracer(filename=__file__)
    with tracer:
        ran = run(op, sample, with_grad=with_grad)
        tracer.bind(
            {f"leaf{k}": one for k, one in enumerate(ran.leaves)}
            | {f"output{k}": one for k, one in enumerate(ran.outputs)}
        )
    return Recorded(ran, recording_of(tracer.finish()))

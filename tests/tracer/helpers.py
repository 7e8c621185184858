"""Run a program plainly and recorded, and read a recording's values."""

from __future__ import annotations

import linecache
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import numpy as np
import torch

from gradviz.recording.model import Pass, Recording, Value, ValueId
from gradviz.tracer import Traced, Tracer

FILENAME = "<program>"
_P = ParamSpec("_P")
_T = TypeVar("_T")
_PRELUDE = "import torch; from torch import nn; import torch.nn.functional as F"


def _namespace(text: str) -> dict[str, Any]:
    namespace: dict[str, Any] = {"__name__": "program"}
    exec(_PRELUDE, namespace)
    linecache.cache[FILENAME] = (len(text), None, text.splitlines(keepends=True), FILENAME)
    return namespace


def on_a_short_stack(function: Callable[_P, _T]) -> Callable[_P, _T]:
    """The same function, called in a thread of its own, where the stack is a few frames deep.

    Torch's database of operators and `manual_seed` format the whole stack for each sample; below
    pytest that takes four fifths of a test's time.
    """

    @wraps(function)
    def call(*args: _P.args, **kwargs: _P.kwargs) -> _T:
        with ThreadPoolExecutor(1) as thread:
            return thread.submit(function, *args, **kwargs).result()

    return call


def run_plainly(text: str, *, seed: int = 0) -> tuple[dict[str, Any], BaseException | None]:
    """The names that a program leaves, and what it raised."""
    torch.manual_seed(seed)
    namespace = _namespace(text)
    try:
        exec(compile(text, FILENAME, "exec"), namespace)
    except Exception as error:
        return namespace, error
    return namespace, None


def run_recorded(
    text: str, *, seed: int = 0, budget: int | None = None
) -> tuple[dict[str, Any], BaseException | None, Traced]:
    """The same under a tracer, and what it recorded."""
    tracer = Tracer(text=text, filename=FILENAME, value_budget_nbytes=budget)
    torch.manual_seed(seed)
    namespace = _namespace(text)
    raised: BaseException | None = None
    with tracer:
        try:
            exec(compile(text, FILENAME, "exec"), namespace)
        except Exception as error:
            raised = error
        tracer.bind(namespace)
    return namespace, raised, tracer.finish()


def recording_of(traced: Traced) -> Recording:
    return Recording(
        tensors=traced.tensors,
        ops=traced.ops,
        autograd_nodes=traced.autograd_nodes,
        passes=traced.passes,
        values=traced.values,
        warnings=traced.warnings,
        module_calls=traced.module_calls,
    )


def record(text: str, **options: Any) -> Recording:
    """What a program that must not raise is recorded as."""
    _, raised, traced = run_recorded(text, **options)
    if raised is not None:
        raise raised
    return recording_of(traced)


def tensors_of(namespace: dict[str, Any]) -> dict[str, torch.Tensor]:
    """Every tensor that a program left, those inside modules and lists too."""
    found: dict[str, torch.Tensor] = {}
    for name, value in namespace.items():
        if isinstance(value, torch.Tensor):
            found[name] = value
        elif isinstance(value, torch.nn.Module):
            found |= dict(value.named_parameters(prefix=name))
            found |= dict(value.named_buffers(prefix=name))
        elif isinstance(value, (list, tuple)):
            for index, one in enumerate(value):
                if isinstance(one, torch.Tensor):
                    found[f"{name}[{index}]"] = one
    return found


def same_bits(one: torch.Tensor | None, other: torch.Tensor | None) -> bool:
    if one is None or other is None:
        return one is other
    if one.layout is not torch.strided:
        return same_bits(one.to_dense(), other.to_dense())
    one, other = one.detach().resolve_conj(), other.detach().resolve_conj()
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    return (
        one.contiguous()
        .reshape(-1)
        .view(torch.uint8)
        .equal(other.contiguous().reshape(-1).view(torch.uint8))
        if one.numel()
        else True
    )


def array(recording: Recording, value: ValueId | None) -> np.ndarray | None:
    """A whole value as an array, None where there is none or not all of it."""
    kept = recording.value(value)
    return None if kept is None else elements(kept)


def elements(kept: Value) -> np.ndarray | None:
    if not kept.is_whole:
        return None
    assert kept.data is not None
    return np.frombuffer(kept.data, kept.storage).reshape(kept.shape)


def contributions(recording: Recording, pass_: Pass) -> dict[tuple[int, int], list[ValueId | None]]:
    """What arrives at each slot of each node in a pass, in the order of execution."""
    sent: dict[tuple[int, int], list[ValueId | None]] = {}
    for step in pass_.steps:
        edges = recording.autograd_nodes[step.autograd_node].next
        for edge, value in zip(edges, step.grad_inputs, strict=False):
            if edge is not None and value is not None:
                sent.setdefault((edge.node, edge.slot), []).append(value)
    return sent


def names(recording: Recording) -> set[str | None]:
    return {tensor.name for tensor in recording.tensors}

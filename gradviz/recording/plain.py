"""Write the records of a run as plain JSON-like data, the same in the report and in networkx.

Tensors of up to `MAX_EXACT_ELEMENTS` are exact nested lists, larger ones their statistics.
JSON has no numbers that are not finite: those are the strings "nan", "inf" and "-inf". A complex
number is a list of its real and its imaginary part.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np

from gradviz.recording.model import (
    AutogradNode,
    LeafGrad,
    Op,
    Output,
    Pass,
    Recording,
    RunError,
    Step,
    Tensor,
    Value,
    ValueId,
)
from gradviz.recording.statistics import statistics_of
from gradviz.recording.values import to_array

MAX_EXACT_ELEMENTS: Final = 64


def plain_value(value: Value | None) -> Any:
    """Exact nested lists (a number for a scalar), statistics for large values, None for None."""
    if value is None:
        return None
    if value.numel <= MAX_EXACT_ELEMENTS and value.is_whole:
        return _plain_elements(to_array(value))
    statistics = statistics_of(value)
    names = ("min", "max", "mean", "std", "norm")
    numbers = {
        name: None if statistics is None else plain_number(getattr(statistics, name))
        for name in names
    }
    return {
        "numel": value.numel,
        **numbers,
        "nan": None if statistics is None else statistics.nan,
        "inf": None if statistics is None else statistics.inf,
    }


def plain_number(number: Any) -> Any:
    """A number as JSON can say it."""
    if isinstance(number, complex):
        return [plain_number(number.real), plain_number(number.imag)]
    if isinstance(number, float) and not math.isfinite(number):
        return str(number)
    return number


def _plain_elements(array: np.ndarray[Any, Any]) -> Any:
    if array.ndim == 0:
        return plain_number(array.item())
    return [_plain_elements(part) for part in array]


def plain_tensor(recording: Recording, tensor: Tensor) -> dict[str, Any]:
    """A tensor as the report has it."""
    return {
        "id": tensor.id,
        "name": tensor.name,
        "line": tensor.line,
        "shape": list(tensor.shape),
        "dtype": tensor.dtype,
        "device": tensor.device,
        "requires_grad": tensor.requires_grad,
        "is_leaf": tensor.is_leaf,
        "value": plain_value(recording.value(tensor.value)),
        "grad": plain_value(recording.value(tensor.grad)),
    }


def plain_op(op: Op) -> dict[str, Any]:
    """An op as the report has it."""
    return {
        "id": op.id,
        "name": op.name,
        "line": None if op.location is None else op.location.line,
        "scope": op.scope,
        "inputs": list(op.inputs),
        "outputs": list(op.outputs),
        "autograd_nodes": list(op.autograd_nodes),
    }


def plain_node(node: AutogradNode) -> dict[str, Any]:
    """An autograd node as the report has it."""
    return {
        "id": node.id,
        "name": node.name,
        "op": node.op,
        "next": [None if edge is None else [edge.node, edge.slot] for edge in node.next],
    }


def plain_pass(recording: Recording, pass_: Pass) -> dict[str, Any]:
    """A pass as the report has it; a leaf without a name of its own is `#` and its identity."""
    return {
        "line": None if pass_.location is None else pass_.location.line,
        "roots": list(pass_.root_tensors),
        "steps": [_plain_step(recording, step) for step in pass_.steps],
        "leaf_grads": _plain_leaf_grads(recording, pass_.leaf_grads),
    }


def plain_output(output: Output) -> dict[str, Any]:
    """An output as the report has it."""
    return {"line": output.line, "kind": output.kind.value, "text": output.text}


def plain_error(error: RunError | None) -> dict[str, Any] | None:
    """An error as the report has it."""
    if error is None:
        return None
    return {
        "type": error.type,
        "message": error.message,
        "line": error.line,
        "column": error.column,
        "help": error.help,
    }


def _plain_step(recording: Recording, step: Step) -> dict[str, Any]:
    return {
        "index": step.index,
        "autograd_node": step.autograd_node,
        "grad_outputs": _plain_values(recording, step.grad_outputs),
        "grad_inputs": _plain_values(recording, step.grad_inputs),
        "seconds": step.seconds,
    }


def _plain_values(recording: Recording, values: tuple[ValueId | None, ...]) -> list[Any]:
    return [plain_value(recording.value(value)) for value in values]


def _plain_leaf_grads(recording: Recording, leaf_grads: tuple[LeafGrad, ...]) -> dict[str, Any]:
    by_name: dict[str, Any] = {}
    for leaf, grad in leaf_grads:
        name = recording.tensors[leaf].name
        if name is None or name in by_name:
            name = f"{name or ''}#{leaf}"
        by_name[name] = plain_value(recording.value(grad))
    return by_name

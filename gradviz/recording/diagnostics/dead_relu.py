"""ReLU units that gave zero for every sample, and so pass no gradient."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.items import op_item
from gradviz.recording.model import Op, Value, line_of
from gradviz.recording.values import to_array

DEAD_UNITS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{dead} of {units} units of {op} (line {line}) are dead ({percent} %): they are 0 for all"
    " {samples} samples and pass no gradient.",
)
ALL_ZERO: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "All {elements} results of {op} (line {line}) are 0, so no gradient passes through it.",
)
MOSTLY_ZERO: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{percent} % of the results of {op} (line {line}) are 0 and pass no gradient.",
)

FRACTION: Final = 0.5
"""Of the units; about half the results of a healthy ReLU are 0, but not of one unit always."""
SAMPLES: Final = 16
"""With fewer samples a living unit is often 0 for all of them."""
ZEROS: Final = 0.95
"""Of the elements of a result too large to look at its units."""

_NAMES: Final = frozenset({"relu", "relu_", "relu6", "threshold", "threshold_"})


def find_dead_relu(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each ReLU, by its last call; where there was a backward, that it came by."""
    executed = evidence.steps_of
    last: dict[tuple[str, str], Op] = {}
    for op in evidence.recording.ops:
        if op.name not in _NAMES or not op.outputs:
            continue
        if not executed or any(node in executed for node in op.autograd_nodes):
            last[(op.scope, say_place(op))] = op
    for op in last.values():
        finding = _finding(evidence, op)
        if finding is not None:
            yield finding


def _finding(evidence: Evidence, op: Op) -> Finding | None:
    made = evidence.recording.tensors[op.outputs[0]]
    value = evidence.recording.value(made.value)
    statistics = evidence.statistics(made.value)
    if value is None or statistics is None or not made.requires_grad or value.numel < 2:
        return None
    zeros = statistics.zeros
    parameters = {"op": evidence.label(op), "line": say_place(op)}
    if zeros == value.numel:
        template = ALL_ZERO
        parameters["elements"] = str(value.numel)
    elif (units := _dead_units(value)) is not None:
        dead, count, samples = units
        if dead < FRACTION * count:
            return None
        template = DEAD_UNITS
        parameters |= {"dead": str(dead), "units": str(count), "samples": str(samples)}
        parameters["percent"] = str(round(100 * dead / count))
    elif zeros >= ZEROS * value.numel and not value.is_whole:
        template = MOSTLY_ZERO
        parameters["percent"] = str(int(100 * zeros / value.numel))
    else:
        return None
    return Finding(
        kind=FindingKind.DEAD_RELU,
        severity=Severity.WARNING,
        template=template,
        parameters=parameters,
        item=op_item(op.id),
        line=line_of(op),
    )


def _dead_units(value: Value) -> tuple[int, int, int] | None:
    """Dead units, all units and samples; None where there are too few samples to tell.

    Units lie along the last dimension, and along the second of images (N, C, H, W).
    """
    if not value.is_whole or len(value.shape) < 2:
        return None
    array: np.ndarray[Any, Any] = to_array(value)
    axis = 1 if array.ndim == 4 else array.ndim - 1
    units = array.shape[axis]
    samples = array.size // units if units else 0
    if samples < SAMPLES or units < 2:
        return None
    alive = np.moveaxis(array, axis, 0).reshape(units, -1).any(axis=1)
    return int(units - alive.sum()), units, samples

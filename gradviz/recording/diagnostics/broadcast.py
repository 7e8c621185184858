"""A loss that compares each prediction with each target, for want of the same shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.cuts import leads_to
from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.format import format_shape
from gradviz.recording.items import op_item
from gradviz.recording.model import Op, Tensor, line_of

EACH_WITH_EACH: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) takes {tensor} of shape {shape} and {other} of shape {other_shape}: "
    "broadcasting compares every element with every other, {pairs} pairs. Give both the same "
    "shape, for instance with .squeeze(1) or .unsqueeze(1).",
)

_COMPARING: Final = frozenset({"sub", "mse_loss", "l1_loss", "smooth_l1_loss", "huber_loss"})
_RESHAPING: Final = frozenset({"unsqueeze", "getitem", "view", "reshape"})
"""With these the person may have asked for each with each."""


def find_broadcast(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each place, where backward starts from what was computed from it."""
    roots = {t for p in evidence.recording.passes for t in p.root_tensors if t is not None}
    done: set[tuple[str, str]] = set()
    for op in evidence.recording.ops:
        place = op.name, say_place(op)
        if op.name not in _COMPARING or place in done or not _is_each_with_each(evidence, op):
            continue
        if leads_to(evidence, op, roots):
            done.add(place)
            yield _finding(evidence, op)


def _is_each_with_each(evidence: Evidence, op: Op) -> bool:
    """Whether a column that a model gave is compared with a row that needs no gradient."""
    tensors = [evidence.recording.tensors[t] for t in op.inputs]
    if len(tensors) != 2 or tensors[0].requires_grad == tensors[1].requires_grad:
        return False
    row, column = sorted(tensors, key=lambda one: len(one.shape))
    if len(row.shape) != 1 or column.shape != (row.shape[0], 1) or row.shape[0] < 2:
        return False
    return not _is_reshaped(evidence, column)


def _is_reshaped(evidence: Evidence, tensor: Tensor) -> bool:
    return tensor.op is not None and evidence.recording.ops[tensor.op].name in _RESHAPING


def _finding(evidence: Evidence, op: Op) -> Finding:
    first, second = (evidence.recording.tensors[t] for t in op.inputs)
    count = max(first.shape[0], second.shape[0])
    return Finding(
        kind=FindingKind.BROADCAST,
        severity=Severity.WARNING,
        template=EACH_WITH_EACH,
        parameters={
            "op": evidence.label(op),
            "line": say_place(op),
            "tensor": evidence.name(first.id),
            "shape": format_shape(first.shape),
            "other": evidence.name(second.id),
            "other_shape": format_shape(second.shape),
            "pairs": f"{count * count:,}",
        },
        item=op_item(op.id),
        line=line_of(op),
    )

"""A leaf that was moved or converted in the call that made it: the name means no leaf."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.diagnostics.missing_grad import find_missing_grad
from gradviz.recording.items import tensor_item
from gradviz.recording.model import Op, Tensor, TensorRole, line_of

MOVED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor} is not a leaf: {op} on line {line} copied it from a leaf that no longer has a "
    "name, and that one gets the gradient. Write device='{device}' into the call that makes the "
    "leaf.",
)
CONVERTED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor} is not a leaf: {op} on line {line} converted it from a leaf that no longer has a "
    "name, and that one gets the gradient. Write dtype=torch.{dtype} into the call that makes "
    "the leaf.",
)
_MOVING: Final = frozenset(
    {"to", "cuda", "cpu", "type", "double", "float", "half", "bfloat16", "to_"}
)


def find_moved_leaf(evidence: Evidence) -> Iterator[Finding]:
    """`torch.rand(3, requires_grad=True).cuda()`, and the same with a type."""
    told: set[str] | None = None
    for op in evidence.recording.ops:
        if op.name not in _MOVING or len(op.inputs) != 1 or len(op.outputs) != 1:
            continue
        leaf = evidence.recording.tensors[op.inputs[0]]
        moved = evidence.recording.tensors[op.outputs[0]]
        if not _is_lost(leaf, moved):
            continue
        if told is None:
            # Where a pass came by, its missing `.grad` is explained already.
            told = {one.parameters.get("tensor", "") for one in find_missing_grad(evidence)}
        if moved.name not in told:
            yield _finding(evidence, op, leaf, moved)


def _is_lost(leaf: Tensor, moved: Tensor) -> bool:
    """Whether a leaf that should learn cannot be reached by the name that was meant for it."""
    if not (leaf.is_leaf and leaf.requires_grad and leaf.role is not TensorRole.PARAMETER):
        return False
    if not moved.requires_grad or moved.is_leaf or moved.name is None:
        return False
    if moved.retains_grad:
        return False
    return leaf.name is None or leaf.name == moved.name


def _finding(evidence: Evidence, op: Op, leaf: Tensor, moved: Tensor) -> Finding:
    is_elsewhere = leaf.device != moved.device
    return Finding(
        kind=FindingKind.MOVED_LEAF,
        severity=Severity.WARNING,
        template=MOVED if is_elsewhere else CONVERTED,
        parameters={
            "tensor": moved.name or "",
            "op": evidence.label(op),
            "line": say_place(op),
            "device": moved.device,
            "dtype": moved.dtype,
        },
        item=tensor_item(moved.id),
        line=line_of(op),
    )

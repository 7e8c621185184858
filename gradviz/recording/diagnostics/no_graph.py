"""A backward call on something that has no gradient at all."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.cuts import Cut, Reason, cuts_before
from gradviz.recording.diagnostics.evidence import (
    Evidence,
    line_of,
    op_item,
    say_place,
    tensor_item,
)
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.model import TensorId

NOTHING_REQUIRES: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): nothing that it was computed from requires"
    " grad.",
)
CUT: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): {op} in line {cut_line} cut it off from"
    " everything that requires grad.",
)
CUT_BY_MODE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): {op} in line {cut_line} ran while gradients"
    " were off (torch.no_grad or inference mode).",
)

_MESSAGE: Final = "does not require grad and does not have a grad_fn"


def find_no_graph(evidence: Evidence) -> Iterator[Finding]:
    """The finding for the error that ended the run, if it is this one."""
    error = evidence.recording.error
    if error is None or _MESSAGE not in error.message or error.line is None:
        return
    tensor = _receiver(evidence, error.line)
    cuts = () if tensor is None else cuts_before(evidence, tensor)
    yield _finding(evidence, tensor, error.line, cuts[0] if cuts else None)


def _finding(evidence: Evidence, tensor: TensorId | None, line: int, cut: Cut | None) -> Finding:
    template = NOTHING_REQUIRES
    if cut is not None:
        template = CUT_BY_MODE if cut.reason is Reason.NO_GRAD else CUT
    item = None if tensor is None else tensor_item(tensor)
    return Finding(
        kind=FindingKind.NO_GRAPH,
        severity=Severity.ERROR,
        template=template,
        parameters={
            "tensor": "…" if tensor is None else evidence.name(tensor),
            "line": str(line),
            "op": "" if cut is None else evidence.label(cut.op),
            "cut_line": say_place(None if cut is None else cut.op),
        },
        item=item if cut is None else op_item(cut.op),
        line=line if cut is None else line_of(cut.op),
    )


def _receiver(evidence: Evidence, line: int) -> TensorId | None:
    """The tensor on which `.backward()` was called in a line, as it was last."""
    lines = evidence.recording.text.splitlines()
    if not 0 < line <= len(lines):
        return None
    try:
        tree = ast.parse(lines[line - 1].strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    for node in ast.walk(tree):
        match node:
            case ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="backward")):
                named = [t.id for t in evidence.recording.tensors if t.name == name]
                return named[-1] if named else None
            case ast.Call(func=ast.Attribute(value=receiver, attr="backward")):
                text = ast.unparse(receiver)
                made = [
                    out
                    for op in evidence.recording.ops
                    if line_of(op) == line and _same(op.text, text)
                    for out in op.outputs
                ]
                return made[-1] if made else None
    return None


def _same(text: str, unparsed: str) -> bool:
    try:
        return ast.unparse(ast.parse(text, mode="eval")) == unparsed
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False

"""A backward call on something that has no gradient at all."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.cuts import Cut, Reason, cuts_before
from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.items import op_item, tensor_item
from gradviz.recording.model import TensorId, line_of

NOTHING_REQUIRES: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): nothing that it was computed from requires"
    " grad.",
)
CUT: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): {op} on line {cut_line} cut it off from "
    "everything that requires grad.",
)
CUT_BY_MODE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): {op} on line {cut_line} ran while "
    "gradients were off (torch.no_grad or inference mode).",
)
CUT_LATE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): {op} on line {cut_line} ran before "
    "requires_grad was set.",
)
CUT_BY_TYPE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): {op} on line {cut_line} makes integers or "
    "booleans, which have no gradient.",
)
CUT_BY_COPY: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): {op} on line {cut_line} copies numbers "
    "into a new tensor, which knows nothing of where they came from. Leave it out, or join "
    "tensors with torch.stack.",
)
CUT_BY_GRADIENT: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "backward cannot start from {tensor} (line {line}): {op} on line {cut_line} returns "
    "gradients without a graph unless it is given create_graph=True.",
)
_CUTS: Final = {
    Reason.NO_GRAD: CUT_BY_MODE,
    Reason.LATE: CUT_LATE,
    Reason.INTEGER: CUT_BY_TYPE,
    Reason.COPY: CUT_BY_COPY,
    Reason.GRADIENT: CUT_BY_GRADIENT,
}


def find_no_graph(evidence: Evidence) -> Iterator[Finding]:
    """The finding for the error that ended the run, if it is this one."""
    line, tensor = evidence.failed_line, evidence.failed_root
    if line is None:
        return
    cuts = () if tensor is None else cuts_before(evidence, tensor)
    yield _finding(evidence, tensor, line, cuts[0] if cuts else None)


def _finding(evidence: Evidence, tensor: TensorId | None, line: int, cut: Cut | None) -> Finding:
    template = NOTHING_REQUIRES
    if cut is not None:
        template = _CUTS.get(cut.reason, CUT)
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
        item=item if cut is None else op_item(cut.op.id),
        line=line if cut is None else line_of(cut.op),
    )

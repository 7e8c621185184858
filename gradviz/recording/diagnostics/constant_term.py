"""Terms of a loss that were computed from gradients without a graph, such as a gradient penalty."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.cuts import Reason, cut_of, leads_to
from gradviz.recording.diagnostics.evidence import ALIASES, Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.items import op_item
from gradviz.recording.model import Op, TensorId, line_of

CONSTANT_TERM: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) adds {tensor}, which has no gradient: it was computed from what {gradient}"
    " (line {gradient_line}) returned without create_graph=True. Give it to that call, or nothing"
    " learns from this term.",
)

_ADDING: Final = frozenset({"add", "add_", "sub", "sub_", "rsub"})


def find_constant_term(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each place where such a number is added to what backward starts from.

    An update `p - lr * g`, as learning to learn has them to first order, adds no number that was
    computed from many; what is only to be weighed or read is usually detached.
    """
    tensors = evidence.recording.tensors
    roots = {t for p in evidence.recording.passes for t in p.root_tensors if t is not None}
    returned: dict[TensorId, Op] = {}
    done: set[tuple[str, str]] = set()
    for op in evidence.recording.ops:
        cut = cut_of(evidence, op)
        if cut is not None and cut.reason is Reason.GRADIENT:
            returned.update({t: op for t in op.outputs if tensors[t].shape})
        terms = [t for t in op.inputs if t in returned]
        if cut is not None or not terms or not op.grad_enabled or op.name in ALIASES:
            continue
        if not any(tensors[t].requires_grad for t in op.outputs):
            returned.update(dict.fromkeys(op.outputs, returned[terms[0]]))
            continue
        place = op.name, say_place(op)
        if op.name not in _ADDING or place in done or tensors[terms[0]].shape:
            continue
        if leads_to(evidence, op, roots):
            done.add(place)
            yield _finding(evidence, op, terms[0], returned[terms[0]])


def _finding(evidence: Evidence, op: Op, term: TensorId, made_by: Op) -> Finding:
    return Finding(
        kind=FindingKind.CONSTANT_TERM,
        severity=Severity.WARNING,
        template=CONSTANT_TERM,
        parameters={
            "op": evidence.label(op),
            "line": say_place(op),
            "tensor": evidence.name(term),
            "gradient": evidence.label(made_by),
            "gradient_line": say_place(made_by),
        },
        item=op_item(op.id),
        line=line_of(made_by),
    )

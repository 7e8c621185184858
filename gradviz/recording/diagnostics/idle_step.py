"""Steps of an optimizer that changed nothing, since none of its parameters had a gradient."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.items import op_item
from gradviz.recording.model import Op, OpKind, Pass, line_of

CLEARED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) changed nothing: what {backward} (line {backward_line}) left in .grad of"
    " {tensors} had been cleared. Call backward between zero_grad() and step().",
)
OF_OTHERS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) changed nothing: {backward} (line {backward_line}) left gradients, but none"
    " in .grad of {tensors}, which this optimizer has.",
)
TOO_EARLY: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) changed nothing: nothing was in .grad of {tensors} yet. Call backward"
    " before it.",
)


def find_idle_step(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each place; a note where only some of its steps changed nothing."""
    steps: dict[tuple[str, str], list[Op]] = defaultdict(list)
    for op in evidence.recording.ops:
        if op.kind is OpKind.STEP:
            steps[(op.name, say_place(op))].append(op)
    for of_place in steps.values():
        idle = [op for op in of_place if not op.outputs]
        if idle:
            yield _finding(evidence, idle[-1], is_always=len(idle) == len(of_place))


def _finding(evidence: Evidence, op: Op, *, is_always: bool) -> Finding:
    before = [p for p in evidence.made_by_pass if p.ops_before <= op.id]
    own = [p for p in before if _reached(evidence, p, op)]
    template = CLEARED if own else OF_OTHERS if before else TOO_EARLY
    backward = (own or before)[-1] if before else None
    return Finding(
        kind=FindingKind.IDLE_STEP,
        severity=Severity.WARNING if is_always else Severity.NOTE,
        template=template,
        parameters={
            "op": evidence.label(op),
            "line": say_place(op),
            "tensors": evidence.names(op.inputs),
            "backward": "" if backward is None else evidence.pass_text(backward),
            "backward_line": "" if backward is None else say_place(backward),
        },
        item=op_item(op.id),
        line=line_of(op),
    )


def _reached(evidence: Evidence, pass_: Pass, op: Op) -> bool:
    """Whether a pass left a gradient in one of the parameters that a step was to change."""
    wanted = {evidence.identities[tensor] for tensor in op.inputs}
    return any(
        grad is not None and evidence.identities[leaf] in wanted for leaf, grad in pass_.leaf_grads
    )

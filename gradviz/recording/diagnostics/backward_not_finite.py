"""The first step of a pass that sent NaN or Inf although what it received is finite."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Final

from gradviz.recording.diagnostics.evidence import Evidence, line_of, node_item, op_item, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.diagnostics.forward_not_finite import say_counts
from gradviz.recording.model import NodeId, Pass, Step, ValueId

FIRST: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Step {step} of {steps} of {backward}, {node} of {op} (line {line}), is the first that sends a"
    " gradient that is not finite ({what}), although what it received is finite.",
)
FIRST_OF_SEVERAL: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Step {step} of {steps} of {backward}, {node} of {op} (line {line}), is the first that sends a"
    " gradient that is not finite ({what}), although what it received is finite; so it is in"
    " {passes} passes.",
)


def find_backward_not_finite(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each node that is the first in some pass; a loop's passes count as one."""
    if not evidence.has_not_finite:
        return
    found: dict[tuple[str, str], list[tuple[Pass, Step]]] = {}
    for pass_ in evidence.recording.passes:
        step = _first(evidence, pass_)
        if step is not None:
            found.setdefault(_site(evidence, step.autograd_node), []).append((pass_, step))
    for passes in found.values():
        yield _finding(evidence, *passes[0], passes=len(passes))


def _first(evidence: Evidence, pass_: Pass) -> Step | None:
    for step in pass_.steps:
        nan, inf = _count(evidence, step.grad_inputs)
        if nan or inf:
            received = [evidence.statistics(v) for v in step.grad_outputs if v is not None]
            if any(s is None or s.nan or s.inf for s in received):
                return None  # it began with what was not finite, or nobody can tell
            return step
    return None


def _count(evidence: Evidence, values: Iterable[ValueId | None]) -> tuple[int, int]:
    known = [s for value in values if (s := evidence.statistics(value)) is not None]
    return sum(s.nan for s in known), sum(s.inf for s in known)


def _site(evidence: Evidence, node: NodeId) -> tuple[str, str]:
    return evidence.recording.autograd_nodes[node].name, say_place(evidence.op_of_node(node))


def _finding(evidence: Evidence, pass_: Pass, step: Step, *, passes: int) -> Finding:
    op = evidence.op_of_node(step.autograd_node)
    nan, inf = _count(evidence, step.grad_inputs)
    return Finding(
        kind=FindingKind.BACKWARD_NOT_FINITE,
        severity=Severity.ERROR,
        template=FIRST if passes == 1 else FIRST_OF_SEVERAL,
        parameters={
            "step": str(step.index + 1),
            "steps": str(len(pass_.steps)),
            "backward": evidence.pass_text(pass_),
            "node": evidence.recording.autograd_nodes[step.autograd_node].name,
            "op": evidence.node_label(step.autograd_node),
            "line": say_place(op),
            "what": say_counts(nan, inf),
            "passes": str(passes),
        },
        item=node_item(step.autograd_node) if op is None else op_item(op),
        line=line_of(op),
        playhead=evidence.playhead(pass_.id, step.index),
    )

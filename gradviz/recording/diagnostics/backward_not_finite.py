"""The first step of a pass that sent NaN or Inf although what it received is finite."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Final, NamedTuple

from gradviz.recording.diagnostics.causes import cause_in_backward
from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.diagnostics.forward_not_finite import say_counts
from gradviz.recording.items import node_item, op_item
from gradviz.recording.model import NodeId, Pass, Step, ValueId, line_of

FIRST: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Step {step} of {steps} of {backward}, {node} of {op} (line {line}), is the first that sends a"
    " gradient that is not finite ({what}), although what it received is finite.",
)
FIRST_OF_SEVERAL: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Step {step} of {steps} of {backward}, {node} of {op} (line {line}), is the first that sends "
    "a gradient that is not finite ({what}), although what it received is finite; this happens "
    "in {passes} passes.",
)

ON_THE_WAY: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Step {step} of {steps} of {backward}, {node} of {op} (line {line}), is the first that receives"
    " a gradient that is not finite ({what}), although all that was sent before is finite: a hook"
    " changed it, or it is a sum that became too large.",
)
STOPPED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Step {step} of {backward}, {node} of {op} (line {line}), made a gradient that is not a number,"
    " and torch.autograd.detect_anomaly ended the pass there.",
)
_ANOMALY: Final = re.compile(r"Function '\w+' returned nan values in its \d+th output")


class _First(NamedTuple):
    """The step of a pass, and whether it received what is not finite instead of sending it."""

    pass_: Pass
    step: Step
    is_received: bool


def find_backward_not_finite(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each node that is the first in some pass; a loop's passes count as one."""
    for pass_ in evidence.recording.passes:
        stopped = _stopped_at(pass_)
        if stopped is not None:
            yield _finding(evidence, _First(pass_, stopped, is_received=False), passes=1)
    if not evidence.has_not_finite:
        return
    found: dict[tuple[str, str, bool], list[_First]] = {}
    for pass_ in evidence.recording.passes:
        first = _first(evidence, pass_)
        if first is not None and first.step is not _stopped_at(pass_):
            site = _site(evidence, first.step.autograd_node)
            found.setdefault((*site, first.is_received), []).append(first)
    for passes in found.values():
        yield _finding(evidence, passes[0], passes=len(passes))


def _stopped_at(pass_: Pass) -> Step | None:
    """The step at which the anomaly mode ended a pass; older PyTorch shows the NaN that it sent."""
    return pass_.steps[-1] if pass_.steps and _ANOMALY.match(pass_.raised) else None


def _first(evidence: Evidence, pass_: Pass) -> _First | None:
    """None where a pass began with what was not finite, where nothing is, or nobody can tell."""
    roots = {root.node for root in pass_.roots}
    for step in pass_.steps:
        received = [evidence.statistics(v) for v in step.grad_outputs if v is not None]
        is_bad = any(s is not None and (s.nan or s.inf) for s in received)
        if is_bad and step.autograd_node not in roots:
            return _First(pass_, step, is_received=True)
        nan, inf = _count(evidence, step.grad_inputs)
        if nan or inf:
            is_known = not is_bad and None not in received
            return _First(pass_, step, is_received=False) if is_known else None
    return None


def _count(evidence: Evidence, values: Iterable[ValueId | None]) -> tuple[int, int]:
    known = [s for value in values if (s := evidence.statistics(value)) is not None]
    return sum(s.nan for s in known), sum(s.inf for s in known)


def _site(evidence: Evidence, node: NodeId) -> tuple[str, str]:
    return evidence.recording.autograd_nodes[node].name, say_place(evidence.op_of_node(node))


def _finding(evidence: Evidence, first: _First, *, passes: int) -> Finding:
    pass_, step, is_received = first
    op = evidence.op_of_node(step.autograd_node)
    number = evidence.recording.autograd_nodes[step.autograd_node].leaf
    leaf = None if number is None else evidence.recording.tensors[number]
    nan, inf = _count(evidence, step.grad_outputs if is_received else step.grad_inputs)
    template = ON_THE_WAY if is_received else FIRST if passes == 1 else FIRST_OF_SEVERAL
    return Finding(
        kind=FindingKind.BACKWARD_NOT_FINITE,
        severity=Severity.ERROR,
        template=STOPPED if step is _stopped_at(pass_) else template,
        parameters={
            "step": str(step.index + 1),
            "steps": str(len(pass_.steps)),
            "backward": evidence.pass_text(pass_),
            "node": evidence.recording.autograd_nodes[step.autograd_node].name,
            "op": evidence.node_label(step.autograd_node),
            "line": say_place(op) if leaf is None else str(leaf.line or "?"),
            "what": say_counts(nan, inf),
            "passes": str(passes),
        },
        hint="" if is_received else cause_in_backward(evidence, step),
        item=node_item(step.autograd_node) if op is None else op_item(op.id),
        line=line_of(op) if leaf is None else leaf.line,
        playhead=evidence.playhead(pass_.id, step.index),
    )

"""The change in place that made a backward call fail: what was saved where, and changed where."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.items import node_item, op_item
from gradviz.recording.model import AutogradNode, Op, OpKind, Pass, Saved, TensorId, line_of

CHANGED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{change} (line {changed_line}) changed {tensor} in place, but {op} (line {saved_line}) had"
    " saved it for backward: {node} needs version {saved_version} and finds version"
    " {found_version}.",
)
CHANGED_SOMEHOW: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "What {op} (line {saved_line}) had saved for backward was changed in place: {node} needs"
    " version {saved_version} and finds version {found_version}.",
)

_MESSAGE: Final = re.compile(
    r"modified by an inplace operation.*?is at version (\d+); expected version (\d+)", re.DOTALL
)


def find_in_place(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each pass that raised for this reason."""
    for pass_ in evidence.recording.passes:
        match = _MESSAGE.search(pass_.raised)
        if match is None or not pass_.steps:
            continue
        found, expected = int(match[1]), int(match[2])
        node = evidence.recording.autograd_nodes[pass_.steps[-1].autograd_node]
        yield _finding(evidence, pass_, node, found, expected)


def _finding(
    evidence: Evidence, pass_: Pass, node: AutogradNode, found: int, expected: int
) -> Finding:
    op = evidence.op_of_node(node.id)
    parameters = {
        "op": evidence.node_label(node.id),
        "saved_line": say_place(op),
        "node": node.name,
        "saved_version": str(expected),
        "found_version": str(found),
    }
    playhead = evidence.playhead(pass_.id, pass_.steps[-1].index)
    culprit = _culprit(evidence, pass_, node, op, expected)
    if culprit is None:
        return Finding(
            kind=FindingKind.IN_PLACE,
            severity=Severity.ERROR,
            template=CHANGED_SOMEHOW,
            parameters=parameters,
            item=node_item(node.id) if op is None else op_item(op.id),
            line=line_of(op),
            playhead=playhead,
        )
    saved, change = culprit
    return Finding(
        kind=FindingKind.IN_PLACE,
        severity=Severity.ERROR,
        template=CHANGED,
        parameters={
            **parameters,
            "change": evidence.label(change),
            "changed_line": say_place(change),
            "tensor": evidence.name(saved),
        },
        item=op_item(change.id),
        line=line_of(change),
        playhead=playhead,
    )


def _culprit(
    evidence: Evidence, pass_: Pass, node: AutogradNode, op: Op | None, expected: int
) -> tuple[TensorId, Op] | None:
    """The saved tensor, and the first op that changed its memory after it was saved."""
    if op is None:
        return None
    candidates: list[tuple[bool, Op, TensorId]] = []
    for saved in node.saved:
        if saved.tensor is None:
            continue
        change = first_change(evidence, saved.tensor, after=op, before=pass_.ops_before)
        if change is not None:
            candidates.append((_is_expected(saved, expected), change, saved.tensor))
    if not candidates:
        return None
    _, change, tensor = max(candidates, key=lambda one: one[0])
    return tensor, change


def _is_expected(saved: Saved, expected: int) -> bool:
    return saved.version == expected


def first_change(evidence: Evidence, tensor: TensorId, *, after: Op, before: int) -> Op | None:
    """The first op after `after`, among the first `before`, that changed a tensor's memory."""
    memory = evidence.memory_of(tensor)
    for op in evidence.recording.ops[after.id + 1 : before]:
        if op.kind not in (OpKind.IN_PLACE, OpKind.STEP, OpKind.TRANSFER):
            continue
        if any(
            evidence.recording.tensors[out].previous is not None
            and evidence.memory_of(out) == memory
            for out in op.outputs
        ):
            return op
    return None

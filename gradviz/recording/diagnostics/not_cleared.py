"""Gradients that several backward calls added up because nothing cleared them in between."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.evidence import Evidence, line_of, say_place, tensor_item
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.model import OpId, OpKind, Pass, TensorId, ValueId

ADDED_UP: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{backward} (line {line}) added to gradients that were there already: {passes} backward calls"
    " are summed in .grad of {tensors}.",
)
ADDED_AFTER_UPDATE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{backward} (line {line}) added to gradients that an update had used already: {passes} backward"
    " calls are summed in .grad of {tensors}. Clear them before backward, with"
    " optimizer.zero_grad() for instance.",
)


def find_not_cleared(evidence: Evidence) -> Iterator[Finding]:
    """At most one finding where an update lies between the calls, and one where none does."""
    latest: dict[TensorId, tuple[Pass, ValueId | None]] = {}
    summed: dict[bool, dict[TensorId, list[Pass]]] = {True: {}, False: {}}
    updates = _updates(evidence)
    for pass_ in evidence.made_by_pass:
        before = {evidence.identities[leaf]: grad for leaf, grad in pass_.grads_before}
        for leaf, grad in pass_.leaf_grads:
            identity = evidence.identities[leaf]
            earlier = latest.get(identity)
            there = before.get(identity)
            was_used = grad is not None and grad != there
            is_left = earlier is not None and there is not None and there == earlier[1]
            if was_used and is_left and not _is_zero(evidence, there):
                assert earlier is not None
                updated = _is_between(updates.get(identity, []), earlier[0], pass_)
                summed[updated].setdefault(identity, [earlier[0]]).append(pass_)
            if was_used:
                latest[identity] = (pass_, grad)
    for updated, leaves in summed.items():
        if leaves:
            yield _finding(evidence, leaves, updated=updated)


def _is_zero(evidence: Evidence, value: ValueId | None) -> bool:
    statistics = evidence.statistics(value)
    return statistics is not None and statistics.norm == 0 and not statistics.nan + statistics.inf


def _updates(evidence: Evidence) -> dict[TensorId, list[OpId]]:
    """The ops that changed a leaf, by its first version, in order."""
    found: dict[TensorId, list[OpId]] = defaultdict(list)
    for op in evidence.recording.ops:
        if op.kind in (OpKind.STEP, OpKind.IN_PLACE):
            for out in op.outputs:
                found[evidence.identities[out]].append(op.id)
    return found


def _is_between(updates: list[OpId], first: Pass, second: Pass) -> bool:
    at = bisect_left(updates, first.ops_before)
    return at < len(updates) and updates[at] < second.ops_before


def _finding(evidence: Evidence, leaves: dict[TensorId, list[Pass]], *, updated: bool) -> Finding:
    second = min((passes[1] for passes in leaves.values()), key=lambda p: p.id)
    first_leaf = next(iter(leaves))
    return Finding(
        kind=FindingKind.NOT_CLEARED,
        severity=Severity.WARNING if updated else Severity.NOTE,
        template=ADDED_AFTER_UPDATE if updated else ADDED_UP,
        parameters={
            "backward": evidence.pass_text(second),
            "line": say_place(second),
            "passes": str(max(len(passes) for passes in leaves.values())),
            "tensors": evidence.names(leaves),
        },
        item=tensor_item(first_leaf),
        line=line_of(second),
        playhead=evidence.replay.span_of(second.id)[1],
    )

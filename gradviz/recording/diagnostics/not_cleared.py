"""Gradients that several backward calls added up because nothing cleared them in between."""

from __future__ import annotations

from bisect import bisect_left
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
from gradviz.recording.items import tensor_item
from gradviz.recording.model import OpId, OpKind, Pass, TensorId, ValueId, line_of
from gradviz.recording.values import to_array

ADDED_UP: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{backward} (line {line}) added to gradients that were already there: {passes} backward "
    "calls are summed in .grad of {tensors}.",
)
ADDED_AFTER_UPDATE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{backward} (line {line}) added to gradients that an update had already used: {passes} "
    "backward calls are summed in .grad of {tensors}. Clear them before backward, with "
    "optimizer.zero_grad() for instance.",
)


class _Sum:
    """Backward calls that are summed in one leaf's `.grad`, from one clearing to the next.

    `was_stale` says that an update had used a part of the sum when a later call added to it;
    `is_used` that another update then used that sum too, so that somebody got the wrong one.
    """

    def __init__(self, first: Pass) -> None:
        self.passes = [first]
        self.was_stale = False
        self.is_used = False


def find_not_cleared(evidence: Evidence) -> Iterator[Finding]:
    """At most one finding where updates used a sum twice, and one where calls were only added up.

    What is left over in `.grad` and cleared before it is used again does no harm: the
    discriminator of a GAN gets such gradients when the generator is trained.
    """
    sums: dict[TensorId, list[_Sum]] = defaultdict(list)
    latest: dict[TensorId, ValueId | None] = {}
    updates = _updates(evidence)
    for pass_ in evidence.made_by_pass:
        before = {evidence.identities[leaf]: grad for leaf, grad in pass_.grads_before}
        for leaf, grad in pass_.leaf_grads:
            identity = evidence.identities[leaf]
            there = before.get(identity)
            if grad is None or grad == there:
                continue
            is_left = identity in latest and there is not None and there == latest[identity]
            latest[identity] = grad
            if is_left and not _is_zero(evidence, there):
                _add(sums[identity][-1], pass_, updates.get(identity, []))
            else:
                sums[identity].append(_Sum(pass_))
    _use_last(evidence, sums, updates)
    for used in (True, False):
        found = {
            leaf: [s for s in of_leaf if len(s.passes) > 1 and _is_kind(s, of_leaf, used=used)]
            for leaf, of_leaf in sums.items()
        }
        leaves = {leaf: max(of, key=lambda s: len(s.passes)) for leaf, of in found.items() if of}
        if leaves:
            first = min((of[0].passes[1] for of in found.values() if of), key=lambda p: p.id)
            yield _finding(evidence, leaves, first, updated=used)


def _is_kind(found: _Sum, of_leaf: list[_Sum], *, used: bool) -> bool:
    if used:
        return found.is_used
    # One that was never cleared is still there to be read.
    return not found.is_used and (not found.was_stale or len(of_leaf) == 1)


def _add(found: _Sum, pass_: Pass, updates: list[OpId]) -> None:
    if _is_between(updates, found.passes[-1], pass_):
        found.is_used = found.is_used or found.was_stale
        found.was_stale = True
    found.passes.append(pass_)


def _use_last(
    evidence: Evidence, sums: dict[TensorId, list[_Sum]], updates: dict[TensorId, list[OpId]]
) -> None:
    """See whether an update used each sum between its last call and the next clearing."""
    end = len(evidence.recording.ops)
    for leaf, of_leaf in sums.items():
        starts = [s.passes[0].ops_before for s in of_leaf[1:]] + [end]
        for found, before in zip(of_leaf, starts, strict=True):
            at = bisect_left(updates.get(leaf, []), found.passes[-1].ops_before)
            is_updated = at < len(updates.get(leaf, [])) and updates[leaf][at] < before
            found.is_used = found.is_used or (found.was_stale and is_updated)


def _is_zero(evidence: Evidence, value_id: ValueId | None) -> bool:
    value = evidence.recording.value(value_id)
    if value is None:
        return False
    if value.statistics is None and value.is_whole:  # as the statistics would tell, but sooner
        return value.numel > 0 and not to_array(value).any()
    statistics = value.statistics
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


def _finding(
    evidence: Evidence, leaves: dict[TensorId, _Sum], second: Pass, *, updated: bool
) -> Finding:
    return Finding(
        kind=FindingKind.NOT_CLEARED,
        severity=Severity.WARNING if updated else Severity.NOTE,
        template=ADDED_AFTER_UPDATE if updated else ADDED_UP,
        parameters={
            "backward": evidence.pass_text(second),
            "line": say_place(second),
            "passes": str(max(len(found.passes) for found in leaves.values())),
            "tensors": evidence.names(leaves),
        },
        item=tensor_item(next(iter(leaves))),
        line=line_of(second),
        playhead=evidence.replay.span_of(second.id)[1],
    )

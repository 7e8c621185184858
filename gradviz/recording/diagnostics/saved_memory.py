"""What the tensors that are saved for backward take: per op, per module, and at the peak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.diagnostics.held_memory import HeldMemory
from gradviz.recording.items import op_item
from gradviz.recording.model import NodeId, OpId, line_of

PEAK: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Tensors saved for backward take at most {peak}, after {op} (line {line}); the largest part "
    "is saved in {largest} ({share}).",
)

WORTH_TELLING: Final = 16 << 20
"""Bytes below which nobody needs to hear of it."""


class SavedMemory(NamedTuple):
    """Bytes of saved tensors, each piece of memory counted once, and parameters not at all.

    `by_op` and `by_scope` count what an op was the first to save. `peak` is the most that was held
    at once, after the op `peak_op`; `at_peak` is what each scope held then.
    """

    by_op: dict[OpId, int]
    by_scope: dict[str, int]
    peak: int
    peak_op: OpId | None
    at_peak: dict[str, int]


def saved_memory(evidence: Evidence) -> SavedMemory:
    """Add up what was saved, in the order in which it was saved and freed."""
    recording = evidence.recording
    by_op: dict[OpId, int] = defaultdict(int)
    by_scope: dict[str, int] = defaultdict(int)
    held = HeldMemory(evidence)
    peak = entries_at_peak = 0
    peak_op: OpId | None = None
    frees = _frees(evidence)
    for op in recording.ops:
        for node in frees.get(op.id, ()):
            held.free(node)
        for number in op.autograd_nodes:
            nbytes = held.hold(number, op.id)
            if nbytes:
                by_op[op.id] += nbytes
                by_scope[op.scope] += nbytes
        if held.nbytes > peak:
            peak, peak_op, entries_at_peak = held.nbytes, op.id, len(held.savers)
    at_peak: dict[str, int] = defaultdict(int)
    for saver, nbytes in zip(
        held.savers[:entries_at_peak], held.changes[:entries_at_peak], strict=True
    ):
        at_peak[recording.ops[saver].scope] += nbytes
    return SavedMemory(dict(by_op), dict(by_scope), peak, peak_op, dict(at_peak))


def _frees(evidence: Evidence) -> dict[OpId, list[NodeId]]:
    """The nodes that were freed by passes before each op."""
    found: dict[OpId, list[NodeId]] = defaultdict(list)
    for pass_ in evidence.recording.passes:
        if not pass_.retain_graph:
            found[OpId(pass_.ops_before)] += [step.autograd_node for step in pass_.steps]
    return found


def find_saved_memory(evidence: Evidence) -> Iterator[Finding]:
    """The peak, where it is large."""
    memory = saved_memory(evidence)
    if memory.peak < WORTH_TELLING or memory.peak_op is None:
        return
    op = evidence.recording.ops[memory.peak_op]
    scope, share = max(memory.at_peak.items(), key=lambda one: one[1])
    largest = max(memory.by_op, key=lambda number: memory.by_op[number])
    yield Finding(
        kind=FindingKind.SAVED_MEMORY,
        severity=Severity.NOTE,
        template=PEAK,
        parameters={
            "peak": say_nbytes(memory.peak),
            "op": evidence.label(op),
            "line": say_place(op),
            "largest": scope or evidence.label(evidence.recording.ops[largest]),
            "share": say_nbytes(share if scope else memory.by_op[largest]),
        },
        item=op_item(op.id),
        line=line_of(op),
    )


def say_nbytes(nbytes: int) -> str:
    """`12.5 MiB`."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if nbytes >= size:
            return f"{nbytes / size:.4g} {unit}"
    return f"{nbytes} B"

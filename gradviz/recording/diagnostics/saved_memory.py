"""What the tensors that are saved for backward take: per op, per module, and at the peak."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from gradviz.recording.diagnostics.evidence import Evidence, line_of, op_item, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.model import NodeId, OpId, Saved, TensorRole

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
    held = _Held()
    peak = entries_at_peak = 0
    peak_op: OpId | None = None
    frees = _frees(evidence)
    for op in recording.ops:
        for node in frees.get(op.id, ()):
            held.free(evidence, node)
        for number in op.autograd_nodes:
            for saved in recording.autograd_nodes[number].saved:
                key = _key(evidence, saved)
                if key is not None and held.add(key, saved.nbytes, op.id):
                    by_op[op.id] += saved.nbytes
                    by_scope[op.scope] += saved.nbytes
        if held.nbytes > peak:
            peak, peak_op, entries_at_peak = held.nbytes, op.id, len(held.savers)
    at_peak: dict[str, int] = defaultdict(int)
    for saver, nbytes in zip(
        held.savers[:entries_at_peak], held.changes[:entries_at_peak], strict=True
    ):
        at_peak[recording.ops[saver].scope] += nbytes
    return SavedMemory(dict(by_op), dict(by_scope), peak, peak_op, dict(at_peak))


class _Held:
    """The pieces of memory that are held at a moment, and how that came about.

    Plain numbers throughout: an object for each piece would have the garbage collector walk the
    whole recording again and again.
    """

    def __init__(self) -> None:
        self.nbytes = 0
        self.savers: list[OpId] = []
        self.changes: list[int] = []
        self._sizes: dict[int, int] = {}
        self._counts: dict[int, int] = {}
        self._saved_by: dict[int, OpId] = {}
        self._freed: set[NodeId] = set()

    def add(self, key: int, nbytes: int, op: OpId) -> bool:
        """Hold a piece once more; whether it was not held before."""
        count = self._counts.get(key, 0)
        self._counts[key] = count + 1
        if count:
            return False
        self._sizes[key] = nbytes
        self._saved_by[key] = op
        self._change(op, nbytes)
        return True

    def free(self, evidence: Evidence, node: NodeId) -> None:
        """Let go of what a node holds."""
        if node in self._freed:
            return
        self._freed.add(node)
        for saved in evidence.recording.autograd_nodes[node].saved:
            key = _key(evidence, saved)
            if key is None or not self._counts.get(key):
                continue
            self._counts[key] -= 1
            if not self._counts[key]:
                self._change(self._saved_by[key], -self._sizes[key])

    def _change(self, op: OpId, nbytes: int) -> None:
        self.nbytes += nbytes
        self.savers.append(op)
        self.changes.append(nbytes)


def _key(evidence: Evidence, saved: Saved) -> int | None:
    """What tells a piece of memory from others; None for parameters and what is empty.

    A tensor's number, and a negative one for what lives inside an op.
    """
    if not saved.nbytes:
        return None
    if saved.tensor is None:
        return -1 - saved.memory
    root = evidence.recording.tensors[evidence.memory_of(saved.tensor)]
    tensor = evidence.recording.tensors[saved.tensor]
    if TensorRole.PARAMETER in (root.role, tensor.role):
        return None
    return root.id


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
        item=op_item(op),
        line=line_of(op),
    )


def say_nbytes(nbytes: int) -> str:
    """`12.5 MiB`."""
    for unit, size in (("GiB", 1 << 30), ("MiB", 1 << 20), ("KiB", 1 << 10)):
        if nbytes >= size:
            return f"{nbytes / size:.4g} {unit}"
    return f"{nbytes} B"

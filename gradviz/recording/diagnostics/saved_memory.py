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
    "Tensors saved for backward take {peak} at the most, after {op} (line {line}); most of it is"
    " saved in {largest} ({share}).",
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
    held: dict[object, _Piece] = {}
    journal: list[tuple[str, int]] = []
    now = peak = entries_at_peak = 0
    peak_op: OpId | None = None
    frees = _frees(evidence)
    for op in recording.ops:
        for node in frees.get(op.id, ()):
            now -= _free(evidence, node, held, journal)
        for number in op.autograd_nodes:
            for saved in recording.autograd_nodes[number].saved:
                key = _key(evidence, saved)
                if key is None:
                    continue
                piece = held.get(key)
                if piece is None:
                    piece = held[key] = _Piece(saved.nbytes, op.scope)
                    by_op[op.id] += saved.nbytes
                    by_scope[op.scope] += saved.nbytes
                    journal.append((op.scope, saved.nbytes))
                    now += saved.nbytes
                piece.holders.add(number)
        if now > peak:
            peak, peak_op, entries_at_peak = now, op.id, len(journal)
    at_peak: dict[str, int] = defaultdict(int)
    for scope, nbytes in journal[:entries_at_peak]:
        at_peak[scope] += nbytes
    return SavedMemory(dict(by_op), dict(by_scope), peak, peak_op, dict(at_peak))


class _Piece:
    """A piece of memory and the nodes that hold it."""

    __slots__ = ("holders", "nbytes", "scope")

    def __init__(self, nbytes: int, scope: str) -> None:
        self.nbytes = nbytes
        self.scope = scope
        self.holders: set[NodeId] = set()


def _key(evidence: Evidence, saved: Saved) -> object:
    """What tells a piece of memory from others; None for parameters and what is empty."""
    if not saved.nbytes:
        return None
    if saved.tensor is None:
        return ("inner", saved.memory)
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


def _free(
    evidence: Evidence,
    node: NodeId,
    held: dict[object, _Piece],
    journal: list[tuple[str, int]],
) -> int:
    freed = 0
    for saved in evidence.recording.autograd_nodes[node].saved:
        key = _key(evidence, saved)
        piece = held.get(key)
        if piece is None:
            continue
        piece.holders.discard(node)
        if not piece.holders:
            del held[key]
            journal.append((piece.scope, -piece.nbytes))
            freed += piece.nbytes
    return freed


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

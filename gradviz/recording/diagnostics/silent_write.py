"""Writes past PyTorch's own check: through `.data`, into what backward used afterwards."""

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
from gradviz.recording.model import NodeId, Op, OpId, OpKind, TensorId, line_of

WRITTEN: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{write} (line {line}) wrote into {tensor} through .data, which PyTorch does not notice:"
    " {op} (line {saved_line}) had saved it for backward, so {node} computed a wrong gradient.",
)


def find_silent_write(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each line that wrote into what a later step read."""
    writes = _writes(evidence)
    if not writes:
        return
    seen: set[str] = set()
    for node in evidence.recording.autograd_nodes:
        op = evidence.op_of_node(node.id)
        if op is None:
            continue
        for saved in node.saved:
            memory = None if saved.tensor is None else evidence.memory_of(saved.tensor)
            for write in writes.get(memory, ()) if memory is not None else ():
                playhead = _used_after(evidence, node.id, op.id, write)
                if playhead is None or say_place(write) in seen:
                    continue
                seen.add(say_place(write))
                assert saved.tensor is not None
                yield _finding(evidence, write, saved.tensor, op, node.name, playhead)


def _writes(evidence: Evidence) -> dict[TensorId, list[Op]]:
    """The ops that changed memory through a `.data` alias, by that memory."""
    recording = evidence.recording
    found: dict[TensorId, list[Op]] = defaultdict(list)
    through_data: set[TensorId] = set()
    for op in recording.ops:
        if op.name == "data" and op.kind is not OpKind.IN_PLACE:
            through_data.update(op.outputs)
        elif op.kind is OpKind.IN_PLACE:
            for made in op.outputs:
                tensor = recording.tensors[made]
                parents = {tensor.previous, tensor.base} - {None}
                if parents & through_data:
                    through_data.add(made)
                    memory = evidence.memory_of(made)
                    if op not in found[memory]:
                        found[memory].append(op)
        else:
            # A view of the alias writes through it as well.
            for made in op.outputs:
                if recording.tensors[made].base in through_data:
                    through_data.add(made)
    return found


def _used_after(evidence: Evidence, node: NodeId, saved_by: OpId, write: Op) -> int | None:
    """The playhead of the node's first step after the write; None where it had not been saved."""
    if saved_by >= write.id:
        return None
    for pass_id, step in evidence.steps_of.get(node, ()):
        if evidence.recording.passes[pass_id].ops_before > write.id:
            return evidence.playhead(pass_id, step)
    return None


def _finding(
    evidence: Evidence, write: Op, tensor: TensorId, op: Op, node: str, playhead: int
) -> Finding:
    return Finding(
        kind=FindingKind.SILENT_WRITE,
        severity=Severity.ERROR,
        template=WRITTEN,
        parameters={
            "write": evidence.label(write),
            "line": say_place(write),
            "tensor": evidence.name(tensor),
            "op": evidence.label(op),
            "saved_line": say_place(op),
            "node": node,
        },
        item=op_item(write.id),
        line=line_of(write),
        playhead=playhead,
    )

"""Checkpoints that backward computed again with other random numbers than the forward pass."""

from __future__ import annotations

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
from gradviz.recording.model import line_of

REDRAWN: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{call} (line {call_line}) computed a checkpoint again, for {op} (line {line}), with new random"
    " numbers: preserve_rng_state=False keeps none. The gradients that went through it are not"
    " those of the loss.",
)
HINT: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Leave preserve_rng_state=True where there is dropout or other chance in a checkpoint.",
)


def find_redrawn(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each line whose checkpoint was computed again so."""
    seen: set[str] = set()
    for pass_ in evidence.recording.passes:
        for step in pass_.redrawn:
            node = pass_.steps[step].autograd_node
            op = evidence.op_of_node(node)
            place = say_place(op or pass_)
            if place in seen:
                continue
            seen.add(place)
            yield Finding(
                kind=FindingKind.REDRAWN,
                severity=Severity.ERROR,
                template=REDRAWN,
                parameters={
                    "call": evidence.pass_text(pass_),
                    "call_line": say_place(pass_),
                    "op": evidence.node_label(node),
                    "line": place,
                },
                hint=HINT,
                item=node_item(node) if op is None else op_item(op.id),
                line=line_of(op or pass_),
                playhead=evidence.playhead(pass_.id, step),
            )

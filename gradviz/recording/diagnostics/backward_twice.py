"""A backward call that failed because an earlier one had freed what it needs."""

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
from gradviz.recording.model import Pass, line_of

TWICE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{second} (line {line}) needs what {op} (line {op_line}) had saved, but {first} (line "
    "{first_line}) went through it before and freed it: give that call retain_graph=True, or "
    "compute the result again.",
)
TWICE_IN_LOOP: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{second} (line {line}) needs what {op} (line {op_line}) had saved, but an earlier iteration "
    "of the loop went through it and freed it: detach what is carried from one iteration to the "
    "next, or give backward retain_graph=True.",
)
FREED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{second} (line {line}) needs what {op} (line {op_line}) had saved, but it was freed: "
    "compute the result again, or keep it with retain_graph=True.",
)


def find_backward_twice(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each pass that raised for this reason."""
    for pass_ in evidence.recording.passes:
        if "backward through the graph a second time" in pass_.raised and pass_.steps:
            yield _finding(evidence, pass_)


def _template(second: Pass, first: Pass) -> str:
    is_same_call = second.location is not None and second.location == first.location
    return TWICE_IN_LOOP if is_same_call else TWICE


def _finding(evidence: Evidence, pass_: Pass) -> Finding:
    last = pass_.steps[-1]
    node = last.autograd_node
    op = evidence.op_of_node(node)
    earlier = [
        evidence.recording.passes[number]
        for number, _ in evidence.steps_of[node]
        if number < pass_.id and not evidence.recording.passes[number].retain_graph
    ]
    first = earlier[-1] if earlier else None
    return Finding(
        kind=FindingKind.BACKWARD_TWICE,
        severity=Severity.ERROR,
        template=FREED if first is None else _template(pass_, first),
        parameters={
            "second": evidence.pass_text(pass_),
            "line": say_place(pass_),
            "op": evidence.node_label(node),
            "op_line": say_place(op),
            "first": "" if first is None else evidence.pass_text(first),
            "first_line": say_place(first),
        },
        item=node_item(node) if op is None else op_item(op.id),
        line=line_of(pass_),
        playhead=evidence.playhead(pass_.id, last.index),
    )

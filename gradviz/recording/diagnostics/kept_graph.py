"""Sums and lists of losses that keep the graph of each round alive after its backward."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final, NamedTuple

from gradviz.recording.diagnostics.evidence import Evidence, line_of, op_item, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.model import NodeId, Op, OpId, Pass, TensorId

KEEPS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) keeps {count} graphs alive that {backward} (line {backward_line}) has been "
    "through, one of each round: {tensor} requires grad. Take {tensor}.item() or "
    "{tensor}.detach() to add up or to keep.",
)

_ROUNDS: Final = 3
"""Two losses of one round may well be added up to be printed."""


class _Held(NamedTuple):
    """The calls of one line that have been through what a tensor holds on to: how many, and which.

    `source` is the tensor of the last of them.
    """

    calls: int
    first: int
    last: int
    source: TensorId


_ByPlace = dict[str, _Held]


def find_kept_graph(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each line that does it, by the op that holds the most.

    What backward goes through later is held for that and left alone.
    """
    passes = [pass_ for pass_ in evidence.recording.passes if pass_.parent is None]
    if len(passes) < _ROUNDS:
        return
    found: dict[str, tuple[Op, _Held]] = {}
    for op, held in _holders(evidence, passes):
        place = say_place(op)
        if held.calls >= _ROUNDS and (place not in found or held.calls > found[place][1].calls):
            found[place] = op, held
    # What is computed of such a sum holds it, too.
    counted: set[int] = set()
    for op, held in found.values():
        if held.last not in counted:
            counted.add(held.last)
            yield _finding(evidence, op, held)


def _holders(evidence: Evidence, passes: list[Pass]) -> Iterator[tuple[Op, _Held]]:
    """Every op whose result holds on to what passes before it have been through."""
    recording = evidence.recording
    executed: dict[NodeId, list[Pass]] = {}
    for pass_ in passes:
        for step in pass_.steps:
            executed.setdefault(step.autograd_node, []).append(pass_)
    holding: dict[TensorId, _ByPlace] = {}
    for op in recording.ops:
        if not op.autograd_nodes or any(node in executed for node in op.autograd_nodes):
            continue
        held: _ByPlace = {}
        for tensor in dict.fromkeys(op.inputs):
            own = holding.get(tensor) or _spent(evidence, tensor, op.id, executed)
            for place, one in own.items():
                held[place] = _both(held[place], one) if place in held else one
        if held:
            for made in op.outputs:
                holding[made] = held
            yield op, max(held.values())


def _spent(
    evidence: Evidence, number: TensorId, op: OpId, executed: dict[NodeId, list[Pass]]
) -> _ByPlace:
    """The last pass before an op that has been through what made a tensor."""
    tensor = evidence.recording.tensors[number]
    if tensor.is_leaf or tensor.autograd_node is None:
        return {}
    before = [one for one in executed.get(tensor.autograd_node, ()) if one.ops_before <= op]
    if not before:
        return {}
    last = before[-1]
    return {say_place(last): _Held(1, last.id, last.id, number)}


def _both(one: _Held, other: _Held) -> _Held:
    """What two tensors hold together; what both hold counts once."""
    earlier, later = sorted((one, other), key=lambda held: (held.last, held.first))
    if later.first > earlier.last:
        return _Held(earlier.calls + later.calls, earlier.first, later.last, later.source)
    return later._replace(calls=max(one.calls, other.calls), first=min(one.first, other.first))


def _finding(evidence: Evidence, op: Op, held: _Held) -> Finding:
    pass_ = evidence.recording.passes[held.last]
    return Finding(
        kind=FindingKind.KEPT_GRAPH,
        severity=Severity.WARNING,
        template=KEEPS,
        parameters={
            "op": evidence.label(op),
            "line": say_place(op),
            "count": str(held.calls),
            "backward": evidence.pass_text(pass_),
            "backward_line": say_place(pass_),
            "tensor": evidence.name(held.source),
        },
        item=op_item(op),
        line=line_of(op),
    )

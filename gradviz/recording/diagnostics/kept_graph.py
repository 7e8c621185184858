"""Sums and lists of losses that keep the graph of each round alive, which nobody needs."""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Container, Iterator
from functools import cache
from typing import Final, NamedTuple

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.items import op_item
from gradviz.recording.model import NodeId, Op, OpId, OpKind, Pass, PassId, TensorId, line_of

KEEPS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) keeps {count} graphs alive that {backward} (line {backward_line}) has been "
    "through, one of each round: {tensor} requires grad. Take {tensor}.item() or "
    "{tensor}.detach() to add up or to keep.",
)
KEEPS_MANY: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) keeps {count} graphs alive that {backward} (line {backward_line}) has been "
    "through, one of each round: {tensor} requires grad. Take {tensor}.detach() to keep.",
)
NEVER_USED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) keeps {count} graphs alive that no backward goes through, with all that "
    "they saved for it. Compute what is only to be read under torch.no_grad(), or add "
    "{tensor}.item().",
)

_ROUNDS: Final = 3
"""Two losses of one round may well be added up to be printed."""


class _Held(NamedTuple):
    """What a tensor holds on to that calls of one line have been through, in how many rounds.

    A round ends with an update of what it reaches: the losses of several tasks, models or parts of
    a batch are one's.
    `pass_` is the last of the calls, `source` the tensor that holds on to it.
    """

    rounds: int
    first: int
    last: int
    pass_: PassId
    source: TensorId


_ByPlace = dict[str, _Held]


def find_kept_graph(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each line that does it, by the op that holds the most.

    What backward goes through later is held for that and left alone.
    """
    passes = [pass_ for pass_ in evidence.recording.passes if pass_.parent is None]
    found: dict[str, tuple[Op, _Held]] = {}
    for op, held in _holders(evidence, passes) if len(passes) >= _ROUNDS else ():
        place = say_place(op)
        if held.rounds >= _ROUNDS and (place not in found or held.rounds > found[place][1].rounds):
            found[place] = op, held
    # What is computed of such a sum holds it, too.
    counted: set[PassId] = set()
    for op, held in found.values():
        if held.pass_ not in counted:
            counted.add(held.pass_)
            yield _finding(evidence, op, held)
    yield from _never_used(evidence, found)


def _holders(evidence: Evidence, passes: list[Pass]) -> Iterator[tuple[Op, _Held]]:
    """Every op whose result holds on to what passes before it have been through."""
    recording = evidence.recording
    executed: dict[NodeId, list[Pass]] = {}
    for pass_ in passes:
        for step in pass_.steps:
            executed.setdefault(step.autograd_node, []).append(pass_)
    round_of = _round_finder(evidence)
    holding: dict[TensorId, _ByPlace] = {}
    for op in recording.ops:
        if not op.autograd_nodes or any(node in executed for node in op.autograd_nodes):
            continue
        held: _ByPlace = {}
        for tensor in dict.fromkeys(op.inputs):
            own = holding.get(tensor) or _spent(evidence, tensor, op.id, executed, round_of)
            for place, one in own.items():
                held[place] = _both(held[place], one) if place in held else one
        if held:
            for made in op.outputs:
                holding[made] = held
            yield op, max(held.values())


def _round_finder(evidence: Evidence) -> Callable[[PassId], int]:
    """How often what a pass reaches had been updated before it."""
    recording = evidence.recording
    updates: dict[TensorId, list[OpId]] = defaultdict(list)
    for op in recording.ops:
        for changed in op.outputs if op.kind in (OpKind.STEP, OpKind.IN_PLACE) else ():
            updates[evidence.memory_of(changed)].append(op.id)

    @cache
    def round_of(number: PassId) -> int:
        pass_ = recording.passes[number]
        reached = (updates.get(evidence.memory_of(leaf), []) for leaf, _ in pass_.leaf_grads)
        return max((bisect_left(one, pass_.ops_before) for one in reached), default=0)

    return round_of


def _spent(
    evidence: Evidence,
    number: TensorId,
    op: OpId,
    executed: dict[NodeId, list[Pass]],
    round_of: Callable[[PassId], int],
) -> _ByPlace:
    """The last pass before an op that has been through what made a tensor."""
    tensor = evidence.recording.tensors[number]
    if tensor.is_leaf or tensor.autograd_node is None:
        return {}
    before = [one for one in executed.get(tensor.autograd_node, ()) if one.ops_before <= op]
    if not before:
        return {}
    last = before[-1]
    round_ = round_of(last.id)
    return {say_place(last): _Held(1, round_, round_, last.id, number)}


def _both(one: _Held, other: _Held) -> _Held:
    """What two tensors hold together; what both hold counts once."""
    earlier, later = sorted((one, other), key=lambda held: (held.pass_, held.first))
    if later.first > earlier.last:
        return later._replace(rounds=earlier.rounds + later.rounds, first=earlier.first)
    rounds, first = max(one.rounds, other.rounds), min(one.first, other.first)
    return later._replace(rounds=rounds, first=first)


def _never_used(evidence: Evidence, told: Container[str]) -> Iterator[Finding]:
    """Losses that are added up in a program that trains, such as those of its validation.

    The terms of a loss that is trained elsewhere, by the same line, are none.
    """
    recording = evidence.recording
    if recording.error is not None or not evidence.made_by_pass:
        return
    rounds: dict[TensorId, tuple[str, int]] = {}
    largest: dict[str, tuple[int, Op, TensorId]] = {}
    for op in recording.ops:
        if op.name not in ("add", "add_") or not _is_unused_number(evidence, op.outputs):
            continue
        place = say_place(op)
        if place in told:
            continue
        others = [t for t in op.inputs if t not in rounds and _is_unused_number(evidence, (t,))]
        if not others:
            continue
        before = max(
            (rounds[t][1] for t in op.inputs if rounds.get(t, ("",))[0] == place), default=0
        )
        rounds[op.outputs[0]] = place, before + 1
        if before + 1 >= largest.get(place, (_ROUNDS,))[0]:
            largest[place] = before + 1, op, others[-1]
    trained = {
        say_place(op)
        for op in (recording.ops if largest else ())
        if any(node in evidence.steps_of for node in op.autograd_nodes)
    }
    for place, (count, op, tensor) in largest.items():
        if place not in trained and _comes_from_module(evidence, tensor):
            yield Finding(
                kind=FindingKind.KEPT_GRAPH,
                severity=Severity.WARNING,
                template=NEVER_USED,
                parameters={
                    "op": evidence.label(op),
                    "line": place,
                    "count": str(count),
                    "tensor": evidence.name(tensor),
                },
                item=op_item(op.id),
                line=line_of(op),
            )


def _is_unused_number(evidence: Evidence, tensors: tuple[TensorId, ...]) -> bool:
    """Whether this is a single number with a graph that no pass has been through."""
    if len(tensors) != 1:
        return False
    tensor = evidence.recording.tensors[tensors[0]]
    node = tensor.autograd_node
    is_inner = not tensor.shape and not tensor.is_leaf and node is not None
    return is_inner and node not in evidence.steps_of


def _comes_from_module(evidence: Evidence, tensor: TensorId) -> bool:
    """Whether a module took part in computing a tensor: then its graph holds what that saved."""
    recording = evidence.recording
    seen, stack = {tensor}, [tensor]
    while stack:
        made_by = recording.tensors[stack.pop()].op
        op = None if made_by is None else recording.ops[made_by]
        if op is not None and op.scope:
            return True
        for taken in () if op is None else op.inputs:
            if taken not in seen and recording.tensors[taken].requires_grad:
                seen.add(taken)
                stack.append(taken)
    return False


def _finding(evidence: Evidence, op: Op, held: _Held) -> Finding:
    pass_ = evidence.recording.passes[held.pass_]
    return Finding(
        kind=FindingKind.KEPT_GRAPH,
        severity=Severity.WARNING,
        template=KEEPS_MANY if evidence.recording.tensors[held.source].shape else KEEPS,
        parameters={
            "op": evidence.label(op),
            "line": say_place(op),
            "count": str(held.rounds),
            "backward": evidence.pass_text(pass_),
            "backward_line": say_place(pass_),
            "tensor": evidence.name(held.source),
        },
        item=op_item(op.id),
        line=line_of(op),
    )

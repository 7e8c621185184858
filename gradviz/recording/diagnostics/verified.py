"""What checking the gradients of a run has shown, as findings."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.format import format_number
from gradviz.recording.items import op_item, tensor_item
from gradviz.recording.model import Recording
from gradviz.recording.naming import op_label
from gradviz.recording.replay import Replay
from gradviz.recording.verification import LeafCheck, Place, Verdict, Verification

WRONG_OP: Final = QT_TRANSLATE_NOOP(
    "Findings", "Checked: the derivative of {op} (line {line}) is wrong. {problem}"
)
WRONG_GRADIENT: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Checked: the gradient of {name} is {recorded}, but finite differences give {expected}.",
)
WRONG_ELEMENTS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Checked: the gradient of {name} is not what finite differences give at {differing} of {numel}"
    " elements. The largest differences: {places}.",
)
WRONG_SOME: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Checked: the gradient of {name} is not what finite differences give at {differing} of the"
    " {checked} elements that were looked at, drawn at random from {numel}. The largest"
    " differences: {places}.",
)
SAMPLED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Of the checked gradients {count} are too large for finite differences at each element, the"
    " first that of {name}: they were checked along random directions and at {sampled} elements"
    " drawn at random.",
)
WRONG_DIRECTION: Final = QT_TRANSLATE_NOOP(
    "Findings", "Checked: the gradient of {name} is not what finite differences give."
)
SAMPLED_ONE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "The gradient of {name} is too large for finite differences at each element: it was checked"
    " along random directions and at {sampled} elements drawn at random.",
)
CHANGED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Checked: the gradient of {name} is not the one that autograd computes by itself: a hook, or "
    "code that writes into .grad, has changed it.",
)
KINK: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Checked: {name} is at a kink, where the slopes on the two sides differ; PyTorch took "
    "{recorded}.",
)
UNCHECKED: Final = QT_TRANSLATE_NOOP(
    "Findings", "Not checked: {count} gradients, the first that of {name}. {reason}"
)
UNCHECKED_ONE: Final = QT_TRANSLATE_NOOP(
    "Findings", "Not checked: the gradient of {name}. {reason}"
)
AGREES_ONE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Checked: the gradient of {name} is what an independent autograd.grad gives, bit for bit, and"
    " what finite differences in float64 give.",
)
AGREES: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Checked: {count} gradients are what an independent autograd.grad gives, bit for bit, and what"
    " finite differences in float64 give.",
)
NOTHING: Final = QT_TRANSLATE_NOOP(
    "Findings", "Checked: the run computed no gradients, so there was nothing to check."
)


def verified_findings(recording: Recording, verification: Verification) -> Iterator[Finding]:
    """The places of mistakes first, then the gradients that they spoil, then what is right."""
    for op in verification.ops:
        label = op_label(recording, recording.ops[op.op])
        yield Finding(
            kind=FindingKind.VERIFIED,
            severity=Severity.ERROR,
            template=WRONG_OP,
            parameters={"op": label, "line": str(op.line or "?"), "problem": op.problem},
            item=op_item(op.op),
            line=op.line,
        )
    replay = Replay(recording)
    agreeing: list[LeafCheck] = []
    sampled = [one for one in verification.leaves if one.sampled and not one.reason]
    unchecked: Counter[str] = Counter()
    first: dict[str, LeafCheck] = {}
    for check in verification.leaves:
        yield from _of_leaf(recording, replay, check)
        if check.reason:
            unchecked[check.reason] += 1
            first.setdefault(check.reason, check)
        elif check.again is Verdict.AGREES and check.differences is Verdict.AGREES:
            agreeing.append(check)
    for reason, count in unchecked.items():
        check = first[reason]
        yield _finding(
            recording,
            replay,
            check,
            Severity.NOTE,
            UNCHECKED if count > 1 else UNCHECKED_ONE,
            {"count": str(count), "name": _name(recording, check), "reason": reason},
        )
    if agreeing:
        yield Finding(
            kind=FindingKind.VERIFIED,
            severity=Severity.NOTE,
            template=AGREES if len(agreeing) > 1 else AGREES_ONE,
            parameters={"count": str(len(agreeing)), "name": _name(recording, agreeing[0])},
        )
    if sampled:
        numbers = {"count": str(len(sampled)), "sampled": str(sampled[0].sampled)}
        parameters = {**numbers, "name": _name(recording, sampled[0])}
        template = SAMPLED if len(sampled) > 1 else SAMPLED_ONE
        yield _finding(recording, replay, sampled[0], Severity.NOTE, template, parameters)
    if not verification.leaves:
        yield Finding(
            kind=FindingKind.VERIFIED, severity=Severity.NOTE, template=NOTHING, parameters={}
        )


def _of_leaf(recording: Recording, replay: Replay, check: LeafCheck) -> Iterator[Finding]:
    name = _name(recording, check)
    if check.again is Verdict.DISAGREES:
        yield _finding(recording, replay, check, Severity.WARNING, CHANGED, {"name": name})
    if not check.places:
        if check.differences is Verdict.DISAGREES:
            yield _finding(
                recording, replay, check, Severity.ERROR, WRONG_DIRECTION, {"name": name}
            )
        return
    worst = check.places[0]
    numbers = {
        "name": name + _index(worst),
        "recorded": format_number(worst.recorded),
        "expected": format_number(worst.expected),
    }
    if check.differences is Verdict.KINK:
        yield _finding(recording, replay, check, Severity.NOTE, KINK, numbers)
    elif check.differing == 1 and check.checked == check.numel:
        yield _finding(recording, replay, check, Severity.ERROR, WRONG_GRADIENT, numbers)
    else:
        template = WRONG_ELEMENTS if check.checked == check.numel else WRONG_SOME
        parameters = {
            "name": name,
            "differing": str(check.differing),
            "checked": str(check.checked),
            "numel": str(check.numel),
            "places": ", ".join(
                f"{_index(one)} {format_number(one.recorded)} ≠ {format_number(one.expected)}"
                for one in check.places
            ),
        }
        yield _finding(recording, replay, check, Severity.ERROR, template, parameters)


def _index(place: Place) -> str:
    return f"[{', '.join(map(str, place.element))}]" if place.element else ""


def _finding(
    recording: Recording,
    replay: Replay,
    check: LeafCheck,
    severity: Severity,
    template: str,
    parameters: dict[str, str],
) -> Finding:
    tensor = recording.tensors[check.leaf]
    return Finding(
        kind=FindingKind.VERIFIED,
        severity=severity,
        template=template,
        parameters=parameters,
        item=tensor_item(check.leaf),
        line=tensor.line,
        playhead=_arrival(recording, replay, check),
    )


def _arrival(recording: Recording, replay: Replay, check: LeafCheck) -> int | None:
    """The playhead at which the leaf has its gradient of that pass."""
    if check.pass_id >= len(recording.passes):
        return None
    pass_ = recording.passes[check.pass_id]
    node = recording.tensors[check.leaf].autograd_node
    for step in pass_.steps:
        if step.autograd_node == node:
            return replay.playhead_of(check.pass_id, step.index)
    return replay.span_of(check.pass_id)[1]


def _name(recording: Recording, check: LeafCheck) -> str:
    tensor = recording.tensors[check.leaf]
    return tensor.name or f"tensor {tensor.id}"

"""How the size of gradients changes with the depth of a model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Set
from typing import Final, NamedTuple

import numpy as np

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.format import format_number
from gradviz.recording.items import op_item
from gradviz.recording.model import NodeId, Op, OpId, Pass, Step, Value, line_of
from gradviz.recording.values import to_array

VANISHES: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Gradients vanish in {backward} (line {line}): {small} at {first} against {large} at {last}"
    " (root mean square), over {layers} layers.",
)
EXPLODES: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "Gradients explode in {backward} (line {line}): {large} at {first} against {small} at {last}"
    " (root mean square), over {layers} layers.",
)

LAYERS: Final = 4
"""With fewer layers a ratio says little about depth."""
RATIO: Final = 1e4
"""Between the layer next to the input and the one next to the loss."""


class Layer(NamedTuple):
    """An op with weights of its own, and the root mean square of the gradient that reached it."""

    op: Op
    node: NodeId
    step: int
    size: float


def layers_of(evidence: Evidence, pass_: Pass) -> tuple[Layer, ...]:
    """The layers of a pass, from the loss to the input.

    Where there are no matrices of weights, those are the products with weights that are numbers.
    """
    found = _layers(evidence, pass_, _has_weight)
    if found:
        return found
    scaled = _layers(evidence, pass_, _is_scaled)
    return scaled if len({_numel(evidence, layer.op) for layer in scaled}) == 1 else ()


def _layers(
    evidence: Evidence, pass_: Pass, is_layer: Callable[[Evidence, Op], bool]
) -> tuple[Layer, ...]:
    return tuple(
        Layer(op, step.autograd_node, step.index, size)
        for op, step in _steps(evidence, pass_, is_layer)
        if (size := _size(evidence, step)) is not None
    )


def _steps(
    evidence: Evidence, pass_: Pass, is_layer: Callable[[Evidence, Op], bool]
) -> list[tuple[Op, Step]]:
    """The first step of each layer."""
    found: dict[OpId, tuple[Op, Step]] = {}
    for step in pass_.steps:
        op = evidence.op_of_node(step.autograd_node)
        if op is not None and op.id not in found and is_layer(evidence, op):
            found[op.id] = op, step
    return list(found.values())


def _has_weight(evidence: Evidence, op: Op) -> bool:
    tensors = evidence.recording.tensors
    inputs = [tensors[number] for number in op.inputs]
    return any(t.is_leaf and t.requires_grad and len(t.shape) >= 2 for t in inputs)


def _is_scaled(evidence: Evidence, op: Op) -> bool:
    if op.name != "mul":
        return False
    inputs = [evidence.recording.tensors[t] for t in op.inputs]
    return any(t.is_leaf and t.requires_grad and not t.shape for t in inputs)


def _numel(evidence: Evidence, op: Op) -> int:
    return math.prod(evidence.recording.tensors[op.outputs[0]].shape)


def _size(evidence: Evidence, step: Step) -> float | None:
    total, count = 0.0, 0
    for value_id in step.grad_outputs:
        value = evidence.recording.value(value_id)
        if value is None:
            continue
        squares = _squares(evidence, value)
        if squares is None:
            return None
        total, count = total + squares, count + value.numel
    return math.sqrt(total / count) if count else None


def _squares(evidence: Evidence, value: Value) -> float | None:
    """The sum of the squares of all elements, None where one is not known or not finite."""
    if value.statistics is None and value.is_whole:  # as they would tell, but far sooner
        elements = to_array(value).reshape(-1)
        elements = elements.astype(np.result_type(elements, np.float64), copy=False)
        squares = float(np.vdot(elements, elements).real)
        if math.isfinite(squares):
            return squares
    statistics = evidence.statistics(value.id)
    if statistics is None or statistics.norm is None or statistics.nan or statistics.inf:
        return None
    return statistics.norm * statistics.norm


def find_depth(evidence: Evidence) -> Iterator[Finding]:
    """At most one finding of each kind: the first pass in which it happens."""
    done: set[FindingKind] = set()
    for pass_ in evidence.recording.passes:
        finding = _finding(evidence, pass_, done)
        if finding is not None:
            done.add(finding.kind)
            yield finding


def _finding(evidence: Evidence, pass_: Pass, done: Set[FindingKind]) -> Finding | None:
    if not any(_differs(evidence, pass_, is_layer) for is_layer in (_has_weight, _is_scaled)):
        return None
    layers = layers_of(evidence, pass_)
    if len(layers) < LAYERS or not _is_far(layers[0].size, layers[-1].size):
        return None
    layers = _behind_the_last(evidence, layers)
    if len(layers) < LAYERS or not _is_far(layers[0].size, layers[-1].size):
        return None
    last, first = layers[0], layers[-1]
    vanishes = first.size < last.size
    kind = FindingKind.VANISHING if vanishes else FindingKind.EXPLODING
    if kind in done:
        return None
    return Finding(
        kind=kind,
        severity=Severity.WARNING,
        template=VANISHES if vanishes else EXPLODES,
        parameters={
            "backward": evidence.pass_text(pass_),
            "line": say_place(pass_),
            "small": format_number(min(first.size, last.size)),
            "large": format_number(max(first.size, last.size)),
            "first": _label(evidence, first, layers),
            "last": _label(evidence, last, layers),
            "layers": str(len(layers)),
        },
        item=op_item(first.op.id),
        line=line_of(first.op),
        playhead=evidence.playhead(pass_.id, first.step),
    )


def _differs(evidence: Evidence, pass_: Pass, is_layer: Callable[[Evidence, Op], bool]) -> bool:
    """Whether there may be a finding: most passes show by the two ends that there is none."""
    steps = _steps(evidence, pass_, is_layer)
    if len(steps) < LAYERS:
        return False
    sizes = (
        next((size for _, step in way if (size := _size(evidence, step)) is not None), None)
        for way in (steps, reversed(steps))
    )
    last, first = sizes
    return last is not None and first is not None and _is_far(last, first)


def _is_far(last: float, first: float) -> bool:
    """Whether the gradient vanishes or explodes between the layers next to loss and input."""
    return first * RATIO < last or first > last * RATIO > 0


def _behind_the_last(evidence: Evidence, layers: tuple[Layer, ...]) -> tuple[Layer, ...]:
    """Those that the gradient reaches through the last layer; others lie beside it, not deeper."""
    is_behind = evidence.reach.descendants(layers[0].node)
    return tuple(layer for layer in layers if is_behind[layer.node])


def _label(evidence: Evidence, layer: Layer, layers: tuple[Layer, ...]) -> str:
    """What a layer is called; of the rounds of a loop by number: `h = W @ h #30`."""
    label = layer.op.scope or evidence.label(layer.op)
    alike = [o for o in layers if (o.op.scope or evidence.label(o.op)) == label]
    if len(alike) == 1:
        return label
    return f"{label} #{sorted(one.op.id for one in alike).index(layer.op.id) + 1}"

"""How the size of gradients changes with the depth of a model."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from typing import Final, NamedTuple

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.format import format_number
from gradviz.recording.items import op_item
from gradviz.recording.model import NodeId, Op, Pass, Step, line_of
from gradviz.recording.values import to_number

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
    found: list[Layer] = []
    seen: set[int] = set()
    for step in pass_.steps:
        op = evidence.op_of_node(step.autograd_node)
        if op is None or op.id in seen or not is_layer(evidence, op):
            continue
        seen.add(op.id)
        size = _size(evidence, step)
        if size is not None:
            found.append(Layer(op, step.autograd_node, step.index, size))
    return tuple(found)


def _has_weight(evidence: Evidence, op: Op) -> bool:
    inputs = [evidence.recording.tensors[t] for t in op.inputs]
    return any(t.is_leaf and t.requires_grad and len(t.shape) >= 2 for t in inputs)


def _is_scaled(evidence: Evidence, op: Op) -> bool:
    inputs = [evidence.recording.tensors[t] for t in op.inputs]
    return op.name == "mul" and any(t.is_leaf and t.requires_grad and not t.shape for t in inputs)


def _numel(evidence: Evidence, op: Op) -> int:
    return math.prod(evidence.recording.tensors[op.outputs[0]].shape)


def _size(evidence: Evidence, step: Step) -> float | None:
    total, count = 0.0, 0
    for value_id in step.grad_outputs:
        value = evidence.recording.value(value_id)
        if value is None:
            continue
        number = to_number(value)
        if number is not None:  # as statistics would tell, but many chains are of numbers only
            if not math.isfinite(number):
                return None
            total, count = total + number * number, count + 1
            continue
        statistics = evidence.statistics(value_id)
        if statistics is None or statistics.norm is None or statistics.nan or statistics.inf:
            return None
        total += statistics.norm * statistics.norm
        count += value.numel
    return math.sqrt(total / count) if count else None


def find_depth(evidence: Evidence) -> Iterator[Finding]:
    """At most one finding of each kind: the first pass in which it happens."""
    done: set[FindingKind] = set()
    for pass_ in evidence.recording.passes:
        finding = _finding(evidence, pass_)
        if finding is not None and finding.kind not in done:
            done.add(finding.kind)
            yield finding


def _finding(evidence: Evidence, pass_: Pass) -> Finding | None:
    layers = layers_of(evidence, pass_)
    if len(layers) < LAYERS or (not _vanishes(layers) and not _explodes(layers)):
        return None
    layers = _behind_the_last(evidence, layers)
    vanishes = _vanishes(layers)
    if len(layers) < LAYERS or (not vanishes and not _explodes(layers)):
        return None
    last, first = layers[0], layers[-1]
    return Finding(
        kind=FindingKind.VANISHING if vanishes else FindingKind.EXPLODING,
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


def _vanishes(layers: tuple[Layer, ...]) -> bool:
    return layers[-1].size * RATIO < layers[0].size


def _explodes(layers: tuple[Layer, ...]) -> bool:
    return layers[-1].size > layers[0].size * RATIO > 0


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

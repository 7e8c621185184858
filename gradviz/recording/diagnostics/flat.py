"""Ops that send back nothing but zeros, where all that a leaf gets came through them."""

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
from gradviz.recording.model import Op, Pass, Step, TensorId, ValueId, line_of

CONSTANT: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "The derivative of {op} (line {line}) is 0 everywhere, since its result is constant between "
    "jumps: {backward} (line {backward_line}) gives {tensors} only zeros. To let the gradient "
    "through as if this op were not there, write x + (f(x) - x).detach() for f(x).",
)
OUT_OF_BOUNDS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "All that {op} (line {line}) took lies outside its bounds, where its derivative is 0: "
    "{backward} (line {backward_line}) gives {tensors} only zeros.",
)
SATURATED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) is saturated: all that it took is so far from 0 that its derivative rounds "
    "to 0, and {backward} (line {backward_line}) gives {tensors} only zeros. Smaller weights, or a "
    "normalisation before it, help.",
)
SINGLE_CLASS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {line}) has a single class to choose from, so that its result is the same whatever "
    "it takes: {backward} (line {backward_line}) gives {tensors} only zeros. Give it a column for "
    "each class, or use a sigmoid with binary_cross_entropy_with_logits.",
)
ROUNDS_TO_ZERO: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "The gradient that {op} (line {line}) sends back is so small that it rounds to 0 in {dtype}: "
    "{backward} (line {backward_line}) gives {tensors} only zeros. Scale the loss, as "
    "torch.amp.GradScaler does, or use bfloat16.",
)

_TEMPLATES: Final = {
    "Round": CONSTANT,
    "Floor": CONSTANT,
    "Ceil": CONSTANT,
    "Trunc": CONSTANT,
    "Sign": CONSTANT,
    "Sgn": CONSTANT,
    "Div": CONSTANT,
    "Clamp": OUT_OF_BOUNDS,
    "ClampMin": OUT_OF_BOUNDS,
    "ClampMax": OUT_OF_BOUNDS,
    "Hardtanh": OUT_OF_BOUNDS,
    "Hardsigmoid": OUT_OF_BOUNDS,
    "Sigmoid": SATURATED,
    "Tanh": SATURATED,
    "Softmax": SINGLE_CLASS,
    "LogSoftmax": SINGLE_CLASS,
    "ToCopy": ROUNDS_TO_ZERO,
}
"""By the function of the autograd node, for nodes that sent zeros only."""
_NOT_ROUNDED: Final = frozenset({"DivBackward0", "DivBackward1"})
"""Nodes of the ordinary quotient; with a `rounding_mode` torch makes others."""


def find_flat(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each place, by the first pass in which it was so."""
    nodes = evidence.recording.autograd_nodes
    done: set[tuple[str, str]] = set()
    for pass_ in evidence.recording.passes:
        flat = [step for step in pass_.steps if _is_flat(evidence, step)]
        starved = _starved(evidence, pass_) if flat else frozenset()
        for step in flat if starved else ():
            op = evidence.op_of_node(step.autograd_node)
            if op is None or (op.name, say_place(op)) in done:
                continue
            behind = evidence.reach.descendants(step.autograd_node).nonzero()[0]
            leaves = starved & {nodes[node].leaf for node in behind}
            if not leaves:
                continue
            done.add((op.name, say_place(op)))
            yield _finding(evidence, op, step, pass_, sorted(leaves))


def _is_flat(evidence: Evidence, step: Step) -> bool:
    """Whether a step made nothing but zeros of something else, and for a reason that is known."""
    template = _TEMPLATES.get(_function(evidence, step))
    op = evidence.op_of_node(step.autograd_node)
    if template is None or op is None or op.name == "relu6":
        return False
    if evidence.recording.autograd_nodes[step.autograd_node].name in _NOT_ROUNDED:
        return False
    if template == SINGLE_CLASS and not _is_single_class(evidence, op):
        return False
    sent = [value for value in step.grad_inputs if value is not None]
    received = [value for value in step.grad_outputs if value is not None]
    return (
        bool(sent)
        and all(_is_zero(evidence, value) is True for value in sent)
        and any(_is_zero(evidence, value) is False for value in received)
    )


def _function(evidence: Evidence, step: Step) -> str:
    name = evidence.recording.autograd_nodes[step.autograd_node].name
    return name.rstrip("0123456789").removesuffix("Backward")


def _is_single_class(evidence: Evidence, op: Op) -> bool:
    taken, made = (evidence.recording.tensors[t] for t in (op.inputs[0], op.outputs[0]))
    if op.name == "cross_entropy":
        return taken.shape[:1] == (1,) if len(taken.shape) == 1 else taken.shape[1:2] == (1,)
    statistics = evidence.statistics(made.value)
    only = 0.0 if op.name == "log_softmax" else 1.0
    return 1 in made.shape and statistics is not None and statistics.min == statistics.max == only


def _is_zero(evidence: Evidence, value: ValueId) -> bool | None:
    """Whether all elements are 0; None where that is not known."""
    statistics = evidence.statistics(value)
    return (
        None if statistics is None else statistics.zeros == evidence.recording.values[value].numel
    )


def _starved(evidence: Evidence, pass_: Pass) -> frozenset[TensorId]:
    """The leaves to which a pass sent gradients, each of zeros only."""
    nodes = evidence.recording.autograd_nodes
    sent: dict[TensorId, list[ValueId]] = defaultdict(list)
    for step in pass_.steps:
        edges = nodes[step.autograd_node].next
        for edge, value in zip(edges, step.grad_inputs, strict=False):
            leaf = None if edge is None else nodes[edge.node].leaf
            if leaf is not None and value is not None:
                sent[leaf].append(value)
    return frozenset(
        leaf
        for leaf, values in sent.items()
        if all(_is_zero(evidence, value) is True for value in values)
    )


def _finding(
    evidence: Evidence, op: Op, step: Step, pass_: Pass, leaves: list[TensorId]
) -> Finding:
    sent = next(value for value in step.grad_inputs if value is not None)
    return Finding(
        kind=FindingKind.ZERO_GRADIENT,
        severity=Severity.WARNING,
        template=_TEMPLATES[_function(evidence, step)],
        parameters={
            "op": evidence.label(op),
            "line": say_place(op),
            "backward": evidence.pass_text(pass_),
            "backward_line": say_place(pass_),
            "tensors": evidence.names(leaves),
            "dtype": evidence.recording.values[sent].dtype,
        },
        item=op_item(op.id),
        line=line_of(op),
        playhead=evidence.playhead(pass_.id, step.index),
    )

"""Losses that were given probabilities where they take logits, or the other way round."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

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
from gradviz.recording.model import Op, TensorId, line_of
from gradviz.recording.values import to_array

SOFTMAX_TWICE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{loss} (line {line}) computes a softmax itself, and {op} (line {op_line}) has already computed"
    " one: the gradients become small and the loss never comes near 0. Give it the result before "
    "the softmax.",
)
LOG_SOFTMAX_TWICE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{loss} (line {line}) computes a log_softmax itself, so that {op} (line {op_line}) changes "
    "nothing: leave it out, or use nll_loss.",
)
SIGMOID_TWICE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{loss} (line {line}) computes a sigmoid itself, and {op} (line {op_line}) has already computed"
    " one: the gradients become small and the loss never comes near 0. Give it the result before "
    "the sigmoid, or use binary_cross_entropy.",
)
NOT_LOGARITHMS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{loss} (line {line}) takes logarithms of probabilities, which are at most 0, but {tensor} "
    "goes up to {largest}: give it what log_softmax returns.",
)
OTHER_DIMENSION: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{op} (line {op_line}) makes each column add up to 1, over all examples, and {loss} (line "
    "{line}) takes each row for one example's probabilities: write dim=1.",
)

_TWICE: Final = {
    ("cross_entropy", "softmax"): SOFTMAX_TWICE,
    ("cross_entropy", "log_softmax"): LOG_SOFTMAX_TWICE,
    ("binary_cross_entropy_with_logits", "sigmoid"): SIGMOID_TWICE,
    ("binary_cross_entropy_with_logits", "sigmoid_"): SIGMOID_TWICE,
}
_OF_LOGARITHMS: Final = frozenset({"nll_loss", "kl_div"})
_ROUNDING: Final = 1e-3
"""By which a logarithm of 1 can be above 0, in half precision too."""
_UNEQUAL: Final = 1e-2
"""By which probabilities may miss a sum of 1, in half precision too."""
_SAME_NUMBERS: Final = frozenset(
    {
        "view", "reshape", "flatten", "squeeze", "unsqueeze", "getitem", "transpose", "permute",
        "contiguous", "clone", "to", "float", "double", "half", "bfloat16", "cpu", "cuda", "T",
    }
)  # fmt: skip


def find_loss_input(evidence: Evidence) -> Iterator[Finding]:
    """One finding for each place."""
    done: set[tuple[str, str]] = set()
    for op in evidence.recording.ops:
        place = op.name, say_place(op)
        if not op.inputs or not op.outputs or place in done:
            continue
        finding = None
        if op.name in _OF_LOGARITHMS:
            finding = _not_logarithms(evidence, op) or _other_dimension(evidence, op)
        elif any(loss == op.name for loss, _ in _TWICE):
            finding = _twice(evidence, op)
        if finding is not None and _is_for_training(evidence, op):
            done.add(place)
            yield finding


def _is_for_training(evidence: Evidence, op: Op) -> bool:
    return evidence.recording.tensors[op.outputs[0]].requires_grad


def _twice(evidence: Evidence, loss: Op) -> Finding | None:
    maker = _maker(evidence, loss.inputs[0])
    template = None if maker is None else _TWICE.get((loss.name, maker.name))
    if maker is None or template is None:
        return None
    is_harmless = template == LOG_SOFTMAX_TWICE
    severity = Severity.NOTE if is_harmless else Severity.WARNING
    return _of_both(evidence, template, severity, loss, maker, told_of=loss)


def _of_both(
    evidence: Evidence, template: str, severity: Severity, loss: Op, maker: Op, *, told_of: Op
) -> Finding:
    """What is wrong between a loss and the op that made what it was given."""
    return Finding(
        kind=FindingKind.LOSS_INPUT,
        severity=severity,
        template=template,
        parameters={
            "loss": evidence.label(loss),
            "line": say_place(loss),
            "op": evidence.label(maker),
            "op_line": say_place(maker),
        },
        item=op_item(told_of.id),
        line=line_of(told_of),
    )


def _maker(evidence: Evidence, tensor: TensorId) -> Op | None:
    """The op that computed a tensor's numbers, however they were arranged since."""
    while (number := evidence.recording.tensors[tensor].op) is not None:
        op = evidence.recording.ops[number]
        if op.name not in _SAME_NUMBERS or not op.inputs:
            return op
        tensor = op.inputs[0]
    return None


def _other_dimension(evidence: Evidence, loss: Op) -> Finding | None:
    """Where the columns of what `nll_loss` was given are distributions, and the rows are not."""
    maker = _maker(evidence, loss.inputs[0])
    if maker is not None and maker.name == "log":
        maker = _maker(evidence, maker.inputs[0])
    value = evidence.recording.value(evidence.recording.tensors[loss.inputs[0]].value)
    if maker is None or maker.name not in ("softmax", "log_softmax"):
        return None
    if loss.name != "nll_loss" or value is None or not value.is_whole or len(value.shape) != 2:
        return None
    shares = np.exp(to_array(value).astype(np.float64))
    of_columns, of_rows = (abs(shares.sum(axis) - 1) > _UNEQUAL for axis in (0, 1))
    if of_columns.any() or not of_rows.any():
        return None
    return _of_both(evidence, OTHER_DIMENSION, Severity.WARNING, loss, maker, told_of=maker)


def _not_logarithms(evidence: Evidence, loss: Op) -> Finding | None:
    taken = evidence.recording.tensors[loss.inputs[0]]
    statistics = evidence.statistics(taken.value)
    if statistics is None or statistics.max is None or statistics.max <= _ROUNDING:
        return None
    return Finding(
        kind=FindingKind.LOSS_INPUT,
        severity=Severity.WARNING,
        template=NOT_LOGARITHMS,
        parameters={
            "loss": evidence.label(loss),
            "line": say_place(loss),
            "tensor": evidence.name(taken.id),
            "largest": format_number(statistics.max),
        },
        item=op_item(loss.id),
        line=line_of(loss),
    )

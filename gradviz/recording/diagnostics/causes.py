"""Why an op or a node made NaN or Inf of finite numbers, and what helps."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from gradviz.recording.diagnostics.evidence import Evidence
from gradviz.recording.diagnostics.finding import QT_TRANSLATE_NOOP
from gradviz.recording.model import NodeId, Op, Statistics, Step

LOG_OF_ZERO: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "The logarithm of 0 is -Inf: keep its input above 0, for instance with .clamp(min=1e-8).",
)
LOG_OF_SOFTMAX: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "A softmax can round to 0, whose logarithm is -Inf: log_softmax computes both at once and"
    " stays finite.",
)
OF_NEGATIVE: Final = QT_TRANSLATE_NOOP(
    "Findings", "For the negative numbers among its inputs the result is NaN."
)
DIVIDES_BY_ZERO: Final = QT_TRANSLATE_NOOP(
    "Findings", "It divides by 0: add a small number to the divisor, or .clamp it."
)
TOO_LARGE: Final = QT_TRANSLATE_NOOP(
    "Findings", "The result is too large for {dtype}, whose largest number is {largest}."
)
SPREAD_OF_ONE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "A single value has no spread by this formula: give it more values, or correction=0.",
)
NO_TARGETS: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "It takes the mean over no targets: all of them are left out (ignore_index, or weights of 0).",
)
STEEP: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "At 0 its derivative is not finite: keep its input away from 0, for instance by adding a "
    "small number.",
)
STEEP_BUT_MASKED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "At 0 its derivative is not finite, and 0 × Inf is NaN, so a gradient of 0 does not help: "
    "keep the 0 out of its input; a torch.where after it is too late.",
)

_LOGS: Final = frozenset({"log", "log2", "log10", "log_", "log2_", "log10_"})
_ROOTS: Final = frozenset({"sqrt", "rsqrt", "sqrt_", "rsqrt_"})
_QUOTIENTS: Final = frozenset({"div", "div_", "reciprocal", "rsqrt"})
_SPREADS: Final = frozenset({"std", "var"})
_MEANS_OF_TARGETS: Final = frozenset({"cross_entropy", "nll_loss"})
_GROWING: Final = frozenset(
    {
        "add", "bmm", "cosh", "cumprod", "cumsum", "exp", "exp2", "expm1", "half", "linear",
        "matmul", "mm", "mul", "pow", "prod", "sinh", "square", "sum", "to",
    }
)  # fmt: skip
_LARGEST: Final = {"float16": "65504", "bfloat16": "3.39e38", "float32": "3.40e38"}
_STEEP_NODES: Final = frozenset({"Sqrt", "Rsqrt", "Log", "Log2", "Log10", "Pow", "Reciprocal"})


def cause_in_forward(evidence: Evidence, op: Op, *, nan: int) -> tuple[str, dict[str, str]]:
    """A sentence, as a template and its parameters, empty where no cause is certain."""
    taken = [_statistics_of(evidence, t) for t in op.inputs]
    first = taken[0] if taken else None
    if op.name in _SPREADS and nan:
        return SPREAD_OF_ONE, {}
    if op.name in _MEANS_OF_TARGETS and nan:
        return NO_TARGETS, {}
    if first is None:
        return "", {}
    if op.name in _LOGS | _ROOTS and nan:
        return OF_NEGATIVE, {}
    if op.name in _LOGS and first.zeros:
        made_by = evidence.recording.tensors[op.inputs[0]].op
        of_softmax = made_by is not None and evidence.recording.ops[made_by].name == "softmax"
        return LOG_OF_SOFTMAX if of_softmax else LOG_OF_ZERO, {}
    if op.name in _QUOTIENTS:
        return DIVIDES_BY_ZERO if _has_zeros(taken[-1:]) else "", {}
    dtype = evidence.recording.tensors[op.outputs[0]].dtype if op.outputs else ""
    if op.name in _GROWING and not nan and dtype in _LARGEST:
        return TOO_LARGE, {"dtype": dtype, "largest": _LARGEST[dtype]}
    return "", {}


def cause_in_backward(evidence: Evidence, step: Step) -> str:
    """A sentence, empty where no cause is certain."""
    node, op = _function(evidence, step.autograd_node), evidence.op_of_node(step.autograd_node)
    if op is None or not op.inputs:
        return ""
    if node == "Div":
        zeros = _has_zeros([_statistics_of(evidence, op.inputs[-1])])
        return DIVIDES_BY_ZERO if zeros else ""
    if node not in _STEEP_NODES or len(op.autograd_nodes) != 1:
        return ""
    if not _has_zeros([_statistics_of(evidence, op.inputs[0])]):
        return ""
    received = [evidence.statistics(value) for value in step.grad_outputs]
    sent = [evidence.statistics(value) for value in step.grad_inputs]
    # A step that the anomaly mode ended made NaN, too, and sent nothing.
    is_masked = _has_zeros(received) and (not sent or any(s is not None and s.nan for s in sent))
    return STEEP_BUT_MASKED if is_masked else STEEP


def _function(evidence: Evidence, node: NodeId) -> str:
    return evidence.recording.autograd_nodes[node].name.partition("Backward")[0]


def _statistics_of(evidence: Evidence, tensor: int) -> Statistics | None:
    return evidence.statistics(evidence.recording.tensors[tensor].value)


def _has_zeros(known: Sequence[Statistics | None]) -> bool:
    return any(s is not None and s.zeros for s in known)

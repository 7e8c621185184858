"""Why an op or a node made NaN or Inf of finite numbers, and what helps."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Sequence
from typing import Final

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import QT_TRANSLATE_NOOP
from gradviz.recording.format import format_number
from gradviz.recording.model import NodeId, Op, OpKind, Statistics, Step

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
BEYOND_ONE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "It takes numbers from -1 to 1, and rounding may lead a little beyond: .clamp(-1, 1) its "
    "input.",
)
STEEP_AT_ONE: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "At 1 and -1 its derivative is not finite: keep its input a little inside, for instance with "
    ".clamp(-1 + 1e-6, 1 - 1e-6).",
)
ALL_MASKED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "A softmax over nothing but -Inf is NaN: the mask leaves a row no place to look at. Leave it "
    "one at least, or mask with a large negative number such as -1e4.",
)
DIVERGED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "The loss had grown from {first} to {last} by then: the updates are too large. A smaller "
    "learning rate helps, or torch.nn.utils.clip_grad_norm_.",
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
_OF_POSITIVE: Final = frozenset({*_LOGS, "sqrt", "rsqrt", "sqrt_", "rsqrt_", "pow", "pow_"})
_UP_TO_ONE: Final = frozenset({"acos", "asin", "arccos", "arcsin", "acos_", "asin_", "atanh"})
_SOFTMAXES: Final = frozenset(
    {"softmax", "log_softmax", "multi_head_attention_forward", "scaled_dot_product_attention"}
)
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
_GREW: Final = 1e3
"""How many times a loss must have grown to be told to diverge."""
_STEEP_NODES: Final = frozenset({"Sqrt", "Rsqrt", "Log", "Log2", "Log10", "Pow", "Reciprocal"})


def cause_in_forward(evidence: Evidence, op: Op, *, nan: int) -> tuple[str, dict[str, str]]:
    """A sentence, as a template and its parameters, empty where no cause is certain."""
    taken = [evidence.tensor_statistics(t) for t in op.inputs]
    first = taken[0] if taken else None
    if op.name in _SPREADS and nan:
        return SPREAD_OF_ONE, {}
    if op.name in _MEANS_OF_TARGETS and nan:
        return NO_TARGETS, {}
    if first is None:
        return "", {}
    if op.name in _OF_POSITIVE and nan:
        return OF_NEGATIVE, {}
    if op.name in _UP_TO_ONE and nan:
        return BEYOND_ONE, {}
    if op.name in _LOGS and first.zeros:
        made_by = evidence.recording.tensors[op.inputs[0]].op
        of_softmax = made_by is not None and evidence.recording.ops[made_by].name == "softmax"
        return LOG_OF_SOFTMAX if of_softmax else LOG_OF_ZERO, {}
    if op.name in _QUOTIENTS:
        return DIVIDES_BY_ZERO if _has_zeros(taken[-1:]) else "", {}
    diverged = _growth(evidence, op)
    if diverged is not None:
        return DIVERGED, diverged
    dtype = evidence.recording.tensors[op.outputs[0]].dtype if op.outputs else ""
    is_asked_for = re.search(r"\binf\b", op.text) is not None  # x * float("inf")
    if op.name in _GROWING and not nan and dtype in _LARGEST and not is_asked_for:
        return TOO_LARGE, {"dtype": dtype, "largest": _LARGEST[dtype]}
    return "", {}


def cause_of_inf(op: Op, *, is_masked: bool) -> str:
    """The same where NaN was made of an Inf that was put there on purpose."""
    return ALL_MASKED if is_masked and op.name in _SOFTMAXES else ""


def _growth(evidence: Evidence, op: Op) -> dict[str, str] | None:
    """How the loss had grown before an op, None where it had not, or nothing was updated."""
    recording = evidence.recording
    places: dict[str, list[float]] = defaultdict(list)
    for pass_ in evidence.made_by_pass:
        root = pass_.root_tensors[0] if len(pass_.root_tensors) == 1 else None
        if root is None or pass_.ops_before > op.id:
            continue
        known = evidence.tensor_statistics(root)
        if known is not None and known.norm is not None and not known.nan + known.inf:
            places[say_place(pass_)].append(known.norm)
    updates = (one.id for one in recording.ops if one.kind is OpKind.STEP)
    if next(updates, op.id) >= op.id:
        return None
    for losses in places.values():
        if len(losses) > 1 and losses[-1] > _GREW * losses[0] > 0:
            return {"first": format_number(losses[0]), "last": format_number(losses[-1])}
    return None


def cause_in_backward(evidence: Evidence, step: Step) -> str:
    """A sentence, empty where no cause is certain."""
    node, op = _function(evidence, step.autograd_node), evidence.op_of_node(step.autograd_node)
    if op is None or not op.inputs:
        return ""
    if node == "Div":
        zeros = _has_zeros([evidence.tensor_statistics(op.inputs[-1])])
        return DIVIDES_BY_ZERO if zeros else ""
    if node in ("Acos", "Asin"):
        known = evidence.tensor_statistics(op.inputs[0])
        is_at_one = known is not None and 1 in (known.max, -(known.min or 0))
        return STEEP_AT_ONE if is_at_one else ""
    if node not in _STEEP_NODES or len(op.autograd_nodes) != 1:
        return ""
    if not _has_zeros([evidence.tensor_statistics(op.inputs[0])]):
        return ""
    received = [evidence.statistics(value) for value in step.grad_outputs]
    sent = [evidence.statistics(value) for value in step.grad_inputs]
    # A step that the anomaly mode ended made NaN, too, and sent nothing.
    is_masked = _has_zeros(received) and (not sent or any(s is not None and s.nan for s in sent))
    return STEEP_BUT_MASKED if is_masked else STEEP


def _function(evidence: Evidence, node: NodeId) -> str:
    return evidence.recording.autograd_nodes[node].name.partition("Backward")[0]


def _has_zeros(known: Sequence[Statistics | None]) -> bool:
    return any(s is not None and s.zeros for s in known)

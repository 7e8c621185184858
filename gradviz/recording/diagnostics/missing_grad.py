"""Why `.grad` of a tensor is None."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from gradviz.recording.diagnostics.cuts import (
    Cut,
    Reason,
    cuts_before,
    exit_behind,
    leads_to,
    search_from,
)
from gradviz.recording.diagnostics.evidence import (
    Evidence,
    line_of,
    op_item,
    say_place,
    tensor_item,
)
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.model import Item, NodeId, Op, Pass, Recording, Tensor, TensorId, TensorRole

_CUTS: Final = {
    Reason.DETACH: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because .detach() in line {line} ({op}) cut it off.",
    ),
    Reason.DATA: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because .data in line {line} ({op}) cut it off.",
    ),
    Reason.NO_GRAD: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because line {line} ({op}) ran while gradients were off"
        " (torch.no_grad or inference mode).",
    ),
    Reason.INTEGER: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {op} in line {line} makes integers or truth values, which"
        " have no gradient.",
    ),
    Reason.EXIT: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {op} in line {line} leaves PyTorch: what is computed from"
        " a plain number or array has no gradient.",
    ),
    Reason.OTHER: QT_TRANSLATE_NOOP(
        "Findings",
        "{tensor}: .grad is None because {op} in line {line} cannot be differentiated.",
    ),
}
UNUSED: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because nothing was computed from it."
)
UNREACHED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because {roots}, which backward started from, does not depend on it.",
)
NOT_ASKED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because it is not among the inputs that backward was asked for.",
)
UNDEFINED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because what was computed from it sent no gradient back.",
)
NO_BACKWARD: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because backward was not called."
)
AFTERWARDS: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because it was made after the last backward."
)
ONLY_RETURNED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because torch.autograd.grad returns gradients and leaves .grad alone.",
)
FAILED: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because backward failed before it reached it."
)
NOT_A_LEAF: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because it is no leaf, and only leaves keep their gradient; call"
    " .retain_grad() on it before backward.",
)
MOVED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensor}: .grad is None because {op} in line {line} made it from the leaf that requires grad:"
    " move or convert first, then set requires_grad.",
)
NOT_REQUIRED: Final = QT_TRANSLATE_NOOP(
    "Findings", "{tensor}: .grad is None because it does not require grad."
)

_CONVERSIONS: Final = frozenset(
    {"to", "cuda", "cpu", "float", "double", "half", "bfloat16", "type", "contiguous", "clone"}
)


_Group = tuple[str, int | None, bool, bool]


class _Why(msgspec.Struct, frozen=True):
    """A reason without the tensors that it holds for."""

    template: str
    op: Op | None = None


def find_missing_grad(evidence: Evidence) -> Iterator[Finding]:
    """Leaves that took part in no backward although there was one, and what the person asked for.

    Tensors with the same reason share a finding.
    """
    groups: dict[_Group, list[TensorId]] = {}
    reasons: dict[_Group, _Why] = {}
    for tensor in _suspects(evidence):
        why = _why(evidence, tensor)
        if why is None:
            continue
        parameter = tensor.role is TensorRole.PARAMETER
        at = None if why.op is None else why.op.id
        key: _Group = (why.template, at, parameter, tensor.read_no_grad is not None)
        groups.setdefault(key, []).append(tensor.id)
        reasons[key] = why
    for key, tensors in groups.items():
        yield _finding(evidence, tensors, reasons[key])


def explain_missing_grads(evidence: Evidence) -> dict[TensorId, Finding]:
    """For every name whose tensor, in its latest version, has no `.grad`: why.

    Of the tensors that a loop gave one name after the other the last one has it.
    """
    found: dict[TensorId, Finding] = {}
    for tensor in {tensor.name: tensor for tensor in _latest_named(evidence)}.values():
        why = _why(evidence, tensor)
        if why is not None:
            found[tensor.id] = _finding(evidence, [tensor.id], why)
    return found


class GradExplainer:
    """Says of one tensor after the other why its `.grad` is None."""

    def __init__(self, recording: Recording) -> None:
        self._evidence = Evidence(recording)

    def why(self, tensor: TensorId) -> Finding | None:
        """The reason; None where `.grad` is there, or was at some time."""
        why = _why(self._evidence, self._evidence.recording.tensors[tensor])
        return None if why is None else _finding(self._evidence, [tensor], why)


def _latest_named(evidence: Evidence) -> Iterator[Tensor]:
    tensors = evidence.recording.tensors
    replaced = {t.previous for t in tensors}
    for tensor in tensors:
        is_grad = tensor.name is not None and tensor.name.endswith(".grad")
        if tensor.name is not None and tensor.id not in replaced and not is_grad:
            yield tensor


def _suspects(evidence: Evidence) -> Iterator[Tensor]:
    for tensor in _latest_named(evidence):
        if tensor.read_no_grad is not None:
            yield tensor
            continue
        if not tensor.is_leaf or not tensor.requires_grad:
            continue
        last = evidence.made_by_pass[-1] if evidence.made_by_pass else None
        if last is not None and not last.raised and not _is_younger(evidence, tensor.id):
            yield tensor


def _is_younger(evidence: Evidence, tensor: TensorId) -> bool:
    """Whether a tensor was made after the last backward call."""
    first = evidence.recording.tensors[evidence.identities[tensor]]
    passes = evidence.recording.passes
    return first.op is not None and bool(passes) and first.op >= passes[-1].ops_before


def _had_grad(evidence: Evidence, tensor: TensorId) -> bool:
    identity = evidence.identities[tensor]
    versions = evidence.versions_of(identity)
    if any(evidence.recording.tensors[v].grad is not None for v in versions):
        return True
    return identity in evidence.leaves_with_grad


def _why(evidence: Evidence, tensor: Tensor) -> _Why | None:
    """The reason, None where `.grad` is or was there."""
    if _had_grad(evidence, tensor.id):
        return None
    if not tensor.requires_grad:
        cuts = cuts_before(evidence, tensor.id)
        if not cuts:
            return _Why(NOT_REQUIRED)
        return _Why(_CUTS[cuts[0].reason], cuts[0].op)
    if not tensor.is_leaf and not tensor.retains_grad:
        return _why_inner(evidence, tensor)
    passes = evidence.made_by_pass
    if not passes:
        return _Why(ONLY_RETURNED if evidence.recording.passes else NO_BACKWARD)
    if _is_younger(evidence, tensor.id):
        return _Why(AFTERWARDS)
    roots = {t for p in passes for t in p.root_tensors if t is not None}
    versions = evidence.versions_of(evidence.identities[tensor.id])
    search = search_from(evidence, versions, roots)
    if search.reaches:
        if any(p.raised for p in passes):
            return _Why(FAILED)
        if any("inputs" in p.text for p in passes):
            return _Why(NOT_ASKED)
        return _Why(UNDEFINED if _is_in_a_graph(evidence, tensor, passes) else UNREACHED)
    cut = _best(evidence, search.cuts, roots)
    if cut is not None:
        return _Why(_CUTS[cut.reason], cut.op)
    return _Why(UNREACHED if search.is_used else UNUSED)


def _is_in_a_graph(evidence: Evidence, tensor: Tensor, passes: Sequence[Pass]) -> bool:
    """Whether one of the passes could have come to the tensor along its autograd nodes.

    What a gradient was computed from need not be: a gradient does not depend on every tensor that
    the differentiated result depends on.
    """
    nodes = evidence.recording.autograd_nodes
    wanted = evidence.identities[tensor.id]
    stack = [root.node for pass_ in passes for root in pass_.roots]
    seen: set[NodeId] = set()
    while stack:
        number = stack.pop()
        if number in seen:
            continue
        seen.add(number)
        leaf = nodes[number].leaf
        if leaf is not None and evidence.identities[leaf] == wanted:
            return True
        stack.extend(edge.node for edge in nodes[number].next if edge is not None)
    return tensor.autograd_node in seen


def _why_inner(evidence: Evidence, tensor: Tensor) -> _Why:
    op = None if tensor.op is None else evidence.recording.ops[tensor.op]
    if op is not None and op.name in _CONVERSIONS and len(op.inputs) == 1:
        before = evidence.recording.tensors[op.inputs[0]]
        if before.is_leaf and before.requires_grad and before.name in (None, tensor.name):
            return _Why(MOVED, op)
    return _Why(NOT_A_LEAF)


def _best(evidence: Evidence, cuts: tuple[Cut, ...], roots: set[TensorId]) -> Cut | None:
    """The cut without which the gradient would have come; an exit only where there is no other."""
    for cut in cuts:
        if cut.reason is not Reason.EXIT and leads_to(evidence, cut.op, roots):
            return cut
    exits = [cut for cut in cuts if cut.reason is Reason.EXIT]
    if exits:
        return exits[0]
    # `x.detach().numpy()` leaves as well: what becomes of it cannot be seen.
    behind = (exit_behind(evidence, cut.op) for cut in cuts)
    return next((Cut(Reason.EXIT, op) for op in behind if op is not None), None)


def _finding(evidence: Evidence, tensors: list[TensorId], why: _Why) -> Finding:
    first = evidence.recording.tensors[tensors[0]]
    is_parameter = first.role is TensorRole.PARAMETER
    item: Item = tensor_item(first.id) if why.op is None else op_item(why.op)
    line = line_of(why.op)
    is_serious = first.is_leaf and first.requires_grad and why.template not in _HARMLESS
    return Finding(
        kind=FindingKind.PARAMETER_WITHOUT_GRADIENT if is_parameter else FindingKind.GRAD_IS_NONE,
        severity=Severity.WARNING
        if (is_serious and not _is_meant(first, why))
        or (first.read_no_grad is not None and why.template not in _HARMLESS)
        else Severity.NOTE,
        template=why.template,
        parameters={
            "tensor": evidence.names(tensors),
            "op": "" if why.op is None else evidence.label(why.op),
            "line": say_place(why.op),
            "roots": evidence.roots(),
        },
        item=item,
        line=first.read_no_grad or first.line if line is None else line,
    )


def _is_meant(tensor: Tensor, why: _Why) -> bool:
    """Whether it is usual: the weights of a target network or of a teacher, under no_grad."""
    return tensor.role is TensorRole.PARAMETER and why.template == _CUTS[Reason.NO_GRAD]


_HARMLESS: Final = frozenset({NO_BACKWARD, AFTERWARDS, ONLY_RETURNED, NOT_ASKED})

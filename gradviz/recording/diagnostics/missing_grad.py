"""Why `.grad` of a tensor is None."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import msgspec

from gradviz.recording.diagnostics import missing_grad_sentences as sentences
from gradviz.recording.diagnostics.cuts import (
    Cut,
    Reason,
    cuts_before,
    exit_behind,
    leads_to,
    search_from,
)
from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import Finding, FindingKind, Severity
from gradviz.recording.items import op_item, tensor_item
from gradviz.recording.model import (
    Item,
    Op,
    OpKind,
    Pass,
    Recording,
    Tensor,
    TensorId,
    TensorRole,
    line_of,
)

_CONVERSIONS: Final = frozenset(
    {"to", "cuda", "cpu", "float", "double", "half", "bfloat16", "type", "contiguous", "clone"}
)
_NOWHERE: Final = "meta"
"""The device of tensors without elements: of a model that others are computed in the form of."""

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
    reasons: dict[_Group, list[_Why]] = {}
    for tensor in _suspects(evidence):
        why = _why(evidence, tensor)
        if why is None:
            continue
        parameter = tensor.role is TensorRole.PARAMETER
        at = None if why.op is None or _is_meant(evidence, tensor, why) else why.op.id
        key: _Group = (why.template, at, parameter, tensor.read_no_grad is not None)
        groups.setdefault(key, []).append(tensor.id)
        reasons.setdefault(key, []).append(why)
    for key, tensors in groups.items():
        whys = reasons[key]
        first = min(whys, key=lambda why: -1 if why.op is None else why.op.id)
        is_one = all(why.op == first.op for why in whys)
        yield _finding(evidence, tensors, first if is_one else _Why(sentences.UNWATCHED, first.op))


def explain_missing_grads(evidence: Evidence) -> dict[TensorId, Finding]:
    """For every name whose tensor, in its latest version, has no `.grad`: why.

    Of the tensors that a loop gave one name after the other the last one has it. Those without a
    name are told of where the person read their `.grad`.
    """
    found: dict[TensorId, Finding] = {}
    for tensor in {one.name or one.id: one for one in _latest_named(evidence)}.values():
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
        if tensor.id in replaced or (tensor.name or "").endswith(".grad"):
            continue
        if tensor.name is not None or tensor.read_no_grad is not None:
            yield tensor


def _suspects(evidence: Evidence) -> Iterator[Tensor]:
    for tensor in _latest_named(evidence):
        if tensor.read_no_grad is not None:
            yield tensor
            continue
        if not tensor.is_leaf or not tensor.requires_grad or tensor.device == _NOWHERE:
            continue
        if evidence.identities[tensor.id] in evidence.returned_leaves:
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
            return _Why(sentences.NOT_REQUIRED)
        return _Why(sentences.CUTS[cuts[0].reason], cuts[0].op)
    if not tensor.is_leaf and not tensor.retains_grad:
        return _why_inner(evidence, tensor)
    passes = evidence.made_by_pass
    failed = evidence.failed_root
    if not passes and failed is None:
        return _Why(sentences.ONLY_RETURNED if evidence.recording.passes else sentences.NO_BACKWARD)
    if _is_younger(evidence, tensor.id):
        return _Why(sentences.AFTERWARDS)
    roots = {t for p in passes for t in p.root_tensors if t is not None}
    if failed is not None:
        roots.add(failed)
    versions = evidence.versions_of(evidence.identities[tensor.id])
    search = search_from(evidence, versions, roots)
    if search.reaches:
        if any(p.raised for p in passes):
            return _Why(sentences.FAILED)
        if any("inputs" in p.text for p in passes):
            return _Why(sentences.NOT_ASKED)
        if tensor.retains_grad and tensor.autograd_node in evidence.steps_of:
            return _Why(sentences.RETAINED_LATE)
        return _Why(
            sentences.UNDEFINED if _is_in_a_graph(evidence, tensor, passes) else sentences.UNREACHED
        )
    awaited = _awaited_roots(evidence, tensor.id)
    nearest = tuple(cut for cut in search.cuts if leads_to(evidence, cut.op, awaited))
    cut = _best(evidence, nearest or search.cuts, roots)
    if cut is not None:
        return _Why(sentences.CUTS[cut.reason], cut.op)
    return _Why(sentences.UNREACHED if search.is_used else sentences.UNUSED)


def _is_in_a_graph(evidence: Evidence, tensor: Tensor, passes: Sequence[Pass]) -> bool:
    """Whether one of the passes could have come to the tensor along its autograd nodes.

    What a gradient was computed from need not be: a gradient does not depend on every tensor that
    the differentiated result depends on.
    """
    own = [*evidence.leaf_nodes.get(evidence.identities[tensor.id], ())]
    if tensor.autograd_node is not None:
        own.append(tensor.autograd_node)
    is_reached = evidence.reach.descendants(*(root.node for p in passes for root in p.roots))
    return bool(is_reached[own].any())


def _why_inner(evidence: Evidence, tensor: Tensor) -> _Why:
    op = None if tensor.op is None else evidence.recording.ops[tensor.op]
    found = None if op is None else _source(evidence, op)
    if op is None or found is None or found[0].name not in (None, tensor.name):
        return _Why(sentences.NOT_A_LEAF)
    leaf, is_converted = found
    if is_converted:
        return _Why(sentences.MOVED, op)
    if leaf.name is None:
        is_made_here = leaf.line == tensor.line and tensor.role is not TensorRole.ROOT
        return _Why(sentences.MADE, op) if is_made_here else _Why(sentences.NOT_A_LEAF)
    passes = evidence.recording.passes
    return _Why(
        sentences.UPDATED if passes and op.id >= passes[0].ops_before else sentences.REPLACED, op
    )


def _source(evidence: Evidence, op: Op) -> tuple[Tensor, bool] | None:
    """The only leaf that a name's expression starts from, and whether that only converts it."""
    is_converted = True
    while True:
        tensors = (evidence.recording.tensors[t] for t in op.inputs)
        asked = [t for t in tensors if t.requires_grad]
        if len(asked) != 1:
            return None
        (before,) = asked
        is_converted = is_converted and op.name in _CONVERSIONS
        if before.is_leaf:
            return before, is_converted
        if before.name is not None or before.op is None:
            return None
        op = evidence.recording.ops[before.op]


def _awaited_roots(evidence: Evidence, tensor: TensorId) -> set[TensorId]:
    """What the last backward before a step of the tensor's own optimizer started from."""
    identity = evidence.identities[tensor]
    for step in reversed(evidence.recording.ops):
        if step.kind is OpKind.STEP and identity in {evidence.identities[t] for t in step.inputs}:
            before = [p for p in evidence.made_by_pass if p.ops_before <= step.id]
            return {t for p in before[-1:] for t in p.root_tensors if t is not None}
    return set()


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
    item: Item = tensor_item(first.id) if why.op is None else op_item(why.op.id)
    line = line_of(why.op)
    template = (
        sentences.OF_SEVERAL.get(why.template, why.template) if len(tensors) > 1 else why.template
    )
    is_serious = first.is_leaf and first.requires_grad and why.template not in _HARMLESS
    return Finding(
        kind=FindingKind.PARAMETER_WITHOUT_GRADIENT if is_parameter else FindingKind.GRAD_IS_NONE,
        severity=Severity.WARNING
        if (is_serious and not _is_meant(evidence, first, why))
        or (first.read_no_grad is not None and why.template not in _HARMLESS)
        else Severity.NOTE,
        template=template,
        parameters={
            "tensor": evidence.names(tensors),
            "op": "" if why.op is None else evidence.label(why.op),
            "line": say_place(why.op),
            "roots": evidence.roots(),
        },
        item=item,
        line=first.read_no_grad or first.line if line is None else line,
    )


def _is_meant(evidence: Evidence, tensor: Tensor, why: _Why) -> bool:
    """Whether it is usual: a target network or a teacher under no_grad, a model that only keeps."""
    if tensor.role is not TensorRole.PARAMETER:
        return False
    if why.template == sentences.UNUSED:
        return _is_kept_only(evidence, tensor)
    return why.template in (sentences.CUTS[Reason.NO_GRAD], sentences.UNWATCHED)


def _is_kept_only(evidence: Evidence, parameter: Tensor) -> bool:
    """Whether a whole model was never called, such as one that holds averages of another's weights.

    A single layer that was forgotten is no such model.
    """
    model, *inner = (parameter.name or "").split(".")
    return len(inner) > 1 and model not in evidence.called_models


_HARMLESS: Final = frozenset(
    {sentences.NO_BACKWARD, sentences.AFTERWARDS, sentences.ONLY_RETURNED, sentences.NOT_ASKED}
)

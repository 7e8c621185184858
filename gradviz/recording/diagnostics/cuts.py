"""Where the path from a tensor to the roots of backward is cut."""

from __future__ import annotations

import re
from collections.abc import Iterable
from enum import Enum
from typing import Final, NamedTuple

from gradviz.recording.diagnostics.evidence import Evidence
from gradviz.recording.model import Op, OpKind, Tensor, TensorId

_FLOATING: Final = ("float", "bfloat", "complex")
_COPIES: Final = ("tensor", "as_tensor")
"""Make a tensor of the numbers in others."""
_LOOKS: Final = re.compile(r"to|.*_(as|like)|new_.*")
"""Names of ops that take only the form of a tensor, such as `y.expand_as(x)` that of `x`."""


class Reason(Enum):
    """Why an op's result does not require grad although something that it took does."""

    DETACH = "detach"
    DATA = "data"
    NO_GRAD = "no-grad"
    INTEGER = "integer"
    COPY = "copy"
    EXIT = "exit"
    GRADIENT = "gradient"
    CHECKPOINT = "checkpoint"
    LATE = "late"
    OTHER = "other"


class Cut(NamedTuple):
    """An op behind which there is no gradient."""

    reason: Reason
    op: Op


class Search(NamedTuple):
    """Search results on the ways from a tensor: `reaches` a root of backward, `is_used` at all."""

    reaches: bool
    is_used: bool
    cuts: tuple[Cut, ...]


def cut_of(evidence: Evidence, op: Op) -> Cut | None:
    """The cut that an op is; None where its result requires grad, or nothing that it took does."""
    tensors = evidence.recording.tensors
    if not any(tensors[t].requires_grad for t in op.inputs) or op.kind is OpKind.STEP:
        return None
    if op.kind is OpKind.EXIT:
        return Cut(Reason.EXIT, op)
    if not op.outputs or any(_is_joined(tensors[t], op) for t in op.outputs):
        return None
    return Cut(_reason(evidence, op), op)


def _is_joined(made: Tensor, op: Op) -> bool:
    """Whether gradients go through an op; a result can have been told later to require grad."""
    return made.requires_grad and not (made.is_leaf and op.kind in (OpKind.CALL, OpKind.SOURCE))


def _reason(evidence: Evidence, op: Op) -> Reason:
    tensors = evidence.recording.tensors
    if op.name == "data":
        return Reason.DATA
    if op.name in ("detach", "detach_"):
        return Reason.DETACH
    if op.name in _COPIES:
        return Reason.COPY
    if not any(tensors[t].dtype.startswith(_FLOATING) for t in op.outputs):
        return Reason.INTEGER
    if not op.grad_enabled:
        return Reason.NO_GRAD
    if op.name == "CheckpointFunction":
        return Reason.CHECKPOINT
    if op.name == "grad":
        return Reason.GRADIENT
    asked = [t for t in op.inputs if tensors[t].requires_grad]
    is_late = op.kind is OpKind.CALL and all(is_outside(evidence, t) for t in asked)
    return Reason.LATE if is_late and not _LOOKS.fullmatch(op.name) else Reason.OTHER


def is_outside(evidence: Evidence, tensor: TensorId) -> bool:
    """Whether a leaf is in no graph: it did not require grad yet when it was used."""
    return (
        evidence.recording.tensors[tensor].is_leaf
        and evidence.identities[tensor] not in evidence.leaf_nodes
    )


def search_from(evidence: Evidence, start: Iterable[TensorId], roots: set[TensorId]) -> Search:
    """Follow what requires grad from a tensor on, as far as it goes."""
    tensors = evidence.recording.tensors
    first = list(start)
    seen, stack = set(first), list(first)
    cuts: dict[int, Cut] = {}
    used = False
    while stack:
        tensor = stack.pop()
        for number in evidence.consumers.get(tensor, ()):
            op = evidence.recording.ops[number]
            if op.kind is OpKind.STEP or evidence.identities[first[0]] in {
                evidence.identities[out] for out in op.outputs
            }:
                continue
            used = True
            cut = cut_of(evidence, op)
            if cut is None and is_outside(evidence, tensor) and _takes_numbers(op):
                cut = Cut(Reason.LATE, op)
            if cut is not None:
                cuts[op.id] = cut
                continue
            for made in op.outputs:
                if tensors[made].requires_grad and made not in seen:
                    seen.add(made)
                    stack.append(made)
    reaches = bool(seen & roots)
    return Search(reaches, used, tuple(cuts[number] for number in sorted(cuts)))


def _takes_numbers(op: Op) -> bool:
    """Whether an op with autograd nodes computes with the numbers of all that it takes."""
    return op.kind is OpKind.CALL and bool(op.autograd_nodes) and not _LOOKS.fullmatch(op.name)


def leads_to(evidence: Evidence, op: Op, roots: set[TensorId]) -> bool:
    """Whether anything in `roots` was computed from an op's result, with or without a gradient."""
    seen = set(op.outputs)
    stack = list(op.outputs)
    while stack:
        tensor = stack.pop()
        if tensor in roots:
            return True
        for number in evidence.consumers.get(tensor, ()):
            for made in evidence.recording.ops[number].outputs:
                if made not in seen:
                    seen.add(made)
                    stack.append(made)
    return False


def exit_behind(evidence: Evidence, op: Op) -> Op | None:
    """The op that took an op's own result out of PyTorch, None where none did."""
    for made in op.outputs:
        for number in evidence.consumers.get(made, ()):
            consumer = evidence.recording.ops[number]
            if consumer.kind is OpKind.EXIT:
                return consumer
    return None


def cuts_before(evidence: Evidence, tensor: TensorId) -> tuple[Cut, ...]:
    """The cuts behind which a tensor that does not require grad lies, the nearest first."""
    found: list[Cut] = []
    seen: set[int] = set()
    stack = [tensor]
    while stack:
        number = evidence.recording.tensors[stack.pop(0)].op
        if number is None or number in seen:
            continue
        seen.add(number)
        op = evidence.recording.ops[number]
        cut = cut_of(evidence, op)
        if cut is not None:
            found.append(cut)
        else:
            stack.extend(op.inputs)
    return tuple(found)

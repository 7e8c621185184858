"""Breakpoints: where in a backward pass to stop, in terms that also hold for the next run.

A breakpoint names a place (a line, an op, an autograd node, a tensor, a module, or anywhere) and a
condition on the gradients there. It knows nothing of identities: it is found again in another
recording by line, text, name and, among namesakes, by number.
"""

from __future__ import annotations

from enum import Enum
from typing import Annotated, assert_never

import msgspec

from gradviz.recording.model import Item, ItemKind, NodeId, Op, Recording, Tensor, line_of

_Line = Annotated[int, msgspec.Meta(ge=1)]
_Count = Annotated[int, msgspec.Meta(ge=0)]


class Place(Enum):
    """What a breakpoint is on."""

    ANYWHERE = "anywhere"
    LINE = "line"
    OP = "op"
    NODE = "node"
    TENSOR = "tensor"
    MODULE = "module"


class Condition(Enum):
    """What has to hold of a step's gradients."""

    ALWAYS = "always"
    NOT_FINITE = "not finite"
    """A gradient that the node received or sent has NaN or Inf."""
    NORM_ABOVE = "norm above"
    """The norm of what the node received is above the threshold."""
    NORM_BELOW = "norm below"
    ZEROS_ABOVE = "zeros above"
    """More than this part (0 to 1) of the elements that the node received are zero."""
    ACCUMULATES = "accumulates"
    """A leaf's `.grad` changes."""


class Breakpoint(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """Where to stop.

    `line` (from 1) is that of a line, an op, a node or a tensor that is not a leaf, None where it
    is not in the document's text. `text` is the op's source or torch's name of it, `scope` the
    module path, `name` that of the node's class or of the tensor, `number` counts from 0 what is
    alike in all of these. The first `hits - 1` hits are passed over.
    """

    on: Place = Place.ANYWHERE
    line: _Line | None = None
    text: str = ""
    scope: str = ""
    name: str = ""
    number: _Count = 0
    when: Condition = Condition.ALWAYS
    threshold: float = 0.0
    hits: _Line = 1
    enabled: bool = True


def line_breakpoint(line: int) -> Breakpoint:
    """A stop at what a line made."""
    return Breakpoint(on=Place.LINE, line=line)


def place_of(point: Breakpoint) -> Breakpoint:
    """The place of a breakpoint alone, whatever is demanded there."""
    return msgspec.structs.replace(
        point, when=Condition.ALWAYS, threshold=0.0, hits=1, enabled=True
    )


def toggled(points: tuple[Breakpoint, ...], point: Breakpoint) -> tuple[Breakpoint, ...]:
    """The breakpoints without all those at the place of one, or with that where there is none."""
    place = place_of(point)
    kept = tuple(other for other in points if place_of(other) != place)
    return kept if len(kept) < len(points) else (*points, point)


def breakpoint_on(recording: Recording, item: Item) -> Breakpoint:
    """A breakpoint on an op, an autograd node or a tensor of a recording."""
    match item.kind:
        case ItemKind.OP:
            return _on_op(recording, recording.ops[item.id])
        case ItemKind.NODE:
            return _on_node(recording, NodeId(item.id))
        case ItemKind.TENSOR:
            return _on_tensor(recording, recording.tensors[item.id])
        case ItemKind.SCOPE:
            return _on_scope(recording, item.id)
        case _:
            assert_never(item.kind)


def _on_scope(recording: Recording, number: int) -> Breakpoint:
    """On a module; of what only repeats itself, on the op that backward comes to first."""
    # Late: how a document's breakpoints are written is needed before anything heavy is imported.
    from gradviz.recording.scopes import scopes_of

    scope = scopes_of(recording).scopes[number]
    if scope.path:
        return Breakpoint(on=Place.MODULE, scope=scope.path)
    return _on_op(recording, recording.ops[scope.stop - 1])


def _on_op(recording: Recording, op: Op) -> Breakpoint:
    number = _columns_before(recording, op)
    return Breakpoint(
        on=Place.OP, line=line_of(op), text=text_of(op), scope=op.scope, number=number
    )


def _on_node(recording: Recording, node_id: NodeId) -> Breakpoint:
    node = recording.autograd_nodes[node_id]
    if node.leaf is not None:
        return _on_tensor(recording, recording.tensors[node.leaf])
    if node.op is None:
        return Breakpoint(on=Place.NODE, name=node.name)
    op = recording.ops[node.op]
    alike = [n for n in op.autograd_nodes if recording.autograd_nodes[n].name == node.name]
    return Breakpoint(
        on=Place.NODE,
        line=line_of(op),
        text=text_of(op),
        scope=op.scope,
        name=node.name,
        number=alike.index(node_id),
    )


def _on_tensor(recording: Recording, tensor: Tensor) -> Breakpoint:
    if tensor.name is None and tensor.op is not None:
        return msgspec.structs.replace(_on_op(recording, recording.ops[tensor.op]), on=Place.OP)
    line = None if tensor.is_leaf else tensor.line
    return Breakpoint(on=Place.TENSOR, name=tensor.name or "", line=line)


def text_of(op: Op) -> str:
    """An op's source, torch's name of it where there is none."""
    return op.text or op.name


def _columns_before(recording: Recording, op: Op) -> int:
    """How many ops with the same text stand before this one on its line."""
    if op.location is None:
        return 0
    columns = {
        other.location.column
        for other in recording.ops
        if other.location is not None and _is_alike(other, op)
    }
    return sorted(columns).index(op.location.column)


def _is_alike(one: Op, other: Op) -> bool:
    return (
        one.scope == other.scope
        and text_of(one) == text_of(other)
        and line_of(one) == line_of(other)
    )

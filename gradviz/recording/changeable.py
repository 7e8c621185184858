"""What of a recording a person may change at a moment."""

from __future__ import annotations

import msgspec

from gradviz.recording.changes import Change, gradient_change, leaf_change, name_of
from gradviz.recording.edits import problem_of
from gradviz.recording.model import (
    Item,
    ItemKind,
    NodeId,
    OpId,
    PassId,
    Recording,
    Step,
    Tensor,
    Value,
)
from gradviz.recording.replay import Replay


class Changeable(msgspec.Struct, frozen=True, kw_only=True):
    """Something that a person may change: a leaf's value, or what comes into a node at a step.

    `name` is the leaf's, or the node's class; `value` is what it held.
    """

    name: str
    value: Value
    tensor: Tensor | None = None
    pass_id: PassId | None = None
    step: Step | None = None
    slot: int = 0

    @property
    def is_leaf(self) -> bool:
        """Whether it is a leaf's value, and no gradient."""
        return self.tensor is not None

    @property
    def edited_name(self) -> str:
        """By which name an edit may mean it, besides `value`."""
        return self.name if self.is_leaf else ""

    def in_recording(self, other: Recording) -> Value | None:
        """What the same leaf or gradient was in another run of the text, None where unknown."""
        if self.tensor is not None:
            if self.tensor.id >= len(other.tensors):
                return None
            return other.value(other.tensors[self.tensor.id].value)
        assert self.pass_id is not None
        assert self.step is not None
        steps = other.passes[self.pass_id].steps if self.pass_id < len(other.passes) else ()
        if self.step.index >= len(steps):
            return None
        arrived = steps[self.step.index].grad_outputs
        return other.value(arrived[self.slot]) if self.slot < len(arrived) else None

    def problem_of(self, edit: str) -> str:
        """Why an edit cannot be made, "" where it can, as far as that is known beforehand."""
        return problem_of(edit, self.value.shape, self.value.dtype, self.edited_name)

    def changed_by(self, recording: Recording, edit: str) -> Change | None:
        """The change that an edit makes."""
        if self.tensor is not None:
            return leaf_change(self.tensor, edit)
        assert self.pass_id is not None
        assert self.step is not None
        return gradient_change(recording, self.pass_id, self.step, self.slot, edit)


def changeable(
    replay: Replay, item: Item | None, playhead: int, *, ahead: bool = False
) -> Changeable | None:
    """What can be changed of an item at a playhead, None where nothing can.

    A leaf; else the gradient that came into the item's node in the pass of the playhead, or, where
    `ahead` is wanted, will come into it there. Without an item it is that of the step which was
    executed last.
    """
    recording = replay.recording
    if item is not None and item.kind is ItemKind.TENSOR:
        tensor = recording.tensors[item.id]
        value = recording.value(tensor.value)
        if tensor.is_leaf and value is not None and value.numel:
            return Changeable(name=name_of(tensor), value=value, tensor=tensor)
    index = replay.pass_index_at(playhead)
    step = _step_of(replay, item, playhead)
    if step is None and ahead and item is not None and index is not None:
        step = _step_of(replay, item, replay.span_of(index)[1])
    if index is None or step is None:
        return None
    for slot, number in enumerate(step.grad_outputs):
        value = recording.value(number)
        if value is not None and value.numel:
            node = recording.autograd_nodes[step.autograd_node]
            return Changeable(
                name=node.name, value=value, pass_id=PassId(index), step=step, slot=slot
            )
    return None


def _step_of(replay: Replay, item: Item | None, playhead: int) -> Step | None:
    if item is None:
        moment = replay.moment_at(playhead)
        return None if moment is None else moment.step
    recording = replay.recording
    nodes: tuple[NodeId, ...] = ()
    if item.kind is ItemKind.NODE:
        nodes = (NodeId(item.id),)
    elif item.kind is ItemKind.OP:
        nodes = recording.ops[OpId(item.id)].autograd_nodes
    elif item.kind is ItemKind.TENSOR:
        node = recording.tensors[item.id].autograd_node
        nodes = () if node is None else (node,)
    steps = [replay.step_of(node, playhead) for node in nodes]
    return next((step for step in steps if step is not None), None)

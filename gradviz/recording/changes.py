"""What a person changes to see what would have been: values of leaves, gradients at a step."""

from __future__ import annotations

import msgspec

from gradviz.recording.model import NodeId, PassId, Recording, Step, Tensor, TensorId


class LeafChange(msgspec.Struct, frozen=True, kw_only=True, tag="leaf"):
    """A leaf holds another value from this version of it on: the old one after `edit`.

    `tensor` is the record of that version in the recording in which the person made the change;
    the same text makes the same identities again. `name` is what it is called there. `edit` is as
    `gradviz.recording.edits` reads it.
    """

    tensor: TensorId
    edit: str
    name: str = ""


class GradientChange(msgspec.Struct, frozen=True, tag="gradient", kw_only=True):
    """The `slot`-th gradient that comes into a node in a pass is another: the old after `edit`.

    `leaf` is the variable where the node is an AccumulateGrad.
    """

    pass_id: PassId
    node: NodeId
    node_name: str
    edit: str
    slot: int = 0
    leaf: TensorId | None = None


Change = LeafChange | GradientChange


def leaf_change(tensor: Tensor, edit: str) -> LeafChange | None:
    """A change of a leaf's value; None where the tensor is not a leaf."""
    if not tensor.is_leaf:
        return None
    return LeafChange(tensor=tensor.id, edit=edit, name=name_of(tensor))


def name_of(tensor: Tensor) -> str:
    """What a leaf is called: by its name, else by its number."""
    return tensor.name or f"tensor {tensor.id}"


def gradient_change(
    recording: Recording, pass_id: PassId, step: Step, slot: int, edit: str
) -> GradientChange | None:
    """A change of what comes into a step's node; None where nothing came."""
    if recording.value(step.grad_outputs[slot]) is None:
        return None
    node = recording.autograd_nodes[step.autograd_node]
    return GradientChange(
        pass_id=pass_id,
        node=node.id,
        node_name=node.name,
        slot=slot,
        leaf=node.leaf,
        edit=edit,
    )

"""What a person changes to see what would have been: values of leaves, gradients at a step."""

from __future__ import annotations

from math import prod

import msgspec

from gradviz.recording.model import (
    AutogradNode,
    NodeId,
    PassId,
    Recording,
    Step,
    Tensor,
    TensorId,
)


class LeafChange(msgspec.Struct, frozen=True, tag="leaf"):
    """The leaf bound to `name` holds `values` (in C order) from where it is bound on."""

    name: str
    values: tuple[float, ...]


class GradientChange(msgspec.Struct, frozen=True, tag="gradient", kw_only=True):
    """The `slot`-th gradient that comes into a node in a pass is `values` (in C order).

    `leaf` is the variable where the node is an AccumulateGrad. Identities are those of the
    recording in which the person made the change; the same text makes the same ones again.
    """

    pass_id: PassId
    node: NodeId
    node_name: str
    slot: int = 0
    leaf: TensorId | None = None
    values: tuple[float, ...] = ()


Change = LeafChange | GradientChange


def leaf_change(tensor: Tensor, values: tuple[float, ...]) -> LeafChange | None:
    """A change of a leaf; None where the tensor has no name, is no leaf, or the number is wrong."""
    if tensor.name is None or not tensor.is_leaf or len(values) != prod(tensor.shape):
        return None
    return LeafChange(tensor.name, values)


def gradient_change(
    recording: Recording, pass_id: PassId, step: Step, slot: int, values: tuple[float, ...]
) -> GradientChange | None:
    """A change of what comes into a step's node; None where nothing came, or of another size."""
    arrived = recording.value(step.grad_outputs[slot])
    if arrived is None or arrived.numel != len(values):
        return None
    node: AutogradNode = recording.autograd_nodes[step.autograd_node]
    return GradientChange(
        pass_id=pass_id,
        node=node.id,
        node_name=node.name,
        slot=slot,
        leaf=node.leaf,
        values=values,
    )

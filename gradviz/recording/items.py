"""The items that stand for the records of a recording."""

from __future__ import annotations

from gradviz.recording.model import Item, ItemKind, NodeId, ScopeId, TensorId


def tensor_item(tensor_id: TensorId) -> Item:
    """The item of a tensor."""
    return Item(ItemKind.TENSOR, tensor_id)


def op_item(op_id: int) -> Item:
    """The item of an op."""
    return Item(ItemKind.OP, op_id)


def node_item(node_id: NodeId) -> Item:
    """The item of an autograd node."""
    return Item(ItemKind.NODE, node_id)


def scope_item(scope: ScopeId) -> Item:
    """The item of a scope."""
    return Item(ItemKind.SCOPE, scope)

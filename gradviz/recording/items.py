"""The items that stand for the records of a recording."""

from __future__ import annotations

from collections.abc import Sequence
from typing import assert_never

from gradviz.recording.model import Item, ItemKind, NodeId, Recording, ScopeId, TensorId


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


def nodes_of_item(recording: Recording, item: Item) -> Sequence[NodeId]:
    """The autograd nodes that stand for an item.

    Those of an op, the one at which a tensor's gradient arrives, all of a scope's ops.
    """
    match item.kind:
        case ItemKind.NODE:
            return (NodeId(item.id),)
        case ItemKind.OP:
            return recording.ops[item.id].autograd_nodes
        case ItemKind.TENSOR:
            node = recording.tensors[item.id].autograd_node
            return () if node is None else (node,)
        case ItemKind.SCOPE:
            # Late, since the window is shown before anything heavy is imported.
            from gradviz.recording.scopes import scopes_of

            scope = scopes_of(recording).scopes[item.id]
            ops = recording.ops[scope.start : scope.stop]
            return [node for op in ops for node in op.autograd_nodes]
        case _:
            assert_never(item.kind)

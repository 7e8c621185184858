"""A whole recording as one networkx graph, for queries of your own."""

from __future__ import annotations

from typing import TYPE_CHECKING

from gradviz.recording.model import AutogradNode, Item, ItemKind, Recording
from gradviz.recording.plain import (
    plain_error,
    plain_node,
    plain_op,
    plain_output,
    plain_pass,
    plain_tensor,
)

if TYPE_CHECKING:
    import networkx as nx


def to_networkx(recording: Recording) -> nx.MultiDiGraph[Item]:
    """Tensors, ops and autograd nodes with the attributes of the report, and how they connect.

    Nodes are `Item`s; attribute `kind` is "tensor", "op" or "autograd_node". Edges have a `kind`:

    - "input": from a tensor to the op that takes it, as argument `slot`;
    - "output": from an op to the tensor that it makes, as result `slot`;
    - "autograd": from an op to an autograd node that it owns;
    - "next": from an autograd node to where it sends gradient `slot`, which arrives as
      `input_nr`; these run the way of the backward pass;
    - "leaf": from an AccumulateGrad node to its leaf.

    Graph attributes: `status`, `error`, `outputs` and `passes` as in the report.
    """
    import networkx as nx

    graph: nx.MultiDiGraph[Item] = nx.MultiDiGraph(
        status=recording.status.value,
        error=plain_error(recording.error),
        outputs=[plain_output(output) for output in recording.outputs],
        passes=[plain_pass(recording, pass_) for pass_ in recording.passes],
    )
    for tensor in recording.tensors:
        item = Item(ItemKind.TENSOR, tensor.id)
        graph.add_node(item, kind="tensor", **plain_tensor(recording, tensor))
    for op in recording.ops:
        item = Item(ItemKind.OP, op.id)
        graph.add_node(item, kind="op", **plain_op(op))
        for slot, taken in enumerate(op.inputs):
            graph.add_edge(Item(ItemKind.TENSOR, taken), item, kind="input", slot=slot)
        for slot, made in enumerate(op.outputs):
            graph.add_edge(item, Item(ItemKind.TENSOR, made), kind="output", slot=slot)
    for node in recording.autograd_nodes:
        graph.add_node(Item(ItemKind.NODE, node.id), kind="autograd_node", **plain_node(node))
    for node in recording.autograd_nodes:
        _connect_node(graph, node)
    return graph


def _connect_node(graph: nx.MultiDiGraph[Item], node: AutogradNode) -> None:
    item = Item(ItemKind.NODE, node.id)
    if node.op is not None:
        graph.add_edge(Item(ItemKind.OP, node.op), item, kind="autograd")
    if node.leaf is not None:
        graph.add_edge(item, Item(ItemKind.TENSOR, node.leaf), kind="leaf")
    for slot, edge in enumerate(node.next):
        if edge is not None:
            target = Item(ItemKind.NODE, edge.node)
            graph.add_edge(item, target, kind="next", slot=slot, input_nr=edge.slot)

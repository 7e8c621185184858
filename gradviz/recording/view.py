"""The graph as drawn: which tensors, ops and autograd nodes of a recording, and their edges.

A view is a `networkx.DiGraph` whose nodes are `Item`s and whose edges all point the way the
forward pass runs, from leaves to roots. Node attribute: `role` (a
`TensorRole`, an `OpKind`, or `ItemKind.NODE`). Edge attributes:
`tensor`, the identity of the tensor that the edge stands for (None for a pairing), and
`carriers`, the gradients that flow back along it (a tuple of `Carrier`).
"""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum
from typing import TYPE_CHECKING

import msgspec

from gradviz.recording.model import (
    AutogradNode,
    Item,
    ItemKind,
    NodeId,
    Op,
    OpKind,
    PassId,
    Recording,
    Tensor,
    TensorId,
    TensorRole,
)
from gradviz.recording.replay import Carrier, leaf_identities

if TYPE_CHECKING:
    import networkx as nx


class ViewMode(Enum):
    """Which half of the computation is drawn."""

    FORWARD = "forward"
    """Tensors and ops as written."""
    BACKWARD = "backward"
    """Autograd nodes and leaves, as torchviz draws them."""
    BOTH = "both"
    """Tensors and ops, each op paired with its autograd nodes."""


class ViewOptions(msgspec.Struct, frozen=True):
    """What to draw: `pass_id` limits the view to what that pass executed (None: the whole run)."""

    mode: ViewMode = ViewMode.FORWARD
    pass_id: PassId | None = None
    hide_constants: bool = False


def default_view(recording: Recording) -> ViewOptions:
    """What to draw where nobody has chosen: of a graph without ops its autograd nodes."""
    has_ops = recording.ops or not recording.autograd_nodes
    return ViewOptions() if has_ops else ViewOptions(mode=ViewMode.BACKWARD)


def tensor_item(tensor_id: TensorId) -> Item:
    """The item of a tensor."""
    return Item(ItemKind.TENSOR, tensor_id)


def op_item(op_id: int) -> Item:
    """The item of an op."""
    return Item(ItemKind.OP, op_id)


def node_item(node_id: NodeId) -> Item:
    """The item of an autograd node."""
    return Item(ItemKind.NODE, node_id)


def build_view(
    recording: Recording,
    options: ViewOptions | None = None,
    *,
    turn: Callable[[], None] | None = None,
) -> nx.DiGraph[Item]:
    """The graph to draw, with the attributes that this module's docstring names.

    Named tensors, leaves, parameters, constants from outside and roots are nodes of their own;
    an unnamed result of an op is the edge to its consumer. Ops that only make a tensor
    (`torch.zeros`) are drawn as that tensor. `turn` is called now and then; what it raises ends
    the building.
    """
    return _ViewBuilder(recording, options or default_view(recording), turn or go_on).build()


def go_on() -> None:
    """Nobody wants to stop the building."""


class _ViewBuilder:
    def __init__(
        self, recording: Recording, options: ViewOptions, turn: Callable[[], None]
    ) -> None:
        # Late, since the window is shown before anything heavy is imported.
        import networkx as nx

        self._recording = recording
        self._options = options
        self._turn = turn
        self._graph: nx.DiGraph[Item] = nx.DiGraph()
        self._roots = {t for p in recording.passes for t in p.root_tensors if t is not None}
        self._executed = self._executed_nodes()
        self._pass_roots = self._roots_of_pass()
        self._identities = leaf_identities(recording)
        self._into: dict[tuple[NodeId, int], list[Carrier]] = {}
        for node in recording.autograd_nodes:
            for slot, edge in enumerate(node.next):
                if edge is not None:
                    carrier = Carrier(node.id, slot, incoming=False)
                    self._into.setdefault((edge.node, edge.slot), []).append(carrier)

    def _executed_nodes(self) -> frozenset[NodeId] | None:
        if self._options.pass_id is None:
            return None
        steps = self._recording.passes[self._options.pass_id].steps
        return frozenset(step.autograd_node for step in steps)

    def _roots_of_pass(self) -> frozenset[TensorId | None]:
        if self._options.pass_id is None:
            return frozenset()
        return frozenset(self._recording.passes[self._options.pass_id].root_tensors)

    def build(self) -> nx.DiGraph[Item]:
        mode = self._options.mode
        if mode is not ViewMode.BACKWARD:
            self._add_forward()
        if mode is not ViewMode.FORWARD:
            self._add_backward(paired=mode is ViewMode.BOTH)
        return self._graph

    def _add_forward(self) -> None:
        ops = [op for op in self._recording.ops if self._shows_op(op)]
        made = {t for op in ops for t in op.outputs}
        for tensor in self._recording.tensors:
            if self._is_drawn(tensor) and self._shows_tensor(tensor, ops_made=made):
                self._graph.add_node(tensor_item(tensor.id), role=tensor.role)
        for op in ops:
            self._graph.add_node(op_item(op.id), role=op.kind)
        for op in ops:
            self._turn()
            self._add_op_edges(op)
        if self._executed is not None:
            self._drop_unused_tensors()

    def _shows_op(self, op: Op) -> bool:
        if op.kind is OpKind.SOURCE and not op.inputs:
            return False
        if self._executed is not None:
            return any(node in self._executed for node in op.autograd_nodes)
        if self._options.hide_constants:
            return any(self._tensor(t).requires_grad for t in op.outputs)
        return True

    def _shows_tensor(self, tensor: Tensor, *, ops_made: set[TensorId]) -> bool:
        if self._options.hide_constants and tensor.role is TensorRole.CONSTANT:
            return False
        if self._executed is None:
            return True
        if tensor.autograd_node in self._executed or tensor.id in self._pass_roots:
            return True
        return tensor.id in ops_made or not tensor.requires_grad

    def _is_drawn(self, tensor: Tensor) -> bool:
        if tensor.id in self._roots or tensor.name is not None or tensor.op is None:
            return True
        return self._recording.ops[tensor.op].kind is OpKind.SOURCE

    def _tensor(self, tensor_id: TensorId) -> Tensor:
        return self._recording.tensors[tensor_id]

    def _add_op_edges(self, op: Op) -> None:
        target = op_item(op.id)
        own = set(op.autograd_nodes)
        for tensor_id in op.inputs:
            tensor = self._tensor(tensor_id)
            carriers = tuple(c for c in self._carriers_into(tensor) if c.node in own)
            source = tensor_item(tensor_id)
            if source not in self._graph and tensor.op is not None:
                source = op_item(tensor.op)
            if source in self._graph and source != target:
                self._add_edge(source, target, tensor_id, carriers)
        for tensor_id in op.outputs:
            tensor = self._tensor(tensor_id)
            drawn = tensor_item(tensor_id)
            if drawn not in self._graph:
                continue
            carriers = ()
            if tensor.autograd_node in own:
                assert tensor.autograd_node is not None
                carriers = (Carrier(tensor.autograd_node, tensor.output_nr, incoming=True),)
            self._add_edge(target, drawn, tensor_id, carriers)

    def _carriers_into(self, tensor: Tensor) -> list[Carrier]:
        if tensor.autograd_node is None:
            return []
        return self._into.get((tensor.autograd_node, tensor.output_nr), [])

    def _add_edge(
        self, source: Item, target: Item, tensor: TensorId | None, carriers: tuple[Carrier, ...]
    ) -> None:
        if self._graph.has_edge(source, target):
            known = self._graph.edges[source, target]["carriers"]
            carriers = known + tuple(c for c in carriers if c not in known)
        self._graph.add_edge(source, target, tensor=tensor, carriers=carriers)

    def _drop_unused_tensors(self) -> None:
        """Remove what took no part in the pass, such as versions of a weight from other passes."""
        isolated = [item for item in self._graph if self._graph.degree(item) == 0]
        for item in isolated:
            if item.kind is ItemKind.TENSOR and item.id not in self._pass_roots:
                self._graph.remove_node(item)

    def _add_backward(self, *, paired: bool) -> None:
        nodes = [n for n in self._recording.autograd_nodes if self._shows_node(n)]
        for node in nodes:
            self._graph.add_node(node_item(node.id), role=ItemKind.NODE, op=node.op)
        for node in nodes:
            self._turn()
            self._add_node_edges(node)
            if paired and node.op is not None and op_item(node.op) in self._graph:
                self._graph.add_edge(op_item(node.op), node_item(node.id), tensor=None, carriers=())
            if node.leaf is not None:
                self._add_leaf(node, node.leaf, paired=paired)
        if not paired:
            self._add_roots()

    def _shows_node(self, node: AutogradNode) -> bool:
        return self._executed is None or node.id in self._executed

    def _add_node_edges(self, node: AutogradNode) -> None:
        for slot, edge in enumerate(node.next):
            if edge is None or node_item(edge.node) not in self._graph:
                continue
            carrier = Carrier(node.id, slot, incoming=False)
            self._add_edge(node_item(edge.node), node_item(node.id), None, (carrier,))

    def _add_leaf(self, node: AutogradNode, leaf: TensorId, *, paired: bool) -> None:
        carrier = Carrier(node.id, 0, incoming=True)
        if paired:
            versions = [v for v in self._versions_used(node, leaf) if tensor_item(v) in self._graph]
        else:
            versions = self._versions_used(node, leaf)[:1]
        for version in versions:
            drawn = tensor_item(version)
            if drawn not in self._graph:
                self._graph.add_node(drawn, role=self._tensor(version).role)
            self._add_edge(drawn, node_item(node.id), version, (carrier,))

    def _versions_used(self, node: AutogradNode, leaf: TensorId) -> list[TensorId]:
        """The versions of a leaf that the drawn consumers of its gradient edge computed with."""
        used: dict[TensorId, None] = {}
        for carrier in self._into.get((node.id, 0), []):
            consumer = self._recording.autograd_nodes[carrier.node]
            if consumer.op is None or not self._shows_node(consumer):
                continue
            for tensor in self._recording.ops[consumer.op].inputs:
                if self._identities[tensor] == self._identities[leaf]:
                    used[tensor] = None
        return list(used) or [leaf]

    def _add_roots(self) -> None:
        for pass_ in self._recording.passes:
            if self._options.pass_id is not None and pass_.id != self._options.pass_id:
                continue
            for (node, slot), tensor in zip(pass_.roots, pass_.root_tensors, strict=True):
                if tensor is None:
                    continue
                drawn = tensor_item(tensor)
                if drawn not in self._graph:
                    self._graph.add_node(drawn, role=self._tensor(tensor).role)
                is_leaf = self._recording.autograd_nodes[node].leaf is not None
                if node_item(node) in self._graph and not is_leaf:
                    carrier = Carrier(node, slot, incoming=True)
                    self._add_edge(node_item(node), drawn, tensor, (carrier,))

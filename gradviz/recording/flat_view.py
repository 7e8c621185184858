"""A view before anything is folded: which items are drawn, and the edges between them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cached_property
from typing import Any

import numpy as np

from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.model import (
    AutogradNode,
    Item,
    ItemKind,
    NodeId,
    Op,
    OpKind,
    Pass,
    Recording,
    Tensor,
    TensorId,
    TensorRole,
)
from gradviz.recording.recomputed import pass_with_ops
from gradviz.recording.replay import Carrier, leaf_identities
from gradviz.recording.view_options import ViewMode, ViewOptions

Ints = np.ndarray[Any, np.dtype[np.intp]]


class FlatView:
    """Items and edges by number.

    Attributes:
        items: what is drawn.
        roles: of each item its `TensorRole`, its `OpKind`, or `ItemKind.NODE`.
        index: the number of each item.
        source, target: the items that each edge joins, the way the forward pass runs.
        tensors: the tensor that each edge stands for, None for a pairing.
        carriers: the gradients that flow back along each edge.
        hidden: how many items the filters leave out.
    """

    def __init__(self) -> None:
        self.items: list[Item] = []
        self.roles: list[TensorRole | OpKind | ItemKind] = []
        self.index: dict[Item, int] = {}
        self.tensors: list[TensorId | None] = []
        self.carriers: list[tuple[Carrier, ...]] = []
        self.hidden = 0
        self._edges: dict[tuple[int, int], int] = {}
        self.source: Ints = np.empty(0, np.intp)
        self.target: Ints = np.empty(0, np.intp)

    def add(self, item: Item, role: TensorRole | OpKind | ItemKind) -> None:
        """Draw an item."""
        if item not in self.index:
            self.index[item] = len(self.items)
            self.items.append(item)
            self.roles.append(role)

    def join(
        self, source: Item, target: Item, tensor: TensorId | None, carriers: tuple[Carrier, ...]
    ) -> None:
        """Draw an edge, or add to one; between two items there is only one."""
        ends = self.index[source], self.index[target]
        known = self._edges.get(ends)
        if known is None:
            self._edges[ends] = len(self.tensors)
            self.tensors.append(tensor)
            self.carriers.append(carriers)
            return
        before = self.carriers[known]
        self.tensors[known] = tensor
        self.carriers[known] = before + tuple(c for c in carriers if c not in before)

    def leave_out(self, kept: Callable[[Item, bool], bool]) -> None:
        """Drop items; `kept` is asked of each item and whether it has edges."""
        joined = {end for ends in self._edges for end in ends}
        keep = [kept(item, number in joined) for number, item in enumerate(self.items)]
        if all(keep):
            return
        number_of = np.cumsum(keep) - 1
        self.items = [item for item, stays in zip(self.items, keep, strict=True) if stays]
        self.roles = [role for role, stays in zip(self.roles, keep, strict=True) if stays]
        self.index = {item: number for number, item in enumerate(self.items)}
        moved = number_of.tolist()
        edges = {
            (moved[u], moved[v]): e for (u, v), e in self._edges.items() if keep[u] and keep[v]
        }
        left = list(edges.values())
        self.tensors = [self.tensors[edge] for edge in left]
        self.carriers = [self.carriers[edge] for edge in left]
        self._edges = {ends: number for number, ends in enumerate(edges)}

    @cached_property
    def carrier_table(self) -> Ints:
        """The `carriers` of all edges as numbers, once no more are added."""
        return carrier_table(self.carriers)

    def finish(self) -> None:
        """No more is added."""
        ends = np.array(list(self._edges), np.intp).reshape(-1, 2)
        self.source, self.target = ends[:, 0].copy(), ends[:, 1].copy()


def carrier_table(carriers: Sequence[Sequence[Carrier]]) -> Ints:
    """What some edges carry: edge, node, slot, whether it comes in; shape (k, 4)."""
    every = [
        (edge, carrier.node, carrier.slot, carrier.incoming)
        for edge, of_edge in enumerate(carriers)
        for carrier in of_edge
    ]
    return np.array(every, np.intp).reshape(-1, 4)


def flat_view(recording: Recording, options: ViewOptions, turn: Callable[[], None]) -> FlatView:
    """What is drawn of a recording; `turn` is called now and then and may raise to stop."""
    return _Builder(recording, options, turn).build()


class _Builder:
    def __init__(
        self, recording: Recording, options: ViewOptions, turn: Callable[[], None]
    ) -> None:
        self._recording = recording
        self._options = options
        self._turn = turn
        self._view = FlatView()
        self._roots = {t for p in recording.passes for t in p.root_tensors if t is not None}
        self._executed = self._executed_nodes()
        self._pass_roots = self._roots_of_pass()
        self._identities = leaf_identities(recording)
        self._twins = twins(recording)
        self._into: dict[tuple[NodeId, int], list[Carrier]] = {}
        for node in recording.autograd_nodes:
            for slot, edge in enumerate(node.next):
                if edge is not None:
                    carrier = Carrier(node.id, slot, incoming=False)
                    self._into.setdefault((edge.node, edge.slot), []).append(carrier)

    def _drawn_passes(self) -> tuple[Pass, ...] | None:
        """The passes that the view is limited to, None where it is not."""
        passes = self._recording.passes
        if self._options.pass_id is not None:
            pass_ = passes[self._options.pass_id]
            with_ops = pass_with_ops(self._recording, pass_)
            if self._options.mode is ViewMode.FORWARD:
                return (with_ops,)
            is_both = self._options.mode is ViewMode.BOTH and with_ops is not pass_
            return (pass_, with_ops) if is_both else (pass_,)
        return passes if self._options.hide_outside else None

    def _executed_nodes(self) -> frozenset[NodeId] | None:
        drawn = self._drawn_passes()
        if drawn is None:
            return None
        if not drawn:  # Nothing was executed; it is said what could be.
            return frozenset(node.id for node in self._recording.autograd_nodes)
        return frozenset(step.autograd_node for pass_ in drawn for step in pass_.steps)

    def _roots_of_pass(self) -> frozenset[TensorId | None]:
        return frozenset(t for pass_ in self._drawn_passes() or () for t in pass_.root_tensors)

    def build(self) -> FlatView:
        mode = self._options.mode
        if mode is not ViewMode.BACKWARD:
            self._add_forward()
        hides_nodes = mode is ViewMode.BOTH and self._options.hide_nodes
        if hides_nodes:
            self._view.hidden += sum(map(self._shows_node, self._recording.autograd_nodes))
        elif mode is not ViewMode.FORWARD:
            self._add_backward(paired=mode is ViewMode.BOTH)
        self._view.finish()
        return self._view

    def _add_forward(self) -> None:
        ops = [op for op in self._recording.ops if self._shows_op(op)]
        made = {t for op in ops for t in op.outputs}
        for tensor in self._recording.tensors:
            if self._is_drawn(tensor) and self._shows_tensor(tensor, ops_made=made):
                self._view.add(tensor_item(tensor.id), tensor.role)
        for op in ops:
            self._view.add(op_item(op.id), op.kind)
        for op in ops:
            self._turn()
            self._add_op_edges(op)
        if self._executed is not None:
            self._drop_unused_tensors()

    def _shows_op(self, op: Op) -> bool:
        if op.kind is OpKind.SOURCE and not op.inputs:
            return False
        if self._executed is not None:
            shown = any(node in self._executed for node in op.autograd_nodes)
            filtered = self._options.pass_id is None
        else:
            shown = not self._options.hide_constants or any(
                self._tensor(t).requires_grad for t in op.outputs
            )
            filtered = True
        self._view.hidden += filtered and not shown
        return shown

    def _shows_tensor(self, tensor: Tensor, *, ops_made: set[TensorId]) -> bool:
        if self._options.hide_constants and tensor.role is TensorRole.CONSTANT:
            self._view.hidden += 1
            return False
        if self._executed is None:
            return True
        if tensor.autograd_node in self._executed or tensor.id in self._pass_roots:
            return True
        shown = tensor.id in ops_made or not tensor.requires_grad
        self._view.hidden += not shown and self._options.pass_id is None
        return shown

    def _is_drawn(self, tensor: Tensor) -> bool:
        if tensor.id in self._twins and tensor.id not in self._roots:
            return False
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
            if source not in self._view.index and tensor.op is not None:
                source = op_item(tensor.op)
            if source in self._view.index and source != target:
                self._view.join(source, target, tensor_id, carriers)
        for tensor_id in op.outputs:
            tensor = self._tensor(tensor_id)
            drawn = tensor_item(tensor_id)
            if drawn not in self._view.index:
                continue
            carriers = ()
            if tensor.autograd_node in own:
                assert tensor.autograd_node is not None
                carriers = (Carrier(tensor.autograd_node, tensor.output_nr, incoming=True),)
            self._view.join(target, drawn, tensor_id, carriers)

    def _carriers_into(self, tensor: Tensor) -> list[Carrier]:
        if tensor.autograd_node is None:
            return []
        return self._into.get((tensor.autograd_node, tensor.output_nr), [])

    def _drop_unused_tensors(self) -> None:
        """Remove what took no part in the pass, such as versions of a weight from other passes."""
        before = len(self._view.items)
        self._view.leave_out(self._is_used)
        if self._options.pass_id is None:
            self._view.hidden += before - len(self._view.items)

    def _is_used(self, item: Item, is_joined: bool) -> bool:
        return is_joined or item.kind is not ItemKind.TENSOR or item.id in self._pass_roots

    def _add_backward(self, *, paired: bool) -> None:
        nodes = [n for n in self._recording.autograd_nodes if self._shows_node(n)]
        for node in nodes:
            self._view.add(node_item(node.id), ItemKind.NODE)
        for node in nodes:
            self._turn()
            self._add_node_edges(node)
            if paired and node.op is not None and op_item(node.op) in self._view.index:
                self._view.join(op_item(node.op), node_item(node.id), None, ())
            if node.leaf is not None:
                self._add_leaf(node, node.leaf, paired=paired)
        self._add_roots(paired=paired)

    def _shows_node(self, node: AutogradNode) -> bool:
        return self._executed is None or node.id in self._executed

    def _add_node_edges(self, node: AutogradNode) -> None:
        for slot, edge in enumerate(node.next):
            if edge is None or node_item(edge.node) not in self._view.index:
                continue
            carrier = Carrier(node.id, slot, incoming=False)
            self._view.join(node_item(edge.node), node_item(node.id), None, (carrier,))

    def _add_leaf(self, node: AutogradNode, leaf: TensorId, *, paired: bool) -> None:
        carrier = Carrier(node.id, 0, incoming=True)
        versions = self._versions_used(node, leaf)
        if paired and versions:
            versions = [v for v in versions if tensor_item(v) in self._view.index]
        else:
            # Nodes without an op, as of what was computed again, tell of no version.
            versions = versions[:1] or [leaf]
        for version in versions:
            self._view.add(tensor_item(version), self._tensor(version).role)
            self._view.join(tensor_item(version), node_item(node.id), version, (carrier,))

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
        return list(used)

    def _add_roots(self, *, paired: bool) -> None:
        """Draw what passes begin with; where ops are drawn, those that an op made are there."""
        for pass_ in self._recording.passes:
            if self._options.pass_id is not None and pass_.id != self._options.pass_id:
                continue
            for (node, slot), tensor in zip(pass_.roots, pass_.root_tensors, strict=True):
                if tensor is None or (paired and self._tensor(tensor).op is not None):
                    continue
                drawn = tensor_item(tensor)
                if drawn not in self._view.index:
                    self._view.add(drawn, self._tensor(tensor).role)
                is_leaf = self._recording.autograd_nodes[node].leaf is not None
                if node_item(node) in self._view.index and not is_leaf:
                    carrier = Carrier(node, slot, incoming=True)
                    self._view.join(node_item(node), drawn, tensor, (carrier,))


def twins(recording: Recording) -> frozenset[TensorId]:
    """Results of in-place ops that only repeat another result of the same op.

    `a += a` makes a new version of `a` and binds the name to it again: one card says both.
    """
    taken = {tensor for op in recording.ops for tensor in op.inputs}
    found: set[TensorId] = set()
    for op in recording.ops:
        if op.kind is not OpKind.IN_PLACE or len(op.outputs) < 2:
            continue
        results = [recording.tensors[tensor] for tensor in op.outputs]
        kept: dict[tuple[object, ...], Tensor] = {}
        for result in results:
            same = (result.name, result.shape, result.autograd_node, result.output_nr)
            before = kept.get(same)
            if before is None:
                kept[same] = result
                continue
            spare = result if before.id in taken and result.id not in taken else before
            if spare.id in taken:
                continue
            kept[same] = before if spare is result else result
            found.add(spare.id)
    return frozenset(found)

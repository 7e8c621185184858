"""Which cards and edges of a scene show an autograd node."""

from __future__ import annotations

from functools import cached_property
from typing import TYPE_CHECKING, Final

import numpy as np

from gradviz.gui.canvas.cards import CardKind
from gradviz.gui.canvas.geometry import Indices, Mask
from gradviz.layout.nesting import distinct
from gradviz.recording.flat_view import carrier_table
from gradviz.recording.model import NodeId, Recording
from gradviz.recording.per_recording import PerRecording
from gradviz.recording.view import node_item, op_item, tensor_item

if TYPE_CHECKING:
    from gradviz.gui.canvas.scene import Scene

NOWHERE: Final = -1


def _find_owners(recording: Recording) -> tuple[Indices, Indices]:
    nodes = recording.autograd_nodes
    ops = (NOWHERE if node.op is None else node.op for node in nodes)
    leaves = (NOWHERE if node.leaf is None else node.leaf for node in nodes)
    return np.fromiter(ops, np.intp, len(nodes)), np.fromiter(leaves, np.intp, len(nodes))


owners_of: Final = PerRecording(_find_owners)
"""The op and the leaf of each autograd node, `NOWHERE` for none."""


class ShownNodes:
    """Looks up the autograd nodes of a scene, one by one or all at once."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene

    def cards_of(self, node: NodeId) -> list[int]:
        """The cards that show an autograd node: its own, its op's or leaf's, a folded scope's."""
        record, index = self._scene.recording.autograd_nodes[node], self._scene.index
        own = index.get(node_item(node))
        shown_as = [own]
        if record.op is not None:
            shown_as.append(index.get(op_item(record.op)))
        if record.leaf is not None and own is None:
            shown_as.append(index.get(tensor_item(record.leaf)))
        behind, folds = self._folded
        first, last = np.searchsorted(behind, (node, node + 1))
        found: list[int] = [card for card in shown_as if card is not None]
        found += folds[first:last].tolist()
        return found

    @cached_property
    def _folded(self) -> tuple[Indices, Indices]:
        """The autograd nodes behind folded scopes, in order, and the card of each one's scope."""
        folding, index = self._scene.folding, self._scene.index
        folds = {} if folding is None else folding.folds
        behind = [np.array(fold.nodes, np.intp) for fold in folds.values()]
        cards = np.array([index[folded] for folded in folds], np.intp)
        nodes = np.concatenate((np.empty(0, np.intp), *behind))
        cards = np.repeat(cards, np.array(list(map(len, behind)), np.intp))
        order = np.argsort(nodes, kind="stable")
        return nodes[order], cards[order]

    def edges_of(self, node: NodeId) -> list[int]:
        """The edges that carry gradients of an autograd node."""
        first, last = np.searchsorted(self._edges_by_node[0], (node, node + 1))
        found: list[int] = self._edges_by_node[1][first:last].tolist()
        return found

    @cached_property
    def _edges_by_node(self) -> tuple[Indices, Indices]:
        """Nodes in ascending order, each once for every edge that carries gradients of it."""
        edge, node = self.carriers[:, :2].T
        count = len(self._scene.edges) + 1
        both = distinct(node * count + edge)
        return both // count, both % count

    @cached_property
    def links(self) -> tuple[Indices, Indices]:
        """Each autograd node that is shown and, at the same place, a card that shows it.

        They are in the order of the nodes, and of each as in `cards_of`.
        """
        ops, leaves = owners_of(self._scene.recording)
        is_node, is_op = self._scene.kinds == CardKind.NODE, self._scene.kinds == CardKind.OP
        is_tensor = ~(is_node | is_op | (self._scene.kinds == CardKind.SCOPE))
        own = self._cards_at(is_node, np.arange(len(ops)))
        of_op = self._cards_at(is_op, ops)
        of_leaf = np.where(own == NOWHERE, self._cards_at(is_tensor, leaves), NOWHERE)
        cards = np.stack((own, of_op, of_leaf), axis=1)
        node, _ = at = np.nonzero(cards >= 0)
        both = np.concatenate((np.column_stack((node, cards[at])), np.column_stack(self._folded)))
        both = both[np.argsort(both[:, 0], kind="stable")]
        return both[:, 0], both[:, 1]

    @cached_property
    def _numbers(self) -> Indices:
        """The number of each card's item."""
        return np.array([item.id for item in self._scene.items], np.intp)

    def _cards_at(self, is_kind: Mask, numbers: Indices) -> Indices:
        """The cards, among those of a kind, of the items of these numbers; else `NOWHERE`."""
        there = np.flatnonzero(is_kind)
        of_there = self._numbers[there]
        most = max(numbers.max(initial=0), of_there.max(initial=0))
        # The last one is for those that are NOWHERE themselves.
        cards = np.full(most + 2, NOWHERE)
        cards[of_there] = there
        return cards[numbers]

    @cached_property
    def carriers(self) -> Indices:
        """The carriers of all edges: edge, node, slot, whether it comes in; shape (k, 4).

        A row may be there twice.
        """
        folding, edges = self._scene.folding, self._scene.edges
        if folding is None:
            return carrier_table(edges.carriers)
        table = folding.carriers()
        # Some edges leave their gradients to others.
        return table.compress(self._scene.is_carrier[table[:, 0]], axis=0)

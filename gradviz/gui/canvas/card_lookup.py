"""Which card of a scene stands for each item of the recording, for all items at once."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np

from gradviz.gui.canvas.cards import CardKind
from gradviz.gui.canvas.geometry import Indices
from gradviz.gui.canvas.scene import Scene
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.scopes import scopes_of

NO_CARD: Final = -1
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Standing(NamedTuple):
    """The cards that stand for some items, each once, and how many items are not visible.

    `folded` counts those behind the card of a folded scope, `absent` those that nothing drawn
    stands for.
    """

    cards: Indices
    folded: int
    absent: int


class CardLookup:
    """For each tensor, op, autograd node and scope its card in a scene, `NO_CARD` where none is.

    What is not drawn itself is looked for as `standing_for` does.
    """

    def __init__(self, scene: Scene) -> None:
        self.scene = scene
        recording = scene.recording
        tree = scopes_of(recording)
        counts = {
            ItemKind.TENSOR: len(recording.tensors),
            ItemKind.OP: len(recording.ops),
            ItemKind.NODE: len(recording.autograd_nodes),
            ItemKind.SCOPE: len(tree.scopes),
        }
        self._cards = {kind: np.full(count, NO_CARD, np.intp) for kind, count in counts.items()}
        for card, (kind, number) in enumerate(scene.items):
            self._cards[kind][number] = card
        self._own = {kind: cards.copy() for kind, cards in self._cards.items()}
        scopes = self._cards[ItemKind.SCOPE]
        for scope in tree.scopes:
            if scopes[scope.id] == NO_CARD and scope.parent is not None:
                scopes[scope.id] = scopes[scope.parent]
        self._fill_nodes()
        self._fill_ops(tree.scope_of_op)
        makers = (NO_CARD if t.op is None else t.op for t in recording.tensors)
        maker = np.fromiter(makers, np.intp, len(recording.tensors))
        self._fill(ItemKind.TENSOR, self._of(ItemKind.OP, maker))
        arrivals = (
            NO_CARD if t.autograd_node is None else t.autograd_node for t in recording.tensors
        )
        arrival = np.fromiter(arrivals, np.intp, len(recording.tensors))
        self._fill(ItemKind.TENSOR, self._of(ItemKind.NODE, arrival))
        self._fill_rest()

    def cards_of(self, kind: ItemKind, ids: Indices) -> Indices:
        """The cards of some items of a kind, `NO_CARD` for what is not to be seen."""
        return self._cards[kind][ids]

    def standing(self, kinds: Sequence[ItemKind], ids: Sequence[Indices]) -> Standing:
        """The cards of items of several kinds, and how many are folded up or not drawn."""
        found, folded, absent = [], 0, 0
        for kind, of_kind in zip(kinds, ids, strict=True):
            cards = self._cards[kind][of_kind]
            is_there = cards != NO_CARD
            absent += int((~is_there).sum())
            is_other = is_there & (self._own[kind][of_kind] == NO_CARD)
            folded += int((self.scene.kinds[cards[is_other]] == CardKind.SCOPE).sum())
            found.append(cards[is_there])
        return Standing(np.unique(np.concatenate(found)), folded, absent)

    def _of(self, kind: ItemKind, ids: Indices) -> Indices:
        cards = np.append(self._cards[kind], NO_CARD)
        return cards[ids]

    def _fill(self, kind: ItemKind, others: Indices) -> None:
        cards = self._cards[kind]
        self._cards[kind] = np.where(cards == NO_CARD, others, cards)

    def _fill_nodes(self) -> None:
        nodes, cards = self.scene.nodes.links
        others = np.full(len(self._cards[ItemKind.NODE]), NO_CARD, np.intp)
        # Later assignments win, so what comes first is assigned last.
        others[nodes[::-1]] = cards[::-1]
        self._fill(ItemKind.NODE, others)

    def _fill_ops(self, scope_of_op: Sequence[int]) -> None:
        scopes = np.array(scope_of_op, np.intp)
        within = np.append(self._cards[ItemKind.SCOPE], NO_CARD)[scopes]
        nodes = (
            op.autograd_nodes[0] if op.autograd_nodes else NO_CARD
            for op in self.scene.recording.ops
        )
        first = np.fromiter(nodes, np.intp, len(self.scene.recording.ops))
        self._fill(ItemKind.OP, self._of(ItemKind.NODE, first))
        self._fill(ItemKind.OP, np.where(scopes >= 0, within, NO_CARD))

    def _fill_rest(self) -> None:
        """What nothing but its place in the code connects with a folded scope: constants."""
        folding = self.scene.folding
        if folding is None or not folding.folds:
            return
        for kind, cards in self._cards.items():
            for number in np.flatnonzero(cards == NO_CARD).tolist():
                held = folding.shown_as(Item(kind, number))
                if held is not None:
                    cards[number] = self.scene.index[held]

"""Fold scopes up: from a flat view and the open scopes to cards, boxes and merged edges."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any, Final

import msgspec
import numpy as np

from gradviz.recording.flat_view import FlatView, Ints
from gradviz.recording.homes import OUTSIDE, Homes
from gradviz.recording.items import op_item, scope_item
from gradviz.recording.model import (
    Item,
    ItemKind,
    NodeId,
    OpKind,
    Recording,
    ScopeId,
    TensorId,
    TensorRole,
)
from gradviz.recording.opening import named, open_scopes, passed_through
from gradviz.recording.replay import Carrier
from gradviz.recording.scopes import Scope, ScopeKind, ScopeTree
from gradviz.recording.view_options import Folds

Bools = np.ndarray[Any, np.dtype[np.bool_]]

SHAPES_TOLD: Final = 8


class Group(msgspec.Struct, frozen=True, gc=False):
    """The box around an open scope: `members` are the cards directly in it.

    `parent` is the scope of the box around this one, None outside.
    """

    scope: Scope
    members: tuple[Item, ...]
    parent: ScopeId | None

    @property
    def item(self) -> Item:
        """What the box is, as something to select."""
        return scope_item(self.scope.id)


class Fold(msgspec.Struct, frozen=True, gc=False, kw_only=True):
    """What a folded scope's card stands for.

    `ops` counts its ops, `nodes` are its autograd nodes, those that add to its parameters'
    `.grad` included. `inputs` and `outputs` are the shapes of the tensors that enter and leave
    it, the first few distinct ones; `parameters` counts the elements of its parameters.
    """

    scope: Scope
    ops: int
    nodes: tuple[NodeId, ...]
    inputs: tuple[tuple[int, ...], ...] = ()
    outputs: tuple[tuple[int, ...], ...] = ()
    parameters: int = 0


class MergedEdges(msgspec.Struct, frozen=True):
    """The edges between cards, each for one or several edges of the flat view.

    Attributes:
        sources, targets: the places of the cards that each one joins among all cards.
        tensors: the tensor that each stands for where there is only one.
        carriers: the gradients that flow back along each.
        counts: how many edges of the flat view are in each.
        of_flat: for each edge of the flat view the one that it is in, `OUTSIDE` for those between
            two items of one card.
    """

    sources: Ints
    targets: Ints
    tensors: list[TensorId | None]
    carriers: list[tuple[Carrier, ...]]
    counts: Ints
    of_flat: Ints


class Folding:
    """A view with some scopes open and the others folded.

    Attributes:
        tree: all scopes of the recording.
        open: those that are open, whatever is around them.
        items: the cards: what is not inside a folded scope, and folded scopes.
        edges: between cards, merged: the `MergedEdges`.
        groups: the boxes around open scopes, each before those in it. A box of which nobody
            would miss anything (a repeat or an op by itself in a graph that is all open) is left
            out.
        boxes: the scope of the innermost box around each card, `OUTSIDE` for none.
        folds: what stands behind the card of each folded scope.
        hidden: how many items the filters leave out.
    """

    def __init__(self, recording: Recording, flat: FlatView, homes: Homes, folds: Folds) -> None:
        self.tree = homes.tree
        self.hidden = flat.hidden
        self._recording = recording
        self._flat = flat
        self._homes = homes
        passed = passed_through(homes)
        opened, is_all_open = open_scopes(homes, folds, passed)
        self.open = opened | passed
        self._holders = _holders(self.tree, self.open)
        self._cards = self._number_cards()
        self._numbers, self._first = self._drawn()
        self._places = np.full(len(flat.items) + len(self.tree.scopes), OUTSIDE, np.intp)
        self._places[self._numbers] = np.arange(len(self._numbers))
        self.items = self._items()
        self._kept = frozenset(self.items)
        self.edges = self._merge_edges()
        boxed = self.open - passed
        if is_all_open:
            wanted = named(self.tree, folds.opened)
            boxed = frozenset(s for s in boxed if s in wanted or _is_telling(self.tree.scopes[s]))
        self.groups = self._groups(boxed)
        self.folds = self._folds()

    # The cards.

    def _number_cards(self) -> Ints:
        """For each item of the flat view its card: itself, or behind them, a folded scope."""
        count = len(self._flat.items)
        holders = np.append(self._holders, OUTSIDE)[self._homes.of_item]
        return np.where(holders >= 0, holders + count, np.arange(count))

    def _drawn(self) -> tuple[Ints, Ints]:
        """The numbers of what is drawn, in the order of the first item of each, and that item."""
        first = np.full(len(self._flat.items) + len(self.tree.scopes), len(self._cards), np.intp)
        np.minimum.at(first, self._cards, np.arange(len(self._cards)))
        numbers = np.flatnonzero(first < len(self._cards))
        numbers = numbers[np.argsort(first[numbers])]
        return numbers, first[numbers]

    def _items(self) -> list[Item]:
        count, items = len(self._flat.items), self._flat.items
        return [
            items[n] if n < count else scope_item(ScopeId(n - count))
            for n in self._numbers.tolist()
        ]

    def _item_of(self, number: int) -> Item:
        count = len(self._flat.items)
        if number < count:
            return self._flat.items[number]
        return scope_item(ScopeId(number - count))

    def roles(self) -> Iterable[tuple[Item, TensorRole | OpKind | ItemKind | ScopeKind]]:
        """The cards and what each is."""
        for item in self.items:
            if item.kind is ItemKind.SCOPE:
                yield item, self.tree.scopes[item.id].kind
            else:
                yield item, self._flat.roles[self._flat.index[item]]

    # The edges.

    def _merge_edges(self) -> MergedEdges:
        flat = self._flat
        source, target = self._cards[flat.source], self._cards[flat.target]
        crossing = np.flatnonzero(source != target)
        size = len(flat.items) + len(self.tree.scopes) + 1
        keys = source[crossing] * size + target[crossing]
        # With the place added no two are equal, and that sorts faster than what keeps an order.
        order = np.argsort(keys * len(keys) + np.arange(len(keys)))
        starts = np.flatnonzero(np.diff(keys[order], prepend=-1))
        first = crossing[order[starts]]
        # As in a graph: card by card, in the order of the first edge of each.
        rank = np.argsort(self._places[source[first]] * len(source) + first)
        first, counts = first[rank], np.diff(starts, append=len(order))[rank]
        number = np.empty(len(rank), np.intp)
        number[rank] = np.arange(len(rank))
        of_flat = np.full(len(source), OUTSIDE, np.intp)
        of_flat[crossing[order]] = np.repeat(number, np.diff(starts, append=len(order)))
        ones = first.tolist()
        tensors = [flat.tensors[edge] for edge in ones]
        carriers = [flat.carriers[edge] for edge in ones]
        members = crossing[order].tolist()
        for at in np.flatnonzero(counts > 1).tolist():
            begin = int(starts[rank[at]])
            edges = members[begin : begin + int(counts[at])]
            meant = {flat.tensors[edge] for edge in edges}
            tensors[at] = meant.pop() if len(meant) == 1 else None
            carriers[at] = tuple(dict.fromkeys(c for edge in edges for c in flat.carriers[edge]))
        return MergedEdges(
            sources=self._places[source[first]],
            targets=self._places[target[first]],
            tensors=tensors,
            carriers=carriers,
            counts=counts,
            of_flat=of_flat,
        )

    # The boxes.

    def _groups(self, boxed: frozenset[ScopeId]) -> tuple[Group, ...]:
        """Around visible open scopes with something in them."""
        scopes = self.tree.scopes
        within: list[ScopeId | None] = []
        for scope in scopes:
            around = None if scope.parent is None else within[scope.parent]
            is_box = scope.id in boxed and self._holders[scope.id] == OUTSIDE
            within.append(scope.id if is_box else around)
        self.boxes = boxes = self._boxes_of_cards(within)
        by_box = np.lexsort((self._numbers, boxes))
        cards = [self.items[card] for card in by_box.tolist()]
        bounds = np.searchsorted(boxes[by_box], np.arange(len(scopes) + 1)).tolist()
        used: set[ScopeId] = set()
        for box in np.unique(boxes[boxes != OUTSIDE]).tolist():
            used.update(scope.id for scope in self.tree.around(box))
        groups = []
        for scope in scopes:
            if scope.id in used and within[scope.id] == scope.id:
                around = None if scope.parent is None else within[scope.parent]
                members = tuple(cards[bounds[scope.id] : bounds[scope.id + 1]])
                groups.append(Group(scope, members, around))
        return tuple(groups)

    def _boxes_of_cards(self, within: list[ScopeId | None]) -> Ints:
        """The innermost box around each card, `OUTSIDE` where there is none."""
        parents = (OUTSIDE if scope.parent is None else scope.parent for scope in self.tree.scopes)
        parent = np.fromiter(parents, np.intp, len(self.tree.scopes))
        count = len(self._flat.items)
        homes = self._homes.of_item[self._first]
        is_fold = self._numbers >= count
        homes[is_fold] = parent[self._numbers[is_fold] - count]
        boxes = [OUTSIDE if box is None else int(box) for box in within]
        return np.append(np.array(boxes, np.intp), OUTSIDE)[homes]

    # What is behind folded cards.

    def _folds(self) -> dict[Item, Fold]:
        shapes_in: dict[Item, dict[tuple[int, ...], None]] = {}
        shapes_out: dict[Item, dict[tuple[int, ...], None]] = {}
        folded = [item for item in self.items if item.kind is ItemKind.SCOPE]
        if not folded:
            return {}
        for tensor, source, target in self._crossing():
            shape = self._recording.tensors[tensor].shape
            if source.kind is ItemKind.SCOPE:
                shapes_out.setdefault(source, {})[shape] = None
            if target.kind is ItemKind.SCOPE:
                shapes_in.setdefault(target, {})[shape] = None
        sizes = self._parameter_sizes()
        folds = {}
        for item in folded:
            scope = self.tree.scopes[item.id]
            folds[item] = Fold(
                scope=scope,
                ops=scope.stop - scope.start,
                nodes=self._homes.nodes_in(scope),
                inputs=tuple(shapes_in.get(item, ()))[:SHAPES_TOLD],
                outputs=tuple(shapes_out.get(item, ()))[:SHAPES_TOLD],
                parameters=sizes[item],
            )
        return folds

    def _crossing(self) -> Iterable[tuple[TensorId, Item, Item]]:
        """The tensors that enter or leave folded scopes."""
        flat, count = self._flat, len(self._flat.items)
        source, target = self._cards[flat.source], self._cards[flat.target]
        folded = (source != target) & ((source >= count) | (target >= count))
        for edge in np.flatnonzero(folded).tolist():
            tensor = flat.tensors[edge]
            if tensor is not None:
                yield tensor, self._item_of(int(source[edge])), self._item_of(int(target[edge]))

    def _parameter_sizes(self) -> Counter[Item]:
        """How many elements the parameters of each folded scope have."""
        sizes: Counter[Item] = Counter()
        known: set[tuple[Item, int]] = set()
        count = len(self._flat.items)
        for number in np.flatnonzero(self._cards >= count).tolist():
            if self._flat.roles[number] is TensorRole.PARAMETER:
                tensor = self._recording.tensors[self._flat.items[number].id]
                item = self._item_of(int(self._cards[number]))
                identity = self._homes.identities[tensor.id]
                if (item, identity) in known:
                    continue
                known.add((item, identity))
                sizes[item] += math.prod(tensor.shape)
        return sizes

    # Questions.

    def __contains__(self, item: object) -> bool:
        """Whether an item is drawn as a card."""
        return item in self._kept

    @property
    def is_fold(self) -> Bools:
        """Which cards are folded scopes."""
        return self._numbers >= len(self._flat.items)

    def carriers(self) -> Ints:
        """What all edges carry: edge, node, slot, whether it comes in; shape (k, 4).

        A row may be there twice, where several edges of the flat view are one.
        """
        table = self._flat.carrier_table
        edge = self.edges.of_flat[table[:, 0]]
        there = np.flatnonzero(edge != OUTSIDE)
        return np.column_stack((edge[there], table.take(there, axis=0)[:, 1:]))

    def places_in(self, other: Folding) -> Ints | None:
        """Where each card is among those of another folding of the same view, `OUTSIDE` if not.

        None where it is one of another view.
        """
        if other._flat is not self._flat:
            return None
        return other._places[self._numbers]

    def place_of(self, item: Item) -> int | None:
        """Where an item is among the cards, None where it is none."""
        number = self._flat.index.get(item)
        place = OUTSIDE if number is None else int(self._places[number])
        return None if place == OUTSIDE else place

    def differing(self, other: Folding) -> list[Item]:
        """The items of the same view that are cards in one of two foldings and not in the other."""
        count = len(self._flat.items)
        drawn, others = self._places[:count] != OUTSIDE, other._places[:count] != OUTSIDE
        return [self._flat.items[number] for number in np.flatnonzero(drawn != others).tolist()]

    def shown_as(self, item: Item) -> Item | None:
        """The card that stands for an item: itself, or the innermost one that it is in.

        None where neither the item nor anything around it is drawn.
        """
        if item in self._kept:
            return item
        if item.kind is ItemKind.SCOPE:
            if item.id >= len(self.tree.scopes):
                return None
            holder = int(self._holders[item.id])
            held = scope_item(ScopeId(holder))
            return held if holder != OUTSIDE and held in self._kept else None
        number = self._flat.index.get(item)
        if number is not None:
            return self._item_of(int(self._cards[number]))
        stand_in = self._stand_in(item)
        return None if stand_in is None else self.shown_as(stand_in)

    def _stand_in(self, item: Item) -> Item | None:
        """Of what is not drawn by itself: the op that made it, or the leaf that it adds to."""
        recording = self._recording
        if item.kind is ItemKind.TENSOR and item.id < len(recording.tensors):
            op = recording.tensors[item.id].op
            return None if op is None else op_item(op)
        if item.kind is ItemKind.NODE and item.id < len(recording.autograd_nodes):
            node = recording.autograd_nodes[item.id]
            if node.op is not None:
                return op_item(node.op)
            return None if node.leaf is None else Item(ItemKind.TENSOR, node.leaf)
        return None

    def scope_of(self, item: Item) -> Scope | None:
        """The innermost scope around an item: of a scope the one around it; None outside."""
        scopes = self.tree.scopes
        if item.kind is ItemKind.SCOPE:
            parent = scopes[item.id].parent if item.id < len(scopes) else None
            return None if parent is None else scopes[parent]
        number = self._flat.index.get(item)
        if number is not None:
            home = int(self._homes.of_item[number])
            return None if home == OUTSIDE else scopes[home]
        stand_in = self._stand_in(item)
        return None if stand_in is None else self.scope_of(stand_in)


def _holders(tree: ScopeTree, opened: frozenset[ScopeId]) -> Ints:
    """For each scope the outermost folded one that it is in or is, `OUTSIDE` where all are open."""
    holders: list[int] = []
    for scope in tree.scopes:
        holder = OUTSIDE if scope.parent is None else holders[scope.parent]
        if holder == OUTSIDE and scope.id not in opened:
            holder = scope.id
        holders.append(holder)
    return np.array(holders, np.intp)


def _is_telling(scope: Scope) -> bool:
    """Whether a box around a scope says more than its cards."""
    return scope.kind is ScopeKind.MODULE and scope.stop - scope.start > 1

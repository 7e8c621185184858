"""In which scope each item of a view lives, so that folding it never makes a cycle."""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np

from gradviz.recording.flat_view import FlatView, Ints
from gradviz.recording.model import (
    AutogradNode,
    Item,
    ItemKind,
    NodeId,
    OpId,
    Recording,
    TensorId,
)
from gradviz.recording.naming import own_name
from gradviz.recording.replay import leaf_identities
from gradviz.recording.scopes import OUTSIDE as OUTSIDE_ID
from gradviz.recording.scopes import Scope, ScopeKind, ScopeTree

OUTSIDE: Final = int(OUTSIDE_ID)


class Homes:
    """Where the items of one flat view live; it does not keep the recording alive.

    Attributes:
        tree: the scopes.
        of_item: for each item of the view its innermost scope, `OUTSIDE` for none.
        counts: how many items live directly in each scope.
        counts_within: how many live in it or in scopes inside it.
        outside: how many live in none.
        identities: for each tensor of the recording the leaf that it is a version of.
    """

    def __init__(self, recording: Recording, tree: ScopeTree, flat: FlatView) -> None:
        self.tree = tree
        self.identities = leaf_identities(recording)
        finder = _Finder(recording, tree)
        homes = [finder.home_of(item) for item in flat.items]
        self.of_item: Ints = np.array(homes, np.intp)
        lived_in = self.of_item[self.of_item >= 0]
        self.counts: Ints = np.bincount(lived_in, minlength=len(tree.scopes))
        self.outside = len(homes) - len(lived_in)
        within = self.counts.tolist()
        for scope in reversed(tree.scopes):
            if scope.parent is not None:
                within[scope.parent] += within[scope.id]
        self.counts_within: Ints = np.array(within, np.intp)
        owners = [-1 if node.op is None else node.op for node in recording.autograd_nodes]
        by_op = np.array(owners, np.intp)
        self._node_order: Ints = np.argsort(by_op, kind="stable")
        self._node_owners: Ints = by_op[self._node_order]
        self._leaf_nodes: dict[int, list[NodeId]] = {}
        for node in recording.autograd_nodes:
            if node.leaf is not None:
                self._leaf_nodes.setdefault(finder.of_tensor(node.leaf), []).append(node.id)
        self._nodes_of: dict[int, tuple[NodeId, ...]] = {}

    def nodes_in(self, scope: Scope) -> tuple[NodeId, ...]:
        """The autograd nodes of a scope: of its ops, and of the leaves that live in it."""
        known = self._nodes_of.get(scope.id)
        if known is None:
            first, last = np.searchsorted(self._node_owners, (scope.start, scope.stop))
            nodes = self._node_order[first:last].tolist()
            for home, of_leaves in self._leaf_nodes.items():
                if is_in(self.tree, home, scope.id):
                    nodes += of_leaves
            known = self._nodes_of[scope.id] = tuple(nodes)
        return known


def is_in(tree: ScopeTree, inner: int, outer: int) -> bool:
    """Whether a scope is another one or inside it; the outside is in none."""
    # Scopes are numbered so that those inside one follow it.
    return inner >= outer and tree.scopes[inner].stop <= tree.scopes[outer].stop


class _Taker(NamedTuple):
    op: OpId
    home: int


class _Finder:
    def __init__(self, recording: Recording, tree: ScopeTree) -> None:
        self._recording = recording
        self._tree = tree
        self._known: dict[TensorId, int] = {}
        self._input_makers: dict[int, bool] = {}
        self._takers: list[list[_Taker]] = [[] for _ in recording.tensors]
        for op in recording.ops:
            home = tree.scope_of_op[op.id]
            for tensor in op.inputs:
                takers = self._takers[tensor]
                if not takers or takers[-1].home != home:
                    takers.append(_Taker(op.id, home))

    def home_of(self, item: Item) -> int:
        match item.kind:
            case ItemKind.OP:
                return self._tree.scope_of_op[item.id]
            case ItemKind.TENSOR:
                return self.of_tensor(TensorId(item.id))
            case ItemKind.NODE:
                return self._of_node(self._recording.autograd_nodes[item.id])
            case ItemKind.SCOPE:
                return item.id

    def _of_node(self, node: AutogradNode) -> int:
        if node.op is not None:
            return self._tree.scope_of_op[node.op]
        return OUTSIDE if node.leaf is None else self.of_tensor(node.leaf)

    def of_tensor(self, number: TensorId) -> int:
        home = self._known.get(number)
        if home is None:
            home = self._known[number] = self._find(number)
        return home

    def _find(self, number: TensorId) -> int:
        tensor = self._recording.tensors[number]
        name = own_name(tensor)
        takers = self._takers[number]
        made_in = OUTSIDE if tensor.op is None else int(self._tree.scope_of_op[tensor.op])
        in_module = OUTSIDE if name is None else self._module_of(name, takers)
        if in_module != OUTSIDE:
            return in_module
        if tensor.op is not None and self._recording.ops[tensor.op].inputs:
            return self._leave(made_in, name, takers)
        home = self._common([taker.home for taker in takers])
        if home == OUTSIDE and name is None and self._only_makes_inputs(made_in):
            return made_in
        if name is not None and not self._is_of_last_round(number, takers, home):
            # It comes from where it was made: it is an input of the scopes that take it.
            while home != OUTSIDE and not self._is_in(made_in, home):
                home = self._parent(home)
        return home

    def _only_makes_inputs(self, home: int) -> bool:
        """Whether a scope is a repeat of ops that take nothing: a list of ten thousand leaves."""
        if home == OUTSIDE or self._tree.scopes[home].kind is not ScopeKind.REPEAT:
            return False
        known = self._input_makers.get(home)
        if known is None:
            scope = self._tree.scopes[home]
            ops = self._recording.ops[scope.start : scope.stop]
            known = self._input_makers[home] = not any(op.inputs for op in ops)
        return known

    def _is_of_last_round(self, number: TensorId, takers: list[_Taker], home: int) -> bool:
        """Whether a tensor has its name only because the loop over such as it ended with it."""
        while home != OUTSIDE and self._tree.scopes[home].kind is not ScopeKind.ROUND:
            home = self._parent(home)
        if home == OUTSIDE or self._tree.scopes[home].call == 0:
            return False
        scope = self._tree.scopes[home]
        op = self._recording.ops[takers[0].op]
        before = self._recording.ops[op.id - (scope.stop - scope.start)]
        like_it = self._recording.tensors[before.inputs[op.inputs.index(number)]]
        return own_name(like_it) is None and like_it.role is self._recording.tensors[number].role

    def _leave(self, home: int, name: str | None, takers: list[_Taker]) -> int:
        """Out of the scopes in which nothing takes a result, but not out of its own module.

        What nothing takes at all, as a loss, stays in its round of a loop.
        What stays folded is then neither before nor behind itself.
        """
        while home != OUTSIDE and not any(self._is_in(taker.home, home) for taker in takers):
            is_result = not takers and self._tree.scopes[home].kind is ScopeKind.ROUND
            if is_result or (name is not None and self._is_named_after(name, home)):
                break
            home = self._parent(home)
        return home

    def _module_of(self, name: str, takers: list[_Taker]) -> int:
        """The scope of the module that a weight or buffer is named after, if that is what uses it.

        Others may take it too, as an optimizer does, as long as they come later.
        """
        own = []
        for taker in takers:
            home = taker.home
            while home != OUTSIDE and not self._is_named_after(name, home):
                home = self._parent(home)
            if home != OUTSIDE:
                own.append(home)
        home = self._common(own)
        while home != OUTSIDE and not self._is_named_after(name, home):
            home = self._parent(home)
        if home == OUTSIDE or takers[0].op < self._tree.scopes[home].start:
            return OUTSIDE
        return home

    def _is_named_after(self, name: str, home: int) -> bool:
        scope = self._tree.scopes[home]
        return scope.kind is ScopeKind.MODULE and name.startswith(f"{scope.path}.")

    def _common(self, homes: list[int]) -> int:
        """The innermost scope around some scopes."""
        common = homes[0] if homes else OUTSIDE
        for home in homes[1:]:
            while common != OUTSIDE and not self._is_in(home, common):
                common = self._parent(common)
        return common

    def _parent(self, home: int) -> int:
        parent = self._tree.scopes[home].parent
        return OUTSIDE if parent is None else int(parent)

    def _is_in(self, inner: int, outer: int) -> bool:
        return is_in(self._tree, inner, outer)

"""Which scopes of a view are open: those that a person opened, or what can be read at once."""

from __future__ import annotations

from typing import Any, Final

from gradviz.recording.homes import Homes
from gradviz.recording.model import ScopeId
from gradviz.recording.scopes import ScopeKind, ScopeTree
from gradviz.recording.view_options import Folds, FoldStart

MAX_CARDS: Final = 300
"""Up to so many cards a graph opens with all scopes open."""
MAX_REPEATED: Final = 120
"""Up to so many where something is repeated in it, which says more folded than unrolled."""
READABLE_CARDS: Final = 40
"""So many are aimed at where that is too much."""


def open_scopes(
    homes: Homes, folds: Folds, passed: frozenset[ScopeId]
) -> tuple[frozenset[ScopeId], bool]:
    """The scopes that are open, and whether all are but those that a person folded."""
    tree = homes.tree
    every = frozenset(range(len(tree.scopes)))
    is_all_open = folds.start is FoldStart.OPEN
    base: frozenset[Any] = every if is_all_open else frozenset()
    if folds.start is FoldStart.FITTING:
        most = MAX_REPEATED if _has_repeats(homes, passed) else MAX_CARDS
        is_all_open = len(homes.of_item) <= most
        base = every if is_all_open else _fitting(homes, passed)
    opened, folded = named(tree, folds.opened), named(tree, folds.folded)
    return frozenset((base | opened) - folded), is_all_open


def _has_repeats(homes: Homes, passed: frozenset[ScopeId]) -> bool:
    """Whether the view shows several rounds of something."""
    return any(
        scope.kind is ScopeKind.REPEAT and homes.counts_within[scope.id] and scope.id not in passed
        for scope in homes.tree.scopes
    )


def named(tree: ScopeTree, keys: frozenset[str]) -> set[ScopeId]:
    """The scopes of these keys."""
    return {number for key in keys for number in tree.by_key.get(key, ())}


def passed_through(homes: Homes) -> frozenset[ScopeId]:
    """Repeats of which the view shows one round only, as that of one pass, and that round."""
    filled = homes.counts_within > 0
    passed: set[ScopeId] = set()
    for scope in homes.tree.scopes:
        if scope.kind is ScopeKind.REPEAT:
            rounds = [child for child in scope.children if filled[child]]
            if len(rounds) == 1:
                passed.add(scope.id)
        elif scope.kind is ScopeKind.ROUND and scope.parent in passed:
            passed.add(scope.id)
    return frozenset(passed)


def _fitting(homes: Homes, passed: frozenset[ScopeId]) -> frozenset[ScopeId]:
    """Level by level what can be opened without becoming unreadable.

    Repeats stay folded and what is of the same class as what they repeat, as do the innermost
    scopes: what they are says what is in them.
    """
    tree = homes.tree
    scopes = tree.scopes
    filled = homes.counts_within > 0
    direct = homes.counts
    inside: list[list[ScopeId]] = [[] for _ in scopes]
    tops: list[ScopeId] = []
    for scope in scopes:
        if filled[scope.id] and scope.id not in passed:
            around = scope.parent
            while around is not None and around in passed:
                around = scopes[around].parent
            (tops if around is None else inside[around]).append(scope.id)
    within_passed = sum(int(direct[number]) for number in passed)
    cards = homes.outside + within_passed + len(tops)
    repeated = {scope.type for scope in scopes if scope.kind is ScopeKind.REPEAT and scope.type}
    opened: set[ScopeId] = set()
    level = tops
    while level:
        # What is alike is opened together or not at all.
        alike: dict[tuple[int, str], list[ScopeId]] = {}
        for number in level:
            if scopes[number].kind is ScopeKind.REPEAT:
                continue
            more = int(direct[number]) + len(inside[number]) - 1
            if inside[number] and scopes[number].type not in repeated:
                alike.setdefault((more, scopes[number].type), []).append(number)
        level = []
        for (more, _type), numbers in sorted(alike.items(), key=lambda one: one[0][0]):
            if cards + more * len(numbers) > READABLE_CARDS:
                break
            cards += more * len(numbers)
            opened.update(numbers)
            level += [child for number in numbers for child in inside[number]]
    return frozenset(opened)

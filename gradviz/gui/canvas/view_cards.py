"""The cards of a whole view: those that are on the view before are taken over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import NamedTuple

import numpy as np

from gradviz.gui.canvas.cards import Card, CardMaker
from gradviz.gui.canvas.geometry import Indices, Mask, Points
from gradviz.recording.items import op_item
from gradviz.recording.model import ItemKind, Recording
from gradviz.recording.view import Folding


class ViewCards(NamedTuple):
    """The cards of a folded view in its order, and their widths and heights, shape (n, 2)."""

    folding: Folding
    cards: list[Card]
    sizes: Points


class ViewCardMaker:
    """Makes the cards of a recording's views, one view after the other.

    Attributes:
        recording: what the cards are about.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._maker = CardMaker(recording)
        self._last: ViewCards | None = None

    def make(self, folding: Folding, turn: Callable[[], None]) -> ViewCards:
        """The cards of a view; `turn` is called now and then, what it raises ends the making."""
        last, count = self._last, len(folding.items)
        places = None if last is None else folding.places_in(last.folding)
        around = modules_around(folding)
        if last is None or places is None:
            is_known: Mask = np.zeros(count, np.bool_)
            every: list[Card | None] = [None] * count
            sizes = np.empty((count, 2))
        else:
            is_known = self._known(folding, last.folding, places, around)
            # What is not known gets any card, and its own below.
            every, sizes = [last.cards[place] for place in places.tolist()], last.sizes[places]
        boxes = folding.boxes.tolist()
        for number in np.flatnonzero(~is_known).tolist():
            turn()
            item, within = folding.items[number], around.get(boxes[number], "")
            card = self._maker.make(item, folding, folding.folds.get(item), within)
            every[number], sizes[number] = card, (card.width, card.height)
        cards = [card for card in every if card is not None]
        self._last = made = ViewCards(folding, cards, sizes)
        return made

    def _known(
        self, now: Folding, before: Folding, places: Indices, around: Mapping[int, str]
    ) -> Mask:
        """Which cards are as they were in a view before, where they stood at these places.

        A card depends on its item, on the module whose frame is around it and, of an op, on which
        of its results are drawn. Those of folded scopes, which depend on more, are few.
        """
        codes: dict[str, int] = {}
        names, names_before = (
            _name_codes(folding, modules, codes)
            for folding, modules in ((now, around), (before, modules_around(before)))
        )
        is_known: Mask = (places >= 0) & ~now.is_fold
        is_known &= names == names_before[places]
        for item in now.differing(before):
            op = self.recording.tensors[item.id].op if item.kind is ItemKind.TENSOR else None
            card = None if op is None else now.place_of(op_item(op))
            if card is not None:
                is_known[card] = False
        return is_known


def modules_around(folding: Folding) -> dict[int, str]:
    """For the scope of each box the path of the innermost module whose frame is around it."""
    path_of: dict[int | None, str] = {None: ""}
    for group in folding.groups:
        path_of[group.scope.id] = group.scope.path or path_of[group.parent]
    return {scope: path for scope, path in path_of.items() if scope is not None}


def _name_codes(folding: Folding, modules: Mapping[int, str], codes: dict[str, int]) -> Indices:
    """A number for the module around each card, the same for the same name."""
    of_scope = np.full(len(folding.tree.scopes) + 1, codes.setdefault("", len(codes)), np.intp)
    for scope, path in modules.items():
        of_scope[scope] = codes.setdefault(path, len(codes))
    # The last one is for what is in no box.
    return of_scope[folding.boxes]

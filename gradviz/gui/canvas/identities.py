"""What a card is, in a way that holds for another run of nearly the same text."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Sequence

from gradviz.gui.canvas.cards import Card


def identities(cards: Sequence[Card]) -> list[Hashable]:
    """For each card its kind, its first text, and which of those that share them it is."""
    seen: Counter[Hashable] = Counter()
    found: list[Hashable] = []
    for card in cards:
        plain = (card.kind, card.labels[0].text if card.labels else "")
        found.append((*plain, seen[plain]))
        seen[plain] += 1
    return found

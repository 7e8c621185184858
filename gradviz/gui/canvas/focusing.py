"""Pick out ancestors, descendants and ways between two cards of a scene."""

from __future__ import annotations

from enum import Enum

import numpy as np

from gradviz.gui.canvas.geometry import Mask
from gradviz.gui.canvas.look import Focus
from gradviz.gui.canvas.scene import Scene
from gradviz.recording.reach import Reach


class Kin(Enum):
    """Which cards around a card stand out."""

    ANCESTORS = "ancestors"
    """All that it was computed from."""
    DESCENDANTS = "descendants"
    """All that was computed from it."""


class Finder:
    """Makes the focuses of one scene."""

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        follows = ~scene.is_pairing
        self._reach = Reach(len(scene.cards), scene.sources[follows], scene.targets[follows])

    def kin(self, card: int, kin: Kin) -> Focus:
        """A card with its ancestors or descendants."""
        match kin:
            case Kin.ANCESTORS:
                return self._focus(self._reach.ancestors(card))
            case Kin.DESCENDANTS:
                return self._focus(self._reach.descendants(card))

    def ways(self, first: int, second: int) -> Focus | None:
        """All that lies on the ways between two cards, None where there is none."""
        between = self._reach.between(first, second)
        return self._focus(between) if between.any() else None

    def _focus(self, cards: Mask) -> Focus:
        scene = self._scene
        edges = cards[scene.sources] & cards[scene.targets] & ~scene.is_pairing
        # An op brings the autograd nodes that are drawn beside it.
        pairings = np.flatnonzero(scene.is_pairing & cards[scene.sources])
        beside = cards.copy()
        beside[scene.targets[pairings]] = True
        return Focus(beside, edges)

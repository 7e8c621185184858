"""Exchange neighbours in a layer where that saves crossings, all layers of a parity at once."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Ints, neighbours

MOST_PAIRS: Final = 4096
"""Pairs of edges looked at for one exchange; hubs beyond stay where the sweeps put them."""


class Switcher:
    """Greedy exchanges of vertices that stand side by side."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers
        self._up = neighbours(layers.count, layers.lower, layers.upper)
        self._down = neighbours(layers.count, layers.upper, layers.lower)
        self._all = np.arange(layers.count)
        self._base = layers.first[layers.layer]
        # Vertices of a layer and component keep together, so slots stand for them in any order.
        together = (np.diff(layers.layer) == 0) & (np.diff(layers.component) == 0)
        slots = np.flatnonzero(together)
        layer_parity, place_parity = layers.layer[slots] % 2, (slots - self._base[slots]) % 2
        self._slots = [
            [slots[(layer_parity == i) & (place_parity == j)] for j in (0, 1)] for i in (0, 1)
        ]

    def switch(self, place: Ints, *, passes: int) -> bool:
        """Exchange in place until nothing is saved; whether anything was."""
        any_saved = False
        for _ in range(passes):
            saved = False
            for layer_parity in (0, 1):
                for place_parity in (0, 1):
                    saved |= self._exchange(place, layer_parity, place_parity)
            any_saved |= saved
            if not saved:
                break
        return any_saved

    def _exchange(self, place: Ints, layer_parity: int, place_parity: int) -> bool:
        layers = self._layers
        slot = self._slots[layer_parity][place_parity]
        order = np.empty(layers.count, dtype=np.intp)
        order[self._base + place] = self._all
        left, right = order[slot], order[slot + 1]
        if not len(left):
            return False
        saving = self._saving(place, left, right, self._up)
        saving += self._saving(place, left, right, self._down)
        better = saving > 0
        left, right = left[better], right[better]
        place[left], place[right] = place[right], place[left]
        return bool(better.any())

    def _saving(self, place: Ints, left: Ints, right: Ints, adjacency: tuple[Ints, Ints]) -> Ints:
        """Crossings on one side that an exchange of each pair would save."""
        start, end = adjacency
        columns = start[right + 1] - start[right]
        pairs = (start[left + 1] - start[left]) * columns
        pairs[pairs > MOST_PAIRS] = 0
        owner = np.repeat(np.arange(len(left)), pairs)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
        wide = columns[owner]
        a = place[end[start[left][owner] + number // wide]]
        b = place[end[start[right][owner] + number % wide]]
        sign = np.bincount(owner, weights=np.sign(a - b), minlength=len(left))
        return sign.astype(np.intp)

"""Exchange neighbours in a layer where that saves crossings, all layers of a parity at once."""

from __future__ import annotations

from typing import Final

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Bools, Floats, Ints, neighbours

MAX_PAIRS: Final = 4096
"""Pairs of edges looked at for one exchange; hubs beyond stay where the sweeps put them."""


class Switcher:
    """Greedy exchanges of vertices that stand side by side, two `fixed` ones never."""

    def __init__(self, layers: Layers, *, fixed: Bools | None = None) -> None:
        self._fixed = fixed
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
                    saved |= self._exchange(place, layer_parity, place_parity, ties=False)
            any_saved |= saved
            if not saved:
                break
        return any_saved

    def shake(self, place: Ints, *, passes: int) -> None:
        """Exchange in place also where that only turns crossings into as many others.

        Graphviz does so too: it leads out of most orders that no exchange makes better
        (Gansner, Koutsofios, North, Vo, A Technique for Drawing Directed Graphs, 1993).
        """
        for _ in range(passes):
            for layer_parity in (0, 1):
                for place_parity in (0, 1):
                    self._exchange(place, layer_parity, place_parity, ties=True)

    def _exchange(self, place: Ints, layer_parity: int, place_parity: int, *, ties: bool) -> bool:
        layers = self._layers
        slot = self._slots[layer_parity][place_parity]
        if not len(slot):
            return False
        order = np.empty(layers.count, dtype=np.intp)
        order[self._base + place] = self._all
        left, right = order[slot], order[slot + 1]
        if self._fixed is not None:
            free = ~(self._fixed[left] & self._fixed[right])
            left, right = left[free], right[free]
        above, crossed_above = self._saving(place, left, right, self._up)
        below, crossed_below = self._saving(place, left, right, self._down)
        saving = above + below
        better = saving > 0
        saves = bool(better.any())
        if ties:
            better |= (saving == 0) & (crossed_above | crossed_below)
        left, right = left[better], right[better]
        place[left], place[right] = place[right], place[left]
        return saves

    def _saving(
        self, place: Ints, left: Ints, right: Ints, adjacency: tuple[Ints, Ints]
    ) -> tuple[Floats, Bools]:
        """Crossings on one side that an exchange of each pair saves; whether there are any."""
        start, end = adjacency
        columns = start[right + 1] - start[right]
        pairs = (start[left + 1] - start[left]) * columns
        pairs[pairs > MAX_PAIRS] = 0
        owner = np.repeat(np.arange(len(left)), pairs)
        number = np.arange(len(owner)) - np.repeat(np.cumsum(pairs) - pairs, pairs)
        row, column = np.divmod(number, columns[owner])
        a = place[end[start[left][owner] + row]]
        b = place[end[start[right][owner] + column]]
        sign = np.sign(a - b)
        crossed = np.zeros(len(left), dtype=np.bool_)
        crossed[owner[sign > 0]] = True
        saving: Floats = np.asarray(
            np.bincount(owner, weights=sign, minlength=len(left)), dtype=np.float64
        )
        return saving, crossed

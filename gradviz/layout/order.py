"""The order of vertices within their layers: few crossings, operands from left to right."""

from __future__ import annotations

from functools import cached_property
from typing import Final

import numpy as np

from gradviz.layout.crossings import count_crossings, has_crossings
from gradviz.layout.layers import Layers
from gradviz.layout.merging import Merger
from gradviz.layout.prepare import Ints, Ranks
from gradviz.layout.rows import Rows
from gradviz.layout.sifting import Sifter
from gradviz.layout.sweeping import Sweeper
from gradviz.layout.switching import Switcher
from gradviz.layout.walks import Walker
from gradviz.layout.watch import ORDERED, PREPARED, Watch

FIRST_SWEEPS: Final = 4
FIRST_RELAXATIONS: Final = 2
LARGE: Final = 1_500
LARGE_EFFORT: Final = 3
"""So many times as many of both in broad graphs of so many vertices: their order is found late."""
FIRST_SIFTINGS: Final = 4
LATER_SIFTINGS: Final = 3
MOVING_SIFTINGS: Final = 1
"""In so many of these each row's best move is looked for; then neighbours are only exchanged."""
STEPS: Final = 3
"""Of the search: each is another start, or leaves the best order a bit."""
WORTH: Final = 0.02
"""Part of the crossings that a step has to save for another one to be worth its time."""
LONG: Final = 4
"""Layers for each vertex of the widest from which on a picture is long."""
SMALL: Final = 690
SMALL_EFFORT: Final = 4
PATIENCE: Final = 4
"""With so few vertices it may take more steps, until so many in turn saved nothing."""
SHAKE_PASSES: Final = 6
SWITCH_PASSES: Final = 2
"""How long neighbours are exchanged where rows are too wide to be sifted."""


class _Search:
    """The best order found so far; all orders here are places within rows."""

    def __init__(self, layers: Layers, ranks: Ranks, watch: Watch) -> None:
        self._layers, self._watch = layers, watch
        self.rows = Rows(layers)
        self._walker = Walker(layers, ranks)
        widest = int(self.rows.size.max(initial=1))
        self.is_long = len(layers.first) > LONG * widest
        self._effort = LARGE_EFFORT if layers.count > LARGE and not self.is_long else 1
        self.best = np.zeros(0, dtype=np.intp)
        self.crossings = -1

    @cached_property
    def _sweeper(self) -> Sweeper:
        return Sweeper(self._layers, self.rows)

    @cached_property
    def _sifter(self) -> Sifter:
        return Sifter(self._layers, self.rows)

    @cached_property
    def _merges(self) -> bool:
        """Whether parts of several orders go well together, and are few enough."""
        return (self.is_long or self._layers.count <= SMALL) and self._merger.is_possible

    @cached_property
    def _merger(self) -> Merger:
        return Merger(self._layers, self.rows)

    @cached_property
    def _switcher(self) -> Switcher:
        return Switcher(self._layers)

    def count(self, local: Ints) -> int:
        """The crossings of an order."""
        if self._merges:
            return self._merger.count(local)
        return int(count_crossings(self._layers, self.rows.place(local)).sum())

    def take(self, local: Ints) -> None:
        """Keep what is better in an order."""
        if self.crossings >= 0 and self._merges:
            best, crossings = self._merger.merge(self.best, local)
        else:
            best, crossings = local.copy(), self.count(local)
        if not 0 <= self.crossings <= crossings:
            self.best, self.crossings = best, crossings

    @property
    def is_over(self) -> bool:
        """Whether nothing can be better, or there is no time."""
        return self.crossings == 0 or self._watch.is_late()

    def start(self, number: int) -> None:
        """Sweep from a walk through the graph, then sift."""
        local = self.rows.local(self._walker.order(from_sinks=number % 2 == 0, shuffle=number // 2))
        if not number and self._is_plane(local):
            return
        for sweep in range(FIRST_SWEEPS * self._effort):
            self._sweeper.sweep(local, downwards=sweep % 2 == 0, keep_ties=True)
            if sweep == 1 and not number:
                if self._is_plane(local):
                    return
                is_late = self._watch.is_late()
                if is_late or self._merges:
                    self.take(local)
                if is_late:
                    return
        for _ in range(FIRST_RELAXATIONS * self._effort):
            self._sweeper.relax(local, keep_ties=True)
        self.sift(local, rounds=FIRST_SIFTINGS)
        self.take(local)

    def _is_plane(self, local: Ints) -> bool:
        """Whether an order has no crossings: then it is the best."""
        if has_crossings(self._layers, self.rows.place(local)):
            return False
        self.best, self.crossings = local, 0
        return True

    def shake(self, number: int) -> None:
        """Leave the best order for one that may lead to a better one."""
        local = self.best.copy()
        self._sweeper.relax(local, keep_ties=number % 2 == 1)
        self.sift(local, rounds=LATER_SIFTINGS)
        self.take(local)

    def sift(self, local: Ints, *, rounds: int) -> None:
        """Sift, again while that helps."""
        if not self._sifter.is_whole:
            place = self.rows.place(local)
            self._switcher.shake(place, passes=SHAKE_PASSES)
            self._switcher.switch(place, passes=SWITCH_PASSES)
            local[:] = self.rows.local(place)
        for number in range(rounds):
            if self._watch.is_late():
                return
            moves = 1 if number < MOVING_SIFTINGS else 0
            if not self._sifter.sift(local, moves=moves, first=number % 2):
                break


def order_vertices(
    layers: Layers,
    ranks: Ranks,
    watch: Watch,
    *,
    steps: int = STEPS,
) -> Ints:
    """Each vertex's place in its layer."""
    search = _Search(layers, ranks, watch)
    search.start(0)
    # Long pictures are narrow here and there, so that parts of several orders go well together.
    is_long = search.is_long
    is_small = layers.count <= SMALL
    patience, worth = (PATIENCE, 0.0) if is_small else (1 + is_long, WORTH)
    since, shakes, starts = 0, 0, 1
    steps *= SMALL_EFFORT if is_small else 1
    for number in range(steps):
        if search.is_over or since >= patience:
            break
        before = search.crossings
        if number % 2 == (0 if is_long else 1):
            search.start(starts)
            starts += 1
        else:
            search.shake(shakes)
            shakes += 1
        since = since + 1 if before - search.crossings <= worth * before else 0
        watch.report(PREPARED + (ORDERED - PREPARED) * (number + 1) / steps)
    return search.rows.place(search.best)


def centre_trunks(layers: Layers, place: Ints, wrapped: Ints) -> None:
    """Move trunks into the middle of the rows of leaves that they pass on the way to their op."""
    if not len(wrapped):
        return
    is_wrapped = np.zeros(layers.count, dtype=np.bool_)
    is_wrapped[layers.vertex_of[wrapped]] = True
    for near, far in ((layers.upper, layers.lower), (layers.lower, layers.upper)):
        by_far = np.argsort(far, kind="stable")
        shared = np.unique(far[is_wrapped[near]])
        low = np.searchsorted(far[by_far], shared, side="left").tolist()
        high = np.searchsorted(far[by_far], shared, side="right").tolist()
        for i, j in zip(low, high, strict=True):
            members = near[by_far[i:j]]
            trunk = members[layers.node[members] < 0]
            row = members[is_wrapped[members]]
            slots = np.sort(place[np.concatenate([row, trunk])])
            if len(trunk) != 1 or slots[-1] - slots[0] != len(slots) - 1:
                continue
            row = row[np.argsort(place[row])]
            place[np.insert(row, len(row) // 2, trunk)] = slots

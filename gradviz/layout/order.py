"""The order of vertices within their layers: few crossings, operands from left to right."""

from __future__ import annotations

from functools import cached_property
from typing import Final, NamedTuple

import numpy as np

from gradviz.layout.crossings import count_crossings
from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Floats, Ints, Ranks, neighbour_lists, neighbours
from gradviz.layout.switching import Switcher
from gradviz.layout.watch import ORDERED, PREPARED, Watch

PATIENCE: Final = 4
"""Rounds without fewer crossings after which a start is given up."""
SWEEPS_FIRST: Final = 4
SWEEPS_LATER: Final = 2
"""Sweeps in the first round and in each later one, which reverse ties in turn."""
START_VERTICES: Final = 1200
MOST_STARTS: Final = 10
"""Small graphs get more starts than one: as many as these vertices allow, at most so many."""
SHAKE_PASSES: Final = 6
SWITCH_PASSES: Final = 2
"""After the sweeps of a round: how long neighbours are exchanged, with ties and then without."""


def depth_first_order(layers: Layers, ranks: Ranks, *, from_sinks: bool, shuffle: int = 0) -> Ints:
    """Places by a walk from the sinks (or sources), the longest way first.

    Trees get no crossings, and a chain of ops gets its parameters at its right. `shuffle` other
    than 0 is the seed of another order among neighbours.
    """
    count = layers.count
    weight = (ranks.depth if from_sinks else ranks.height)[layers.hub]
    if shuffle:
        weight = np.random.default_rng(shuffle).permutation(count)
    rank = np.empty(count, dtype=np.intp)
    rank[np.lexsort((layers.hub, -weight))] = np.arange(count)
    # The least important last onto the stack, so that it is the first of its siblings.
    by_upper, by_lower = np.argsort(-rank[layers.lower]), np.argsort(-rank[layers.upper])
    up = neighbour_lists(count, layers.lower[by_lower], layers.upper[by_lower])
    down = neighbour_lists(count, layers.upper[by_upper], layers.lower[by_upper])
    ahead, behind = (up, down) if from_sinks else (down, up)
    layer = -layers.layer if from_sinks else layers.layer
    starts = np.lexsort((layers.hub, layer, layers.component)).tolist()
    layer_of = layers.layer.tolist()
    taken = [0] * (len(layers.first) - 1)
    place = [-1] * count
    for start in starts:
        stack = [start]
        while stack:
            vertex = stack.pop()
            if place[vertex] >= 0:
                continue
            place[vertex] = taken[layer_of[vertex]]
            taken[layer_of[vertex]] += 1
            for side in (behind, ahead):
                stack += [v for v in side[vertex] if place[v] < 0]
    return np.array(place, dtype=np.intp)


class _Side(NamedTuple):
    """A layer's vertices that have neighbours on one side, ready for array arithmetic."""

    vertices: Ints
    ends: Ints
    starts: Ints
    degree: Floats
    component: Floats
    whole_layer: bool


def _sides(layers: Layers, source: Ints, target: Ints) -> list[_Side]:
    """The layers in which there is something to order by neighbours on this side."""
    start, end = neighbours(layers.count, source, target)
    degree = np.diff(start)
    linked = np.flatnonzero(degree)
    first = np.searchsorted(linked, layers.first)
    width, parts = np.diff(layers.first), np.diff(first)
    local = start[linked] - np.repeat(start[layers.first[:-1]], parts)
    divisor: Floats = np.asarray(degree[linked], dtype=np.float64)
    component: Floats = np.asarray(layers.component[linked], dtype=np.float64)
    component *= 2 * layers.count + 2
    together = np.flatnonzero((np.diff(layers.layer) == 0) & (np.diff(layers.component) == 0))
    movable = np.zeros(len(width), dtype=np.bool_)
    movable[layers.layer[together]] = True
    wanted = np.flatnonzero(movable & (parts > 0))
    bounds = zip(
        first[wanted].tolist(),
        first[wanted + 1].tolist(),
        start[layers.first[wanted]].tolist(),
        start[layers.first[wanted + 1]].tolist(),
        (parts == width)[wanted].tolist(),
        strict=True,
    )
    return [
        _Side(linked[i:j], end[low:high], local[i:j], divisor[i:j], component[i:j], whole)
        for i, j, low, high, whole in bounds
    ]


class Sweeper:
    """Moves vertices to the mean of their neighbours, down the layers or up."""

    def __init__(self, layers: Layers) -> None:
        self._layers = layers

    @cached_property
    def _down(self) -> list[_Side]:
        return _sides(self._layers, self._layers.lower, self._layers.upper)

    @cached_property
    def _up(self) -> list[_Side]:
        return _sides(self._layers, self._layers.upper, self._layers.lower)[::-1]

    def sweep(self, place: Ints, *, downwards: bool, keep_ties: bool) -> None:
        """One sweep, in place; vertices of equal means keep their order, or are reversed."""
        tie = (1e-7 if keep_ties else -1e-7) / (self._layers.count + 1)
        in_order = np.arange(self._layers.count)
        sides = self._down if downwards else self._up
        for vertices, ends, starts, degree, component, whole_layer in sides:
            own = place.take(vertices)
            mean = np.add.reduceat(place.take(ends), starts) / degree
            mean += component
            mean += tie * own
            slots = in_order[: len(own)] if whole_layer else np.sort(own)
            place[vertices.take(mean.argsort(kind="stable"))] = slots


class _Search:
    """The best places found so far, component by component."""

    def __init__(self, layers: Layers, watch: Watch) -> None:
        self._layers, self._watch = layers, watch
        self._sweeper = Sweeper(layers)
        self.best = np.zeros(0, dtype=np.intp)
        self.crossings = np.zeros(0, dtype=np.intp)

    @cached_property
    def _switcher(self) -> Switcher:
        return Switcher(self._layers)

    def take(self, place: Ints) -> bool:
        """Keep these places where they have fewer crossings; whether they have any."""
        crossings = count_crossings(self._layers, place)
        if not len(self.best):
            self.best, self.crossings = place.copy(), crossings
            return True
        better = crossings < self.crossings
        if not better.any():
            return False
        moved = better[self._layers.component]
        self.best[moved] = place[moved]
        self.crossings = np.minimum(crossings, self.crossings)
        return True

    def probe(self, start: Ints) -> None:
        """One sweep up and one down: all that recurrences unrolled over very many steps want."""
        place = start.copy()
        for downwards in (False, True):
            if not self.crossings.any() or self._watch.is_late():
                return
            self._sweeper.sweep(place, downwards=downwards, keep_ties=True)
        self.take(place)

    def run(self, place: Ints, *, sweeps: int) -> None:
        """Sweep from these places and exchange neighbours, again while that helps."""
        self.take(place)
        rounds, done, since = 0, 0, 0
        while done < sweeps and since < PATIENCE and self.crossings.any():
            for number in range(min(SWEEPS_LATER if rounds else SWEEPS_FIRST, sweeps - done)):
                if self._watch.is_late():
                    self.take(place)
                    return
                self._sweeper.sweep(place, downwards=number % 2 == 0, keep_ties=rounds % 2 == 0)
                done += 1
                if done == 2:
                    self.take(place)
                    if not self.crossings.any():
                        return
            self._watch.check()
            self._switcher.shake(place, passes=SHAKE_PASSES)
            self._switcher.switch(place, passes=SWITCH_PASSES)
            since = 0 if self.take(place) else since + 1
            self._watch.report(PREPARED + (ORDERED - PREPARED) * done / sweeps)
            rounds += 1


def order_vertices(
    layers: Layers,
    ranks: Ranks,
    *,
    sweeps: int,
    watch: Watch,
) -> Ints:
    """Each vertex's place in its layer."""
    search = _Search(layers, watch)
    start = depth_first_order(layers, ranks, from_sinks=True)
    search.run(start.copy(), sweeps=sweeps)
    search.probe(start)
    starts = 1 + START_VERTICES // max(layers.count, 1)
    for number in range(1, min(starts, MOST_STARTS)):
        if not search.crossings.any() or watch.is_late():
            break
        start = depth_first_order(layers, ranks, from_sinks=number % 2 == 0, shuffle=number // 2)
        search.run(start, sweeps=sweeps)
    return search.best


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

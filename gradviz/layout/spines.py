"""Which vertices stand exactly below each other: the straight lines of the picture."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Bools, Ints, Ranks
from gradviz.layout.sorting import stable_order


def find_spines(layers: Layers, ranks: Ranks, place: Ints) -> Ints:
    """The block of each vertex; the vertices of a block share one x.

    A vertex goes below its most important neighbour above if that chooses it as well: the one
    at the end of the longest way, the middle one where an odd number are equal, none where an
    even number are. Trunks come before all. Spines never cross each other.
    """
    bend = layers.node < 0
    inner = bend[layers.upper] & bend[layers.lower]
    depth, height = ranks.depth + ranks.length, ranks.height + ranks.length
    above = (2 * depth[layers.hub] + ~bend)[layers.upper]
    below = (2 * np.where(bend, 0, height[layers.hub]) + ~bend)[layers.lower]
    above[inner] = below[inner] = np.iinfo(np.intp).max
    chosen = _choices(layers.lower, layers.upper, above, place)
    chosen &= _choices(layers.upper, layers.lower, below, place)
    chosen |= inner
    edges = np.flatnonzero(chosen)
    return joined_blocks(layers, place, edges, inner[edges])


def joined_blocks(layers: Layers, place: Ints, edges: Ints, first_class: Bools) -> Ints:
    """The block of each vertex where these edges are straight, but for some of those that cross."""
    edges = edges[_without_crossings(layers, place, edges, first_class)]
    return _blocks(layers.count, layers.upper[edges], layers.lower[edges])


def _choices(chooser: Ints, other: Ints, importance: Ints, place: Ints) -> Bools:
    """For each edge whether its chooser prefers it to all its others."""
    most = np.full(len(place), -1, dtype=np.intp)
    np.maximum.at(most, chooser, importance)
    best = np.flatnonzero(importance == most[chooser])
    equal = np.bincount(chooser[best], minlength=len(place))[chooser[best]]
    chosen = np.zeros(len(chooser), dtype=np.bool_)
    chosen[best[equal == 1]] = True
    is_odd = (equal % 2 == 1) & (equal > 1)
    best, equal = best[is_odd], equal[is_odd]
    by_chooser = np.lexsort((place[other[best]], chooser[best]))
    # As many as are equal stand one after the other.
    number = np.arange(len(best))
    first = np.searchsorted(chooser[best][by_chooser], chooser[best][by_chooser])
    middle = number - first == equal[by_chooser] // 2
    chosen[best[by_chooser[middle]]] = True
    return chosen


def _without_crossings(layers: Layers, place: Ints, edges: Ints, first_class: Bools) -> Ints:
    """Indices of a large set of these edges of which no two cross, first-class ones preferred."""
    upper, lower = layers.upper[edges], layers.lower[edges]
    at = layers.first[layers.layer[upper]] + place[upper]
    order = stable_order(at * layers.count + place[lower])
    layer, value = layers.layer[upper[order]], place[lower[order]]
    is_crossed = np.zeros(len(layers.first), dtype=np.bool_)
    is_crossed[layer[1:][(value[1:] < value[:-1]) & (layer[1:] == layer[:-1])]] = True
    crossed = np.flatnonzero(is_crossed)
    low = np.searchsorted(layer, crossed, side="left").tolist()
    high = np.searchsorted(layer, crossed, side="right").tolist()
    values, strong = value.tolist(), first_class[order].tolist()
    keep = ~is_crossed[layer]
    kept: list[int] = []
    for start, stop in zip(low, high, strict=True):
        kept += _kept(range(start, stop), values, strong)
    keep[kept] = True
    return order[keep]


def _kept(indices: range, values: list[int], strong: list[bool]) -> list[int]:
    """Of edges by their upper ends, given their lower ones, many of which no two cross."""
    first = _increasing([i for i in indices if strong[i]], values)
    if not first:
        return _increasing(indices, values)
    fence = [values[i] for i in first]
    rest, before = [], 0
    for i in indices:
        if before < len(first) and first[before] == i:
            before += 1
        elif not strong[i] and bisect_left(fence, values[i]) == before:
            rest.append(i)
    return first + _increasing(rest, values)


def _increasing(indices: Sequence[int], values: list[int]) -> list[int]:
    """A longest subsequence of the indices along which the values increase."""
    tails: list[int] = []
    tail_values: list[int] = []
    before: dict[int, int] = {}
    for index in indices:
        value = values[index]
        at = bisect_left(tail_values, value)
        before[index] = tails[at - 1] if at else -1
        if at == len(tails):
            tails.append(index)
            tail_values.append(value)
        else:
            tails[at] = index
            tail_values[at] = value
    result = []
    index = tails[-1] if tails else -1
    while index >= 0:
        result.append(index)
        index = before[index]
    return result[::-1]


def _blocks(count: int, upper: Ints, lower: Ints) -> Ints:
    """Number the chains that these edges make."""
    above = np.arange(count)
    above[lower] = upper
    while True:
        further = above[above]
        if (further == above).all():
            break
        above = further
    is_first = above == np.arange(count)
    return (np.cumsum(is_first) - 1)[above]

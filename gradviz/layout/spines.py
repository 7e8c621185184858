"""Which vertices stand exactly below each other: the straight lines of the picture."""

from __future__ import annotations

from bisect import bisect_left

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Bools, Ints, Ranks


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
    chosen = np.zeros(len(chooser), dtype=np.bool_)
    if not len(chooser):
        return chosen
    by_chooser = np.lexsort((place[other], -importance, chooser))
    who, value = chooser[by_chooser], importance[by_chooser]
    is_first = np.r_[True, who[1:] != who[:-1]]
    new_value = is_first | np.r_[True, value[1:] != value[:-1]]
    starts = np.flatnonzero(new_value)
    length = np.diff(np.r_[starts, len(who)])
    best = is_first[starts] & (length % 2 == 1)
    chosen[by_chooser[starts[best] + length[best] // 2]] = True
    return chosen


def _without_crossings(layers: Layers, place: Ints, edges: Ints, first_class: Bools) -> Ints:
    """Indices of a large set of these edges of which no two cross, first-class ones preferred."""
    upper, lower = layers.upper[edges], layers.lower[edges]
    layer = layers.layer[upper]
    order = np.lexsort((place[lower], place[upper], layer))
    sorted_layer, value = layer[order], place[lower][order]
    key = sorted_layer * (layers.count + 1) + value
    crossed = np.unique(sorted_layer[1:][np.diff(key) < 0])
    if not len(crossed):
        return order
    keep = np.ones(len(order), dtype=np.bool_)
    low = np.searchsorted(sorted_layer, crossed, side="left").tolist()
    high = np.searchsorted(sorted_layer, crossed, side="right").tolist()
    values, strong = value.tolist(), first_class[order].tolist()
    for start, stop in zip(low, high, strict=True):
        kept = _increasing([i for i in range(start, stop) if strong[i]], values)
        fence = [values[i] for i in kept]
        rest = []
        for i in range(start, stop):
            if strong[i]:
                continue
            before = bisect_left(kept, i)
            if bisect_left(fence, values[i]) == before:
                rest.append(i)
        keep[start:stop] = False
        keep[kept + _increasing(rest, values)] = True
    return order[keep]


def _increasing(indices: list[int], values: list[int]) -> list[int]:
    """A longest subsequence of the indices along which the values increase."""
    tails: list[int] = []
    tail_values: list[int] = []
    before: dict[int, int] = {}
    for index in indices:
        at = bisect_left(tail_values, values[index])
        before[index] = tails[at - 1] if at else -1
        if at == len(tails):
            tails.append(index)
            tail_values.append(values[index])
        else:
            tails[at] = index
            tail_values[at] = values[index]
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
    return np.unique(above, return_inverse=True)[1]

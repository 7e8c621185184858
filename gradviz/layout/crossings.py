"""Count the crossings of a layered graph, all layers at once."""

from __future__ import annotations

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Ints
from gradviz.layout.sorting import run_starts


def has_crossings(layers: Layers, place: Ints) -> bool:
    """Whether there are any: no lower end stands left of the one before it, by their upper ends."""
    at = layers.first[layers.layer] + place
    ends = np.sort(at[layers.upper] * layers.count + at[layers.lower])
    lower = ends % layers.count
    return bool((lower[1:] < lower[:-1]).any())


def count_crossings(layers: Layers, place: Ints) -> Ints:
    """Crossings in each component, where `place` is each vertex's place in its layer.

    Between two layers crossings are inversions of the lower ends, once edges are sorted by their
    upper ends. They are counted bit by bit: among places that agree in their higher bits, each
    pair with a one before a zero is an inversion.
    """
    edges = len(layers.upper)
    result = np.zeros(layers.component_count, dtype=np.intp)
    if edges < 2:
        return result
    upper = layers.first[layers.layer[layers.upper]] + place[layers.upper]
    lower = place[layers.lower]
    widest = int(lower.max()) + 1
    by_ends = np.argsort(upper * widest + lower, kind="stable")
    value = lower[by_ends]
    component = layers.component[layers.upper[by_ends]]
    group = layers.layer[layers.upper[by_ends]]
    for bit in reversed(range(int(widest - 1).bit_length())):
        one = (value >> bit) & 1
        before = np.cumsum(one) - one
        starts = run_starts(group)
        size = np.diff(np.r_[starts, edges])
        before -= np.repeat(before[starts], size)
        inverted = np.where(one == 0, before, 0)
        counts = np.bincount(component, weights=inverted, minlength=layers.component_count)
        result += counts.astype(np.intp)
        group = group * 2 + one
        split = np.argsort(group, kind="stable")
        value, component, group = value[split], component[split], group[split]
        group = np.cumsum(np.r_[0, group[1:] != group[:-1]])
    return result

"""Leave what an earlier layout showed at its place, where the picture is about as good with it."""

from __future__ import annotations

import copy
from typing import Final

import numpy as np

from gradviz.layout.blocks import Blocks
from gradviz.layout.columns import Columns
from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Bools, Floats, Ints
from gradviz.layout.spines import joined_blocks

ALIGNED: Final = 0.01
"""Pixels by which two vertices on one straight line may have been apart."""
ROUNDED: Final = 0.002
"""Pixels that may be missing of a distance in a layout, whose places are rounded."""
KNOWN_SHARE: Final = 0.8
"""Part of a component that must have been there before."""
LONGER: Final = 1.25
WIDER: Final = 1.15
"""How much worse a picture may be, in the way that its lines go aside and in its width."""
NEW_WEIGHT: Final = 1e-3
"""Of what was not there, beside what was."""


def stay(
    layers: Layers,
    columns: Columns,
    place: Ints,
    spines: Ints,
    fresh: Floats,
    remembered: tuple[Floats, Bools],
) -> Floats:
    """The x of every vertex: `fresh`, or in each component the old one, as far as there is room.

    `remembered` is the x of every vertex in the earlier layout, or of its neighbours there, and
    which were there themselves.
    """
    known, was_there = remembered
    count = layers.component_count
    size = np.bincount(layers.component, minlength=count)
    share = np.bincount(layers.component, weights=was_there, minlength=count) / size
    is_known = (share >= KNOWN_SHARE)[layers.component] & np.isfinite(known)
    is_known &= np.bincount(layers.component, ~is_known, count)[layers.component] == 0
    if not is_known.any():
        return fresh
    wanted = np.where(is_known, known, fresh)
    upper, lower = layers.upper, layers.lower
    both = was_there[upper] & was_there[lower]
    was_straight = both & is_known[upper] & (np.abs(wanted[upper] - wanted[lower]) < ALIGNED)
    is_straight = was_straight | (~(both & is_known[upper]) & (spines[upper] == spines[lower]))
    # Not two on one side of a vertex, rather those that were there.
    edges = np.flatnonzero(is_straight)
    edges = edges[np.argsort(~was_straight[edges], kind="stable")]
    for ends in (upper, lower):
        edges = edges[np.sort(np.unique(ends[edges], return_index=True)[1])]
    loose = copy.copy(columns)
    loose.distance = columns.distance - ROUNDED
    blocks = Blocks(joined_blocks(layers, place, edges, was_straight[edges]), loose)
    weight = np.where(was_there, 1.0, NEW_WEIGHT)
    stayed = blocks.separate(blocks.mean(wanted, *blocks.weigh(weight)))[blocks.of]

    def aside(x: Floats) -> Floats:
        slants = np.abs(x[upper] - x[lower])
        return np.asarray(np.bincount(layers.component[upper], slants, count), dtype=np.float64)

    def width(x: Floats) -> Floats:
        left, right = np.full(count, np.inf), np.full(count, -np.inf)
        np.minimum.at(left, layers.component, x)
        np.maximum.at(right, layers.component, x)
        wide: Floats = right - left
        return wide

    is_good = aside(stayed) <= LONGER * aside(fresh) + 1.0
    is_good &= width(stayed) <= WIDER * width(fresh) + columns.room
    return np.where(is_good[layers.component] & is_known, stayed, fresh)

"""The x of every vertex: spines straight, neighbours near, nothing too close."""

from __future__ import annotations

import math
from typing import Final

import numpy as np

from gradviz.layout.blocks import without_staircases
from gradviz.layout.columns import Columns
from gradviz.layout.exact import least_slant
from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Floats, Ints
from gradviz.layout.watch import ORDERED, PLACED, Watch

EXACT_BLOCKS: Final = 150
EXACT_DISTANCES: Final = 400
"""Sizes up to which the least-squares problem is solved exactly, in some milliseconds."""
PULL: Final = 0.5
"""Part of the way to the middle of its neighbours that a vertex goes in a round.

The most at which accelerated rounds are sure to come nearer to the best.
"""
SETTLED: Final = 1.0
"""Pixels that something has to move in a round for another one to be worth its time."""


def assign_x(
    layers: Layers,
    columns: Columns,
    block: Ints,
    *,
    rounds: int,
    watch: Watch,
) -> Floats:
    """The x of every vertex's centre.

    Of large drawings by the accelerated projected gradient method (Beck and Teboulle, A Fast
    Iterative Shrinkage-Thresholding Algorithm for Linear Inverse Problems, 2009): each round goes
    on from where the last two lead.
    """
    if not layers.count:
        return np.zeros(0)
    blocks = without_staircases(layers, columns, block)
    block = blocks.of
    upper, lower = layers.upper, layers.lower
    ends = block[upper], block[lower]
    if blocks.count <= EXACT_BLOCKS and len(blocks.distances[0]) <= EXACT_DISTANCES:
        slanted = ends[0] != ends[1]
        exact = least_slant(blocks.count, (ends[0][slanted], ends[1][slanted]), blocks.distances)
        if exact is not None:
            return blocks.separate(exact)[block]
    near, far = np.concatenate((upper, lower)), np.concatenate((lower, upper))
    degree = np.bincount(near, minlength=layers.count)
    weight, divisor = np.maximum(degree, 1e-3), np.maximum(degree, 1.0) / PULL
    for_blocks = blocks.weigh(weight)
    x = ahead = columns.start()
    momentum = 1.0
    for number in range(rounds):
        if number and watch.is_late():
            break
        watch.report(ORDERED + (PLACED - ORDERED) * number / rounds)
        apart = ahead.take(far) - ahead.take(near)
        pull = np.bincount(near, weights=apart, minlength=layers.count)
        before, wanted = x, ahead + pull / divisor
        x = columns.separate(blocks.mean(wanted, *for_blocks).take(block), weight)
        moved = x - before
        if float(np.abs(moved).max()) < SETTLED:
            break
        last, momentum = momentum, (1.0 + math.sqrt(1.0 + 4.0 * momentum**2)) / 2.0
        ahead = x + (last - 1.0) / momentum * moved
    return blocks.separate(blocks.mean(x, *for_blocks))[block]

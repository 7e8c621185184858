"""Vertices side by side in their layers, and the distances that they keep."""

from __future__ import annotations

import numpy as np
from scipy.optimize import isotonic_regression

from gradviz.layout.layers import Layers
from gradviz.layout.options import LayoutOptions
from gradviz.layout.prepare import Floats, Ints


class Columns:
    """Vertices in their order within groups (a component's part of a layer), with distances.

    `reach` is how far each vertex goes to the left and to the right of its x; `room` is what the
    widest of them needs.
    """

    def __init__(
        self,
        layers: Layers,
        place: Ints,
        reach: tuple[Floats, Floats],
        options: LayoutOptions,
    ) -> None:
        order = np.argsort(layers.first[layers.layer] + place, kind="stable")
        self.order = order
        layer, component = layers.layer[order], layers.component[order]
        same = (layer[1:] == layer[:-1]) & (component[1:] == component[:-1])
        bend = layers.node[order] < 0
        gap = np.where(bend[1:] | bend[:-1], options.line_gap, options.node_gap)
        leftwards, rightwards = reach
        self.room = float((leftwards + rightwards).max(initial=0.0)) + options.node_gap
        distance = leftwards[order][1:] + rightwards[order][:-1] + gap
        self.left = order[:-1][same]
        self.right = order[1:][same]
        self.distance = distance[same]
        self.group = np.cumsum(np.r_[0, ~same]) if len(order) else np.zeros(0, dtype=np.intp)
        steps = np.cumsum(np.r_[0.0, np.where(same, distance, 0.0)]) if len(order) else np.zeros(0)
        starts = np.flatnonzero(np.r_[True, ~same]) if len(order) else np.zeros(0, dtype=np.intp)
        self.offset = steps - steps[starts][self.group] if len(order) else steps

    def separate(self, wanted: Floats, weight: Floats) -> Floats:
        """The nearest x to those wanted, by least squares, that keep all distances."""
        target = wanted.take(self.order) - self.offset
        # Each group far right of the one before, so that all are one.
        shift = self.group * (target.max() - target.min() + 1.0)
        target += shift
        fitted = isotonic_regression(target, weights=weight.take(self.order)).x
        fitted -= shift
        fitted += self.offset
        result = np.empty_like(wanted)
        result[self.order] = fitted
        return result

    def start(self) -> Floats:
        """Every group packed around 0."""
        result = np.empty(len(self.order))
        widest = np.zeros(int(self.group[-1]) + 1)
        np.maximum.at(widest, self.group, self.offset)
        result[self.order] = self.offset - widest[self.group] / 2
        return result

"""The rows of a layered graph: what may change places with each other."""

from __future__ import annotations

import numpy as np

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Ints


class Rows:
    """Each component's part of each layer; vertices of one row are numbered one after the other.

    Attributes:
        of: the row of each vertex.
        start: the first vertex of each row.
        size: how many vertices each row has.
        layer, component: of each row.
        cell: each vertex's number within its row.
    """

    def __init__(self, layers: Layers) -> None:
        begins = np.ones(layers.count, dtype=np.bool_)
        begins[1:] = (np.diff(layers.layer) != 0) | (np.diff(layers.component) != 0)
        self.of: Ints = np.cumsum(begins) - 1
        self.start: Ints = np.flatnonzero(begins)
        self.size: Ints = np.diff(self.start, append=layers.count)
        self.layer: Ints = layers.layer[self.start]
        self.component: Ints = layers.component[self.start]
        self.cell: Ints = np.arange(layers.count) - self.start[self.of]
        # Where rows begin in their layer: components stand side by side.
        self._shift: Ints = self.start[self.of] - layers.first[layers.layer]

    def local(self, place: Ints) -> Ints:
        """Places in rows from places in layers."""
        return place - self._shift

    def place(self, local: Ints) -> Ints:
        """Places in layers from places in rows."""
        return local + self._shift

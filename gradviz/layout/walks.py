"""First orders of vertices: walks through a layered graph, the longest way first."""

from __future__ import annotations

from typing import Final

import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import depth_first_order

from gradviz.layout.layers import Layers
from gradviz.layout.prepare import Ints, Ranks
from gradviz.layout.sorting import stable_order

MOST: Final = 16
"""Neighbours in one row of the graph that is walked through.

SciPy's walk looks at a whole row each time that it comes back to it, so that those with more are
several rows, each with the next one as its last neighbour: the walk is the same.
"""


class Walker:
    """Makes orders by depth-first walks from the sinks or the sources of each component.

    Trees get no crossings, and a chain of ops gets its parameters at its right.
    """

    def __init__(self, layers: Layers, ranks: Ranks) -> None:
        self._layers, self._ranks = layers, ranks
        count = layers.count
        self._every = np.arange(count)
        self._bits = count.bit_length()
        # One more vertex has the first one of each component as its neighbours.
        near = np.concatenate((layers.upper, layers.lower))
        self._near, self._far = (
            near << (1 + self._bits),
            np.concatenate((layers.lower, layers.upper)),
        )
        degree = np.bincount(near, minlength=count + 1)
        degree[count] = layers.component_count
        parts = np.maximum(-(-degree // MOST), 1)
        self._row = np.cumsum(parts) - parts
        rows = int(parts.sum())
        size = np.full(rows, MOST + 1)
        size[self._row + parts - 1] = degree - MOST * (parts - 1)
        starts = np.zeros(rows + 1, dtype=np.int32)
        np.cumsum(size, out=starts[1:])
        is_next = np.zeros(int(starts[-1]), dtype=np.bool_)
        is_next[starts[1:][size > MOST] - 1] = True
        self._slots = np.flatnonzero(~is_next)
        neighbours = np.zeros(len(is_next), dtype=np.int32)
        neighbours[is_next] = np.flatnonzero(size > MOST) + 1
        ones = np.ones(len(neighbours), dtype=np.float64)
        self._graph = csr_array((ones, neighbours, starts), shape=(rows, rows))
        self._vertex = np.repeat(np.arange(count + 1), parts)
        self._vertex[1:][self._vertex[1:] == self._vertex[:-1]] = count

    def order(self, *, from_sinks: bool, shuffle: int = 0) -> Ints:
        """Each vertex's place in its layer, by when the walk came to it.

        `shuffle` other than 0 is the seed of another order among neighbours.
        """
        layers, count, every = self._layers, self._layers.count, self._every
        bits, mask = self._bits, (1 << self._bits) - 1
        weight = (self._ranks.depth if from_sinks else self._ranks.height)[layers.hub]
        if shuffle:
            weight = np.random.default_rng(shuffle).permutation(count)
        nodes = len(layers.vertex_of)
        by_rank = stable_order(layers.hub - weight * nodes)
        rank = np.empty(count, dtype=np.intp)
        rank[by_rank] = every
        layer = len(layers.first) - layers.layer if from_sinks else layers.layer
        roots = np.full(layers.component_count, np.iinfo(np.intp).max)
        np.minimum.at(roots, layers.component, ((layer * nodes + layers.hub) << bits) + every)
        key = self._near + rank[self._far]
        # First what the walk goes on to, last what it comes from.
        edges = len(layers.upper)
        key[slice(edges) if from_sinks else slice(edges, 2 * edges)] += 1 << bits
        key.sort()
        neighbours = np.concatenate((by_rank[key & mask], roots & mask))
        self._graph.indices[self._slots] = self._row[neighbours]
        walk = self._vertex[
            depth_first_order(self._graph, int(self._row[count]), return_predecessors=False)
        ]
        walk = walk[walk < count]
        place = np.empty(count, dtype=np.intp)
        place[walk[stable_order(layers.layer[walk])]] = every
        place -= layers.first[layers.layer]
        return place

"""Layered vertices: nodes and the bends of long edges, with shared trunks."""

from __future__ import annotations

import msgspec
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from gradviz.layout.prepare import Drawing, Ints, Ranks


class Layers(msgspec.Struct, frozen=True):
    """Every edge here joins a vertex of one layer to one of the next.

    Vertices are sorted by layer and then by component; those of layer `r` are
    `first[r]:first[r + 1]`. `node` is a vertex's node, -1 for a bend; `hub` its node or the
    source of the long edge that it is a bend of. All long edges of one hub share one chain of
    bends, the trunk; `trunk[hub]` is the vertex of its first bend, -1 where it has none, and
    `next_bend` leads on.
    """

    first: Ints
    layer: Ints
    component: Ints
    node: Ints
    hub: Ints
    vertex_of: Ints
    trunk: Ints
    next_bend: Ints
    upper: Ints
    lower: Ints
    component_count: int

    @property
    def count(self) -> int:
        """Number of vertices."""
        return len(self.layer)


def components_of(drawing: Drawing) -> tuple[int, Ints]:
    """Number of components, and each node's, numbered by their first node in canonical order.

    Nodes without edges come last.
    """
    count = drawing.count
    ones = np.ones(len(drawing.source), dtype=np.int8)
    matrix = coo_array((ones, (drawing.source, drawing.target)), shape=(count, count))
    number, label = connected_components(matrix, directed=False)
    first = np.full(number, count, dtype=np.intp)
    np.minimum.at(first, label, np.arange(count))
    alone = np.bincount(label, minlength=number) == 1
    place = np.empty(number, dtype=np.intp)
    place[np.lexsort((first, alone))] = np.arange(number)
    return int(number), place[label]


def make_layers(drawing: Drawing, ranks: Ranks) -> Layers:
    """Cut long edges at every layer that they cross."""
    count, layer = drawing.count, ranks.layer
    source, target = drawing.source, drawing.target
    number, component = components_of(drawing)
    span = layer[target] - layer[source]
    bends = np.zeros(count, dtype=np.intp)
    np.maximum.at(bends, source, span - 1)
    start = count + np.cumsum(bends) - bends
    hub = np.repeat(np.arange(count), bends)
    step = np.arange(len(hub)) - (start[hub] - count)
    all_hub = np.concatenate([np.arange(count), hub])
    all_layer = np.concatenate([layer, layer[hub] + 1 + step])
    previous = np.where(step == 0, hub, np.arange(len(hub)) + count - 1)
    last = np.where(span == 1, source, start[source] + span - 2)
    upper = np.concatenate([previous, last])
    lower = np.concatenate([np.arange(len(hub)) + count, target])

    total = len(all_layer)
    by_layer = np.lexsort((component[all_hub], all_layer))
    place = np.empty(total, dtype=np.intp)
    place[by_layer] = np.arange(total)
    upper, lower = place[upper], place[lower]
    by_ends = np.lexsort((lower, upper))
    layers = int(all_layer.max()) + 1 if total else 0
    first = np.zeros(layers + 1, dtype=np.intp)
    np.cumsum(np.bincount(all_layer, minlength=layers), out=first[1:])
    next_bend = np.full(total, -1, dtype=np.intp)
    inner = step > 0
    next_bend[place[previous[inner]]] = place[np.flatnonzero(inner) + count]
    trunk = np.full(count, -1, dtype=np.intp)
    has_trunk = bends > 0
    trunk[has_trunk] = place[start[has_trunk]]
    is_node = by_layer < count
    return Layers(
        first=first,
        layer=all_layer[by_layer],
        component=component[all_hub][by_layer],
        node=np.where(is_node, by_layer, -1),
        hub=all_hub[by_layer],
        vertex_of=place[:count],
        trunk=trunk,
        next_bend=next_bend,
        upper=upper[by_ends],
        lower=lower[by_ends],
        component_count=number,
    )

"""Layered vertices: nodes and the bends of long edges, with shared trunks."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np
from scipy.sparse import csr_array
from scipy.sparse.csgraph import connected_components

from gradviz.layout.prepare import Bools, Drawing, Ints, Ranks
from gradviz.layout.sorting import stable_order

MANY: Final = 6
"""Long edges into one node from which on they join in one trunk."""


class Layers(msgspec.Struct, frozen=True):
    """Every edge here joins a vertex of one layer to one of the next.

    Vertices are sorted by layer and then by component; those of layer `r` are
    `first[r]:first[r + 1]`. `node` is a vertex's node, -1 for a bend; `hub` its node or the
    source of the long edge that it is a bend of. All long edges of one hub share one chain of
    bends, the trunk; `trunk[hub]` is the vertex of its first bend, -1 where it has none, and
    `next_bend` leads on; `bends` are all of them, one trunk after the other. Where many long edges
    meet in one node, the stack of all steps' outputs, they share a trunk that ends there, from
    `joint[node]` on; `joining` holds those edges as `source * number of nodes + target`, sorted.
    """

    first: Ints
    layer: Ints
    component: Ints
    node: Ints
    hub: Ints
    vertex_of: Ints
    trunk: Ints
    joint: Ints
    joining: Ints
    next_bend: Ints
    bends: Ints
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
    starts = np.searchsorted(drawing.source, np.arange(count + 1))
    ones = np.ones(len(drawing.source), dtype=np.float64)
    matrix: csr_array[np.float64] = csr_array(
        (ones, drawing.target, starts), shape=(count, count), dtype=np.float64
    )
    number, label = connected_components(matrix, directed=False)
    first = np.full(number, count, dtype=np.intp)
    np.minimum.at(first, label, np.arange(count))
    alone = np.bincount(label, minlength=number) == 1
    place = np.empty(number, dtype=np.intp)
    place[np.lexsort((first, alone))] = np.arange(number)
    return int(number), place[label]


def _joining(drawing: Drawing, span: Ints) -> Bools:
    """Which edges join a trunk that ends at their target: where more arrive than leave."""
    is_long = span > 1
    arriving = np.bincount(drawing.target[is_long], minlength=drawing.count)[drawing.target]
    leaving = np.bincount(drawing.source[is_long], minlength=drawing.count)[drawing.source]
    return np.asarray(is_long & (arriving >= MANY) & (arriving > leaving))


def make_layers(drawing: Drawing, ranks: Ranks) -> Layers:
    """Cut long edges at every layer that they cross."""
    count, layer = drawing.count, ranks.layer
    source, target = drawing.source, drawing.target
    number, component = components_of(drawing)
    span = layer[target] - layer[source]
    joins = _joining(drawing, span)
    out_bends = np.zeros(count, dtype=np.intp)
    np.maximum.at(out_bends, source[~joins], span[~joins] - 1)
    in_bends = np.zeros(count, dtype=np.intp)
    np.maximum.at(in_bends, target[joins], span[joins] - 1)
    # A trunk that joins belongs to the source of its longest edge, as one that parts does.
    longest = np.flatnonzero(joins)[np.argsort(span[joins], kind="stable")]
    owner = np.arange(2 * count)
    owner[count + target[longest]] = source[longest]
    bends = np.concatenate([out_bends, in_bends])
    start = count + np.cumsum(bends) - bends
    top = np.concatenate([layer + 1, layer - in_bends])
    chain = np.repeat(np.arange(2 * count), bends)
    number_of = np.arange(len(chain)) + count
    step = number_of - start[chain]
    all_hub = np.concatenate([np.arange(count), owner[chain]])
    all_layer = np.concatenate([layer, top[chain] + step])
    previous = np.where(step == 0, chain, number_of - 1)
    linked = (step > 0) | (chain < count)
    parts = (span > 1) & ~joins
    first_of = np.where(joins, start[count + target] + in_bends[target] - span + 1, target)
    last_of = np.where(parts, start[source] + span - 2, source)
    ends = start[count:] + in_bends - 1
    joined = np.flatnonzero(in_bends > 0)
    upper = np.concatenate([previous[linked], last_of, ends[joined]])
    lower = np.concatenate([number_of[linked], first_of, joined])

    total = len(all_layer)
    by_layer = stable_order(all_layer * number + component[all_hub])
    place = np.empty(total, dtype=np.intp)
    place[by_layer] = np.arange(total)
    upper, lower = place[upper], place[lower]
    by_ends = stable_order(upper * total + lower)
    layers = int(all_layer.max()) + 1 if total else 0
    first = np.zeros(layers + 1, dtype=np.intp)
    np.cumsum(np.bincount(all_layer, minlength=layers), out=first[1:])
    next_bend = np.full(total, -1, dtype=np.intp)
    inner = step > 0
    next_bend[place[previous[inner]]] = place[number_of[inner]]
    trunk = np.full(2 * count, -1, dtype=np.intp)
    trunk[bends > 0] = place[start[bends > 0]]
    is_node = by_layer < count
    return Layers(
        first=first,
        layer=all_layer[by_layer],
        component=component[all_hub][by_layer],
        node=np.where(is_node, by_layer, -1),
        hub=all_hub[by_layer],
        vertex_of=place[:count],
        trunk=trunk[:count],
        joint=trunk[count:],
        joining=np.sort((source * count + target)[joins]),
        next_bend=next_bend,
        bends=place[count:],
        upper=upper[by_ends],
        lower=lower[by_ends],
        component_count=number,
    )

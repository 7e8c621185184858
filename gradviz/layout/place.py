"""Put a drawing's nodes and bends where they stand: layers, order, columns, bands, packing."""

from __future__ import annotations

from typing import Final

import msgspec
import numpy as np

from gradviz.layout.columns import Columns
from gradviz.layout.coordinates import assign_x
from gradviz.layout.layers import Layers, make_layers
from gradviz.layout.memory import Memory, order_remembered, vertex_memory
from gradviz.layout.model import Point
from gradviz.layout.options import LayoutOptions
from gradviz.layout.order import centre_trunks, order_vertices
from gradviz.layout.pack import pack_with_grid
from gradviz.layout.prepare import Drawing, Floats, rank_nodes
from gradviz.layout.routes import Bands, bands_of
from gradviz.layout.spines import find_spines
from gradviz.layout.staying import stay
from gradviz.layout.watch import ORDERED, PLACED, PREPARED, Watch

LOOP_REACH: Final = 18.0
ROUNDS: Final = 16
LONG: Final = 2.0
"""Times the gap between layers that a layer is longer than a node, where a frame is in it."""
PIXEL_DIGITS: Final = 3
"""Decimals kept, so that what should be straight is."""
_BEYOND_NOISE: Final = 1e-6


class Placement(msgspec.Struct, frozen=True):
    """Where everything of a drawing stands: `x` and `bands` by vertex, `size` of the whole.

    `node_y` is the y of each node's centre; `longest_way` is how many nodes are on it.
    """

    layers: Layers
    x: Floats
    node_y: Floats
    bands: Bands
    size: Point
    longest_way: int

    @property
    def node_x(self) -> Floats:
        """The x of each node's centre."""
        return self.x[self.layers.vertex_of]


def place(
    drawing: Drawing,
    options: LayoutOptions,
    *,
    watch: Watch,
    bend_width: float = 0.0,
    memory: Memory | None = None,
) -> Placement | None:
    """Lay a drawing out, edges running down; None for one without nodes.

    Components are packed in rows, nodes without edges in a grid after them. Where there are
    entries or exits they stand in one row, so that nothing is between these and the border. With
    a `memory` what was there keeps its order.
    """
    if not drawing.count:
        return None
    watch.check()
    watch.report(0.0)
    ranks = rank_nodes(drawing)
    layers = make_layers(drawing, ranks)
    watch.report(PREPARED)
    remembered = None if memory is None else vertex_memory(layers, drawing, memory)
    if remembered is None:
        places = order_vertices(layers, ranks, watch)
        centre_trunks(layers, places, ranks.wrapped)
    else:
        places = order_remembered(layers, remembered, watch)
    watch.report(ORDERED)
    block = find_spines(layers, ranks, places)
    reach = _reach(drawing, layers, bend_width)
    columns = Columns(layers, places, reach, options)
    x = assign_x(layers, columns, block, rounds=ROUNDS, watch=watch)
    if remembered is not None:
        x = stay(layers, columns, places, block, x, remembered)
    watch.report(PLACED)
    # Every component from 0 on, so that one that is laid out again where it is is just the same.
    left = np.full(layers.component_count, np.inf)
    np.minimum.at(left, layers.component, x - reach[0])
    x = _rounded(x - left[layers.component])
    right = np.zeros(layers.component_count)
    np.maximum.at(right, layers.component, x + reach[1])
    bands, tall = bands_of(layers, drawing.height, x, options.layer_gap)
    box_left, box_top, size = pack_with_grid(
        _rounded(right),
        tall,
        options.component_gap,
        alone=np.bincount(layers.component, minlength=layers.component_count) == 1,
        grid_gap=options.node_gap,
        one_row=bool(len(drawing.entries) or len(drawing.exits)),
    )
    x = _rounded(x + box_left[layers.component])
    down = box_top[layers.component]
    bands = Bands(top=_rounded(bands.top + down), bottom=_rounded(bands.bottom + down))
    longest = int((ranks.depth + ranks.length).max())
    return Placement(
        layers=layers,
        x=x,
        node_y=_node_y(drawing, layers, bands, options),
        bands=bands,
        size=size,
        longest_way=longest,
    )


def _node_y(drawing: Drawing, layers: Layers, bands: Bands, options: LayoutOptions) -> Floats:
    """The y of each node: the middle of its layer.

    Beside a long frame leaves stand at its end, and what ends the graph where the frame begins.
    """
    top, bottom = bands.top[layers.vertex_of], bands.bottom[layers.vertex_of]
    half = drawing.height / 2
    is_long = bottom - top - drawing.height > LONG * options.layer_gap
    is_fed = np.bincount(drawing.target, minlength=drawing.count) > 0
    feeds = np.bincount(drawing.source, minlength=drawing.count) > 0
    y = np.where(is_long & feeds & ~is_fed, bottom - half, (top + bottom) / 2)
    y = np.where(is_long & is_fed & ~feeds, top + half, y)
    return _rounded(y)


def _rounded(at: Floats) -> Floats:
    """Rounded to the same also where two ways of adding up lie on either side of a half."""
    return np.asarray(np.round(at + _BEYOND_NOISE, PIXEL_DIGITS), dtype=np.float64)


def _reach(drawing: Drawing, layers: Layers, bend_width: float) -> tuple[Floats, Floats]:
    """How far each vertex goes to the left and to the right of its x."""
    width = drawing.width.copy()
    width[drawing.loops] += 2 * LOOP_REACH
    anchor = width / 2
    if drawing.anchor is not None:
        anchor = drawing.anchor.copy()
        anchor[drawing.loops] += LOOP_REACH
    is_node = layers.node >= 0
    return (
        np.where(is_node, anchor[layers.node], bend_width / 2),
        np.where(is_node, (width - anchor)[layers.node], bend_width / 2),
    )

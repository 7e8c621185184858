"""From a recording to a scene: build the view, measure its cards, lay it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import numpy as np

from gradviz.gui.canvas.cards import Card, CardMaker
from gradviz.gui.canvas.curves import with_room_to_bend
from gradviz.gui.canvas.frames import TITLE_HEIGHT, Frame
from gradviz.gui.canvas.geometry import Box, Points
from gradviz.gui.canvas.scene import Edge, Scene
from gradviz.gui.canvas.shapes import border_inset
from gradviz.layout import Layout, LayoutCancelled, layered_layout, paired_layout
from gradviz.recording.model import Item, Recording
from gradviz.recording.scopes import scope_title
from gradviz.recording.view import (
    Folding,
    ViewMode,
    ViewOptions,
    build_view,
    node_item,
    op_item,
    tensor_item,
)

if TYPE_CHECKING:
    import networkx as nx

LAYER_GAP: Final = 52.0
"""Room between layers for a gradient's label and an arrowhead at either end."""


def _meet_border(end: Points, card: Card, rect: Points) -> None:
    """Move an edge's end, which lies on the card's box, onto the card's own border."""
    inset = border_inset(card.kind, rect, float(end[0]))
    if abs(end[1] - rect[1]) < 1.0:
        end[1] += inset
    elif abs(end[1] - rect[1] - rect[3]) < 1.0:
        end[1] -= inset


def _paths(folding: Folding) -> list[tuple[int, ...]]:
    """The scopes of each box, outermost first and its own last."""
    paths: dict[int, tuple[int, ...]] = {}
    for group in folding.groups:
        around = () if group.parent is None else paths[group.parent]
        paths[group.scope.id] = (*around, group.scope.id)
    return list(paths.values())


def _lay_out(
    graph: nx.DiGraph[Item],
    recording: Recording,
    options: ViewOptions,
    should_stop: Callable[[], bool] | None,
) -> Layout[Item]:
    if options.mode is not ViewMode.BOTH:
        folding: Folding = graph.graph["folding"]
        boxes = zip(folding.groups, _paths(folding), strict=True)
        return layered_layout(
            graph,
            layer_gap=LAYER_GAP,
            should_stop=should_stop,
            groups={item: path for group, path in boxes for item in group.members},
            frame_header=TITLE_HEIGHT,
        )
    partner = {}
    for node in recording.autograd_nodes:
        if node.op is not None:
            partner[node_item(node.id)] = op_item(node.op)
        elif node.leaf is not None:
            partner[node_item(node.id)] = tensor_item(node.leaf)
    return paired_layout(graph, partner, layer_gap=LAYER_GAP, should_stop=should_stop)


def build_scene(
    recording: Recording,
    options: ViewOptions | None = None,
    *,
    should_stop: Callable[[], bool] | None = None,
) -> Scene:
    """Build the view of a recording, measure its cards, lay it out.

    Raises `LayoutCancelled` soon after `should_stop` has returned true.
    """

    def turn() -> None:
        if should_stop is not None and should_stop():
            raise LayoutCancelled

    graph = build_view(recording, options, turn=turn)
    maker = CardMaker(recording)
    cards: list[Card] = []
    for item in graph:
        turn()
        cards.append(maker.make(item, graph))
    for card in cards:
        graph.nodes[card.item].update(width=card.width, height=card.height)
    folding: Folding = graph.graph["folding"]
    layout = _lay_out(graph, recording, options or ViewOptions(), should_stop)
    centres = np.array([layout.positions[card.item] for card in cards], np.float64).reshape(-1, 2)
    sizes = np.array([(card.width, card.height) for card in cards], np.float64).reshape(-1, 2)
    rects = np.ascontiguousarray(np.hstack((centres - sizes / 2, sizes)))
    frames = [
        Frame(group.item, scope_title(group.scope), Box(*layout.frames[path]), len(path) - 1)
        for group, path in zip(folding.groups, _paths(folding), strict=True)
        if path in layout.frames
    ]
    index = {card.item: number for number, card in enumerate(cards)}
    edges: list[Edge] = []
    polylines: list[Points] = []
    for source, target, data in graph.edges(data=True):
        turn()
        route = np.asarray(layout.routes.get((source, target), ()), np.float64).reshape(-1, 2)
        if len(route) < 2:
            continue
        edge = Edge(index[source], index[target], data["tensor"], data["carriers"])
        _meet_border(route[0], cards[edge.source], rects[edge.source])
        _meet_border(route[-1], cards[edge.target], rects[edge.target])
        edges.append(edge)
        polylines.append(with_room_to_bend(route, LAYER_GAP))
    return Scene(recording, cards, rects, edges, polylines, frames=frames, folding=folding)

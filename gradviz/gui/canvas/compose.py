"""From a recording to a scene: build the view, measure its cards, lay it out."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from gradviz.gui.canvas.arrange import arrange, gap_of, paths_of
from gradviz.gui.canvas.cards import Card, CardKind, CardMaker
from gradviz.gui.canvas.curves import with_room_to_bend
from gradviz.gui.canvas.frames import Frame
from gradviz.gui.canvas.geometry import Box, Points
from gradviz.gui.canvas.scene import Edge, Scene
from gradviz.gui.canvas.shapes import border_inset, side_inset
from gradviz.gui.canvas.symbols import scope_label
from gradviz.layout import Direction, LayoutCancelled
from gradviz.recording.model import Item, NextEdge, Recording, ScopeId
from gradviz.recording.view import (
    Folding,
    ViewMode,
    ViewOptions,
    build_view,
    default_view,
)

if TYPE_CHECKING:
    pass


def _meet_border(end: Points, card: Card, rect: Points, bends: Direction | None) -> None:
    """Move an edge's end, which lies on the card's box, onto the card's own border."""
    if bends is Direction.RIGHT:
        inset = side_inset(card.kind, rect, float(end[1]))
        end[0] += inset if end[0] < rect[0] + rect[2] / 2 else -inset
        return
    inset = border_inset(card.kind, rect, float(end[0]))
    if abs(end[1] - rect[1]) < 1.0:
        end[1] += inset
    elif abs(end[1] - rect[1] - rect[3]) < 1.0:
        end[1] -= inset


def _modules_around(folding: Folding) -> dict[Item, str]:
    """The path of the innermost module whose frame is around each card that is in one."""
    path_of: dict[ScopeId | None, str] = {None: ""}
    found: dict[Item, str] = {}
    for group in folding.groups:
        path_of[group.scope.id] = group.scope.path or path_of[group.parent]
        found.update(dict.fromkeys(group.members, path_of[group.scope.id]))
    return found


def build_scene(
    recording: Recording,
    options: ViewOptions | None = None,
    *,
    previous: Scene | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Scene:
    """Build the view of a recording, measure its cards, lay it out.

    Of the `previous` scene stays where it was what can.

    Raises `LayoutCancelled` soon after `should_stop` has returned true.
    """

    def turn() -> None:
        if should_stop is not None and should_stop():
            raise LayoutCancelled

    graph = build_view(recording, options, turn=turn)
    folding: Folding = graph.graph["folding"]
    maker = CardMaker(recording)
    around = _modules_around(folding)
    cards: list[Card] = []
    for item in graph:
        turn()
        cards.append(maker.make(item, graph, folding.folds.get(item), around.get(item, "")))
    for card in cards:
        graph.nodes[card.item].update(width=card.width, height=card.height)
    options = options or default_view(recording)
    layout = arrange(graph, cards, recording, options, previous=previous, should_stop=should_stop)
    centres = np.array([layout.positions[card.item] for card in cards], np.float64).reshape(-1, 2)
    sizes = np.array([(card.width, card.height) for card in cards], np.float64).reshape(-1, 2)
    rects = np.ascontiguousarray(np.hstack((centres - sizes / 2, sizes)))
    frames = [
        Frame(group.item, scope_label(group.scope), Box(*layout.frames[path]), len(path) - 1)
        for group, path in zip(folding.groups, paths_of(folding), strict=True)
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
        _meet_border(route[0], cards[edge.source], rects[edge.source], layout.direction)
        _meet_border(route[-1], cards[edge.target], rects[edge.target], layout.direction)
        edges.append(edge)
        polylines.append(with_room_to_bend(route, gap_of(options), layout.direction))
    if options.mode is ViewMode.BOTH:
        edges = _without_doubles(recording, cards, edges)
    scene = Scene(
        recording,
        cards,
        rects,
        edges,
        polylines,
        frames=frames,
        folding=folding,
        bends=layout.direction,
    )
    scene.warm(options.pass_id or 0)
    return scene


def _without_doubles(recording: Recording, cards: list[Card], edges: list[Edge]) -> list[Edge]:
    """In the view of both, keep each gradient only on the edges between autograd nodes."""

    def runs_backward(edge: Edge) -> bool:
        kinds = {cards[edge.source].kind, cards[edge.target].kind}
        return CardKind.NODE in kinds or kinds == {CardKind.SCOPE}

    backward = [edge for edge in edges if runs_backward(edge)]
    sent = {carrier for edge in backward for carrier in edge.carriers if not carrier.incoming}
    nodes = recording.autograd_nodes
    received = {nodes[c.node].next[c.slot] for c in sent if c.slot < len(nodes[c.node].next)}

    def is_double(edge: Edge) -> bool:
        return all(
            NextEdge(c.node, c.slot) in received if c.incoming else c in sent for c in edge.carriers
        )

    return [
        edge._replace(carriers=(), has_double=True)
        if edge.carriers and not runs_backward(edge) and is_double(edge)
        else edge
        for edge in edges
    ]

"""From a recording to a scene: build the view, measure its cards, lay it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gradviz.collector import no_collections
from gradviz.gui.canvas.arrange import arrange, gap_of, paths_of
from gradviz.gui.canvas.cards import Card, CardKind, CardMaker
from gradviz.gui.canvas.curves import with_room_to_bend
from gradviz.gui.canvas.frames import Frame
from gradviz.gui.canvas.geometry import Box, Indices, Points
from gradviz.gui.canvas.scene import Edge, Scene
from gradviz.gui.canvas.shapes import Kinds, border_insets, side_insets
from gradviz.gui.canvas.symbols import scope_label
from gradviz.layout import Direction, Layout, LayoutCancelled, Routes
from gradviz.layout.routes import Lines, starts_of
from gradviz.recording.model import Item, NextEdge, Recording, ScopeId
from gradviz.recording.view import (
    Folding,
    ViewMode,
    ViewOptions,
    build_view,
    default_view,
)


def _routes(layout: Layout[Item], ends: Sequence[tuple[Item, Item]]) -> tuple[Points, Indices]:
    """The routes of some edges one after the other, and where each begins; none may be missing."""
    routes = layout.routes
    if isinstance(routes, Routes):
        lines = routes.chosen(ends)
        return lines.points, lines.starts
    lengths = np.fromiter((len(routes[edge]) for edge in ends), np.intp, len(ends))
    points = np.array([point for edge in ends for point in routes[edge]], np.float64)
    return points.reshape(-1, 2), starts_of(lengths)


def _meet_borders(
    points: Points, ends: Indices, kinds: Kinds, rects: Points, bends: Direction | None
) -> None:
    """Move ends of edges, which lie on the boxes of their cards, onto the cards' own borders."""
    left, top, width, height = rects.T
    x, y = points[ends].T
    if bends is Direction.RIGHT:
        inset = side_insets(kinds, rects, y)
        points[ends, 0] += np.where(x < left + width / 2, inset, -inset)
        return
    inset = border_insets(kinds, rects, x)
    is_above, is_below = np.abs(y - top) < 1.0, np.abs(y - top - height) < 1.0
    points[ends, 1] += np.where(is_above, inset, np.where(is_below, -inset, 0.0))


def _modules_around(folding: Folding) -> dict[Item, str]:
    """The path of the innermost module whose frame is around each card that is in one."""
    path_of: dict[ScopeId | None, str] = {None: ""}
    found: dict[Item, str] = {}
    for group in folding.groups:
        path_of[group.scope.id] = group.scope.path or path_of[group.parent]
        found.update(dict.fromkeys(group.members, path_of[group.scope.id]))
    return found


@no_collections()
def build_scene(
    recording: Recording,
    options: ViewOptions | None = None,
    *,
    previous: Scene | None = None,
    should_stop: Callable[[], bool] | None = None,
    maker: CardMaker | None = None,
) -> Scene:
    """Build the view of a recording, measure its cards, lay it out.

    Of the `previous` scene stays where it was what can; a `maker` knows the cards that it has made.

    Raises `LayoutCancelled` soon after `should_stop` has returned true.
    """

    def turn() -> None:
        if should_stop is not None and should_stop():
            raise LayoutCancelled

    graph = build_view(recording, options, turn=turn)
    folding: Folding = graph.graph["folding"]
    maker = maker or CardMaker(recording)
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
    turn()
    index = {card.item: number for number, card in enumerate(cards)}
    edges = [
        Edge(index[source], index[target], data["tensor"], data["carriers"])
        for source, target, data in graph.edges(data=True)
    ]
    points, starts = _routes(layout, list(graph.edges()))
    kinds = np.fromiter((card.kind for card in cards), np.uint8, len(cards))
    for at, ends in (
        (starts[:-1], [edge.source for edge in edges]),
        (starts[1:] - 1, [edge.target for edge in edges]),
    ):
        if ends:
            _meet_borders(points, at, kinds[ends], rects[ends], layout.direction)
    points = with_room_to_bend(points, starts, gap_of(options), layout.direction)
    turn()
    if options.mode is ViewMode.BOTH:
        edges = _without_doubles(recording, cards, edges)
    return Scene(
        recording,
        cards,
        rects,
        edges,
        Lines(points, starts),
        frames=frames,
        folding=folding,
        bends=layout.direction,
        scopes=layout.scopes,
    )


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

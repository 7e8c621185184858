"""From a recording to a scene: build the view, measure its cards, lay it out."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np

from gradviz.collector import no_collections
from gradviz.gui.canvas.arrange import arrange, gap_of, paths_of
from gradviz.gui.canvas.cards import Card, CardKind
from gradviz.gui.canvas.curves import with_room_to_bend
from gradviz.gui.canvas.edges import DrawnEdges, Edge
from gradviz.gui.canvas.frames import Frame
from gradviz.gui.canvas.geometry import Box, Indices, Points
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.shapes import Kinds, border_insets, side_insets
from gradviz.gui.canvas.symbols import scope_label
from gradviz.gui.canvas.view_cards import ViewCardMaker
from gradviz.layout import Direction, LayoutCancelled
from gradviz.layout.routes import Lines
from gradviz.layout.watch import Progress
from gradviz.recording.model import NextEdge, Recording
from gradviz.recording.view import ViewMode, ViewOptions, default_view, fold_view


def _meet_borders(
    points: Points, ends: Indices, kinds: Kinds, rects: Points, bends: Direction | None
) -> None:
    """Move ends of edges, which lie on the boxes of their cards, onto the cards' own borders."""
    left, top, width, height = rects.T
    x, y = points.take(ends, axis=0).T
    if bends is Direction.RIGHT:
        inset = side_insets(kinds, rects, y)
        points[ends, 0] += np.where(x < left + width / 2, inset, -inset)
        return
    inset = border_insets(kinds, rects, x)
    is_above, is_below = np.abs(y - top) < 1.0, np.abs(y - top - height) < 1.0
    points[ends, 1] += np.where(is_above, inset, np.where(is_below, -inset, 0.0))


@no_collections()
def build_scene(
    recording: Recording,
    options: ViewOptions | None = None,
    *,
    previous: Scene | None = None,
    should_stop: Callable[[], bool] | None = None,
    progress: Progress | None = None,
    maker: ViewCardMaker | None = None,
) -> Scene:
    """Build the view of a recording, measure its cards, lay it out.

    Of the `previous` scene stays where it was what can; a `maker` knows the cards
    that it has made. `progress` is told how much of the layout is done, from 0 to 1.

    Raises `LayoutCancelled` soon after `should_stop` has returned true.
    """

    def turn() -> None:
        if should_stop is not None and should_stop():
            raise LayoutCancelled

    options = options or default_view(recording)
    folding = fold_view(recording, options, turn=turn)
    _, cards, sizes = (maker or ViewCardMaker(recording)).make(folding, turn)
    arranged = arrange(
        folding,
        cards,
        sizes,
        recording,
        options,
        previous=previous,
        should_stop=should_stop,
        progress=progress,
    )
    rects = np.ascontiguousarray(np.hstack((arranged.centres - sizes / 2, sizes)))
    frames = [
        Frame(group.item, scope_label(group.scope), Box(*arranged.frames[path]), len(path) - 1)
        for group, path in zip(folding.groups, paths_of(folding), strict=True)
        if path in arranged.frames
    ]
    turn()
    merged, points, starts = folding.edges, arranged.lines.points, arranged.lines.starts
    kinds = np.fromiter((card.kind for card in cards), np.uint8, len(cards))
    for at, ends in ((starts[:-1], merged.sources), (starts[1:] - 1, merged.targets)):
        _meet_borders(points, at, kinds[ends], rects.take(ends, axis=0), arranged.direction)
    points = with_room_to_bend(points, starts, gap_of(options), arranged.direction)
    turn()
    no_doubles = np.zeros(len(merged.counts), np.bool_)
    edges = DrawnEdges(merged.sources, merged.targets, merged.tensors, merged.carriers, no_doubles)
    if options.mode is ViewMode.BOTH:
        edges = DrawnEdges.of(_without_doubles(recording, cards, edges))
    return Scene(
        recording,
        cards,
        rects,
        edges,
        Lines(points, starts),
        frames=frames,
        replay=previous.replay if previous and previous.recording is recording else None,
        folding=folding,
        bends=arranged.direction,
        scopes=arranged.scopes,
    )


def _without_doubles(recording: Recording, cards: list[Card], edges: Sequence[Edge]) -> list[Edge]:
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

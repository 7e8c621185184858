"""The laid out graph as arrays: what there is to paint, where, and what is near what.

A scene is built once per view, off the window's thread, and never changes. Coordinates are
pixels at scale 1. Questions about a rectangle or a point are answered by numpy over all cards.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Final, NamedTuple

import numpy as np
from PySide6.QtGui import QPainterPath

from gradviz.gui.canvas.cards import Card, CardKind, CardMaker
from gradviz.gui.canvas.chips import place_chips
from gradviz.gui.canvas.curves import Points, with_room_to_bend
from gradviz.gui.canvas.shapes import border_inset
from gradviz.layout import Layout, LayoutCancelled, layered_layout, paired_layout
from gradviz.recording.model import Item, NodeId, Recording, TensorId
from gradviz.recording.replay import Carrier, Replay
from gradviz.recording.view import (
    ViewMode,
    ViewOptions,
    build_view,
    go_on,
    node_item,
    op_item,
    tensor_item,
)

if TYPE_CHECKING:
    import networkx as nx

Indices = np.ndarray[Any, np.dtype[np.intp]]

MARGIN: Final = 28.0
LAYER_GAP: Final = 52.0
"""Room between layers for a gradient's label and an arrowhead at either end."""
REACH: Final = 16.0
"""How far outside its card something of it may be painted (markers, outlines)."""


class Box(NamedTuple):
    """A rectangle: left, top, right, bottom."""

    left: float
    top: float
    right: float
    bottom: float

    @property
    def width(self) -> float:
        """Horizontal extent."""
        return self.right - self.left

    @property
    def height(self) -> float:
        """Vertical extent."""
        return self.bottom - self.top

    def contains(self, x: float, y: float) -> bool:
        """Whether a point is inside."""
        return self.left <= x <= self.right and self.top <= y <= self.bottom

    def grown(self, by: float) -> Box:
        """The same with a border added on every side."""
        return Box(self.left - by, self.top - by, self.right + by, self.bottom + by)


class Edge(NamedTuple):
    """One drawn edge, from card `source` to card `target`."""

    source: int
    target: int
    tensor: TensorId | None
    carriers: tuple[Carrier, ...]


class Scene:
    """Everything that is drawn of a view, and where.

    Attributes:
        recording: what the scene is a view of.
        replay: answers about that recording's playheads.
        cards: what stands on each card; all other arrays use their order.
        items: the item of each card.
        index: the card of each item.
        rects: left, top, width and height of each card, shape (n, 4).
        kinds: the `CardKind` of each card, shape (n,).
        edges: the edges.
        polylines: the route of each edge, arrays of shape (k, 2).
        edge_boxes: left, top, right and bottom of each edge, shape (m, 4).
        segments: all straight pieces of all routes, shape (s, 4), for the view from far away.
        segment_edge: which edge each of them belongs to, shape (s,).
        chip_anchors: centre of the place for each edge's gradient, shape (m, 2).
        chip_rooms: the `Room` that there is for it, shape (m,).
        bounds: the box around everything, with a margin.
        delivery_paths: the curves along which gradients came, kept by who draws them.
    """

    def __init__(
        self,
        recording: Recording,
        cards: Sequence[Card],
        rects: Points,
        edges: Sequence[Edge],
        polylines: Sequence[Points],
        *,
        replay: Replay | None = None,
        turn: Callable[[], None] | None = None,
    ) -> None:
        self.recording = recording
        self.replay = replay if replay is not None else Replay(recording)
        self.cards = tuple(cards)
        self.items = tuple(card.item for card in cards)
        self.index = {item: number for number, item in enumerate(self.items)}
        self.rects = rects.reshape(-1, 4)
        self.kinds = np.fromiter((c.kind for c in self.cards), np.uint8, len(self.cards))
        self.edges = tuple(edges)
        self.polylines = tuple(polylines)
        self._measure()
        self._connect()
        self.delivery_paths: dict[int, QPainterPath] = {}
        self.chip_anchors, self.chip_rooms = place_chips(self, turn or go_on)

    def _measure(self) -> None:
        left_top = self.rects[:, :2]
        self.card_boxes = np.hstack((left_top, left_top + self.rects[:, 2:]))
        boxes = [np.concatenate((p.min(axis=0), p.max(axis=0))) for p in self.polylines]
        self.edge_boxes = np.array(boxes, np.float64).reshape(-1, 4)
        pieces = [np.hstack((p[:-1], p[1:])) for p in self.polylines]
        self.segments = np.ascontiguousarray(
            np.vstack(pieces) if pieces else np.empty((0, 4)), np.float64
        )
        counts = [len(piece) for piece in pieces]
        self.segment_edge = np.repeat(np.arange(len(pieces)), counts)
        every = np.vstack((self.card_boxes, self.edge_boxes))
        if len(every):
            low, high = every[:, :2].min(axis=0), every[:, 2:].max(axis=0)
            self.bounds = Box(*map(float, (*low, *high))).grown(MARGIN)
        else:
            self.bounds = Box(0.0, 0.0, 0.0, 0.0)

    def _connect(self) -> None:
        self.incoming: list[list[int]] = [[] for _ in self.cards]
        self.outgoing: list[list[int]] = [[] for _ in self.cards]
        self.edges_of_node: dict[NodeId, list[int]] = {}
        for number, edge in enumerate(self.edges):
            self.outgoing[edge.source].append(number)
            self.incoming[edge.target].append(number)
            for node in {carrier.node for carrier in edge.carriers}:
                self.edges_of_node.setdefault(node, []).append(number)
        self.nodes_of_card: list[list[NodeId]] = [[] for _ in self.cards]
        self.cards_of_node: dict[NodeId, list[int]] = {}
        for record in self.recording.autograd_nodes:
            shown_as = [node_item(record.id)]
            if record.op is not None:
                shown_as.append(op_item(record.op))
            if record.leaf is not None and shown_as[0] not in self.index:
                shown_as.append(tensor_item(record.leaf))
            for item in shown_as:
                card = self.index.get(item)
                if card is not None:
                    self.nodes_of_card[card].append(record.id)
                    self.cards_of_node.setdefault(record.id, []).append(card)

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.cards

    def has_structure_of(self, other: Scene) -> bool:
        """Whether the same items are joined in the same way, whatever stands on them."""
        return self.items == other.items and [e[:2] for e in self.edges] == [
            e[:2] for e in other.edges
        ]

    def cards_in(self, box: Box) -> Indices:
        """The cards of which something is painted inside a box."""
        return _touching(self.card_boxes, box.grown(REACH))

    def edges_in(self, box: Box) -> Indices:
        """The edges of which something is painted inside a box."""
        return _touching(self.edge_boxes, box.grown(REACH))

    def chips_in(self, box: Box) -> Indices:
        """The edges whose gradient is written inside or close to a box."""
        x, y = self.chip_anchors.T
        box = box.grown(100.0)
        inside = (x > box.left) & (x < box.right) & (y > box.top) & (y < box.bottom)
        return np.flatnonzero(inside)

    def card_at(self, x: float, y: float) -> int | None:
        """The card at a point, None where there is none."""
        hits = _touching(self.card_boxes, Box(x, y, x, y))
        return int(hits[-1]) if len(hits) else None

    def start_box(self) -> Box:
        """Where to look first: where the first pass's backward starts, else the first card."""
        roots = np.flatnonzero(self.kinds == CardKind.ROOT)
        if len(roots):
            return self.box_of(int(roots[0]))
        return self.box_of(0) if self.cards else self.bounds

    def box_of(self, card: int) -> Box:
        """Where a card is."""
        return Box(*map(float, self.card_boxes[card]))

    def centre_of(self, card: int) -> tuple[float, float]:
        """The middle of a card."""
        left, top, right, bottom = self.box_of(card)
        return (left + right) / 2, (top + bottom) / 2


def _touching(boxes: Points, box: Box) -> Indices:
    return np.flatnonzero(
        (boxes[:, 0] <= box.right)
        & (boxes[:, 2] >= box.left)
        & (boxes[:, 1] <= box.bottom)
        & (boxes[:, 3] >= box.top)
    )


def _meet_border(end: Points, card: Card, rect: Points) -> None:
    """Move an edge's end, which lies on the card's box, onto the card's own border."""
    inset = border_inset(card.kind, rect, float(end[0]))
    if abs(end[1] - rect[1]) < 1.0:
        end[1] += inset
    elif abs(end[1] - rect[1] - rect[3]) < 1.0:
        end[1] -= inset


def _lay_out(
    graph: nx.DiGraph[Item],
    recording: Recording,
    options: ViewOptions,
    should_stop: Callable[[], bool] | None,
) -> Layout[Item]:
    if options.mode is not ViewMode.BOTH:
        return layered_layout(graph, layer_gap=LAYER_GAP, should_stop=should_stop)
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
    layout = _lay_out(graph, recording, options or ViewOptions(), should_stop)
    centres = np.array([layout.positions[card.item] for card in cards], np.float64).reshape(-1, 2)
    sizes = np.array([(card.width, card.height) for card in cards], np.float64).reshape(-1, 2)
    rects = np.ascontiguousarray(np.hstack((centres - sizes / 2, sizes)))
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
    return Scene(recording, cards, rects, edges, polylines, turn=turn)

"""The laid out graph as arrays: what there is to paint, where, and what is near what.

A scene is built once per view, off the window's thread, and never changes. Coordinates are
pixels at scale 1. Questions about a rectangle or a point are answered by a spatial index.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from functools import cached_property
from typing import Any, Final

import numpy as np
from PySide6.QtGui import QPainterPath

from gradviz.gui.canvas.cards import Card, CardKind
from gradviz.gui.canvas.chips import ChipPlaces
from gradviz.gui.canvas.edges import DrawnEdges, Edge
from gradviz.gui.canvas.frames import CLICK_REACH, Frame, control_of_card, control_of_frame
from gradviz.gui.canvas.geometry import Box, Indices, Mask, Points, touching
from gradviz.gui.canvas.shown_nodes import ShownNodes
from gradviz.gui.canvas.spatial import SpatialIndex
from gradviz.layout.model import Direction, Scopes
from gradviz.layout.routes import Lines, joined
from gradviz.recording.model import Item, Pass, PassId, Recording
from gradviz.recording.per_recording import PerRecording
from gradviz.recording.recomputed import Around, step_around
from gradviz.recording.replay import Replay
from gradviz.recording.view import Folding

MARGIN: Final = 28.0
CHIP_REACH: Final = 36.0
"""How far beside its edge a gradient is written beyond the margin."""
MARKER_ROOM: Final = 18.0
"""What the arrow at the current card needs beside it."""
REACH: Final = 16.0
"""How far outside its card something of it may be painted (markers, outlines)."""
PASSES_KEPT: Final = 4
MIXING: Final = np.array((1, 1_000_003, 1_000_003**2, 1_000_003**3))
"""What four numbers are multiplied by to make one, which nearly never is that of four others."""
SIDEWAYS: Final = np.array((-1.0, 0.0, 1.0, 0.0))
FOLLOWING: Final = (
    *("segments", "segment_edge", "twins", "sharers", "chips", "nodes"),
    *("_card_index", "_edge_index", "_piece_index"),
)
"""What follows from where cards and routes are."""
FEW_EDGES: Final = 200
"""Of no more edges than this every piece is looked at."""


def _find_nodes_of_passes(recording: Recording) -> list[Indices]:
    passes = recording.passes
    nodes = (step.autograd_node for pass_ in passes for step in pass_.steps)
    every = np.fromiter(nodes, np.intp)
    return np.split(every, np.cumsum([len(pass_.steps) for pass_ in passes])[:-1])


nodes_of_passes: Final = PerRecording(_find_nodes_of_passes)
"""The autograd nodes that each pass of a recording executed, step by step."""


class Scene:
    """Everything that is drawn of a view, and where.

    Attributes:
        recording: what the scene is a view of.
        replay: answers about that recording's playheads.
        folding: which scopes are open and which folded, None where nobody told.
        scopes: how open scopes were laid out, for the layout of what comes next.
        bends: which way the ends of edges run, None where edges are straight lines.
        cards: what stands on each card; all other arrays use their order.
        items: the item of each card.
        index: the card of each item.
        rects: left, top, width and height of each card, shape (n, 4).
        card_boxes: left, top, right and bottom of each card, shape (n, 4).
        kinds: the `CardKind` of each card, shape (n,).
        edges: the edges.
        sources, targets: the cards at the ends of each edge, shape (m,).
        points, starts: the routes of all edges one after the other, and where each begins in
            that, shape (m + 1,).
        edge_boxes: left, top, right and bottom of each edge, shape (m, 4).
        frames: the boxes around open scopes, outer ones first.
        bounds: the box around everything, with a margin.
        delivery_paths: the curves along which gradients came, kept by who draws them.
    """

    def __init__(
        self,
        recording: Recording,
        cards: Sequence[Card],
        rects: Points,
        edges: Sequence[Edge],
        lines: Lines,
        *,
        frames: Sequence[Frame] = (),
        replay: Replay | None = None,
        folding: Folding | None = None,
        bends: Direction | None = Direction.DOWN,
        scopes: Scopes | None = None,
    ) -> None:
        self.recording = recording
        self.scopes = scopes or Scopes()
        self.folding = folding
        self.bends = bends
        self.replay = replay if replay is not None else Replay(recording)
        self.cards = tuple(cards)
        self.items = tuple(card.item for card in cards)
        self.index = {item: number for number, item in enumerate(self.items)}
        self.rects = np.ascontiguousarray(rects.reshape(-1, 4), np.float64)
        self.kinds = np.fromiter((c.kind for c in self.cards), np.uint8, len(self.cards))
        self.edges = edges if isinstance(edges, DrawnEdges) else DrawnEdges.of(edges)
        self.frames = tuple(sorted(frames, key=lambda frame: frame.depth))
        self.sources, self.targets = self.edges.sources, self.edges.targets
        self._lay(lines)
        self.delivery_paths: dict[int, QPainterPath] = {}
        self._last_offsets: dict[int, Indices] = {}
        self._first_deliveries: dict[int, Indices] = {}
        self._steps_behind: dict[tuple[int, int], Indices] = {}
        self._drawn_around: dict[PassId, Around | None] = {}

    def _lay(self, lines: Lines) -> None:
        """Note where everything is; what else follows from that is found when it is asked for."""
        self.points, self.starts = lines.points, lines.starts
        left_top = self.rects[:, :2]
        self.card_boxes = np.hstack((left_top, left_top + self.rects[:, 2:]))
        self.edge_boxes = np.empty((len(self.edges), 4))
        if len(self.edges):
            first = self.starts[:-1]
            for axis, places in enumerate(self.points.T):
                self.edge_boxes[:, axis] = np.minimum.reduceat(places, first)
                self.edge_boxes[:, axis + 2] = np.maximum.reduceat(places, first)
        frames = np.array([frame.box for frame in self.frames], np.float64).reshape(-1, 4)
        # Gradients are written on their edges, and must not stick out of the picture.
        labelled = self.edge_boxes.compress(self.is_carrier, axis=0) + CHIP_REACH * SIDEWAYS
        boxes = [b for b in (self.card_boxes, self.edge_boxes, frames, labelled) if len(b)]
        self.bounds = Box(0.0, 0.0, 1.0, 1.0)
        if boxes:
            left, top = (min(float(b[:, side].min()) for b in boxes) for side in (0, 1))
            right, bottom = (max(float(b[:, side].max()) for b in boxes) for side in (2, 3))
            self.bounds = Box(left, top, right, bottom).grown(MARGIN)

    def route(self, edge: int) -> Points:
        """The points of an edge's route, shape (k, 2)."""
        return self.points[self.starts[edge] : self.starts[edge + 1]]

    @cached_property
    def segments(self) -> Points:
        """Both ends of every straight piece of the routes, shape (s, 4)."""
        # The first and last piece of each route stay within their edge.
        piece_starts = np.delete(np.arange(len(self.points)), self.starts[1:] - 1)
        segments = np.empty((len(piece_starts), 4))
        segments[:, :2] = self.points.take(piece_starts, axis=0)
        segments[:, 2:] = self.points.take(piece_starts + 1, axis=0)
        return segments

    def segments_of(self, edges: Indices) -> Points:
        """The pieces of some edges, as `pieces_of`; the others need not be known."""
        pieces = np.repeat(edges, self.starts[edges + 1] - self.starts[edges] - 1)
        pieces += self.pieces_of(edges)
        return np.hstack((self.points.take(pieces, axis=0), self.points.take(pieces + 1, axis=0)))

    @cached_property
    def segment_edge(self) -> Indices:
        """The edge of every straight piece."""
        return np.repeat(np.arange(len(self.edges)), np.maximum(np.diff(self.starts) - 1, 0))

    @cached_property
    def _card_index(self) -> SpatialIndex:
        return SpatialIndex(self.card_boxes)

    @cached_property
    def _edge_index(self) -> SpatialIndex:
        return SpatialIndex(self.edge_boxes)

    @cached_property
    def chips(self) -> ChipPlaces:
        """Where gradients are written."""
        return ChipPlaces(self)

    @cached_property
    def nodes(self) -> ShownNodes:
        """Which cards and edges show the recording's autograd nodes."""
        return ShownNodes(self)

    @cached_property
    def twins(self) -> Indices:
        """For each straight piece the first one that lies exactly where it does.

        Edges of one hub share their trunk: thousands of them are one line.
        """
        rounded = np.round(self.segments * 10).astype(np.int64)
        # Sorted by a mixture of all four, since that is one number; what is equal is adjacent.
        order = np.argsort(rounded @ MIXING)
        rows = rounded[order]
        is_new = np.ones(len(order), np.bool_)
        is_new[1:] = (rows[1:] != rows[:-1]).any(axis=1)
        firsts = np.minimum.reduceat(order, np.flatnonzero(is_new)) if len(order) else order
        found = np.empty(len(order), np.intp)
        found[order] = firsts[np.cumsum(is_new) - 1]
        return found

    @cached_property
    def sharers(self) -> Indices:
        """How many pieces lie where each one does, itself included."""
        return np.bincount(self.twins, minlength=len(self.twins))[self.twins]

    @cached_property
    def _piece_index(self) -> SpatialIndex:
        start, end = self.segments[:, :2], self.segments[:, 2:]
        return SpatialIndex(np.hstack((np.minimum(start, end), np.maximum(start, end))))

    @cached_property
    def is_backward(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which edges lead to or from an autograd node: gradients only run along them."""
        at_node = self.kinds == CardKind.NODE
        ends: np.ndarray[Any, np.dtype[np.bool_]] = at_node[self.sources] | at_node[self.targets]
        return ends & ~self.is_pairing

    @cached_property
    def is_paired(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which cards stand beside autograd nodes of their own, shape (n,)."""
        found = np.zeros(len(self.cards), np.bool_)
        found[self.sources[self.is_pairing]] = True
        return found

    def marker_side(self, card: int) -> int:
        """On which side of a card an arrow may point at it: -1 on the left, else 1."""
        left, top, _, bottom = self.card_boxes[card].tolist()
        beside = Box(left - MARKER_ROOM, top, left - 1.0, bottom)
        is_blocked = len(self._card_index.touching(beside)) > 0
        for edge in (*self.edges_into(card), *self.edges_out_of(card)):
            ends = self.route(edge)[[0, -1]]
            at_left = (abs(ends[:, 0] - left) < 1.0) & (ends[:, 1] > top) & (ends[:, 1] < bottom)
            is_blocked = is_blocked or (bool(at_left.any()) and not self.is_pairing[edge])
        return 1 if is_blocked else -1

    def drawn_around(self, pass_: Pass) -> Around | None:
        """Of a pass that went through no op, the step around it that is drawn.

        None where the pass itself is drawn, and where nothing of it is.
        """
        if pass_.id not in self._drawn_around:
            self._drawn_around[pass_.id] = self._find_around(pass_)
        return self._drawn_around[pass_.id]

    def _find_around(self, pass_: Pass) -> Around | None:
        nodes = self.recording.autograd_nodes
        if any(
            nodes[step.autograd_node].leaf is None and self.nodes.cards_of(step.autograd_node)
            for step in pass_.steps
        ):
            return None
        around = step_around(self.recording, pass_)
        while around is not None and not self.nodes.cards_of(around.node):
            around = step_around(self.recording, self.recording.passes[around.pass_id])
        return around

    def first_deliveries(self, pass_index: int) -> Indices:
        """For each edge the step of a pass after which a gradient has come along it.

        Counted from 0, beyond all steps where none ever does; shape (m,).
        """
        known = self._first_deliveries.get(pass_index)
        if known is None:
            known = self._find_deliveries(pass_index)
            if len(self._first_deliveries) >= PASSES_KEPT:
                self._first_deliveries.clear()
            self._first_deliveries[pass_index] = known
        return known

    def _find_deliveries(self, pass_index: int) -> Indices:
        steps = self.recording.passes[pass_index].steps
        offsets = np.full(len(self.recording.autograd_nodes), -1, np.intp)
        offsets[nodes_of_passes(self.recording)[pass_index]] = np.arange(len(steps))
        edge, node, slot, comes_in = self.nodes.carriers.T
        offset = offsets[node]
        delivers = offset >= 0
        for is_incoming in (True, False):
            sides = [step.grad_outputs if is_incoming else step.grad_inputs for step in steps]
            counts = np.fromiter(map(len, sides), np.intp, len(sides))
            is_there = np.fromiter((g is not None for side in sides for g in side), np.bool_)
            chosen = np.flatnonzero(delivers & (comes_in == is_incoming))
            at, nth = offset[chosen], slot[chosen]
            inside = nth < counts[at]
            delivers[chosen[~inside]] = False
            kept = chosen[inside]
            starts = np.cumsum(counts) - counts
            delivers[kept] = is_there[starts[at[inside]] + nth[inside]]
        found = np.full(len(self.edges), np.iinfo(np.intp).max, np.intp)
        np.minimum.at(found, edge[delivers], offset[delivers])
        return found

    @cached_property
    def is_pairing(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which edges only pair an op with its autograd nodes, shape (m,)."""
        found = ~self.is_carrier
        others = np.flatnonzero(found)
        found[others] = [self.edges.tensors[edge] is None for edge in others.tolist()]
        return found

    @cached_property
    def is_carrier(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Along which edges gradients flow in some pass, shape (m,)."""
        return np.fromiter(map(bool, self.edges.carriers), np.bool_, len(self.edges))

    @cached_property
    def is_strong(self) -> np.ndarray[Any, np.dtype[np.bool_]]:
        """Which edges belong to what is differentiated, shape (m,)."""
        strong: Mask = self.is_carrier | self.edges.doubles
        return strong

    def last_offsets(self, pass_index: int) -> Indices:
        """For each card the step of a pass at which the last of its nodes is first executed.

        Counted from 0, -1 where none of them is executed in that pass; shape (n,).
        """
        known = self._last_offsets.get(pass_index)
        if known is None:
            nodes = nodes_of_passes(self.recording)[pass_index]
            first = np.full(len(self.recording.autograd_nodes), -1, np.intp)
            # Later assignments win, so what comes first is assigned last.
            first[nodes[::-1]] = np.arange(len(nodes))[::-1]
            known = np.full(len(self.cards), -1, np.intp)
            node_of_link, card_of_link = self.nodes.links
            np.maximum.at(known, card_of_link, first[node_of_link])
            if len(self._last_offsets) >= PASSES_KEPT:
                self._last_offsets.clear()
            self._last_offsets[pass_index] = known
        return known

    def steps_behind(self, card: int, pass_index: int) -> Indices:
        """The steps of a pass that execute what is behind a folded scope's card, in order."""
        known = self._steps_behind.get((card, pass_index))
        if known is None:
            fold = None if self.folding is None else self.folding.folds.get(self.items[card])
            nodes = nodes_of_passes(self.recording)[pass_index]
            behind = np.array(() if fold is None else fold.nodes, np.intp)
            known = self._steps_behind[card, pass_index] = np.flatnonzero(np.isin(nodes, behind))
        return known

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to draw."""
        return not self.cards

    def has_structure_of(self, other: Scene) -> bool:
        """Whether the same items are joined in the same way, whatever stands on them."""
        return (
            self.items == other.items
            and np.array_equal(self.sources, other.sources)
            and np.array_equal(self.targets, other.targets)
        )

    def cards_in(self, box: Box) -> Indices:
        """The cards of which something is painted inside a box."""
        return self._card_index.touching(box.grown(REACH))

    def edges_in(self, box: Box) -> Indices:
        """The edges of which something is painted inside a box."""
        return self._edge_index.touching(box.grown(REACH))

    def pieces_of(self, edges: Indices) -> Indices:
        """Which of the straight pieces belong to some edges, in the edges' order."""
        first = self.starts[edges] - edges
        counts = self.starts[edges + 1] - self.starts[edges] - 1
        ends = np.cumsum(counts)
        return np.repeat(first - (ends - counts), counts) + np.arange(ends[-1] if len(ends) else 0)

    def pieces_in(self, edges: Indices, box: Box) -> Indices:
        """The straight pieces of some edges inside a box; of equal ones (`twins`) the first."""
        if len(edges) <= FEW_EDGES:
            pieces = self.pieces_of(edges)
            start, end = self.segments[pieces, :2], self.segments[pieces, 2:]
            boxes = np.hstack((np.minimum(start, end), np.maximum(start, end)))
            pieces = pieces[touching(boxes, box.grown(REACH))]
        else:
            pieces = self._piece_index.touching(box.grown(REACH))
            is_chosen = np.zeros(len(self.edges), np.bool_)
            is_chosen[edges] = True
            pieces = pieces[is_chosen[self.segment_edge[pieces]]]
        is_first = np.zeros(len(self.segments), np.bool_)
        is_first[self.twins[pieces]] = True
        return np.flatnonzero(is_first)

    def warm(self, pass_index: int = 0) -> None:
        """Compute now, off the window's thread, what the first paint of a pass needs."""
        if len(self.edges) > FEW_EDGES:
            _indices = self._card_index, self._edge_index, self.chips
            self.pieces_in(np.arange(len(self.edges)), self.box_of(0))
            if self.recording.passes:
                self.warm_pass(pass_index)

    def warm_pass(self, pass_index: int) -> None:
        """The same of one pass, as long as no more are kept than there is room for."""
        if max(len(self._first_deliveries), len(self._last_offsets)) < PASSES_KEPT:
            self.first_deliveries(pass_index)
            self.last_offsets(pass_index)

    def card_at(self, x: float, y: float) -> int | None:
        """The card at a point, None where there is none."""
        hits = self._card_index.touching(Box(x, y, x, y))
        return int(hits[-1]) if len(hits) else None

    def control_at(self, x: float, y: float) -> Item | None:
        """The scope that is folded, or unfolded, by a control at a point."""
        card = self.card_at(x, y)
        if card is not None and self.kinds[card] == CardKind.SCOPE:
            box = control_of_card(self.box_of(card)).grown(CLICK_REACH)
            return self.items[card] if box.contains(x, y) else None
        for frame in reversed(self.frames):
            if control_of_frame(frame.box).grown(CLICK_REACH).contains(x, y):
                return frame.item
        return None

    def edges_into(self, card: int) -> list[int]:
        """The edges that end at a card."""
        return [int(edge) for edge in np.flatnonzero(self.targets == card)]

    def edges_out_of(self, card: int) -> list[int]:
        """The edges that begin at a card."""
        return [int(edge) for edge in np.flatnonzero(self.sources == card)]

    def start_box(self) -> Box:
        """Where to look first: where the first pass's backward starts, else the first card."""
        roots = np.flatnonzero(self.kinds == CardKind.ROOT)
        if len(roots):
            return self.box_of(int(roots[0]))
        return self.box_of(0) if self.cards else self.bounds

    def box_of(self, card: int) -> Box:
        """Where a card is."""
        return Box(*self.card_boxes[card].tolist())

    def centre_of(self, card: int) -> tuple[float, float]:
        """The middle of a card."""
        return self.box_of(card).centre

    def with_changes(self, rects: Points, routes: dict[int, Points]) -> Scene:
        """The same with cards elsewhere and some routes others; nothing is measured again."""
        moved = copy.copy(self)
        for stale in FOLLOWING:
            moved.__dict__.pop(stale, None)
        moved.delivery_paths = {}
        moved.rects = np.ascontiguousarray(rects)
        every = range(len(self.edges)) if routes else ()
        lines = [routes[edge] if edge in routes else self.route(edge) for edge in every]
        moved._lay(joined(lines) if routes else Lines(self.points, self.starts))
        return moved

"""Where on its edge the label of a gradient stands, and what it says."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.gui.canvas.cards import VALUE_ELEMENTS, gradient_text
from gradviz.gui.canvas.curves import ARROW_LENGTH, SAMPLES, curve_lines, places_along
from gradviz.gui.canvas.frames import frames_in, title_of_frame
from gradviz.gui.canvas.geometry import OUTWARDS, Box, Indices, Mask, Points, touching
from gradviz.gui.canvas.text import LONGEST, TextStyle, fit_text, font_of, text_width
from gradviz.gui.style import Theme
from gradviz.recording.format import BARS, format_histogram
from gradviz.recording.model import Recording, Value
from gradviz.recording.replay import Carrier, Replay

if TYPE_CHECKING:
    from gradviz.gui.canvas.marks import Chip
    from gradviz.gui.canvas.scene import Scene

CHIP_HEIGHT: Final = 20.0
CHIP_PAD: Final = 8.0
MAX_CHIP: Final = 150.0
CHIP_LINE: Final = 1.1
BAR: Final = 5.0
"""From one bar of a histogram to the next; between them is one pixel."""
BARS_GAP: Final = 6.0
BARS_INSET: Final = 5.0
CELL: Final = 1000.0
"""Side of the squares within which labels make room for each other."""
FEW: Final = 400
"""With no more edges than this the whole picture is one square."""
MOST: Final = 150
"""Labels in one square: more could not be told apart."""
PASSES_MEASURED: Final = 4
"""Room is kept for the gradients of so many executions of a node, at either end of a run."""
ALONG: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8)
ASIDE: Final = 11.0
TIP: Final = 5.0
"""An arrowhead's reach around the end of an edge."""
MARGIN: Final = 9.0
"""Between two labels."""
CLEARANCE: Final = 2.0
"""To cards and arrowheads."""
DISTANCE: Final = np.repeat((0.0, 3.0, 2.2), (len(ALONG), 14, 10))
"""How bad it is not to stand on one's own line, but above, below or beside it."""
CROSSED: Final = 2.0
"""How bad it is at most to stand on other lines: a label does not leave its own for that."""
ASTRIDE: Final = 2.5
"""How bad it is to stand on the border of a frame, or, a tenth of that, right beside it."""
AIR: Final = 3.0
TOUCHING: Final = 2.5
"""How bad it is to have no air between a label and a card."""
DOTS: Final = 4
"""Each short line of a curve is looked at in so many places where others cross it."""
CROWDED: Final = 0.05
"""Part of a label that may lie on a card or an arrowhead before it is left out."""

_REACH: Final = MAX_CHIP / 2 + CHIP_HEIGHT
Rooms = np.ndarray[Any, np.dtype[np.uint8]]


class Room(IntEnum):
    """Whether an edge's label can be written."""

    FREE = 0
    CROWDED = 1
    """It would cover other labels: only while it is current."""
    NONE = 2
    """It would cover a card: never."""


def chip_text(
    recording: Recording, replay: Replay, carriers: tuple[Carrier, ...], playhead: int
) -> str | None:
    """The gradients that an edge has carried by the playhead, None before it has.

    One that is too large to be written has its norm and a small histogram of its elements.
    Gradients that meet in the same tensor are added by autograd, and are written so; of more than
    can be written there is only their number.
    """
    texts: list[str] = []
    spread = ""
    receivers = set()
    for carrier in carriers:
        value_id = replay.gradient_at(carrier, playhead)
        if value_id is None:
            continue
        value = recording.values[value_id]
        texts.append(gradient_text(value).replace("‖g‖ = ", "‖g‖ "))
        spread = "" if value.numel <= VALUE_ELEMENTS else format_histogram(value)
        receivers.add(_receiver(recording, carrier))
    if not texts:
        return None
    if len(texts) == 1 and spread:
        return f"{fit_text(TextStyle.CHIP, texts[0], MAX_CHIP)} {spread}"
    joint = " + " if len(receivers) == 1 else ", "
    text = joint.join(texts)
    if len(texts) > 1 and text_width(TextStyle.CHIP, text[:LONGEST]) > MAX_CHIP:
        return f"{len(texts)} × ∇"
    return fit_text(TextStyle.CHIP, text, MAX_CHIP)


def delivered_values(
    recording: Recording, replay: Replay, carriers: tuple[Carrier, ...], playhead: int
) -> list[Value]:
    """The gradients that an edge has carried by the playhead."""
    found = (replay.gradient_at(carrier, playhead) for carrier in carriers)
    return [recording.values[value_id] for value_id in found if value_id is not None]


def _receiver(recording: Recording, carrier: Carrier) -> object:
    if carrier.incoming:
        return (carrier.node, carrier.slot)
    following = recording.autograd_nodes[carrier.node].next
    return following[carrier.slot] if carrier.slot < len(following) else None


def split_bars(text: str) -> tuple[str, tuple[float, ...]]:
    """A label's words and, where it ends in a histogram, the heights of its bars from 0 to 1."""
    words, _, last = text.rpartition(" ")
    if not words or not set(last) <= set(BARS):
        return text, ()
    return words, tuple((BARS.index(bar)) / (len(BARS) - 1) for bar in last)


def chip_width(text: str) -> float:
    """How wide a gradient's label is drawn."""
    words, bars = split_bars(text)
    room = BARS_GAP + len(bars) * BAR if bars else 0.0
    return text_width(TextStyle.CHIP, words) + room + 2 * CHIP_PAD


def paint_chip(painter: QPainter, chip: Chip, theme: Theme) -> None:
    """Draw a gradient's label on its edge."""
    rect = QRectF(chip.box.left, chip.box.top, chip.box.width, chip.box.height)
    painter.setPen(QPen(QColor(theme.gradient if chip.is_current else theme.done), CHIP_LINE))
    painter.setBrush(QColor(theme.gradient if chip.is_current else theme.canvas))
    painter.drawRoundedRect(rect, rect.height() / 2, rect.height() / 2)
    colour = QColor(theme.canvas if chip.is_current else theme.gradient_text)
    painter.setPen(colour)
    painter.setFont(font_of(TextStyle.CHIP))
    words, bars = split_bars(chip.text)
    if not bars:
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, words)
        return
    inside = rect.adjusted(CHIP_PAD, 0.0, -CHIP_PAD, 0.0)
    painter.drawText(inside, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, words)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    left, bottom = inside.right() - len(bars) * BAR, rect.bottom() - BARS_INSET
    highest = rect.height() - 2 * BARS_INSET
    for number, height in enumerate(bars):
        high = max(height * highest, 1.0)
        painter.drawRect(QRectF(left + number * BAR, bottom - high, BAR - 1.0, high))


class ChipPlaces:
    """Where on each edge its gradient is written.

    The picture is cut into squares; the labels of one are placed when one of them is asked for,
    clear of cards, arrowheads and each other, and inside the square, so that it does not matter
    which squares were looked at before.

    Attributes:
        anchors: centre of each label, shape (m, 2); of use where its square is placed.
        rooms: the `Room` of each label, shape (m,).
    """

    def __init__(self, scene: Scene) -> None:
        self._scene = scene
        count = len(scene.edges)
        middle = (scene.starts[:-1] + scene.starts[1:]) // 2
        self.anchors = scene.points[middle] if count else np.empty((0, 2))
        self.rooms: Rooms = np.full(count, Room.FREE, np.uint8)
        self._is_cut = count > FEW
        self._cells: dict[tuple[int, int], Indices] = {}
        if not self._is_cut:
            self._cells[0, 0] = np.arange(count)
            self._cell_of = np.zeros((count, 2), np.intp)
        else:
            # Which square a label is in need not be known more exactly.
            halves = np.array((0.5,))
            self.anchors = places_along(scene, np.arange(count), halves, samples=3)[:, 0]
            self._cell_of = (self.anchors // CELL).astype(np.intp)
            keys, which = np.unique(self._cell_of, axis=0, return_inverse=True)
            order: Indices = np.argsort(which.ravel(), kind="stable")
            ends = np.cumsum(np.bincount(which.ravel(), minlength=len(keys)))
            for key, edges in zip(keys.tolist(), np.split(order, ends[:-1]), strict=True):
                self._cells[key[0], key[1]] = edges
        self._placed: set[tuple[int, int]] = set()

    def place_of(self, edge: int) -> tuple[float, float, Room]:
        """The centre of an edge's label, and how much room there is for it."""
        column, row = self._cell_of[edge].tolist()
        self.place((column, row))
        x, y = self.anchors[edge].tolist()
        return x, y, Room(self.rooms[edge])

    def edges_in(self, box: Box) -> Indices:
        """The edges whose gradient is written inside or close to a box."""
        cells = self.near(box)
        for cell in cells:
            self.place(cell)
        box = box.grown(_REACH)
        if not cells:
            return np.empty(0, np.intp)
        edges = np.sort(np.concatenate([self._cells[cell] for cell in cells]))
        x, y = self.anchors[edges].T
        inside = (x > box.left) & (x < box.right) & (y > box.top) & (y < box.bottom)
        found: Indices = edges[inside]
        return found

    def near(self, box: Box) -> list[tuple[int, int]]:
        """The squares of which a label may reach into a box."""
        box = box.grown(_REACH)
        if not self._is_cut:
            return [(0, 0)] if len(self.anchors) else []
        columns = range(int(box.left // CELL), int(box.right // CELL) + 1)
        rows = range(int(box.top // CELL), int(box.bottom // CELL) + 1)
        if len(columns) * len(rows) > len(self._cells):
            return [key for key in self._cells if key[0] in columns and key[1] in rows]
        return [(c, r) for c in columns for r in rows if (c, r) in self._cells]

    def place(self, cell: tuple[int, int]) -> None:
        """Find places for the labels of a square, unless they have them."""
        if cell in self._placed:
            return
        self._placed.add(cell)
        scene, edges = self._scene, self._steepest(self._cells[cell])
        widths = np.array([_widest(scene, scene.edges[e].carriers) for e in edges.tolist()])
        widths[self._is_too_short(edges, widths)] = 0.0
        self.rooms[edges[widths == 0]] = Room.NONE
        edges, widths = edges[widths > 0], widths[widths > 0]
        if not len(edges):
            return
        frame = Box(-np.inf, -np.inf, np.inf, np.inf)
        if self._is_cut:
            frame = Box(*(CELL * at for at in (cell[0], cell[1], cell[0] + 1, cell[1] + 1)))
        boxes = _candidates(scene, edges, widths)
        # Of what is far away nothing is looked at: labels of a square stay in it or close to it.
        close = frame.grown(MAX_CHIP)
        corners = boxes[:, :, :2].min(axis=(0, 1)), boxes[:, :, 2:].max(axis=(0, 1))
        near = Box(*np.maximum(corners[0], close[:2]), *np.minimum(corners[1], close[2:]))
        tight = boxes - (MARGIN / 2 - CLEARANCE) * OUTWARDS
        obstacles = np.vstack((scene.card_boxes[scene.cards_in(near)], _titles(scene, near)))
        on_cards = _overlap_near(tight, obstacles)
        tips = _tips(scene, scene.edges_in(near))
        blocked = on_cards + _overlap_near(tight, tips)
        on_cards[_sticks_out(boxes, close)] = np.inf
        blocked[_sticks_out(boxes, frame)] = np.inf
        # Steep edges first: their labels have fewer places to go to.
        spread = scene.edge_boxes[edges, 2] - scene.edge_boxes[edges, 0]
        order = np.argsort(spread, kind="stable").tolist()
        allowed = CROWDED * widths * CHIP_HEIGHT
        unclear = np.minimum(self._crossed(edges, tight, near), CROSSED) + DISTANCE
        borders = _borders(scene, near)
        unclear += ASTRIDE * (_hits(tight, borders) > 0)
        unclear += ASTRIDE / 10 * (_hits(boxes + AIR * OUTWARDS, borders) > 0)
        unclear += TOUCHING * (_overlap_near(boxes + AIR * OUTWARDS, obstacles) > 0)
        chosen, is_free = _choose(order, boxes, blocked, allowed, unclear)
        for number in order:
            if not is_free[number]:
                chosen[number], room = self._squeeze(edges, number, boxes, on_cards[number], chosen)
                self.rooms[edges[number]] = room
        picked = boxes[np.arange(len(edges)), chosen]
        self.anchors[edges] = (picked[:, :2] + picked[:, 2:]) / 2

    def _is_too_short(self, edges: Indices, widths: Points) -> Mask:
        """Which edges run sideways for less than their labels are wide: a card is at either end."""
        boxes = self._scene.edge_boxes[edges]
        run, rise = boxes[:, 2] - boxes[:, 0], boxes[:, 3] - boxes[:, 1]
        too_short: Mask = (rise < CHIP_HEIGHT / 2) & (run < widths + 2 * ARROW_LENGTH)
        return too_short

    def _crossed(self, edges: Indices, boxes: Points, near: Box) -> Points:
        """How much of other edges runs through each place, shape (k, p)."""
        scene = self._scene
        around = scene.edges_in(near)
        pieces = scene.pieces_in(around, near)
        lines = curve_lines(scene.segments[pieces], SAMPLES, scene.bends)
        found = np.zeros(boxes.shape[:-1])
        starts, steps = lines[0][:, :2], lines[0][:, 2:] - lines[0][:, :2]
        share = (np.arange(DOTS) + 0.5) / DOTS
        dots = (starts[:, None] + share[:, None] * steps[:, None]).reshape(-1, 2)
        owners = np.repeat(scene.segment_edge[pieces][lines[1]], DOTS)
        shared = np.repeat(scene.sharers[pieces][lines[1]], DOTS) > 1
        owners[shared] = -1
        # Sorted from left to right, those that may be on a label lie side by side.
        order = np.argsort(dots[:, 0])
        owners, dots = owners[order], np.tile(dots[order], 2)
        low, high = boxes[:, :, :2].min(axis=1), boxes[:, :, 2:].max(axis=1)
        first = np.searchsorted(dots[:, 0], low[:, 0])
        last = np.searchsorted(dots[:, 0], high[:, 0], side="right")
        for number, edge in enumerate(edges.tolist()):
            beside = slice(first[number], last[number])
            around_it = touching(dots[beside], Box(*low[number], *high[number]))
            is_other = owners[beside][around_it] != edge
            found[number] += _hits(boxes[number], dots[beside][around_it[is_other]])
        return found

    def _steepest(self, edges: Indices) -> Indices:
        """As many edges as there may be labels in a square; the others have none."""
        if len(edges) <= MOST:
            return edges
        spread = self._scene.edge_boxes[edges, 2] - self._scene.edge_boxes[edges, 0]
        order = np.argsort(spread, kind="stable")
        self.rooms[edges[order[MOST:]]] = Room.NONE
        return np.sort(edges[order[:MOST]])

    def _squeeze(
        self,
        edges: Indices,
        number: int,
        boxes: Points,
        on_cards: Points,
        chosen: Indices,
    ) -> tuple[int, Room]:
        """A place for what is shown with its own step only: that step's labels are in the way."""
        scene, edge = self._scene, int(edges[number])
        nodes = {carrier.node for carrier in scene.edges[edge].carriers}
        of_step = {other for node in nodes for other in scene.nodes.edges_of(node)} - {edge}
        beside = np.flatnonzero(np.isin(edges, list(of_step)) & (chosen >= 0))
        taken = _overlap(boxes[number], boxes[beside, chosen[beside]])
        cost = on_cards + 10.0 * taken
        best = int(np.argmin(cost))
        width = boxes[number, 0, 2] - boxes[number, 0, 0]
        is_hopeless = taken[best] > 0 or on_cards[best] > CROWDED * width * CHIP_HEIGHT
        return best, Room.NONE if is_hopeless else Room.CROWDED


def _choose(
    order: list[int], boxes: Points, blocked: Points, allowed: Points, unclear: Points
) -> tuple[Indices, list[bool]]:
    """For each label a place that is free, -1 where there is none.

    Of those that are, the first of the least unclear.
    """
    chosen = np.full(len(boxes), -1, np.intp)
    is_free = [False] * len(boxes)
    placed = np.empty((len(boxes), 4))
    count = 0
    for number in order:
        clear = blocked[number] <= allowed[number]
        if count and clear.any():
            clear &= _overlap(boxes[number], placed[:count]) == 0
        if clear.any():
            best = int(np.argmin(np.where(clear, unclear[number], np.inf)))
            chosen[number], is_free[number] = best, True
            placed[count] = boxes[number, best]
            count += 1
    return chosen, is_free


def _sticks_out(boxes: Points, frame: Box) -> Mask:
    """Which boxes, shape (..., 4), are not wholly inside another."""
    found: Mask = (boxes[..., 0] < frame.left) | (boxes[..., 2] > frame.right)
    found |= (boxes[..., 1] < frame.top) | (boxes[..., 3] > frame.bottom)
    return found


def _titles(scene: Scene, near: Box) -> Points:
    """Where frames say what they are, with their controls; shape (k, 4)."""
    frames = frames_in(scene.frames, near)
    return np.array([title_of_frame(frame) for frame in frames], np.float64).reshape(-1, 4)


def _borders(scene: Scene, near: Box) -> Points:
    """The four sides of frames as thin boxes, shape (k, 4)."""
    found = []
    for left, top, right, bottom in (frame.box for frame in frames_in(scene.frames, near)):
        found += [(left, y, right, y) for y in (top, bottom)]
        found += [(x, top, x, bottom) for x in (left, right)]
    return np.array(found, np.float64).reshape(-1, 4)


def _hits(boxes: Points, others: Points) -> Points:
    """How many of some boxes, shape (k, 4), touch each box, shape (..., 4)."""
    if not len(others):
        return np.zeros(boxes.shape[:-1])
    mine = boxes[..., None, :]
    count: Points = (
        (mine[..., 0] < others[:, 2])
        & (mine[..., 2] > others[:, 0])
        & (mine[..., 1] < others[:, 3])
        & (mine[..., 3] > others[:, 1])
    ).sum(axis=-1, dtype=np.float64)
    return count


def _overlap(boxes: Points, others: Points) -> Points:
    """How much of each box, shape (..., 4), lies on the others, shape (k, 4)."""
    if not len(others):
        return np.zeros(boxes.shape[:-1])
    mine = boxes[..., None, :]
    wide = np.minimum(mine[..., 2], others[:, 2]) - np.maximum(mine[..., 0], others[:, 0])
    high = np.minimum(mine[..., 3], others[:, 3]) - np.maximum(mine[..., 1], others[:, 1])
    area: Points = (np.maximum(wide, 0.0) * np.maximum(high, 0.0)).sum(axis=-1)
    return area


def _overlap_near(boxes: Points, others: Points) -> Points:
    """As `_overlap` for boxes of shape (n, k, 4), looking only at what is near each k of them."""
    area = np.zeros(boxes.shape[:-1])
    low, high = boxes[:, :, :2].min(axis=1).tolist(), boxes[:, :, 2:].max(axis=1).tolist()
    for number, corners in enumerate(zip(low, high, strict=True)):
        near = touching(others, Box(*corners[0], *corners[1]))
        if len(near):
            area[number] = _overlap(boxes[number], others[near])
    return area


def _tips(scene: Scene, edges: Indices) -> Points:
    """The boxes around the ends of some edges."""
    ends = np.vstack((scene.points[scene.starts[edges]], scene.points[scene.starts[edges + 1] - 1]))
    return np.hstack((ends - TIP, ends + TIP))


def _candidates(scene: Scene, edges: Indices, widths: Points) -> Points:
    """Boxes on each curve from its middle outwards, then beside it: shape (k, 33, 4)."""
    on = places_along(scene, edges, np.array(ALONG))
    aside = [on[:, :7] + (0.0, rise) for rise in (ASIDE, -ASIDE)]
    side = np.zeros((len(edges), 1, 2))
    side[:, 0, 0] = widths / 2 + 6
    centres = np.concatenate((on, *aside, on[:, :5] + side, on[:, :5] - side), axis=1)
    half = np.empty((len(edges), 1, 2))
    half[:, 0, 0] = widths / 2 + MARGIN / 2
    half[:, 0, 1] = CHIP_HEIGHT / 2 + MARGIN / 2
    return np.concatenate((centres - half, centres + half), axis=2)


def _widest(scene: Scene, carriers: tuple[Carrier, ...]) -> float:
    heads = sorted({p for c in carriers for p in scene.replay.playheads_of(c.node)})
    if len(heads) > 2 * PASSES_MEASURED:
        heads = heads[:PASSES_MEASURED] + heads[-PASSES_MEASURED:]
    texts = (chip_text(scene.recording, scene.replay, carriers, head) for head in heads)
    return max((chip_width(text) for text in texts if text is not None), default=0.0)

"""Where on its edge the label of a gradient stands, and what it says."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from gradviz.gui.canvas.cards import VALUE_ELEMENTS, gradient_text
from gradviz.gui.canvas.curves import places_along
from gradviz.gui.canvas.geometry import OUTWARDS, Box, Indices, Points, touching
from gradviz.gui.canvas.text import LONGEST, TextStyle, fit_text, text_width
from gradviz.recording.format import format_histogram
from gradviz.recording.model import Recording, Value
from gradviz.recording.replay import Carrier, Replay

if TYPE_CHECKING:
    from gradviz.gui.canvas.scene import Scene

CHIP_HEIGHT: Final = 20.0
CHIP_PAD: Final = 8.0
MAX_CHIP: Final = 150.0
CELL: Final = 1000.0
"""Side of the squares within which labels make room for each other."""
FEW: Final = 400
"""With no more edges than this the whole picture is one square."""
MOST: Final = 400
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
CROWDED: Final = 0.05
"""Part of a label that may lie on a card or an arrowhead before it is left out."""

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
        texts.append(gradient_text(value))
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


def chip_width(text: str) -> float:
    """How wide a gradient's label is drawn."""
    return text_width(TextStyle.CHIP, text) + 2 * CHIP_PAD


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
        self._place((column, row))
        x, y = self.anchors[edge].tolist()
        return x, y, Room(self.rooms[edge])

    def edges_in(self, box: Box) -> Indices:
        """The edges whose gradient is written inside or close to a box."""
        box = box.grown(MAX_CHIP / 2 + CHIP_HEIGHT)
        cells = self._cells_in(box)
        for cell in cells:
            self._place(cell)
        if not cells:
            return np.empty(0, np.intp)
        edges = np.sort(np.concatenate([self._cells[cell] for cell in cells]))
        x, y = self.anchors[edges].T
        inside = (x > box.left) & (x < box.right) & (y > box.top) & (y < box.bottom)
        found: Indices = edges[inside]
        return found

    def _cells_in(self, box: Box) -> list[tuple[int, int]]:
        if not self._is_cut:
            return [(0, 0)] if len(self.anchors) else []
        columns = range(int(box.left // CELL), int(box.right // CELL) + 1)
        rows = range(int(box.top // CELL), int(box.bottom // CELL) + 1)
        if len(columns) * len(rows) > len(self._cells):
            return [key for key in self._cells if key[0] in columns and key[1] in rows]
        return [(c, r) for c in columns for r in rows if (c, r) in self._cells]

    def _place(self, cell: tuple[int, int]) -> None:
        if cell in self._placed:
            return
        self._placed.add(cell)
        scene, edges = self._scene, self._steepest(self._cells[cell])
        widths = np.array([_widest(scene, scene.edges[e].carriers) for e in edges.tolist()])
        edges, widths = edges[widths > 0], widths[widths > 0]
        if not len(edges):
            return
        frame = Box(-np.inf, -np.inf, np.inf, np.inf)
        if self._is_cut:
            frame = Box(*(CELL * at for at in (cell[0], cell[1], cell[0] + 1, cell[1] + 1)))
        boxes = _candidates(scene, edges, widths)
        near = Box(*boxes[:, :, :2].min(axis=(0, 1)), *boxes[:, :, 2:].max(axis=(0, 1)))
        tight = boxes - (MARGIN / 2 - CLEARANCE) * OUTWARDS
        on_cards = _overlap_near(tight, scene.card_boxes[scene.cards_in(near)])
        tips = _tips(scene, scene.edges_in(near))
        blocked = on_cards + _overlap_near(tight, tips)
        outside = (boxes[:, :, 0] < frame.left) | (boxes[:, :, 2] > frame.right)
        outside |= (boxes[:, :, 1] < frame.top) | (boxes[:, :, 3] > frame.bottom)
        blocked[outside] = np.inf
        # Steep edges first: their labels have fewer places to go to.
        spread = scene.edge_boxes[edges, 2] - scene.edge_boxes[edges, 0]
        order = np.argsort(spread, kind="stable").tolist()
        chosen, is_free = _choose(order, boxes, blocked, CROWDED * widths * CHIP_HEIGHT)
        for number in order:
            if not is_free[number]:
                chosen[number], room = self._squeeze(
                    edges, number, boxes, on_cards[number], chosen, order
                )
                self.rooms[edges[number]] = room
        picked = boxes[np.arange(len(edges)), chosen]
        self.anchors[edges] = (picked[:, :2] + picked[:, 2:]) / 2

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
        order: list[int],
    ) -> tuple[int, Room]:
        """A place for what is shown with its own step only: that step's labels are in the way."""
        scene, edge = self._scene, int(edges[number])
        nodes = {carrier.node for carrier in scene.edges[edge].carriers}
        beside = [
            other
            for other in order
            if other != number
            and chosen[other] >= 0
            and any(c.node in nodes for c in scene.edges[int(edges[other])].carriers)
        ]
        taken = _overlap(boxes[number], boxes[beside, chosen[beside]])
        cost = on_cards + 10.0 * taken
        best = int(np.argmin(cost))
        width = boxes[number, 0, 2] - boxes[number, 0, 0]
        is_hopeless = taken[best] > 0 or on_cards[best] > CROWDED * width * CHIP_HEIGHT
        return best, Room.NONE if is_hopeless else Room.CROWDED


def _choose(
    order: list[int], boxes: Points, blocked: Points, allowed: Points
) -> tuple[Indices, list[bool]]:
    """For each label the first place that is clear, -1 where there is none."""
    chosen = np.full(len(boxes), -1, np.intp)
    is_free = [False] * len(boxes)
    placed = np.empty((len(boxes), 4))
    count = 0
    for number in order:
        clear = blocked[number] <= allowed[number]
        if count and clear.any():
            clear &= _overlap(boxes[number], placed[:count]) == 0
        if clear.any():
            best = int(np.argmax(clear))
            chosen[number], is_free[number] = best, True
            placed[count] = boxes[number, best]
            count += 1
    return chosen, is_free


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

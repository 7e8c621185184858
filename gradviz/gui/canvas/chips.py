"""Where on its edge the label of a gradient stands, and what it says."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from enum import IntEnum
from typing import TYPE_CHECKING, Any, Final, TypeAlias

import numpy as np

from gradviz.gui.canvas.cards import gradient_text
from gradviz.gui.canvas.curves import Points, sample_curve
from gradviz.gui.canvas.text import TextStyle, fit_text, text_width
from gradviz.recording.model import NodeId, Recording, Value
from gradviz.recording.replay import Carrier, Replay

if TYPE_CHECKING:
    from gradviz.gui.canvas.scene import Scene

CHIP_HEIGHT: Final = 20.0
CHIP_PAD: Final = 8.0
MAX_CHIP: Final = 150.0
BIN: Final = 200.0
PASSES_MEASURED: Final = 4
"""Room is kept for the gradients of so many executions of a node, at either end of a run."""
ALONG: Final = (0.5, 0.42, 0.58, 0.34, 0.66, 0.27, 0.73, 0.2, 0.8)
ASIDE: Final = 11.0
TIP: Final = 5.0
"""An arrowhead's reach around the end of an edge."""
CROWDED: Final = 0.08
"""Part of a label that may lie on something else before it is left out."""

BoxTuple: TypeAlias = tuple[float, float, float, float]
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

    Gradients that meet in the same tensor are added by autograd, and are written so.
    """
    texts: list[str] = []
    receivers = set()
    for carrier in carriers:
        value_id = replay.gradient_at(carrier, playhead)
        if value_id is None:
            continue
        texts.append(gradient_text(recording.values[value_id]))
        receivers.add(_receiver(recording, carrier))
    if not texts:
        return None
    joint = " + " if len(receivers) == 1 else ", "
    return fit_text(TextStyle.CHIP, joint.join(texts), MAX_CHIP)


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


class _Occupancy:
    """Which boxes are taken, in bins so that only neighbours are compared."""

    def __init__(self, boxes: Iterable[BoxTuple] = ()) -> None:
        self._bins: dict[tuple[int, int], list[BoxTuple]] = {}
        for box in boxes:
            self.add(box)

    def add(self, box: BoxTuple) -> None:
        for key in _bins_of(box):
            self._bins.setdefault(key, []).append(box)

    def near(self, boxes: Iterable[BoxTuple]) -> set[BoxTuple]:
        """What is taken in the bins that some boxes lie in."""
        keys = {key for box in boxes for key in _bins_of(box)}
        return {other for key in keys for other in self._bins.get(key, ())}

    def overlap(self, box: BoxTuple) -> float:
        """The area of a box that is taken."""
        left, top, right, bottom = box
        return sum(
            max(0.0, min(right, other[2]) - max(left, other[0]))
            * max(0.0, min(bottom, other[3]) - max(top, other[1]))
            for other in self.near((box,))
        )


def _bins_of(box: BoxTuple) -> Iterator[tuple[int, int]]:
    for column in range(int(box[0] // BIN), int(box[2] // BIN) + 1):
        for row in range(int(box[1] // BIN), int(box[3] // BIN) + 1):
            yield column, row


def place_chips(scene: Scene, turn: Callable[[], None]) -> tuple[Points, Rooms]:
    """The centre of each edge's label, and how much `Room` there is.

    Clear of cards, arrowheads and other labels where there is room. `turn` is called now and
    then; what it raises ends the search.
    """
    anchors = np.array(
        [polyline[len(polyline) // 2] for polyline in scene.polylines], np.float64
    ).reshape(-1, 2)
    rooms = np.full(len(anchors), Room.FREE, np.uint8)
    card_boxes: list[BoxTuple] = [tuple(box) for box in scene.card_boxes.tolist()]
    occupancy, cards = _Occupancy(card_boxes), _Occupancy(card_boxes)
    for polyline in scene.polylines:
        for x, y in polyline[[0, -1]].tolist():
            occupancy.add((x - TIP, y - TIP, x + TIP, y + TIP))
    beside: dict[NodeId, list[BoxTuple]] = {}
    for number in _narrow_first(scene):
        turn()
        carriers = scene.edges[number].carriers
        width = _widest(scene, carriers)
        if width == 0.0:
            continue
        boxes = [_around(x, y, width) for x, y in _candidates(scene.polylines[number], width)]
        box, taken = _least(boxes, occupancy.overlap)
        allowed = CROWDED * width * CHIP_HEIGHT
        if taken <= allowed:
            occupancy.add(box)
        else:
            # Shown only with its own step, so only that step's other labels are in the way.
            others = (other for c in carriers for other in beside.get(c.node, ()))
            in_the_way = _Occupancy((*cards.near(boxes), *others))
            box, _ = _least(boxes, in_the_way.overlap)
            rooms[number] = Room.NONE if cards.overlap(box) > allowed else Room.CROWDED
        for carrier in carriers:
            beside.setdefault(carrier.node, []).append(box)
        anchors[number] = (box[0] + box[2]) / 2, (box[1] + box[3]) / 2
    return anchors, rooms


def _around(x: float, y: float, width: float) -> BoxTuple:
    half_x, half_y = width / 2 + 2, CHIP_HEIGHT / 2 + 1
    return x - half_x, y - half_y, x + half_x, y + half_y


def _least(boxes: list[BoxTuple], cost: Callable[[BoxTuple], float]) -> tuple[BoxTuple, float]:
    """The first of the boxes that cost the least."""
    best = boxes[0]
    least = cost(best)
    for box in boxes[1:]:
        if least == 0.0:
            break
        if (this := cost(box)) < least:
            best, least = box, this
    return best, least


def _narrow_first(scene: Scene) -> list[int]:
    """Steep edges first: their labels have fewer places to go to."""
    spread = scene.edge_boxes[:, 2] - scene.edge_boxes[:, 0]
    order: list[int] = np.argsort(spread, kind="stable").tolist()
    return order


def _widest(scene: Scene, carriers: tuple[Carrier, ...]) -> float:
    heads = sorted({p for c in carriers for p in scene.replay.playheads_of(c.node)})
    if len(heads) > 2 * PASSES_MEASURED:
        heads = heads[:PASSES_MEASURED] + heads[-PASSES_MEASURED:]
    texts = (chip_text(scene.recording, scene.replay, carriers, head) for head in heads)
    return max((chip_width(text) for text in texts if text is not None), default=0.0)


def _candidates(polyline: Points, width: float) -> Iterator[tuple[float, float]]:
    """Places on the curve from its middle outwards, then beside it."""
    points = sample_curve(polyline)
    steps = np.hypot(*np.diff(points, axis=0).T)
    length = np.concatenate(((0.0,), np.cumsum(steps)))
    at = np.array(ALONG) * length[-1]
    on = np.column_stack([np.interp(at, length, points[:, axis]) for axis in (0, 1)])
    yield from map(tuple, on.tolist())
    for rise in (ASIDE, -ASIDE):
        yield from ((x, y + rise) for x, y in on.tolist()[:7])
    for side in (width / 2 + 6, -width / 2 - 6):
        yield from ((x + side, y) for x, y in on.tolist()[:5])

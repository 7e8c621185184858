"""Move cards by hand: one on its way with the pointer, and those that stay where they were put."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final, TypeAlias

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.gui.canvas.blocks import draw_lines
from gradviz.gui.canvas.curves import (
    ARROW_LENGTH,
    arrow_head,
    curve_lines,
    curve_path,
    end_direction,
)
from gradviz.gui.canvas.geometry import Box, Points
from gradviz.gui.canvas.identities import identities
from gradviz.gui.canvas.look import Detail, Look, paint_of
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.overlay import paint_settled_card
from gradviz.gui.canvas.painter import EDGE_WIDTH, paint_card
from gradviz.gui.canvas.scene import REACH, Scene
from gradviz.layout.model import Direction
from gradviz.recording.model import Item

Offset: TypeAlias = tuple[float, float]
"""How far, in pixels of the scene, a card is from where the layout puts it."""

STUB: Final = 14.0
"""A moved edge leaves and meets its cards so far straight."""
MIDDLE: Final = 0.35
"""What joins cards side by side meets them at least this share of their height from the corners."""
MANY: Final = 200
"""More edges than this follow as plain lines."""
PIN: Final = 5.0


def route_after(
    route: Points,
    *,
    source: Offset,
    target: Offset,
    boxes: tuple[Box, Box],
    bends: Direction | None = Direction.DOWN,
) -> Points:
    """A route whose ends were moved; its middle stays where it can.

    `boxes` are where the cards at its ends are now. Where the one that it leads to is no longer
    beyond the other, it joins the sides that face each other, so that its arrow is seen.
    """
    if bends is None:
        return np.array((route[0] + source, route[-1] + target))
    if bends is Direction.RIGHT:
        turned = route_after(
            np.ascontiguousarray(route[:, ::-1]),
            source=source[::-1],
            target=target[::-1],
            boxes=(_turned(boxes[0]), _turned(boxes[1])),
        )
        return np.ascontiguousarray(turned[:, ::-1])
    if route[-1, 1] < route[0, 1]:
        upside_down = np.array((1.0, -1.0))
        return upside_down * route_after(
            route * upside_down,
            source=(source[0], -source[1]),
            target=(target[0], -target[1]),
            boxes=(_flipped(boxes[0]), _flipped(boxes[1])),
        )
    start = route[0] + source
    end = route[-1] + target
    result = route.copy()
    result[0], result[-1] = start, end
    if len(route) >= 4:
        result[1, 0] += source[0]
        result[-2, 0] += target[0]
        runs_down = (np.diff(result[:, 1]) >= 0).all()
        if runs_down and (np.diff(route[:, 1]) >= 0).all():
            return result
    if end[1] >= start[1] + 2 * STUB:
        stub = np.array((0.0, STUB))
        return np.array((start, start + stub, end - stub, end))
    return _between_sides(*boxes)


def _between_sides(source: Box, target: Box) -> Points:
    """A route up from the top of a card, or from side to side of two beside each other."""
    (x, y), (to_x, to_y) = source.centre, target.centre
    if source.top >= target.bottom:
        stub = min(STUB, (source.top - target.bottom) / 3)
        up = ((x, source.top - stub), (to_x, target.bottom + stub))
        return np.array(((x, source.top), *up, (to_x, target.bottom)))
    if source.bottom <= target.top:
        stub = (target.top - source.bottom) / 3
        down = ((x, source.bottom + stub), (to_x, target.top - stub))
        return np.array(((x, source.bottom), *down, (to_x, target.top)))
    y = _nearest(to_y, source)
    to_y = _nearest(y, target)
    leaves, meets = source.right, target.left
    if to_x < x:
        leaves, meets = source.left, target.right
    if y == to_y:
        return np.array(((leaves, y), (meets, y)))
    between = (leaves + meets) / 2
    return np.array(((leaves, y), (between, y), (between, to_y), (meets, to_y)))


def _nearest(y: float, box: Box) -> float:
    """The height nearest to another at which a side of a card can be met."""
    room = box.height * MIDDLE
    return min(max(y, box.top + room), box.bottom - room)


def _flipped(box: Box) -> Box:
    return Box(box.left, -box.bottom, box.right, -box.top)


def _turned(box: Box) -> Box:
    return Box(box.top, box.left, box.bottom, box.right)


class Drag:
    """A card that follows the pointer.

    Attributes:
        scene: where it was taken from.
        card: which one it is.
        offset: how far it has come.
        edges: the edges that follow it.
    """

    def __init__(self, scene: Scene, card: int, x: float, y: float) -> None:
        self.scene, self.card = scene, card
        self.offset: Offset = (0.0, 0.0)
        self.edges = sorted({*scene.edges_into(card), *scene.edges_out_of(card)})
        self._grip = (x, y)

    def move_to(self, x: float, y: float) -> None:
        """Follow the pointer to a point of the scene."""
        self.offset = x - self._grip[0], y - self._grip[1]

    def box(self) -> Box:
        """Where the card is now."""
        return _moved(self.scene.box_of(self.card), self.offset)

    def touched(self) -> list[Box]:
        """What has to be painted again without it: the card's place and its edges."""
        boxes = [Box(*self.scene.edge_boxes[edge].tolist()) for edge in self.edges]
        return [box.grown(REACH) for box in (self.scene.box_of(self.card), *boxes)]

    def paint(self, painter: QPainter, marks: Marks, look: Look) -> None:
        """Draw the card and its edges where they are now."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colour = QColor(look.theme.edge)
        painter.setPen(QPen(colour, EDGE_WIDTH))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        routes = moved_routes(self.scene, {self.card: self.offset}, self.edges)
        if len(routes) > MANY:
            pieces = np.vstack([np.hstack((r[:-1], r[1:])) for r in routes.values()])
            draw_lines(painter, curve_lines(pieces, 6, self.scene.bends)[0])
        else:
            for edge, route in routes.items():
                is_pairing = self.scene.edges[edge].is_pairing
                room = 0.0 if is_pairing else ARROW_LENGTH - 1
                painter.drawPath(curve_path(route, self.scene.bends, end_room=room))
                if not is_pairing:
                    painter.setBrush(colour)
                    way = end_direction(route, self.scene.bends)
                    painter.drawPolygon(arrow_head(route[-1], way))
                    painter.setBrush(Qt.BrushStyle.NoBrush)
        card, box = self.scene.cards[self.card], self.box()
        paint = paint_of(look, self.card, card.kind)
        paint_card(painter, card, QRectF(*box[:2], box.width, box.height), look, paint)
        painter.save()
        painter.translate(*self.offset)
        paint_settled_card(painter, marks, self.card, look, Detail.FULL)
        painter.restore()


def moved_routes(scene: Scene, offsets: dict[int, Offset], edges: list[int]) -> dict[int, Points]:
    """The routes of some edges after some cards were moved."""
    still = (0.0, 0.0)
    routes = {}
    for edge in edges:
        cards = scene.edges[edge].source, scene.edges[edge].target
        source, target = (offsets.get(card, still) for card in cards)
        routes[edge] = route_after(
            scene.route(edge),
            source=source,
            target=target,
            boxes=(_moved(scene.box_of(cards[0]), source), _moved(scene.box_of(cards[1]), target)),
            bends=scene.bends,
        )
    return routes


def _moved(box: Box, offset: Offset) -> Box:
    dx, dy = offset
    return Box(box.left + dx, box.top + dy, box.right + dx, box.bottom + dy)


def with_cards_moved(scene: Scene, offsets: dict[int, Offset]) -> Scene:
    """A scene with some cards elsewhere and their edges after them."""
    rects = scene.rects.copy()
    touched: set[int] = set()
    for card, offset in offsets.items():
        rects[card, :2] += offset
        touched.update(scene.edges_into(card), scene.edges_out_of(card))
    return scene.with_changes(rects, moved_routes(scene, offsets, sorted(touched)))


class Pins:
    """The cards that were moved by hand, by what they are: so they are found in another run.

    Offsets are from where the layout puts a card, and hold when that changes.
    """

    def __init__(self) -> None:
        self._offsets: dict[Hashable, Offset] = {}
        self._cards: dict[int, Hashable] = {}
        self._laid_out: Scene | None = None

    @property
    def cards(self) -> list[int]:
        """The cards of the present scene that were moved."""
        return [card for card, name in self._cards.items() if name in self._offsets]

    def applied(self, scene: Scene) -> Scene:
        """A scene as the layout made it, with its cards where they were put."""
        self._laid_out = scene
        self._cards = dict(enumerate(identities(scene.cards))) if self._offsets else {}
        return self._moved()

    def offset_of(self, item: Item) -> Offset | None:
        """How far an item's card was moved, None where it was not."""
        card = None if self._laid_out is None else self._laid_out.index.get(item)
        return None if card is None else self._offsets.get(self._names().get(card))

    def put(self, item: Item, offset: Offset | None) -> Scene | None:
        """Move an item's card, or leave it to the layout again; the scene with it, if drawn."""
        card = None if self._laid_out is None else self._laid_out.index.get(item)
        if card is None:
            return None
        name = self._names()[card]
        if offset is None:
            self._offsets.pop(name, None)
        else:
            self._offsets[name] = offset
        return self._moved()

    def _names(self) -> dict[int, Hashable]:
        if not self._cards and self._laid_out is not None:
            self._cards = dict(enumerate(identities(self._laid_out.cards)))
        return self._cards

    def _moved(self) -> Scene:
        assert self._laid_out is not None
        offsets = {
            card: self._offsets[name] for card, name in self._cards.items() if name in self._offsets
        }
        return with_cards_moved(self._laid_out, offsets) if offsets else self._laid_out


def paint_pin(painter: QPainter, rect: QRectF, look: Look) -> None:
    """Mark a card that stays where it was put: a pin in its upper left corner."""
    head = QPointF(rect.left() + 2.0, rect.top() - 1.0)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(look.theme.text), 1.4))
    painter.drawLine(head, head + QPointF(4.5, 7.0))
    painter.setBrush(QColor(look.theme.selection))
    painter.drawEllipse(head, PIN, PIN)

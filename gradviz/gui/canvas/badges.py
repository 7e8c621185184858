"""Small notes beside cards: what has just arrived there, and what that adds up to so far."""

from __future__ import annotations

from typing import Final, NamedTuple

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.gui.canvas.cards import CardKind, gradient_text
from gradviz.gui.canvas.chips import CHIP_HEIGHT, CHIP_PAD
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.text import TextStyle, fit_text, font_of, text_width
from gradviz.gui.style import Theme
from gradviz.recording.format import format_elements, format_number
from gradviz.recording.items import tensor_item
from gradviz.recording.naming import Edges
from gradviz.recording.sums import Array, Sum, Sums, contribution_to_leaf

_MAX_WIDTH: Final = 280.0
_ELEMENTS: Final = 4
_GAP: Final = 5.0
_MARKER: Final = 22.0
"""Room on the left of a card for the marker of the current step."""
_MANY: Final = 60
"""Of more sums at a time only those are noted that the step has just changed."""


class Badge(NamedTuple):
    """A note beside a card; `is_new` where the step at the playhead has just changed it."""

    card: int
    text: str
    is_new: bool


class Badges:
    """Answers what is noted at a playhead of a recording."""

    def __init__(self, sums: Sums, edges: Edges) -> None:
        self.sums = sums
        self._edges = edges

    def at(self, scene: Scene, playhead: int) -> list[Badge]:
        """The notes beside the cards of a scene."""
        found = []
        open_now = self.sums.open_at(playhead)
        if len(open_now) > _MANY:
            open_now = [one for one in open_now if one.latest(playhead) is not None][:_MANY]
        for one in open_now:
            card = self._card_of(scene, one)
            if card is not None:
                is_new = one.latest(playhead) is not None
                found.append(Badge(card, self._sum_text(one, playhead), is_new))
        added = contribution_to_leaf(self.sums.replay, playhead)
        if added is not None:
            leaf, value, is_added = added
            card = scene.index.get(tensor_item(leaf))
            if card is not None:
                text = gradient_text(scene.recording.values[value])
                found.append(Badge(card, f"+ {text}" if is_added else f"← {text}", True))
        return found

    def _card_of(self, scene: Scene, one: Sum) -> int | None:
        tensor = self._edges.tensor_at(one.edge)
        card = None if tensor is None else scene.index.get(tensor_item(tensor))
        if card is not None:
            return card
        cards = scene.nodes.cards_of(one.edge.node)
        # A folded card has many sums in it, none of which it could say the name of.
        return cards[0] if cards and scene.kinds[cards[0]] != CardKind.SCOPE else None

    def _sum_text(self, one: Sum, playhead: int) -> str:
        """`Σ 2/3 = 4 + 2 = 6`, or `Σ 2/3 = 6`; of what is too large the norm, or the count."""
        arrived = one.arrived(playhead)
        text = f"Σ {arrived}/{len(one.values)}"
        values = self.sums.replay.recording.values
        total = self.sums.total(one, playhead)
        latest = one.latest(playhead)
        if total is None:
            return text
        if arrived > 1 and latest is not None and total.size <= _ELEMENTS:
            before = self.sums.total(one, playhead - 1)
            if before is not None:
                terms = f"{_written(before)} + {gradient_text(values[latest])}"
                whole = f"{text} = {terms} = {_written(total)}"
                if text_width(TextStyle.CHIP, whole) <= _MAX_WIDTH:
                    return whole
        return f"{text} = {_written(total)}"


def _written(array: Array) -> str:
    """An array's elements where they are few, else its norm."""
    if array.size <= _ELEMENTS:
        return format_elements(array)
    return f"‖g‖ {format_number(float(abs(array.astype(complex) ** 2).sum() ** 0.5))}"


def placed(
    scene: Scene, badges: list[Badge], view: Box | None = None
) -> list[tuple[Badge, str, QRectF]]:
    """Each note with its text, shortened, and where it is written, in view where it can be."""
    below: dict[int, int] = {}
    found = []
    for badge in badges:
        row = below[badge.card] = below.get(badge.card, -1) + 1
        text = fit_text(TextStyle.CHIP, badge.text, _MAX_WIDTH)
        width = text_width(TextStyle.CHIP, text) + 2 * CHIP_PAD
        found.append((badge, text, place_badge(scene, badge.card, width, row, view)))
    return found


def paint_badges(
    painter: QPainter, scene: Scene, badges: list[Badge], theme: Theme, view: Box | None = None
) -> None:
    """Draw the notes beside their cards, several of one card under each other."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setFont(font_of(TextStyle.CHIP))
    for badge, text, rect in placed(scene, badges, view):
        pen = QPen(QColor(theme.gradient), 1.4)
        if not badge.is_new:
            pen.setStyle(Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(QColor(theme.current_fill if badge.is_new else theme.canvas))
        painter.drawRoundedRect(rect, 4, 4)
        painter.setPen(QColor(theme.gradient_text))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def place_badge(scene: Scene, card: int, width: float, row: int, view: Box | None = None) -> QRectF:
    """Where a note stands: right of its card, above, left or below it, where no card is.

    The first of these places that is in a view, where one is. Notes of one card have rows from 0;
    where cards are on every side it stands on the right.
    """
    box = scene.box_of(card)
    middle = (box.top + box.bottom - CHIP_HEIGHT) / 2 + row * (CHIP_HEIGHT + 2)
    above = box.top - _GAP - CHIP_HEIGHT - row * (CHIP_HEIGHT + 2)
    below = box.bottom + _GAP + row * (CHIP_HEIGHT + 2)
    corners = (
        (box.right + _GAP, middle),
        (box.right - width, above),
        (box.left - _MARKER - _GAP - width, middle),
        (box.right - width, below),
    )
    places = [Box(x, y, x + width, y + CHIP_HEIGHT) for x, y in corners]
    free = [place for place in places if not _covers_a_card(scene, place)]
    seen = [place for place in free if view is None or view.holds(place)]
    place = (seen or free or places)[0]
    return QRectF(place.left, place.top, place.width, place.height)


def _covers_a_card(scene: Scene, place: Box) -> bool:
    boxes = scene.card_boxes[scene.cards_in(place)]
    beside = (boxes[:, 0] >= place.right) | (boxes[:, 2] <= place.left)
    apart = beside | (boxes[:, 1] >= place.bottom) | (boxes[:, 3] <= place.top)
    return not bool(apart.all())

"""The way from one scene to the next: cards that are in both move, others appear or go."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QPainter

from gradviz.gui.canvas.blocks import draw_blocks
from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.edge_motion import EdgeMotion
from gradviz.gui.canvas.frame_painter import paint_frame
from gradviz.gui.canvas.frames import Frame
from gradviz.gui.canvas.geometry import Box, Indices, Points, touching
from gradviz.gui.canvas.identities import identities
from gradviz.gui.canvas.look import Codes, Detail, Look, block_codes, detail_at, paint_of
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.overlay import paint_settled_card
from gradviz.gui.canvas.painter import SMOOTH_FROM, paint_card, paint_plain_card
from gradviz.gui.canvas.scene import Scene
from gradviz.recording.model import Item

DURATION_MS: Final = 220
MAX_CARDS: Final = 20_000
"""More than this in view, and the next scene is there at once."""
FULL_UP_TO: Final = 150
"""So many moving cards are drawn with all that stands on them."""
LABELLED_UP_TO: Final = 400


def matches(before: Scene, after: Scene) -> Indices:
    """For each card of the scene after, the same one before it, -1 where there is none."""
    if before.recording is after.recording:
        if before.folding is not None and after.folding is not None:
            places = after.folding.places_in(before.folding)
            if places is not None:
                return places
        known: dict[Hashable, int] = dict(before.index)
        wanted: list[Hashable] = list(after.items)
    else:
        known = {name: card for card, name in enumerate(identities(before.cards))}
        wanted = identities(after.cards)
    return np.fromiter((known.get(name, -1) for name in wanted), np.intp, len(wanted))


class Transition:
    """The cards, frames and edges between two scenes, at any share of the way.

    Everything is in the coordinates of the scene after. `before_rects` says where the cards of
    the scene before are at the start, in those coordinates, so that a way that is interrupted
    goes on from where it was.
    """

    def __init__(
        self, before: Scene, after: Scene, same: Indices, before_rects: Points, shift: Camera
    ) -> None:
        self.before, self.after = before, after
        self._before_rects, self._shift = before_rects, shift
        self._edges = EdgeMotion(before, after, same, shift)
        self._is_old = same >= 0
        self.start = after.rects.copy()
        self.start[self._is_old] = before_rects[same[self._is_old]]
        is_gone = np.ones(len(before.cards), np.bool_)
        is_gone[same[self._is_old]] = False
        self._gone = np.flatnonzero(is_gone)
        self._gone_end = before_rects[self._gone].copy()
        self._grow_from_folded()
        self._shrink_to_folded()

    def _grow_from_folded(self) -> None:
        """What is in a frame that was a card before comes out of that card."""
        centres = self.after.rects[:, :2] + self.after.rects[:, 2:] / 2
        for frame in self.after.frames:
            card = self.before.index.get(frame.item)
            if card is not None:
                inside = _inside(centres, frame.box) & ~self._is_old
                self.start[inside] = _small(self._before_rects[card])

    def _shrink_to_folded(self) -> None:
        centres = self.before.rects[:, :2] + self.before.rects[:, 2:] / 2
        for frame in self.before.frames:
            card = self.after.index.get(frame.item)
            if card is not None:
                inside = _inside(centres[self._gone], frame.box)
                self._gone_end[inside] = _small(self.after.rects[card])

    def rects_at(self, share: float) -> Points:
        """Where the cards of the scene after are, shape (n, 4)."""
        rects: Points = self.start + (self.after.rects - self.start) * share
        return rects

    @property
    def is_visible(self) -> bool:
        """Whether anything moves, appears or goes."""
        return bool(
            len(self._gone)
            or not self._is_old.all()
            or (np.abs(self.start - self.after.rects) > 0.5).any()
        )

    def is_affordable(self, view: Box) -> bool:
        """Whether few enough cards are in view to be moved smoothly."""
        both = np.minimum(self.start[:, :2], self.after.rects[:, :2])
        ends = np.maximum(
            self.start[:, :2] + self.start[:, 2:], self.after.rects[:, :2] + self.after.rects[:, 2:]
        )
        return len(touching(np.hstack((both, ends)), view)) <= MAX_CARDS

    def paint(
        self, painter: QPainter, look: Look, marks: Marks, view: Box, scale: float, share: float
    ) -> None:
        """Draw what is in view, `share` of the way from 0 to 1; what stays keeps its marks."""
        eased = 1.0 - (1.0 - share) ** 3
        is_smooth = scale >= SMOOTH_FROM
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self._paint_frames(painter, look, scale, eased)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, is_smooth)
        rects = self.rects_at(eased)
        boxes = np.hstack((rects[:, :2], rects[:, :2] + rects[:, 2:]))
        shown = touching(boxes, view)
        self._edges.paint(painter, look, marks.delivered, view, scale, eased)
        gone_rects = self._before_rects[self._gone] * (1 - eased) + self._gone_end * eased
        gone_boxes = np.hstack((gone_rects[:, :2], gone_rects[:, :2] + gone_rects[:, 2:]))
        gone_shown = touching(gone_boxes, view)
        is_old = self._is_old[shown]
        kept, fresh = shown[is_old], shown[~is_old]
        # What stays does not change its looks because of how much is new.
        kept_detail = _affordable(len(kept), scale)
        detail = _affordable(len(shown) + len(gone_shown), scale)
        painter.setOpacity(1.0 - eased)
        plain = look._replace(colouring=None, focus=None)
        gone = self._gone[gone_shown]
        no_phases = np.zeros(len(self.before.cards), np.uint8)
        _paint_cards(
            painter, self.before, plain, gone, gone_rects[gone_shown], detail, scale, no_phases
        )
        painter.setOpacity(eased)
        _paint_cards(painter, self.after, look, fresh, rects[fresh], detail, scale, marks.phases)
        painter.setOpacity(1.0)
        _paint_cards(painter, self.after, look, kept, rects[kept], kept_detail, scale, marks.phases)
        if kept_detail is Detail.FULL:
            for card in kept.tolist():
                painter.save()
                _to_rect(painter, marks.scene.rects[card], rects[card])
                paint_settled_card(painter, marks, card, look, kept_detail)
                painter.restore()

    def _paint_frames(self, painter: QPainter, look: Look, scale: float, share: float) -> None:
        is_near = detail_at(scale) is Detail.FULL
        before = {frame.item: frame for frame in self.before.frames}
        kept = {frame.item for frame in self.after.frames}
        for frame in self.before.frames:
            if frame.item not in kept:
                painter.setOpacity(1.0 - share)
                moved = frame._replace(box=self._shifted(frame.box))
                paint_frame(painter, moved, look.theme, scale, is_near=is_near)
        for frame in self.after.frames:
            start = self._start_of(frame, before)
            painter.setOpacity(1.0 if frame.item in before else share)
            parts = zip(start, frame.box, strict=True)
            between = Box(*(a + (b - a) * share for a, b in parts))
            paint_frame(painter, frame._replace(box=between), look.theme, scale, is_near=is_near)
        painter.setOpacity(1.0)

    def _start_of(self, frame: Frame, before: dict[Item, Frame]) -> Box:
        if frame.item in before:
            return self._shifted(before[frame.item].box)
        card = self.before.index.get(frame.item)
        if card is None:
            return frame.box
        left, top, width, height = self._before_rects[card].tolist()
        return Box(left, top, left + width, top + height)

    def _shifted(self, box: Box) -> Box:
        """A box of the scene before in the coordinates of the scene after."""
        left, top = self._shift.to_canvas(box.left, box.top)
        right, bottom = self._shift.to_canvas(box.right, box.bottom)
        return Box(left, top, right, bottom)


def _affordable(cards: int, scale: float) -> Detail:
    """How much can be drawn of so many cards in the time of a frame."""
    if cards > LABELLED_UP_TO:
        return Detail.BLOCKS
    return min(detail_at(scale), Detail.FULL if cards <= FULL_UP_TO else Detail.LABELS)


def _paint_cards(
    painter: QPainter,
    scene: Scene,
    look: Look,
    cards: Indices,
    rects: Points,
    detail: Detail,
    scale: float,
    phases: Codes,
) -> None:
    """Draw cards at other places and in other sizes than they have."""
    if detail is Detail.BLOCKS:
        draw_blocks(painter, rects, block_codes(scene.kinds, phases, look)[cards], look)
        return
    for index, (left, top, width, height) in zip(cards.tolist(), rects.tolist(), strict=True):
        card = scene.cards[index]
        painter.save()
        painter.translate(left, top)
        painter.scale(width / card.width, height / card.height)
        rect = QRectF(0.0, 0.0, card.width, card.height)
        paint = paint_of(look, index, card.kind)
        if detail is Detail.FULL:
            paint_card(painter, card, rect, look, paint)
        else:
            paint_plain_card(painter, card, rect, paint, scale)
        painter.restore()
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _to_rect(painter: QPainter, from_rect: Points, to_rect: Points) -> None:
    """Let what is drawn in one rectangle stand in another."""
    x, y, width, height = to_rect.tolist()
    painter.translate(x, y)
    painter.scale(width / from_rect[2], height / from_rect[3])
    painter.translate(-from_rect[0], -from_rect[1])


def _inside(centres: Points, box: Box) -> np.ndarray[tuple[int], np.dtype[np.bool_]]:
    x, y = centres.T
    inside: np.ndarray[tuple[int], np.dtype[np.bool_]] = (
        (x >= box.left) & (x <= box.right) & (y >= box.top) & (y <= box.bottom)
    )
    return inside


def _small(rect: Points) -> Points:
    """A tenth of a rectangle, in its middle."""
    small: Points = np.hstack((rect[:2] + 0.45 * rect[2:], 0.1 * rect[2:]))
    return small

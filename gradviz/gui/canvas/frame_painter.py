"""Draw the boxes around open scopes, and the controls that fold and unfold."""

from __future__ import annotations

from functools import cache
from typing import Final

import numpy as np
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen

from gradviz.gui.canvas.frames import (
    CONTROL,
    CONTROL_INSET,
    TITLE_HEIGHT,
    Frame,
    control_of_card,
    control_of_frame,
    frames_in,
)
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.text import (
    TextStyle,
    far_font,
    fit_far_text,
    fit_text,
    font_of,
    metrics_of,
)
from gradviz.gui.style import Theme, blended

RADIUS: Final = 10.0
TINT: Final = 0.045
"""Each level deeper is darker by this much."""
LINE: Final = 0.5
FAR_TITLE: Final = 11.0
"""Pixels of the screen that a title is high from afar."""
FAR_PLACES: Final = 24
"""So many places for it are tried from a frame's top to its bottom."""
WIDE: Final = 56.0
HIGH: Final = 40.0
"""Pixels of the screen that a frame needs for such a title."""


def paint_frames(
    painter: QPainter, scene: Scene, theme: Theme, box: Box, scale: float, *, is_near: bool
) -> None:
    """Draw the frames that reach into a box, outer ones first."""
    for frame in frames_in(scene.frames, box):
        _paint_border(painter, frame, theme, scale, is_near=is_near)


def paint_titles(
    painter: QPainter, scene: Scene, theme: Theme, box: Box, scale: float, *, is_near: bool
) -> None:
    """Draw their titles, over the edges that pass beneath; near ones have a control."""
    for frame in frames_in(scene.frames, box):
        if is_near:
            _paint_title(painter, frame, theme)
        elif _has_far_title(frame, scale):
            place = far_title_place(scene, frame, scale)
            if place is not None:
                _paint_far_title(painter, frame, theme, scale, place)


def far_title_place(scene: Scene, frame: Frame, scale: float) -> QRectF | None:
    """Where a frame's title hides nothing and nothing hides it, None where that is nowhere.

    In its upper left corner, else further down, else at its right.
    """
    first = _usual_far_place(frame, scale)
    size = FAR_TITLE / scale
    text = fit_far_text(size, frame.title, first.width())
    width = min(QFontMetricsF(far_font(size)).horizontalAdvance(text) + 1.0, first.width())
    # The letters alone, with some room at either side.
    high, room = 1.2 * size, 0.3 * size
    inset = (first.height() - high) / 2
    tops = np.linspace(first.top() + inset, frame.box.bottom - inset - high, FAR_PLACES)
    lefts = np.repeat((first.left(), first.right() - width), FAR_PLACES)
    low = np.column_stack((lefts, np.tile(tops, 2)))
    places = np.hstack((low, low + np.array((width, high))))
    cards = scene.card_boxes[scene.cards_in(frame.box)]
    inner = [f.box for f in frames_in(scene.frames, frame.box) if f.depth > frame.depth]
    others = np.vstack((cards, np.array(inner, np.float64).reshape(-1, 4)))
    mine = (places + np.array((-room, 0.0, room, 0.0)))[:, None, :]
    hits = (mine[..., 0] < others[:, 2]) & (mine[..., 2] > others[:, 0])
    hits &= (mine[..., 1] < others[:, 3]) & (mine[..., 3] > others[:, 1])
    free = np.flatnonzero(hits.sum(axis=1) == 0)
    if not len(free):
        return None
    left, top, right, bottom = places[free[0]].tolist()
    return QRectF(left, top, right - left, bottom - top)


def _usual_far_place(frame: Frame, scale: float) -> QRectF:
    size = FAR_TITLE / scale
    place = QRectF(frame.box.left, frame.box.top, frame.box.width, 1.7 * size)
    return place.adjusted(0.45 * size, 0.0, -0.45 * size, 0.0)


def _has_far_title(frame: Frame, scale: float) -> bool:
    return min(frame.box.width / WIDE, frame.box.height / HIGH) * scale >= 1.0


def paint_frame(
    painter: QPainter, frame: Frame, theme: Theme, scale: float, *, is_near: bool
) -> None:
    """Draw one frame with its title, which from afar is as on a map."""
    _paint_border(painter, frame, theme, scale, is_near=is_near)
    if is_near:
        _paint_title(painter, frame, theme)
    elif _has_far_title(frame, scale):
        _paint_far_title(painter, frame, theme, scale, _usual_far_place(frame, scale))


@cache
def _border(colour: str, is_near: bool) -> tuple[QPen, QBrush]:
    tint, line = QColor(colour), QColor(colour)
    tint.setAlphaF(TINT)
    line.setAlphaF(LINE)
    pen = QPen(line, 1.2 if is_near else 1.0)
    pen.setCosmetic(not is_near)
    return pen, QBrush(tint)


def _paint_border(
    painter: QPainter, frame: Frame, theme: Theme, scale: float, *, is_near: bool
) -> None:
    pen, tint = _border(theme.scope.line, is_near)
    painter.setPen(pen)
    painter.setBrush(tint)
    rect = QRectF(frame.box.left, frame.box.top, frame.box.width, frame.box.height)
    if RADIUS * scale < 1.0:
        # Nobody sees that corners are round, which takes several times as long.
        painter.drawRect(rect)
    else:
        painter.drawRoundedRect(rect, RADIUS, RADIUS)


def _paint_title(painter: QPainter, frame: Frame, theme: Theme) -> None:
    control = control_of_frame(frame.box)
    paint_control(painter, control, theme, is_open=True)
    left = control.right + CONTROL_INSET
    room = frame.box.right - CONTROL_INSET - left
    if room < CONTROL:
        return
    metrics = metrics_of(TextStyle.FRAME)
    baseline = frame.box.top + (TITLE_HEIGHT + metrics.ascent() - metrics.descent()) / 2 + 1.0
    text = fit_text(TextStyle.FRAME, frame.title, room)
    plate = QRectF(
        left - 3.0, frame.box.top + 5.0, metrics.horizontalAdvance(text) + 6.0, TITLE_HEIGHT - 10.0
    )
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(_ground(frame, theme))
    painter.drawRoundedRect(plate, 3.0, 3.0)
    painter.setFont(font_of(TextStyle.FRAME))
    painter.setPen(QColor(theme.scope.text))
    painter.drawText(QPointF(left, baseline), text)


def _ground(frame: Frame, theme: Theme) -> QColor:
    """What a frame's inside looks like."""
    return blended(theme.scope.line, theme.canvas, 1.0 - (1.0 - TINT) ** (frame.depth + 1))


def _paint_far_title(
    painter: QPainter, frame: Frame, theme: Theme, scale: float, place: QRectF
) -> None:
    size = FAR_TITLE / scale
    painter.setFont(far_font(size))
    painter.setPen(QColor(theme.scope.text))
    text = fit_far_text(size, frame.title, place.width())
    painter.drawText(place, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, text)


def paint_card_control(painter: QPainter, rect: QRectF, theme: Theme) -> None:
    """Draw the plus on a folded scope's card."""
    box = Box(rect.left(), rect.top(), rect.right(), rect.bottom())
    paint_control(painter, control_of_card(box), theme, is_open=False)


def paint_control(painter: QPainter, box: Box, theme: Theme, *, is_open: bool) -> None:
    """Draw a small square: a minus where its scope is open, a plus where it is folded."""
    rect = QRectF(box.left, box.top, box.width, box.height)
    pen = QPen(QColor(theme.scope.line), 1.2)
    painter.setPen(pen)
    painter.setBrush(QColor(theme.canvas))
    painter.drawRoundedRect(rect, 3.0, 3.0)
    pen.setWidthF(1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    painter.setPen(pen)
    centre, reach = rect.center(), box.width / 2 - 3.5
    sideways, down = QPointF(reach, 0.0), QPointF(0.0, reach)
    painter.drawLine(QLineF(centre - sideways, centre + sideways))
    if not is_open:
        painter.drawLine(QLineF(centre - down, centre + down))

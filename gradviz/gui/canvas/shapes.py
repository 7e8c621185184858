"""The outlines of cards and the signs on them: what tells roles apart without colour."""

from __future__ import annotations

from typing import Any, Final, TypeAlias, assert_never

import numpy as np
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from gradviz.gui.canvas.cards import CUT, HEXAGON_POINT, LEAF_BAND, RADIUS, CardKind
from gradviz.gui.canvas.geometry import Points
from gradviz.recording.model import OpKind

PILL_RADIUS: Final = 17.0
Kinds: TypeAlias = np.ndarray[Any, np.dtype[np.uint8]]


def outline(kind: CardKind, rect: QRectF) -> QPainterPath:
    """The border of a card."""
    match kind:
        case CardKind.PARAMETER:
            return _polygon(rect, cut_x=CUT, cut_y=CUT)
        case CardKind.NODE:
            return _polygon(rect, cut_x=HEXAGON_POINT, cut_y=rect.height() / 2)
        case CardKind.OP:
            return _rounded(rect, min(PILL_RADIUS, rect.height() / 2))
        case CardKind.LEAF | CardKind.INTERMEDIATE | CardKind.ROOT | CardKind.CONSTANT:
            return _rounded(rect, RADIUS)
        case CardKind.SCOPE:
            return _rounded(rect, RADIUS)
        case _:
            assert_never(kind)


def border_insets(kinds: Kinds, rects: Points, x: Points) -> Points:
    """How far above cards' lower edges their borders are at `x`, where corners are cut or round."""
    left, width, height = rects[:, 0], rects[:, 2], rects[:, 3]
    side = np.maximum(0.0, np.minimum(x - left, left + width - x))
    point = np.maximum(0.0, 1 - side / HEXAGON_POINT) * height / 2
    return _insets(kinds, side, height, point)


def side_insets(kinds: Kinds, rects: Points, y: Points) -> Points:
    """How far beside cards' left or right edges their borders are at `y`."""
    top, height = rects[:, 1], rects[:, 3]
    side = np.maximum(0.0, np.minimum(y - top, top + height - y))
    return _insets(kinds, side, height, HEXAGON_POINT * (1 - 2 * side / height))


def _insets(kinds: Kinds, side: Points, height: Points, point: Points) -> Points:
    """So far beside a corner, given what it is where a card has a point."""
    radius = np.where(kinds == CardKind.OP, np.minimum(PILL_RADIUS, height / 2), RADIUS)
    within = np.maximum(radius - side, 0.0)
    corner = np.where(within > 0, radius - np.sqrt(radius**2 - within**2), 0.0)
    corner = np.where(kinds == CardKind.PARAMETER, np.maximum(0.0, CUT - side), corner)
    return np.where(kinds == CardKind.NODE, point, corner)


def _rounded(rect: QRectF, radius: float) -> QPainterPath:
    path = QPainterPath()
    path.addRoundedRect(rect, radius, radius)
    return path


def _polygon(rect: QRectF, *, cut_x: float, cut_y: float) -> QPainterPath:
    left, top, right, bottom = rect.left(), rect.top(), rect.right(), rect.bottom()
    corners = (
        (left + cut_x, top),
        (right - cut_x, top),
        (right, top + cut_y),
        (right, bottom - cut_y),
        (right - cut_x, bottom),
        (left + cut_x, bottom),
        (left, bottom - cut_y),
        (left, top + cut_y),
    )
    path = QPainterPath()
    path.addPolygon(QPolygonF([QPointF(x, y) for x, y in corners]))
    path.closeSubpath()
    return path


def leaf_band(rect: QRectF) -> QPainterPath:
    """The bold band at the left of a leaf's card."""
    band = QPainterPath()
    band.addRect(QRectF(rect.left(), rect.top(), LEAF_BAND, rect.height()))
    return outline(CardKind.LEAF, rect).intersected(band)


def grad_band(kind: CardKind, rect: QRectF, top: float) -> QPainterPath:
    """The part of a card below `top`, where its `.grad` stands."""
    band = QPainterPath()
    band.addRect(QRectF(rect.left(), top, rect.width(), rect.bottom() - top))
    return outline(kind, rect).intersected(band)


def mark_path(kind: OpKind, rect: QRectF) -> QPainterPath:
    """The sign of what an op does besides computing, as lines to be stroked inside `rect`."""
    lines: dict[OpKind, tuple[tuple[tuple[float, float], ...], ...]] = {
        # A pencil's stroke under a changed line.
        OpKind.IN_PLACE: (
            ((0.0, 1.0), (0.15, 0.65), (0.7, 0.1), (0.9, 0.3), (0.35, 0.85), (0, 1)),
        ),
        # There and back.
        OpKind.TRANSFER: (
            ((0.0, 0.3), (1.0, 0.3), (0.7, 0.05)),
            ((1.0, 0.7), (0.0, 0.7), (0.3, 0.95)),
        ),
        # Out of the box.
        OpKind.EXIT: (
            ((0.45, 0.1), (0.0, 0.1), (0.0, 1.0), (0.9, 1.0), (0.9, 0.55)),
            ((0.4, 0.6), (1.0, 0.0), (0.65, 0.0)),
            ((1.0, 0.0), (1.0, 0.35)),
        ),
        # Down a flight of stairs.
        OpKind.STEP: (((0.0, 0.1), (0.35, 0.1), (0.35, 0.5), (0.7, 0.5), (0.7, 0.9), (1.0, 0.9)),),
    }
    path = QPainterPath()
    for line in lines.get(kind, ()):
        for number, (x, y) in enumerate(line):
            point = QPointF(rect.left() + x * rect.width(), rect.top() + y * rect.height())
            if number == 0:
                path.moveTo(point)
            else:
                path.lineTo(point)
    return path

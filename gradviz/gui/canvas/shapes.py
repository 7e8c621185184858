"""The outlines of cards and the signs on them: what tells roles apart without colour."""

from __future__ import annotations

import math
from typing import Final, assert_never

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QPainterPath, QPolygonF

from gradviz.gui.canvas.cards import CUT, HEXAGON_POINT, LEAF_BAND, RADIUS, CardKind
from gradviz.gui.canvas.geometry import Points
from gradviz.recording.model import OpKind

PILL_RADIUS: Final = 17.0


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


def border_inset(kind: CardKind, rect: Points, x: float) -> float:
    """How far above a card's lower edge its border is at `x`, where corners are cut or round."""
    left, _, width, height = rect.tolist()
    side = max(0.0, min(x - left, left + width - x))
    match kind:
        case CardKind.PARAMETER:
            return CUT * (1 - side / CUT) if side < CUT else 0.0
        case CardKind.NODE:
            return height / 2 * (1 - side / HEXAGON_POINT) if side < HEXAGON_POINT else 0.0
        case CardKind.OP:
            radius = min(PILL_RADIUS, height / 2)
        case _:
            radius = RADIUS
    return radius - math.sqrt(radius**2 - (radius - side) ** 2) if side < radius else 0.0


def side_inset(kind: CardKind, rect: Points, y: float) -> float:
    """How far beside a card's left or right edge its border is at `y`."""
    _, top, _, height = rect.tolist()
    side = max(0.0, min(y - top, top + height - y))
    match kind:
        case CardKind.PARAMETER:
            return CUT * (1 - side / CUT) if side < CUT else 0.0
        case CardKind.NODE:
            return float(HEXAGON_POINT * (1 - 2 * side / height))
        case CardKind.OP:
            radius = min(PILL_RADIUS, height / 2)
        case _:
            radius = RADIUS
    return radius - math.sqrt(radius**2 - (radius - side) ** 2) if side < radius else 0.0


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

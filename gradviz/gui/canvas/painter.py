"""Paint a scene: the same code draws tiles on the screen and pictures in files.

Painters come in scene coordinates; what is outside the given box is not visited.
"""

from __future__ import annotations

from enum import IntEnum
from functools import cache
from typing import Final, cast

import msgspec
import numpy as np
import shiboken6
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from gradviz.gui.canvas.cards import MARK, PAD_Y, ROOT_INSET, Card, CardKind
from gradviz.gui.canvas.curves import ARROW_LENGTH, arrow_head, curve_path, end_direction
from gradviz.gui.canvas.frame_painter import paint_card_control, paint_frames
from gradviz.gui.canvas.geometry import Box, Indices
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.shapes import leaf_band, mark_path, outline
from gradviz.gui.canvas.text import font_of
from gradviz.gui.style import Contrast, Paint, Theme

OUTLINE_FROM: Final = 0.25
LABELS_FROM: Final = 0.4
EDGE_WIDTH: Final = 1.6
OUTLINE_WIDTH: Final = 1.5


class Detail(IntEnum):
    """How much is drawn."""

    FAR = 0
    """Coloured blocks and straight lines."""
    SHAPES = 1
    """Outlines and curves, no texts."""
    FULL = 2
    """Everything."""


def detail_at(scale: float) -> Detail:
    """How much can be seen at a scale."""
    if scale < OUTLINE_FROM:
        return Detail.FAR
    return Detail.SHAPES if scale < LABELS_FROM else Detail.FULL


def card_paint(theme: Theme, kind: CardKind) -> Paint:
    """The colours of a kind of card."""
    paints = {
        CardKind.LEAF: theme.leaf,
        CardKind.PARAMETER: theme.parameter,
        CardKind.INTERMEDIATE: theme.intermediate,
        CardKind.ROOT: theme.root,
        CardKind.CONSTANT: theme.constant,
        CardKind.OP: theme.op,
        CardKind.NODE: theme.autograd_node,
        CardKind.SCOPE: theme.scope,
    }
    return paints[kind]


class _Pens(msgspec.Struct, frozen=True):
    fill: QBrush
    line: QPen
    text: QPen
    muted: QPen


@cache
def _pens(theme: Theme, kind: CardKind) -> _Pens:
    paint = card_paint(theme, kind)
    line = QPen(QColor(paint.line), OUTLINE_WIDTH)
    line.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if kind is CardKind.CONSTANT:
        line.setDashPattern([3.0, 2.5])
    muted = QColor(paint.text)
    muted.setAlphaF(0.72)
    return _Pens(QBrush(QColor(paint.fill)), line, QPen(QColor(paint.text)), QPen(muted))


def faded(colour: str, contrast: Contrast = Contrast.FADED) -> QColor:
    """A colour of the theme, as strong as said."""
    result = QColor(colour)
    result.setAlphaF(contrast.value)
    return result


def paint_scene(
    painter: QPainter, scene: Scene, theme: Theme, box: Box, detail: Detail, scale: float = 1.0
) -> None:
    """Draw edges, then cards, of which something lies in the box; the background is not drawn."""
    edges, cards = scene.edges_in(box), scene.cards_in(box)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    paint_frames(painter, scene, theme, box, scale, with_titles=detail is Detail.FULL)
    if detail is Detail.FAR:
        _paint_far(painter, scene, theme, edges, cards)
        return
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    for edge in edges.tolist():
        _paint_edge(painter, scene, theme, edge)
    for index in cards.tolist():
        paint_card(painter, scene.cards[index], _rect(scene, index), theme, detail)


def _rect(scene: Scene, card: int) -> QRectF:
    return QRectF(*scene.rects[card].tolist())


def _paint_far(
    painter: QPainter, scene: Scene, theme: Theme, edges: Indices, cards: Indices
) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
    if len(edges):
        wanted = np.zeros(len(scene.edges), np.bool_)
        wanted[edges] = True
        lines = np.ascontiguousarray(scene.segments[wanted[scene.segment_edge]])
        pen = QPen(faded(theme.edge), 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        if len(lines):
            first = cast(QLineF, shiboken6.wrapInstance(lines.ctypes.data, QLineF))
            painter.drawLines(first, len(lines))
    painter.setPen(Qt.PenStyle.NoPen)
    for kind in CardKind:
        rects = np.ascontiguousarray(scene.rects[cards[scene.kinds[cards] == kind]])
        if len(rects):
            # The line's colour: fills are too pale to be seen at this size.
            painter.setBrush(QColor(card_paint(theme, kind).line))
            first_rect = cast(QRectF, shiboken6.wrapInstance(rects.ctypes.data, QRectF))
            painter.drawRects(first_rect, len(rects))


def _paint_edge(painter: QPainter, scene: Scene, theme: Theme, index: int) -> None:
    edge = scene.edges[index]
    polyline = scene.polylines[index]
    is_pairing = edge.tensor is None and not edge.carriers
    # What carries no gradient in any pass steps back behind what does.
    colour = QColor(theme.edge) if edge.carriers else faded(theme.edge)
    if is_pairing:
        colour = faded(theme.autograd_node.line)
    pen = QPen(colour, EDGE_WIDTH)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if is_pairing:
        pen.setDashPattern([1.5, 2.5])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(curve_path(polyline, end_room=0.0 if is_pairing else ARROW_LENGTH - 1))
    if not is_pairing:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(arrow_head(polyline[-1], end_direction(polyline)))


def paint_card(painter: QPainter, card: Card, rect: QRectF, theme: Theme, detail: Detail) -> None:
    """Draw one card; its texts only where they can be read."""
    pens = _pens(theme, card.kind)
    painter.setPen(pens.line)
    painter.setBrush(pens.fill)
    painter.drawPath(outline(card.kind, rect))
    if card.kind is CardKind.ROOT:
        inset = rect.adjusted(ROOT_INSET, ROOT_INSET, -ROOT_INSET, -ROOT_INSET)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline(card.kind, inset))
    elif card.kind is CardKind.LEAF:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pens.line.color())
        painter.drawPath(leaf_band(rect))
    if detail is not Detail.FULL:
        return
    for label in card.labels:
        painter.setFont(font_of(label.style))
        painter.setPen(pens.muted if label.is_muted else pens.text)
        painter.drawText(QPointF(rect.left() + label.x, rect.top() + label.baseline), label.text)
    if card.kind is CardKind.SCOPE:
        paint_card_control(painter, rect, theme)
    if card.mark is not None:
        top = rect.top() + PAD_Y
        pen = QPen(pens.text.color(), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        place = QRectF(rect.left() + card.mark_x, top, MARK, MARK).adjusted(1, 1, -1, -1)
        painter.drawPath(mark_path(card.mark, place))

"""Paint what the moment adds to the picture: steps, gradients, selection and hovering."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Final

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPainterPath, QPen, QPolygonF

from gradviz.gui.canvas.blocks import LINES_AT_ONCE, cosmetic, draw_lines
from gradviz.gui.canvas.cards import (
    GRAD_LABEL,
    GRAD_ROW,
    HEXAGON_POINT,
    LEAF_BAND,
    NO_GRAD,
    PAD_X,
    ROOT_INSET,
    CardKind,
)
from gradviz.gui.canvas.chips import ChipPlaces, paint_chip
from gradviz.gui.canvas.curves import (
    ARROW_LENGTH,
    arrow_head,
    arrow_heads,
    curve_path,
    smooth_lines,
    start_direction,
    tips_of,
)
from gradviz.gui.canvas.frame_painter import RADIUS
from gradviz.gui.canvas.geometry import Box, Indices, Points
from gradviz.gui.canvas.look import DIM, NO_COLOUR, Detail, Look, paint_of
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.norms import norm_on_edge, width_of
from gradviz.gui.canvas.painter import (
    CARDS_AT_ONCE,
    DENSE,
    DENSE_PICTURE,
    EDGES_AT_ONCE,
    Part,
    faded,
    shown_edges,
)
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.shapes import grad_band, outline
from gradviz.gui.canvas.text import TextStyle, font_of, metrics_of, text_width
from gradviz.gui.style import Contrast, Theme, blended
from gradviz.layout.model import Direction
from gradviz.recording.replay import Phase

CURRENT_WIDTH: Final = 3.0
DELIVERED_WIDTH: Final = 1.8
SELECTION_WIDTH: Final = 2.5
DONE_RADIUS: Final = 5.5
MANY: Final = 200
"""More edges than this of one step are drawn together, without labels."""
SMALLEST_MARKER: Final = 14.0
"""Pixels of the screen that the current step's marker has at least, however far away."""


def paint_marks(
    painter: QPainter, marks: Marks, look: Look, box: Box, detail: Detail, scale: float
) -> None:
    """Draw all that the playhead adds, in the box."""
    for part in settled_parts(marks, look, box, detail, scale, dense=DENSE_PICTURE):
        part(painter)
    paint_current(painter, marks, look, box, detail, scale)


def settled_parts(
    marks: Marks, look: Look, box: Box, detail: Detail, scale: float, *, dense: int = DENSE
) -> Iterator[Part]:
    """The drawing of what earlier steps left in the box: deliveries, ticks and `.grad` rows."""
    if detail is Detail.BLOCKS:
        return
    scene = marks.scene
    shown = shown_edges(scene, look, box)
    shown = shown[marks.delivered[shown] & ~np.isin(shown, list(marks.current_edges))]
    if detail is Detail.LABELS or len(shown) > dense:
        yield from _many_deliveries(marks, look, shown, box, detail, scale)
        shown = shown[:0]
    edges = shown.tolist()
    for first in range(0, len(edges), EDGES_AT_ONCE):

        def deliver(painter: QPainter, chosen: list[int] = edges[first:][:EDGES_AT_ONCE]) -> None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for edge in chosen:
                _paint_delivery(painter, marks, edge, look, is_current=False)

        yield deliver
    cards = [card for card in scene.cards_in(box).tolist() if card not in look.hidden]
    for first in range(0, len(cards), CARDS_AT_ONCE):

        def settle(painter: QPainter, chosen: list[int] = cards[first:][:CARDS_AT_ONCE]) -> None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for card in chosen:
                paint_settled_card(painter, marks, card, look, detail)

        yield settle
    if detail is Detail.FULL and marks.has_begun:
        yield from (
            partial(_place, places=scene.chips, cell=cell) for cell in scene.chips.near(box)
        )
        yield lambda painter: _paint_settled_chips(painter, marks, look, box)


def _place(_painter: QPainter, places: ChipPlaces, cell: tuple[int, int]) -> None:
    places.place(cell)


def paint_settled_card(
    painter: QPainter, marks: Marks, card: int, look: Look, detail: Detail
) -> None:
    """Draw what earlier steps left on one card."""
    is_dim = look.focus is not None and not look.focus.cards[card]
    painter.setOpacity(DIM if is_dim else 1.0)
    if detail is Detail.FULL:
        _paint_grad(painter, marks, card, look)
        is_told = marks.scene.kinds[card] == CardKind.OP and marks.scene.is_paired[card]
        if marks.phase_of(card) is Phase.DONE and not is_told:
            _paint_done(painter, marks.scene, card, look.theme)
    painter.setOpacity(1.0)


def _paint_settled_chips(painter: QPainter, marks: Marks, look: Look, box: Box) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scene = marks.scene
    for edge in scene.chips.edges_in(box).tolist():
        ends = scene.edges[edge][:2]
        if look.hidden and not look.hidden.isdisjoint(ends):
            continue
        if look.focus is not None and not look.focus.edges[edge]:
            continue
        chip = marks.chip_of(edge)
        if chip is not None and chip.is_shown and not chip.is_current:
            paint_chip(painter, chip, look.theme)


def paint_current(
    painter: QPainter, marks: Marks, look: Look, box: Box, detail: Detail, scale: float
) -> None:
    """Draw the step that has just been executed; of very many edges those in the box."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    scene, theme = marks.scene, look.theme
    if detail is Detail.BLOCKS:
        for card in marks.current_cards:
            _paint_far_current(painter, scene, card, theme, scale)
        return
    delivered = marks.delivered_edges
    if len(delivered) > MANY:
        in_view = np.intersect1d(delivered, scene.edges_in(box))
        _paint_many_current(painter, scene, look, in_view, box, scale)
    else:
        for edge in delivered:
            _paint_delivery(painter, marks, edge, look, is_current=True)
    for card in marks.current_cards:
        _paint_current_card(painter, scene, card, theme)
    if detail is Detail.FULL and len(delivered) <= MANY:
        for edge in delivered:
            chip = marks.chip_of(edge)
            if chip is not None and chip.is_shown:
                paint_chip(painter, chip, theme)


def _many_deliveries(
    marks: Marks, look: Look, edges: Indices, box: Box, detail: Detail, scale: float
) -> Iterator[Part]:
    """Edges along which gradients came, drawn together; near ones with arrowheads."""
    scene = marks.scene
    colour = QColor(look.theme.done)
    if look.focus is not None:
        edges = edges[look.focus.edges[edges]]
    lines = smooth_lines(scene.segments[scene.pieces_in(edges, box)], scale, scene.bends)
    for first in range(0, len(lines), LINES_AT_ONCE):

        def draw(painter: QPainter, piece: Points = lines[first:][:LINES_AT_ONCE]) -> None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(QPen(colour, DELIVERED_WIDTH))
            draw_lines(painter, piece)

        yield draw
    if detail is Detail.FULL:

        def heads(painter: QPainter) -> None:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(colour)
            painter.drawPath(arrow_heads(*tips_of(scene, edges, box, at_start=True)))

        yield heads


def _paint_many_current(
    painter: QPainter, scene: Scene, look: Look, edges: Indices, box: Box, scale: float
) -> None:
    """Draw the edges of a step that has very many, without arrowheads."""
    lines = scene.segments[scene.pieces_in(edges, box)]
    colour = QColor(look.theme.gradient)
    if len(lines) < 5 * MANY:
        lines = smooth_lines(lines, scale, scene.bends)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, CURRENT_WIDTH))
    else:
        # Thick and smooth lines in their thousands would take a frame's time several times over.
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, False)
        painter.setPen(cosmetic(colour))
    draw_lines(painter, lines)


def _paint_far_current(
    painter: QPainter, scene: Scene, card: int, theme: Theme, scale: float
) -> None:
    rect = QRectF(*scene.rects[card].tolist())
    size = SMALLEST_MARKER / scale
    centre = rect.center()
    rect = rect.united(QRectF(centre.x() - size / 2, centre.y() - size / 2, size, size))
    pen = QPen(QColor(theme.current), 2)
    pen.setCosmetic(True)
    painter.setPen(pen)
    painter.setBrush(QColor(theme.current_fill))
    painter.drawRect(rect)


def _paint_delivery(
    painter: QPainter, marks: Marks, edge: int, look: Look, *, is_current: bool
) -> None:
    scene = marks.scene
    polyline = scene.route(edge)
    colour = QColor(look.theme.gradient if is_current else look.theme.done)
    colouring = look.colouring
    if colouring is not None and colouring.edges is not None and not is_current:
        code = int(colouring.edges[edge])
        colour = colour if code == NO_COLOUR else QColor(colouring.palette[code].line)
    if look.focus is not None and not is_current and not look.focus.edges[edge]:
        colour = blended(colour.name(), look.theme.canvas, DIM)
    width = CURRENT_WIDTH if is_current else DELIVERED_WIDTH
    if look.norms is not None:
        carriers = scene.edges[edge].carriers
        width = width_of(norm_on_edge(scene.replay, carriers, marks.gradients_at(edge)), look.norms)
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(_delivery_path(scene, edge))
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    size = 1.35 if is_current else 1.0
    away = -start_direction(polyline, scene.bends)
    painter.drawPolygon(arrow_head(polyline[0], away, size=size))


def _delivery_path(scene: Scene, edge: int) -> QPainterPath:
    path = scene.delivery_paths.get(edge)
    if path is None:
        room = ARROW_LENGTH - 1
        end_room = 0.0 if scene.is_backward[edge] else room
        path = curve_path(scene.route(edge), scene.bends, start_room=room, end_room=end_room)
        scene.delivery_paths[edge] = path
    return path


def _paint_grad(painter: QPainter, marks: Marks, index: int, look: Look) -> None:
    card = marks.scene.cards[index]
    if card.grad_top is None:
        return
    if card.kind is CardKind.SCOPE:
        _paint_progress(painter, marks, index, look)
        return
    rect = QRectF(*marks.scene.rects[index].tolist())
    grad = marks.grad_of(index)
    top = rect.top() + card.grad_top
    theme, paint = look.theme, paint_of(look, index, card.kind)
    if grad is not None:
        inside = rect.adjusted(0.75, 0.75, -0.75, -0.75)
        if card.kind is CardKind.LEAF:
            inside.setLeft(rect.left() + LEAF_BAND)
        if card.kind is CardKind.ROOT:
            inset = ROOT_INSET + 0.75
            inside = rect.adjusted(inset, inset, -inset, -inset)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(theme.current_fill))
        painter.drawPath(
            grad_band(card.kind, rect, top).intersected(outline(CardKind.INTERMEDIATE, inside))
        )
    left = rect.left() + card.labels[0].x
    baseline = top + (GRAD_ROW + metrics_of(TextStyle.GRAD).ascent()) / 2 - 2
    colour = QColor(theme.gradient_text)
    if grad is None:
        colour = faded(paint.text, Contrast.MUTED)
    painter.setPen(colour)
    painter.setFont(font_of(TextStyle.NO_GRAD if grad is None else TextStyle.GRAD_LABEL))
    painter.drawText(QPointF(left, baseline), GRAD_LABEL)
    style = TextStyle.NO_GRAD if grad is None else TextStyle.GRAD
    painter.setFont(font_of(style))
    text = NO_GRAD if grad is None else grad
    right = rect.right() - (PAD_X + (ROOT_INSET if card.kind is CardKind.ROOT else 0.0))
    painter.drawText(QPointF(right - text_width(style, text), baseline), text)


def _paint_progress(painter: QPainter, marks: Marks, index: int, look: Look) -> None:
    """Say on a folded scope's card how many of the steps behind it are done."""
    done, total = marks.progress_of(index)
    card, theme = marks.scene.cards[index], look.theme
    assert card.grad_top is not None
    if not total:
        return
    rect = QRectF(*marks.scene.rects[index].tolist())
    text = f"{done} / {total}"
    width = text_width(TextStyle.GRAD, text)
    middle = rect.top() + card.grad_top + GRAD_ROW / 2 - 3
    left, right = rect.left() + PAD_X, rect.right() - PAD_X - width - PAD_X / 2
    bar = QRectF(left, middle - 2.0, right - left, 4.0)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(faded(paint_of(look, index, card.kind).line))
    painter.drawRoundedRect(bar, 2.0, 2.0)
    bar.setWidth(bar.width() * done / total)
    painter.setBrush(QColor(theme.gradient))
    painter.drawRoundedRect(bar, 2.0, 2.0)
    painter.setFont(font_of(TextStyle.GRAD))
    colouring = look.colouring
    is_coloured = colouring is not None and colouring.cards[index] != NO_COLOUR
    paint = paint_of(look, index, card.kind)
    painter.setPen(QColor(paint.text if is_coloured else theme.gradient_text))
    baseline = middle + metrics_of(TextStyle.GRAD).ascent() / 2 - 1
    painter.drawText(QPointF(rect.right() - PAD_X - width, baseline), text)


def _paint_current_card(painter: QPainter, scene: Scene, index: int, theme: Theme) -> None:
    card, rect = scene.cards[index], QRectF(*scene.rects[index].tolist())
    pen = QPen(QColor(theme.current), CURRENT_WIDTH)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(outline(card.kind, rect.adjusted(-2.5, -2.5, 2.5, 2.5)))
    if card.kind is CardKind.OP and scene.is_paired[index]:
        return
    way = scene.marker_side(index)
    edge = rect.left() if way < 0 else rect.right()
    tip = QPointF(edge + 6 * way, rect.center().y())
    arrow = QPolygonF([tip, tip + QPointF(11 * way, -7.5), tip + QPointF(11 * way, 7.5)])
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QColor(theme.current))
    painter.drawPolygon(arrow)


def _paint_done(painter: QPainter, scene: Scene, index: int, theme: Theme) -> None:
    """Draw a tick where no edge comes in: at an op's end, else in the corner."""
    card = scene.cards[index]
    rect = QRectF(*scene.rects[index].tolist())
    centre = QPointF(rect.right() - 2, rect.top() + 2)
    if card.kind is CardKind.NODE:
        centre.setX(rect.right() - HEXAGON_POINT)
    elif card.kind is CardKind.OP:
        centre = QPointF(rect.right(), rect.center().y())
        if scene.bends is Direction.RIGHT:
            centre = QPointF(rect.center().x(), rect.top())
    painter.setPen(QPen(QColor(theme.done), 1.1))
    painter.setBrush(QColor(theme.canvas))
    painter.drawEllipse(centre, DONE_RADIUS, DONE_RADIUS)
    pen = QPen(QColor(theme.done), 1.6)
    pen.setCapStyle(Qt.PenCapStyle.RoundCap)
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    painter.setPen(pen)
    tick = [QPointF(-2.4, 0.2), QPointF(-0.7, 1.9), QPointF(2.5, -1.8)]
    painter.drawPolyline(QPolygonF([centre + point for point in tick]))


def paint_edge_outline(
    painter: QPainter, scene: Scene, edge: int, colour: QColor, *, scale: float
) -> None:
    """Draw an edge again, as the one that is under the pointer."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(colour, SELECTION_WIDTH / min(scale, 1.0)))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawPath(curve_path(scene.route(edge), scene.bends))


def paint_frame_outline(
    painter: QPainter, box: Box, colour: QColor, *, is_dashed: bool, scale: float
) -> None:
    """Draw a line around the frame of an open scope that is selected."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_outline_pen(colour, is_dashed=is_dashed, scale=scale))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.drawRoundedRect(QRectF(*box[:2], box.width, box.height), RADIUS, RADIUS)


def paint_outline(
    painter: QPainter, scene: Scene, card: int, colour: QColor, *, is_dashed: bool, scale: float
) -> None:
    """Draw a line around a card: selected, or under the pointer."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(_outline_pen(colour, is_dashed=is_dashed, scale=scale))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    room = 5.5 if not is_dashed else 4.0
    rect = QRectF(*scene.rects[card].tolist()).adjusted(-room, -room, room, room)
    painter.drawPath(outline(scene.cards[card].kind, rect))


def _outline_pen(colour: QColor, *, is_dashed: bool, scale: float) -> QPen:
    pen = QPen(colour, SELECTION_WIDTH / min(scale, 1.0))
    pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if is_dashed:
        pen.setDashPattern([2.0, 1.5])
    return pen

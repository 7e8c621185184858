"""Paint a scene: frames, edges, then cards, as much of them as can be seen.

The work is handed out in parts of a millisecond or two, so that a frame can end in the middle.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache, partial
from typing import Final, TypeAlias

import msgspec
import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen

from gradviz.gui.canvas.blocks import (
    LINES_AT_ONCE,
    RECTS_AT_ONCE,
    cosmetic,
    draw_blocks,
    draw_lines,
    edge_groups,
)
from gradviz.gui.canvas.cards import MARK, PAD_Y, ROOT_INSET, Card, CardKind
from gradviz.gui.canvas.curves import (
    ARROW_LENGTH,
    arrow_head,
    arrow_heads,
    curve_path,
    end_direction,
    smooth_lines,
    start_direction,
    tips_of,
)
from gradviz.gui.canvas.frame_painter import paint_card_control, paint_frames, paint_titles
from gradviz.gui.canvas.geometry import Box, Indices
from gradviz.gui.canvas.look import (
    DIM,
    Codes,
    Detail,
    Look,
    block_codes,
    paint_of,
)
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.shapes import leaf_band, mark_path, outline
from gradviz.gui.canvas.text import far_font, far_size, fit_far_text, font_of
from gradviz.gui.style import Contrast, Paint, blended

Part: TypeAlias = Callable[[QPainter], None]
"""A piece of the work, with a painter in scene coordinates."""

EDGE_WIDTH: Final = 1.6
OUTLINE_WIDTH: Final = 1.5
EDGES_AT_ONCE: Final = 20
CARDS_AT_ONCE: Final = 10
LABELS_AT_ONCE: Final = 40
FAR_LABEL: Final = 11.0
"""Pixels of the screen that a card's one label is high, where there is room."""
FAR_PAD: Final = 8.0
SMALLEST_FAR_LABEL: Final = 5.5
SMOOTH_FROM: Final = 0.1
"""The smallest scale at which lines are antialiased."""
DENSE: Final = 120
"""More edges than this in one part of the window's picture are drawn together."""
DENSE_PICTURE: Final = 5_000
"""In a picture to be saved curves stay curves up to here."""


def faded(colour: str, contrast: Contrast = Contrast.FADED) -> QColor:
    """A colour of the theme, as strong as said."""
    result = QColor(colour)
    result.setAlphaF(contrast.value)
    return result


class _Pens(msgspec.Struct, frozen=True):
    fill: QBrush
    line: QPen
    text: QPen
    muted: QPen


@cache
def _pens(paint: Paint, is_dashed: bool) -> _Pens:
    line = QPen(QColor(paint.line), OUTLINE_WIDTH)
    line.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
    if is_dashed:
        line.setDashPattern([3.0, 2.5])
    muted = QColor(paint.text)
    muted.setAlphaF(Contrast.MUTED.value)
    return _Pens(QBrush(QColor(paint.fill)), line, QPen(QColor(paint.text)), QPen(muted))


def paint_scene(
    painter: QPainter, scene: Scene, look: Look, box: Box, detail: Detail, scale: float = 1.0
) -> None:
    """Draw all of which something lies in the box; the background is not drawn."""
    phases = np.zeros(len(scene.cards), np.uint8)
    for part in scene_parts(scene, look, box, detail, scale, phases, dense=DENSE_PICTURE):
        part(painter)


def shown_edges(scene: Scene, look: Look, box: Box) -> Indices:
    """The edges of which something is to be drawn inside a box."""
    edges = scene.edges_in(box)
    if look.hidden:
        hidden = list(look.hidden)
        edges = edges[~np.isin(scene.sources[edges], hidden)]
        edges = edges[~np.isin(scene.targets[edges], hidden)]
    return edges


def scene_parts(
    scene: Scene,
    look: Look,
    box: Box,
    detail: Detail,
    scale: float,
    phases: Codes,
    *,
    dense: int = DENSE,
) -> Iterator[Part]:
    """The work of `paint_scene`, piece by piece; `phases` of the cards colour their blocks.

    More edges than `dense` are drawn together, as lines.
    """
    edges, cards = shown_edges(scene, look, box), scene.cards_in(box)
    if look.hidden:
        cards = cards[~np.isin(cards, list(look.hidden))]

    def frames(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_frames(painter, scene, look.theme, box, scale, is_near=detail is Detail.FULL)

    def titles(painter: QPainter) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_titles(painter, scene, look.theme, box, scale, is_near=detail is Detail.FULL)

    if scene.frames:
        yield frames
    match detail:
        case Detail.BLOCKS:
            yield from _many_edges(scene, look, edges, box, scale, detail)
        case Detail.LABELS:
            yield from _many_edges(scene, look, edges, box, scale, detail)
        case Detail.FULL if len(edges) > dense:
            yield from _many_edges(scene, look, edges, box, scale, detail)
        case Detail.FULL:
            yield from _near_edges(scene, look, edges)
    if scene.frames:
        yield titles
    match detail:
        case Detail.BLOCKS:
            yield from _blocks(scene, look, cards, scale, phases)
        case Detail.LABELS:
            yield from _labelled(scene, look, cards, scale)
        case Detail.FULL:
            yield from _near_cards(scene, look, cards)


def _rect(scene: Scene, card: int) -> QRectF:
    return QRectF(*scene.rects[card].tolist())


def _many_edges(
    scene: Scene, look: Look, edges: Indices, box: Box, scale: float, detail: Detail
) -> Iterator[Part]:
    """Edges as lines that are drawn together; near ones with their arrowheads."""
    for colour, chosen in edge_groups(scene, edges, look):
        lines = scene.segments[scene.pieces_in(chosen, box)]
        pen = cosmetic(colour)
        if detail is not Detail.BLOCKS:
            lines = smooth_lines(lines, scale, scene.bends)
            # Where faint lines meet end to end, no dots should be seen.
            colour = blended(colour.name(), look.theme.canvas, colour.alphaF())
            # Thinner than a pixel it would be paler than it is.
            pen = cosmetic(colour) if EDGE_WIDTH * scale < 1.0 else QPen(colour, EDGE_WIDTH)
        for first in range(0, len(lines), LINES_AT_ONCE):
            piece = lines[first : first + LINES_AT_ONCE]

            def draw(painter: QPainter, piece: np.ndarray = piece, pen: QPen = pen) -> None:
                painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale >= SMOOTH_FROM)
                painter.setPen(pen)
                draw_lines(painter, piece)

            yield draw
        if detail is Detail.FULL:
            yield partial(paint_heads, scene=scene, edges=chosen, box=box, colour=colour)


def paint_heads(painter: QPainter, scene: Scene, edges: Indices, box: Box, colour: QColor) -> None:
    """Draw the arrowheads of many edges that are inside a box."""
    edges = edges[~scene.is_pairing[edges]]
    runs_back = scene.is_backward[edges]
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(colour)
    for at_start in (True, False):
        chosen = edges[runs_back == at_start]
        painter.drawPath(arrow_heads(*tips_of(scene, chosen, box, at_start=at_start)))


def _blocks(
    scene: Scene, look: Look, cards: Indices, scale: float, phases: Codes
) -> Iterator[Part]:
    codes = block_codes(scene.kinds, phases, look)
    for first in range(0, len(cards), RECTS_AT_ONCE):
        chosen = cards[first : first + RECTS_AT_ONCE]

        def draw(painter: QPainter, chosen: Indices = chosen) -> None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing, scale >= SMOOTH_FROM)
            draw_blocks(painter, scene.rects[chosen], codes[chosen], look)

        yield draw


def _labelled(scene: Scene, look: Look, cards: Indices, scale: float) -> Iterator[Part]:
    for first in range(0, len(cards), LABELS_AT_ONCE):
        chosen = cards[first : first + LABELS_AT_ONCE].tolist()

        def draw(painter: QPainter, chosen: list[int] = chosen) -> None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for index in chosen:
                card = scene.cards[index]
                with _Strength(painter, look, index):
                    rect, paint = _rect(scene, index), paint_of(look, index, card.kind)
                    paint_plain_card(painter, card, rect, paint, scale)

        yield draw


def _near_edges(scene: Scene, look: Look, edges: Indices) -> Iterator[Part]:
    for first in range(0, len(edges), EDGES_AT_ONCE):
        chosen = edges[first : first + EDGES_AT_ONCE].tolist()

        def draw_edges(painter: QPainter, chosen: list[int] = chosen) -> None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for index in chosen:
                paint_edge(painter, scene, look, index)

        yield draw_edges


def _near_cards(scene: Scene, look: Look, cards: Indices) -> Iterator[Part]:
    for first in range(0, len(cards), CARDS_AT_ONCE):
        chosen = cards[first : first + CARDS_AT_ONCE].tolist()

        def draw_cards(painter: QPainter, chosen: list[int] = chosen) -> None:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            for index in chosen:
                card = scene.cards[index]
                with _Strength(painter, look, index):
                    paint_card(
                        painter, card, _rect(scene, index), look, paint_of(look, index, card.kind)
                    )

        yield draw_cards


class _Strength:
    """Draws what follows as strongly as the focus has it."""

    def __init__(self, painter: QPainter, look: Look, card: int) -> None:
        self._painter = painter
        self._is_dim = look.focus is not None and not look.focus.cards[card]

    def __enter__(self) -> None:
        if self._is_dim:
            self._painter.setOpacity(DIM)

    def __exit__(self, *_: object) -> None:
        if self._is_dim:
            self._painter.setOpacity(1.0)


def paint_edge(painter: QPainter, scene: Scene, look: Look, index: int) -> None:
    """Draw one edge with its arrowhead."""
    edge = scene.edges[index]
    polyline = scene.route(index)
    theme, colouring = look.theme, look.colouring
    # What carries no gradient in any pass steps back behind what does.
    colour = QColor(theme.edge) if scene.is_strong[index] else faded(theme.edge)
    if edge.is_pairing:
        colour = faded(theme.autograd_node.line)
    if colouring is not None and colouring.edges is not None and colouring.edges[index] != 255:
        colour = QColor(colouring.palette[int(colouring.edges[index])].line)
    width = EDGE_WIDTH
    if look.focus is not None:
        is_in_focus = bool(look.focus.edges[index])
        width = 2 * EDGE_WIDTH if is_in_focus else EDGE_WIDTH
        if is_in_focus:
            colour = QColor(theme.selection)
        else:
            colour = blended(colour.name(), theme.canvas, DIM)
    pen = QPen(colour, width)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if edge.is_pairing:
        pen.setDashPattern([1.5, 2.5])
    painter.setPen(pen)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    room = 0.0 if edge.is_pairing else ARROW_LENGTH - 1
    if scene.is_backward[index]:
        # A gradient runs against the order in which the graph is read, and nothing else does here.
        painter.drawPath(curve_path(polyline, scene.bends, start_room=room))
        head = arrow_head(polyline[0], -start_direction(polyline, scene.bends))
    else:
        painter.drawPath(curve_path(polyline, scene.bends, end_room=room))
        head = arrow_head(polyline[-1], end_direction(polyline, scene.bends))
    if not edge.is_pairing:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(colour)
        painter.drawPolygon(head)


def _paint_body(painter: QPainter, card: Card, rect: QRectF, paint: Paint) -> None:
    pens = _pens(paint, card.kind is CardKind.CONSTANT)
    painter.setPen(pens.line)
    painter.setBrush(pens.fill)
    if card.kind is CardKind.SCOPE:
        # More of the same lies beneath.
        painter.drawPath(outline(card.kind, rect.translated(4.0, 4.0)))
    painter.drawPath(outline(card.kind, rect))
    if card.kind is CardKind.ROOT:
        inset = rect.adjusted(ROOT_INSET, ROOT_INSET, -ROOT_INSET, -ROOT_INSET)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawPath(outline(card.kind, inset))
    elif card.kind is CardKind.LEAF:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(pens.line.color())
        painter.drawPath(leaf_band(rect))


def paint_plain_card(
    painter: QPainter, card: Card, rect: QRectF, paint: Paint, scale: float
) -> None:
    """Draw one card with nothing but its name."""
    _paint_body(painter, card, rect, paint)
    _paint_far_label(painter, card, rect, paint, scale)


def _paint_far_label(
    painter: QPainter, card: Card, rect: QRectF, paint: Paint, scale: float
) -> None:
    """Write what matters most on a card, large enough to be read from afar."""
    if not card.labels:
        return
    size = min(FAR_LABEL / scale, 0.8 * rect.height())
    if size * scale < SMALLEST_FAR_LABEL:
        return
    text, room = card.labels[0].text, rect.width() - FAR_PAD
    # Rather smaller than shortened, as long as it can be read.
    size = max(min(size, far_size(text, room)), SMALLEST_FAR_LABEL / scale)
    text = fit_far_text(size, text, room)
    painter.setFont(far_font(size))
    painter.setPen(QColor(paint.text))
    painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)


def paint_card(painter: QPainter, card: Card, rect: QRectF, look: Look, paint: Paint) -> None:
    """Draw one card with everything that stands on it."""
    _paint_body(painter, card, rect, paint)
    pens = _pens(paint, card.kind is CardKind.CONSTANT)
    for label in card.labels:
        painter.setFont(font_of(label.style))
        painter.setPen(pens.muted if label.is_muted else pens.text)
        painter.drawText(QPointF(rect.left() + label.x, rect.top() + label.baseline), label.text)
    if card.kind is CardKind.SCOPE:
        paint_card_control(painter, rect, look.theme)
    if card.mark is not None:
        top = rect.top() + PAD_Y
        pen = QPen(pens.text.color(), 1.5)
        pen.setCapStyle(Qt.PenCapStyle.RoundCap)
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        place = QRectF(rect.left() + card.mark_x, top, MARK, MARK).adjusted(1, 1, -1, -1)
        painter.drawPath(mark_path(card.mark, place))

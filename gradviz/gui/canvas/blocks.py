"""Draw very many cards and edges at once, straight from the scene's arrays."""

from __future__ import annotations

from typing import Any, Final, cast

import numpy as np
import shiboken6
from PySide6.QtCore import QLineF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.gui.canvas.geometry import Indices, Points
from gradviz.gui.canvas.look import DIM, Codes, Look, block_colour
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.style import blended

LINES_AT_ONCE: Final = 1500
RECTS_AT_ONCE: Final = 4000
FAINT: Final = 0.45
PAIRING: Final = 0.3


def draw_lines(painter: QPainter, lines: Points) -> None:
    """Draw lines, shape (n, 4), with the painter's pen."""
    if len(lines):
        lines = np.ascontiguousarray(lines, np.float64)
        painter.drawLines(
            cast(QLineF, shiboken6.wrapInstance(lines.ctypes.data, QLineF)), len(lines)
        )


def draw_rects(painter: QPainter, rects: Points) -> None:
    """Draw rectangles, shape (n, 4) as left, top, width, height."""
    if len(rects):
        rects = np.ascontiguousarray(rects, np.float64)
        painter.drawRects(
            cast(QRectF, shiboken6.wrapInstance(rects.ctypes.data, QRectF)), len(rects)
        )


def draw_blocks(painter: QPainter, rects: Points, codes: Codes, look: Look) -> None:
    """Draw cards as plain rectangles in the colours of their codes."""
    painter.setPen(Qt.PenStyle.NoPen)
    for code in np.unique(codes).tolist():
        colour, is_dimmed = block_colour(code, look)
        painter.setBrush(blended(colour, look.theme.canvas, DIM) if is_dimmed else QColor(colour))
        draw_rects(painter, rects[codes == code])


def edge_strengths(scene: Scene, look: Look) -> np.ndarray[Any, np.dtype[np.float64]]:
    """How strongly each edge is drawn: what carries no gradient in any pass steps back."""
    strengths = np.where(scene.is_strong, 1.0, FAINT)
    strengths[scene.is_pairing] = PAIRING
    if look.focus is not None:
        strengths = np.where(look.focus.edges, np.maximum(strengths, 0.8), strengths * DIM)
    return strengths


def edge_groups(scene: Scene, edges: Indices, look: Look) -> list[tuple[QColor, Indices]]:
    """Some edges by their colours, faint ones first."""
    strengths = edge_strengths(scene, look)[edges]
    colouring = look.colouring
    paints = np.full(len(edges), 255, np.uint8)
    if colouring is not None and colouring.edges is not None:
        paints = colouring.edges[edges]
    groups: list[tuple[QColor, Indices]] = []
    keys = strengths * 1000 + paints / 1000
    for key in np.unique(keys).tolist():
        inside = keys == key
        paint = int(paints[inside][0])
        line = look.theme.edge
        if paint != 255 and colouring is not None:
            line = colouring.palette[paint].line
        elif scene.is_pairing[edges[inside][0]]:
            line = look.theme.autograd_node.line
        colour = QColor(line)
        colour.setAlphaF(float(strengths[inside][0]))
        groups.append((colour, edges[inside]))
    return groups


def cosmetic(colour: QColor, width: float = 1.0) -> QPen:
    """A pen whose width in screen pixels is the same at every scale."""
    pen = QPen(colour, width)
    pen.setCosmetic(True)
    return pen

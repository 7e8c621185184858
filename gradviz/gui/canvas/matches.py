"""Mark the cards that stand for what a search found."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter

from gradviz.gui.canvas.blocks import cosmetic, draw_rects
from gradviz.gui.canvas.geometry import OUTWARDS, Box, Indices, touching
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.style import Theme

WIDTH: Final = 2.5
ROOM: Final = 3.0
SMALLEST: Final = 5.0
"""Pixels of the screen that a mark has at least, however far away."""
MOST: Final = 2_000
"""Marks in one frame; of more, evenly chosen ones: they would lie over each other anyway."""


def paint_matches(
    painter: QPainter, scene: Scene, cards: Indices, theme: Theme, view: Box, scale: float
) -> None:
    """Draw a frame around each of some cards that is in view."""
    boxes = scene.card_boxes[cards]
    boxes = boxes[touching(boxes, view)]
    if len(boxes) > MOST:
        boxes = boxes[np.linspace(0, len(boxes) - 1, MOST).astype(np.intp)]
    boxes = boxes + ROOM / min(scale, 1.0) * OUTWARDS
    lacking = np.maximum(SMALLEST / scale - (boxes[:, 2:] - boxes[:, :2]), 0.0) / 2
    rects = np.hstack((boxes[:, :2] - lacking, boxes[:, 2:] - boxes[:, :2] + 2 * lacking))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing, len(rects) <= MOST // 10)
    painter.setPen(cosmetic(QColor(theme.match), WIDTH))
    painter.setBrush(Qt.BrushStyle.NoBrush)
    draw_rects(painter, rects)

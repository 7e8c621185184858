"""Marks the autograd nodes that a backward pass made, so that they are seen as its layer."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QCoreApplication, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.text import TextStyle, font_of, text_width
from gradviz.gui.style import Theme
from gradviz.recording.layers import layers_of
from gradviz.recording.model import ItemKind, NodeId

_HEIGHT: Final = 16.0
_PAD: Final = 6.0
_ROOM: Final = 5.0


def layer_of_card(scene: Scene, card: int) -> int | None:
    """The pass that made the autograd node of a card, None for any other card."""
    item = scene.items[card]
    if item.kind is not ItemKind.NODE:
        return None
    return layers_of(scene.recording).get(NodeId(item.id))


def paint_layers(painter: QPainter, scene: Scene, box: Box, theme: Theme) -> None:
    """Draw a dashed line around each such card in a box, and which pass made it."""
    if not layers_of(scene.recording):
        return
    painter.setFont(font_of(TextStyle.CHIP))
    for card in scene.cards_in(box).tolist():
        layer = layer_of_card(scene, card)
        if layer is None:
            continue
        place = scene.box_of(card)
        painter.setPen(QPen(QColor(theme.autograd_node.line), 1.2, Qt.PenStyle.DashLine))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        around = QRectF(place.left, place.top, place.width, place.height)
        painter.drawRect(around.adjusted(-_ROOM, -_ROOM, _ROOM, _ROOM))
        text = QCoreApplication.translate("Canvas", "of pass {}").format(layer + 1)
        width = text_width(TextStyle.CHIP, text) + 2 * _PAD
        # On the line and left of where the edges meet the card.
        tag = QRectF(place.left - _ROOM, place.top - _ROOM - 0.6 * _HEIGHT, width, _HEIGHT)
        painter.setPen(QPen(QColor(theme.autograd_node.line), 1))
        painter.setBrush(QColor(theme.autograd_node.fill))
        painter.drawRoundedRect(tag, 3, 3)
        painter.setPen(QColor(theme.autograd_node.text))
        painter.drawText(tag, Qt.AlignmentFlag.AlignCenter, text)

"""Marks the autograd nodes that a backward pass made, so that they are seen as its layer."""

from __future__ import annotations

import weakref
from functools import lru_cache
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
_CLOSE: Final = 60.0
"""Cards under one another that are so close are told together."""


def layer_of_card(scene: Scene, card: int) -> int | None:
    """The pass that made the autograd node of a card, None for any other card."""
    item = scene.items[card]
    if item.kind is not ItemKind.NODE:
        return None
    return layers_of(scene.recording).get(NodeId(item.id))


def layer_boxes(scene: Scene) -> list[tuple[int, Box]]:
    """Each pass that made nodes, with a box around every row of its cards that lie close by."""
    rows: dict[tuple[int, float], list[Box]] = {}
    for card in range(len(scene.cards)):
        layer = layer_of_card(scene, card)
        if layer is not None:
            box = scene.box_of(card)
            middle = round((box.left + box.right) / 2)
            rows.setdefault((layer, middle), []).append(box)
    found: list[tuple[int, Box]] = []
    for (layer, _), boxes in rows.items():
        boxes.sort(key=lambda box: box.top)
        around = boxes[0]
        for box in boxes[1:]:
            if box.top - around.bottom > _CLOSE:
                found.append((layer, around))
                around = box
            else:
                lefts, rights = (around.left, box.left), (around.right, box.right)
                around = Box(min(lefts), around.top, max(rights), box.bottom)
        found.append((layer, around))
    return found


@lru_cache(maxsize=2)
def _boxes_of(reference: weakref.ref[Scene]) -> list[tuple[int, Box]]:
    scene = reference()
    return [] if scene is None else layer_boxes(scene)


def paint_layers(painter: QPainter, scene: Scene, box: Box, theme: Theme) -> None:
    """Draw a dashed line around such cards in a box, and which pass made them."""
    if not layers_of(scene.recording):
        return
    painter.setFont(font_of(TextStyle.CHIP))
    in_sight = box.grown(_ROOM + _HEIGHT)
    for layer, place in _boxes_of(weakref.ref(scene)):
        if place.right < in_sight.left or place.left > in_sight.right:
            continue
        if place.bottom < in_sight.top or place.top > in_sight.bottom:
            continue
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

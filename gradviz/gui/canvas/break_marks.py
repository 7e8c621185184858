"""Marks the cards and the frames on which there is a breakpoint."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QColor, QPainter, QPen

from gradviz.gui.canvas.cards import HEXAGON_POINT, CardKind
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.standing import standing_for
from gradviz.gui.style import Theme
from gradviz.recording.model import Item, Recording

_RADIUS: Final = 5.0
_INSET: Final = 3.0
_SMALLEST: Final = 3.5
"""Pixels of the screen that its radius has at least."""


class Breaks:
    """The items of a recording that breakpoints are on, and whether one of these is on."""

    def __init__(
        self, recording: Recording | None = None, items: Mapping[Item, bool] | None = None
    ) -> None:
        self._recording = recording
        self._items = items or {}
        self._known: tuple[Scene, dict[tuple[float, float], bool]] | None = None

    def places(self, scene: Scene) -> dict[tuple[float, float], bool]:
        """Where marks stand in a scene, and whether one of the breakpoints there is on.

        In the lower left corner of a card, where neither edges nor other marks are; in the upper
        left one of a frame.
        """
        if self._known is None or self._known[0] is not scene:
            is_of_it = scene.recording is self._recording
            self._known = scene, self._find(scene) if is_of_it else {}
        return self._known[1]

    def _find(self, scene: Scene) -> dict[tuple[float, float], bool]:
        frames = {frame.item: frame.box for frame in scene.frames}
        found: dict[tuple[float, float], bool] = {}
        for item, is_on in self._items.items():
            box, card = frames.get(item), standing_for(scene, item)
            if box is not None:
                place = box.left, box.top
            elif card is not None:
                left, _, _, bottom = scene.card_boxes[card].tolist()
                is_pointed = scene.kinds[card] == CardKind.NODE
                place = left + (HEXAGON_POINT if is_pointed else _INSET), bottom - _INSET
            else:
                continue
            found[place] = is_on or found.get(place, False)
        return found

    def paint(self, painter: QPainter, scene: Scene, theme: Theme, scale: float) -> None:
        """Draw a disc for each breakpoint, hollow where it is off, as the editor's margin does."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = max(_RADIUS, _SMALLEST / scale)
        for (x, y), is_on in self.places(scene).items():
            painter.setPen(QPen(QColor(theme.canvas), 4.0))
            painter.setBrush(QColor(theme.canvas))
            painter.drawEllipse(QPointF(x, y), radius, radius)
            painter.setPen(QPen(QColor(theme.error), 1.5))
            painter.setBrush(QColor(theme.error if is_on else theme.canvas))
            painter.drawEllipse(QPointF(x, y), radius, radius)

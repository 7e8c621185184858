"""Marks the cards that errors and warnings were found at."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainter

from gradviz.gui.canvas.cards import HEXAGON_POINT, CardKind
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.standing import standing_for
from gradviz.gui.finding_list import paint_mark, sentence_of
from gradviz.gui.style import Theme
from gradviz.recording.diagnostics import Finding, Severity
from gradviz.recording.model import Recording

_SMALLEST: Final = 0.7
"""Of its usual size, on the screen."""
_ORDER: Final = tuple(Severity)


class FindingMarks:
    """The findings of a recording that have a place in its graph; notes have no mark."""

    def __init__(self, recording: Recording | None, findings: Iterable[Finding]) -> None:
        self._recording = recording
        self._findings = [one for one in findings if one.severity is not Severity.NOTE]
        self._known: tuple[Scene, dict[int, list[Finding]]] | None = None

    def at(self, scene: Scene) -> dict[int, list[Finding]]:
        """The findings of each card of a scene that has any."""
        if self._known is None or self._known[0] is not scene:
            is_of_it = scene.recording is self._recording
            self._known = scene, self._find(scene) if is_of_it else {}
        return self._known[1]

    def _find(self, scene: Scene) -> dict[int, list[Finding]]:
        found: dict[int, list[Finding]] = {}
        for one in self._findings:
            card = None if one.item is None else standing_for(scene, one.item)
            if card is not None:
                found.setdefault(card, []).append(one)
        return found

    def told_of(self, scene: Scene, card: int) -> list[str]:
        """The sentences that a card is marked for."""
        return [sentence_of(one) for one in self.at(scene).get(card, ())]

    def paint(self, painter: QPainter, scene: Scene, theme: Theme, scale: float) -> None:
        """Draw the panel's mark of the most serious one at the lower right corner of each card."""
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        size = max(_SMALLEST, _SMALLEST / scale)
        for card, findings in self.at(scene).items():
            _, _, right, bottom = scene.card_boxes[card].tolist()
            is_pointed = scene.kinds[card] == CardKind.NODE
            painter.save()
            painter.translate(right - (HEXAGON_POINT if is_pointed else 0), bottom)
            painter.scale(size, size)
            worst = min((one.severity for one in findings), key=_ORDER.index)
            paint_mark(painter, worst, QPointF(0, 0), theme)
            painter.restore()

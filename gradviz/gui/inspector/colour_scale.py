"""The legend of a heat map: which colour stands for which number."""

from __future__ import annotations

from typing import Any

import numpy as np
from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QLinearGradient, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gradviz.gui.style import Theme
from gradviz.recording.format import format_number


class ColourScale(QWidget):
    """A strip of colours from the lowest over zero to the highest, with their numbers."""

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = theme
        self._reach = 0.0

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.update()

    def show_cells(self, cells: np.ndarray[Any, Any]) -> None:
        """Show the scale of these numbers."""
        finite = cells[np.isfinite(cells)]
        self._reach = float(np.abs(finite).max(initial=0.0))
        self.setFixedHeight(self.fontMetrics().height() + 14)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the strip."""
        painter = QPainter(self)
        try:
            strip = QRectF(1, 1, self.width() - 2, 8)
            gradient = QLinearGradient(strip.topLeft(), strip.topRight())
            gradient.setColorAt(0.0, QColor(self._theme.series[0]))
            gradient.setColorAt(0.5, QColor(self._theme.alternate))
            gradient.setColorAt(1.0, QColor(self._theme.series[1]))
            painter.fillRect(strip, gradient)
            painter.setPen(QColor(self._theme.border))
            painter.drawRect(strip)
            painter.setPen(QColor(self._theme.muted))
            words = QRectF(1, 11, self.width() - 2, self.fontMetrics().height())
            reach = format_number(self._reach)
            for text, side in (
                (f"−{reach}", Qt.AlignmentFlag.AlignLeft),
                ("0", Qt.AlignmentFlag.AlignHCenter),
                (reach, Qt.AlignmentFlag.AlignRight),
            ):
                painter.drawText(words, side, text)
        finally:
            painter.end()

"""The editor's margin: line numbers, and marks for errors and for the line that is running."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPolygonF
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from gradviz.gui.editor.code_editor import CodeEditor

# Room left of the numbers for marks, and for breakpoints.
_MARK_WIDTH: Final = 18
_RIGHT_PADDING: Final = 10


class Gutter(QWidget):
    """Painted beside the text; a click selects the line.

    Signals:
        line_clicked: a line's number was clicked (int, from 1).
    """

    line_clicked = Signal(int)

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__(editor)
        self._editor = editor

    def sizeHint(self) -> QSize:
        """Wide enough for the longest line number."""
        digits = max(2, len(str(self._editor.blockCount())))
        width = self._editor.fontMetrics().horizontalAdvance("0" * digits)
        return QSize(_MARK_WIDTH + width + _RIGHT_PADDING, 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which line was clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            cursor = self._editor.cursorForPosition(event.position().toPoint())
            self.line_clicked.emit(cursor.blockNumber() + 1)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint numbers and marks beside the lines in sight."""
        painter = QPainter(self)
        try:
            self._paint(painter, event)
        finally:
            painter.end()

    def _paint(self, painter: QPainter, event: QPaintEvent) -> None:
        theme = self._editor.theme
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(event.rect(), QColor(theme.base))
        painter.setFont(self._editor.font())
        current = self._editor.textCursor().blockNumber() + 1
        right = self.width() - _RIGHT_PADDING
        for line, top, height in self._editor.visible_lines():
            if line == self._editor.error_line:
                self._paint_error(painter, top, height)
            elif line == self._editor.running_line:
                self._paint_running(painter, top, height)
            painter.setPen(QColor(theme.text if line == current else theme.muted))
            painter.drawText(
                QRectF(0, top, right, height),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                str(line),
            )

    def _paint_error(self, painter: QPainter, top: float, height: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._editor.theme.error))
        painter.drawEllipse(QPointF(_MARK_WIDTH / 2 + 1, top + height / 2), 4.5, 4.5)

    def _paint_running(self, painter: QPainter, top: float, height: float) -> None:
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(self._editor.theme.accent))
        middle, left = top + height / 2, _MARK_WIDTH / 2 - 3
        painter.drawPolygon(
            QPolygonF(
                [
                    QPointF(left, middle - 5),
                    QPointF(left + 8, middle),
                    QPointF(left, middle + 5),
                ]
            )
        )

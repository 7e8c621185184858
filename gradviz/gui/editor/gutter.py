"""The editor's margin: line numbers, and marks for breakpoints, errors and the running line."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

if TYPE_CHECKING:
    from gradviz.gui.editor.code_editor import CodeEditor

# Room left of the numbers for marks, and for breakpoints.
_MARK_WIDTH: Final = 18
_RIGHT_PADDING: Final = 10


class LineMark(NamedTuple):
    """A breakpoint beside a line: on the whole line or on a part of it, switched on or off."""

    is_whole: bool
    is_on: bool


class Gutter(QWidget):
    """Painted beside the text; a click on a number selects the line, one left of it breaks there.

    Signals:
        line_clicked: a line's number was clicked (int, from 1).
        mark_clicked: the place of a line's marks was clicked (int, from 1).
    """

    line_clicked = Signal(int)
    mark_clicked = Signal(int)

    def __init__(self, editor: CodeEditor) -> None:
        super().__init__(editor)
        self._editor = editor
        self._hovered: int | None = None
        self.setMouseTracking(True)

    def sizeHint(self) -> QSize:
        """Wide enough for the longest line number."""
        digits = max(2, len(str(self._editor.blockCount())))
        width = self._editor.fontMetrics().horizontalAdvance("0" * digits)
        return QSize(_MARK_WIDTH + width + _RIGHT_PADDING, 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Tell which line was clicked."""
        if event.button() == Qt.MouseButton.LeftButton:
            line = self._line_at(event)
            if event.position().x() < _MARK_WIDTH:
                self.mark_clicked.emit(line)
            else:
                self.line_clicked.emit(line)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where a click would set a breakpoint."""
        self._hover(self._line_at(event) if event.position().x() < _MARK_WIDTH else None)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has left."""
        super().leaveEvent(event)
        self._hover(None)

    def _line_at(self, event: QMouseEvent) -> int:
        return self._editor.cursorForPosition(event.position().toPoint()).blockNumber() + 1

    def _hover(self, line: int | None) -> None:
        if line != self._hovered:
            self._hovered = line
            if line is None:
                self.unsetCursor()
            else:
                self.setCursor(Qt.CursorShape.PointingHandCursor)
            self.update()

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
            mark = self._editor.line_marks.get(line)
            if mark is not None or line == self._hovered:
                self._paint_mark(painter, top, height, mark)
            if line in (self._editor.error_line, self._editor.syntax_error_line):
                self._paint_error(painter, top, height)
            elif line == self._editor.running_line:
                self._paint_running(painter, top, height)
            painter.setPen(QColor(theme.text if line == current else theme.muted))
            painter.drawText(
                QRectF(0, top, right, height),
                Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter,
                str(line),
            )

    def _paint_mark(
        self, painter: QPainter, top: float, height: float, mark: LineMark | None
    ) -> None:
        """A disc for a line, a diamond for a part of it; hollow: off; faint: under the pointer."""
        colour = QColor(self._editor.theme.error)
        if mark is None:
            colour.setAlphaF(0.35)
        painter.setPen(QPen(colour, 1.5))
        is_filled = mark is None or mark.is_on
        painter.setBrush(colour if is_filled else Qt.BrushStyle.NoBrush)
        centre = QPointF(_MARK_WIDTH / 2 + 1, top + height / 2)
        if mark is None or mark.is_whole:
            painter.drawEllipse(centre, 5.0, 5.0)
            return
        reach = 5.5
        corners = ((0.0, -reach), (reach, 0.0), (0.0, reach), (-reach, 0.0))
        painter.drawPolygon(QPolygonF([centre + QPointF(x, y) for x, y in corners]))

    def _paint_error(self, painter: QPainter, top: float, height: float) -> None:
        """A cross, told apart from a breakpoint by its shape."""
        theme = self._editor.theme
        x, y = _MARK_WIDTH / 2 + 1, top + height / 2
        painter.setBrush(QColor(theme.base))
        painter.setPen(QPen(QColor(theme.error), 1.2))
        painter.drawRoundedRect(QRectF(x - 6, y - 6, 12, 12), 3, 3)
        painter.setPen(QPen(QColor(theme.error), 2.2))
        painter.drawLine(QPointF(x - 2.8, y - 2.8), QPointF(x + 2.8, y + 2.8))
        painter.drawLine(QPointF(x - 2.8, y + 2.8), QPointF(x + 2.8, y - 2.8))

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

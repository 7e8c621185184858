"""The numbers of the lines beside the outputs of a run, which lead there."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from gradviz.gui.retranslated import Retranslated
from gradviz.recording.model import OutputKind

if TYPE_CHECKING:
    from gradviz.gui.output_text import OutputText

SPACE: Final = 10
_KINDS: Final = tuple(OutputKind)


def pack(line: int | None, kind: OutputKind) -> int:
    """A block's state: the person's line, None where it is not to be shown, and the kind."""
    return (line or 0) * len(_KINDS) + _KINDS.index(kind)


def unpack(state: int) -> tuple[int | None, OutputKind | None]:
    """The person's line and the kind of a block with this state; None for what it has not."""
    if state < 0:
        return None, None
    line, kind = divmod(state, len(_KINDS))
    return line or None, _KINDS[kind]


class Margin(Retranslated, QWidget):
    """Line numbers beside the outputs; a click goes there."""

    def __init__(self, text: OutputText) -> None:
        super().__init__(text)
        self._text = text
        self.setMouseTracking(True)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setToolTip(self.tr("The line that printed this; click to go there"))

    def sizeHint(self) -> QSize:
        """As wide as it was fixed."""
        return QSize(self.width(), 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the line whose number is there."""
        line = self._line_at(event.position().y())
        if event.button() == Qt.MouseButton.LeftButton and line is not None:
            self._text.line_activated.emit(line, 0)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Show where a click does something."""
        if self._line_at(event.position().y()) is None:
            self.unsetCursor()
        else:
            self.setCursor(Qt.CursorShape.PointingHandCursor)

    def _line_at(self, y: float) -> int | None:
        offset = self._text.viewport().y() - self.y()
        block = self._text.cursorForPosition(QPoint(0, round(y) - offset)).block()
        while block.isValid():
            line, _kind = unpack(block.userState())
            if line is not None:
                return line
            block = block.previous()
        return None

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the numbers, and a stripe in the colour of each output's kind."""
        painter = QPainter(self)
        try:
            self._paint(painter)
        finally:
            painter.end()

    def _paint(self, painter: QPainter) -> None:
        theme = self._text.theme
        painter.fillRect(self.rect(), QColor(theme.base))
        painter.setFont(self._text.font())
        offset = self._text.viewport().y() - self.y()
        block, top = self._text.first_visible_block()
        while block.isValid() and top <= self.height():
            height = self._text.block_height(block)
            line, kind = unpack(block.userState())
            if kind is not None:
                stripe = QRectF(self.width() - 5, top + offset, 3, height)
                painter.fillRect(stripe, QColor(self._text.colour_of(kind)))
            if line is not None:
                painter.setPen(QColor(theme.muted))
                painter.drawText(
                    QRectF(0, top + offset, self.width() - SPACE, height),
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
                    str(line),
                )
            top += height
            block = block.next()

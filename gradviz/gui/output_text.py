"""The outputs of a run as text, with the number of the line that made each beside it."""

from __future__ import annotations

import textwrap
from typing import Final

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFontMetricsF,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextCharFormat,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from gradviz.gui.fonts import monospace_font
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.settings import DEFAULT_FONT_POINTS
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Output, OutputKind

# A person reads the end of a long output; the window must stay quick whatever is printed.
MAX_LINES: Final = 5_000
MAX_OUTPUT_CHARACTERS: Final = 200_000
_MARGIN: Final = 10
_FEWEST_COLUMNS: Final = 20
_BREAK: Final = "\u2028"
"""Ends a line within a block, where Qt wraps all blocks or none."""


class OutputText(Retranslated, QPlainTextEdit):
    """The outputs one below the other; a block's user state is its line in the person's text.

    Warnings are sentences and wrap; tensors and prints keep their columns.

    Attributes:
        margin: the numbers of the lines, which lead to them.

    Signals:
        line_activated: the number beside an output was clicked (int line, int column).
    """

    line_activated = Signal(int, int)

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("output")
        self.setReadOnly(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setMaximumBlockCount(MAX_LINES)
        self.setUndoRedoEnabled(False)
        self._theme = appearance.theme
        self._is_empty = True
        self._follows = True
        self.verticalScrollBar().actionTriggered.connect(self._on_scrolled)
        self.verticalScrollBar().rangeChanged.connect(self._follow)
        self._last: tuple[int | None, OutputKind] | None = None
        self._columns = 0
        self.margin = _Margin(self)
        self.updateRequest.connect(self._on_update_request)
        self.set_font_points(DEFAULT_FONT_POINTS)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Output"))
        self.setPlaceholderText(self.tr("What the code prints and displays appears here."))

    def clear_outputs(self) -> None:
        """Remove all outputs."""
        self.clear()
        self._is_empty = True
        self._follows = True
        self._last = None

    def add_output(self, output: Output) -> None:
        """Append one output; the view follows the end unless the person scrolled away from it."""
        text = self._bounded(output.text.removesuffix("\n"))
        if output.kind is OutputKind.WARNING:
            text = in_language(text)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        form = self._format_of(output.kind)
        continues = self._last == (output.line, output.kind) and output.kind is OutputKind.PRINT
        for number, line in enumerate(text.split("\n")):
            if not self._is_empty:
                cursor.insertBlock()
            self._is_empty = False
            cursor.setCharFormat(form)
            cursor.insertText(self._wrapped(line) if output.kind is OutputKind.WARNING else line)
            starts = number == 0 and not continues
            cursor.block().setUserState(_pack(output.line if starts else None, output.kind))
        cursor.endEditBlock()
        self._last = (output.line, output.kind)
        if self._follows:
            self._follow()
            self.horizontalScrollBar().setValue(0)

    def _wrapped(self, line: str) -> str:
        lines = textwrap.wrap(
            line,
            self._columns,
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )
        return _BREAK.join(lines)

    def _wrap_again(self) -> None:
        room = self.viewport().width() - 2 * self.document().documentMargin()
        columns = int(room / QFontMetricsF(self.font()).horizontalAdvance("0"))
        columns = max(_FEWEST_COLUMNS, columns)
        if columns == self._columns:
            return
        self._columns = columns
        block = self.document().firstBlock()
        while block.isValid():
            _line, kind = unpack(block.userState())
            if kind is OutputKind.WARNING:
                wrapped = self._wrapped(block.text().replace(_BREAK, " "))
                if wrapped != block.text():
                    cursor = QTextCursor(block)
                    cursor.movePosition(
                        QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor
                    )
                    cursor.insertText(wrapped)
            block = block.next()

    def _on_scrolled(self) -> None:
        # Only what the person does: the range changes by itself, and late.
        scroll = self.verticalScrollBar()
        self._follows = scroll.sliderPosition() >= scroll.maximum()

    def _follow(self) -> None:
        if self._follows:
            scroll = self.verticalScrollBar()
            scroll.setValue(scroll.maximum())

    def _bounded(self, text: str) -> str:
        left_out = len(text) - MAX_OUTPUT_CHARACTERS
        if left_out <= 0:
            return text
        note = self.tr("… %Ln more characters", "", left_out)
        return f"{text[:MAX_OUTPUT_CHARACTERS]}\n{note}"

    def set_font_points(self, points: int) -> None:
        """Make the text larger or smaller."""
        font = monospace_font(points)
        self.setFont(font)
        # Draws the placeholder, and within a style sheet does not inherit another size.
        self.viewport().setFont(font)
        width = self.fontMetrics().horizontalAdvance("0000") + 2 * _MARGIN
        self.margin.setFixedWidth(width)
        self.setViewportMargins(width, 0, 0, 0)
        self._place_margin()
        self._wrap_again()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the margin as high as the text, and warnings as wide as there is room."""
        super().resizeEvent(event)
        self._place_margin()
        self._wrap_again()

    def first_visible_block(self) -> tuple[QTextBlock, float]:
        """The first block in sight and its top in the viewport."""
        block = self.firstVisibleBlock()
        return block, self.blockBoundingGeometry(block).translated(self.contentOffset()).top()

    def block_height(self, block: QTextBlock) -> float:
        """Height of a block's text in pixels, without the document's margin below the last."""
        return block.layout().boundingRect().height()

    def colour_of(self, kind: OutputKind) -> str:
        """The colour of an output's kind."""
        theme = self._theme
        match kind:
            case OutputKind.DISPLAY:
                return theme.accent
            case OutputKind.PRINT:
                return theme.border
            case OutputKind.TIMING:
                return theme.success
            case OutputKind.WARNING:
                return theme.warning

    @property
    def theme(self) -> Theme:
        """The theme in use."""
        return self._theme

    def _format_of(self, kind: OutputKind) -> QTextCharFormat:
        form = QTextCharFormat()
        if kind is OutputKind.WARNING:
            form.setForeground(QColor(self._theme.warning))
        elif kind is OutputKind.TIMING:
            form.setForeground(QColor(self._theme.success))
        return form

    def _place_margin(self) -> None:
        inside = self.contentsRect()
        self.margin.setGeometry(inside.left(), inside.top(), self.margin.width(), inside.height())

    def _on_update_request(self, _area: object, _scrolled: int) -> None:
        self.margin.update()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._theme = theme
        block = self.document().firstBlock()
        while block.isValid():
            _line, kind = unpack(block.userState())
            if kind is not None:
                cursor = QTextCursor(block)
                cursor.select(QTextCursor.SelectionType.BlockUnderCursor)
                cursor.setCharFormat(self._format_of(kind))
            block = block.next()
        self.margin.update()


_KINDS: Final = tuple(OutputKind)


def _pack(line: int | None, kind: OutputKind) -> int:
    return (line or 0) * len(_KINDS) + _KINDS.index(kind)


def unpack(state: int) -> tuple[int | None, OutputKind | None]:
    """The person's line (None where it is not to be shown) and the kind of a block."""
    if state < 0:
        return None, None
    line, kind = divmod(state, len(_KINDS))
    return line or None, _KINDS[kind]


class _Margin(Retranslated, QWidget):
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
                    QRectF(0, top + offset, self.width() - _MARGIN, height),
                    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
                    str(line),
                )
            top += height
            block = block.next()

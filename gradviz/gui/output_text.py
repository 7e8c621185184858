"""The outputs of a run as text, with the number of the line that made each beside it."""

from __future__ import annotations

import math
import re
import textwrap
from functools import partial
from typing import Final

from PySide6.QtCore import QEvent, QMimeData, QPoint, QPointF, QRectF, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QContextMenuEvent,
    QFocusEvent,
    QFontMetricsF,
    QHelpEvent,
    QKeyEvent,
    QKeySequence,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QTextBlock,
    QTextBlockFormat,
    QTextCharFormat,
    QTextCursor,
    QTextFormat,
)
from PySide6.QtWidgets import QMenu, QPlainTextEdit, QToolTip, QWidget

from gradviz.gui.fonts import monospace_font
from gradviz.gui.output_images import OutputImages, is_readable, paint_marks, size_in
from gradviz.gui.output_margin import SPACE, Margin, pack, unpack
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.settings import DEFAULT_FONT_POINTS
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Image, Output, OutputKind

# A person reads the end of a long output; the window must stay quick whatever is printed.
MAX_LINES: Final = 5_000
MAX_OUTPUT_CHARACTERS: Final = 200_000
_FEWEST_COLUMNS: Final = 20
_BREAK: Final = "\u2028"
"""Ends a line within a block, where Qt wraps all blocks or none."""
_PARAGRAPH: Final = "\u2029"
_LINES_OF_IMAGE: Final = re.compile(f"{_BREAK}+(?={_PARAGRAPH}|$)")
_IMAGE: Final = QTextFormat.Property.UserProperty
"""Of a block's format: the number of the image that stands there."""


class OutputText(Retranslated, QPlainTextEdit):
    """The outputs one below the other; a block's user state is its line in the person's text.

    Warnings are sentences and wrap; tensors and prints keep their columns. An image is painted
    over a block of as many empty lines as it is high, so that it scrolls as text does.

    Attributes:
        margin: the numbers of the lines, which lead to them.

    Signals:
        line_activated: the number beside an output was clicked (int line, int column).
        image_opened: an image should be shown large (`Output`).
        image_copied: an image should be put on the clipboard (`Output`).
        image_saved: an image should be written into a file (`Output`).
    """

    line_activated = Signal(int, int)
    image_opened = Signal(object)
    image_copied = Signal(object)
    image_saved = Signal(object)

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
        self._image_room = QSizeF()
        self._images = OutputImages()
        self.margin = Margin(self)
        self.updateRequest.connect(self._on_update_request)
        self.cursorPositionChanged.connect(self._update_marks)
        self.selectionChanged.connect(self._update_marks)
        self.set_font_points(DEFAULT_FONT_POINTS)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Output"))
        self._image_tip = self.tr("Double-click opens it large")
        self.setPlaceholderText(self.tr("What the code prints and displays appears here."))

    def clear_outputs(self) -> None:
        """Remove all outputs."""
        self.clear()
        self._images.clear()
        self._is_empty = True
        self._follows = True
        self._last = None

    def add_output(self, output: Output) -> None:
        """Append one output; the view follows the end unless the person scrolled away from it.

        An image goes away when another with its number comes.
        """
        if output.image is not None and is_readable(output.image):
            self._add_image(output, output.image)
            return
        text = self._bounded(output.text.removesuffix("\n"))
        if output.kind is OutputKind.WARNING:
            text = in_language(text)
        cursor = QTextCursor(self.document())
        cursor.movePosition(QTextCursor.MoveOperation.End)
        cursor.beginEditBlock()
        form = self._format_of(output.kind)
        continues = self._last == (output.line, output.kind) and output.kind is OutputKind.PRINT
        for number, line in enumerate(text.split("\n")):
            self._begin_block(cursor, QTextBlockFormat())
            cursor.setCharFormat(form)
            cursor.insertText(self._wrapped(line) if output.kind is OutputKind.WARNING else line)
            starts = number == 0 and not continues
            cursor.block().setUserState(pack(output.line if starts else None, output.kind))
        cursor.endEditBlock()
        self._last = (output.line, output.kind)
        self._show_end()

    def _begin_block(self, cursor: QTextCursor, form: QTextBlockFormat) -> None:
        if not self._is_empty:
            cursor.insertBlock(form)
        elif form != cursor.blockFormat():
            cursor.setBlockFormat(form)
        self._is_empty = False

    def _show_end(self) -> None:
        if self._follows:
            self._follow()
            self.horizontalScrollBar().setValue(0)

    def _add_image(self, output: Output, image: Image) -> None:
        cursor = QTextCursor(self.document())
        cursor.beginEditBlock()
        if self._images.get(image.number) is not None:
            self._remove(image.number)
        self._images.add(output)
        cursor.movePosition(QTextCursor.MoveOperation.End)
        form = QTextBlockFormat()
        form.setProperty(_IMAGE, image.number)
        self._begin_block(cursor, form)
        cursor.setCharFormat(self._format_of(output.kind))
        cursor.insertText(self._lines_of(output, image))
        cursor.block().setUserState(pack(output.line, output.kind))
        cursor.endEditBlock()
        self._last = None
        self._show_end()

    def _remove(self, number: int) -> None:
        """Remove an image, unless it is so long ago that it is gone already."""
        block = self.document().lastBlock()
        while block.isValid() and block.blockFormat().property(_IMAGE) != number:
            block = block.previous()
        if not block.isValid():
            return
        start, stop = block.position(), block.position() + block.length()
        before, following = block.previous(), block.next()
        # One of its neighbours is joined with what is left of it, and Qt may keep the wrong state.
        is_first = not before.isValid()
        kept = following if is_first else before
        self._is_empty = not kept.isValid()
        form, state = kept.blockFormat(), kept.userState()
        cursor = QTextCursor(self.document())
        cursor.setPosition(start if is_first else start - 1)
        end = stop if is_first and following.isValid() else stop - 1
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        cursor.removeSelectedText()
        cursor.setBlockFormat(form)
        cursor.block().setUserState(state)

    def _image_in(self, block: QTextBlock) -> Output | None:
        number = block.blockFormat().property(_IMAGE) if self._images else None
        return None if number is None else self._images.get(number)

    def _lines_of(self, output: Output, image: Image) -> str:
        """What stands for the image, and as many lines as it needs."""
        size = size_in(self._room(), image, self.font().pointSizeF())
        text = self._wrapped(output.text)
        lines = max(math.ceil(size.height() / self._line_height()), text.count(_BREAK) + 1)
        return text + _BREAK * (lines - 1 - text.count(_BREAK))

    def _fit_image(self, block: QTextBlock, output: Output) -> None:
        assert output.image is not None
        lines = self._lines_of(output, output.image)
        if lines != block.text():
            _replace(block, lines)

    def _room(self) -> QSizeF:
        """How large an image may be: whole lines and one less, which what follows is read in.

        It has its place beside a scroll bar, there or not: one that needed the bar only for as
        long as there is none would come and go with it.
        """
        margin = 2 * self.document().documentMargin()
        bar = self.verticalScrollBar().sizeHint().width()
        width = self.contentsRect().width() - self.margin.width() - bar
        height = self.viewport().height() - margin - 1  # less than which Qt scrolls
        line = self._line_height()
        return QSizeF(width - margin, line * (height // line - 1))

    def _line_height(self) -> int:
        """As Qt lays lines out."""
        return math.ceil(QFontMetricsF(self.font()).lineSpacing())

    def _wrapped(self, line: str) -> str:
        lines = textwrap.wrap(
            line,
            self._columns,
            break_long_words=False,
            break_on_hyphens=False,
            replace_whitespace=False,
        )
        return _BREAK.join(lines)

    def _wrap_again(self, *, forced: bool = False) -> None:
        room = self.viewport().width() - 2 * self.document().documentMargin()
        columns = int(room / QFontMetricsF(self.font()).horizontalAdvance("0"))
        columns = max(_FEWEST_COLUMNS, columns)
        image_room = self._room() if self._images else QSizeF()
        if (columns, image_room) == (self._columns, self._image_room) and not forced:
            return
        self._columns, self._image_room = columns, image_room
        block = self.document().firstBlock()
        while block.isValid():
            _line, kind = unpack(block.userState())
            if kind is OutputKind.WARNING:
                wrapped = self._wrapped(block.text().replace(_BREAK, " "))
                if wrapped != block.text():
                    _replace(block, wrapped)
            elif (output := self._image_in(block)) is not None:
                self._fit_image(block, output)
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
        width = self.fontMetrics().horizontalAdvance("0000") + 2 * SPACE
        self.margin.setFixedWidth(width)
        self.setViewportMargins(width, 0, 0, 0)
        self._place_margin()
        self._wrap_again(forced=bool(self._images))

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

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the images over what stands for them."""
        super().paintEvent(event)
        if self._images:
            painter = QPainter(self.viewport())
            try:
                self._paint_images(painter)
            finally:
                painter.end()

    def _paint_images(self, painter: QPainter) -> None:
        viewport, cursor = self.viewport(), self.textCursor()
        left = self.contentOffset().x() + self.document().documentMargin()
        block, top = self.first_visible_block()
        in_sight: set[int] = set()
        while block.isValid() and top <= viewport.height():
            height = self.block_height(block)
            output = self._image_in(block)
            if output is not None and output.image is not None:
                image = output.image
                in_sight.add(image.number)
                painter.fillRect(QRectF(0, top, viewport.width(), height), self._theme.base)
                place = QRectF(QPointF(left, top), self._size_of(image, height))
                self._images.paint(painter, image.number, place)
                starts, stops = block.position(), block.position() + block.length()
                paint_marks(
                    painter,
                    place,
                    self._theme,
                    is_selected=cursor.hasSelection()
                    and cursor.selectionStart() < stops - 1
                    and cursor.selectionEnd() > starts,
                    is_current=self.hasFocus() and starts <= cursor.position() < stops,
                )
            top += height
            block = block.next()
        self._images.keep_pixels(in_sight)

    def _size_of(self, image: Image, height: float) -> QSizeF:
        size = size_in(self._room(), image, self.font().pointSizeF())
        return size * min(1.0, height / size.height())

    def _update_marks(self) -> None:
        # Qt paints again where text was selected, and images are larger than that.
        if self._images:
            self.viewport().update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Mark the image at which the keyboard is."""
        super().focusInEvent(event)
        self._update_marks()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """Take the mark away."""
        super().focusOutEvent(event)
        self._update_marks()

    def image_at(self, position: QPoint) -> Output | None:
        """The image at a place of the viewport."""
        return self._image_in(self.cursorForPosition(position).block())

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Open an image large; elsewhere select a word."""
        output = self.image_at(event.position().toPoint())
        if output is None:
            super().mouseDoubleClickEvent(event)
        else:
            self.image_opened.emit(output)

    def viewportEvent(self, event: QEvent) -> bool:
        """Say over an image what a double click does."""
        if isinstance(event, QHelpEvent) and event.type() == QEvent.Type.ToolTip:
            is_image = self.image_at(event.pos()) is not None
            QToolTip.showText(event.globalPos(), self._image_tip if is_image else "", self)
        return super().viewportEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """At an image, Enter opens it large and Ctrl+C copies it."""
        output = self._image_in(self.textCursor().block())
        if output is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.image_opened.emit(output)
        elif (
            output is not None
            and not self.textCursor().hasSelection()
            and event.matches(QKeySequence.StandardKey.Copy)
        ):
            self.image_copied.emit(output)
        else:
            super().keyPressEvent(event)

    def contextMenuEvent(self, event: QContextMenuEvent) -> None:
        """Offer what can be done with the image, under the pointer or at the keyboard's place."""
        if event.reason() is QContextMenuEvent.Reason.Mouse:
            output = self.image_at(event.pos())
        else:
            output = self._image_in(self.textCursor().block())
        menu = (
            self.createStandardContextMenu(event.pos()) if output is None else self.menu_for(output)
        )
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.popup(event.globalPos())

    def menu_for(self, output: Output) -> QMenu:
        """The menu of an image."""
        menu = QMenu(self)
        for text, signal in (
            (self.tr("Open it large"), self.image_opened),
            (self.tr("Copy picture"), self.image_copied),
            (self.tr("Save picture as…"), self.image_saved),
        ):
            menu.addAction(text).triggered.connect(partial(signal.emit, output))
        return menu

    def createMimeDataFromSelection(self) -> QMimeData:
        """Copy without the lines that an image takes, and sentences in one piece."""
        # Qt's own object: the clipboard outlives Python, which would crash at its end over another.
        mime = super().createMimeDataFromSelection()
        mime.text()  # makes it hold what it would else make of the document when it is asked
        mime.clear()
        text = _LINES_OF_IMAGE.sub("", self.textCursor().selectedText())
        mime.setText(text.replace(_BREAK, " ").replace(_PARAGRAPH, "\n"))
        return mime


def _replace(block: QTextBlock, text: str) -> None:
    cursor = QTextCursor(block)
    cursor.movePosition(QTextCursor.MoveOperation.EndOfBlock, QTextCursor.MoveMode.KeepAnchor)
    cursor.insertText(text)

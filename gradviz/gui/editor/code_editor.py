"""The text of an expression file, with what a person expects of an editor of code."""

from __future__ import annotations

import html
from collections.abc import Callable, Iterator

from PySide6.QtCore import QEvent, QMimeData, QRect, Qt, Signal
from PySide6.QtGui import (
    QFontMetricsF,
    QHelpEvent,
    QInputMethodEvent,
    QKeyEvent,
    QResizeEvent,
    QTextCursor,
)
from PySide6.QtWidgets import QPlainTextEdit, QToolTip, QWidget

from gradviz.documents.pasting import pasted_code
from gradviz.gui.editor import editing
from gradviz.gui.editor.error_mark import ErrorMark
from gradviz.gui.editor.gutter import Gutter, LineMark
from gradviz.gui.editor.selections import (
    bracket_selections,
    error_selection,
    line_selection,
    range_selection,
    syntax_selection,
)
from gradviz.gui.fonts import monospace_font
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.settings import DEFAULT_FONT_POINTS, MAX_FONT_POINTS, MIN_FONT_POINTS
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Location

_LineEdit = Callable[[list[str]], list[str]]


class CodeEditor(Retranslated, QPlainTextEdit):
    """An editor of Python text.

    Attributes:
        theme: the theme in use.
        running_line: the line being executed, None where there is none.
        line_marks: breakpoints by their lines.

    Signals:
        font_points_changed: the size of the text was changed (int).
        mark_clicked: the place of a line's marks was clicked (int).
    """

    font_points_changed = Signal(int)
    mark_clicked = Signal(int)

    def __init__(self, appearance: Appearance, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("editor")
        self.theme = appearance.theme
        self.running_line: int | None = None
        self.line_marks: dict[int, LineMark] = {}
        self._error: ErrorMark | None = None
        self._syntax_error: ErrorMark | None = None
        self._highlight_cursor: QTextCursor | None = None
        self._step_cursor: QTextCursor | None = None
        self._gutter = Gutter(self)
        self._gutter.line_clicked.connect(self.go_to_line)
        self._gutter.mark_clicked.connect(self.mark_clicked)
        self.setLineWrapMode(QPlainTextEdit.LineWrapMode.NoWrap)
        self.setFrameShape(QPlainTextEdit.Shape.NoFrame)
        self.setCursorWidth(2)
        self.set_font_points(DEFAULT_FONT_POINTS)
        self.blockCountChanged.connect(self._on_block_count_changed)
        self.updateRequest.connect(self._on_update_request)
        self.cursorPositionChanged.connect(self._update_selections)
        self.textChanged.connect(self._on_text_changed)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Code editor"))

    # Text.

    def toPlainText(self) -> str:
        """The text as it is; Qt's own has other characters for no-break spaces and U+2028."""
        return self.document().toRawText().replace("\u2029", "\n")

    def replace_text(self, text: str) -> None:
        """Show another document's text; there is nothing to undo after that."""
        self.clear_marks()
        self.clear_syntax_error()
        self.setPlainText(text)
        self.document().clearUndoRedoStacks()
        self.document().setModified(False)

    def set_editable(self, editable: bool) -> None:
        """Let the text be changed, or only be looked at, copied and walked through."""
        flags = Qt.TextInteractionFlag
        self.setTextInteractionFlags(
            flags.TextEditorInteraction
            if editable
            else flags.TextSelectableByMouse | flags.TextSelectableByKeyboard
        )

    def amend_text(self, text: str) -> None:
        """Change the text where it differs, as one edit that can be undone."""
        old = self.toPlainText()
        if old == text:
            return
        start, old_end, new_end = editing.changed_span(old, text)
        cursor = QTextCursor(self.document())
        cursor.setPosition(editing.utf16_length(old[:start]))
        cursor.setPosition(editing.utf16_length(old[:old_end]), QTextCursor.MoveMode.KeepAnchor)
        cursor.insertText(text[start:new_end])

    def position_of(self, line: int, column: int) -> int:
        """The document position of a line (from 1) and column in characters (from 0)."""
        block = self.document().findBlockByNumber(max(0, line - 1))
        if not block.isValid():
            block = self.document().lastBlock()
        before = block.text()[:column]
        return block.position() + editing.utf16_length(before)

    def cursor_at(self, location: Location) -> QTextCursor:
        """A cursor that selects a location."""
        cursor = QTextCursor(self.document())
        cursor.setPosition(self.position_of(location.line, location.column))
        end = self.position_of(location.end_line, location.end_column)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def place_of_cursor(self) -> tuple[int, int]:
        """Line (from 1) and column in characters (from 0) of the text cursor."""
        cursor = self.textCursor()
        text = cursor.block().text()
        units = text.encode("utf-16-le")[: 2 * cursor.positionInBlock()]
        return cursor.blockNumber() + 1, len(units.decode("utf-16-le", errors="replace"))

    def line_of_cursor(self) -> int:
        """Line of the text cursor, from 1."""
        return self.textCursor().blockNumber() + 1

    def selected_lines(self) -> tuple[int, int]:
        """First and last line of the selection, from 1; twice the cursor's where there is none."""
        cursor, document = self.textCursor(), self.document()
        first = document.findBlock(cursor.selectionStart())
        last = document.findBlock(cursor.selectionEnd())
        # A selection of whole lines ends before the first character of the next.
        ends_before = cursor.selectionEnd() == last.position() and last != first
        return first.blockNumber() + 1, last.blockNumber() + (0 if ends_before else 1)

    def go_to_line(self, line: int, column: int = 0) -> None:
        """Put the text cursor on a line and show it."""
        cursor = self.textCursor()
        cursor.setPosition(self.position_of(line, column))
        self.setTextCursor(cursor)
        self.ensureCursorVisible()
        self.setFocus()

    def scroll_to(self, cursor: QTextCursor) -> None:
        """Show a place of the text without moving the person's own cursor."""
        first = self.firstVisibleBlock().blockNumber()
        shown = sum(1 for _ in self.visible_lines())
        line = cursor.document().findBlock(cursor.selectionStart()).blockNumber()
        if not first <= line < first + shown - 1:
            self.verticalScrollBar().setValue(max(0, line - shown // 2))

    # Marks.

    def clear_marks(self) -> None:
        """Take away the marks of a run: error, running line and highlight."""
        self.running_line = None
        self._highlight_cursor = self._step_cursor = None
        self.clear_error()

    @property
    def error_line(self) -> int | None:
        """The line in which the last run failed, None where there is none or it was edited."""
        return None if self._error is None else self._error.line

    def clear_error(self) -> None:
        """Take the mark of the last run's error away."""
        self._error = None
        self._refresh_marks()

    def mark_error(self, location: Location, sentence: str) -> None:
        """Mark where a run failed; the sentence says why when the pointer rests on it."""
        self._error = ErrorMark(self._cursor_in_line(location), sentence)
        self._refresh_marks()
        self.scroll_to(self._error.cursor)

    @property
    def syntax_error_line(self) -> int | None:
        """The line that is wrong as it is written, None where there is none."""
        return None if self._syntax_error is None else self._syntax_error.line

    def clear_syntax_error(self) -> None:
        """Underline nothing."""
        if self._syntax_error is not None:
            self._syntax_error = None
            self._update_selections()

    def mark_syntax_error(self, location: Location, sentence: str) -> None:
        """Underline what is wrong as it is written now, without scrolling there."""
        self._syntax_error = ErrorMark(self._cursor_in_line(location), sentence)
        self._update_selections()

    def _cursor_in_line(self, location: Location) -> QTextCursor:
        """A cursor that selects a location, and at its line's end what stands before it."""
        cursor = self.cursor_at(location)
        for operation in (
            QTextCursor.MoveOperation.EndOfBlock,
            QTextCursor.MoveOperation.PreviousCharacter,
        ):
            if not cursor.hasSelection():
                cursor.movePosition(operation, QTextCursor.MoveMode.KeepAnchor)
        return cursor

    def set_running_line(self, line: int | None) -> None:
        """Mark the line that is being executed."""
        if line == self.running_line:
            return
        self.running_line = line
        self._refresh_marks()

    def set_line_marks(self, marks: dict[int, LineMark]) -> None:
        """Mark breakpoints beside their lines."""
        if marks != self.line_marks:
            self.line_marks = marks
            self._gutter.update()

    def set_highlight(self, location: Location | None, *, scroll: bool = True) -> None:
        """Mark the text of the selected item, and scroll to it."""
        self._highlight_cursor = None if location is None else self.cursor_at(location)
        self._update_selections()
        if self._highlight_cursor is not None and scroll:
            self.scroll_to(self._highlight_cursor)

    def set_step_highlight(self, location: Location | None, *, scroll: bool = True) -> None:
        """Mark the text of the executed step, and scroll to it."""
        self._step_cursor = None if location is None else self.cursor_at(location)
        self._update_selections()
        if self._step_cursor is not None and scroll:
            self.scroll_to(self._step_cursor)

    def _refresh_marks(self) -> None:
        self._update_selections()
        self._gutter.update()

    def _update_selections(self) -> None:
        theme = self.theme
        selections = [line_selection(self.textCursor(), theme.current_line)]
        if self.running_line is not None:
            running = QTextCursor(self.document())
            running.setPosition(self.position_of(self.running_line, 0))
            selections.append(line_selection(running, theme.current_fill))
        for cursor, colour in (
            (self._step_cursor, theme.current_fill),
            (self._highlight_cursor, theme.leaf.fill),
        ):
            if cursor is not None and cursor.hasSelection():
                selections.append(range_selection(cursor, colour))
        selections.extend(bracket_selections(self.textCursor(), theme))
        if self._syntax_error is not None:
            selections.append(syntax_selection(self._syntax_error.cursor, theme))
        if self._error is not None:
            selections.append(error_selection(self._error.cursor, theme))
        self.setExtraSelections(selections)
        self._gutter.update()

    # Keys.

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Keep indentation, and indent with spaces."""
        key, modifiers = event.key(), event.modifiers()
        plain = modifiers in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if self.isReadOnly():
            super().keyPressEvent(event)
        elif key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and (
            plain or modifiers == Qt.KeyboardModifier.ShiftModifier
        ):
            # With Shift, Qt would put U+2028 there, which ends no line of Python.
            self._break_line()
        elif key == Qt.Key.Key_Tab and modifiers == Qt.KeyboardModifier.NoModifier:
            self._indent()
        elif key == Qt.Key.Key_Backtab:
            self._edit_lines(lambda lines: [editing.dedent(line) for line in lines])
        elif key == Qt.Key.Key_Backspace and plain and self._is_in_indentation():
            self._remove_indentation()
        elif event.text() == "\N{NO-BREAK SPACE}":
            # Some keyboards make one of Space with AltGr or Option, which Python does not take.
            self.textCursor().insertText(" ")
        elif key == Qt.Key.Key_Escape and self.textCursor().hasSelection():
            cursor = self.textCursor()
            cursor.clearSelection()
            self.setTextCursor(cursor)
        else:
            super().keyPressEvent(event)

    def _break_line(self) -> None:
        cursor = self.textCursor()
        start = QTextCursor(cursor)
        start.setPosition(cursor.selectionStart())
        before = start.block().text()[: start.positionInBlock()]
        cursor.insertText("\n" + editing.indent_after(before))
        self.setTextCursor(cursor)
        # Else the view stays as far to the right as the new line is indented.
        self.horizontalScrollBar().setValue(0)
        self.ensureCursorVisible()

    def _indent(self) -> None:
        cursor = self.textCursor()
        if cursor.hasSelection() and "\u2029" in cursor.selectedText():
            self._edit_lines(
                lambda lines: [editing.INDENT + line if line.strip() else line for line in lines]
            )
            return
        column = cursor.positionInBlock()
        cursor.insertText(" " * (len(editing.INDENT) - column % len(editing.INDENT)))

    def _is_in_indentation(self) -> bool:
        cursor = self.textCursor()
        before = cursor.block().text()[: cursor.positionInBlock()]
        return bool(before) and not cursor.hasSelection() and not before.strip(" ")

    def _remove_indentation(self) -> None:
        cursor = self.textCursor()
        count = (cursor.positionInBlock() - 1) % len(editing.INDENT) + 1
        cursor.movePosition(QTextCursor.MoveOperation.Left, QTextCursor.MoveMode.KeepAnchor, count)
        cursor.removeSelectedText()

    def toggle_comments(self) -> None:
        """Comment the selected lines, or take their comments away."""
        self._edit_lines(editing.toggle_comments)

    def _edit_lines(self, edit: _LineEdit) -> None:
        if self.isReadOnly():
            return
        cursor = self.textCursor()
        document = self.document()
        first = document.findBlock(cursor.selectionStart())
        last = document.findBlock(cursor.selectionEnd())
        if last != first and last.position() == cursor.selectionEnd():
            last = last.previous()
        lines = []
        block = first
        while block.isValid() and block.blockNumber() <= last.blockNumber():
            lines.append(block.text())
            block = block.next()
        changed = edit(lines)
        if changed == lines:
            return
        number = first.blockNumber()
        change = QTextCursor(document)
        change.beginEditBlock()
        for offset, (old, new) in enumerate(zip(lines, changed, strict=True)):
            if old == new:
                continue
            # Only what differs is replaced, so that the person's cursor stays where it is.
            start, old_end, new_end = editing.changed_span(old, new)
            block_start = document.findBlockByNumber(number + offset).position()
            change.setPosition(block_start + editing.utf16_length(old[:start]))
            change.setPosition(
                block_start + editing.utf16_length(old[:old_end]), QTextCursor.MoveMode.KeepAnchor
            )
            change.insertText(new[start:new_end])
        change.endEditBlock()

    # Size of the text.

    @property
    def font_points(self) -> int:
        """Size of the text, in points."""
        return self.font().pointSize()

    def set_font_points(self, points: int) -> None:
        """Make the text larger or smaller."""
        points = min(max(points, MIN_FONT_POINTS), MAX_FONT_POINTS)
        font = monospace_font(points)
        self.setFont(font)
        self.setTabStopDistance(QFontMetricsF(font).horizontalAdvance(editing.INDENT))
        self._resize_gutter()
        self.font_points_changed.emit(points)

    # Events.

    def viewportEvent(self, event: QEvent) -> bool:
        """Show an error's sentence over the error."""
        if event.type() == QEvent.Type.ToolTip and isinstance(event, QHelpEvent):
            at = self.cursorForPosition(event.pos()).position()
            for mark in (self._error, self._syntax_error):
                if mark is not None and mark.covers(at):
                    QToolTip.showText(event.globalPos(), plain_tooltip(mark.sentence), self)
                    break
            else:
                QToolTip.hideText()
            return True
        return super().viewportEvent(event)

    def canInsertFromMimeData(self, source: QMimeData) -> bool:
        """Leave dropped files to the window, which opens them."""
        urls = source.urls()
        if urls and all(url.isLocalFile() for url in urls):
            return False
        return super().canInsertFromMimeData(source)

    def insertFromMimeData(self, source: QMimeData) -> None:
        """Make code of what is pasted from a session or a page."""
        code = pasted_code(source.text().replace("\u2028", "\n"))
        if code != source.text():
            source = QMimeData()
            source.setText(code)
        super().insertFromMimeData(source)

    def inputMethodEvent(self, event: QInputMethodEvent) -> None:
        """Keep composed characters in sight."""
        super().inputMethodEvent(event)
        self.ensureCursorVisible()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep the gutter as high as the text."""
        super().resizeEvent(event)
        self._place_gutter()

    def visible_lines(self) -> Iterator[tuple[int, float, float]]:
        """Number, top and height (in pixels of the viewport) of the lines in sight."""
        block = self.firstVisibleBlock()
        top = self.blockBoundingGeometry(block).translated(self.contentOffset()).top()
        while block.isValid() and top <= self.viewport().height():
            # Without the document's margin, which Qt counts to the last line.
            yield block.blockNumber() + 1, top, block.layout().boundingRect().height()
            top += self.blockBoundingRect(block).height()
            block = block.next()

    def _on_text_changed(self) -> None:
        # Editing the wrong line answers the message; edits elsewhere only move the mark.
        if self._error is not None and self._error.is_edited:
            self.clear_error()
        if self._syntax_error is not None and self._syntax_error.is_edited:
            self.clear_syntax_error()

    def _on_block_count_changed(self, _count: int) -> None:
        self._resize_gutter()

    def _on_update_request(self, area: QRect, scrolled: int) -> None:
        if scrolled:
            self._gutter.scroll(0, scrolled)
        else:
            self._gutter.update(0, area.y(), self._gutter.width(), area.height())

    def _on_theme_changed(self, theme: Theme) -> None:
        self.theme = theme
        self._update_selections()

    def _resize_gutter(self) -> None:
        self.setViewportMargins(self._gutter.sizeHint().width(), 0, 0, 0)
        self._place_gutter()

    def _place_gutter(self) -> None:
        inside = self.contentsRect()
        width = self._gutter.sizeHint().width()
        self._gutter.setGeometry(inside.left(), inside.top(), width, inside.height())


def plain_tooltip(text: str) -> str:
    """The text as a tooltip that shows it as it is and wraps it."""
    return f"<qt>{html.escape(text)}</qt>" if text else ""

"""Find text in the editor."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QTextCursor, QTextDocument
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QWidget

from gradviz.gui.buttons import flat_button
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.icons import make_icon
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Appearance, Theme


class FindBar(Retranslated, QWidget):
    """Finds a text in the editor: Enter goes to the next match, Shift+Enter to the previous one.

    Attributes:
        line: the text to find.
        count: how many matches there are.
    """

    def __init__(
        self, editor: CodeEditor, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self.line = QLineEdit()
        self.line.setClearButtonEnabled(True)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._on_text_changed)
        editor.textChanged.connect(self._on_edited)
        self.count = QLabel()
        self._previous = flat_button()
        self._next = flat_button()
        self._close = flat_button()
        self._previous.clicked.connect(self.find_previous)
        self._next.clicked.connect(self.find_next)
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout(self)
        row.setContentsMargins(8, 4, 8, 4)
        row.setSpacing(4)
        for widget in (self.line, self.count, self._previous, self._next, self._close):
            row.addWidget(widget)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        self.hide()

    def _retranslate(self) -> None:
        self.line.setPlaceholderText(self.tr("Find"))
        self.line.setAccessibleName(self.tr("Find in the text"))
        for button, text in (
            (self._previous, self.tr("Previous (Shift+Enter)")),
            (self._next, self.tr("Next (Enter)")),
            (self._close, self.tr("Close (Esc)")),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self._show_count()

    def open(self) -> None:
        """Show the bar, seeking what is selected in the editor."""
        chosen = self._editor.textCursor().selectedText()
        self.show()
        self._show_count()
        if chosen and "\u2029" not in chosen:
            self.line.setText(chosen)
        self.line.selectAll()
        self.line.setFocus()

    def dismiss(self) -> None:
        """Hide the bar and go back to the text."""
        self.hide()
        self._editor.setFocus()

    def find_next(self) -> None:
        """Select the next place, from the top again after the last one."""
        self._find(QTextDocument.FindFlag(0))

    def find_previous(self) -> None:
        """Select the place before, from the bottom again before the first one."""
        self._find(QTextDocument.FindFlag.FindBackward)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Shift+Enter and Esc in the line."""
        if event.type() == QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            if event.key() == Qt.Key.Key_Escape:
                self.dismiss()
                return True
            if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
                backwards = event.modifiers() & Qt.KeyboardModifier.ShiftModifier
                (self.find_previous if backwards else self.find_next)()
                return True
        return super().eventFilter(watched, event)

    def _find(self, flags: QTextDocument.FindFlag) -> None:
        sought = self.line.text()
        if not sought or self._editor.find(sought, flags):
            return
        backwards = bool(flags & QTextDocument.FindFlag.FindBackward)
        cursor = self._editor.textCursor()
        kept = QTextCursor(cursor)
        cursor.movePosition(
            QTextCursor.MoveOperation.End if backwards else QTextCursor.MoveOperation.Start
        )
        self._editor.setTextCursor(cursor)
        if not self._editor.find(sought, flags):
            self._editor.setTextCursor(kept)

    def _show_count(self) -> int:
        sought = self.line.text()
        count = self._editor.toPlainText().lower().count(sought.lower()) if sought else 0
        if not sought:
            self.count.setText("")
        elif not count:
            self.count.setText(self.tr("Not found"))
        else:
            self.count.setText(self.tr("%Ln found", "", count))
        return count

    def _on_edited(self) -> None:
        if not self.isHidden():
            self._show_count()

    def _on_text_changed(self, _sought: str) -> None:
        if self._show_count():
            cursor = self._editor.textCursor()
            cursor.setPosition(cursor.selectionStart())
            self._editor.setTextCursor(cursor)
            self.find_next()

    def _on_theme_changed(self, theme: Theme) -> None:
        for button, name in (
            (self._previous, "previous"),
            (self._next, "next"),
            (self._close, "close"),
        ):
            button.setIcon(make_icon(name, theme))

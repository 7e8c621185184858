"""Offer names while one types, and the signature of what is called; never take Enter away."""

from __future__ import annotations

import builtins
import keyword
import re
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QKeyEvent, QPalette
from PySide6.QtWidgets import QFrame, QLabel, QListWidget, QWidget

from gradviz.gui.action_spec import control_key
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.editor.editing import hide_strings
from gradviz.gui.timers import single_shot

_EXPRESSION: Final = re.compile(r"(?<![\w.)\]\"'])[^\W\d]\w*(?:\.[^\W\d]\w*)*\.?$")
_CALL: Final = re.compile(r"(?<![\w.)\]])([^\W\d]\w*(?:\.[^\W\d]\w*)*)\($")
_IMPORT: Final = re.compile(r"^[ \t]*((?:import|from)[ \t][^\n#;(]+)", re.MULTILINE)
_WORD: Final = re.compile(r"[^\W\d]\w{2,}")
_CURSOR: Final = "\1"
_DELAY_MS: Final = 60
_SHORTEST: Final = 2
_LONGEST_TEXT: Final = 200_000
_MOST_ROWS: Final = 9
_WIDEST_HINT: Final = 560
_HELD: Final = (
    Qt.KeyboardModifier.ControlModifier
    | Qt.KeyboardModifier.AltModifier
    | Qt.KeyboardModifier.MetaModifier
)
_CONTROL: Final = (
    Qt.KeyboardModifier.MetaModifier
    if control_key() == "Meta"
    else Qt.KeyboardModifier.ControlModifier
)


class Completion(QObject):
    """Completes what is typed in the editor from the document's words and the engine's names.

    `ask` sends an expression, import statements and whether it is the signature that is wanted; it
    returns the number of the request, 0 where the engine is busy. What comes of it is handed to
    `on_completed`.
    """

    def __init__(
        self,
        editor: CodeEditor,
        ask: Callable[[str, tuple[str, ...], bool], int],
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._ask = ask
        self._number = 0
        self._expression = ""
        self._is_chosen = False
        self.popup = QListWidget(editor)
        self.popup.setObjectName("completions")
        self.popup.hide()
        self.popup.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.popup.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.popup.setUniformItemSizes(True)
        self.popup.clicked.connect(self._on_clicked)
        self.hint = QLabel(editor)
        self.hint.setObjectName("signature")
        self.hint.setAutoFillBackground(True)
        self.hint.hide()
        self.hint.setTextFormat(Qt.TextFormat.PlainText)
        self.hint.setWordWrap(True)
        self.hint.setMargin(6)
        self.hint.setFrameShape(QFrame.Shape.Box)
        self.hint.setBackgroundRole(QPalette.ColorRole.ToolTipBase)
        self.hint.setForegroundRole(QPalette.ColorRole.ToolTipText)
        self._call_at = 0
        self._timer = single_shot(self, self._offer, _DELAY_MS)
        editor.installEventFilter(self)
        editor.cursorPositionChanged.connect(self._on_cursor_moved)
        editor.verticalScrollBar().valueChanged.connect(self.close)

    @property
    def names(self) -> list[str]:
        """What is offered."""
        if self.popup.isHidden():
            return []
        return [self.popup.item(row).text() for row in range(self.popup.count())]

    def close(self) -> None:
        """Offer nothing more."""
        self._timer.stop()
        self._number = 0
        self._is_chosen = False
        self.popup.hide()
        self.hint.hide()

    def on_completed(self, number: int, names: tuple[str, ...], signature: str) -> None:
        """Show what the engine found."""
        if not number or number != self._number:
            return
        if signature:
            self._show_signature(signature)
        elif self._expression:
            begun = self._begun()
            words = () if "." in self._expression else self._words(begun)
            self._show([*words, *(name for name in names if name not in words)])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Keys that choose; all others go to the editor, and decide what is offered next."""
        if event.type() == QEvent.Type.FocusOut:
            self.close()
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key, modifiers = event.key(), event.modifiers()
        if key == Qt.Key.Key_Space and modifiers == _CONTROL:
            self._offer(shortest=0)
            return True
        if key == Qt.Key.Key_Escape and not (self.popup.isHidden() and self.hint.isHidden()):
            self.close()
            return True
        if not self.popup.isHidden() and self._take(key, modifiers):
            return True
        if event.text() and not modifiers & _HELD and not self._editor.isReadOnly():
            self._timer.start()
        return False

    def _take(self, key: int, modifiers: Qt.KeyboardModifier) -> bool:
        """Carry out a key while names are offered; whether it was for them."""
        if modifiers != Qt.KeyboardModifier.NoModifier:
            return False
        rows, row = self.popup.count(), self.popup.currentRow()
        if key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            step = 1 if key == Qt.Key.Key_Down else -1
            # The first one is shown as what Tab takes: going down goes to it first.
            self.popup.setCurrentRow((row + step) % rows if self._is_chosen else max(row, 0))
            self._is_chosen = True
            return True
        if key == Qt.Key.Key_Tab or (
            key in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._is_chosen
        ):
            self._insert(self.popup.currentItem().text())
            return True
        if key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.popup.hide()
        return False

    def _on_clicked(self, index: QModelIndex) -> None:
        self._insert(str(index.data()))

    def _insert(self, name: str) -> None:
        cursor = self._editor.textCursor()
        cursor.movePosition(
            cursor.MoveOperation.Left, cursor.MoveMode.KeepAnchor, len(self._begun())
        )
        cursor.insertText(name)
        self._number = 0
        self.popup.hide()

    def _on_cursor_moved(self) -> None:
        # Typing moves the cursor too; what is left of it tells.
        if not self.popup.isHidden() and not self._expression_here():
            self.popup.hide()
        if not self.hint.isHidden() and not self._is_in_call():
            self.hint.hide()

    def _offer(self, *, shortest: int = _SHORTEST) -> None:
        before = self._code_before()
        call = _CALL.search(before)
        if call is not None:
            self.popup.hide()
            self._expression = ""
            self._number = self._ask(call[1], self._imports(), True)
            return
        self._expression = self._expression_here()
        begun = self._begun()
        is_attribute = "." in self._expression
        if not is_attribute and len(begun) < shortest:
            self.popup.hide()
            return
        self._number = self._ask(self._expression, self._imports(), False)
        if not self._number:
            self._show([] if is_attribute else self._words(begun))

    def _code_before(self) -> str:
        """What stands left of the cursor on its line; empty in a string or a comment."""
        cursor = self._editor.textCursor()
        if cursor.hasSelection() or cursor.block().previous().userState() > 0:
            return ""
        before = cursor.block().text()[: cursor.positionInBlock()]
        code = hide_strings(before + _CURSOR)
        is_hidden = not code.endswith(_CURSOR) or '"' in code or "'" in code
        return "" if is_hidden else code.removesuffix(_CURSOR)

    def _expression_here(self) -> str:
        found = _EXPRESSION.search(self._code_before())
        return "" if found is None else found[0]

    def _begun(self) -> str:
        return self._expression.rpartition(".")[2]

    def _words(self, begun: str) -> list[str]:
        """Words of the text and of Python that begin so, other than the one being typed."""
        text = self._editor.toPlainText()[:_LONGEST_TEXT]
        counted: dict[str, int] = {}
        for word in _WORD.findall(hide_strings(text)):
            counted[word] = counted.get(word, 0) + 1
        counted[begun] = counted.get(begun, 0) - 1
        own = {word for word, count in counted.items() if count > 0}
        python = {*keyword.kwlist, *(name for name in dir(builtins) if name[0] != "_")}
        folded = begun.casefold()
        return sorted(word for word in own | python if word.casefold().startswith(folded))

    def _imports(self) -> tuple[str, ...]:
        text = self._editor.toPlainText()[:_LONGEST_TEXT]
        return tuple(found.strip() for found in _IMPORT.findall(text))

    def _show(self, names: list[str]) -> None:
        begun = self._begun()
        if not names or names == [begun]:
            self.popup.hide()
            return
        names.sort(key=lambda name: not name.startswith(begun))
        self._is_chosen = False
        self._adopt(self.popup)
        self.popup.clear()
        self.popup.addItems(names)
        self.popup.setCurrentRow(0)
        rows = min(len(names), _MOST_ROWS)
        height = rows * self.popup.sizeHintForRow(0) + 2 * self.popup.frameWidth()
        width = self.popup.sizeHintForColumn(0) + 32
        self.popup.resize(min(max(width, 140), 480), height)
        left = -self._editor.fontMetrics().horizontalAdvance(begun) - 4
        self._show_at_cursor(self.popup, left, is_above=False)

    def _adopt(self, widget: QWidget) -> None:
        """Make it a part of the window: not everywhere may a window say where it goes."""
        if widget.parentWidget() is not self._editor.window():
            widget.setParent(self._editor.window())
        widget.setFont(self._editor.font())

    def _show_at_cursor(self, widget: QWidget, shift: int, *, is_above: bool) -> None:
        """Show a widget above or below the cursor's line, within the window."""
        editor = self._editor
        window, viewport = editor.window(), editor.viewport()
        at = editor.cursorRect()
        above = viewport.mapTo(window, at.topLeft()).y() - widget.height() - 3
        below = viewport.mapTo(window, at.bottomLeft()).y() + 3
        fits_below = below + widget.height() <= window.height()
        top = above if (is_above and above >= 0) or not fits_below else below
        left = viewport.mapTo(window, at.topLeft()).x() + shift
        widget.move(max(0, min(left, window.width() - widget.width())), max(0, top))
        widget.show()
        widget.raise_()

    def _show_signature(self, signature: str) -> None:
        editor = self._editor
        self._call_at = editor.textCursor().position()
        self._adopt(self.hint)
        self.hint.setText(signature)
        self.hint.setFixedWidth(
            min(_WIDEST_HINT, editor.window().width() // 2, self._width_of(signature))
        )
        self.hint.adjustSize()
        self._show_at_cursor(self.hint, 0, is_above=True)

    def _width_of(self, signature: str) -> int:
        return self.hint.fontMetrics().horizontalAdvance(signature) + 4 * self.hint.margin()

    def _is_in_call(self) -> bool:
        """Whether the cursor is still between the brackets of the call that is explained."""
        cursor = self._editor.textCursor()
        start = self._editor.document().findBlock(self._call_at)
        if cursor.position() < self._call_at or cursor.block() != start:
            return False
        written = cursor.block().text()[self._call_at - start.position() : cursor.positionInBlock()]
        code = hide_strings(written)
        return code.count(")") <= code.count("(")

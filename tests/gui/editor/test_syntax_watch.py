"""A syntax error is underlined after a pause, with its sentence."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtGui import QHelpEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QToolTip

from gradviz.gui.editor import syntax_watch
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.editor.syntax_watch import SyntaxWatch
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.style import Appearance
from gradviz.recording.model import Location
from tests.gui.editor.marks import underlined_text

pytestmark = pytest.mark.gui


@pytest.fixture
def editor(qtbot) -> CodeEditor:
    editor = CodeEditor(Appearance())
    qtbot.addWidget(editor)
    editor.watch = SyntaxWatch(editor, parent=editor)
    editor.resize(500, 300)
    editor.show()
    qtbot.waitExposed(editor)
    return editor


def hovered(editor: CodeEditor, monkeypatch, line: int, column: int) -> list[str]:
    shown: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, *_more: shown.append(text))
    at = editor.cursorRect(editor.cursor_at(Location(line, column, line, column))).center()
    event = QHelpEvent(QEvent.Type.ToolTip, at, editor.mapToGlobal(at))
    QApplication.sendEvent(editor.viewport(), event)
    return shown


def test_an_error_is_underlined_after_a_pause_and_says_why(qtbot, editor, monkeypatch) -> None:
    qtbot.keyClicks(editor, "y = f(2")
    assert underlined_text(editor) == ""
    qtbot.waitUntil(lambda: underlined_text(editor) == "(")
    assert (editor.syntax_error_line, editor.error_line) == (1, None)
    (sentence,) = hovered(editor, monkeypatch, 1, 5)
    assert "&#x27;(&#x27; was never closed. Add the bracket" in sentence
    qtbot.keyClicks(editor, ")")
    assert underlined_text(editor) == ""
    editor.watch.look()
    assert underlined_text(editor) == ""


def test_a_line_that_is_being_typed_is_left_alone_until_the_cursor_leaves_it(
    qtbot, editor, monkeypatch
) -> None:
    editor.watch._patience.setInterval(60_000)
    editor.replace_text("x = 1\n")
    editor.go_to_line(2)
    qtbot.keyClicks(editor, "y = f(2")
    qtbot.waitUntil(editor.watch._patience.isActive)
    assert underlined_text(editor) == ""
    editor.moveCursor(QTextCursor.MoveOperation.Left)
    assert underlined_text(editor) == "", "the cursor is on the same line"
    editor.go_to_line(1)
    assert underlined_text(editor) == "("
    assert not editor.watch._patience.isActive()


def test_what_was_answered_is_not_underlined_after_all(qtbot, editor) -> None:
    qtbot.keyClicks(editor, "y = f(2")
    qtbot.waitUntil(editor.watch._patience.isActive)
    qtbot.keyClicks(editor, ")")
    assert not editor.watch._patience.isActive()
    qtbot.waitUntil(lambda: not editor.watch._pause.isActive())
    assert underlined_text(editor) == ""


def test_at_the_end_of_a_line_its_last_character_is_underlined(editor) -> None:
    editor.replace_text("if True\n    x = 1\n")
    editor.watch.look()
    assert underlined_text(editor) == "e"


def test_an_error_that_is_answered_elsewhere_is_underlined_no_more(editor) -> None:
    editor.replace_text("y = (\n    1\n")
    editor.watch.look()
    assert underlined_text(editor) == "("
    editor.go_to_line(3)
    editor.insertPlainText(")")
    editor.watch.look()
    assert underlined_text(editor) == ""


def test_long_texts_are_looked_at_on_a_thread_and_without_what_was_typed_since(
    qtbot, editor, monkeypatch
) -> None:
    monkeypatch.setattr(syntax_watch, "_AT_ONCE", 0)
    editor.replace_text("x = = 1\n")
    editor.watch.look()
    assert underlined_text(editor) == ""
    qtbot.waitUntil(lambda: underlined_text(editor) == "=")
    editor.watch.look()
    editor.replace_text("x = 1\n")
    qtbot.wait(2 * syntax_watch.PAUSE_MS)
    assert underlined_text(editor) == ""


def test_what_cannot_be_edited_is_not_looked_at(editor) -> None:
    editor.replace_text("x = = 1\n")
    editor.set_editable(False)
    editor.watch.look()
    assert underlined_text(editor) == ""


def test_the_sentence_is_in_the_persons_language(qtbot, make_window, monkeypatch) -> None:
    window = make_window()
    window.editor.replace_text("y = f(2\n")
    window.syntax_watch.look()
    languages = Languages()
    try:
        languages.use(LanguageChoice.SPANISH)
        qtbot.waitUntil(lambda: "Añad" in window.editor._syntax_error.sentence)
    finally:
        languages.use(LanguageChoice.ENGLISH)

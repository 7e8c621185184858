from __future__ import annotations

import pytest
from PySide6.QtCore import QEvent, QMimeData, QPoint, Qt
from PySide6.QtGui import QHelpEvent, QInputMethodEvent, QKeyEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QToolTip

from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.editor.find_bar import FindBar
from gradviz.gui.style import Appearance
from gradviz.recording.model import Location

pytestmark = pytest.mark.gui


@pytest.fixture
def editor(qtbot) -> CodeEditor:
    editor = CodeEditor(Appearance())
    qtbot.addWidget(editor)
    editor.resize(500, 300)
    editor.show()
    qtbot.waitExposed(editor)
    return editor


def select_all(editor: CodeEditor) -> None:
    cursor = editor.textCursor()
    cursor.select(QTextCursor.SelectionType.Document)
    editor.setTextCursor(cursor)


def test_enter_keeps_the_indentation_and_tab_is_four_spaces(qtbot, editor) -> None:
    qtbot.keyClicks(editor, "for i in x:")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.keyClicks(editor, "a")
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    qtbot.keyClicks(editor, "b")
    assert editor.toPlainText() == "for i in x:\n    a   b"


def test_a_text_is_kept_as_it_is_to_the_last_character(editor) -> None:
    text = "s = 'a\u00a0b'  # 😀 \u2028 \u200b e\u0301\n\tx\x0c = 1"
    editor.replace_text(text)
    assert editor.toPlainText() == text
    assert editor.blockCount() == 2


def test_what_no_keyboard_should_put_into_code_is_not_there(qtbot, editor) -> None:
    qtbot.keyClicks(editor, "a")
    key, none = Qt.Key.Key_nobreakspace, Qt.KeyboardModifier.NoModifier
    space = QKeyEvent(QEvent.Type.KeyPress, key, none, "\N{NO-BREAK SPACE}")
    QApplication.sendEvent(editor, space)
    qtbot.keyClicks(editor, "b")
    qtbot.keyClick(editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    pasted = QMimeData()
    pasted.setText("c\u2028d")
    editor.insertFromMimeData(pasted)
    assert editor.toPlainText() == "a b\nc\nd"
    assert editor.blockCount() == 3


def test_backspace_takes_away_a_level_of_indentation(qtbot, editor) -> None:
    editor.replace_text("        x")
    editor.go_to_line(1, 8)
    qtbot.keyClick(editor, Qt.Key.Key_Backspace)
    assert editor.toPlainText() == "    x"


def test_tab_and_shift_tab_move_selected_lines(qtbot, editor) -> None:
    editor.replace_text("a\n\nb")
    select_all(editor)
    qtbot.keyClick(editor, Qt.Key.Key_Tab)
    assert editor.toPlainText() == "    a\n\n    b"
    select_all(editor)
    qtbot.keyClick(editor, Qt.Key.Key_Backtab)
    assert editor.toPlainText() == "a\n\nb"


def test_commenting_is_one_edit_to_undo(editor) -> None:
    editor.replace_text("a\nb")
    select_all(editor)
    editor.toggle_comments()
    assert editor.toPlainText() == "# a\n# b"
    editor.undo()
    assert editor.toPlainText() == "a\nb"


def test_accented_letters_arrive_from_an_input_method(editor) -> None:
    for letter in "áñ":
        event = QInputMethodEvent()
        event.setCommitString(letter)
        QApplication.sendEvent(editor, event)
    assert editor.toPlainText() == "áñ"


def test_places_count_characters_and_not_units(editor) -> None:
    editor.replace_text("𝜕x = 1")
    assert editor.cursor_at(Location(1, 1, 1, 2)).selectedText() == "x"
    editor.go_to_line(1, 2)
    assert editor.place_of_cursor() == (1, 2)


def test_an_error_is_underlined_where_it_is_and_says_why(qtbot, editor, monkeypatch) -> None:
    editor.replace_text("x = 1\ny = <b> @ z\n")
    editor.mark_error(Location(2, 4, 2, 11), "RuntimeError: <b>size</b>")
    assert editor.error_line == 2
    marked = [s.cursor.selectedText() for s in editor.extraSelections() if s.cursor.hasSelection()]
    assert "<b> @ z" in marked
    shown = []
    monkeypatch.setattr(QToolTip, "showText", lambda _at, text, *_more: shown.append(text))
    at = editor.cursorRect(editor.cursor_at(Location(2, 6, 2, 6))).center()
    event = QHelpEvent(QEvent.Type.ToolTip, at, editor.mapToGlobal(at))
    QApplication.sendEvent(editor.viewport(), event)
    assert shown == ["<qt>RuntimeError: &lt;b&gt;size&lt;/b&gt;</qt>"]


def test_editing_the_wrong_text_takes_the_mark_away_and_editing_above_moves_it(editor) -> None:
    editor.replace_text("a\nbad\n")
    editor.mark_error(Location(2, 0, 2, 3), "no")
    QTextCursor(editor.document()).insertText("\n")
    assert editor.error_line == 3
    editor.go_to_line(3, 1)
    editor.insertPlainText("x")
    assert editor.error_line is None


def test_editing_elsewhere_in_the_wrong_line_answers_the_message_too(editor) -> None:
    editor.replace_text("a\ny = bad\nb\n")
    editor.mark_error(Location(2, 4, 2, 7), "no")
    for line, column, text, marked_line in ((3, 0, "# ", 2), (2, 0, "\n", 3), (1, 1, "\n", 4)):
        editor.go_to_line(line, column)
        editor.insertPlainText(text)
        assert editor.error_line == marked_line
    editor.go_to_line(4, 0)
    editor.insertPlainText("my_")
    assert editor.error_line is None


def test_an_error_without_a_range_marks_the_rest_of_its_line(editor) -> None:
    editor.replace_text("f(\n")
    editor.mark_error(Location(1, 1, 1, 1), "'(' was never closed")
    marked = [s.cursor.selectedText() for s in editor.extraSelections() if s.cursor.hasSelection()]
    assert "(" in marked


def test_the_bracket_at_the_cursor_and_its_partner_are_marked(editor) -> None:
    editor.replace_text("f(a[0])")
    editor.go_to_line(1, 2)
    places = {
        s.cursor.selectionStart() for s in editor.extraSelections() if s.cursor.hasSelection()
    }
    assert places == {1, 6}


def test_the_text_grows_and_shrinks_within_bounds(editor) -> None:
    editor.set_font_points(1000)
    assert editor.font_points == 48
    editor.set_font_points(-3)
    assert editor.font_points == 6


def test_amending_changes_only_what_differs_and_can_be_undone(editor) -> None:
    editor.replace_text("a\nb\nc")
    editor.go_to_line(3, 1)
    editor.amend_text("# new\na\nb\nc")
    assert editor.toPlainText() == "# new\na\nb\nc"
    assert editor.place_of_cursor() == (4, 1)
    editor.undo()
    assert editor.toPlainText() == "a\nb\nc"


def test_clicking_a_line_number_goes_there(qtbot, editor) -> None:
    editor.replace_text("a\nb\nc")
    top = editor.cursorRect(editor.cursor_at(Location(3, 0, 3, 0))).center().y()
    gutter = editor.childAt(QPoint(24, top))
    qtbot.mousePress(gutter, Qt.MouseButton.LeftButton, pos=QPoint(24, top))
    assert editor.place_of_cursor() == (3, 0)


def test_find_goes_round_and_says_when_there_is_nothing(qtbot, editor) -> None:
    bar = FindBar(editor, Appearance())
    qtbot.addWidget(bar)
    editor.replace_text("one two one")
    bar.open()
    line = bar.line
    qtbot.keyClicks(line, "one")
    assert editor.textCursor().selectionStart() == 0
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert editor.textCursor().selectionStart() == 8
    qtbot.keyClick(line, Qt.Key.Key_Return)
    assert editor.textCursor().selectionStart() == 0
    qtbot.keyClick(line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert editor.textCursor().selectionStart() == 8
    qtbot.keyClicks(line, "!")
    assert bar.count.text() == "Not found"
    qtbot.keyClick(line, Qt.Key.Key_Escape)
    assert bar.isHidden()


def test_what_is_counted_is_the_text_as_it_stands(qtbot, editor) -> None:
    bar = FindBar(editor, Appearance())
    qtbot.addWidget(bar)
    editor.replace_text("one two one")
    bar.open()
    qtbot.keyClicks(bar.line, "one")
    several = bar.count.text()
    editor.replace_text("one two")
    single = bar.count.text()
    assert ("2" in several, "1" in single) == (True, True)
    bar.dismiss()
    editor.replace_text("two")
    bar.open()
    assert bar.count.text() == "Not found"


def test_a_pasted_session_is_its_code(editor) -> None:
    QApplication.clipboard().setText(">>> x = 1\n>>> x\n1\n")
    editor.paste()
    assert editor.toPlainText() == "x = 1\nx\n"
    editor.undo()
    assert editor.toPlainText() == ""
    QApplication.clipboard().setText("a  # >>> b\n")
    editor.paste()
    assert editor.toPlainText() == "a  # >>> b\n"


def test_a_pasted_page_is_its_code(editor) -> None:
    QApplication.clipboard().setText("1 x = “a”\n2 y = 2 − 1\n")
    editor.paste()
    assert editor.toPlainText() == 'x = "a"\ny = 2 - 1\n'
    editor.undo()
    assert editor.toPlainText() == ""


def test_a_new_line_is_seen_from_its_margin_after_a_long_one(qtbot, editor) -> None:
    qtbot.keyClicks(editor, "    " + "a" * 60)
    assert editor.horizontalScrollBar().value() > 0
    # No farther than the next line is indented, which is thereby in view anyway.
    editor.horizontalScrollBar().setValue(20)
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    assert editor.horizontalScrollBar().value() == 0

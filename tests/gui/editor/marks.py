"""What is marked in an editor, read from what it draws."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QTextCharFormat

from gradviz.gui.editor.code_editor import CodeEditor


def highlighted_text(editor: CodeEditor) -> str:
    """The text on the colour of the selected item."""
    return _text_on(editor, editor.theme.leaf.fill)


def step_text(editor: CodeEditor) -> str:
    """The text on the colour of the executed step."""
    return _text_on(editor, editor.theme.current_fill)


def underlined_text(editor: CodeEditor) -> str:
    """The text underlined as wrong while it is written."""
    wave = QTextCharFormat.UnderlineStyle.WaveUnderline
    found = [
        one.cursor.selectedText()
        for one in editor.extraSelections()
        if one.format.underlineStyle() == wave
        and one.format.background().style() == Qt.BrushStyle.NoBrush
    ]
    return "".join(found)


def _text_on(editor: CodeEditor, colour: str) -> str:
    found = [
        one.cursor.selectedText()
        for one in editor.extraSelections()
        if one.format.background().style() != Qt.BrushStyle.NoBrush
        and one.format.background().color() == QColor(colour)
    ]
    return "".join(found)

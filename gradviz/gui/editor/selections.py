"""How places of the text are marked: lines, ranges, the error and matching brackets."""

from __future__ import annotations

from typing import Final

from PySide6.QtGui import QColor, QFont, QTextCharFormat, QTextCursor, QTextFormat
from PySide6.QtWidgets import QTextEdit

from gradviz.gui.editor import editing
from gradviz.gui.style import Theme

_BRACKET_REACH: Final = 20_000
"""A partner is looked for at most this many characters away, so that a keypress costs the same in
any file."""


def line_selection(cursor: QTextCursor, colour: str) -> QTextEdit.ExtraSelection:
    """The whole line of a cursor on a background."""
    form = QTextCharFormat()
    form.setBackground(QColor(colour))
    form.setProperty(QTextFormat.Property.FullWidthSelection, True)
    bare = QTextCursor(cursor)
    bare.clearSelection()
    return _selection(bare, form)


def range_selection(cursor: QTextCursor, colour: str) -> QTextEdit.ExtraSelection:
    """What a cursor selects on a background."""
    form = QTextCharFormat()
    form.setBackground(QColor(colour))
    return _selection(cursor, form)


def error_selection(cursor: QTextCursor, theme: Theme) -> QTextEdit.ExtraSelection:
    """What a cursor selects, underlined and on a background."""
    marked = syntax_selection(cursor, theme)
    marked.format.setBackground(QColor(theme.error_fill))
    return marked


def syntax_selection(cursor: QTextCursor, theme: Theme) -> QTextEdit.ExtraSelection:
    """What a cursor selects, underlined."""
    form = QTextCharFormat()
    form.setUnderlineStyle(QTextCharFormat.UnderlineStyle.WaveUnderline)
    form.setUnderlineColor(QColor(theme.error))
    return _selection(cursor, form)


def bracket_selections(cursor: QTextCursor, theme: Theme) -> list[QTextEdit.ExtraSelection]:
    """The bracket beside a cursor and its partner, or in the error colour one without a partner."""
    document, position = cursor.document(), cursor.position()
    piece = QTextCursor(document)
    piece.setPosition(document.findBlock(max(0, position - _BRACKET_REACH)).position())
    offset = piece.position()
    end = min(document.characterCount() - 1, position + _BRACKET_REACH)
    piece.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
    # Qt's selectedText has one unit per position, with U+2029 between lines.
    text = piece.selectedText().replace("\u2029", "\n")
    if any(character > "\uffff" for character in text):
        return []
    found = editing.match_bracket(text, position - offset)
    if found is None:
        return []
    own, partner = found
    form = QTextCharFormat()
    if partner is None:
        form.setForeground(QColor(theme.error))
    else:
        form.setBackground(QColor(theme.border))
    form.setFontWeight(QFont.Weight.Bold)
    marked = []
    for at in (own,) if partner is None else (own, partner):
        bracket = QTextCursor(document)
        bracket.setPosition(offset + at)
        bracket.setPosition(offset + at + 1, QTextCursor.MoveMode.KeepAnchor)
        marked.append(_selection(bracket, form))
    return marked


def _selection(cursor: QTextCursor, form: QTextCharFormat) -> QTextEdit.ExtraSelection:
    selection = QTextEdit.ExtraSelection()
    selection.cursor = cursor
    selection.format = form
    return selection

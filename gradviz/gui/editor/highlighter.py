"""Colour Python text line by line with Pygments, carrying the lexer's state between lines."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pygments.lexer import ExtendedRegexLexer, LexerContext
from pygments.lexers.python import PythonLexer
from pygments.token import Token
from PySide6.QtGui import QColor, QFont, QSyntaxHighlighter, QTextCharFormat, QTextDocument

from gradviz.gui.editor.editing import utf16_length
from gradviz.gui.style import Theme

_START: Final = ("root",)
# Broken text can pile up lexer states; nothing that a person writes on purpose nests this deep.
_MAX_DEPTH: Final = 16


class _LineLexer(ExtendedRegexLexer, PythonLexer):
    """Pygments' Python lexer, able to start and to stop between any two lines."""

    def lex_line(
        self, line: str, state: tuple[str, ...]
    ) -> tuple[list[tuple[int, Any, str]], tuple[str, ...]]:
        """The tokens of one line that starts in `state`, and the state after it."""
        text = line + "\n"
        context = LexerContext(text, 0, stack=list(state))
        tokens: Iterator[tuple[int, Any, str]] = self.get_tokens_unprocessed(context=context)
        found = list(tokens)
        after = tuple(context.stack)
        return found, after if 0 < len(after) <= _MAX_DEPTH else _START


class PythonHighlighter(QSyntaxHighlighter):
    """Syntax colours of a document; only changed lines are lexed again."""

    def __init__(self, document: QTextDocument, theme: Theme) -> None:
        super().__init__(document)
        self._lexer = _LineLexer()
        self._states: list[tuple[str, ...]] = [_START]
        self._formats = _make_formats(theme)

    def set_theme(self, theme: Theme) -> None:
        """Colour the text for another theme."""
        self._formats = _make_formats(theme)
        self.rehighlight()

    def highlightBlock(self, text: str) -> None:
        """Colour one line."""
        number = self.previousBlockState()
        before = self._states[number] if 0 <= number < len(self._states) else _START
        tokens, after = self._lexer.lex_line(text, before)
        is_wide = not text.isascii()
        for start, token, piece in tokens:
            form = self._format_of(token)
            if form is None:
                continue
            length = len(piece)
            if is_wide:
                start, length = utf16_length(text[:start]), utf16_length(piece)
            self.setFormat(start, length, form)
        if after not in self._states:
            self._states.append(after)
        self.setCurrentBlockState(self._states.index(after))

    def _format_of(self, token: Any) -> QTextCharFormat | None:
        while token is not None:
            if token in self._formats:
                return self._formats[token]
            token = token.parent
        return None


def _make_formats(theme: Theme) -> dict[Any, QTextCharFormat]:
    def ink(colour: str, *, bold: bool = False, italic: bool = False) -> QTextCharFormat:
        form = QTextCharFormat()
        form.setForeground(QColor(colour))
        if bold:
            form.setFontWeight(QFont.Weight.DemiBold)
        form.setFontItalic(italic)
        return form

    return {
        Token.Keyword: ink(theme.keyword),
        Token.Keyword.Constant: ink(theme.builtin),
        Token.Operator.Word: ink(theme.keyword),
        Token.Operator: ink(theme.operator),
        Token.Literal.String: ink(theme.string),
        Token.Literal.String.Interpol: ink(theme.builtin),
        Token.Literal.Number: ink(theme.number),
        Token.Comment: ink(theme.comment, italic=True),
        Token.Name.Function: ink(theme.function),
        Token.Name.Class: ink(theme.function),
        Token.Name.Decorator: ink(theme.builtin),
        Token.Name.Builtin: ink(theme.builtin),
        Token.Name.Builtin.Pseudo: ink(theme.builtin, italic=True),
        Token.Name.Exception: ink(theme.builtin),
    }

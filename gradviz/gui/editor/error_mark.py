"""A piece of the text that is wrong, and why."""

from __future__ import annotations

from PySide6.QtGui import QTextCursor


class ErrorMark:
    """What a cursor selects is wrong until a line of it is edited; edits elsewhere move the mark.

    Attributes:
        cursor: selects what is wrong.
        sentence: says why.
    """

    def __init__(self, cursor: QTextCursor, sentence: str) -> None:
        self.cursor = cursor
        self.sentence = sentence
        self._text = self._lines()

    @property
    def line(self) -> int:
        """Where it begins now, from 1."""
        return self.cursor.document().findBlock(self.cursor.selectionStart()).blockNumber() + 1

    @property
    def is_edited(self) -> bool:
        """Whether one of its lines is no longer what it was."""
        return self._lines() != self._text

    def covers(self, position: int) -> bool:
        """Whether a position of the document lies in it."""
        return self.cursor.selectionStart() <= position <= self.cursor.selectionEnd()

    def _lines(self) -> list[str]:
        document = self.cursor.document()
        block = document.findBlock(self.cursor.selectionStart())
        last = document.findBlock(self.cursor.selectionEnd()).blockNumber()
        lines = []
        while block.isValid() and block.blockNumber() <= last:
            lines.append(block.text())
            block = block.next()
        return lines

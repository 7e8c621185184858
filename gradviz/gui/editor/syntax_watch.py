"""Look for a syntax error whenever typing pauses, and underline it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QObject

from gradviz.documents.check import check
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.sentences import in_language
from gradviz.gui.threads import Background
from gradviz.gui.timers import single_shot
from gradviz.recording.model import RunError

PAUSE_MS: Final = 500
PATIENCE_MS: Final = 2_000
"""What is left unfinished for so long on the line of the cursor is underlined there, too."""
_AT_ONCE: Final = 20_000
"""Characters that are parsed in a few milliseconds."""
_LONGEST_TEXT: Final = 300_000
"""Longer texts are looked at when they are run: parsing keeps Python to itself."""


class SyntaxWatch(QObject):
    """Underlines the first syntax error of the text in the editor; nothing is run for that.

    On a line that is being typed it waits: for the cursor to leave it, or for a longer pause.
    """

    def __init__(self, editor: CodeEditor, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._background = Background("syntax", parent=self)
        self._pause = single_shot(self, self._look_patiently, PAUSE_MS)
        self._patience = single_shot(self, self._end_patience, PATIENCE_MS - PAUSE_MS)
        self._held: RunError | None = None
        editor.textChanged.connect(self._on_text_changed)
        editor.cursorPositionChanged.connect(self._on_cursor_moved)

    def look(self) -> None:
        """Look at the text as it is now."""
        self._look(self._show)

    def _look_patiently(self) -> None:
        self._look(self._show_or_hold)

    def _look(self, use: Callable[[RunError | None], None]) -> None:
        self._drop()
        text = self._editor.toPlainText()
        if self._editor.isReadOnly() or len(text) > _LONGEST_TEXT:
            self._show(None)
        else:
            at_once = len(text) <= _AT_ONCE
            self._background.call(lambda: check(text), use, at_once=at_once)

    def _drop(self) -> None:
        self._pause.stop()
        self._patience.stop()
        self._held = None

    def _on_text_changed(self) -> None:
        self._background.drop()
        self._drop()
        self._pause.start()

    def _on_cursor_moved(self) -> None:
        if self._held is not None and not self._is_being_typed(self._held):
            self._end_patience()

    def _is_being_typed(self, error: RunError) -> bool:
        place = error.location
        return place is not None and place.line <= self._editor.line_of_cursor() <= place.end_line

    def _show_or_hold(self, error: RunError | None) -> None:
        if error is not None and self._is_being_typed(error):
            self._show(None)
            self._held = error
            self._patience.start()
        else:
            self._show(error)

    def _end_patience(self) -> None:
        error = self._held
        self._drop()
        self._show(error)

    def _show(self, error: RunError | None) -> None:
        location = None if error is None else error.location
        if error is None or location is None:
            self._editor.clear_syntax_error()
        else:
            self._editor.mark_syntax_error(location, _sentence(error))


def _sentence(error: RunError) -> str:
    said = f"{error.type}: {in_language(error.message)}"
    return f"{said.rstrip('.')}. {in_language(error.help)}" if error.help else said

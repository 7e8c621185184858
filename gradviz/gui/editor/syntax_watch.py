"""Look for a syntax error whenever typing pauses, and underline it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QObject

from gradviz.documents.check import check
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.sentences import in_language
from gradviz.gui.threads import Background
from gradviz.gui.timers import single_shot
from gradviz.recording.model import RunError

PAUSE_MS: Final = 500
_AT_ONCE: Final = 20_000
"""Characters that are parsed in a few milliseconds."""
_LONGEST_TEXT: Final = 300_000
"""Longer texts are looked at when they are run: parsing keeps Python to itself."""


class SyntaxWatch(QObject):
    """Underlines the first syntax error of the text in the editor; nothing is run for that."""

    def __init__(self, editor: CodeEditor, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._editor = editor
        self._background = Background("syntax", parent=self)
        self._timer = single_shot(self, self.look, PAUSE_MS)
        editor.textChanged.connect(self._on_text_changed)

    def look(self) -> None:
        """Look at the text as it is now."""
        self._timer.stop()
        text = self._editor.toPlainText()
        if self._editor.isReadOnly() or len(text) > _LONGEST_TEXT:
            self._show(None)
        else:
            at_once = len(text) <= _AT_ONCE
            self._background.call(lambda: check(text), self._show, at_once=at_once)

    def _on_text_changed(self) -> None:
        self._background.drop()
        self._timer.start()

    def _show(self, error: RunError | None) -> None:
        location = None if error is None else error.location
        if error is None or location is None:
            self._editor.clear_syntax_error()
        else:
            self._editor.mark_syntax_error(location, _sentence(error))


def _sentence(error: RunError) -> str:
    said = f"{error.type}: {in_language(error.message)}"
    return f"{said.rstrip('.')}. {in_language(error.help)}" if error.help else said

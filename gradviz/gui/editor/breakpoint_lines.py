"""Breakpoints in the editor's margin: set by a click, and kept on their lines while one types."""

from __future__ import annotations

import msgspec
from PySide6.QtCore import QObject
from PySide6.QtGui import QTextCursor

from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.editor.gutter import LineMark
from gradviz.gui.session import Session
from gradviz.recording.breakpoints import Breakpoint, Place, line_breakpoint, toggled


class BreakpointLines(QObject):
    """Marks the session's breakpoints beside the text, and moves their lines with it."""

    def __init__(
        self, editor: CodeEditor, session: Session, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._session = session
        self._anchors: list[tuple[Breakpoint, QTextCursor]] = []
        self._is_moving = False
        editor.mark_clicked.connect(self.toggle)
        editor.document().contentsChange.connect(self._on_contents_change)
        session.breakpoints_changed.connect(self._on_breakpoints_changed)
        self._on_breakpoints_changed()

    def toggle(self, line: int) -> None:
        """Break on a line, or no more."""
        points = toggled(self._session.breakpoints, line_breakpoint(line))
        self._session.set_breakpoints(points)

    def _on_breakpoints_changed(self) -> None:
        if not self._is_moving:
            self._anchors = [
                (point, self._anchor(point.line))
                for point in self._session.breakpoints
                if point.line is not None
            ]
        self._show()

    def _anchor(self, line: int) -> QTextCursor:
        """A cursor where the line's code begins: a line break typed before that moves it."""
        cursor = QTextCursor(self._editor.document())
        block = self._editor.document().findBlockByNumber(line - 1)
        text = block.text()
        cursor.setPosition(self._editor.position_of(line, len(text) - len(text.lstrip())))
        return cursor

    def _on_contents_change(self, _position: int, _removed: int, _added: int) -> None:
        lines = {
            point: cursor.blockNumber() + 1
            for point, cursor in self._anchors
            if cursor.blockNumber() + 1 != point.line
        }
        if not lines:
            return
        moved = {p: msgspec.structs.replace(p, line=line) for p, line in lines.items()}
        self._anchors = [(moved.get(point, point), cursor) for point, cursor in self._anchors]
        self._is_moving = True
        try:
            self._session.set_breakpoints(
                tuple(moved.get(point, point) for point in self._session.breakpoints)
            )
        finally:
            self._is_moving = False

    def _show(self) -> None:
        marks: dict[int, LineMark] = {}
        for point in self._session.breakpoints:
            if point.line is not None:
                is_line = point.on is Place.LINE
                mark = LineMark(is_whole=is_line, is_on=point.enabled)
                before = marks.get(point.line)
                if before is not None:
                    mark = LineMark(
                        is_whole=before.is_whole or is_line, is_on=before.is_on or point.enabled
                    )
                marks[point.line] = mark
        self._editor.set_line_marks(marks)

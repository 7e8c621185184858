"""Undo and redo where the keyboard is: edits of the text, or of the graph."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtGui import QAction, QUndoCommand, QUndoStack
from PySide6.QtWidgets import QApplication, QWidget

from gradviz.gui.centre import Centre
from gradviz.gui.editor.code_editor import CodeEditor

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas
    from gradviz.gui.canvas.moving import Offset
    from gradviz.gui.session import Session
    from gradviz.recording.model import Item
    from gradviz.recording.view_options import Folds


class MoveCards(QUndoCommand):
    """Some cards moved by hand, or put back; each with its offsets before and after."""

    def __init__(
        self, canvas: Canvas, moves: list[tuple[Item, Offset | None, Offset | None]]
    ) -> None:
        super().__init__()
        self._canvas, self._moves = canvas, moves

    def redo(self) -> None:
        """Put the cards where they are after it."""
        for item, _before, after in self._moves:
            if self._canvas.offset_of(item) != after:
                self._canvas.set_offset(item, after)

    def undo(self) -> None:
        """Put the cards where they were before it."""
        for item, before, _after in self._moves:
            self._canvas.set_offset(item, before)


class FoldScopes(QUndoCommand):
    """Some scopes opened or folded."""

    def __init__(self, session: Session, before: Folds, after: Folds) -> None:
        super().__init__()
        self._session, self._before, self._after = session, before, after

    def redo(self) -> None:
        """Open and fold as it is after it."""
        self._session.change_view(folds=self._after)

    def undo(self) -> None:
        """Open and fold as it was before it."""
        self._session.change_view(folds=self._before)


class Undoing(QObject):
    """Undo and redo in the editor or in the graph, whichever has the focus.

    Attributes:
        graph_edits: what was done to the graph.
    """

    def __init__(
        self, editor: CodeEditor, centre: Centre, session: Session, *, parent: QWidget
    ) -> None:
        super().__init__(parent)
        self._editor, self._centre, self._session = editor, centre, session
        self._undo: QAction | None = None
        self._redo: QAction | None = None
        self.graph_edits = QUndoStack(self)
        centre.card_moved.connect(self._on_card_moved)
        centre.layout_reset.connect(self._on_layout_reset)
        session.scopes_folded.connect(self._on_scopes_folded)
        session.view_forgotten.connect(self.graph_edits.clear)

    def attach(self, undo: QAction, redo: QAction) -> None:
        """Enable these actions where there is something to undo or redo."""
        self._undo, self._redo = undo, redo
        self.graph_edits.indexChanged.connect(self._enable)
        self._editor.undoAvailable.connect(self._enable)
        self._editor.redoAvailable.connect(self._enable)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._enable)
        self._enable()

    def undo(self) -> None:
        """Take back the last edit."""
        if self._is_in_graph:
            self.graph_edits.undo()
        else:
            self._editor.undo()

    def redo(self) -> None:
        """Redo the edit that was taken back last."""
        if self._is_in_graph:
            self.graph_edits.redo()
        else:
            self._editor.redo()

    @property
    def _is_in_graph(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and self._centre.graph.isAncestorOf(focused)

    def _enable(self, *_changed: object) -> None:
        if self._undo is None or self._redo is None:
            return
        text = self._editor.document()
        stack = self.graph_edits
        in_graph = self._is_in_graph
        self._undo.setEnabled(stack.canUndo() if in_graph else text.isUndoAvailable())
        self._redo.setEnabled(stack.canRedo() if in_graph else text.isRedoAvailable())

    def _on_card_moved(self, item: Item, before: Offset | None, after: Offset | None) -> None:
        if self._centre.canvas is not None:
            self.graph_edits.push(MoveCards(self._centre.canvas, [(item, before, after)]))

    def _on_scopes_folded(self, before: Folds, after: Folds) -> None:
        self.graph_edits.push(FoldScopes(self._session, before, after))

    def _on_layout_reset(self, moved: list[tuple[Item, Offset]]) -> None:
        if self._centre.canvas is not None:
            moves: list[tuple[Item, Offset | None, Offset | None]] = [
                (item, offset, None) for item, offset in moved
            ]
            self.graph_edits.push(MoveCards(self._centre.canvas, moves))

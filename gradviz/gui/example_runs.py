"""Shipped examples run by themselves when they are opened; files only run when asked to."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import QObject

from gradviz.gui.centre import Centre
from gradviz.gui.document import Document, Origin
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.library import examples_folder
from gradviz.gui.panels import Panels
from gradviz.gui.run_control import RunControl
from gradviz.gui.session import Session


class ExampleRuns(QObject):
    """Opens and runs shipped examples, the first one as soon as engine and panels are there."""

    def __init__(
        self,
        document: Document,
        editor: CodeEditor,
        session: Session,
        engine: Engine,
        run_control: RunControl,
        centre: Centre,
        panels: Panels,
        *,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._document = document
        self._editor = editor
        self._session = session
        self._engine = engine
        self._run_control = run_control
        self._centre = centre
        self._panels = panels
        self._is_due = False
        document.opened.connect(self._on_document_opened)
        editor.textChanged.connect(self._on_text_changed)
        engine.state_changed.connect(self.look_at_engine)
        panels.built.connect(self._run_when_possible)
        run_control.changed.connect(self._on_run_changed)

    def expect(self) -> None:
        """Run the document once that is possible, where it is an example."""
        self._is_due = self._document.origin is Origin.EXAMPLE
        self._centre.expect_graph(self._is_due)

    def open(self, path: Path) -> None:
        """Open an example and run it."""
        if self._document.open_path(path):
            self._run_control.run()

    def translate(self) -> None:
        """Open an example that nobody has touched yet in the language that is used now."""
        document, session = self._document, self._session
        is_untouched = session.playhead == 0 and session.selection is None and not session.conceals
        if (
            document.origin is Origin.EXAMPLE
            and not document.is_modified
            and is_untouched
            and session.recording.tensors
            and self._engine.state is EngineState.READY
        ):
            path = examples_folder() / document.name
            if path.read_text(encoding="utf-8") != self._editor.toPlainText():
                self.open(path)

    def look_at_engine(self) -> None:
        """Run what is due where the engine is ready; expect no graph of one that is dead."""
        if self._engine.state is EngineState.DEAD:
            self._centre.expect_graph(False)
        self._run_when_possible()

    def _run_when_possible(self) -> None:
        if self._is_due and self._engine.state is EngineState.READY and self._panels.are_built:
            self._is_due = False
            self._run_control.run()

    def _on_document_opened(self) -> None:
        self._is_due = False

    def _on_run_changed(self) -> None:
        self._centre.set_running(self._run_control.is_running)

    def _on_text_changed(self) -> None:
        if self._document.is_modified and self._is_due:
            self._is_due = False
            self._centre.expect_graph(False)

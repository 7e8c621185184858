"""Save or copy the picture of the graph as it is shown, off the window's thread."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from threading import Thread
from typing import TYPE_CHECKING, Final, NamedTuple

import shiboken6
from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QGuiApplication, QImage

from gradviz.errors import GradvizError
from gradviz.gui.centre import Centre
from gradviz.gui.document import Document
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.settings import Settings

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas
    from gradviz.gui.canvas.look import Look
    from gradviz.gui.canvas.picture_extras import Extras
    from gradviz.gui.canvas.scene import Scene
    from gradviz.recording.view import ViewOptions

MAX_PAGES: Final = 500
"""More would take minutes to write, and nobody turns that many."""
_TEXTS: Final = (".dot", ".json")


class _Drawing(NamedTuple):
    look: Look
    options: ViewOptions
    playhead: int
    extras: Extras


class GraphExport(QObject):
    """Writes what the canvas draws: the same view, at the same moment.

    The colours are those of white paper, or the window's where the person wants them.

    Signals:
        reported: one sentence for the status bar (str).
        finished: a picture was written, copied, or could not be.
    """

    reported = Signal(str)
    finished = Signal()
    _done = Signal(object)

    def __init__(
        self,
        session: Session,
        centre: Centre,
        document: Document,
        settings: Settings,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._session, self._centre = session, centre
        self._document, self._settings = document, settings
        self._done.connect(self._on_done)

    def export(self) -> None:
        """Ask for a file and write the graph into it; its ending says how."""
        scene = self._scene()
        target = None if scene is None else self._document.choose_export()
        if scene is not None and target is not None:
            self.export_to(target)

    def export_to(self, target: Path) -> None:
        """Write the graph into a file; its ending says how."""
        scene = self._scene()
        if self._session.conceals and target.suffix.lower() == ".json":
            self.reported.emit(
                self.tr("The report contains the gradients: finish predicting before you save it.")
            )
            self.finished.emit()
        elif scene is not None:
            self.reported.emit(self.tr("Saving {name}…").format(name=target.name))
            draw = self._drawing()
            self._start(lambda: self._write(scene, target, draw))

    def export_steps(self) -> None:
        """Ask for a file and write a page for each step into it; its ending says how."""
        scene = self._scene()
        problem = self._why_no_steps()
        if problem:
            self.reported.emit(problem)
            self.finished.emit()
            return
        target = None if scene is None else self._document.choose_export(for_steps=True)
        if scene is not None and target is not None:
            self.export_steps_to(target)

    def export_steps_to(self, target: Path) -> None:
        """Write a page for each step of the passes that are shown; its ending says how."""
        scene, canvas = self._scene(), self._centre.canvas
        if scene is None or canvas is None:
            return
        from gradviz.gui.canvas.picture import StepPage, write_steps
        from gradviz.gui.timeline.wording import describe_playhead

        self.reported.emit(self.tr("Saving {name}…").format(name=target.name))
        replay = self._session.replay
        pages = [
            StepPage(at, canvas.extras(at), describe_playhead(replay, at))
            for at in self._playheads()
        ]
        look, options = self._look(canvas), self._session.view_options

        def write() -> Path:
            write_steps(scene, pages, look, options, target)
            return target

        self._start(write)

    def _why_no_steps(self) -> str:
        count = len(self._playheads())
        if self._session.conceals:
            return self.tr("The steps tell the gradients: finish predicting before you save them.")
        if count < 2:
            return self.tr("There are no steps to save: run code that calls .backward().")
        if count > MAX_PAGES:
            return self.tr(
                "That would be %Ln pages: choose This pass, or make the code do less.", "", count
            )
        return ""

    def _playheads(self) -> range:
        """The moments of the pass that is shown alone, or of all."""
        replay, shown = self._session.replay, self._session.view_options.pass_id
        if shown is None:
            return range(replay.length + 1)
        first, last = replay.span_of(shown)
        return range(first, last + 1)

    def copy(self) -> None:
        """Put the picture on the clipboard."""
        scene = self._scene()
        if scene is not None:
            draw = self._drawing()
            self._start(lambda: self._image(scene, draw))

    def toggle_colours(self) -> None:
        """Draw pictures in the window's colours from now on, or on white paper again."""
        self._settings.pictures_as_shown = not self._settings.pictures_as_shown

    def _scene(self) -> Scene | None:
        canvas = self._centre.canvas
        return None if canvas is None else canvas.scene

    def _drawing(self) -> _Drawing:
        """How the canvas draws at this moment; the threads that write do not ask it."""
        canvas = self._centre.canvas
        assert canvas is not None
        options = self._session.view_options
        return _Drawing(self._look(canvas), options, self._session.playhead, canvas.extras())

    def _look(self, canvas: Canvas) -> Look:
        return canvas.look if self._settings.pictures_as_shown else canvas.look.on_paper()

    def _write(self, scene: Scene, target: Path, draw: _Drawing) -> Path:
        options, recording = draw.options, scene.recording
        suffix = target.suffix.lower()
        if suffix in _TEXTS:
            from gradviz.documents.files import replace_file
            from gradviz.export.dot import dot_text
            from gradviz.export.report import report_text

            text = dot_text(recording, options) if suffix == ".dot" else report_text(recording)
            replace_file(target, text.encode())
        else:
            from gradviz.gui.canvas.marks import Marks
            from gradviz.gui.canvas.picture import write_scene

            marks = Marks(scene, draw.playhead)
            write_scene(scene, marks, draw.look, options, target, extras=draw.extras)
        return target

    def _image(self, scene: Scene, draw: _Drawing) -> QImage:
        from gradviz.gui.canvas.marks import Marks
        from gradviz.gui.canvas.picture import scene_image

        marks = Marks(scene, draw.playhead)
        return scene_image(scene, marks, draw.look, draw.options, extras=draw.extras)

    def _start(self, work: Callable[[], object]) -> None:
        def run() -> None:
            try:
                result = work()
            except Exception as error:  # A thread has nobody else to tell.
                result = error
            if shiboken6.isValid(self):
                self._done.emit(result)

        Thread(target=run, name="gradviz-export", daemon=True).start()

    def _on_done(self, result: object) -> None:
        if isinstance(result, QImage):
            QGuiApplication.clipboard().setImage(result)
            self.reported.emit(self.tr("The picture is on the clipboard"))
        elif isinstance(result, Path):
            self.reported.emit(self.tr("Saved {name}").format(name=result.name))
        elif isinstance(result, Exception):
            self.reported.emit("")
            sentence = str(result)
            if isinstance(result, GradvizError):
                sentence = in_language(sentence)
            self._document.tell_problem(sentence)
        self.finished.emit()

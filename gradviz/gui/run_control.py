"""Run the document in the engine, stop it, and show how it went."""

from __future__ import annotations

import os
import re
from typing import Final, assert_never

import msgspec
from PySide6.QtCore import QCoreApplication, QObject, Signal

from gradviz.gui.action_spec import QT_TRANSLATE_NOOP
from gradviz.gui.document import Document
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.indexing import RecordingShower
from gradviz.gui.line_map import LineMap
from gradviz.gui.output_pane import OutputPane
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.timers import single_shot
from gradviz.recording.changes import Change
from gradviz.recording.extent import Extent
from gradviz.recording.model import Output, Recording, RunError, RunStatus
from gradviz.recording.units import format_seconds
from gradviz.recording.verification import Verification
from gradviz.recording.view_options import default_view
from gradviz.worker.client import chooses_backend

# What a person waits for an interrupt before a harder way is offered.
FORCE_AFTER_MS: Final = 2_000
# What a call that shows a window and returns at once takes, and more.
WAITING_AFTER_MS: Final = 2_000
_INTERRUPTED: Final = "KeyboardInterrupt"
_SHOW: Final = ".show("
"""What a call such as `plt.show()` has in it, which returns once its window is closed."""
_BACKEND: Final = re.compile(r"MPLBACKEND|\buse\(|\bswitch_backend\(")
"""What chooses a backend of matplotlib, which may open windows; else its figures are outputs."""
_WAITING: Final = QT_TRANSLATE_NOOP(
    "RunControl", "Line {line} waits: the run goes on when the window that it opened is closed"
)
_STOPPED: Final = QT_TRANSLATE_NOOP("RunControl", "Stopped")
_BUSY: Final = QT_TRANSLATE_NOOP("RunControl", "The engine is busy; stop it first")


class RunControl(QObject):
    """Starts and stops runs, and shows their results in editor, output and session.

    Attributes:
        is_waiting: a run was asked for while the engine could not take it, and will be made.
        may_force: stopping took too long, so that ending the process is offered.
        shown_changes: what was changed in the run that is shown.
        extents: how far its large values are from those of the run beside it.

    Signals:
        changed: what can be done has changed.
        reported: one sentence for the status bar (str).
        shown_graph_is_old: the graph is that of an earlier run (bool).
    """

    changed = Signal()
    reported = Signal(str)
    shown_graph_is_old = Signal(bool)

    def __init__(
        self,
        engine: Engine,
        session: Session,
        document: Document,
        editor: CodeEditor,
        output: OutputPane,
        *,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._engine = engine
        self._session = session
        self._document = document
        self._editor = editor
        self._output = output
        self._text = ""
        self._report: tuple[str, dict[str, object]] = ("", {})
        self._is_running = False
        self._changes: tuple[Change, ...] = ()
        self._verifies = False
        self._beside = 0
        self._verification: Verification | None = None
        self.is_waiting = False
        self.may_force = False
        self.shown_changes: tuple[Change, ...] = ()
        self.extents: tuple[Extent, ...] = ()
        self._start_soon = single_shot(self, self._on_start_due)
        self._patience = single_shot(self, self._on_patience_ended, FORCE_AFTER_MS)
        self._lingering = single_shot(self, self._on_lingered, WAITING_AFTER_MS)
        self._line = 0
        self._shower = RecordingShower(session, parent=self)
        self._shower.shown.connect(self._on_shown)
        engine.state_changed.connect(self._on_state_changed)
        engine.output_added.connect(self._on_output_added)
        engine.line_reached.connect(self._on_line_reached)
        engine.gradients_verified.connect(self._on_gradients_verified)
        engine.run_compared.connect(self._on_run_compared)
        engine.run_finished.connect(self._on_run_finished)
        engine.died.connect(self._on_died)
        engine.request_failed.connect(self._on_request_failed)

    @property
    def is_running(self) -> bool:
        """Whether the document is being run (the engine may be busy with something else)."""
        return self._is_running

    @property
    def obstacle(self) -> str:
        """Why the document cannot be run at the moment, empty where it can."""
        match self._engine.state:
            case EngineState.READY | EngineState.DEAD:
                return ""
            case EngineState.STARTING:
                return self.tr("The engine is starting: torch is being imported")
            case EngineState.BUSY:
                return QCoreApplication.translate("RunControl", _BUSY)
            case EngineState.STOPPING:
                return self.tr("The engine is stopping")
            case state:
                assert_never(state)

    def retranslate(self) -> None:
        """Report in the language that is in use now what was reported last."""
        text, parameters = self._report
        self._say(text, **parameters)

    def _say(self, text: str, **parameters: object) -> None:
        """Report a sentence, given in English."""
        self._report = (text, parameters)
        said = QCoreApplication.translate("RunControl", text) if text else ""
        # What the engine said is a sentence as well.
        told = {k: in_language(v) if isinstance(v, str) else v for k, v in parameters.items()}
        self.reported.emit(said.format(**told))

    def run(
        self, *, changes: tuple[Change, ...] = (), verify: bool = False, beside: int = 0
    ) -> None:
        """Run the text as it stands, now or once the engine has started; not while it is busy.

        `changes` are made on the way; `verify` checks every gradient. The run `beside`, as
        `shown_run` gave it, is compared with it and can be shown again; 0 for none.
        """
        state = self._engine.state
        if state is EngineState.BUSY:
            self._say(_BUSY)
            return
        if not self._document.may_run():
            return
        self._changes, self._verifies, self._beside = changes, verify, beside
        # While the person was asked the engine went on.
        state = self._engine.state
        if state is EngineState.READY:
            self._start()
            return
        self.is_waiting = True
        self._say(
            QT_TRANSLATE_NOOP("RunControl", "The code will run as soon as the engine is ready")
        )
        if state is EngineState.DEAD:
            self._engine.force_restart()
        self.changed.emit()

    def stop(self) -> None:
        """Stop what is running; when that took too long already, end the engine's process."""
        if self.may_force:
            self.restart()
        elif self._engine.state is EngineState.BUSY:
            self._lingering.stop()
            self._engine.stop()
            self._say(QT_TRANSLATE_NOOP("RunControl", "Stopping…"))

    def restart(self) -> None:
        """End the engine's process and start a new one."""
        self._end_run()
        self._engine.force_restart()

    def forget(self) -> None:
        """Remove what belongs to the previous document."""
        self.is_waiting = False
        if self._is_running:
            self.stop()
            self._is_running = False
        self.shown_changes = ()
        self._output.clear()
        self._session.forget_view()
        self._session.show_recording(Recording())
        self.shown_graph_is_old.emit(False)
        self._say("")

    def show_recording(self, recording: Recording) -> None:
        """Show what was recorded elsewhere as if it had just run here; nothing runs."""
        self._engine.forget_run()
        self.shown_changes = ()
        self._verification = None
        self._text = recording.text
        if not recording.ops:
            self._session.set_view_options(default_view(recording))
        self._shower.show(recording)
        for output in recording.outputs:
            self._output.add_output(output)
        self._say(QT_TRANSLATE_NOOP("RunControl", "A recording: nothing was run"))
        if recording.error is not None:
            self._show_error(recording.error)

    @property
    def shown_run(self) -> int:
        """The engine's number of the run that is shown; not positive where it is none."""
        return self._engine.shown_run

    def show_again(self, recording: Recording, run: int, verification: Verification | None) -> None:
        """Show a run of this document that was shown before, of that number; nothing runs.

        `verification` is what came of checking its gradients.
        """
        self._engine.show_run(run)
        self.shown_changes = ()
        self._verification = None
        self._output.clear()
        for output in recording.outputs:
            self._output.add_output(output)
        self._session.show_recording(recording)
        self._session.set_verification(verification)
        self._say("")

    def _start(self) -> None:
        self.is_waiting = False
        self._is_running = True
        self._verification = None
        self.extents = ()
        self._text = self._editor.toPlainText()
        self._output.clear()
        self._editor.clear_marks()
        self._say("")
        self._engine.run(
            self._text,
            filename=self._document.filename,
            settings=self._session.run_settings,
            changes=self._changes,
            verify=self._verifies,
            beside=self._beside,
        )

    def _end_run(self) -> None:
        self._is_running = False
        self._lingering.stop()
        self._editor.set_running_line(None)

    def _on_state_changed(self, state: EngineState) -> None:
        self.may_force = False
        if state is EngineState.STOPPING:
            self._patience.start()
        else:
            self._patience.stop()
        if state is not EngineState.BUSY and self._report == (_BUSY, {}):
            self._say("")
        if state is EngineState.READY and self.is_waiting:
            # Not at once: what the engine is telling about the run before comes first.
            self._start_soon.start()
        self.changed.emit()

    def _on_start_due(self) -> None:
        if self.is_waiting and self._engine.state is EngineState.READY:
            self._start()

    def _on_patience_ended(self) -> None:
        if self._engine.state is EngineState.STOPPING:
            self.may_force = True
            self._say(
                QT_TRANSLATE_NOOP(
                    "RunControl", "The code is not responding; the engine can be restarted"
                )
            )
            self.changed.emit()

    def _on_output_added(self, output: Output) -> None:
        if self._is_running:
            self._output.add_output(output)

    def _on_line_reached(self, line: int) -> None:
        if not self._is_running:
            return
        self._editor.set_running_line(self._line_map().line(line))
        if self._report[0] == _WAITING:
            self._say("")
        self._line = line
        self._lingering.start()

    def _on_lingered(self) -> None:
        (text,) = self._text.split("\n")[self._line - 1 : self._line] or [""]
        draws_here = (
            "matplotlib" in self._text
            and _BACKEND.search(self._text) is None
            and not chooses_backend(os.environ)
        )
        if _SHOW in text and not draws_here:
            self._say(_WAITING, line=self._line)

    def go_to_line(self, line: int, column: int) -> None:
        """Put the text cursor where a line of the run stands now."""
        self._editor.go_to_line(self._line_map().line(line) or line, column)

    def _line_map(self) -> LineMap:
        return LineMap(self._text, self._editor.toPlainText())

    def _on_shown(self) -> None:
        self._session.set_verification(self._verification)

    def _on_gradients_verified(self, verification: Verification) -> None:
        self._verification = verification

    def _on_run_compared(self, extents: tuple[Extent, ...]) -> None:
        self.extents = extents

    def _on_run_finished(self, recording: Recording) -> None:
        if not self._is_running:
            return
        self._end_run()
        failed_empty = recording.status is not RunStatus.OK and not recording.has_graph
        keeps_old = failed_empty and self._session.recording.has_graph
        if not keeps_old:
            self.shown_changes = self._changes
            self._shower.show(recording)
        self.shown_graph_is_old.emit(keeps_old)
        if recording.error is not None:
            self._show_error(recording.error)
        elif recording.status is RunStatus.OK:
            self._say(
                QT_TRANSLATE_NOOP("RunControl", "Ran in {time}"),
                time=format_seconds(recording.run_seconds),
            )
        else:
            self._say(QT_TRANSLATE_NOOP("RunControl", "Stopped"))
        self.changed.emit()

    def _show_error(self, error: RunError) -> None:
        if error.type == _INTERRUPTED:
            # The person's own doing: nothing is wrong with the text.
            self._output.show_error(msgspec.structs.replace(error, type=_STOPPED))
            if error.line is None:
                self._say(_STOPPED)
            else:
                self._say(
                    QT_TRANSLATE_NOOP("RunControl", "Stopped on line {line}"), line=error.line
                )
            return
        self._output.show_error(error)
        place = error.location
        if place is None:
            self._say("{error}", error=error.type)
            return
        self._say(
            QT_TRANSLATE_NOOP("RunControl", "{error} on line {line}"),
            error=error.type,
            line=error.line,
        )
        current = self._line_map().location(place)
        if current is not None:
            self._editor.mark_error(current, f"{error.type}: {error.message}")

    def _on_died(self, sentence: str) -> None:
        if self._is_running:
            help_ = "Your text is as it was. Run it again when the engine is ready."
            self._output.show_error(RunError("The engine ended", sentence, help=help_))
            self._keep_old_graph()
        self._end_run()
        self._say("{sentence}", sentence=sentence)
        self.changed.emit()

    def _keep_old_graph(self) -> None:
        # Nothing came back from the run: what is drawn is not its graph.
        self.shown_graph_is_old.emit(self._session.recording.has_graph)

    def _on_request_failed(self, sentence: str) -> None:
        # Another panel's request may fail while the run goes on.
        goes_on = self._engine.state in (EngineState.BUSY, EngineState.STOPPING)
        if self._is_running and not goes_on:
            self._end_run()
            self._output.show_error(RunError(_STOPPED, sentence))
            self._keep_old_graph()
        self._say("{sentence}", sentence=sentence)
        self.changed.emit()

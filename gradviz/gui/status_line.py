"""The status bar: what the last run did, and the state of the engine."""

from __future__ import annotations

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QLabel, QSizePolicy, QStatusBar

from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.run_control import RunControl
from gradviz.gui.session import Session


class StatusLine(QObject):
    """Shows the last run's report and the engine's state in a status bar.

    Attributes:
        report: what became of the last run.
        state: what the engine does at the moment.
    """

    def __init__(
        self, bar: QStatusBar, session: Session, engine: Engine, run_control: RunControl
    ) -> None:
        super().__init__(bar)
        self._session = session
        self._engine = engine
        self._run_control = run_control
        # A widget and no message: those vanish when the pointer passes over a menu.
        self.report = QLabel()
        self.report.setTextFormat(Qt.TextFormat.PlainText)
        self.report.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        bar.addWidget(self.report, 1)
        self.state = QLabel()
        bar.addPermanentWidget(self.state)
        bar.setSizeGripEnabled(False)
        run_control.reported.connect(self.report.setText)
        engine.state_changed.connect(self.retranslate)
        session.run_settings_changed.connect(self.retranslate)
        self.retranslate()

    def retranslate(self) -> None:
        """Show the engine's state in the language in use."""
        texts = {
            EngineState.STARTING: self.tr("Starting the engine: importing torch…"),
            EngineState.READY: self.tr("Ready: torch {version}, {device}"),
            EngineState.BUSY: (
                self.tr("Running…") if self._run_control.is_running else self.tr("Timing…")
            ),
            EngineState.STOPPING: self.tr("Stopping…"),
            EngineState.DEAD: self.tr("The engine is not running"),
        }
        device = self._session.run_settings.device
        self.state.setText(
            texts[self._engine.state].format(
                version=self._engine.torch_version, device="CPU" if device == "cpu" else device
            )
        )

"""Time parts of the document: choose, start, stop, see the bars and the table, copy them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Final

import msgspec
from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, Qt
from PySide6.QtGui import QGuiApplication, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gradviz.export.timing import timing_to_csv, timing_to_json, timing_to_text
from gradviz.gui.action_spec import QT_TRANSLATE_NOOP
from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.devices.timing_controls import TimingControls
from gradviz.gui.devices.timing_table import WARNING_SIGN, TimingTableModel
from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.machine import Machine
from gradviz.recording.timing import TimedPart, Timing
from gradviz.worker.messages import TimeParts, TimingFinished, TimingProgressed

if TYPE_CHECKING:
    from gradviz.gui.devices.timing_plot import TimingPlot

_STOPPED: Final = QT_TRANSLATE_NOOP("TimingView", "Stopped. What was measured until then is below.")
_FORGOT_RUN: Final = QT_TRANSLATE_NOOP(
    "TimingView",
    "There was no memory for the timing beside your last run, so that its large tensors were let "
    "go: to look at all of their elements, run the document again.",
)


class TimingView(Retranslated, QScrollArea):
    """The timing of the document on this machine's devices.

    Attributes:
        controls: what is timed.
        model: the rows of the table.
        plot: the bars; None until pyqtgraph is imported.
        timing: what was measured last, or so far.
        is_timing: whether a timing of this panel is going on.
    """

    def __init__(
        self,
        session: Session,
        engine: Engine,
        appearance: Appearance,
        *,
        document_text: Callable[[], str],
        statement_line: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._engine = engine
        self._appearance = appearance
        self._document_text = document_text
        self._statement_line = statement_line
        self._number = 0
        self._status: tuple[str, dict[str, object]] | None = None
        self._problems: tuple[str, ...] = ()
        self._warnings: tuple[str, ...] = ()
        self._forgot_run = False
        self.is_timing = False
        self.timing = Timing(measurements=())
        self.plot: TimingPlot | None = None
        self.model = TimingTableModel(appearance.theme)
        self._loader = PlotLoader(parent=self)
        self._build()
        self._loader.loaded.connect(self._on_plot_loaded)
        engine.timing_progressed.connect(self._on_timing_progressed)
        engine.timing_finished.connect(self._on_timing_finished)
        engine.request_failed.connect(self._on_request_failed)
        engine.died.connect(self._on_request_failed)
        engine.state_changed.connect(self._on_engine_state_changed)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()

    def _retranslate(self) -> None:
        self.start_button.setText(self.tr("Time"))
        self.stop_button.setText(self.tr("Stop"))
        self.copy_button.setText(self.tr("Copy"))
        for action, text in zip(
            self.copy_button.menu().actions(),
            (self.tr("Copy as table"), self.tr("Copy as CSV"), self.tr("Copy as JSON")),
            strict=True,
        ):
            action.setText(text)
        self.table.setAccessibleName(self.tr("Measured times"))
        self.model.retranslate()
        self.table.resizeColumnsToContents()
        self._tell()
        self._refresh()

    def _build(self) -> None:
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        content = QWidget(self)
        self.controls = TimingControls(parent=content)
        self.controls.changed.connect(self._refresh)
        self.start_button = QPushButton(content)
        self.start_button.clicked.connect(self.start)
        self.stop_button = QPushButton(content)
        self.stop_button.clicked.connect(self.stop)
        self.progress = QProgressBar(content)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.status = self._label(content)
        self.problems = self._label(content)
        self._plot_place = QVBoxLayout()
        self.table = self._make_table(content)
        self.copy_button = self._make_copy_button(content)

        buttons = QHBoxLayout()
        buttons.addWidget(self.start_button)
        buttons.addWidget(self.stop_button)
        buttons.addStretch()
        buttons.addWidget(self.copy_button)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.controls)
        layout.addLayout(buttons)
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addLayout(self._plot_place)
        layout.addWidget(self.problems)
        layout.addWidget(self.table)
        layout.addStretch()
        self.setWidget(content)

    def _label(self, parent: QWidget) -> QLabel:
        label = QLabel(parent)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _make_table(self, parent: QWidget) -> QTableView:
        table = QTableView(parent)
        table.setModel(self.model)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setAlternatingRowColors(True)
        table.setShowGrid(False)
        table.setTabKeyNavigation(False)
        table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        table.setWordWrap(False)
        table.verticalHeader().hide()
        table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = table.horizontalHeader()
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        return table

    def _make_copy_button(self, parent: QWidget) -> QPushButton:
        button = QPushButton(parent)
        menu = QMenu(button)
        for copy in (self.copy_table, self.copy_csv, self.copy_json):
            menu.addAction("", copy)
        button.setMenu(menu)
        return button

    def showEvent(self, event: QShowEvent) -> None:
        """Load the plotting library when it is about to be needed."""
        super().showEvent(event)
        self._loader.start()

    def set_machine(self, machine: Machine) -> None:
        """Offer this machine's devices."""
        self.controls.set_machine(machine)

    def start(self) -> None:
        """Time what is chosen."""
        if self._reason_not_to_start():
            return
        parts = self.controls.chosen_parts
        settings = self._session.run_settings
        line = self._statement_line() if TimedPart.STATEMENT in parts else None
        request = TimeParts(
            text=self._document_text(),
            parts=parts,
            devices=self.controls.chosen_devices,
            line=line,
            threads=self.controls.chosen_threads,
            seed=settings.seed,
            placement=settings.placement,
        )
        self._number = self._engine.time_parts(request)
        if not self._number:
            return
        self.is_timing = True
        self._forgot_run = False
        self._tell_problems()
        self._show_timing(Timing(measurements=()))
        self._say(QT_TRANSLATE_NOOP("TimingView", "Running the text once…"))
        self.progress.setRange(0, 0)
        self._refresh()

    def stop(self) -> None:
        """End the timing; what was measured is kept."""
        if self.is_timing:
            self._say(QT_TRANSLATE_NOOP("TimingView", "Stopping…"))
            self._engine.stop()

    def copy_table(self) -> None:
        """The measurements as text, to the clipboard."""
        QGuiApplication.clipboard().setText(timing_to_text(self.timing))

    def copy_csv(self) -> None:
        """The measurements as CSV, to the clipboard."""
        QGuiApplication.clipboard().setText(timing_to_csv(self.timing))

    def copy_json(self) -> None:
        """The measurements as JSON, to the clipboard."""
        QGuiApplication.clipboard().setText(timing_to_json(self.timing))

    def _reason_not_to_start(self) -> str:
        if self._engine.state in (EngineState.STARTING, EngineState.DEAD):
            return self.tr("The engine is starting.")
        if self._engine.state is not EngineState.READY:
            return self.tr("The engine is busy.")
        if not self.controls.chosen_parts:
            return self.tr("Choose what to time.")
        if not self.controls.chosen_devices:
            return self.tr("Choose a device.")
        return ""

    def _refresh(self) -> None:
        reason = "" if self.is_timing else self._reason_not_to_start()
        self.start_button.setEnabled(not self.is_timing and not reason)
        self.start_button.setToolTip(
            reason or self.tr("Time what is ticked, on each device that is ticked")
        )
        self.stop_button.setEnabled(self.is_timing)
        self.controls.setEnabled(not self.is_timing)
        self.progress.setVisible(self.is_timing)
        self.copy_button.setEnabled(bool(self.timing.measurements))
        if not self.is_timing and not self.timing.measurements and not self._problems:
            self._status = None
            self.status.setText(reason or self._invitation())

    def _invitation(self) -> str:
        return self.tr(
            "Each part is repeated with torch.utils.benchmark until its time is certain. "
            "Your last run, its gradients and random numbers stay as they are."
        )

    def _on_timing_progressed(self, message: TimingProgressed) -> None:
        if not self.is_timing or message.number != self._number:
            return
        self.progress.setRange(0, max(1, message.total))
        self.progress.setValue(message.done)
        if message.measuring:
            self._say(
                QT_TRANSLATE_NOOP("TimingView", "{done} of {total}: {what}"),
                done=min(message.done + 1, message.total),
                total=message.total,
                what=message.measuring,
            )
        if message.latest is not None:
            so_far = (*self.timing.measurements, message.latest)
            self._show_timing(msgspec.structs.replace(self.timing, measurements=so_far))

    def _on_timing_finished(self, message: TimingFinished) -> None:
        if not self.is_timing or message.number != self._number:
            return
        self._show_timing(message.timing)
        self._end()
        problems = list(message.timing.failures)
        if message.error is not None and not problems:
            line = message.error.line
            text = f"{message.error.type}: {message.error.message}"
            problems.append(text if line is None else f"Line {line}: {text}")
        warnings = dict.fromkeys(m.warning for m in message.timing.measurements if m.warning)
        self._forgot_run = message.forgot_run
        self._tell_problems(*problems, warnings=tuple(warnings))
        if message.timing.stopped:
            self._say(_STOPPED)
        elif message.timing.measurements:
            self._say("")
        else:
            self._say(QT_TRANSLATE_NOOP("TimingView", "Nothing could be timed."))

    def _describe(self, timing: Timing) -> str:
        """What the figures hold for."""
        moment = QDateTime.fromString(timing.date, Qt.DateFormat.ISODate)
        about = (
            timing.machine,
            self.tr("PyTorch {}").format(timing.torch) if timing.torch else "",
            QLocale().toString(moment, QLocale.FormatType.ShortFormat) if moment.isValid() else "",
        )
        return " · ".join(part for part in about if part)

    def _on_request_failed(self, sentence: str) -> None:
        if self.is_timing:
            self._end()
            self._tell_problems(sentence)
            self._say(_STOPPED)

    def _say(self, text: str, **parameters: object) -> None:
        """Say in English how far it is; nothing stands for what the figures hold for."""
        self._status = text, parameters
        self._tell()

    def _tell_problems(self, *problems: str, warnings: tuple[str, ...] = ()) -> None:
        self._problems, self._warnings = problems, warnings
        self._tell()

    def _tell(self) -> None:
        if self._status is not None:
            text, parameters = self._status
            told = {k: in_language(v) if isinstance(v, str) else v for k, v in parameters.items()}
            said = QCoreApplication.translate("TimingView", text).format(**told) if text else ""
            self.status.setText(said or self._describe(self.timing))
        lines = [in_language(problem) for problem in self._problems]
        lines += [f"{WARNING_SIGN} {in_language(warning)}" for warning in self._warnings]
        if self._forgot_run:
            lines.append(f"{WARNING_SIGN} {QCoreApplication.translate('TimingView', _FORGOT_RUN)}")
        self.problems.setText("\n".join(lines))
        self.problems.setVisible(bool(lines))

    def _end(self) -> None:
        self.is_timing = False
        self._refresh()

    def _on_engine_state_changed(self, _state: EngineState) -> None:
        self._refresh()

    def _show_timing(self, timing: Timing) -> None:
        self.timing = timing
        self.model.set_measurements(timing.measurements)
        self.table.resizeColumnsToContents()
        self._fit_table()
        if self.plot is not None:
            self.plot.set_measurements(timing.measurements)
            self.plot.setVisible(bool(timing.measurements))

    def _fit_table(self) -> None:
        has_rows = bool(self.timing.measurements)
        self.table.setVisible(has_rows)
        height = self.table.horizontalHeader().sizeHint().height()
        height += sum(self.table.rowHeight(row) for row in range(self.model.rowCount()))
        scroll_bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(height + scroll_bar + 2 * self.table.frameWidth())

    def _on_plot_loaded(self) -> None:
        if self._loader.problem:
            sentence = self.tr("The plot cannot be drawn: {}").format(self._loader.problem)
            self._plot_place.addWidget(QLabel(sentence, self.widget()))
            return
        from gradviz.gui.devices.timing_plot import TimingPlot

        self.plot = TimingPlot(self._appearance.theme, parent=self.widget())
        self._plot_place.addWidget(self.plot)
        self._show_timing(self.timing)

    def _on_theme_changed(self, theme: Theme) -> None:
        self.model.set_theme(theme)
        self.controls.set_theme(theme)
        self.status.setStyleSheet(f"color: {theme.muted}")
        self.problems.setStyleSheet(f"color: {theme.warning}")
        if self.plot is not None:
            self.plot.set_theme(theme)

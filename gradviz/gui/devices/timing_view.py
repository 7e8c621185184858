"""Time parts of the document: choose, start, stop, see the bars and the table, copy them."""

from __future__ import annotations

import logging
from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QCoreApplication, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import (
    QCheckBox,
    QComboBox,
    QHBoxLayout,
    QLabel,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from gradviz.documents.timings import TimingHistory
from gradviz.errors import GradvizError
from gradviz.gui.action_spec import QT_TRANSLATE_NOOP
from gradviz.gui.devices.fitted_table import FittedTable
from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.devices.results import ResultsView, View
from gradviz.gui.devices.results_window import ResultsWindow
from gradviz.gui.devices.timing_controls import TimingControls, outline
from gradviz.gui.devices.timing_table import TimingTableModel
from gradviz.gui.devices.wording import WARNING_SIGN, about_memory, about_timing
from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.labels import PlainLabel
from gradviz.gui.page import Page
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.machine import Machine
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.timing import TimedPart, Timing
from gradviz.worker.messages import TimeParts, TimingFinished, TimingProgressed

_log = logging.getLogger(__name__)
_MAX_TABLE_ROWS: Final = 24
_MAX_WARNINGS: Final = 2
_STOPPED: Final = QT_TRANSLATE_NOOP("TimingView", "Stopped. What was measured until then is below.")
_FORGOT_RUN: Final = QT_TRANSLATE_NOOP(
    "TimingView",
    "There was not enough memory for the timing beside your last run, so its large tensors were "
    "released: to look at all of their elements, run the document again.",
)


class TimingView(Retranslated, Page):
    """The timing of the document on this machine's devices.

    Attributes:
        controls: what is timed.
        results: the plots.
        model: the rows of the table.
        timing: what was measured last, or so far.
        is_timing: whether a timing of this panel is going on.
        window_of_results: they are large in it, None before it was wanted.

    Signals:
        measured: something was measured, of the text that is given (`Timing`, str).
    """

    measured = Signal(object, str)

    def __init__(
        self,
        session: Session,
        engine: Engine,
        appearance: Appearance,
        *,
        document_text: Callable[[], str],
        statement_line: Callable[[], int],
        selected_lines: Callable[[], tuple[int, int]],
        history: TimingHistory | None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._selected_lines = selected_lines
        self._history = TimingHistory() if history is None else history
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
        self.window_of_results: ResultsWindow | None = None
        self.model = TimingTableModel(appearance.theme)
        self._loader = PlotLoader(parent=self)
        self._timed_text = ""
        self._build()
        engine.timing_progressed.connect(self._on_timing_progressed)
        engine.timing_finished.connect(self._on_timing_finished)
        engine.request_failed.connect(self._on_request_failed)
        engine.died.connect(self._on_request_failed)
        engine.state_changed.connect(self._on_engine_state_changed)
        session.recording_changed.connect(self._on_recording_changed)
        session.run_settings_changed.connect(self._on_run_settings_changed)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._on_run_settings_changed()
        self._on_recording_changed()
        self._retranslate()

    def _retranslate(self) -> None:
        self.start_button.setText(self.tr("Time"))
        self.stop_button.setText(self.tr("Stop"))
        self.heat.setText(self.tr("Show the times as heat in the graph"))
        self._earlier_label.setText(self.tr("Compare with"))
        self.earlier.setAccessibleName(self.tr("Earlier timing to compare with"))
        self._offer_earlier()
        self.table.setAccessibleName(self.tr("Measured times"))
        self.model.retranslate()
        self._fit_table()
        self._tell()
        self._refresh()

    def _build(self) -> None:
        content = QWidget(self)
        self.controls = TimingControls(document_text=self._document_text, parent=content)
        self.controls.changed.connect(self._refresh)
        self.start_button = QPushButton(content)
        self.start_button.clicked.connect(self.start)
        self.stop_button = QPushButton(content)
        self.stop_button.clicked.connect(self.stop)
        self.progress = QProgressBar(content)
        self.progress.setTextVisible(False)
        self.progress.setFixedHeight(8)
        self.status = PlainLabel(parent=content)
        self.problems = PlainLabel(parent=content)
        self.results = ResultsView(self._appearance, self._loader, parent=content)
        self.results.window_wanted.connect(self.show_window)
        self.results.item_chosen.connect(self._on_item_chosen)
        self.results.view_changed.connect(self._show_choice_of_earlier)
        self.heat = QCheckBox(content)
        self.heat.hide()
        self.earlier = QComboBox(content)
        self.earlier.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.earlier.setMinimumContentsLength(8)
        self.earlier.setSizeAdjustPolicy(
            QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon
        )
        self.earlier.activated.connect(self._on_earlier_chosen)
        self._earlier_label = QLabel(content)
        self.table = FittedTable(self.model, parent=content)
        self.table.text_resized.connect(self._fit_table)
        self.table.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

        buttons = QHBoxLayout()
        buttons.addWidget(self.start_button)
        buttons.addWidget(self.stop_button)
        buttons.addStretch()
        compare = QHBoxLayout()
        compare.addWidget(self._earlier_label)
        compare.addWidget(self.earlier, 1)
        layout = QVBoxLayout(content)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.setSpacing(8)
        layout.addWidget(self.controls)
        layout.addLayout(buttons)
        layout.addWidget(self.progress)
        layout.addWidget(self.status)
        layout.addWidget(self.problems)
        layout.addWidget(self.results)
        layout.addWidget(self.heat)
        layout.addLayout(compare)
        layout.addWidget(self.table)
        layout.addStretch()
        self.setWidget(content)

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
        line, end_line = self._chosen_lines(parts)
        self._timed_text = self._document_text()
        request = TimeParts(
            text=self._timed_text,
            parts=parts,
            devices=self.controls.chosen_devices,
            line=line,
            end_line=end_line,
            threads=self.controls.chosen_threads,
            dtypes=self.controls.chosen_dtypes,
            sweep=self.controls.chosen_sweep,
            ceilings=self.controls.ceilings.isChecked(),
            seed=settings.seed,
            run_device=settings.device,
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

    def _chosen_lines(self, parts: tuple[TimedPart, ...]) -> tuple[int | None, int | None]:
        """The cursor's line, or the selected ones; nothing where neither is timed."""
        if TimedPart.LINES in parts:
            return self._selected_lines()
        if TimedPart.STATEMENT in parts:
            return self._statement_line(), None
        return None, None

    def offer_heat(self, is_possible: bool) -> None:
        """Offer to show the times in the graph, where they are of its ops."""
        self.heat.setVisible(is_possible)
        if not is_possible:
            self.heat.setChecked(False)

    def show_window(self) -> None:
        """The results large, in a window of their own."""
        if self.window_of_results is None:
            self.window_of_results = ResultsWindow(
                self._appearance, self._loader, parent=self.window()
            )
            self.window_of_results.results.item_chosen.connect(self._on_item_chosen)
        shown = self.window_of_results
        shown.results.set_recording(self._session.recording)
        shown.set_timing(self.timing, earlier=self.results.earlier)
        shown.results.set_view(self.results.view)
        shown.show()
        shown.activateWindow()

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
        self.results.show_what_was_timed()
        self._end()
        self._keep(message.timing)
        self.measured.emit(message.timing, self._timed_text)
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
            self.status.setText(said or about_timing(self.timing))
            self.status.setToolTip(about_memory(self.timing))
        lines = [in_language(problem) for problem in self._problems]
        if len(self._warnings) > _MAX_WARNINGS:
            many = self.tr(
                "%Ln figures with this sign may be wrong. Point at one to read why.",
                "",
                sum(bool(m.warning) for m in self.timing.measurements),
            )
            lines.append(f"{WARNING_SIGN} {many}")
        else:
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
        self._fit_table()
        self._show_results()

    def _show_results(self) -> None:
        earlier: Timing | None = self.earlier.currentData()
        self.results.set_timing(self.timing, earlier=earlier)
        if self.window_of_results is not None and self.window_of_results.isVisible():
            self.window_of_results.set_timing(self.timing, earlier=earlier)

    def _fit_table(self) -> None:
        has_rows = bool(self.timing.measurements)
        self.table.setVisible(has_rows)
        shown = self.model.shown_columns()
        for column in range(self.model.columnCount()):
            self.table.setColumnHidden(column, column not in shown)
        self.table.resizeColumnsToContents()
        height = self.table.horizontalHeader().sizeHint().height()
        rows = min(self.model.rowCount(), _MAX_TABLE_ROWS)
        height += sum(self.table.rowHeight(row) for row in range(rows))
        self.table.setVerticalScrollBarPolicy(
            Qt.ScrollBarPolicy.ScrollBarAsNeeded
            if rows < self.model.rowCount()
            else Qt.ScrollBarPolicy.ScrollBarAlwaysOff
        )
        scroll_bar = self.table.horizontalScrollBar().sizeHint().height()
        self.table.setFixedHeight(height + scroll_bar + 2 * self.table.frameWidth())

    def _keep(self, timing: Timing) -> None:
        """Keep it for comparisons with later ones, and offer those that were kept before."""
        self._offer_earlier()
        try:
            self._history.add(self._session.recording.filename, self._timed_text, timing)
        except GradvizError as problem:
            _log.warning("%s", problem)

    def _offer_earlier(self) -> None:
        chosen: Timing | None = self.earlier.currentData()
        known: tuple[Timing, ...] = ()
        if self._timed_text:
            known = self._history.timings_of(self._session.recording.filename, self._timed_text)
        with QSignalBlocker(self.earlier):
            self.earlier.clear()
            self.earlier.addItem(self.tr("nothing"), None)
            for timing in known:
                if timing.date == self.timing.date:
                    continue
                self.earlier.addItem(about_timing(timing), timing)
                if chosen is not None and timing.date == chosen.date:
                    self.earlier.setCurrentIndex(self.earlier.count() - 1)
        self._show_choice_of_earlier()

    def _show_choice_of_earlier(self) -> None:
        is_offered = self.earlier.count() > 1 and self.results.view is View.BARS
        for widget in (self.earlier, self._earlier_label):
            widget.setVisible(is_offered)

    def _on_item_chosen(self, item: Item) -> None:
        recording = self._session.recording
        known = recording.ops if item.kind is ItemKind.OP else recording.autograd_nodes
        if item.id < len(known):
            self._session.select(item)

    def _on_earlier_chosen(self, _index: int) -> None:
        self._show_results()

    def _on_recording_changed(self) -> None:
        self.results.set_recording(self._session.recording)
        if self.window_of_results is not None:
            self.window_of_results.results.set_recording(self._session.recording)

    def _on_run_settings_changed(self) -> None:
        self.controls.set_placement(self._session.run_settings.placement)

    def _on_theme_changed(self, theme: Theme) -> None:
        outline(self.heat, theme)
        self.model.set_theme(theme)
        self.controls.set_theme(theme)
        self.status.setStyleSheet(f"color: {theme.muted}")
        self.problems.setStyleSheet(f"color: {theme.warning}")

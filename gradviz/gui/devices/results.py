"""What was measured, as one of several plots, with the sentence that it says."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, assert_never

from PySide6.QtCore import QSignalBlocker, Signal
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import (
    QComboBox,
    QHBoxLayout,
    QLabel,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.documents.timings import matching
from gradviz.export.timing import timing_to_csv, timing_to_json, timing_to_text
from gradviz.gui.buttons import flat_button
from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.devices.wording import about_timing, part_title
from gradviz.gui.icons import make_icon
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Recording
from gradviz.recording.sweeps import sweep_lines
from gradviz.recording.timing import TimedPart, Timing

if TYPE_CHECKING:
    from gradviz.gui.devices.memory_plot import MemoryPlot
    from gradviz.gui.devices.op_plot import OpPlot
    from gradviz.gui.devices.plot import Plot
    from gradviz.gui.devices.roofline_plot import RooflinePlot
    from gradviz.gui.devices.sweep_plot import SweepPlot
    from gradviz.gui.devices.timing_plot import TimingPlot

_OPS = (TimedPart.OP, TimedPart.OP_BACKWARD)


class View(Enum):
    """What the results are shown as."""

    BARS = "bars"
    OPS = "ops"
    SIZES = "sizes"
    ROOFLINE = "roofline"
    MEMORY = "memory"


class ResultsView(Retranslated, QWidget):
    """A choice of plots of one timing and of the run that is shown, and what can be copied.

    Attributes:
        timing: what is shown.
        earlier: the timing that it is compared with, None where with none.
        view: which plot is chosen.
        plot: the plot that is seen, None until pyqtgraph is imported.
        fills_height: whether plots of two axes take all the room there is.

    Signals:
        window_wanted: the results should be shown in a window of their own.
        view_changed: another plot is chosen.
        item_chosen: what a point of a plot stands for was clicked (`Item`).
    """

    window_wanted = Signal()
    view_changed = Signal()
    item_chosen = Signal(object)

    def __init__(
        self, appearance: Appearance, loader: PlotLoader, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._appearance = appearance
        self._loader = loader
        self._recording = Recording()
        self._plots: dict[View, Plot] = {}
        self._is_loaded = False
        self.timing = Timing(measurements=())
        self.earlier: Timing | None = None
        self.view = View.BARS
        self.fills_height = False
        self._part: TimedPart | None = None
        self._build()
        loader.loaded.connect(self._on_loaded)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        if loader.is_loaded:
            self._on_loaded()

    def _build(self) -> None:
        self.chooser = QComboBox(self)
        self.chooser.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.chooser.setMinimumContentsLength(8)
        for view in View:
            self.chooser.addItem("", view)
        self.chooser.activated.connect(self._on_chosen)
        self.larger = flat_button(self)
        self.larger.clicked.connect(self.window_wanted)
        self.copy_button = QToolButton(self)
        self.copy_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        menu = QMenu(self.copy_button)
        for copy in (self.copy_picture, self.copy_table, self.copy_csv, self.copy_json):
            menu.addAction("", copy)
        self.copy_button.setMenu(menu)
        self.parts = QComboBox(self)
        self.parts.activated.connect(self._on_part_chosen)
        self.sentence = PlainLabel(parent=self)
        self.message = PlainLabel(parent=self)
        self.problem = PlainLabel(parent=self)
        row = QHBoxLayout()
        row.setSpacing(4)
        row.addWidget(self.chooser, 1)
        row.addWidget(self.larger)
        row.addWidget(self.copy_button)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addLayout(row)
        layout.addWidget(self.parts)
        self._place = QVBoxLayout()
        layout.addLayout(self._place, 1)
        for label in (self.message, self.sentence, self.problem):
            label.hide()
            layout.addWidget(label)
        layout.addStretch()

    def _retranslate(self) -> None:
        texts = {
            View.BARS: self.tr("Times side by side"),
            View.OPS: self.tr("Ops, the longest first"),
            View.SIZES: self.tr("Times over sizes"),
            View.ROOFLINE: self.tr("Roofline"),
            View.MEMORY: self.tr("Memory of the run"),
        }
        for index, view in enumerate(View):
            self.chooser.setItemText(index, texts[view])
        self.chooser.setAccessibleName(self.tr("What is plotted"))
        self.parts.setAccessibleName(self.tr("Part that is plotted"))
        self.larger.setToolTip(self.tr("Show it large, in its own window"))
        self.larger.setAccessibleName(self.tr("Show it large"))
        self.copy_button.setText(self.tr("Copy"))
        for action, text in zip(
            self.copy_button.menu().actions(),
            (
                self.tr("Copy picture"),
                self.tr("Copy as table"),
                self.tr("Copy as CSV"),
                self.tr("Copy as JSON"),
            ),
            strict=True,
        ):
            action.setText(text)
        self._refresh()

    @property
    def plot(self) -> Plot | None:
        """The plot that is chosen; None where it is not there yet."""
        return self._plots.get(self.view)

    def set_timing(self, timing: Timing, *, earlier: Timing | None = None) -> None:
        """Show another timing, compared with an earlier one."""
        self.timing = timing
        self.earlier = earlier
        self._refresh()

    def set_recording(self, recording: Recording) -> None:
        """Show the memory of another run, when it is looked at."""
        self._recording = recording
        if self.view in (View.MEMORY, View.OPS):
            self._refresh()

    def set_view(self, view: View) -> None:
        """Choose a plot."""
        self.view = view
        with QSignalBlocker(self.chooser):
            self.chooser.setCurrentIndex(list(View).index(view))
        self._refresh()
        self.view_changed.emit()

    def show_what_was_timed(self) -> None:
        """Choose the plot that says most about the timing."""
        measured = self.timing.measurements
        if sweep_lines(measured):
            self.set_view(View.SIZES)
        elif any(m.part in _OPS for m in measured):
            self.set_view(View.OPS)
        elif self.view in (View.OPS, View.SIZES) and measured:
            self.set_view(View.BARS)

    def copy_picture(self) -> None:
        """The plot, to the clipboard."""
        if self.plot is not None:
            QGuiApplication.clipboard().setImage(self.plot.picture())

    def copy_table(self) -> None:
        """The measurements as text, to the clipboard."""
        QGuiApplication.clipboard().setText(timing_to_text(self.timing))

    def copy_csv(self) -> None:
        """The measurements as CSV, to the clipboard."""
        QGuiApplication.clipboard().setText(timing_to_csv(self.timing))

    def copy_json(self) -> None:
        """The measurements as JSON, to the clipboard."""
        QGuiApplication.clipboard().setText(timing_to_json(self.timing))

    def _on_chosen(self, index: int) -> None:
        self.set_view(self.chooser.itemData(index))

    def _on_part_chosen(self, index: int) -> None:
        self._part = self.parts.itemData(index)
        self._refresh()

    def _on_loaded(self) -> None:
        self._is_loaded = not self._loader.problem
        self._refresh()

    def _refresh(self) -> None:
        self._offer_parts()
        reason = self._reason_for_no_plot()
        has_plot = not reason and self._is_loaded
        if has_plot:
            self._fill(self.view)
        for view, plot in self._plots.items():
            plot.setVisible(has_plot and view is self.view)
        self.larger.setEnabled(has_plot)
        actions = self.copy_button.menu().actions()
        actions[0].setEnabled(has_plot)
        for action in actions[1:]:
            action.setEnabled(bool(self.timing.measurements))
        self.copy_button.setEnabled(has_plot or bool(self.timing.measurements))
        self._say(self.message, reason)
        self._say(self.sentence, self._sentence() if has_plot else "")
        problem = self._loader.problem
        text = self.tr("The plot cannot be drawn: {}").format(problem) if problem else ""
        self._say(self.problem, text)

    def _say(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    def _offer_parts(self) -> None:
        lines = sweep_lines(self.timing.measurements)
        parts = list(
            dict.fromkeys(line.series.part for line in lines if line.series.part not in _OPS)
        )
        with QSignalBlocker(self.parts):
            self.parts.clear()
            for part in parts:
                self.parts.addItem(part_title(part), part)
            if self._part in parts:
                self.parts.setCurrentIndex(parts.index(self._part))
        self.parts.setVisible(self.view is View.SIZES and len(parts) > 1)

    def _reason_for_no_plot(self) -> str:
        """What to do so that there is something to plot; empty where there is."""
        measured = self.timing.measurements
        match self.view:
            case View.BARS:
                return "" if measured else self.tr("Nothing has been timed yet.")
            case View.OPS:
                has_ops = any(m.part is TimedPart.OP for m in measured)
                return "" if has_ops else self.tr("Tick “Each op” and time it to see this.")
            case View.SIZES:
                return (
                    ""
                    if sweep_lines(measured)
                    else self.tr("Choose sizes and time it to see this.")
                )
            case View.ROOFLINE:
                has_points = any(m.flops and m.moved_nbytes for m in measured)
                return "" if has_points else self.tr("Time something that computes to see this.")
            case View.MEMORY:
                has_steps = any(node.saved for node in self._recording.autograd_nodes)
                return "" if has_steps else self.tr("Run a text whose backward saves something.")
            case _:
                assert_never(self.view)

    def _sentence(self) -> str:
        match self.view:
            case View.SIZES:
                plot = self._plots[View.SIZES]
                return " ".join(plot.sentences())
            case View.MEMORY:
                plot = self._plots[View.MEMORY]
                return str(plot.sentence())
            case View.ROOFLINE if not self.timing.ceilings:
                return self.tr("Tick “Ceilings of the machine” to draw what it reaches at best.")
            case View.BARS if self.earlier is not None:
                return self.tr("Compared with {}.").format(about_timing(self.earlier))
            case _:
                return ""

    def _fill(self, view: View) -> None:
        plot = self._plots.get(view)
        if plot is None:
            plot = self._plots[view] = self._make(view)
            plot.fills_height = self.fills_height
            plot.item_chosen.connect(self.item_chosen)
            self._place.addWidget(plot)
        match view:
            case View.BARS:
                self._fill_bars(plot)
            case View.OPS:
                ops: OpPlot = plot
                ops.set_measurements(self.timing.measurements, self._scopes())
            case View.SIZES:
                sizes: SweepPlot = plot
                sizes.set_timing(self.timing, self._part)
            case View.ROOFLINE:
                roofline: RooflinePlot = plot
                roofline.set_timing(self.timing)
            case View.MEMORY:
                memory: MemoryPlot = plot
                memory.set_recording(self._recording)
            case _:
                assert_never(view)

    def _scopes(self) -> dict[int, str]:
        """The modules of the run's ops, where the timing is of the same ops."""
        ops = self._recording.ops
        measured = [m for m in self.timing.measurements if m.part is TimedPart.OP]
        numbers = [number for m in measured for number in m.ops]
        if not numbers or max(numbers) >= len(ops):
            return {}
        return {number: ops[number].scope for number in numbers if ops[number].scope}

    def _fill_bars(self, plot: TimingPlot) -> None:
        whole = tuple(m for m in self.timing.measurements if m.part not in _OPS)
        shown = whole or self.timing.measurements
        earlier = {} if self.earlier is None else matching(shown, self.earlier)
        plot.set_measurements(shown, earlier=earlier, sweep=self.timing.sweep)

    def _make(self, view: View) -> Plot:
        # Imported here: pyqtgraph must be there already, which takes the better part of a second.
        theme = self._appearance.theme
        match view:
            case View.BARS:
                from gradviz.gui.devices.timing_plot import TimingPlot

                return TimingPlot(theme, parent=self)
            case View.OPS:
                from gradviz.gui.devices.op_plot import OpPlot

                return OpPlot(theme, parent=self)
            case View.SIZES:
                from gradviz.gui.devices.sweep_plot import SweepPlot

                return SweepPlot(theme, parent=self)
            case View.ROOFLINE:
                from gradviz.gui.devices.roofline_plot import RooflinePlot

                return RooflinePlot(theme, parent=self)
            case View.MEMORY:
                from gradviz.gui.devices.memory_plot import MemoryPlot

                return MemoryPlot(theme, parent=self)
            case _:
                assert_never(view)

    def _on_theme_changed(self, theme: Theme) -> None:
        self.larger.setIcon(make_icon("larger", theme))
        self.copy_button.setStyleSheet("QToolButton { padding: 3px 16px 3px 8px; }")
        for plot in self._plots.values():
            plot.set_theme(theme)
        self.message.setStyleSheet(f"color: {theme.muted}")
        self.sentence.setStyleSheet(f"color: {theme.text}")
        self.problem.setStyleSheet(f"color: {theme.warning}")

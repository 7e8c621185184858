"""The results of a timing in a window of their own: for a projector, or beside the text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QScrollArea, QSplitter, QVBoxLayout, QWidget

from gradviz.gui.devices.fitted_table import FittedTable
from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.devices.results import ResultsView
from gradviz.gui.devices.timing_table import TimingTableModel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.timing import Timing

_FIRST_SIZE: Final = QSize(900, 680)
_ENLARGEMENT: Final = 1.25
"""Of the texts, compared with those of the panel."""


class ResultsWindow(Retranslated, QWidget):
    """A plot as large as the window allows above the table; closing it only hides it.

    Attributes:
        results: the plots.
        model: the rows of the table.
    """

    def __init__(
        self, appearance: Appearance, loader: PlotLoader, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent, Qt.WindowType.Window)
        font = self.font()
        font.setPointSizeF(font.pointSizeF() * _ENLARGEMENT)
        self.setFont(font)
        self.model = TimingTableModel(appearance.theme)
        self.results = ResultsView(appearance, loader, parent=self)
        self.results.larger.hide()
        self.results.fills_height = True
        page = QScrollArea(self)
        page.setWidgetResizable(True)
        page.setFrameShape(QScrollArea.Shape.NoFrame)
        page.setWidget(self.results)
        self.results.setContentsMargins(12, 12, 12, 4)
        self.table = FittedTable(self.model, parent=self)
        self.splitter = QSplitter(Qt.Orientation.Vertical, self)
        self.splitter.addWidget(page)
        self.splitter.addWidget(self.table)
        self.splitter.setStretchFactor(0, 3)
        self.splitter.setStretchFactor(1, 1)
        self.splitter.setCollapsible(0, False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.splitter)
        self.resize(_FIRST_SIZE)
        self.splitter.setSizes([480, 200])
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setWindowTitle(self.tr("Measured times"))
        self.table.setAccessibleName(self.tr("Measured times"))
        self.model.retranslate()

    def set_timing(self, timing: Timing, *, earlier: Timing | None = None) -> None:
        """Show another timing."""
        self.results.set_timing(timing, earlier=earlier)
        self.model.set_measurements(timing.measurements)
        shown = self.model.shown_columns()
        for column in range(self.model.columnCount()):
            self.table.setColumnHidden(column, column not in shown)
        self.table.resizeColumnsToContents()
        self.table.setVisible(bool(timing.measurements))

    def _on_theme_changed(self, theme: Theme) -> None:
        self.model.set_theme(theme)
        self.setStyleSheet(
            f"ResultsWindow, ResultsView, QScrollArea {{ background: {theme.base}; }}"
        )
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.results.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)

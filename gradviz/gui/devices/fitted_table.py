"""A table that is only looked at, with rows and columns as large as their text."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QAbstractItemModel, QEvent, Signal
from PySide6.QtWidgets import QHeaderView, QTableView, QWidget

from gradviz.gui.table_model import show_as_rows
from gradviz.gui.timers import single_shot

_MEASURED_ROWS: Final = 100
"""So that fitting does not grow with the recording. 0, the rows in sight, is every row as long as
the table is hidden."""
_PADDING: Final = 8


class FittedTable(QTableView):
    """Rows of one line each, selected as a whole; they follow the size of the text.

    Signals:
        text_resized: the text has another size, which rows and columns fit already.
    """

    text_resized = Signal()

    def __init__(self, model: QAbstractItemModel, *, parent: QWidget) -> None:
        super().__init__(parent)
        self._fitting = single_shot(self, self._fit)
        self.setModel(model)
        show_as_rows(self)
        self.setAlternatingRowColors(True)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setResizeContentsPrecision(_MEASURED_ROWS)
        self._fit_rows()

    def _fit_rows(self) -> None:
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + _PADDING)

    def changeEvent(self, event: QEvent) -> None:
        """Fit text of another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            # The header gets its own font after the table.
            self._fitting.start()

    def _fit(self) -> None:
        self._fit_rows()
        self.resizeColumnsToContents()
        self.text_resized.emit()

"""What tables of rows under titled columns have in common."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt
from PySide6.QtWidgets import QAbstractItemView, QTableView

ModelIndex = QModelIndex | QPersistentModelIndex
Role = Qt.ItemDataRole
AT_RIGHT: Final = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
NO_INDEX: Final = QModelIndex()


def show_as_rows(table: QTableView) -> None:
    """Rows of one line each, chosen as a whole, without a grid and numbers."""
    table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
    table.setShowGrid(False)
    table.setTabKeyNavigation(False)
    table.setWordWrap(False)
    table.verticalHeader().hide()
    table.horizontalHeader().setHighlightSections(False)


class TableModel(QAbstractTableModel):
    """A flat table of so many columns; a subclass has the rows, the titles and the cells."""

    def __init__(self, columns: int) -> None:
        super().__init__()
        self._columns = columns

    def _rows(self) -> Sequence[object]:
        raise NotImplementedError

    def _titles(self) -> tuple[str, ...]:
        """The columns' titles in the language in use."""
        raise NotImplementedError

    def _explanations(self) -> tuple[str, ...]:
        """What the columns' tooltips say, none where it is empty."""
        return ()

    def rowCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Number of rows."""
        return 0 if parent.isValid() else len(self._rows())

    def columnCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else self._columns

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Role.DisplayRole
    ) -> Any:
        """The columns' titles, explained in their tooltips."""
        if orientation is Qt.Orientation.Horizontal:
            if role == Role.DisplayRole:
                return self._titles()[section]
            if role == Role.ToolTipRole and self._explanations():
                return self._explanations()[section]
        return None

    def refresh(self) -> None:
        """The rows are the same, but show something else."""
        if self._rows():
            last = self.index(len(self._rows()) - 1, self._columns - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def retranslate(self) -> None:
        """Set every text in the language in use."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, self._columns - 1)
        self.refresh()

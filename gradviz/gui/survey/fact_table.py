"""A table of facts that is sorted by a click on its head; each row leads somewhere."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, Qt
from PySide6.QtWidgets import QAbstractItemView, QHeaderView, QTableView, QWidget

from gradviz.gui.session import Session
from gradviz.gui.style import Theme
from gradviz.gui.table_model import AT_RIGHT, NO_INDEX, ModelIndex, show_as_rows
from gradviz.recording.model import Item, ItemKind

MAX_ROWS: Final = 2_000
"""Rows that a table is given: they are made on the window's thread, and nobody reads more."""


ORDER_MARKS: Final = {
    Qt.SortOrder.AscendingOrder: " ▴",
    Qt.SortOrder.DescendingOrder: " ▾",
}


class Row(NamedTuple):
    """What the cells show, by what they are sorted, and where the row leads.

    An op without a playhead leads to its own first step.
    """

    cells: tuple[str, ...]
    keys: tuple[float | str, ...]
    item: Item | None = None
    playhead: int | None = None


class FactModel(QAbstractTableModel):
    """Rows in the order that was asked for.

    Attributes:
        rows: what is shown, in its order.
    """

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: list[Row] = []
        self._titles: tuple[str, ...] = ()
        self._order = (-1, Qt.SortOrder.AscendingOrder)

    def show(self, titles: tuple[str, ...], rows: Sequence[Row]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self._titles, self.rows = titles, list(rows)
        self.endResetModel()

    def rowCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Number of rows."""
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Number of columns."""
        return 0 if parent.isValid() else len(self._titles)

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """A cell; numbers stand at the right."""
        if not index.isValid() or index.row() >= len(self.rows):
            return None
        row, column = self.rows[index.row()], index.column()
        if role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.ToolTipRole):
            return row.cells[column]
        if role == Qt.ItemDataRole.TextAlignmentRole and not isinstance(row.keys[column], str):
            return AT_RIGHT
        return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> Any:
        """The title of a column, over its numbers where it has numbers, with the order's mark.

        A style sheet paints the order's mark over the title; as a part of it, it has room.
        """
        if orientation != Qt.Orientation.Horizontal or section >= len(self._titles):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            is_ordered = section == self._order[0]
            return self._titles[section] + (ORDER_MARKS[self._order[1]] if is_ordered else "")
        if role in (Qt.ItemDataRole.AccessibleTextRole, Qt.ItemDataRole.ToolTipRole):
            return self._titles[section]
        has_numbers = bool(self.rows) and not isinstance(self.rows[0].keys[section], str)
        if role == Qt.ItemDataRole.TextAlignmentRole and has_numbers:
            return AT_RIGHT
        return None

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Put the rows into another order."""
        if not 0 <= column < len(self._titles):
            return
        self.layoutAboutToBeChanged.emit()
        is_descending = order == Qt.SortOrder.DescendingOrder
        self.rows.sort(key=lambda row: row.keys[column], reverse=is_descending)
        self._order = (column, order)
        self.layoutChanged.emit()
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, len(self._titles) - 1)


class FactTable(QTableView):
    """Shows facts; choosing a row leads to its place."""

    def __init__(self, session: Session, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.facts = FactModel(parent=self)
        self.setModel(self.facts)
        self.setSortingEnabled(True)
        show_as_rows(self)
        self.setAlternatingRowColors(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
        header = self.horizontalHeader()
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)

    def show_rows(
        self, titles: tuple[str, ...], rows: Sequence[Row], *, sorted_by: int, descending: bool
    ) -> None:
        """Show other facts; the first column takes the room that the others leave."""
        order = Qt.SortOrder.DescendingOrder if descending else Qt.SortOrder.AscendingOrder
        self.horizontalHeader().setSortIndicator(sorted_by, order)
        self.facts.show(titles, rows)
        self.sortByColumn(sorted_by, order)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        for column in range(len(titles)):
            mode = QHeaderView.ResizeMode.Interactive if column else QHeaderView.ResizeMode.Stretch
            header.setSectionResizeMode(column, mode)
            if column:
                self.setColumnWidth(column, self._width_of(column, titles[column]))

    def _width_of(self, column: int, title: str) -> int:
        metrics = self.fontMetrics()
        texts = (row.cells[column] for row in self.facts.rows[:200])
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=0)
        head = metrics.horizontalAdvance(title + max(ORDER_MARKS.values()))
        return min(max(widest + 12, head + 14), 160)

    def _first_step(self, item: Item | None) -> int | None:
        if item is None or item.kind is not ItemKind.OP:
            return None
        nodes = self._session.recording.ops[item.id].autograd_nodes
        steps = (self._session.replay.playheads_of(node)[:1] for node in nodes)
        return min((step for first in steps for step in first), default=None)

    def _on_chosen(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        row = self.facts.rows[index.row()]
        playhead = row.playhead if row.playhead is not None else self._first_step(row.item)
        if playhead is not None:
            self._session.move_playhead(playhead)
        if row.item is not None:
            self._session.select(row.item)


def table_style(theme: Theme) -> str:
    """How tables and the buttons over them look in a theme."""
    return f"""
        QTableView {{ background: {theme.base}; alternate-background-color: {theme.alternate};
                      color: {theme.text}; border: 1px solid {theme.border};
                      selection-background-color: {theme.accent};
                      selection-color: {theme.accent_text}; }}
        QHeaderView::section {{ background: {theme.alternate}; color: {theme.muted};
                                border: none; border-bottom: 1px solid {theme.border};
                                padding: 3px 6px; }}
        QHeaderView::up-arrow, QHeaderView::down-arrow {{ image: none; width: 0; height: 0; }}
        QToolButton#toggle {{ color: {theme.text}; background: {theme.window};
                              border: 1px solid {theme.border}; padding: 3px 12px; }}
        QToolButton#toggle:checked {{ color: {theme.accent_text}; background: {theme.accent};
                                      border-color: {theme.accent}; font-weight: 600; }}
        QToolButton#toggle:focus {{ border-color: {theme.selection}; }}
    """

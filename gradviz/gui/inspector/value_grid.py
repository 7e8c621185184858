"""The elements of a value as a table of millions of cells, made as they come into sight."""

from __future__ import annotations

from typing import Final

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QEvent,
    QObject,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import QApplication, QHeaderView, QTableView, QVBoxLayout, QWidget

from gradviz.gui.inspector.elements import WRAP, Elements, Index
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme
from gradviz.gui.table_model import AT_RIGHT, NO_INDEX, ModelIndex
from gradviz.recording.format import format_number

MAX_VISIBLE_ROWS: Final = 10
_MAX_COPIED: Final = 100_000
_COMING: Final = "…"


class GridModel(QAbstractTableModel):
    """A matrix of elements; a cell's text is made when it is looked at."""

    def __init__(self, theme: Theme, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._elements: Elements | None = None
        self._leading: Index = ()
        self._theme = theme

    def place_of(self, index: ModelIndex) -> Index | None:
        """The index in the tensor of a cell, None where there is none."""
        if not index.isValid() or self._elements is None:
            return None
        at = self._elements.index_of(self._leading, index.row(), index.column())
        shape = self._elements.value.shape
        return at if all(i < n for i, n in zip(at, shape, strict=True)) else None

    def show(self, elements: Elements | None, leading: Index) -> None:
        """Show another matrix: the last two dimensions at the index `leading` of the others."""
        self.beginResetModel()
        self._elements, self._leading = elements, leading
        self.endResetModel()

    def refresh(self) -> None:
        """Show what has arrived."""
        if self.rowCount():
            last = self.index(self.rowCount() - 1, self.columnCount() - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.refresh()

    def rowCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Rows of the matrix."""
        return 0 if parent.isValid() or self._elements is None else self._elements.rows

    def columnCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Columns of the matrix."""
        return 0 if parent.isValid() or self._elements is None else self._elements.columns

    def data(self, index: ModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell shows; elements that are not finite stand out by more than colour."""
        if not index.isValid() or self._elements is None:
            return None
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return AT_RIGHT
        row, column = index.row(), index.column()
        element = self._elements.at(self._leading, row, column)
        at = self._elements.index_of(self._leading, row, column)
        if element is None:
            is_there = all(i < n for i, n in zip(at, self._elements.value.shape, strict=True))
            return _COMING if is_there and role == Qt.ItemDataRole.DisplayRole else None
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return format_number(element)
            case Qt.ItemDataRole.ToolTipRole:
                return f"[{', '.join(map(str, at))}] = {element.item()!r}"
            case _:
                return self._look(role) if not np.isfinite(element) else None

    def _look(self, role: int) -> object:
        match role:
            case Qt.ItemDataRole.BackgroundRole:
                return QColor(self._theme.error_fill)
            case Qt.ItemDataRole.ForegroundRole:
                return QColor(self._theme.error)
            case Qt.ItemDataRole.FontRole:
                font = QFont()
                font.setBold(True)
                return font
            case _:
                return None

    def headerData(
        self,
        section: int,
        orientation: Qt.Orientation,
        role: int = Qt.ItemDataRole.DisplayRole,
    ) -> object:
        """The index along a dimension, counted from 0 as in the code."""
        if role != Qt.ItemDataRole.DisplayRole:
            return None
        if self._elements is not None and self._elements.is_wrapped:
            is_row = orientation == Qt.Orientation.Vertical
            return str(section * WRAP) if is_row else f"+{section}"
        return str(section)


class ValueGrid(Retranslated, QWidget):
    """A table of the last two dimensions of a value; at most `rows` of its rows are in sight."""

    def __init__(
        self,
        theme: Theme,
        *,
        model: GridModel | None = None,
        rows: int = MAX_VISIBLE_ROWS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._needed_width = 0
        self._shape: tuple[int, ...] | None = None
        self._rows = rows
        self.model = GridModel(theme, parent=self) if model is None else model
        self.table = _CopyingTable(self)
        self.table.setModel(self.model)
        self.table.setCornerButtonEnabled(False)
        self.table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        for header in (self.table.horizontalHeader(), self.table.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(False)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.table)
        self._retranslate()

    def _retranslate(self) -> None:
        self.table.setAccessibleName(self.tr("Elements of the tensor"))

    def changeEvent(self, event: QEvent) -> None:
        """Fit the cells to type of another size."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self._fit()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self.model.set_theme(theme)

    def show_elements(self, elements: Elements | None, leading: Index) -> None:
        """Show the matrix at the index `leading` of the dimensions before the last two."""
        shape = None if elements is None else elements.value.shape
        is_alike = shape == self._shape
        self._shape = shape
        self.model.show(elements, leading)
        self._fit()
        if not is_alike:  # where one was in another tensor means nothing in this one
            self.table.scrollToTop()
            self.table.horizontalScrollBar().setValue(0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for a scroll bar where the columns do not fit any more."""
        super().resizeEvent(event)
        crosses = (event.oldSize().width() < self._needed_width) != (
            event.size().width() < self._needed_width
        )
        if crosses:
            self._fit()

    def _fit(self) -> None:
        rows, columns = self.model.rowCount(), self.model.columnCount()
        metrics = QFontMetrics(self.table.font())
        corner = (
            self.model.data(self.model.index(row, column))
            for row in range(min(rows, 32))
            for column in range(min(columns, 16))
        )
        widest = max((metrics.horizontalAdvance(str(text)) for text in corner), default=20)
        usual = metrics.horizontalAdvance("-0.0000") if rows * columns > 512 else 24
        self.table.horizontalHeader().setDefaultSectionSize(max(widest, usual) + 18)
        row_height = metrics.height() + 6
        self.table.verticalHeader().setDefaultSectionSize(row_height)
        self.table.verticalHeader().setFixedWidth(
            metrics.horizontalAdvance(str(self.model.headerData(max(rows - 1, 0), _VERTICAL))) + 16
        )
        shown = min(max(rows, 1), self._rows)
        header = self.table.horizontalHeader().sizeHint().height()
        scroll_bar = self.table.horizontalScrollBar().sizeHint().height()
        needed = columns * self.table.horizontalHeader().defaultSectionSize()
        needed += self.table.verticalHeader().width() + 4
        needed += scroll_bar if rows > shown else 0
        self._needed_width = min(needed, 1 << 20)
        self.table.setMaximumWidth(max(self._needed_width, 60))
        room = scroll_bar if needed > self.width() else 0
        self.table.setFixedHeight(header + shown * row_height + room + 4)


_VERTICAL: Final = Qt.Orientation.Vertical


class _CopyingTable(QTableView):
    """Copies the selected cells as tab-separated text."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def _copy(self) -> None:
        """The selected rectangles' cells, at most `_MAX_COPIED` of them.

        The ranges are walked: a list of all selected indexes of a large table would be too long.
        """
        cells: dict[tuple[int, int], str] = {}
        model = self.model()
        for part in self.selectionModel().selection().toList():
            for row in range(part.top(), part.bottom() + 1):
                for column in range(part.left(), part.right() + 1):
                    if len(cells) >= _MAX_COPIED:
                        break
                    cells[row, column] = str(model.data(model.index(row, column)) or "")
                if len(cells) >= _MAX_COPIED:
                    break
        if not cells:
            return
        rows: dict[int, list[str]] = {}
        for row, column in sorted(cells):
            rows.setdefault(row, []).append(cells[row, column])
        QApplication.clipboard().setText("\n".join("\t".join(row) for row in rows.values()))

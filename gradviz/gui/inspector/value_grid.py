"""A tensor's elements as a lazy table: two dimensions at a time, indices for the others."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QKeyEvent, QKeySequence, QResizeEvent
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QSpinBox,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme
from gradviz.recording.format import format_number

Array = np.ndarray[Any, Any]
_Index = QModelIndex | QPersistentModelIndex

MAX_VISIBLE_ROWS: Final = 10
_MAX_COPIED: Final = 100_000
_NO_INDEX: Final = QModelIndex()


class GridModel(QAbstractTableModel):
    """The elements of a matrix; a cell's text is made when it is looked at."""

    def __init__(self, theme: Theme, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._array: Array = np.zeros((0, 0))
        self._theme = theme

    def show(self, matrix: Array) -> None:
        """Show another matrix (two dimensions)."""
        self.beginResetModel()
        self._array = matrix
        self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.show(self._array)

    def rowCount(self, parent: _Index = _NO_INDEX) -> int:
        """Rows of the matrix."""
        return 0 if parent.isValid() else int(self._array.shape[0])

    def columnCount(self, parent: _Index = _NO_INDEX) -> int:
        """Columns of the matrix."""
        return 0 if parent.isValid() else int(self._array.shape[1])

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        """What a cell shows; elements that are not finite stand out by more than colour."""
        if not index.isValid():
            return None
        element = self._array[index.row(), index.column()]
        match role:
            case Qt.ItemDataRole.DisplayRole:
                return format_number(element)
            case Qt.ItemDataRole.ToolTipRole:
                return f"[{index.row()}, {index.column()}] = {element.item()!r}"
            case Qt.ItemDataRole.TextAlignmentRole:
                return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
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
        return str(section) if role == Qt.ItemDataRole.DisplayRole else None


class ValueGrid(Retranslated, QWidget):
    """A table of the last two dimensions, with a box for the index of each dimension before."""

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._array: Array = np.zeros((0, 0))
        self._needed_width = 0
        self.model = GridModel(theme, parent=self)
        self.table = _CopyingTable(self)
        self.table.setModel(self.model)
        self.table.setCornerButtonEnabled(False)
        self.table.setHorizontalScrollMode(QTableView.ScrollMode.ScrollPerPixel)
        for header in (self.table.horizontalHeader(), self.table.verticalHeader()):
            header.setSectionResizeMode(QHeaderView.ResizeMode.Fixed)
            header.setHighlightSections(False)
        self._index_row = QWidget(self)
        self._index_layout = QHBoxLayout(self._index_row)
        self._index_layout.setContentsMargins(0, 0, 0, 4)
        self.boxes: list[QSpinBox] = []
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self._index_row)
        layout.addWidget(self.table)
        self._rest = QLabel()
        self._retranslate()

    def _retranslate(self) -> None:
        self.table.setAccessibleName(self.tr("Elements of the tensor"))
        for dimension, box in enumerate(self.boxes):
            name = self.tr("Index along dimension {}").format(dimension)
            box.setAccessibleName(name)
            box.setToolTip(name)
        sizes = " × ".join(str(size) for size in self._array.shape[:-2])
        self._rest.setText(self.tr("of {}").format(sizes))

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self.model.set_theme(theme)

    def show_array(self, array: Array) -> None:
        """Show the elements of an array of any number of dimensions; a vector is one row."""
        if array.ndim < 2:
            array = array.reshape(1, -1)
        leading = array.shape[:-2]
        has_other_boxes = leading != self._array.shape[:-2]
        if has_other_boxes:
            self._make_boxes(leading)
        self._array = array
        if has_other_boxes:
            self._retranslate()
        self._show_slice()

    def leading_index(self) -> tuple[int, ...]:
        """The chosen index of each dimension before the last two."""
        return tuple(box.value() for box in self.boxes)

    def _make_boxes(self, sizes: tuple[int, ...]) -> None:
        while (item := self._index_layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.deleteLater()
        self.boxes = []
        for size in sizes:
            box = QSpinBox(self._index_row)
            box.setRange(0, max(size - 1, 0))
            box.valueChanged.connect(self._on_index_changed)
            self.boxes.append(box)
            self._index_layout.addWidget(box)
        if sizes:
            self._rest = QLabel()
            self._rest.setTextFormat(Qt.TextFormat.PlainText)
            self._index_layout.addWidget(self._rest)
        self._index_layout.addStretch(1)
        self._index_row.setVisible(bool(sizes))

    def _on_index_changed(self) -> None:
        self._show_slice()

    def _show_slice(self) -> None:
        if 0 in self._array.shape[:-2]:
            matrix = self._array.reshape(0, self._array.shape[-1] if self._array.size else 0)
        else:
            matrix = self._array[self.leading_index()]
        self.model.show(matrix)
        self._fit(matrix)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Leave room for a scroll bar where the columns do not fit any more."""
        super().resizeEvent(event)
        crosses = (event.oldSize().width() < self._needed_width) != (
            event.size().width() < self._needed_width
        )
        if crosses and self._array.size:
            self._show_slice()

    def _fit(self, matrix: Array) -> None:
        metrics = QFontMetrics(self.table.font())
        corner = matrix[:64, :64]
        texts = (format_number(element) for element in corner.ravel())
        widest = max((metrics.horizontalAdvance(text) for text in texts), default=20)
        self.table.horizontalHeader().setDefaultSectionSize(max(widest, 24) + 18)
        row_height = metrics.height() + 6
        self.table.verticalHeader().setDefaultSectionSize(row_height)
        shown = min(max(matrix.shape[0], 1), MAX_VISIBLE_ROWS)
        header = self.table.horizontalHeader().sizeHint().height()
        scroll_bar = self.table.horizontalScrollBar().sizeHint().height()
        needed = matrix.shape[1] * self.table.horizontalHeader().defaultSectionSize()
        needed += self.table.verticalHeader().sizeHint().width() + 4
        needed += scroll_bar if matrix.shape[0] > shown else 0
        self._needed_width = needed
        self.table.setMaximumWidth(max(needed, 60))
        room = scroll_bar if needed > self.width() else 0
        self.table.setFixedHeight(header + shown * row_height + room + 4)


class _CopyingTable(QTableView):
    """Copies the selected cells as tab-separated text."""

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.matches(QKeySequence.StandardKey.Copy):
            self._copy()
        else:
            super().keyPressEvent(event)

    def _copy(self) -> None:
        selected = self.selectedIndexes()[:_MAX_COPIED]
        if not selected:
            return
        rows: dict[int, list[str]] = {}
        for index in sorted(selected, key=lambda i: (i.row(), i.column())):
            text = index.data(Qt.ItemDataRole.DisplayRole)
            rows.setdefault(index.row(), []).append(str(text))
        QApplication.clipboard().setText("\n".join("\t".join(row) for row in rows.values()))

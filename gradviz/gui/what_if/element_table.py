"""The elements of a value, to be typed again: a table of millions of cells, as the inspector's."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from PySide6.QtCore import QObject, Qt, Signal
from PySide6.QtGui import QColor, QFont
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSpinBox, QVBoxLayout, QWidget

from gradviz.gui.inspector.elements import Array, Elements, Index, ValueSource, leading_sizes
from gradviz.gui.inspector.value_grid import GridModel, ValueGrid
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme
from gradviz.gui.table_model import ModelIndex
from gradviz.recording.edits import single_elements, written
from gradviz.recording.format import format_number
from gradviz.recording.model import Value
from gradviz.worker.messages import ValueFetched

_Role = Qt.ItemDataRole
_ROWS: Final = 5


class ElementModel(GridModel):
    """A matrix of elements that can be typed again; those that an edit changes stand out.

    Signals:
        typed: an element should be another (its index and the text).
    """

    typed = Signal(object, str)

    def __init__(self, theme: Theme, *, parent: QObject | None = None) -> None:
        super().__init__(theme, parent=parent)
        self._becomes: Array | None = None
        self._single: dict[Index, float] = {}

    def show(self, elements: Elements | None, leading: Index) -> None:
        """Show another matrix; an edit of another value means nothing in it."""
        if elements is not self._elements:
            self._becomes, self._single = None, {}
        super().show(elements, leading)

    def show_edit(self, becomes: Array | None, single: dict[Index, float]) -> None:
        """Show what becomes of the value: all of it, or single elements where it is not here."""
        self._becomes, self._single = becomes, single
        self.refresh()

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Each element can be typed again."""
        found = super().flags(index)
        return found if self.place_of(index) is None else found | Qt.ItemFlag.ItemIsEditable

    def data(self, index: ModelIndex, role: int = _Role.DisplayRole) -> object:
        """A cell as it will be."""
        at = self.place_of(index)
        was = None if at is None else self._element(index)
        now = None if at is None else self._becomes_at(at, was)
        is_changed = now is not None and not _is_same(was, now)
        match role:
            case _Role.EditRole if now is not None:
                return written(np.asarray(now))
            case _Role.DisplayRole if is_changed and now is not None:
                return format_number(now)
            case _Role.FontRole if is_changed:
                font = QFont()
                font.setBold(True)
                return font
            case _Role.ForegroundRole if is_changed:
                return QColor(self._theme.accent)
            case _Role.ToolTipRole if is_changed and now is not None and was is not None:
                return f"{format_number(was)} → {format_number(now)}"
            case _:
                return super().data(index, role)

    def setData(self, index: ModelIndex, value: Any, role: int = _Role.EditRole) -> bool:
        """Ask for another element; what is shown follows from the edit that this makes."""
        at = self.place_of(index)
        text = str(value).strip()
        if role != _Role.EditRole or at is None or not text or text == self.data(index, role):
            return False
        self.typed.emit(at, text)
        return True

    def _element(self, index: ModelIndex) -> np.generic | None:
        assert self._elements is not None
        return self._elements.at(self._leading, index.row(), index.column())

    def _becomes_at(self, at: Index, was: np.generic | None) -> np.generic | None:
        if self._becomes is not None:
            found: np.generic = self._becomes[at]
            return found
        return np.float64(self._single[at]) if at in self._single else was


class ElementTable(Retranslated, QWidget):
    """A table of the last two dimensions of a value, with an index of the others above it."""

    def __init__(self, source: ValueSource, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._elements: Elements | None = None
        self.boxes: list[QSpinBox] = []
        self.model = ElementModel(theme, parent=self)
        self.grid = ValueGrid(theme, model=self.model, rows=_ROWS, parent=self)
        self._index_row = QWidget()
        self._index_layout = QHBoxLayout(self._index_row)
        self._index_layout.setContentsMargins(0, 0, 0, 0)
        self._note = QLabel()
        self._note.setTextFormat(Qt.TextFormat.PlainText)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(36, 0, 12, 6)
        layout.setSpacing(4)
        layout.addWidget(self._index_row)
        layout.addWidget(self.grid)
        source.value_fetched.connect(self._on_value_fetched)
        self._retranslate()

    def _retranslate(self) -> None:
        self._note.setText(self.tr("Index of the other dimensions"))
        for dimension, box in enumerate(self.boxes):
            box.setAccessibleName(self.tr("Index along dimension {}").format(dimension))

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self.grid.set_theme(theme)

    def show_value(self, value: Value | None) -> None:
        """Show the elements of a value; the rest is fetched from the engine."""
        if value is None:
            self._elements = None
        elif self._elements is None or self._elements.value != value:
            self._elements = Elements(value, self._source)
            self._make_boxes(leading_sizes(value.shape))
        self._refresh()

    def show_edit(self, becomes: Array | None, text: str) -> None:
        """Mark what an edit changes: `becomes` is the whole new value where it is known."""
        self.model.show_edit(becomes, {} if becomes is not None else single_elements(text))

    def _make_boxes(self, sizes: Index) -> None:
        while (item := self._index_layout.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None and widget is not self._note:
                widget.deleteLater()
        self.boxes = []
        if sizes:
            self._index_layout.addWidget(self._note)
        for size in sizes:
            box = QSpinBox()
            box.setRange(0, max(size - 1, 0))
            box.valueChanged.connect(self._refresh)
            self.boxes.append(box)
            self._index_layout.addWidget(box)
        self._index_layout.addStretch(1)
        self._index_row.setVisible(bool(sizes))
        self._retranslate()

    def _refresh(self) -> None:
        self.grid.show_elements(self._elements, tuple(box.value() for box in self.boxes))

    def _on_value_fetched(self, fetched: ValueFetched) -> None:
        elements = self._elements
        if elements is not None and fetched.value == elements.value.id and elements.take(fetched):
            if elements.problem:
                self._refresh()
            else:
                self.model.refresh()


def _is_same(was: np.generic | None, now: np.generic) -> bool:
    return was is not None and bool(was == now or (was != was and now != now))

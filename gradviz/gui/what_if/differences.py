"""What is not the same in two runs, as a table: where, before, now, and how much."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QLocale, QModelIndex, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QTableView, QWidget

from gradviz.gui.session import Session
from gradviz.gui.table_model import ModelIndex, Role, TableModel, show_as_rows
from gradviz.recording.compare import Comparison, Difference, Quantity
from gradviz.recording.extent import Extent
from gradviz.recording.format import format_norm, format_number, format_value
from gradviz.recording.model import ItemKind, Value

WHAT, BEFORE, NOW, APART = range(4)
COLUMNS: Final = 4
_SHARES: Final = (0.3, 0.15, 0.15)
"""Of the table's width, for its columns but the last."""
_MAX_HEIGHT: Final = 190


class DifferenceModel(TableModel):
    """The differences of a comparison; a row is written when it is looked at.

    Attributes:
        comparison: what is shown, None for nothing.
        differences: the rows.
    """

    def __init__(self) -> None:
        super().__init__(COLUMNS)
        self.comparison: Comparison | None = None
        self.differences: tuple[Difference, ...] = ()
        self._names: tuple[str, str] | None = None

    def set_comparison(
        self, comparison: Comparison | None, names: tuple[str, str] | None = None
    ) -> None:
        """Show another comparison, or nothing; `names` are what the two runs are called."""
        self.beginResetModel()
        self._names = names
        self.comparison = comparison
        self.differences = () if comparison is None else comparison.differences
        self.endResetModel()

    def _rows(self) -> tuple[Difference, ...]:
        return self.differences

    def _titles(self) -> tuple[str, ...]:
        before, now = self._names or (self.tr("Before"), self.tr("Now"))
        return self.tr("What"), before, now, self.tr("Difference")

    def data(self, index: ModelIndex, role: int = Role.DisplayRole) -> Any:
        """One cell."""
        if not index.isValid() or index.row() >= len(self.differences):
            return None
        if role not in (Role.DisplayRole, Role.ToolTipRole, Role.AccessibleTextRole):
            return None
        comparison, difference = self.comparison, self.differences[index.row()]
        assert comparison is not None
        if index.column() == WHAT:
            return self._what(comparison, difference)
        if index.column() == BEFORE:
            return _written(comparison.before.value(difference.before), difference.quantity)
        if index.column() == NOW:
            return _written(comparison.after.value(difference.after), difference.quantity)
        return self._apart(comparison, difference)

    def _apart(self, comparison: Comparison, difference: Difference) -> str:
        extent = comparison.extent_of(difference)
        if extent is None or not extent.differing:
            return ""
        value = comparison.after.value(difference.after)
        if value is not None and extent.numel < value.numel:
            return self.tr("In the corner: {}").format(self._written_out(extent))
        return self._written_out(extent)

    def _written_out(self, extent: Extent) -> str:
        largest = format_number(extent.largest)
        if extent.largest > 0:
            largest = f"+{largest}"
        if extent.numel == 1:
            return largest
        text = self.tr("{count} of {all}, up to {largest} at {place}")
        number = QLocale().toString
        return text.format(
            count=number(extent.differing),
            all=number(extent.numel),
            largest=largest,
            place=f"[{', '.join(map(str, extent.at))}]",
        )

    def _what(self, comparison: Comparison, difference: Difference) -> str:
        recording, item = comparison.after, difference.item
        if item.kind is ItemKind.TENSOR:
            tensor = recording.tensors[item.id]
            name = tensor.name
            if name is None and tensor.op is not None:
                name = recording.ops[tensor.op].text
            name = name or self.tr("tensor {}").format(tensor.id)
            return f"{name}.grad" if difference.quantity is Quantity.GRAD else name
        node = recording.autograd_nodes[item.id].name
        step = (difference.step or 0) + 1
        if difference.quantity is Quantity.ARRIVED:
            return self.tr("into {node}, step {step}").format(node=node, step=step)
        return self.tr("out of {node}, step {step}").format(node=node, step=step)


class DifferenceTable(QTableView):
    """Shows the differences of a comparison; choosing one leads to its place.

    Attributes:
        rows: what is shown.
    """

    def __init__(self, session: Session, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self.rows = DifferenceModel()
        self.setModel(self.rows)
        show_as_rows(self)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setStretchLastSection(True)
        self.clicked.connect(self._on_chosen)
        self.activated.connect(self._on_chosen)

    def show_comparison(
        self, comparison: Comparison | None, names: tuple[str, str] | None = None
    ) -> None:
        """Show another comparison, or nothing, as high as its rows."""
        if comparison is self.rows.comparison:
            return
        self.rows.set_comparison(comparison, names)
        rows = self.verticalHeader().defaultSectionSize() * self.rows.rowCount()
        header = self.horizontalHeader().sizeHint().height()
        self.setFixedHeight(min(rows + header + 4, _MAX_HEIGHT))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Share the width among the columns."""
        super().resizeEvent(event)
        for column, share in enumerate(_SHARES):
            self.setColumnWidth(column, int(event.size().width() * share))

    def _on_chosen(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        difference = self.rows.differences[index.row()]
        if difference.pass_id is not None and difference.step is not None:
            replay = self._session.replay
            self._session.move_playhead(replay.playhead_of(difference.pass_id, difference.step))
        self._session.select(difference.item)


def _written(value: Value | None, quantity: Quantity) -> str:
    if value is None:
        return "–"
    symbol = "x" if quantity is Quantity.VALUE else "g"
    return format_value(value, max_elements=6) or format_norm(value, symbol) or "…"

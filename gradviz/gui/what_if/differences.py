"""What is not the same in two runs, as a table: where, before, now, and how much."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractTableModel, QLocale, QModelIndex, QPersistentModelIndex, Qt

from gradviz.recording.compare import Comparison, Difference, Quantity
from gradviz.recording.extent import Extent
from gradviz.recording.format import format_norm, format_number, format_value
from gradviz.recording.model import ItemKind, Value

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
WHAT, BEFORE, NOW, APART = range(4)
COLUMNS: Final = 4


class DifferenceModel(QAbstractTableModel):
    """The differences of a comparison; a row is written when it is looked at.

    Attributes:
        comparison: what is shown, None for nothing.
        differences: the rows.
    """

    def __init__(self) -> None:
        super().__init__()
        self.comparison: Comparison | None = None
        self.differences: tuple[Difference, ...] = ()

    def set_comparison(self, comparison: Comparison | None) -> None:
        """Show another comparison, or nothing."""
        self.beginResetModel()
        self.comparison = comparison
        self.differences = () if comparison is None else comparison.differences
        self.endResetModel()

    def retranslate(self) -> None:
        """Set every text in the language in use."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, COLUMNS - 1)
        if self.differences:
            last = self.index(len(self.differences) - 1, COLUMNS - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Number of differences."""
        return 0 if parent.isValid() else len(self.differences)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else COLUMNS

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """The columns' titles."""
        if role != _Role.DisplayRole or orientation is not Qt.Orientation.Horizontal:
            return None
        return (self.tr("What"), self.tr("Before"), self.tr("Now"), self.tr("Difference"))[section]

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        """One cell."""
        if not index.isValid() or index.row() >= len(self.differences):
            return None
        if role not in (_Role.DisplayRole, _Role.ToolTipRole, _Role.AccessibleTextRole):
            return None
        comparison, difference = self.comparison, self.differences[index.row()]
        assert comparison is not None
        if index.column() == WHAT:
            return self._what(comparison, difference)
        if index.column() == BEFORE:
            return _written(comparison.before.value(difference.before), difference.quantity)
        if index.column() == NOW:
            return _written(comparison.after.value(difference.after), difference.quantity)
        return self._apart(comparison.extent_of(difference))

    def _apart(self, extent: Extent | None) -> str:
        if extent is None or not extent.differing:
            return ""
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


def _written(value: Value | None, quantity: Quantity) -> str:
    if value is None:
        return "–"
    symbol = "x" if quantity is Quantity.VALUE else "g"
    return format_value(value, max_elements=6) or format_norm(value, symbol) or "…"

"""The tensors of a recording as a table that reads rows only as they are shown."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtCore import (
    QMimeData,
    QModelIndex,
    Qt,
)
from PySide6.QtGui import QColor

from gradviz.gui.devices.placements import Fate, PendingMove, fate_of
from gradviz.gui.style import Theme
from gradviz.gui.table_model import AT_RIGHT, ModelIndex, Role, TableModel
from gradviz.recording.model import Tensor
from gradviz.recording.units import format_bytes

NAME, SHAPE, DTYPE, DEVICE, NBYTES, LEAF = range(6)
COLUMNS: Final = 6
NAMES_MIME: Final = "application/x-gradviz-names"
"""Names of tensors, one on each line, as they are dragged onto a device."""


class TensorTableModel(TableModel):
    """Name, shape, dtype, device, bytes, leaf; a pending move stands with the device.

    Attributes:
        tensors: the rows.
        variables: the names outside functions, by which tensors can be moved.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(COLUMNS)
        self.tensors: tuple[Tensor, ...] = ()
        self.variables: frozenset[str] = frozenset()
        self._moves: dict[str, PendingMove] = {}
        self._theme = theme

    def set_tensors(
        self,
        tensors: tuple[Tensor, ...],
        moves: tuple[PendingMove, ...],
        variables: frozenset[str],
    ) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.tensors = tensors
        self.variables = variables
        self._moves = {move.name: move for move in moves}
        self.endResetModel()

    def is_movable(self, tensor: Tensor) -> bool:
        """Whether the next run can put it elsewhere."""
        return fate_of(tensor, self.variables) is Fate.MOVABLE

    def set_moves(self, moves: tuple[PendingMove, ...]) -> None:
        """Show other pending moves in the same rows."""
        self._moves = {move.name: move for move in moves}
        self.refresh()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self.refresh()

    def _rows(self) -> tuple[Tensor, ...]:
        return self.tensors

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Name"),
            self.tr("Shape"),
            self.tr("dtype"),
            self.tr("Device"),
            self.tr("Memory"),
            self.tr("Leaf"),
        )

    def data(self, index: ModelIndex, role: int = Role.DisplayRole) -> Any:
        """One cell."""
        if not index.isValid() or index.row() >= len(self.tensors):
            return None
        tensor = self.tensors[index.row()]
        if role == Role.DisplayRole:
            return self._text(tensor, index.column())
        if role == Role.TextAlignmentRole and index.column() == NBYTES:
            return AT_RIGHT
        if role == Role.ToolTipRole:
            return self._help(tensor)
        if role == Role.ForegroundRole:
            return self._colour(tensor, index.column())
        return None

    def _text(self, tensor: Tensor, column: int) -> str:
        if column == NAME:
            return tensor.name or self.tr("(no name)")
        if column == SHAPE:
            return " × ".join(map(str, tensor.shape)) or self.tr("scalar")
        if column == DTYPE:
            return tensor.dtype
        if column == DEVICE:
            move = self._moves.get(tensor.name or "")
            waits = move is not None and self.is_movable(tensor)
            return f"{tensor.device} → {move.target}" if move and waits else tensor.device
        if column == NBYTES:
            return format_bytes(tensor.nbytes)
        return self.tr("yes") if tensor.is_leaf else "–"

    def _help(self, tensor: Tensor) -> str:
        if tensor.name in self._moves and self.is_movable(tensor):
            return self.tr("The next run puts it on {}.").format(self._moves[tensor.name].target)
        match fate_of(tensor, self.variables):
            case Fate.MOVABLE:
                return self.tr("A leaf: it can be moved and stays a leaf.")
            case Fate.MADE:
                return self.tr("An op made it: it is where the op's inputs are. Move the leaves.")
            case Fate.GRADIENT:
                return self.tr("A gradient: it moves with its leaf.")
            case Fate.LOCAL:
                return self.tr("A function makes it: write device= there.")
            case Fate.NAMELESS:
                return self.tr("It has no name by which it could be moved.")

    def _colour(self, tensor: Tensor, column: int) -> QColor | None:
        if column == DEVICE and tensor.name in self._moves and self.is_movable(tensor):
            return QColor(self._theme.accent)
        return None if self.is_movable(tensor) else QColor(self._theme.muted)

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Rows that can be moved can be dragged onto a device."""
        flags = super().flags(index)
        if index.isValid() and self.is_movable(self.tensors[index.row()]):
            return flags | Qt.ItemFlag.ItemIsDragEnabled
        return flags

    def mimeTypes(self) -> list[str]:
        """What is dragged: names."""
        return [NAMES_MIME]

    def mimeData(self, indexes: Sequence[QModelIndex]) -> QMimeData:
        """The names of the movable rows."""
        rows = sorted({index.row() for index in indexes})
        names = [self.tensors[row].name or "" for row in rows if self.is_movable(self.tensors[row])]
        data = QMimeData()
        data.setData(NAMES_MIME, "\n".join(names).encode())
        return data

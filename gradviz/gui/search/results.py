"""Search results, as a list by kind; a row is written when it is looked at."""

from __future__ import annotations

from typing import Any, Final

from PySide6.QtCore import QAbstractListModel, QObject, Qt
from PySide6.QtGui import QFont

from gradviz.gui.canvas.cards import shape_text
from gradviz.gui.canvas.describe import title_of
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.standing import standing_for
from gradviz.gui.table_model import NO_INDEX, ModelIndex
from gradviz.recording.format import format_place
from gradviz.recording.model import Item, ItemKind, Recording
from gradviz.recording.scopes import scopes_of
from gradviz.recording.search import KINDS, NOTHING, Found

_Role = Qt.ItemDataRole
LONGEST: Final = 200


class ResultModel(QAbstractListModel):
    """The items that were found, under a heading for each kind.

    Attributes:
        found: what is listed.
    """

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: Found = NOTHING
        self._recording = Recording()
        self._scene: Scene | None = None
        self._heads: list[tuple[int, int]] = []

    def show(self, recording: Recording, scene: Scene | None, found: Found) -> None:
        """List something else; the scene may still be that of an earlier recording."""
        if scene is not None and scene.recording is not recording:
            scene = None
        self.beginResetModel()
        self._recording, self._scene, self.found = recording, scene, found
        self._heads = []
        first = 0
        for group, ids in enumerate(found.ids):
            if len(ids):
                self._heads.append((first, group))
                first += len(ids) + 1
        self.endResetModel()

    def rowCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Number of rows, headings included."""
        return 0 if parent.isValid() else len(self.found) + len(self._heads)

    def number_at(self, row: int) -> int | None:
        """Which of the found items stands in a row, None for a heading."""
        above = sum(1 for first, _ in self._heads if first <= row)
        return None if any(first == row for first, _ in self._heads) else row - above

    def row_of(self, number: int) -> int:
        """The row in which one of the found items stands."""
        row = number
        for first, _ in self._heads:
            row += first <= row
        return row

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
        """Headings cannot be chosen."""
        if not index.isValid() or self.number_at(index.row()) is None:
            return Qt.ItemFlag.ItemIsEnabled
        return Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable

    def data(self, index: ModelIndex, role: int = _Role.DisplayRole) -> Any:
        """A heading with its count, or an item with what tells it from its namesakes."""
        if not index.isValid():
            return None
        number = self.number_at(index.row())
        if number is None:
            return self._heading(index.row(), role)
        if role in (_Role.DisplayRole, _Role.ToolTipRole, _Role.AccessibleTextRole):
            return self._line(self.found.item(number))
        return None

    def _heading(self, row: int, role: int) -> Any:
        group = next(group for first, group in self._heads if first == row)
        if role == _Role.FontRole:
            font = QFont()
            font.setBold(True)
            return font
        if role not in (_Role.DisplayRole, _Role.AccessibleTextRole):
            return None
        count = len(self.found.ids[group])
        names = {
            ItemKind.TENSOR: self.tr("Tensors ({})"),
            ItemKind.OP: self.tr("Ops ({})"),
            ItemKind.NODE: self.tr("Autograd nodes ({})"),
            ItemKind.SCOPE: self.tr("Modules and loops ({})"),
        }
        return names[KINDS[group]].format(count)

    def _line(self, item: Item) -> str:
        title = " ".join(title_of(self._recording, item)[:LONGEST].split())
        parts = [title]
        scene = self._scene
        if scene is not None and item not in scene.index:
            card = standing_for(scene, item)
            held = None if scene.folding is None else scene.folding.shown_as(item)
            if card is None and held is None:
                parts.append(self.tr("not drawn"))
            elif held is not None and held.kind is ItemKind.SCOPE and held != item:
                parts.append(self.tr("folded up in {}").format(title_of(self._recording, held)))
        parts += self._about(item)
        return "  ·  ".join(part for part in parts if part)

    def _about(self, item: Item) -> list[str]:
        recording = self._recording
        match item.kind:
            case ItemKind.TENSOR:
                tensor = recording.tensors[item.id]
                line = "" if tensor.line is None else self._at_line(str(tensor.line))
                return [shape_text(tensor.shape), tensor.dtype, tensor.device, line]
            case ItemKind.OP:
                op = recording.ops[item.id]
                place = format_place(op.location)
                return [op.name, op.scope, self._at_line(place) if place else ""]
            case ItemKind.NODE:
                made_by = recording.autograd_nodes[item.id].op
                if made_by is None:
                    return []
                op = recording.ops[made_by]
                place = format_place(op.location)
                text = " ".join(op.text[:LONGEST].split())
                return [text, op.scope, self._at_line(place) if place else ""]
            case ItemKind.SCOPE:
                scope = scopes_of(recording).scopes[item.id]
                path = scope.path if scope.path != scope.name else ""
                return [
                    scope.type,
                    path,
                    "" if scope.line is None else self._at_line(str(scope.line)),
                ]

    def _at_line(self, place: str) -> str:
        return self.tr("line {}").format(place)

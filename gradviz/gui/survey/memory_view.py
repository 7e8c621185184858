"""What is saved for backward: how much, by which operation and in which module, and the peak."""

from __future__ import annotations

from heapq import nlargest

from PySide6.QtCore import QLocale
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QVBoxLayout, QWidget

from gradviz.gui.buttons import toggle_button
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.survey.fact_table import MAX_ROWS, FactTable, Row
from gradviz.recording.diagnostics import SavedMemory
from gradviz.recording.format import format_place
from gradviz.recording.model import Item, ItemKind, OpId
from gradviz.recording.naming import op_label


class MemoryView(Retranslated, QWidget):
    """A table of the operations or modules that saved something, the largest first.

    Attributes:
        summary: the peak, and after which operation it was reached.
        table: the rows.
    """

    def __init__(self, session: Session, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._memory: SavedMemory | None = None
        self.summary = PlainLabel(parent=self)
        self.by_op = toggle_button(self._on_choice, parent=self)
        self.by_module = toggle_button(self._on_choice, parent=self)
        self.by_op.setChecked(True)
        self._group = QButtonGroup(self)
        choices = QHBoxLayout()
        choices.setContentsMargins(0, 0, 0, 0)
        choices.setSpacing(0)
        for button in (self.by_op, self.by_module):
            self._group.addButton(button)
            choices.addWidget(button)
        choices.addStretch(1)
        self.table = FactTable(session, parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.summary)
        layout.addLayout(choices)
        layout.addWidget(self.table, 1)
        self._retranslate()

    def _retranslate(self) -> None:
        self.by_op.setText(self.tr("By operation"))
        self.by_module.setText(self.tr("By module"))
        self.table.setAccessibleName(self.tr("Memory saved for backward"))
        self._refresh()

    def show_memory(self, memory: SavedMemory | None) -> None:
        """Show what was saved in another run."""
        self._memory = memory
        self._refresh()

    def _on_choice(self) -> None:
        self._refresh()

    def _refresh(self) -> None:
        memory = self._memory
        has_any = memory is not None and bool(memory.by_op)
        for widget in (self.by_op, self.by_module, self.table):
            widget.setVisible(has_any)
        if memory is None or not has_any:
            self.summary.set_text(self.tr("No operation saved a tensor for backward."))
            return
        self.summary.set_text(self._summary(memory))
        if self.by_op.isChecked():
            largest = nlargest(MAX_ROWS, memory.by_op.items(), key=lambda one: one[1])
            rows = [self._op_row(op, nbytes) for op, nbytes in largest]
            titles = (self.tr("Operation"), self.tr("Line"), self.tr("Module"), self.tr("Saved"))
            self.table.show_rows(titles, rows, sorted_by=3, descending=True)
        else:
            titles_of_modules = (self.tr("Module"), self.tr("Saved"), self.tr("At the peak"))
            self.table.show_rows(
                titles_of_modules, self._module_rows(memory), sorted_by=1, descending=True
            )

    def _module_rows(self, memory: SavedMemory) -> list[Row]:
        firsts: dict[str, OpId] = {}
        for op in memory.by_op:
            firsts.setdefault(self._session.recording.ops[op].scope, op)
        return [
            Row(
                (scope or self.tr("outside modules"), _size(nbytes), _size(at_peak)),
                (scope, nbytes, at_peak),
                Item(ItemKind.OP, firsts[scope]),
            )
            for scope, nbytes in memory.by_scope.items()
            for at_peak in (memory.at_peak.get(scope, 0),)
        ]

    def _summary(self, memory: SavedMemory) -> str:
        if memory.peak_op is None:
            return ""
        op = self._session.recording.ops[memory.peak_op]
        place = format_place(op.location) or "?"
        text = self.tr("Held for backward at the peak: {peak}, after {op} (line {line}).")
        label = op_label(self._session.recording, op)
        parts = [text.format(peak=_size(memory.peak), op=label, line=place)]
        parts.append(self.tr("Parameters are not counted, shared memory once."))
        if len(memory.by_op) > MAX_ROWS:
            text = self.tr("The largest {shown} of {all} operations are listed.")
            locale = QLocale()
            shown, all_ = locale.toString(MAX_ROWS), locale.toString(len(memory.by_op))
            parts.append(text.format(shown=shown, all=all_))
        return " ".join(parts)

    def _op_row(self, number: OpId, nbytes: int) -> Row:
        recording = self._session.recording
        op = recording.ops[number]
        line = -1.0 if op.location is None else float(op.location.line)
        # The module has a column of its own.
        is_of_module = bool(op.scope) and op.text in ("", op.name)
        label = op.name if is_of_module else op_label(recording, op)
        cells = (label, format_place(op.location), op.scope, _size(nbytes))
        return Row(cells, (label, line, op.scope, nbytes), Item(ItemKind.OP, number))


def _size(nbytes: int) -> str:
    return QLocale().formattedDataSize(nbytes)

"""The copies between devices that a run made, as a list."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QTreeWidget, QTreeWidgetItem, QWidget

from gradviz.gui.retranslated import Retranslated
from gradviz.recording.items import op_item
from gradviz.recording.model import Recording
from gradviz.recording.residence import transfers_of
from gradviz.recording.units import format_bytes, format_rate, format_seconds

_COLUMNS: Final = 5
_MAX_ROWS: Final = 1000
_SHOWN_ROWS: Final = 6


class TransferList(Retranslated, QTreeWidget):
    """A row for each copy: between which devices, how much, how long, how fast, by which call.

    Signals:
        chosen: the op of a row was clicked (`Item`).
    """

    chosen = Signal(object)

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setRootIsDecorated(False)
        self.setAlternatingRowColors(True)
        self.setColumnCount(_COLUMNS)
        self.itemClicked.connect(self._on_clicked)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Transfers of the run"))
        self.setHeaderLabels(
            [
                self.tr("Between"),
                self.tr("Bytes"),
                self.tr("Time"),
                self.tr("Rate"),
                self.tr("Call"),
            ]
        )

    def show_transfers(self, recording: Recording) -> None:
        """List the copies of a run; hidden where it made none."""
        self.clear()
        for transfer in transfers_of(recording)[:_MAX_ROWS]:
            place = transfer.op.location
            row = QTreeWidgetItem(
                [
                    f"{transfer.source} → {transfer.target}",
                    format_bytes(transfer.nbytes),
                    format_seconds(transfer.op.seconds),
                    format_rate(transfer.bytes_per_second, "B/s"),
                    " ".join(transfer.op.text.split()),
                ]
            )
            for column in range(1, 4):
                row.setTextAlignment(column, Qt.AlignmentFlag.AlignRight)
            row.setToolTip(4, "" if place is None else self.tr("line {}").format(place.line))
            row.setToolTip(2, self.tr("The call, made once; the Time tab measures it properly"))
            row.setData(0, Qt.ItemDataRole.UserRole, transfer.op.id)
            self.addTopLevelItem(row)
        self.fit()
        self.setVisible(self.topLevelItemCount() > 0)

    def fit(self) -> None:
        """Be as large as the text needs, up to some rows."""
        for column in range(_COLUMNS):
            self.resizeColumnToContents(column)
        rows = min(self.topLevelItemCount(), _SHOWN_ROWS)
        height = self.fontMetrics().height() + 6
        self.setFixedHeight(height * (rows + 1) + 24)

    def _on_clicked(self, row: QTreeWidgetItem) -> None:
        self.chosen.emit(op_item(row.data(0, Qt.ItemDataRole.UserRole)))

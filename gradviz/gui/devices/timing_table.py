"""Measurements as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, assert_never

from PySide6.QtCore import (
    QAbstractTableModel,
    QCoreApplication,
    QModelIndex,
    QPersistentModelIndex,
    Qt,
)
from PySide6.QtGui import QColor

from gradviz.export.timing import device_label, format_seconds
from gradviz.gui.sentences import in_language
from gradviz.gui.style import Theme
from gradviz.recording.timing import Measurement, TimedPart

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
PART, DEVICE, THREADS, MEDIAN, IQR, FIRST, SAMPLES = range(7)
COLUMNS: Final = 7
WARNING_SIGN: Final = "⚠"


def part_title(part: TimedPart) -> str:
    """What a part is called."""
    match part:
        case TimedPart.STATEMENT:
            return QCoreApplication.translate("timing", "Statement")
        case TimedPart.FORWARD:
            return QCoreApplication.translate("timing", "Forward")
        case TimedPart.LINES:
            return QCoreApplication.translate("timing", "Lines")
        case TimedPart.STEP:
            return QCoreApplication.translate("timing", "Optimizer step")
        case TimedPart.OP:
            return QCoreApplication.translate("timing", "Op")
        case TimedPart.OP_BACKWARD:
            return QCoreApplication.translate("timing", "Op backward")
        case TimedPart.BACKWARD:
            return QCoreApplication.translate("timing", "Backward")
        case TimedPart.TRANSFER:
            return QCoreApplication.translate("timing", "Transfer")
        case _:
            assert_never(part)


class TimingTableModel(QAbstractTableModel):
    """Part, device, threads, median, IQR, first execution, samples.

    Attributes:
        measurements: the rows.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__()
        self.measurements: tuple[Measurement, ...] = ()
        self._theme = theme

    def set_measurements(self, measurements: Sequence[Measurement]) -> None:
        """Show other rows."""
        self.beginResetModel()
        self.measurements = tuple(measurements)
        self.endResetModel()

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        if self.measurements:
            last = self.index(len(self.measurements) - 1, COLUMNS - 1)
            self.dataChanged.emit(self.index(0, 0), last)

    def retranslate(self) -> None:
        """Say everything in the language that is in use now."""
        self.headerDataChanged.emit(Qt.Orientation.Horizontal, 0, COLUMNS - 1)
        self.set_theme(self._theme)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Number of measurements."""
        return 0 if parent.isValid() else len(self.measurements)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Number of columns."""
        return 0 if parent.isValid() else COLUMNS

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = _Role.DisplayRole
    ) -> Any:
        """The columns' titles, explained in their tooltips."""
        if orientation is not Qt.Orientation.Horizontal:
            return None
        titles = (
            (self.tr("Part"), ""),
            (self.tr("Device"), ""),
            (self.tr("Threads"), self.tr("Threads of PyTorch on the CPU")),
            (self.tr("Median"), self.tr("Half of the samples took longer")),
            (self.tr("IQR"), self.tr("The middle half of the samples lies this far apart")),
            (
                self.tr("First"),
                self.tr("The first execution, which pays for loading and allocating"),
            ),
            (self.tr("Samples"), self.tr("Samples × executions that each averages over")),
        )
        if role == _Role.DisplayRole:
            return titles[section][0]
        return titles[section][1] if role == _Role.ToolTipRole else None

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        """One cell."""
        if not index.isValid() or index.row() >= len(self.measurements):
            return None
        measurement = self.measurements[index.row()]
        if role == _Role.DisplayRole:
            return self._text(measurement, index.column())
        if role == _Role.TextAlignmentRole and index.column() >= THREADS:
            return Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
        if role == _Role.ToolTipRole:
            return in_language(measurement.warning) or measurement.text
        if role == _Role.ForegroundRole and measurement.warning and index.column() in (MEDIAN, IQR):
            return QColor(self._theme.warning)
        return None

    def _text(self, measurement: Measurement, column: int) -> str:
        if column == PART:
            title = part_title(measurement.part)
            return title if measurement.line is None else f"{title} ({measurement.line})"
        if column == DEVICE:
            return device_label(measurement)
        if column == THREADS:
            return str(measurement.threads)
        if column == MEDIAN:
            median = format_seconds(measurement.median)
            return f"{WARNING_SIGN} {median}" if measurement.warning else median
        if column == IQR:
            return format_seconds(measurement.iqr)
        if column == FIRST:
            return format_seconds(measurement.first_seconds)
        return f"{len(measurement.seconds)} × {measurement.loops}"

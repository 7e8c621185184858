"""Measurements as a table."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from PySide6.QtGui import QColor

from gradviz.gui.devices.wording import WARNING_SIGN, dtype_title, part_title, where_title
from gradviz.gui.sentences import in_language
from gradviz.gui.style import Theme
from gradviz.gui.table_model import AT_RIGHT, ModelIndex, Role, TableModel
from gradviz.recording.timing import Measurement, TimedPart
from gradviz.recording.units import format_rate, format_seconds

PART, DEVICE, DTYPE, THREADS, SIZE, MEDIAN, IQR, FIRST, TRAFFIC, ARITHMETIC, SAMPLES = range(11)
COLUMNS: Final = 11


class TimingTableModel(TableModel):
    """Part, device, type, threads, size, median, IQR, first execution, rates, samples.

    Attributes:
        measurements: the rows.
    """

    def __init__(self, theme: Theme) -> None:
        super().__init__(COLUMNS)
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
        self.refresh()

    def _rows(self) -> tuple[Measurement, ...]:
        return self.measurements

    def _titles(self) -> tuple[str, ...]:
        return (
            self.tr("Part"),
            self.tr("Device"),
            self.tr("Type"),
            self.tr("Threads"),
            self.tr("Size"),
            self.tr("Median"),
            self.tr("IQR"),
            self.tr("First"),
            self.tr("Traffic"),
            self.tr("Arithmetic"),
            self.tr("Samples"),
        )

    def _explanations(self) -> tuple[str, ...]:
        return (
            "",
            "",
            self.tr("The type of all floating-point tensors"),
            self.tr("Threads of PyTorch on the CPU"),
            self.tr("The number of the text that is swept"),
            self.tr("Half of the samples took longer"),
            self.tr("The range that the middle half of the samples spans"),
            self.tr("The first execution, which pays for loading and allocating"),
            self.tr("Bytes that its ops read and wrote, per second"),
            self.tr("Operations on numbers, per second"),
            self.tr("Samples × executions that each averages over"),
        )

    def data(self, index: ModelIndex, role: int = Role.DisplayRole) -> Any:
        """One cell."""
        if not index.isValid() or index.row() >= len(self.measurements):
            return None
        measurement = self.measurements[index.row()]
        if role == Role.DisplayRole:
            return self._text(measurement, index.column())
        if role == Role.TextAlignmentRole and index.column() >= THREADS:
            return AT_RIGHT
        if role == Role.ToolTipRole:
            return in_language(measurement.warning) or measurement.text
        if role == Role.ForegroundRole and measurement.warning and index.column() in (MEDIAN, IQR):
            return QColor(self._theme.warning)
        return None

    def _text(self, measurement: Measurement, column: int) -> str:
        if column == PART:
            return self._part(measurement)
        if column == DEVICE:
            return where_title(measurement)
        if column == DTYPE:
            return dtype_title(measurement.dtype)
        if column == SIZE:
            return "–" if measurement.size is None else f"{measurement.size:,}"
        if column == TRAFFIC:
            return format_rate(measurement.bytes_per_second, "B/s")
        if column == ARITHMETIC:
            return format_rate(measurement.flops_per_second, "FLOP/s")
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

    def _part(self, measurement: Measurement) -> str:
        title = part_title(measurement.part)
        if measurement.part in (TimedPart.OP, TimedPart.OP_BACKWARD):
            text = " ".join(measurement.text.split())
            return f"{title}: {text if len(text) <= 32 else text[:31] + '…'}"
        return title if measurement.line is None else f"{title} ({measurement.line})"

    def shown_columns(self) -> tuple[int, ...]:
        """The columns that say something of these measurements."""
        measured = self.measurements
        says = {
            DTYPE: any(m.dtype for m in measured),
            SIZE: any(m.size is not None for m in measured),
            TRAFFIC: any(m.bytes_per_second for m in measured),
            ARITHMETIC: any(m.flops_per_second for m in measured),
        }
        return tuple(column for column in range(COLUMNS) if says.get(column, True))

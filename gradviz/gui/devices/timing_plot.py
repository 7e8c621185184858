"""Draw measurements as horizontal bars with whiskers.

Imports pyqtgraph (0.6 to 0.8 s): to be imported in a thread (`PlotLoader`), never with the window.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtGui import QColor, QResizeEvent
from PySide6.QtWidgets import QWidget

from gradviz.export.timing import device_label, format_seconds
from gradviz.gui.devices.timing_table import WARNING_SIGN, part_title
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.style import Theme
from gradviz.recording.timing import Measurement

ROW_HEIGHT: Final = 46
_AXIS_HEIGHT: Final = 34
_BAR_CENTRE: Final = 0.68
_BAR_THICKNESS: Final = 0.36
_HEADROOM: Final = 1.04
_TEXT_MARGINS: Final = 72
"""Pixels around the texts above a bar: borders, gaps, the warning sign, bold type."""


class _SecondsAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks in readable units."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [format_seconds(value) if value > 0 else "0" for value in values]


class TimingPlot(Retranslated, pg.PlotWidget):  # type: ignore[misc]
    """One row for each measurement: its name and median above a bar with IQR whiskers.

    Attributes:
        measurements: the rows, from the top.
    """

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        # Before the base class, whose constructor resizes already.
        self.measurements: tuple[Measurement, ...] = ()
        self._theme = theme
        super().__init__(parent, axisItems={"bottom": _SecondsAxis("bottom")})  # type: ignore[call-arg]
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()
        self.hideAxis("left")
        self.invertY(True)
        self.getPlotItem().getViewBox().setDefaultPadding(0)
        self.getPlotItem().setContentsMargins(6, 2, 6, 2)
        self._retranslate()
        self.set_theme(theme)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Measured times"))
        self._draw()

    def set_measurements(self, measurements: Sequence[Measurement]) -> None:
        """Draw other measurements; those without samples are left out."""
        self.measurements = tuple(m for m in measurements if m.seconds)
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self.setBackground(QColor(theme.base))
        axis = self.getAxis("bottom")
        axis.setPen(pg.mkPen(theme.border))
        axis.setTextPen(pg.mkPen(theme.muted))
        self._draw()

    def _draw(self) -> None:
        self.clear()
        rows = self.measurements
        self.setFixedHeight(_AXIS_HEIGHT + ROW_HEIGHT * max(1, len(rows)))
        if not rows:
            return
        quartiles = [np.quantile(m.seconds, (0.25, 0.75)) for m in rows]
        longest = max(max(m.median, q[1]) for m, q in zip(rows, quartiles, strict=True))
        right = longest * _HEADROOM
        self.setXRange(0, right, padding=0)
        self.setYRange(0, len(rows), padding=0)
        colours = self._colours()
        self.addItem(
            pg.BarGraphItem(
                x0=[0.0] * len(rows),
                width=[m.median for m in rows],
                y=[row + _BAR_CENTRE for row in range(len(rows))],
                height=_BAR_THICKNESS,
                brushes=[pg.mkBrush(colours[m.device]) for m in rows],
                pens=[pg.mkPen(None)] * len(rows),
            )
        )
        self._draw_whiskers(quartiles)
        titles = [self._title(measurement) for measurement in rows]
        # All rows or none: a gap would read as a first execution that was not measured.
        has_first = all(
            self._fits(title, self._first(m), format_seconds(m.median))
            for title, m in zip(titles, rows, strict=True)
        )
        for row, (title, measurement) in enumerate(zip(titles, rows, strict=True)):
            self._draw_texts(row, title, measurement, right, has_first=has_first)

    def _title(self, measurement: Measurement) -> str:
        title = f"{part_title(measurement.part)} · {device_label(measurement)}"
        if len({m.threads for m in self.measurements}) > 1:
            title += " · " + self.tr("%n threads", "", measurement.threads)
        return title

    def _first(self, measurement: Measurement) -> str:
        seconds = measurement.first_seconds
        return "" if seconds is None else self.tr("first {}").format(format_seconds(seconds))

    def _draw_whiskers(self, quartiles: list[np.ndarray]) -> None:
        medians = np.array([m.median for m in self.measurements])
        low, high = np.array(quartiles).T
        self.addItem(
            pg.ErrorBarItem(
                x=medians,
                y=np.arange(len(medians)) + _BAR_CENTRE,
                left=medians - low,
                right=high - medians,
                beam=_BAR_THICKNESS * 0.7,
                pen=pg.mkPen(self._theme.text, width=1.5),
            )
        )

    def _draw_texts(
        self, row: int, name: str, measurement: Measurement, right: float, *, has_first: bool
    ) -> None:
        title = pg.TextItem(name, color=self._theme.text, anchor=(0, 0))
        title.setPos(0, row + 0.05)
        median = f"<b>{escape(format_seconds(measurement.median))}</b>"
        if measurement.warning:
            sign = f'<span style="color: {self._theme.warning}">{WARNING_SIGN}</span>'
            median = f"{sign} {median}"
        if has_first:
            first = escape(self._first(measurement))
            median = f'<span style="color: {self._theme.muted}">{first}</span>&nbsp; {median}'
        figure = pg.TextItem(
            html=f'<span style="color: {self._theme.text}">{median}</span>', anchor=(1, 0)
        )
        figure.setPos(right, row + 0.05)
        figure.setToolTip(self._help(measurement))
        for item in (title, figure):
            self.addItem(item, ignoreBounds=True)

    def _fits(self, *texts: str) -> bool:
        """Whether the texts have room beside each other above a bar."""
        metrics = self.fontMetrics()
        widths: int = sum(metrics.horizontalAdvance(text) for text in texts)
        room: int = self.viewport().width()
        return widths + _TEXT_MARGINS <= room

    def _help(self, measurement: Measurement) -> str:
        lines = [
            self.tr("Median {median}, IQR {iqr}, %n samples", "", len(measurement.seconds)).format(
                median=format_seconds(measurement.median), iqr=format_seconds(measurement.iqr)
            ),
            in_language(measurement.warning),
        ]
        return "\n".join(line for line in lines if line)

    def _colours(self) -> dict[str, str]:
        devices = list(dict.fromkeys(m.device for m in self.measurements))
        # The CPU keeps its colour in every timing, whatever it is compared with.
        devices.sort(key=lambda name: (name != "cpu", name))
        series = self._theme.series
        return {device: series[i % len(series)] for i, device in enumerate(devices)}

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much text as has room now."""
        super().resizeEvent(event)
        if self.measurements and event.size().width() != event.oldSize().width():
            self._draw()

    def wheelEvent(self, event: object) -> None:
        """Leave the wheel to the panel that scrolls."""
        event.ignore()  # type: ignore[attr-defined]

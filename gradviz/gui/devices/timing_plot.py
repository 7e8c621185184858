"""Draw measurements as horizontal bars with whiskers, earlier ones beneath them.

Imports pyqtgraph (0.6 to 0.8 s): to be imported in a thread (`PlotLoader`), never with the window.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QWidget

from gradviz.gui.devices.plot import HoverPoint, Plot, SecondsAxis
from gradviz.gui.devices.wording import (
    WARNING_SIGN,
    conditions_title,
    differing,
    measurement_help,
    part_title,
)
from gradviz.gui.style import Theme
from gradviz.recording.timing import Measurement
from gradviz.recording.units import format_seconds

_BAR_CENTRE: Final = 0.68
_BAR_THICKNESS: Final = 0.36
_EARLIER_CENTRE: Final = 0.93
_EARLIER_THICKNESS: Final = 0.08
_HEADROOM: Final = 1.04
_TEXT_MARGINS: Final = 72
"""Pixels around the texts above a bar: borders, gaps, the warning sign, bold type."""
_ROW_LINES: Final = 2.75
"""Height of a row in lines of text."""
MAX_ROWS: Final = 40


class TimingPlot(Plot):
    """One row for each measurement: its name and median above a bar with IQR whiskers.

    Attributes:
        measurements: the rows, from the top.
        earlier: what the rows are compared with, by their index.
    """

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self.measurements: tuple[Measurement, ...] = ()
        self.earlier: Mapping[int, Measurement] = {}
        self._sweep = ""
        super().__init__(theme, axes={"bottom": SecondsAxis("bottom")}, parent=parent)
        self.hideAxis("left")
        self.invertY(True)
        self.getPlotItem().getViewBox().setDefaultPadding(0)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Measured times"))
        super()._retranslate()

    def set_measurements(
        self,
        measurements: Sequence[Measurement],
        *,
        earlier: Mapping[int, Measurement] | None = None,
        sweep: str = "",
    ) -> None:
        """Draw other measurements, with those of an earlier timing by the index of their row.

        Those without samples are left out.
        """
        kept = [(i, m) for i, m in enumerate(measurements) if m.seconds][:MAX_ROWS]
        self.measurements = tuple(m for _, m in kept)
        before = earlier or {}
        self.earlier = {row: before[i] for row, (i, _) in enumerate(kept) if i in before}
        self._sweep = sweep
        self._redraw()

    def _draw(self) -> None:
        rows = self.measurements
        height = round(_ROW_LINES * self.line_height())
        self.setFixedHeight(2 * self.line_height() + 8 + height * max(1, len(rows)))
        self.setAccessibleDescription(". ".join(self._spoken(m) for m in rows))
        if not rows:
            return
        quartiles = [np.quantile(m.seconds, (0.25, 0.75)) for m in rows]
        longest = max(max(m.median, q[1]) for m, q in zip(rows, quartiles, strict=True))
        longest = max(longest, *(m.median for m in self.earlier.values()), 0.0)
        right = longest * _HEADROOM
        self.setXRange(0, right, padding=0)
        self.setYRange(0, len(rows), padding=0)
        self._draw_bars()
        self._draw_whiskers(quartiles)
        titles = [self._title(measurement) for measurement in rows]
        # All rows or none: a gap would read as a first execution that was not measured.
        has_first = all(
            self._fits(title, self._first(m), format_seconds(m.median))
            for title, m in zip(titles, rows, strict=True)
        )
        for row, (title, measurement) in enumerate(zip(titles, rows, strict=True)):
            self._draw_texts(row, title, measurement, right, has_first=has_first)

    def _draw_bars(self) -> None:
        rows, colours = self.measurements, self._colours()
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
        if self.earlier:
            self.addItem(
                pg.BarGraphItem(
                    x0=[0.0] * len(self.earlier),
                    width=[m.median for m in self.earlier.values()],
                    y=[row + _EARLIER_CENTRE for row in self.earlier],
                    height=_EARLIER_THICKNESS,
                    brush=pg.mkBrush(self._theme.muted),
                    pen=pg.mkPen(None),
                )
            )

    def _spoken(self, measurement: Measurement) -> str:
        return f"{self._title(measurement)}: {format_seconds(measurement.median)}"

    def _title(self, measurement: Measurement) -> str:
        shown = differing(self.measurements)
        where = conditions_title(measurement, shown, self._sweep)
        return f"{part_title(measurement.part)} · {where}"

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
        median = f"<b>{escape(format_seconds(measurement.median))}</b>"
        if measurement.warning:
            sign = f'<span style="color: {self._theme.warning}">{WARNING_SIGN}</span>'
            median = f"{sign} {median}"
        aside = self._first(measurement) if has_first else ""
        if row in self.earlier:
            aside = self._change(measurement, self.earlier[row])
        if aside:
            said = escape(aside)
            median = f'<span style="color: {self._theme.muted}">{said}</span>&nbsp; {median}'
        taken = (aside, format_seconds(measurement.median))
        room = self.viewport().width() - _TEXT_MARGINS
        room -= sum(self.fontMetrics().horizontalAdvance(text) for text in taken)
        elided = self.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, max(40, room))
        self.text_item(elided, 0, row + 0.05)
        self.text_item(
            "",
            right,
            row + 0.05,
            anchor=(1, 0),
            html=f'<span style="color: {self._theme.text}">{median}</span>',
        )
        told = measurement_help(measurement, sweep=self._sweep)
        if row in self.earlier:
            before = self.tr("Earlier {}").format(format_seconds(self.earlier[row].median))
            told = f"{told}\n{before}"
        # Along the whole row, so that a short bar is found as well.
        self.hover += [
            HoverPoint(right * part, row + _BAR_CENTRE, told) for part in np.linspace(0, 1, 24)
        ]

    def _change(self, now: Measurement, before: Measurement) -> str:
        """How many times faster or slower than before."""
        ratio = before.median / now.median if now.median else 1.0
        if 0.95 <= ratio <= 1.05:
            return self.tr("as before")
        if ratio > 1:
            return self.tr("{}× faster").format(f"{ratio:.3g}")
        return self.tr("{}× slower").format(f"{1 / ratio:.3g}")

    def _fits(self, *texts: str) -> bool:
        """Whether the texts have room beside each other above a bar."""
        metrics = self.fontMetrics()
        widths: int = sum(metrics.horizontalAdvance(text) for text in texts)
        room: int = self.viewport().width()
        return widths + _TEXT_MARGINS <= room

    def _colours(self) -> dict[str, str]:
        devices = list(dict.fromkeys(m.device for m in self.measurements))
        # The CPU keeps its colour in every timing, whatever it is compared with.
        devices.sort(key=lambda name: (name != "cpu", name))
        return {device: QColor(self.series_colour(i)).name() for i, device in enumerate(devices)}

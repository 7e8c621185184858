"""Draw a size sweep: one line for each device, type and thread count, both axes logarithmic."""

from __future__ import annotations

from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gradviz.export.timing import size_label
from gradviz.gui.devices.plot import HoverPoint, NumberAxis, Plot, SecondsAxis
from gradviz.gui.devices.wording import differing, measurement_help, part_title, series_title
from gradviz.gui.style import Theme
from gradviz.recording.sweeps import Crossover, Line, crossovers, sweep_lines
from gradviz.recording.timing import TimedPart, Timing

_LINES: Final = 17
_SYMBOLS: Final = "ostd+x"


class SweepPlot(Plot):
    """Lines of median times over sizes, with the size at which one overtakes another for good.

    Attributes:
        lines: what is drawn.
        crossovers: where lines cross.
        part: the part of the document whose lines are drawn.
    """

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self.lines: tuple[Line, ...] = ()
        self.crossovers: tuple[Crossover, ...] = ()
        self.part: TimedPart | None = None
        self._sweep = ""
        axes = {"bottom": NumberAxis("bottom"), "left": SecondsAxis("left")}
        super().__init__(theme, axes=axes, parent=parent)
        self.setLogMode(x=True, y=True)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Times over sizes"))
        super()._retranslate()

    def set_timing(self, timing: Timing, part: TimedPart | None = None) -> None:
        """Draw another sweep: of that part, else of its first one."""
        lines = [
            line
            for line in sweep_lines(timing.measurements)
            if line.series.part not in (TimedPart.OP, TimedPart.OP_BACKWARD)
        ]
        parts = [line.series.part for line in lines]
        self.part = part if part in parts else next(iter(parts), None)
        self.lines = tuple(line for line in lines if line.series.part is self.part)
        self.crossovers = crossovers(self.lines)
        self._sweep = timing.sweep
        self._redraw()

    def _draw(self) -> None:
        self.set_lines(_LINES)
        self.setAccessibleDescription(" ".join(self.sentences()))
        if not self.lines or self.part is None:
            return
        measured = [m for line in self.lines for m in line.measurements]
        shown = differing(measured) - {"size"}
        name = self._sweep if not self._sweep.isdecimal() else ""
        self.label_axis("bottom", name or self.tr("in place of {}").format(self._sweep))
        self.label_axis("left", part_title(self.part))
        xs = np.log10([m.size for m in measured if m.size])
        ys = np.log10([m.median for m in measured])
        self.setXRange(xs.min(), xs.max(), padding=0.06)
        # Room above for what the lines are called.
        reach = max(float(np.ptp(ys)), 0.3)
        head = 0.11 * reach * (len(self.lines) + len(self.crossovers[:1]))
        self.setYRange(ys.min(), ys.max() + head, padding=0.06)
        self.getAxis("bottom").setTicks(
            [self._size_ticks(sorted({m.size for m in measured if m.size}))]
        )
        for index, line in enumerate(self.lines):
            self._draw_series(index, line)
        legend = pg.LegendItem(offset=(8, 4), labelTextColor=self._theme.text)
        legend.setLabelTextSize(f"{self.font().pointSizeF():.1f}pt")
        legend.setParentItem(self.getPlotItem().getViewBox())
        self._legend = legend
        for index, line in enumerate(self.lines):
            sample = pg.PlotDataItem(
                pen=pg.mkPen(self.series_colour(index), width=2),
                symbol=_SYMBOLS[index % len(_SYMBOLS)],
                symbolBrush=self.series_colour(index),
                symbolPen=None,
            )
            legend.addItem(sample, series_title(line.series, shown))
        if self.crossovers:
            self._draw_crossover(self.crossovers[0])

    def clear(self) -> None:
        """Take everything away, the legend too."""
        legend = getattr(self, "_legend", None)
        if legend is not None:
            if legend.scene() is not None:
                legend.scene().removeItem(legend)
            self._legend = None
        super().clear()

    def _size_ticks(self, known: list[int]) -> list[tuple[float, str]]:
        """The measured sizes, as many as have room."""
        widest = max(self.fontMetrics().horizontalAdvance(f"{size:,}") for size in known) + 10
        room = max(1, (self.viewport().width() - 80) // widest)
        every = -(-len(known) // room)
        return [(float(np.log10(size)), f"{size:,}") for size in known[::every]]

    def _draw_series(self, index: int, line: Line) -> None:
        colour = self.series_colour(index)
        xs = [float(np.log10(m.size or 1)) for m in line.measurements]
        ys = [float(np.log10(m.median)) for m in line.measurements]
        self.draw_line(xs, ys, colour)
        self.draw_points(xs, ys, colour, _SYMBOLS[index % len(_SYMBOLS)])
        for x, y, measurement in zip(xs, ys, line.measurements, strict=True):
            low, high = np.log10(np.quantile(measurement.seconds, (0.25, 0.75)))
            pen = pg.mkPen(colour, width=1.5)
            self.addItem(pg.PlotCurveItem([x, x], [low, high], pen=pen))
            self.hover.append(HoverPoint(x, y, measurement_help(measurement, sweep=self._sweep)))

    def _draw_crossover(self, crossover: Crossover) -> None:
        pen = pg.mkPen(self._theme.muted, width=1.5, style=Qt.PenStyle.DashLine)
        self.addItem(
            pg.InfiniteLine(float(np.log10(crossover.size)), angle=90, pen=pen), ignoreBounds=True
        )

    def sentences(self) -> list[str]:
        """Who is the faster from which size on; where nobody overtakes that is said."""
        if not self.lines:
            return []
        measured = [m for line in self.lines for m in line.measurements]
        shown = differing(measured) - {"size"}
        said = [
            self.tr("From {size} on {winner} is faster than {loser}.").format(
                size=size_label(found.size, self._sweep),
                winner=series_title(found.winner, shown),
                loser=series_title(found.loser, shown),
            )
            for found in self.crossovers
        ]
        if not said and len(self.lines) > 1:
            said.append(self.tr("No line overtakes another for good at the sizes measured."))
        return said

"""Heat map and histogram of a value.

Imports pyqtgraph (0.6 to 0.8 s): to be imported in a thread (`PlotLoader`), never with the window.
"""

from __future__ import annotations

import math
from typing import Any, Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QLocale, QPointF
from PySide6.QtGui import QColor, QMouseEvent
from PySide6.QtWidgets import QWidget

from gradviz.gui.plain_plot import SIDES, PlainPlot
from gradviz.gui.style import Theme
from gradviz.recording.format import format_number
from gradviz.recording.pictures import Histogram, Picture

Array = np.ndarray[Any, Any]

_MAX_MARKS: Final = 2000
_MARK: Final = 9
_LOCKED_BELOW: Final = 6.0
"""Cells are square unless a side is so many times the other."""


class _Axis(pg.AxisItem):  # type: ignore[misc]
    """An axis that counts: without fractions, and without what is beside the things counted.

    Attributes:
        end: the highest number, the lowest being zero; None for an axis that measures.
    """

    end: float | None = None

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """The marks at whole numbers within the limits."""
        marks: list[tuple[float, list[float]]] = super().tickValues(low, high, size)
        end = self.end
        if end is None:
            return marks
        return [
            (step, [v for v in values if 0 <= v <= end and float(v).is_integer()])
            for step, values in marks
        ]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Whole numbers as such."""
        if self.end is not None:
            return [str(round(value)) for value in values]
        return super().tickStrings(values, scale, spacing)  # type: ignore[no-any-return]


class _Plot(PlainPlot):
    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self._axes = {side: _Axis(side) for side in SIDES}
        super().__init__(theme, axes=self._axes, parent=parent)
        # The uppermost number stands half above the axis.
        self.getPlotItem().layout.setContentsMargins(0, self.fontMetrics().height() // 2, 0, 0)
        self.set_theme(theme)


class HeatMap(_Plot):
    """A matrix in colours: from one for the lowest over a neutral zero to one for the highest.

    Attributes:
        picture: what is shown.
    """

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self.picture: Picture | None = None
        self._cells: Array = np.zeros((0, 0), np.float32)
        super().__init__(theme, parent=parent)
        self.invertY(True)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)

    def show_picture(self, picture: Picture) -> None:
        """Show another matrix."""
        if picture == self.picture:
            return
        self.picture = picture
        try:
            self._cells = picture.matrix()
        except ValueError:  # what the engine sent contradicts itself
            self._cells = np.zeros((0, 0), np.float32)
        self._draw()

    def marks(self) -> tuple[int, int]:
        """How many cells are NaN, and how many infinite."""
        return int(np.isnan(self._cells).sum()), int(np.isinf(self._cells).sum())

    def _draw(self) -> None:
        self.clear()
        cells = self._cells
        if self.picture is None or not cells.size:
            return
        row_step, column_step = self.picture.row_step, self.picture.column_step
        rows, columns = cells.shape
        image = pg.ImageItem(axisOrder="row-major")
        image.setImage(colours_of(cells, self._theme), autoLevels=False)
        image.setRect(-0.5, -0.5, columns * column_step, rows * row_step)
        self.addItem(image)
        for symbol, where in (("x", np.isnan(cells)), ("t1", np.isinf(cells))):
            at = np.argwhere(where)[:_MAX_MARKS]
            if at.size:
                marks = pg.ScatterPlotItem(
                    x=(at[:, 1] + 0.5) * column_step - 0.5,
                    y=(at[:, 0] + 0.5) * row_step - 0.5,
                    symbol=symbol,
                    size=_MARK,
                    pen=pg.mkPen(self._theme.error, width=1.5),
                    brush=pg.mkBrush(self._theme.error_fill),
                )
                self.addItem(marks)
        self._axes["left"].end = rows * row_step - 1
        self._axes["bottom"].end = columns * column_step - 1
        ratio = max(rows * row_step, columns * column_step) / min(
            rows * row_step, columns * column_step
        )
        self.setAspectLocked(ratio < _LOCKED_BELOW)
        self.setRange(
            xRange=(-0.5, columns * column_step - 0.5),
            yRange=(-0.5, rows * row_step - 0.5),
            padding=0.02,
        )
        self._describe()

    def _describe(self) -> None:
        text = self.tr("Heat map of {rows} × {columns} cells, from {low} to {high}.")
        low, high = limits_of(self._cells)
        rows, columns = self._cells.shape
        said = text.format(
            rows=rows, columns=columns, low=format_number(low), high=format_number(high)
        )
        nan, inf = self.marks()
        if nan or inf:
            said += " " + self.tr("{nan} NaN, {inf} Inf.").format(nan=nan, inf=inf)
        self.setAccessibleName(said)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the element under the mouse."""
        super().mouseMoveEvent(event)
        self.setToolTip(self._text_at(event.position()))

    def _text_at(self, position: QPointF) -> str:
        if self.picture is None or not self._cells.size:
            return ""
        point = self.getPlotItem().getViewBox().mapSceneToView(position)
        row = int((point.y() + 0.5) // self.picture.row_step)
        column = int((point.x() + 0.5) // self.picture.column_step)
        rows, columns = self._cells.shape
        if not (0 <= row < rows and 0 <= column < columns):
            return ""
        first, left = row * self.picture.row_step, column * self.picture.column_step
        value = format_number(self._cells[row, column])
        if (self.picture.row_step, self.picture.column_step) == (1, 1):
            return f"[{first}, {left}] = {value}"
        ends = first + self.picture.row_step, left + self.picture.column_step
        return f"[{first}:{ends[0]}, {left}:{ends[1]}]  {value}"


class HistogramPlot(_Plot):
    """How many elements lie where; those that are not finite are told in words.

    Attributes:
        histogram: what is shown.
    """

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self.histogram: Histogram | None = None
        super().__init__(theme, parent=parent)

    def show_histogram(self, histogram: Histogram) -> None:
        """Show another one."""
        if histogram != self.histogram:
            self.histogram = histogram
            self._draw()

    def _draw(self) -> None:
        self.clear()
        shown = self.histogram
        if shown is None:
            return
        counts = np.array(shown.counts, dtype=float)
        low, high = shown.low, shown.high
        if high <= low:
            low, high = low - 0.5, high + 0.5
        width = (high - low) / max(len(counts), 1)
        bars = pg.BarGraphItem(
            x0=low + width * np.arange(len(counts)),
            width=width,
            height=counts,
            brush=pg.mkBrush(self._theme.series[0]),
            pen=pg.mkPen(self._theme.base, width=0.5),
        )
        self.addItem(bars)
        if low < 0 < high:
            line = pg.InfiniteLine(0, angle=90, pen=pg.mkPen(self._theme.muted, style=_DASHED))
            self.addItem(line)
        top = max(float(counts.max(initial=0.0)), 1.0)
        self._axes["left"].end = math.inf
        not_finite = not_finite_text(shown)
        if not_finite:
            text = pg.TextItem(not_finite, color=self._theme.error, anchor=(1, 0))
            text.setFont(self.font())
            text.setPos(high, top * 1.12)
            self.addItem(text, ignoreBounds=True)
        self.setRange(xRange=(low, high), yRange=(0, top * 1.12), padding=0.02)
        said = self.tr("Histogram from {low} to {high}.").format(
            low=format_number(shown.low), high=format_number(shown.high)
        )
        self.setAccessibleName(f"{said} {not_finite}".strip())


_DASHED: Final = pg.QtCore.Qt.PenStyle.DashLine


def not_finite_text(histogram: Histogram) -> str:
    """`2 × NaN, 1 × -Inf`, empty where all elements are finite."""
    counts = (
        (histogram.nan, "NaN"),
        (histogram.positive_inf, "Inf"),
        (histogram.negative_inf, "-Inf"),
    )
    locale = QLocale()
    return ", ".join(f"{locale.toString(count)} × {word}" for count, word in counts if count)


def limits_of(cells: Array) -> tuple[float, float]:
    """Lowest and highest finite cell, (0, 0) where there is none."""
    finite = cells[np.isfinite(cells)]
    return (float(finite.min()), float(finite.max())) if finite.size else (0.0, 0.0)


def colours_of(cells: Array, theme: Theme) -> Array:
    """Red, green, blue of each cell; zero is neutral and what is not finite in the error's."""
    low, high = limits_of(cells)
    reach = max(abs(low), abs(high)) or 1.0
    finite = np.isfinite(cells)
    share = np.where(finite, cells, 0.0).astype(np.float64) / reach
    neutral, negative, positive = (
        _rgb(name) for name in (theme.alternate, theme.series[0], theme.series[1])
    )
    size = np.abs(share)[..., None]
    ends = np.where(share[..., None] < 0, negative, positive)
    mixed = neutral * (1 - size) + ends * size
    mixed[~finite] = _rgb(theme.error_fill)
    colours: Array = mixed.round().astype(np.uint8)
    return colours


def _rgb(name: str) -> Array:
    colour = QColor(name)
    return np.array([colour.red(), colour.green(), colour.blue()], dtype=np.float64)

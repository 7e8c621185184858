"""What all plots of the panel have in common: colours, fonts, numbers under the pointer, pictures.

Imports pyqtgraph (0.6 to 0.8 s): to be imported in a thread (`PlotLoader`), never with the window.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import Any, Final, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import QEvent, QPoint, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QImage,
    QMouseEvent,
    QPainter,
    QResizeEvent,
    QShowEvent,
)
from PySide6.QtWidgets import QToolTip, QWidget

from gradviz.gui.plain_plot import SIDES, PlainPlot
from gradviz.gui.style import Theme
from gradviz.gui.timers import single_shot
from gradviz.recording.model import Item
from gradviz.recording.units import format_bytes, format_rate, format_seconds

_REACH: Final = 28
"""Pixels around a point within which the pointer means it."""
_LINE_WIDTH: Final = 2.0
_PICTURE_SCALE: Final = 2
_UNLIMITED: Final = 16_777_215
"""QWIDGETSIZE_MAX, which PySide6 does not name."""


class HoverPoint(NamedTuple):
    """Where something is drawn, in the plot's own coordinates, and the numbers to tell there.

    `item` is what a click there selects, None where it selects nothing.
    """

    x: float
    y: float
    text: str
    item: Item | None = None


_MANTISSAS: Final = ((1, 2, 3, 4, 5, 6, 7, 8, 9), (1, 2, 5), (1, 3), (1,))
"""Within each power of ten: as many ticks as their texts have room for."""
_TICK_WIDTH: Final = 5.5
_TICK_HEIGHT: Final = 1.8
"""Room for the text of a tick, in heights of a line."""
_ENOUGH_TICKS: Final = 2
_USUAL_HEIGHT: Final = 16.0


def log_ticks(low: float, high: float, room: float) -> list[float]:
    """Logarithms of round numbers between two others, at least `room` (in their unit) apart."""
    values: list[float] = []
    for mantissas in reversed(_MANTISSAS):
        logs = np.log10([*mantissas, 10])
        if len(values) >= _ENOUGH_TICKS and np.diff(logs).min() < room:
            break
        powers = range(int(np.floor(low)), int(np.ceil(high)) + 1)
        values = [float(p + m) for p in powers for m in logs[:-1] if low <= p + m <= high]
    return values


class LogAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks at round numbers that do not run into each other where the axis is logarithmic."""

    def logTickValues(
        self, low: float, high: float, size: float, std: object
    ) -> list[tuple[float, list[float]]]:
        """One level of ticks, all with their text."""
        line = self._line_height()
        needed = line * (_TICK_WIDTH if self.orientation in ("bottom", "top") else _TICK_HEIGHT)
        return [(1.0, log_ticks(low, high, needed * (high - low) / max(size, 1.0)))]

    def _line_height(self) -> float:
        font = self.style["tickFont"]
        return float(QFontMetricsF(font).height()) if font is not None else _USUAL_HEIGHT


class SecondsAxis(LogAxis):
    """Ticks in readable units; of a logarithmic axis, too."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the ticks."""
        shown = [10**value for value in values] if self.logMode else values
        return [format_seconds(value) if value > 0 else "0" for value in shown]

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the ticks where each step is a factor."""
        return self.tickStrings(values, scale, spacing)


class BytesAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks in bytes."""

    def tickValues(self, low: float, high: float, size: float) -> list[tuple[float, list[float]]]:
        """Round numbers in binary units."""
        step = 2.0 ** max(0, np.ceil(np.log2(max(high - low, 1.0) / 5)))
        first = np.ceil(low / step) * step
        return [(step, [float(v) for v in np.arange(first, high + step / 2, step)])]

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the ticks."""
        return [format_bytes(round(value)) for value in values]


class FlopsAxis(LogAxis):
    """Ticks of a logarithmic axis of arithmetic per second."""

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the ticks."""
        return [format_rate(10**value, "FLOP/s") for value in values]


class NumberAxis(LogAxis):
    """Ticks of a logarithmic axis of plain numbers."""

    def logTickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        """Texts of the ticks."""
        return [f"{10**value:,.6g}" for value in values]


class Plot(PlainPlot):
    """A plot whose points tell their numbers under the pointer.

    A subclass draws in `_draw` and leaves what the pointer tells in `hover`, what a screen reader
    tells in its accessible description.

    Signals:
        item_chosen: what a point stands for was clicked (`Item`).
    """

    item_chosen = Signal(object)

    def __init__(
        self, theme: Theme, *, axes: dict[str, Any] | None = None, parent: QWidget | None = None
    ) -> None:
        # Before the base class, whose constructor resizes already.
        self.hover: list[HoverPoint] = []
        self.fills_height = False
        self._is_ready = False
        super().__init__(theme, axes=axes, parent=parent)
        self._later = single_shot(self, self._redraw)
        self.setMouseTracking(True)
        self.viewport().setMouseTracking(True)
        self.getPlotItem().setContentsMargins(6, 4, 8, 2)
        self._is_ready = True

    @abstractmethod
    def _draw(self) -> None:
        """Draw everything; the plot is empty before."""

    def _redraw(self) -> None:
        if not self._is_ready:
            return
        self._later.stop()
        self.clear()
        self.hover = []
        self._style()
        self._draw()

    def _retranslate(self) -> None:
        self._redraw()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self._redraw()

    def _style(self) -> None:
        self._set_colours()
        for side in SIDES:
            axis = self.getAxis(side)
            axis.setTickFont(self.font())
            axis.label.setFont(self.font())
            axis.setStyle(tickTextOffset=4)
        self.getAxis("bottom").setHeight(None)

    def set_lines(self, lines: float) -> None:
        """Be so many lines of text high, at least that where the plot fills its place."""
        height = round(lines * self.line_height())
        if self.fills_height:
            self.setMinimumHeight(height)
            self.setMaximumHeight(_UNLIMITED)
        else:
            self.setFixedHeight(height)

    def line_height(self) -> int:
        """Pixels of a line of text."""
        return int(self.fontMetrics().height())

    def label_axis(self, side: str, text: str) -> None:
        """Say what an axis shows."""
        self.getAxis(side).setLabel(text, color=self._theme.muted)
        self.getAxis(side).label.setFont(self.font())
        self.getAxis(side).enableAutoSIPrefix(False)

    def text_item(
        self,
        text: str,
        x: float,
        y: float,
        *,
        anchor: tuple[float, float] = (0, 0),
        colour: str | None = None,
        html: str = "",
        bold: bool = False,
    ) -> pg.TextItem:
        """Write something at a place of the plot; plain text unless `html` is given."""
        if html:
            item = pg.TextItem(html=html, anchor=anchor)
        else:
            item = pg.TextItem(text, color=colour or self._theme.text, anchor=anchor)
        font = QFont(self.font())
        font.setBold(bold)
        item.setFont(font)
        item.setPos(x, y)
        self.addItem(item, ignoreBounds=True)
        return item

    def draw_line(
        self, xs: Sequence[float], ys: Sequence[float], colour: str, *, dashed: bool = False
    ) -> pg.PlotCurveItem:
        """A line through points; the item that was drawn."""
        style = Qt.PenStyle.DashLine if dashed else Qt.PenStyle.SolidLine
        pen = pg.mkPen(colour, width=_LINE_WIDTH, style=style)
        line = pg.PlotCurveItem(np.asarray(xs), np.asarray(ys), pen=pen, antialias=True)
        self.addItem(line)
        return line

    def draw_points(
        self, xs: Sequence[float], ys: Sequence[float], colour: str, symbol: str, size: float = 8.0
    ) -> None:
        """Marks at points."""
        self.addItem(
            pg.ScatterPlotItem(
                np.asarray(xs),
                np.asarray(ys),
                symbol=symbol,
                size=size,
                brush=pg.mkBrush(colour),
                pen=pg.mkPen(self._theme.base, width=1),
            )
        )

    def series_colour(self, index: int) -> str:
        """The colour of a line, by its number."""
        return self._theme.series[index % len(self._theme.series)]

    def point_at(self, position: QPointF) -> HoverPoint | None:
        """What is told at a place of the widget, None where nothing is near."""
        view = self.getPlotItem().getViewBox()
        best, distance = None, float(_REACH)
        for point in self.hover:
            at = self.mapFromScene(view.mapViewToScene(QPointF(point.x, point.y)))
            away = (QPointF(at) - position).manhattanLength()
            if away < distance:
                best, distance = point, away
        return best

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Tell the numbers under the pointer."""
        point = self.point_at(event.position())
        if point is None:
            QToolTip.hideText()
        else:
            place = event.globalPosition().toPoint() + QPoint(14, 10)
            QToolTip.showText(place, point.text, self)
        event.accept()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Select what the point under the pointer stands for."""
        point = self.point_at(event.position())
        if point is not None and point.item is not None:
            self.item_chosen.emit(point.item)
        event.accept()

    def picture(self) -> QImage:
        """The plot as it is, twice as fine as on the screen."""
        image = QImage(self.size() * _PICTURE_SCALE, QImage.Format.Format_ARGB32_Premultiplied)
        image.fill(QColor(self._theme.base))
        painter = QPainter(image)
        try:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self.render(painter, QRectF(image.rect()), self.viewport().rect())  # type: ignore[call-overload]
        finally:
            painter.end()
        return image

    def showEvent(self, event: QShowEvent) -> None:
        """Only now the room for texts is known."""
        super().showEvent(event)
        if self._is_ready:
            self._later.start()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Show as much text as has room now."""
        super().resizeEvent(event)
        if self._is_ready and event.size().width() != event.oldSize().width():
            # Later: drawing changes sizes, and within a resize of its own it would do so for ever.
            self._later.start()

    def changeEvent(self, event: QEvent) -> None:
        """Follow a larger font."""
        super().changeEvent(event)
        if event.type() in (QEvent.Type.FontChange, QEvent.Type.ApplicationFontChange):
            self._redraw()

"""Draw what a run held for its backward passes, over its ops and steps, with the peak marked."""

from __future__ import annotations

from html import escape
from typing import Final

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gradviz.gui.devices.plot import BytesAxis, HoverPoint, Plot
from gradviz.gui.style import Theme
from gradviz.recording.memory import Moment, memory_moments, peak_of
from gradviz.recording.model import ItemKind, Recording
from gradviz.recording.units import format_bytes

_LINES: Final = 15
_MAX_HOVER: Final = 2000
_HEAD: Final = 1.35


class MemoryPlot(Plot):
    """Three layers over the run: saved for backward, gradients in flight, gradients of leaves.

    Attributes:
        moments: what is drawn.
        peak: the index of the largest one, None where nothing was held.
    """

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self.moments: tuple[Moment, ...] = ()
        self.peak: int | None = None
        self._recording = Recording()
        super().__init__(theme, axes={"left": BytesAxis("left")}, parent=parent)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Memory over the run"))
        super()._retranslate()

    def set_recording(self, recording: Recording) -> None:
        """Draw another run."""
        if recording is self._recording:
            return
        self._recording = recording
        self.moments = memory_moments(recording)
        self.peak = peak_of(self.moments)
        self._redraw()

    def _draw(self) -> None:
        self.set_lines(_LINES)
        self.setAccessibleDescription(self.sentence())
        if self.peak is None:
            return
        count = len(self.moments)
        xs = np.arange(count + 1)
        layers = (
            ([m.saved for m in self.moments], self.series_colour(0)),
            ([m.grads for m in self.moments], self.series_colour(2)),
            ([m.flowing for m in self.moments], self._theme.gradient),
        )
        below = np.zeros(count)
        for values, colour in layers:
            above = below + np.array(values, dtype=float)
            self._draw_layer(xs, below, above, colour)
            below = above
        most = float(below.max())
        self.setXRange(0, count, padding=0.02)
        self.setYRange(0, most * _HEAD, padding=0)
        self.getAxis("bottom").setTicks([self._ticks()])
        several = len(self._pass_starts()) > 1
        self.label_axis("bottom", self.tr("backward passes") if several else "")
        self._draw_passes(most)
        self._draw_legend(most)
        self._draw_peak(self.peak, most)
        every = max(1, count // _MAX_HOVER)
        self.hover = [
            HoverPoint(i + 0.5, float(below[i]), self._told(self.moments[i]), self.moments[i].item)
            for i in range(0, count, every)
        ]

    def _draw_layer(
        self, xs: np.ndarray, below: np.ndarray, above: np.ndarray, colour: str
    ) -> None:
        brush = pg.mkColor(colour)
        brush.setAlphaF(0.75)
        edges = [
            pg.PlotCurveItem(xs, values, stepMode="center", pen=None) for values in (below, above)
        ]
        self.addItem(pg.FillBetweenItem(*edges, brush=brush))

    def _ticks(self) -> list[tuple[float, str]]:
        """Where the passes begin, numbered where there are several."""
        starts = self._pass_starts()
        if len(starts) == 1:
            return [(float(starts[0]), self.tr("backward"))]
        room = self.fontMetrics().horizontalAdvance(str(len(starts))) + 10
        every = max(1, -(-len(starts) * room // max(1, self.viewport().width() - 70)))
        return [
            (float(start), str(number))
            for number, start in enumerate(starts, start=1)
            if (number - 1) % every == 0
        ]

    def _pass_starts(self) -> list[int]:
        starts, before = [], None
        for index, moment in enumerate(self.moments):
            if moment.pass_id is not None and moment.pass_id != before:
                starts.append(index)
            before = moment.pass_id
        return starts

    def _draw_passes(self, most: float) -> None:
        pen = pg.mkPen(self._theme.border, width=1, style=Qt.PenStyle.DashLine)
        starts = self._pass_starts()
        if len(starts) * 6 < self.viewport().width():
            for start in starts:
                self.addItem(pg.PlotCurveItem([start, start], [0, most], pen=pen))

    def _draw_legend(self, most: float) -> None:
        entries = (
            (self.series_colour(0), self.tr("saved for backward")),
            (self.series_colour(2), self.tr(".grad of leaves")),
            (self._theme.gradient, self.tr("gradients in flight")),
        )
        metrics = self.fontMetrics()
        width = sum(metrics.horizontalAdvance(text) + 34 for _, text in entries)
        separator = " &nbsp; " if width < self.viewport().width() - 80 else "<br>"
        html = separator.join(
            f'<span style="color: {colour}">■</span> '
            f'<span style="color: {self._theme.muted}">{escape(text)}</span>'
            for colour, text in entries
        )
        if separator == "<br>":
            self.set_lines(_LINES + 3)
            self.setYRange(0, most * (_HEAD + 0.35), padding=0)
        top = self.getPlotItem().getViewBox().viewRange()[1][1]
        self.text_item("", 0, top, html=html)

    def _draw_peak(self, peak: int, most: float) -> None:
        self.draw_points([peak + 0.5], [most], self._theme.text, "t", 9.0)
        side = 1.0 if peak > len(self.moments) / 2 else 0.0
        self.text_item(format_bytes(round(most)), peak + 0.5, most, anchor=(side, 1.15), bold=True)

    def name_of(self, moment: Moment) -> str:
        """The op or autograd node of a moment."""
        if moment.item.kind is ItemKind.OP:
            op = self._recording.ops[moment.item.id]
            line = op.location.line if op.location is not None else None
            where = "" if line is None else " · " + self.tr("line {}").format(line)
            return " ".join((op.text or op.name).split())[:60] + where
        return self._recording.autograd_nodes[moment.item.id].name

    def _told(self, moment: Moment) -> str:
        return "\n".join(
            (
                self.name_of(moment),
                self.tr("saved for backward {}").format(format_bytes(moment.saved)),
                self.tr(".grad of leaves {}").format(format_bytes(moment.grads)),
                self.tr("gradients in flight {}").format(format_bytes(moment.flowing)),
            )
        )

    def sentence(self) -> str:
        """How much was held at the most, and when."""
        if self.peak is None:
            return ""
        moment = self.moments[self.peak]
        held, name = format_bytes(moment.nbytes), self.name_of(moment)
        if moment.pass_id is None:
            return self.tr("At most {held} held for backward, after {op}.").format(
                held=held, op=name
            )
        return self.tr("At most {held} held for backward, during {node}.").format(
            held=held, node=name
        )

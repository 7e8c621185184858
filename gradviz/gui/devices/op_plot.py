"""Draw the times of single ops as bars, the most expensive ones first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape
from typing import Final, NamedTuple

import numpy as np
import pyqtgraph as pg
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from gradviz.gui.devices.plot import HoverPoint, Plot, SecondsAxis
from gradviz.gui.devices.wording import measurement_help
from gradviz.gui.style import Theme
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.timing import Measurement, TimedPart
from gradviz.recording.units import format_seconds

MAX_ROWS: Final = 24
_ROW_LINES: Final = 2.2
_THICKNESS: Final = 0.34
_HEADROOM: Final = 1.04
_MARGINS: Final = 28


class OpTimes(NamedTuple):
    """One kind of op under one set of conditions: its forward, its backward, how often it ran."""

    forward: Measurement
    backward: Measurement | None
    executions: int

    @property
    def total(self) -> float:
        """Seconds of all its executions together."""
        backward = 0.0 if self.backward is None else self.backward.median
        return self.executions * (self.forward.median + backward)


def op_times(measurements: Sequence[Measurement]) -> tuple[OpTimes, ...]:
    """The ops of the first device, type and thread count that ops were timed with, by total."""
    ops = [m for m in measurements if m.part is TimedPart.OP and m.seconds]
    if not ops:
        return ()
    first = ops[0]
    conditions = (first.device, first.dtype, first.threads, first.size)

    def is_same(m: Measurement) -> bool:
        return (m.device, m.dtype, m.threads, m.size) == conditions

    backward = {
        m.ops: m
        for m in measurements
        if m.part is TimedPart.OP_BACKWARD and m.seconds and is_same(m)
    }
    found = [OpTimes(m, backward.get(m.ops), max(1, len(m.ops))) for m in ops if is_same(m)]
    return tuple(sorted(found, key=lambda times: -times.total))


class OpPlot(Plot):
    """One row for each kind of op: what it takes forward and backward, over all its executions.

    Attributes:
        rows: the ops that are drawn, from the top.
        rest: how many more there are.
    """

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self.rows: tuple[OpTimes, ...] = ()
        self.rest = 0
        self._rest_seconds = 0.0
        self._scopes: Mapping[int, str] = {}
        super().__init__(theme, axes={"bottom": SecondsAxis("bottom")}, parent=parent)
        self.hideAxis("left")
        self.invertY(True)
        self.getPlotItem().getViewBox().setDefaultPadding(0)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Times of single ops"))
        super()._retranslate()

    def set_measurements(
        self, measurements: Sequence[Measurement], scopes: Mapping[int, str] | None = None
    ) -> None:
        """Draw other ops; `scopes` are the modules of ops, by their numbers."""
        self._scopes = scopes or {}
        rows = op_times(measurements)
        self.rows, others = rows[:MAX_ROWS], rows[MAX_ROWS:]
        self.rest = len(others)
        self._rest_seconds = sum(times.total for times in others)
        self._redraw()

    def _draw(self) -> None:
        rows = self.rows
        lines = len(rows) + (1.2 if self.rest else 0)
        height = round(_ROW_LINES * self.line_height() * max(1.0, lines))
        self.setFixedHeight(3 * self.line_height() + 12 + height)
        spoken = (f"{self._name(t)}: {format_seconds(t.total)}" for t in rows)
        self.setAccessibleDescription(". ".join(spoken))
        if not rows:
            return
        right = max(times.total for times in rows) * _HEADROOM
        self.setXRange(0, right, padding=0)
        self.setYRange(-0.7, lines, padding=0)
        self._draw_legend(right)
        forward = np.array([t.executions * t.forward.median for t in rows])
        total = np.array([t.total for t in rows])
        ys = np.arange(len(rows)) + 0.72
        for start, width, colour in (
            (np.zeros(len(rows)), forward, self.series_colour(0)),
            (forward, total - forward, self._theme.gradient),
        ):
            self.addItem(
                pg.BarGraphItem(
                    x0=start,
                    width=width,
                    y=ys,
                    height=_THICKNESS,
                    brush=pg.mkBrush(colour),
                    pen=pg.mkPen(None),
                )
            )
        for row, times in enumerate(rows):
            self._draw_row(row, times, right)
        if self.rest:
            more = self.tr("and %Ln more: {}", "", self.rest)
            text = more.format(format_seconds(self._rest_seconds))
            self.text_item(text, 0, len(rows) + 0.2, colour=self._theme.muted)

    def _draw_legend(self, right: float) -> None:
        forward, backward = self.tr("forward"), self.tr("backward")
        html = (
            f'<span style="color: {self.series_colour(0)}">■</span> '
            f'<span style="color: {self._theme.muted}">{escape(forward)}</span> &nbsp; '
            f'<span style="color: {self._theme.gradient}">■</span> '
            f'<span style="color: {self._theme.muted}">{escape(backward)}</span>'
        )
        self.text_item("", right, -0.7, anchor=(1, 0), html=html)

    def _draw_row(self, row: int, times: OpTimes, right: float) -> None:
        total = format_seconds(times.total)
        prefix = f"{times.executions} × " if times.executions > 1 else ""
        metrics = self.fontMetrics()
        room = self.viewport().width() - metrics.horizontalAdvance(total) - _MARGINS
        text = self._name(times)
        name = metrics.elidedText(f"{prefix}{text}", Qt.TextElideMode.ElideRight, max(40, room))
        self.text_item(name, 0, row + 0.02)
        self.text_item(total, right, row + 0.02, anchor=(1, 0), bold=True)
        told = measurement_help(times.forward, text)
        if times.backward is not None:
            told += "\n" + measurement_help(times.backward)
        number = times.forward.ops[0] if times.forward.ops else None
        item = None if number is None else Item(ItemKind.OP, number)
        self.hover += [
            HoverPoint(right * part, row + 0.6, told, item) for part in np.linspace(0, 1, 24)
        ]

    def _name(self, times: OpTimes) -> str:
        """The call as written; inside modules its module, since there it is written but once."""
        text = " ".join(times.forward.text.split())
        modules = list(dict.fromkeys(filter(None, map(self._scopes.get, times.forward.ops))))
        if not modules:
            return text
        more = ", …" if len(modules) > 1 else ""
        return f"{modules[0]}{more}: {text}"

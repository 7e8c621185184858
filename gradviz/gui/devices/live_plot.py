"""Draw how busy a device has been in the last minute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from gradviz.gui.devices.plot import Plot
from gradviz.gui.style import Theme
from gradviz.recording.machine import DeviceLoad

SAMPLES = 60
Floats = npt.NDArray[np.float64]
_LINES = 3.2


class LivePlot(Plot):
    """Utilisation as a filled line, memory as a dashed one, both from nothing to all."""

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self._loads: tuple[DeviceLoad, ...] = ()
        self._busy: pg.PlotCurveItem | None = None
        self._used: pg.PlotCurveItem | None = None
        super().__init__(theme, parent=parent)
        self.hideAxis("left")
        self.hideAxis("bottom")
        self.getPlotItem().setContentsMargins(0, 0, 0, 0)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Utilisation and memory in the last minute"))
        super()._retranslate()

    def set_loads(self, loads: Sequence[DeviceLoad]) -> None:
        """Draw these samples, the last one at the right."""
        self._loads = tuple(loads)[-SAMPLES:]
        xs, busy, used = self._curves()
        is_as_before = bool(self._loads) and (self._busy is not None) == self._is_told(busy)
        if self._used is None or not is_as_before:
            self._redraw()
            return
        # To draw everything again at each sample would take ten times as long.
        self._used.setData(xs, used)
        if self._busy is not None:
            self._busy.setData(xs, busy)

    def _curves(self) -> tuple[Floats, Floats, Floats]:
        xs = np.arange(SAMPLES - len(self._loads), SAMPLES, dtype=float)
        busy = np.array([load.utilisation for load in self._loads], dtype=float)
        used = [load.used_nbytes / max(1, load.total_nbytes) for load in self._loads]
        return xs, busy, np.array(used, dtype=float)

    def _is_told(self, busy: Floats) -> bool:
        return bool(self._loads) and bool(np.isfinite(busy).all())

    def _draw(self) -> None:
        self.set_lines(_LINES)
        self.setXRange(0, SAMPLES - 1, padding=0)
        self.setYRange(0, 1.02, padding=0)
        self._busy = self._used = None
        if not self._loads:
            return
        xs, busy, used = self._curves()
        if self._is_told(busy):
            colour = pg.mkColor(self._theme.accent)
            colour.setAlphaF(0.25)
            pen = pg.mkPen(self._theme.accent, width=1.5)
            self._busy = pg.PlotCurveItem(xs, busy, pen=pen, fillLevel=0, brush=colour)
            self.addItem(self._busy)
        self._used = self.draw_line(xs.tolist(), used.tolist(), self._theme.muted, dashed=True)

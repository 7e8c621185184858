"""Draw how busy a device has been in the last minute."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pyqtgraph as pg
from PySide6.QtWidgets import QWidget

from gradviz.gui.devices.plot import Plot
from gradviz.gui.style import Theme
from gradviz.recording.machine import DeviceLoad

SAMPLES = 60
_LINES = 3.2


class LivePlot(Plot):
    """Utilisation as a filled line, memory as a dashed one, both from nothing to all."""

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self._loads: tuple[DeviceLoad, ...] = ()
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
        self._redraw()

    def _draw(self) -> None:
        self.set_lines(_LINES)
        self.setXRange(0, SAMPLES - 1, padding=0)
        self.setYRange(0, 1.02, padding=0)
        if not self._loads:
            return
        xs = np.arange(SAMPLES - len(self._loads), SAMPLES)
        busy = np.array([load.utilisation for load in self._loads], dtype=float)
        colour = pg.mkColor(self._theme.accent)
        colour.setAlphaF(0.25)
        pen = pg.mkPen(self._theme.accent, width=1.5)
        if np.isfinite(busy).all():
            self.addItem(pg.PlotCurveItem(xs, busy, pen=pen, fillLevel=0, brush=colour))
        used = [load.used_nbytes / max(1, load.total_nbytes) for load in self._loads]
        self.draw_line(xs.tolist(), used, self._theme.muted, dashed=True)

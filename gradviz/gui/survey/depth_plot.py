"""The size of gradients over the depth of a model, as points that lead to their layer.

Imports pyqtgraph (0.6 to 0.8 s): to be imported in a thread (`PlotLoader`), never with the window.
"""

from __future__ import annotations

import math
from typing import Any, Final

import pyqtgraph as pg
from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from gradviz.gui.plain_plot import PlainPlot
from gradviz.gui.style import Theme

_POINT: Final = 10
_LOWEST: Final = -45.0
"""Power of ten under which a float32 is zero."""


class _PowerAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks at powers of ten."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"1e{value:.0f}" if float(value).is_integer() else "" for value in values]


class _LayerAxis(pg.AxisItem):  # type: ignore[misc]
    """Ticks at layers, and none between them."""

    def tickStrings(self, values: list[float], scale: float, spacing: float) -> list[str]:
        return [f"{value:.0f}" if float(value).is_integer() else "" for value in values]


class DepthPlot(PlainPlot):
    """A point for each layer, from the input to the loss; its height is a power of ten.

    Attributes:
        sizes: the root mean square of the gradient at each layer.

    Signals:
        chosen: a layer was clicked (its place, counted from 0).
    """

    chosen = Signal(int)

    def __init__(self, theme: Theme, *, parent: QWidget | None = None) -> None:
        self.sizes: tuple[float, ...] = ()
        self._names: tuple[str, ...] = ()
        self._current: int | None = None
        axes = {"left": _PowerAxis("left"), "bottom": _LayerAxis("bottom")}
        super().__init__(theme, axes=axes, parent=parent)
        self._retranslate()
        self.set_theme(theme)

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Size of the gradient at each layer"))
        self._draw()

    def show_layers(self, names: tuple[str, ...], sizes: tuple[float, ...]) -> None:
        """Show other layers."""
        self._names, self.sizes, self._current = names, sizes, None
        self._draw()

    def mark(self, current: int | None) -> None:
        """Make one layer stand out."""
        if current != self._current:
            self._current = current
            self._draw()

    def _draw(self) -> None:
        self.clear()
        if not self.sizes:
            return
        heights = [math.log10(size) if size > 0 else _LOWEST for size in self.sizes]
        known = [h for h in heights if h > _LOWEST] or [0.0]
        low, high = math.floor(min(known)), math.ceil(max(known))
        low, high = (low - 1, high + 1) if low == high else (low, high)
        # What is exactly zero has no logarithm: it stands at the bottom, in another shape.
        heights = [max(height, low) for height in heights]
        places = list(range(1, len(heights) + 1))
        self.addItem(pg.PlotDataItem(places, heights, pen=pg.mkPen(self._theme.edge, width=1.5)))
        points = pg.ScatterPlotItem(hoverable=True, tip=self._tip)
        points.addPoints(
            [
                {
                    "pos": (place, height),
                    "data": number,
                    "size": _POINT + 4 * (number == self._current),
                    "symbol": "o" if self.sizes[number] > 0 else "x",
                    "pen": pg.mkPen(self._theme.base, width=1),
                    "brush": pg.mkBrush(
                        self._theme.current if number == self._current else self._theme.accent
                    ),
                }
                for number, (place, height) in enumerate(zip(places, heights, strict=True))
            ]
        )
        points.sigClicked.connect(self._on_clicked)
        self.addItem(points)
        self.setRange(xRange=(0.5, len(heights) + 0.5), yRange=(low, high), padding=0.05)

    def _tip(self, x: float, y: float, data: int) -> str:
        return f"{self._names[data]}: {self.sizes[data]:.4g}"

    def _on_clicked(self, _item: object, points: Any, _event: object = None) -> None:
        if len(points):
            self.chosen.emit(points[0].data())

"""What all plots of the window have in common: no menus, no panning, colours of the theme.

Imports pyqtgraph (0.6 to 0.8 s): to be imported in a thread (`PlotLoader`), never with the window.
"""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Mapping

import pyqtgraph as pg
from PySide6.QtCore import QEvent
from PySide6.QtGui import QColor, QWheelEvent
from PySide6.QtWidgets import QWidget

from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme

SIDES = ("bottom", "left")
"""The axes that are shown."""


class PlainPlot(Retranslated, pg.PlotWidget):  # type: ignore[misc]
    """A plot that is only looked at; a subclass draws in `_draw`, and calls `set_theme` once."""

    def __init__(
        self,
        theme: Theme,
        *,
        axes: Mapping[str, pg.AxisItem] | None = None,
        parent: QWidget | None = None,
    ) -> None:
        self._theme = theme
        super().__init__(parent, axisItems=dict(axes or {}))  # type: ignore[call-arg]
        self.setMouseEnabled(x=False, y=False)
        self.setMenuEnabled(False)
        self.hideButtons()

    @abstractmethod
    def _draw(self) -> None:
        """Draw everything."""

    def _retranslate(self) -> None:
        self._draw()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        self._set_colours()
        self._draw()

    def _set_colours(self) -> None:
        self.setBackground(QColor(self._theme.base))
        for side in SIDES:
            axis = self.getAxis(side)
            axis.setPen(pg.mkPen(self._theme.border))
            axis.setTextPen(pg.mkPen(self._theme.muted))

    def changeEvent(self, event: QEvent) -> None:
        """Write the axes in type of the size in use."""
        if self.__dict__.get("plotItem") is None:  # not there yet, or the plot was closed
            return
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            for side in SIDES:
                self.getAxis(side).setTickFont(self.font())

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Leave the wheel to the panel that scrolls."""
        event.ignore()

"""A line around a part of the window, drawn over it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QRegion
from PySide6.QtWidgets import QWidget

from gradviz.gui.style import Appearance, Theme

PLACED: Final = frozenset(
    {QEvent.Type.Resize, QEvent.Type.Move, QEvent.Type.Show, QEvent.Type.Hide}
)
"""Events after which a widget is somewhere else, or is to be seen or not."""
_WIDTH: Final = 2


class Ring(QWidget):
    """Outlines one widget of a window at a time, and takes no part in anything else.

    Attributes:
        place: what is outlined, None for nothing.
    """

    def __init__(self, window: QWidget, appearance: Appearance) -> None:
        super().__init__(window)
        self._window = window
        self.setObjectName("ring")
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.place: QWidget | None = None
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self.hide()

    def surround(self, place: QWidget | None) -> None:
        """Outline a widget of the window, or nothing."""
        if self.place is not place:
            if self.place is not None:
                self.place.removeEventFilter(self)
            if place is not None:
                place.installEventFilter(self)
            self.place = place
        self._settle()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay around the place when it is moved, shown or hidden."""
        if event.type() in PLACED:
            self._settle()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        place = self.place
        if place is None or not place.isVisible():
            self.hide()
            return
        corner = place.mapTo(self._window, QPoint(0, 0))
        self.setGeometry(QRect(corner, place.size()))
        inner = self.rect().adjusted(_WIDTH, _WIDTH, -_WIDTH, -_WIDTH)
        self.setMask(QRegion(self.rect()).subtracted(QRegion(inner)))
        self.show()
        self.raise_()

    def _on_theme_changed(self, theme: Theme) -> None:
        self.setStyleSheet(f"#ring {{ background: {theme.accent}; }}")

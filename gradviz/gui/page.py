"""A page that is scrolled from top to bottom."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtWidgets import QFrame, QScrollArea, QWidget


class Page(QScrollArea):
    """A page as wide as its place; its scroll bar is always there.

    A bar that came and went with the height of the page would change its width, and with it the
    height again: where a narrower page is the lower one, as formulas and hidden parts make it, Qt
    lays it out within its own layout until the stack overflows.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)

    def minimumSizeHint(self) -> QSize:
        """At least as wide as what it shows: nothing would lead to what is cut off at its side."""
        smallest, content = super().minimumSizeHint(), self.widget()
        if content is not None:
            bar = self.verticalScrollBar().sizeHint().width()
            smallest.setWidth(max(smallest.width(), content.minimumSizeHint().width() + bar))
        return smallest

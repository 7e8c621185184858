"""A strip above the graph that tells how a run differs from another."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QLabel, QToolButton, QWidget

from gradviz.gui.buttons import flat_button
from gradviz.gui.icons import make_icon
from gradviz.gui.session import Session
from gradviz.gui.style import Theme
from gradviz.gui.what_if.differences import DifferenceTable


class Strip(QFrame):
    """Has an icon, a count of what differs that opens the table of it, and can be closed.

    Attributes:
        differences: the table of what differs, shown on request.

    Signals:
        closed: the person has closed it.
    """

    closed = Signal()

    def __init__(self, name: str, icon: str, session: Session, parent: QWidget | None) -> None:
        super().__init__(parent)
        self.setObjectName(name)
        self._icon_name = icon
        self._icon = QLabel()
        self._count = QToolButton()
        self._count.setCheckable(True)
        self._count.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._close = flat_button()
        self._close.clicked.connect(self.close_bar)
        self.differences = DifferenceTable(session)

    def close_bar(self) -> None:
        """Show the graph alone again."""
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def _paint_in(self, theme: Theme) -> None:
        self._icon.setPixmap(make_icon(self._icon_name, theme, theme.accent).pixmap(16, 16))
        self._close.setIcon(make_icon("close", theme))
        self._count.setIcon(make_icon("chevron-down", theme))
        name = f"#{self.objectName()}"
        self.setStyleSheet(
            f"{name} {{ background: {theme.current_line}; border: none;"
            f" border-bottom: 1px solid {theme.border}; }}"
            f"{name} QLabel {{ color: {theme.text}; background: transparent; }}"
            f"{name} QLabel#what_if_title {{ font-weight: 600; }}"
            f"{name} QTableView {{ border: none; border-top: 1px solid {theme.border}; }}"
        )

"""How far the next layout is, told over the picture that is still the one before."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QToolButton, QWidget

from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme

MARGIN: Final = 12


class ProgressNotice(Retranslated, QFrame):
    """Stands at the top of its parent while something takes a while; it can be given up.

    Signals:
        given_up: the person does not want to wait.
    """

    given_up = Signal()

    def __init__(self, theme: Theme, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("progress_notice")
        self.setCursor(Qt.CursorShape.ArrowCursor)
        self.label = QLabel()
        self.label.setTextFormat(Qt.TextFormat.PlainText)
        self.button = QToolButton()
        self.button.clicked.connect(self.given_up)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(10)
        row.addWidget(self.label)
        row.addWidget(self.button)
        parent.installEventFilter(self)
        self.set_theme(theme)
        self._retranslate()
        self.hide()

    def _retranslate(self) -> None:
        self.button.setText(self.tr("Cancel"))
        self.button.setToolTip(self.tr("Leave the graph as it is drawn (Esc)"))

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self.setStyleSheet(
            f"#progress_notice {{ background: {theme.base}; border: 1px solid {theme.border};"
            f" border-radius: 6px; }} QLabel {{ color: {theme.text}; background: transparent; }}"
            f"QToolButton {{ color: {theme.text}; border: 1px solid {theme.border};"
            f" padding: 2px 8px; border-radius: 3px; }}"
            f"QToolButton:hover {{ background: {theme.current_line}; }}"
            f"QToolButton:focus {{ border-color: {theme.accent}; }}"
        )

    def tell(self, text: str) -> None:
        """Show a text from now on."""
        self.label.setText(text)
        self.setAccessibleName(text)
        self.show()
        self._place()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay at the top."""
        if event.type() == QEvent.Type.Resize and watched is self.parent() and self.isVisible():
            self._place()
        return super().eventFilter(watched, event)

    def _place(self) -> None:
        around = self.parentWidget()
        assert around is not None
        self.adjustSize()
        self.move(max(0, (around.width() - self.width()) // 2), MARGIN)
        self.raise_()

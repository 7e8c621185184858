"""A strip with one sentence and at most one button."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QApplication,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QWidget,
)

from gradviz.gui.icons import make_icon
from gradviz.gui.style import Appearance, Theme


class Banner(QFrame):
    """Says something that stays true for a while; hidden while there is nothing to say.

    Signals:
        button_clicked: the button was clicked.
    """

    button_clicked = Signal()

    def __init__(
        self, appearance: Appearance, *, icon: str = "info", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.setObjectName("banner")
        self._icon_name = icon
        self._icon = QLabel()
        self._text = QLabel()
        self._text.setObjectName("said")
        self._text.setTextFormat(Qt.TextFormat.PlainText)
        self._text.setWordWrap(True)
        self._text.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._button = QPushButton()
        self._button.clicked.connect(self.button_clicked)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 6, 8, 6)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._text, 1)
        row.addWidget(self._button)
        appearance.theme_changed.connect(self._on_theme_changed)
        appearance.text_scaled.connect(self._on_text_scaled)
        self._on_theme_changed(appearance.theme)
        self.hide()

    @property
    def sentence(self) -> str:
        """What the banner says; empty while it is hidden."""
        return "" if self.isHidden() else self._text.text()

    def say(self, sentence: str, button: str = "") -> None:
        """Show a sentence, and a button where it has a text."""
        self._text.setText(sentence)
        self._button.setText(button)
        self._button.setVisible(bool(button))
        self.show()

    def _on_text_scaled(self) -> None:
        # Within a style sheet they keep the font of before.
        self._text.setFont(QApplication.font())
        self._button.setFont(QApplication.font())

    def _on_theme_changed(self, theme: Theme) -> None:
        colour = theme.warning if self._icon_name == "warning" else theme.muted
        self._icon.setPixmap(make_icon(self._icon_name, theme, colour).pixmap(16, 16))
        self.setStyleSheet(
            f"#banner {{ background: {theme.alternate}; border: none;"
            f" border-bottom: 1px solid {theme.border}; }}"
            f"QLabel {{ color: {theme.muted}; background: transparent; }}"
        )

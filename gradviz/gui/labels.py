"""Labels for texts that come from a run: always plain, never wider than their place."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QPushButton, QSizePolicy, QWidget


class ElidedLabel(QLabel):
    """One line of plain text that is elided rather than widening the window."""

    def __init__(self, text: str = "", *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.set_text(text)

    def set_text(self, text: str) -> None:
        """Show another text."""
        if text == self._text:
            return
        self._text = text
        self.setAccessibleName(text)
        self._elide()

    def full_text(self) -> str:
        """The text before it was elided."""
        return self._text

    def _elide(self) -> None:
        shown = elide(self._text, self, self.width())
        self.setText(shown)
        self.setToolTip(self._text if shown != self._text else "")

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide for the new width."""
        self._elide()


class PlainLabel(QLabel):
    """Plain text over as many lines as it needs, that can be selected and copied."""

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(True)
        self.setTextInteractionFlags(
            Qt.TextInteractionFlag.TextSelectableByMouse
            | Qt.TextInteractionFlag.TextSelectableByKeyboard
        )
        policy = QSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def set_text(self, text: str) -> None:
        """Show another text, also to a screen reader."""
        if text != self.text():
            self.setText(text)
        self.setAccessibleName(text)


class LinkButton(QPushButton):
    """A text that leads somewhere when it is pressed, elided to its place."""

    def __init__(self, text: str, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._text = text
        self.setObjectName("link")
        self.setFlat(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAccessibleName(text)
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.setText(text.replace("&", "&&"))

    def full_text(self) -> str:
        """The text before it was elided."""
        return self._text

    def sizeHint(self) -> QSize:
        """Room for the whole text, also while it is elided."""
        metrics = QFontMetrics(self.font())
        return QSize(metrics.horizontalAdvance(self._text) + 14, metrics.height() + 4)

    def minimumSizeHint(self) -> QSize:
        """Narrower than the text: it is elided then."""
        return QSize(24, self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Elide for the new width."""
        super().resizeEvent(event)
        shown = elide(self._text, self, self.width() - 10)
        self.setText(shown.replace("&", "&&"))
        self.setToolTip(self._text if shown != self._text else "")


def elide(text: str, widget: QWidget, width: int) -> str:
    """The text, its end left out where it is wider than `width` pixels in the widget's font."""
    return QFontMetrics(widget.font()).elidedText(text, Qt.TextElideMode.ElideRight, width)

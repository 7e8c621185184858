"""A figure of a run in a window of its own, as large as the window."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QImage, QPainter, QPaintEvent
from PySide6.QtWidgets import QDialog, QWidget

_OF_SCREEN: Final = 0.8
"""How much of the screen the window takes."""


class ImageWindow(QDialog):
    """Shows an image scaled to the window; Escape closes it."""

    def __init__(self, image: QImage, title: str, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("image_window")
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowFlag(Qt.WindowType.WindowMaximizeButtonHint)
        self.setWindowTitle(title)
        self.setAccessibleName(title)
        self._image = image
        room = parent.screen().availableGeometry().size() * _OF_SCREEN
        self.resize(image.size().scaled(room, Qt.AspectRatioMode.KeepAspectRatio))
        self.setMinimumSize(QSize(120, 90))

    def paintEvent(self, _event: QPaintEvent) -> None:
        """Paint the image in the middle, as large as it fits."""
        ratio = self.devicePixelRatioF()
        size = (QSizeF(self.size()) * ratio).toSize()
        scaled = self._image.scaled(
            size, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        place = QRectF(0, 0, scaled.width() / ratio, scaled.height() / ratio)
        place.moveCenter(QRectF(self.rect()).center())
        painter = QPainter(self)
        painter.drawImage(place, scaled)
        painter.end()

"""Figures among the outputs of a run: how large they are drawn, and their pixels."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from PySide6.QtCore import QBuffer, QByteArray, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QImage, QImageReader, QPainter, QPen, QPixmap

from gradviz.gui.settings import DEFAULT_FONT_POINTS
from gradviz.gui.style import Theme
from gradviz.recording.model import Image, Output

_MAX_SIDE: Final = 1 << 13
_MAX_PIXELS: Final = 4 << 20
"""What a worker sends is smaller; its process runs the person's code and may send anything."""
_LEAST_HEIGHT: Final = 120
"""In a pane that is lower than this an image is scrolled through."""
_FRAME: Final = 2


def read_image(image: Image) -> QImage | None:
    """The pixels of an image, None where it is none or too large."""
    with _reader(image) as reader:
        if not _is_fit(reader.size()):
            return None
        pixels = reader.read()
    return None if pixels.isNull() else pixels


def is_readable(image: Image) -> bool:
    """Whether the file begins as an image of a size that can be shown."""
    with _reader(image) as reader:
        return _is_fit(reader.size())


@contextmanager
def _reader(image: Image) -> Iterator[QImageReader]:
    content = QByteArray(image.png)
    buffer = QBuffer(content)
    buffer.open(QBuffer.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer, QByteArray(b"png"))
    reader.setAutoDetectImageFormat(False)
    yield reader


def _is_fit(size: QSize) -> bool:
    width, height = size.width(), size.height()
    return (
        min(width, height) > 0
        and max(width, height) <= _MAX_SIDE
        and (width * height <= _MAX_PIXELS)
    )


class OutputImages:
    """The images that are shown, by their numbers, and the pixmaps of those in sight."""

    def __init__(self) -> None:
        self._outputs: dict[int, Output] = {}
        self._unpacked: dict[int, QImage | None] = {}
        self._pixmaps: dict[int, QPixmap] = {}

    def __bool__(self) -> bool:
        return bool(self._outputs)

    def add(self, output: Output) -> None:
        """Take an output with an image, and forget the one with its number."""
        assert output.image is not None
        self._outputs[output.image.number] = output
        self._unpacked.pop(output.image.number, None)
        self._pixmaps.pop(output.image.number, None)

    def get(self, number: int) -> Output | None:
        """The output whose image has this number."""
        return self._outputs.get(number)

    def clear(self) -> None:
        """Forget all."""
        self._outputs.clear()
        self._unpacked.clear()
        self._pixmaps.clear()

    def keep_pixels(self, in_sight: set[int]) -> None:
        """Forget the pixels of all other images."""
        self._unpacked = {n: pixels for n, pixels in self._unpacked.items() if n in in_sight}
        self._pixmaps = {n: pixmap for n, pixmap in self._pixmaps.items() if n in in_sight}

    def paint(self, painter: QPainter, number: int, place: QRectF) -> None:
        """Paint an image, sharp on this screen."""
        ratio = painter.device().devicePixelRatioF()
        size = (place.size() * ratio).toSize().expandedTo(QSize(1, 1))
        pixmap = self._pixmaps.get(number)
        if pixmap is None or pixmap.size() != size:
            image = self._outputs[number].image
            if number not in self._unpacked:
                self._unpacked[number] = None if image is None else read_image(image)
            pixels = self._unpacked[number]
            if pixels is None:
                return
            scaled = pixels.scaled(
                size,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            pixmap = self._pixmaps[number] = QPixmap.fromImage(scaled)
        painter.drawPixmap(place, pixmap, QRectF(pixmap.rect()))


def size_in(room: QSizeF, image: Image, font_points: float) -> QSizeF:
    """How large an image is shown: larger where the text is, but never wider than the room.

    It is no higher either, unless there is hardly any room.
    """
    height = max(room.height(), _LEAST_HEIGHT)
    scale = min(
        font_points / DEFAULT_FONT_POINTS, room.width() / image.width, height / image.height
    )
    return QSizeF(image.width * scale, image.height * scale).expandedTo(QSizeF(1, 1))


def paint_marks(
    painter: QPainter, place: QRectF, theme: Theme, *, is_selected: bool, is_current: bool
) -> None:
    """Show that the image is selected, and that the keyboard is at it."""
    colour = QColor(theme.accent)
    if is_current:
        painter.setPen(QPen(colour, _FRAME))
        painter.drawRect(place.adjusted(1, 1, -1, -1))
    if is_selected:
        colour.setAlphaF(0.3)
        painter.fillRect(place, colour)

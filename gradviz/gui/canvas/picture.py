"""Save the picture of a recording as SVG, PNG or PDF, with or without a window."""

from __future__ import annotations

import math
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Final, NamedTuple
from xml.etree import ElementTree

from PySide6.QtCore import (
    QBuffer,
    QCoreApplication,
    QIODevice,
    QMarginsF,
    QPointF,
    QRectF,
    QSize,
    QSizeF,
    Qt,
)
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetricsF,
    QGuiApplication,
    QImage,
    QImageWriter,
    QPageSize,
    QPaintDevice,
    QPainter,
    QPdfWriter,
)
from PySide6.QtSvg import QSvgGenerator
from PySide6.QtWidgets import QApplication

from gradviz.errors import GradvizError
from gradviz.gui.canvas.badges import paint_badges, placed
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.counts import Counts
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.layer_tags import paint_layers
from gradviz.gui.canvas.look import Detail, Look
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.moving import paint_pin
from gradviz.gui.canvas.overlay import paint_marks
from gradviz.gui.canvas.painter import paint_scene
from gradviz.gui.canvas.picture_extras import Extras
from gradviz.gui.canvas.reasons import why_empty
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.text import TextStyle, font_of
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.style import LIGHT, THEMES
from gradviz.recording.model import Recording
from gradviz.recording.view import ViewOptions, default_view

PNG_SCALE: Final = 2.0
LARGEST_IMAGE: Final = 16_000
"""Pixels of a PNG's longer side; beyond it the picture is scaled down instead of failing."""
EMPTY_SIZE: Final = Box(0.0, 0.0, 640.0, 120.0)
SVG: Final = "http://www.w3.org/2000/svg"
OTHER_FONTS: Final = "'DejaVu Sans', Verdana, sans-serif"
PDF_RESOLUTION: Final = 1200
_CAPTION_HEIGHT: Final = 28.0
_CAPTION_MARGIN: Final = 16.0

_languages: Final = Languages()
_applications: list[QApplication] = []  # Qt does not survive losing one and making another.


class StepPage(NamedTuple):
    """A moment that gets a page of its own: what it shows besides the scene, and its caption."""

    playhead: int
    extras: Extras
    caption: str


def save_picture(
    recording: Recording,
    path: str | os.PathLike[str],
    *,
    theme: str = LIGHT.name,
    options: ViewOptions | None = None,
    playhead: int | None = None,
) -> None:
    """Write the graph of a recording to a file whose suffix says how: .svg, .png or .pdf.

    The playhead is the end where none is given, so that every gradient stands on its edge.
    `theme` is "light" or "dark". Needs no window, and no display where there is none. Raises
    `GradvizError` for another suffix or theme and where the file cannot be written.
    """
    target = Path(path)
    _require_suffix(target)
    if theme not in THEMES:
        raise GradvizError(f"There is no theme “{theme}”; there are {', '.join(THEMES)}.")
    _ensure_application()
    options = options or default_view(recording)
    scene = build_scene(recording, options)
    marks = Marks(scene, scene.replay.length if playhead is None else playhead)
    write_scene(scene, marks, Look(THEMES[theme]), options, target)


def write_scene(
    scene: Scene,
    marks: Marks,
    look: Look,
    options: ViewOptions,
    target: Path,
    *,
    extras: Extras | None = None,
) -> None:
    """Write a scene that is laid out already, as `save_picture` does."""
    _require_suffix(target)
    picture = _Picture(scene, marks, look, options, extras)
    _put(target, _WRITERS[target.suffix.lower()](picture))


def write_steps(
    scene: Scene, pages: Iterable[StepPage], look: Look, options: ViewOptions, target: Path
) -> None:
    """Write a scene at several moments as a PDF with a page for each.

    All pages are of one size, so that nothing moves from one to the next. Raises `GradvizError`
    for another suffix and where the file cannot be written.
    """
    _require_suffix(target, (".pdf",))
    pictures = [
        _Picture(scene, Marks(scene, page.playhead), look, options, page.extras, page.caption)
        for page in pages
    ]
    bounds = _around([picture.bounds for picture in pictures])
    for picture in pictures:
        picture.bounds = bounds
    _put(target, _pdf(pictures))


def _put(target: Path, content: bytes) -> None:
    sibling = target.with_name(f".{target.name}.part")
    try:
        sibling.write_bytes(content)
        sibling.replace(target)
    except OSError as error:
        sibling.unlink(missing_ok=True)
        raise GradvizError(f"“{target}” cannot be written: {error.strerror}.") from error


def _around(boxes: Sequence[Box]) -> Box:
    lefts, tops, rights, bottoms = zip(*boxes, strict=True)
    return Box(min(lefts), min(tops), max(rights), max(bottoms))


def scene_image(
    scene: Scene,
    marks: Marks,
    look: Look,
    options: ViewOptions,
    *,
    extras: Extras | None,
) -> QImage:
    """A scene as an image, such as for the clipboard."""
    return _image(_Picture(scene, marks, look, options, extras))


def _require_suffix(target: Path, suffixes: Iterable[str] = ()) -> None:
    allowed = tuple(suffixes) or tuple(_WRITERS)
    if target.suffix.lower() not in allowed:
        known = ", ".join(allowed)
        raise GradvizError(
            f"A picture's name must end in one of {known}; “{target.name}” does not."
        )


def _ensure_application() -> None:
    """Make Qt's application object where the process has none: fonts need it."""
    if QGuiApplication.instance() is not None:
        return
    has_display = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY")
    # On Windows only Qt's platform of that name knows the system's fonts, and it needs no screen.
    if sys.platform != "win32" and not has_display:
        os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    _applications.append(QApplication(["gradviz"]))
    # The source's own language too has rules: one op, two ops.
    _languages.use(LanguageChoice.ENGLISH)


class _Picture:
    """A scene at a moment, ready to be drawn on any paint device."""

    def __init__(
        self,
        scene: Scene,
        marks: Marks,
        look: Look,
        options: ViewOptions,
        extras: Extras | None,
        caption: str = "",
    ) -> None:
        self.scene, self.marks, self.theme = scene, marks, look.theme
        self.caption = caption
        self.look = look._replace(hidden=frozenset())  # A card that is being dragged is there.
        self.extras = Extras() if extras is None else extras
        self.options = options
        self.bounds = EMPTY_SIZE if scene.is_empty else self._bounds()

    def _bounds(self) -> Box:
        """Around cards, edges and the labels of gradients, which may stick out."""
        chips = map(self.marks.chip_of, range(len(self.scene.edges)))
        boxes = [self.scene.bounds, *(chip.box.grown(8.0) for chip in chips if chip is not None)]
        badges = placed(self.scene, list(self.extras.badges))
        boxes += [
            Box(rect.left(), rect.top(), rect.right(), rect.bottom()).grown(8.0)
            for _badge, _text, rect in badges
        ]
        if self.caption:
            boxes.append(self._under(_around(boxes)))
        return _around(boxes)

    def _under(self, box: Box) -> Box:
        """The place of the caption, as wide as it is."""
        width = QFontMetricsF(font_of(TextStyle.VALUE)).horizontalAdvance(self.caption)
        bottom = box.bottom + _CAPTION_HEIGHT
        return Box(box.left, box.bottom, box.left + width + 2 * _CAPTION_MARGIN, bottom)

    def paint(self, device: QPaintDevice, scale: float) -> None:
        """Draw everything, the background included, `scale` device pixels for each pixel."""
        painter = QPainter(device)
        try:
            self.draw(painter, scale)
        finally:
            painter.end()

    def draw(self, painter: QPainter, scale: float) -> None:
        """Draw everything as `paint` does, with a painter that goes on after it."""
        painter.save()
        painter.scale(scale, scale)
        painter.translate(-self.bounds.left, -self.bounds.top)
        frame = QRectF(*self.bounds[:2], self.bounds.width, self.bounds.height)
        painter.fillRect(frame, QColor(self.theme.canvas))
        if self.scene.is_empty:
            self._paint_reason(painter, frame)
        else:
            self._paint_scene(painter)
        if self.caption:
            painter.setFont(font_of(TextStyle.VALUE))
            painter.setPen(QColor(self.theme.muted))
            line = frame.adjusted(_CAPTION_MARGIN, frame.height() - _CAPTION_HEIGHT, 0, 0)
            painter.drawText(line, int(Qt.AlignmentFlag.AlignLeft), self.caption)
        painter.restore()

    def _paint_scene(self, painter: QPainter) -> None:
        paint_scene(painter, self.scene, self.look, self.bounds, Detail.FULL)
        paint_marks(painter, self.marks, self.look, self.bounds, Detail.FULL, 1.0)
        paint_layers(painter, self.scene, self.bounds, self.theme)
        paint_badges(painter, self.scene, list(self.extras.badges), self.theme)
        for card in self.extras.pinned:
            paint_pin(painter, QRectF(*self.scene.rects[card].tolist()), self.look)

    def _paint_reason(self, painter: QPainter, frame: QRectF) -> None:
        painter.setFont(font_of(TextStyle.VALUE))
        painter.setPen(QColor(self.theme.muted))
        painter.drawText(
            frame.adjusted(24, 16, -24, -16),
            int(Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap),
            why_empty(self.scene.recording, self.options),
        )


def _image(picture: _Picture) -> QImage:
    bounds = picture.bounds
    scale = min(PNG_SCALE, LARGEST_IMAGE / max(bounds.width, bounds.height))
    size = QSize(math.ceil(bounds.width * scale), math.ceil(bounds.height * scale))
    image = QImage(size, QImage.Format.Format_RGB32)
    image.fill(QColor(picture.theme.canvas))
    picture.paint(image, scale)
    return image


def _write_png(picture: _Picture) -> bytes:
    image = _image(picture)
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QImageWriter(buffer, b"png")
    writer.write(image)
    return bytes(buffer.data().data())


def _write_pdf(picture: _Picture) -> bytes:
    return _pdf([picture])


def _pdf(pictures: Sequence[_Picture]) -> bytes:
    """A page for each picture; they are all of the size of the first."""
    bounds = pictures[0].bounds
    buffer = QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    writer = QPdfWriter(buffer)
    writer.setTitle(_title())
    # One CSS pixel is 0.75 points.
    points = QSizeF(bounds.width * 0.75, bounds.height * 0.75)
    writer.setPageSize(
        QPageSize(points, QPageSize.Unit.Point, "", QPageSize.SizeMatchPolicy.ExactMatch)
    )
    writer.setPageMargins(QMarginsF(0, 0, 0, 0))
    writer.setResolution(PDF_RESOLUTION)
    painter = QPainter(writer)
    try:
        for number, picture in enumerate(pictures):
            if number:
                writer.newPage()
            picture.draw(painter, PDF_RESOLUTION / 96)
    finally:
        painter.end()
    del writer
    return bytes(buffer.data().data())


def _write_svg(picture: _Picture) -> bytes:
    counts = Counts()
    bounds, recording = picture.bounds, picture.scene.recording
    buffer = QBuffer()
    generator = QSvgGenerator()
    generator.setOutputDevice(buffer)
    generator.setResolution(96)
    generator.setTitle(_title())
    generator.setDescription(
        ", ".join(
            (
                counts.tensors(len(recording.tensors)),
                counts.ops(len(recording.ops)),
                counts.autograd_nodes(len(recording.autograd_nodes)),
            )
        )
    )
    size = QSizeF(bounds.width, bounds.height)
    generator.setSize(size.toSize())
    generator.setViewBox(QRectF(QPointF(0.0, 0.0), size))
    picture.paint(generator, 1.0)
    return _robust_texts(bytes(buffer.data().data()))


def _title() -> str:
    return QCoreApplication.translate("Canvas", "Computational graph")


def _robust_texts(svg: bytes) -> bytes:
    """Give texts further fonts and their measured width, for viewers that lack this font."""
    ElementTree.register_namespace("", SVG)
    root = ElementTree.fromstring(svg)
    for text in root.iter(f"{{{SVG}}}text"):
        family = text.get("font-family", "")
        font = QFont(family)
        font.setPixelSize(round(float(text.get("font-size", "12"))))
        font.setWeight(QFont.Weight(int(text.get("font-weight", "400"))))
        font.setHintingPreference(QFont.HintingPreference.PreferNoHinting)
        width = QFontMetricsF(font).horizontalAdvance(text.text or "")
        text.set("font-family", f"'{family}', {OTHER_FONTS}")
        if width > 0:
            text.set("textLength", f"{width:.2f}")
            text.set("lengthAdjust", "spacingAndGlyphs")
    content: bytes = ElementTree.tostring(root, encoding="utf-8", xml_declaration=True)
    return content


_WRITERS: Final = {".svg": _write_svg, ".png": _write_png, ".pdf": _write_pdf}

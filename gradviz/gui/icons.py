"""The window's own icons: strokes in SVG, coloured by the theme."""

from __future__ import annotations

from functools import cache

from PySide6.QtCore import QByteArray, Qt
from PySide6.QtGui import QIcon, QPainter, QPixmap
from PySide6.QtSvg import QSvgRenderer

from gradviz.gui.style import Theme
from gradviz.resources_path import ICONS

_SIZES = (16, 20, 24, 32, 48)


@cache
def make_icon(name: str, theme: Theme, colour: str = "") -> QIcon:
    """The icon `resources/icons/<name>.svg`, in the theme's text colour unless told otherwise."""
    source = (ICONS / f"{name}.svg").read_text(encoding="utf-8")
    icon = QIcon()
    for mode, paint in (
        (QIcon.Mode.Normal, colour or theme.text),
        (QIcon.Mode.Disabled, theme.border if not theme.is_dark else theme.edge),
    ):
        renderer = QSvgRenderer(QByteArray(source.replace("currentColor", paint).encode()))
        for size in _SIZES:
            icon.addPixmap(_render(renderer, size), mode)
    return icon


def _render(renderer: QSvgRenderer, size: int) -> QPixmap:
    pixmap = QPixmap(size, size)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    renderer.render(painter)
    painter.end()
    return pixmap


def program_icon() -> QIcon:
    """The program's icon."""
    renderer = QSvgRenderer(str(ICONS / "gradviz.svg"))
    icon = QIcon()
    for size in (*_SIZES, 64, 128, 256):
        icon.addPixmap(_render(renderer, size))
    return icon

"""Tiles: what is painted in which frame, and what stands in for what is missing."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QImage, QPainter

from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.painter import Part
from gradviz.gui.canvas.tiles import TILE, Tiles

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

GROUND, STAND_IN, SHARP = QColor("white"), QColor("red"), QColor("blue")
SIZE = (3 * TILE, 2 * TILE)


def draw(box: Box) -> Iterator[Part]:
    yield lambda painter: painter.fillRect(QRectF(*box[:2], box.width, box.height), SHARP)


def paint(tiles: Tiles, *, seconds: float) -> tuple[QImage, list[QRectF]]:
    """One frame, and where the stand-in was let paint."""
    image = QImage(*SIZE, QImage.Format.Format_RGB32)
    clips = []

    def stand_in(painter: QPainter) -> None:
        clips.extend(QRectF(rect) for rect in painter.clipRegion())
        painter.fillRect(QRectF(0, 0, *SIZE), STAND_IN)

    painter = QPainter(image)
    try:
        camera = Camera()
        tiles.paint(painter, draw, GROUND, camera, SIZE, 1.0, underlay=stand_in, seconds=seconds)
    finally:
        painter.end()
    return image, clips


def test_what_stands_in_is_painted_only_where_tiles_are_missing() -> None:
    tiles = Tiles()
    seen = set()
    for _ in range(11):
        image, clips = paint(tiles, seconds=1e-9)
        colours = {
            (column, row): image.pixelColor(column * TILE + 9, row * TILE + 9).name()
            for column in range(3)
            for row in range(2)
        }
        assert set(colours.values()) <= {STAND_IN.name(), SHARP.name()}
        missing = sum(colour == STAND_IN.name() for colour in colours.values())
        seen.add(missing)
        assert missing == 6 - tiles.painted
        assert sum(clip.width() * clip.height() for clip in clips) == missing * TILE**2
    assert seen >= {1, 2, 3, 4, 5}
    _, clips = paint(tiles, seconds=1.0)
    assert tiles.is_complete
    assert clips == []

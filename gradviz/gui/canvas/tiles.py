"""The picture of a scene as square tiles, painted a few at a time and kept.

Tiles are painted at the exact scale and pixel ratio, those nearest to the middle first, for a few
milliseconds of each frame. Where some are missing the last complete look is stretched beneath.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable
from time import perf_counter
from typing import Final, NamedTuple, TypeAlias

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap

from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.geometry import Box, Points

TILE: Final = 256
"""Device pixels of a tile's side."""
FRAME_SECONDS: Final = 0.006
Draw: TypeAlias = Callable[[QPainter, Box], None]
"""Draws what lies in a box of the scene, with a painter in scene coordinates."""
KEPT_TILES: Final = 256
"""64 MB of pixels at most."""


def _draw_nothing(painter: QPainter, box: Box) -> None:
    return


class _Look(NamedTuple):
    """What was on the canvas at some moment, and through which camera."""

    pixmap: QPixmap
    camera: Camera


class Tiles:
    """The picture of a scene, but for what changes with every frame.

    Attributes:
        painted: how many tiles have been painted, for tests and benchmarks.
        is_complete: whether the last frame lacked no tile.
    """

    def __init__(self) -> None:
        self.painted = 0
        self.is_complete = True
        self._tiles: OrderedDict[tuple[int, int], QPixmap] = OrderedDict()
        self._grain = (0.0, 0.0)
        self._look: _Look | None = None

    def clear(self, *, keep_look: bool = False) -> None:
        """Forget all tiles, since the scene or its colours are others."""
        self._tiles.clear()
        if not keep_look:
            self._look = None

    def forget(self, boxes: Points) -> None:
        """Forget the tiles that some boxes of the scene lie in."""
        scale, ratio = self._grain
        side = TILE / (scale * ratio) if scale else math.inf
        for key in list(self._tiles):
            left, top = key[0] * side, key[1] * side
            for box in (Box(*row) for row in boxes.tolist()):
                inside = left <= box.right and left + side >= box.left
                if inside and top <= box.bottom and top + side >= box.top:
                    del self._tiles[key]
                    break

    def paint(
        self,
        painter: QPainter,
        draw: Draw,
        background: QColor,
        camera: Camera,
        size: tuple[int, int],
        ratio: float,
        *,
        seconds: float = FRAME_SECONDS,
    ) -> bool:
        """Draw the picture through a camera; True where nothing of it is missing."""
        width, height = size
        if self._grain != (camera.scale, ratio):
            self._tiles.clear()
            self._grain = (camera.scale, ratio)
        # Whole device pixels, or the tiles would be blurred and seamed.
        left = round(camera.left * camera.scale * ratio)
        top = round(camera.top * camera.scale * ratio)
        columns = range(left // TILE, (left + math.ceil(width * ratio) - 1) // TILE + 1)
        rows = range(top // TILE, (top + math.ceil(height * ratio) - 1) // TILE + 1)
        needed = [(column, row) for column in columns for row in rows]
        self._paint_missing(draw, background, needed, seconds)
        missing = [key for key in needed if key not in self._tiles]
        if missing:
            painter.fillRect(QRectF(0, 0, width, height), background)
            self._paint_look(painter, camera)
        for key in needed:
            tile = self._tiles.get(key)
            if tile is not None:
                self._tiles.move_to_end(key)
                x, y = (key[0] * TILE - left) / ratio, (key[1] * TILE - top) / ratio
                painter.drawPixmap(QRectF(x, y, TILE / ratio, TILE / ratio), tile, tile.rect())
        while len(self._tiles) > max(KEPT_TILES, 2 * len(needed)):
            self._tiles.popitem(last=False)
        self.is_complete = not missing
        return self.is_complete

    def keep_look(
        self, background: QColor, camera: Camera, size: tuple[int, int], ratio: float
    ) -> None:
        """Remember what is on the canvas, to be stretched while the next tiles are missing."""
        pixmap = QPixmap(math.ceil(size[0] * ratio), math.ceil(size[1] * ratio))
        pixmap.setDevicePixelRatio(ratio)
        painter = QPainter(pixmap)
        try:
            self.paint(painter, _draw_nothing, background, camera, size, ratio, seconds=0.0)
        finally:
            painter.end()
        self._look = _Look(pixmap, camera)

    def _paint_missing(
        self, draw: Draw, background: QColor, needed: list[tuple[int, int]], seconds: float
    ) -> None:
        missing = [key for key in needed if key not in self._tiles]
        if not missing or seconds <= 0:
            return
        middle = [sum(axis) / len(axis) for axis in zip(*needed, strict=True)]
        missing.sort(key=lambda key: math.dist(key, middle))
        deadline = perf_counter() + seconds
        for key in missing:
            self._tiles[key] = self._paint_tile(draw, background, key)
            if perf_counter() > deadline:
                return

    def _paint_tile(self, draw: Draw, background: QColor, key: tuple[int, int]) -> QPixmap:
        scale, ratio = self._grain
        grain = scale * ratio
        tile = QPixmap(TILE, TILE)
        tile.fill(background)
        side = TILE / grain
        box = Box(key[0] * side, key[1] * side, (key[0] + 1) * side, (key[1] + 1) * side)
        painter = QPainter(tile)
        try:
            painter.scale(grain, grain)
            painter.translate(-box.left, -box.top)
            draw(painter, box)
        finally:
            painter.end()
        self.painted += 1
        return tile

    def _paint_look(self, painter: QPainter, camera: Camera) -> None:
        if self._look is None:
            return
        old = self._look.camera
        x, y = camera.to_canvas(old.left, old.top)
        factor = camera.scale / old.scale
        size = self._look.pixmap.deviceIndependentSize()
        # Fast rather than smooth: sharp tiles are there a moment later.
        painter.drawPixmap(
            QRectF(x, y, size.width() * factor, size.height() * factor),
            self._look.pixmap,
            QRectF(self._look.pixmap.rect()),
        )

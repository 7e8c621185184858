"""The picture of a scene as square tiles, painted a little at a time and kept.

Tiles are painted at the exact scale and pixel ratio, those nearest to the middle first, for a few
milliseconds of each frame; a tile may take several frames. Where some are missing, what is known
of the picture is stretched beneath; where they are out of date, they stay until they are renewed.
"""

from __future__ import annotations

import math
from collections import OrderedDict
from collections.abc import Callable, Iterator
from time import perf_counter
from typing import Final, NamedTuple, TypeAlias

from PySide6.QtCore import QRectF
from PySide6.QtGui import QColor, QPainter, QPixmap, QRegion

from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.geometry import Box, Points, touching
from gradviz.gui.canvas.painter import Part

TILE: Final = 256
"""Device pixels of a tile's side."""
FRAME_SECONDS: Final = 0.005
Draw: TypeAlias = Callable[[Box], Iterator[Part]]
"""The work of drawing what lies in a box of the scene, piece by piece."""
Underlay: TypeAlias = Callable[[QPainter], None]
"""Draws what stands in for tiles that are missing, in pixels of the widget."""
KEPT_TILES: Final = 256
"""64 MB of pixels at most."""
Key: TypeAlias = tuple[int, int]


class _Tile:
    """One tile; it is stale where the picture has changed since it was painted."""

    def __init__(self, pixmap: QPixmap) -> None:
        self.pixmap, self.is_stale = pixmap, False


class _Look(NamedTuple):
    """What was on the canvas at some moment, and through which camera."""

    pixmap: QPixmap
    camera: Camera


class _Work(NamedTuple):
    """A tile that is being painted."""

    key: Key
    pixmap: QPixmap
    box: Box
    parts: Iterator[Part]


class Tiles:
    """The picture of a scene, but for what changes with every frame.

    Attributes:
        painted: how many tiles have been painted, for tests and benchmarks.
        is_complete: whether the last frame lacked no tile and none was out of date.
    """

    def __init__(self) -> None:
        self.painted = 0
        self.is_complete = True
        self._tiles: OrderedDict[Key, _Tile] = OrderedDict()
        self._grain = (0.0, 0.0)
        self._look: _Look | None = None
        self._work: _Work | None = None

    def clear(self) -> None:
        """Forget everything, since the scene is another."""
        self._tiles.clear()
        self._look = self._work = None

    def renew(self, boxes: Points | None = None) -> None:
        """Paint again what lies in some boxes of the scene, shape (k, 4), by default everything."""
        self._work = None
        for key, tile in self._tiles.items():
            if boxes is None or len(touching(boxes, self._box_of(key))):
                tile.is_stale = True

    def paint(
        self,
        painter: QPainter,
        draw: Draw,
        background: QColor,
        camera: Camera,
        size: tuple[int, int],
        ratio: float,
        *,
        underlay: Underlay | None = None,
        seconds: float = FRAME_SECONDS,
    ) -> bool:
        """Draw the picture through a camera; True where nothing of it is missing."""
        width, height = size
        if self._grain != (camera.scale, ratio):
            self._tiles.clear()
            self._work = None
            self._grain = (camera.scale, ratio)
        # Whole device pixels, or the tiles would be blurred and seamed.
        left = round(camera.left * camera.scale * ratio)
        top = round(camera.top * camera.scale * ratio)
        columns = range(left // TILE, (left + math.ceil(width * ratio) - 1) // TILE + 1)
        rows = range(top // TILE, (top + math.ceil(height * ratio) - 1) // TILE + 1)
        needed = [(column, row) for column in columns for row in rows]
        self._paint_missing(draw, background, needed, seconds)
        gaps = QRegion()
        for key in needed:
            x, y = (key[0] * TILE - left) / ratio, (key[1] * TILE - top) / ratio
            place = QRectF(x, y, TILE / ratio, TILE / ratio)
            tile = self._tiles.get(key)
            if tile is None:
                gaps += place.toAlignedRect()
            else:
                self._tiles.move_to_end(key)
                painter.drawPixmap(place, tile.pixmap, QRectF(tile.pixmap.rect()))
        if not gaps.isEmpty():
            # What is stretched costs more than all tiles together: only where it is seen.
            painter.save()
            painter.setClipRegion(gaps)
            self._paint_beneath(painter, background, camera, size, underlay)
            painter.restore()
        while len(self._tiles) > max(KEPT_TILES, 2 * len(needed)):
            self._tiles.popitem(last=False)
        self.is_complete = not self._missing(needed)
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
        self.stretch(pixmap, camera)

    def stretch(self, pixmap: QPixmap, camera: Camera) -> None:
        """Let a picture that was seen through a camera stand in for tiles that are missing."""
        self._look = _Look(pixmap, camera)

    def _missing(self, needed: list[Key]) -> list[Key]:
        """The tiles still to be painted: missing ones before those that are out of date."""
        missing = [key for key in needed if key not in self._tiles]
        stale = [key for key in needed if key in self._tiles and self._tiles[key].is_stale]
        return missing + stale

    def _paint_missing(
        self, draw: Draw, background: QColor, needed: list[Key], seconds: float
    ) -> None:
        if seconds <= 0:
            return
        wanting = self._missing(needed)
        if not wanting:
            return
        middle = [sum(axis) / len(axis) for axis in zip(*needed, strict=True)]
        wanting.sort(key=lambda key: (key in self._tiles, math.dist(key, middle)))
        deadline = perf_counter() + seconds
        if self._work is not None and self._work.key not in wanting:
            self._work = None
        while wanting:
            if self._work is None:
                self._work = self._begin(draw, background, wanting[0])
            if not self._go_on(self._work, deadline):
                return
            wanting.remove(self._work.key)
            self._tiles[self._work.key] = _Tile(self._work.pixmap)
            self._work = None
            self.painted += 1
            if perf_counter() > deadline:
                return

    def _begin(self, draw: Draw, background: QColor, key: Key) -> _Work:
        pixmap = QPixmap(TILE, TILE)
        pixmap.fill(background)
        box = self._box_of(key)
        return _Work(key, pixmap, box, draw(box))

    def _go_on(self, work: _Work, deadline: float) -> bool:
        """Paint until the deadline, one part at least; True where the tile is done."""
        grain = self._grain[0] * self._grain[1]
        painter = QPainter(work.pixmap)
        try:
            painter.scale(grain, grain)
            painter.translate(-work.box.left, -work.box.top)
            for part in work.parts:
                part(painter)
                if perf_counter() > deadline:
                    return False
        finally:
            painter.end()
        return True

    def _box_of(self, key: Key) -> Box:
        scale, ratio = self._grain
        side = TILE / (scale * ratio) if scale else 0.0
        return Box(key[0] * side, key[1] * side, (key[0] + 1) * side, (key[1] + 1) * side)

    def _paint_beneath(
        self,
        painter: QPainter,
        background: QColor,
        camera: Camera,
        size: tuple[int, int],
        underlay: Underlay | None,
    ) -> None:
        whole = QRectF(0, 0, *size)
        place = QRectF()
        if self._look is not None:
            old = self._look.camera
            x, y = camera.to_canvas(old.left, old.top)
            factor = camera.scale / old.scale
            looked = self._look.pixmap.deviceIndependentSize()
            place = QRectF(x, y, looked.width() * factor, looked.height() * factor)
        if not place.contains(whole):
            painter.fillRect(whole, background)
            if underlay is not None:
                underlay(painter)
        if self._look is not None:
            # Fast rather than smooth: sharp tiles are there a moment later.
            shown = QRectF(self._look.pixmap.rect())
            painter.drawPixmap(place, self._look.pixmap, shown)


def _draw_nothing(_box: Box) -> Iterator[Part]:
    return iter(())

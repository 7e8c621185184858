"""The whole scene as one picture, kept: what is seen from far away, and in the minimap.

It is made with numpy in some tens of milliseconds for 50,000 cards, off the window's thread, and
kept in several sizes. A step draws only the blocks whose colour it changes.
"""

from __future__ import annotations

import math
from itertools import pairwise
from typing import Any, Final

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QImage, QPainter

from gradviz.gui.canvas.blocks import draw_blocks, draw_rects, edge_strengths
from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.geometry import Indices, Points
from gradviz.gui.canvas.look import Codes, Look, block_codes
from gradviz.gui.canvas.scene import Scene

PIXELS: Final = 3_000_000
"""Of the largest size: 12 MB."""
LONGEST: Final = 16_000
"""Pixels of a side: Qt paints on images of 32,767 at most."""
LARGEST_SCALE: Final = 0.12
SMALLEST_SIDE: Final = 192
DOTS_AT_ONCE: Final = 500_000
CHANGES_AT_ONCE: Final = 4_000
"""Blocks drawn again in one frame; more follow in the next."""
LONG: Final = 16
"""Pixels from which on a straight line is not drawn dot by dot."""
LEAST_INK: Final = 1e-6
"""Less is what adding and taking away has left."""
ONE_EDGE: Final = 0.5
"""How strongly a single edge is drawn; where several meet, they add up."""

Density = np.ndarray[Any, np.dtype[np.float64]]


class _Level:
    """The picture in one size, and the colour that each card's block has in it."""

    def __init__(self, image: QImage, scale: float, drawn: Codes) -> None:
        self.image, self.scale, self.drawn = image, scale, drawn


class Overview:
    """A scene's picture in several sizes.

    Attributes:
        scale: that of the largest size; nearer than this, it is only what stands in.
        look: how it was drawn.
        is_complete: whether the last `show` found every block in its right colour.
    """

    def __init__(self, scene: Scene, look: Look) -> None:
        self._scene, self.look = scene, look
        bounds = scene.bounds
        area = max(bounds.width * bounds.height, 1.0)
        self.scale = min(
            LARGEST_SCALE,
            math.sqrt(PIXELS / area),
            LONGEST / max(bounds.width, bounds.height, 1.0),
        )
        self.is_complete = True
        codes = block_codes(scene.kinds, np.zeros(len(scene.cards), np.uint8), look)
        image = self._paint(codes)
        self._levels = [_Level(image, self.scale, codes)]
        while max(image.width(), image.height()) > SMALLEST_SIDE:
            half = QSize(max(1, image.width() // 2), max(1, image.height() // 2))
            image = image.scaled(
                half,
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            scale = self.scale * image.width() / self._levels[0].image.width()
            self._levels.append(_Level(image, scale, codes.copy()))

    def is_of(self, look: Look) -> bool:
        """Whether it is drawn as a look says; what is hidden for a moment does not matter."""
        mine = self.look
        return (
            mine.theme == look.theme
            and mine.colouring is look.colouring
            and mine.focus is look.focus
        )

    def show(self, painter: QPainter, camera: Camera, size: tuple[int, int], phases: Codes) -> None:
        """Draw what a camera sees of it, `size` pixels of the widget, with these phases."""
        level = self._level_for(camera.scale)
        self._update(level, block_codes(self._scene.kinds, phases, self.look))
        view = camera.view(*size)
        bounds = self._scene.bounds
        x, y = level.image.width() / bounds.width, level.image.height() / bounds.height
        source = QRectF(
            (view.left - bounds.left) * x,
            (view.top - bounds.top) * y,
            view.width * x,
            view.height * y,
        )
        target = QRectF(0.0, 0.0, *size)
        whole = QRectF(level.image.rect())
        shown = source.intersected(whole)
        painter.fillRect(target, QColor(self.look.theme.canvas))
        if shown.isEmpty():
            return
        wide, high = target.width() / source.width(), target.height() / source.height()
        place = QRectF(
            (shown.left() - source.left()) * wide,
            (shown.top() - source.top()) * high,
            shown.width() * wide,
            shown.height() * high,
        )
        painter.drawImage(place, level.image, shown)

    def small_image(self, size: QSize) -> QImage:
        """A picture of a size, for the minimap."""
        big_enough = self._levels[0]
        for level in self._levels:
            if level.image.width() >= size.width() and level.image.height() >= size.height():
                big_enough = level
        return big_enough.image.scaled(
            size, Qt.AspectRatioMode.IgnoreAspectRatio, Qt.TransformationMode.SmoothTransformation
        )

    def _level_for(self, scale: float) -> _Level:
        """The smallest size that is not enlarged."""
        best = self._levels[0]
        for level in self._levels:
            if level.scale >= scale:
                best = level
        return best

    def _update(self, level: _Level, codes: Codes) -> None:
        changed = np.flatnonzero(level.drawn != codes)
        self.is_complete = len(changed) <= CHANGES_AT_ONCE
        if not len(changed):
            return
        changed = changed[:CHANGES_AT_ONCE]
        painter = QPainter(level.image)
        try:
            self._aim(painter, level.image)
            rects = self._block_rects(level.scale, self._scene.rects[changed])
            draw_blocks(painter, rects, codes[changed], self.look)
        finally:
            painter.end()
        level.drawn[changed] = codes[changed]

    def _aim(self, painter: QPainter, image: QImage) -> None:
        bounds = self._scene.bounds
        painter.scale(image.width() / bounds.width, image.height() / bounds.height)
        painter.translate(-bounds.left, -bounds.top)

    @staticmethod
    def _block_rects(scale: float, rects: Points) -> Points:
        """Rectangles that are at least a pixel in size: smaller ones might vanish."""
        size = np.maximum(rects[:, 2:], 1.0 / scale)
        return np.hstack((rects[:, :2] + (rects[:, 2:] - size) / 2, size))

    def _paint(self, codes: Codes) -> QImage:
        scene, theme = self._scene, self.look.theme
        width = max(1, math.ceil(scene.bounds.width * self.scale))
        height = max(1, math.ceil(scene.bounds.height * self.scale))
        image = QImage(width, height, QImage.Format.Format_RGB32)
        image.fill(QColor(theme.canvas))
        painter = QPainter(image)
        try:
            self._aim(painter, image)
            tint = QColor(theme.scope.line)
            tint.setAlphaF(0.06)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(tint)
            boxes = np.array([frame.box for frame in scene.frames]).reshape(-1, 4)
            draw_rects(painter, np.hstack((boxes[:, :2], boxes[:, 2:] - boxes[:, :2])))
        finally:
            painter.end()
        if len(scene.segments):
            self._add_edges(image)
        painter = QPainter(image)
        try:
            self._aim(painter, image)
            draw_blocks(painter, self._block_rects(self.scale, scene.rects), codes, self.look)
        finally:
            painter.end()
        return image

    def _add_edges(self, image: QImage) -> None:
        density = self._density(image.width(), image.height())
        inked = np.flatnonzero(density > LEAST_INK)
        pixels = np.frombuffer(image.bits(), np.uint32)
        before = pixels[inked]
        strength = 1.0 - (1.0 - ONE_EDGE) ** density[inked]
        edge = QColor(self.look.theme.edge).rgb()
        after = np.full(len(before), 0xFF000000, np.uint32)
        for shift in (16, 8, 0):
            old = (before >> shift & 255).astype(np.float64)
            new = old + ((edge >> shift & 255) - old) * strength
            after |= new.astype(np.uint32) << shift
        pixels[inked] = after

    def _density(self, width: int, height: int) -> Density:
        """How much of edges there is in each pixel, shape (height · width,)."""
        scene = self._scene
        strengths = edge_strengths(scene, self.look)
        origin = np.array((scene.bounds.left, scene.bounds.top) * 2)
        density = np.zeros(width * height)
        # What lies on each other is drawn once, as strong as all of it.
        pieces = np.flatnonzero(scene.twins == np.arange(len(scene.twins)))
        owners, count = scene.segment_edge, len(scene.twins)
        weight = np.bincount(scene.twins, strengths[owners], minlength=count).astype(np.float64)
        lines = (scene.segments[pieces] - origin) * self.scale
        weight = weight[pieces]
        rest = _add_upright(density.reshape(height, width), lines, weight)
        lines, weight = lines[rest], weight[rest]
        step = lines[:, 2:] - lines[:, :2]
        counts = np.maximum(np.ceil(np.abs(step).max(axis=1)), 1).astype(np.intp)
        cuts = np.searchsorted(np.cumsum(counts), np.arange(0, counts.sum(), DOTS_AT_ONCE))
        for first, last in pairwise([*np.unique(cuts).tolist(), len(lines)]):
            many = counts[first:last]
            line = np.repeat(np.arange(first, last), many)
            nth = np.arange(len(line)) - np.repeat(np.cumsum(many) - many, many)
            at = lines[line, :2] + step[line] * ((nth + 0.5) / counts[line])[:, None]
            x = np.clip(at[:, 0].astype(np.intp), 0, width - 1)
            y = np.clip(at[:, 1].astype(np.intp), 0, height - 1)
            np.add.at(density, y * width + x, weight[line])
        return density


def _add_upright(density: Density, lines: Points, weight: Density) -> Indices:
    """Add the long ones of lines, shape (k, 4), that stay in a column or row; which are left over.

    A trunk of ten thousand lines would be many millions of dots: only ends are counted.
    """
    pixels = np.clip(lines.astype(np.intp), 0, np.tile(np.array(density.shape[::-1]) - 1, 2))
    run, rise = np.abs(pixels[:, 2:] - pixels[:, :2]).T
    is_column, is_row = (run == 0) & (rise > LONG), (rise == 0) & (run > LONG)
    for along, chosen in ((1, is_column), (0, is_row)):
        if not chosen.any():
            continue
        plane = density.T if along == 0 else density
        changes = np.zeros((plane.shape[0] + 1, plane.shape[1]))
        ends = np.sort(pixels[chosen][:, [along, along + 2]], axis=1)
        across = pixels[chosen][:, 1 - along]
        np.add.at(changes, (ends[:, 0], across), weight[chosen])
        np.add.at(changes, (ends[:, 1] + 1, across), -weight[chosen])
        plane += np.cumsum(changes, axis=0)[:-1]
    return np.flatnonzero(~is_column & ~is_row)

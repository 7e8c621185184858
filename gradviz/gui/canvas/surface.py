"""The picture of a scene at a moment: tiles where they can be had, the overview where not."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Final

import numpy as np
from PySide6.QtGui import QColor, QPainter, QPixmap

from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.geometry import OUTWARDS, Box, Points
from gradviz.gui.canvas.look import Detail, Look, detail_at
from gradviz.gui.canvas.marks import Marks, changed_boxes
from gradviz.gui.canvas.overlay import settled_parts
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.painter import Part, scene_parts
from gradviz.gui.canvas.scene import REACH, Scene
from gradviz.gui.canvas.tiles import FRAME_SECONDS, Tiles

FIRST_FRAME_SECONDS: Final = 0.03
"""A new picture may take this long at once, so that a small one does not appear in pieces."""
GOING_ON_SECONDS: Final = 0.01
"""While nobody moves the view, fewer and longer frames are sharp sooner: each paints what is live
and what stands in for missing tiles again."""
STEP_SECONDS: Final = 0.0015
"""After a step the live part tells the news; tiles follow a little at a time."""


class Surface:
    """Paints a scene and what is settled on it; what is live is painted by others upon it.

    Attributes:
        scene, marks, look: what is painted.
        overview: the whole as one picture, None while it is being made.
        is_sharp: whether the last frame lacked nothing.
    """

    def __init__(self, look: Look) -> None:
        self.scene: Scene | None = None
        self.marks: Marks | None = None
        self.look = look
        self.overview: Overview | None = None
        self.is_sharp = True
        self._tiles = Tiles()
        self._camera = Camera()
        self._seconds: float | None = None

    @property
    def painted_tiles(self) -> int:
        """How many tiles have been painted so far."""
        return self._tiles.painted

    def show(self, scene: Scene, marks: Marks, overview: Overview | None) -> None:
        """Paint another scene from now on."""
        self.scene, self.marks, self.overview = scene, marks, overview
        self._tiles.clear()
        self._seconds = FIRST_FRAME_SECONDS

    def replace_scene(self, scene: Scene, marks: Marks, boxes: Sequence[Points | Box]) -> None:
        """Paint a scene that differs in some boxes only."""
        self.scene, self.marks = scene, marks
        self.overview = None
        self._tiles.renew(np.array(boxes, np.float64).reshape(-1, 4) + REACH * OUTWARDS)

    def hide(self, cards: frozenset[int], boxes: list[Box]) -> None:
        """Leave some cards and their edges out; `boxes` are where they are."""
        self.look = self.look._replace(hidden=cards)
        self._tiles.renew(np.array(boxes, np.float64).reshape(-1, 4))

    def set_look(self, look: Look) -> None:
        """Paint the same in another way."""
        if look.theme != self.look.theme:
            self._tiles.clear()
            self.overview = None
        elif look.colouring is not self.look.colouring or look.focus is not self.look.focus:
            self.overview = None
        self.look = look
        self._tiles.renew()
        self._seconds = FIRST_FRAME_SECONDS

    def set_marks(self, marks: Marks) -> None:
        """Another moment: what was settled between the two is painted again, all else stays."""
        before, self.marks = self.marks, marks
        with_edges = detail_at(self._camera.scale) is not Detail.BLOCKS
        boxes = None if before is None else changed_boxes(before, marks, with_edges=with_edges)
        self._tiles.renew(boxes)
        self._seconds = STEP_SECONDS

    def keep_look(self, camera: Camera, size: tuple[int, int], ratio: float) -> None:
        """Remember what is to be seen, to be stretched until it is sharp at another scale."""
        if self.scene is None or self.scene.is_empty or not self.is_sharp:
            return
        if self.overview is not None and camera.scale <= self.overview.scale:
            return
        self._tiles.keep_look(QColor(self.look.theme.canvas), camera, size, ratio)

    def stretch(self, pixmap: QPixmap, camera: Camera) -> None:
        """Let a picture that was seen through a camera stand in for tiles that are missing."""
        self._tiles.stretch(pixmap, camera)

    def paint(self, painter: QPainter, camera: Camera, size: tuple[int, int], ratio: float) -> bool:
        """Paint, for a few milliseconds; True where nothing is missing."""
        assert self.marks is not None
        seconds, self._seconds = self._seconds, None
        if seconds is None:
            seconds = GOING_ON_SECONDS if camera == self._camera else FRAME_SECONDS
        self._camera = camera
        if self.overview is not None and camera.scale <= self.overview.scale:
            self._paint_overview(painter, camera, size, is_final=True)
            self.is_sharp = self.overview.is_complete
            return self.is_sharp

        def underlay(beneath: QPainter) -> None:
            self._paint_overview(beneath, camera, size, is_final=False)

        self.is_sharp = self._tiles.paint(
            painter,
            self._parts,
            QColor(self.look.theme.canvas),
            camera,
            size,
            ratio,
            underlay=underlay,
            seconds=seconds,
        )
        return self.is_sharp

    def _paint_overview(
        self, painter: QPainter, camera: Camera, size: tuple[int, int], *, is_final: bool
    ) -> None:
        if self.overview is None or self.marks is None:
            return
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, is_final)
        self.overview.show(painter, camera, size, self.marks.phases)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, False)

    def _parts(self, box: Box) -> Iterator[Part]:
        """The graph in a tile, and what earlier steps left on it."""
        assert self.scene is not None
        assert self.marks is not None
        scale = self._camera.scale
        detail = detail_at(scale)
        return chain(
            scene_parts(self.scene, self.look, box, detail, scale, self.marks.phases),
            settled_parts(self.marks, self.look, box, detail, scale),
        )

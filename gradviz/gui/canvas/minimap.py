"""A small picture of the whole graph in a corner: where one is, and a way to go elsewhere."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QWidget

from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme

LARGEST: Final = QSize(190, 150)
NARROWEST: Final = 24.0
"""Pixels across a graph that is a line at its own proportions: it is drawn broader than it is."""
SMALLEST_FRAME: Final = 6.0
MARKER: Final = 3.5
MARGIN: Final = 12


_CORNERS: Final = (
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignBottom,
    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignBottom,
    Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignTop,
    Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop,
)
"""Where it stands, the usual corner first."""


class Minimap(Retranslated, QWidget):
    """Shows the whole scene and the part of it that is in view.

    Signals:
        place_chosen: a point of the scene that should be in the middle (float, float).
    """

    place_chosen = Signal(float, float)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._scene: Scene | None = None
        self._overview: Overview | None = None
        self._bounds = Box(0.0, 0.0, 0.0, 0.0)
        self._scale = 1.0, 1.0
        self._view = Box(0.0, 0.0, 0.0, 0.0)
        self._current: frozenset[int] = frozenset()
        self._pixmap: QPixmap | None = None
        self._where = _CORNERS[0]
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._retranslate()
        self.hide()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Overview of the graph"))
        self.setToolTip(self.tr("The whole graph; click or drag to look elsewhere"))

    def show_scene(self, scene: Scene, overview: Overview) -> None:
        """Draw another scene, or the same in other colours."""
        self._scene, self._overview = scene, overview
        self._bounds = bounds = scene.bounds
        width, height = max(bounds.width, 1.0), max(bounds.height, 1.0)
        scale = min(LARGEST.width() / width, LARGEST.height() / height)
        self._scale = max(scale, NARROWEST / width), max(scale, NARROWEST / height)
        size = self._picture_size()
        self.resize(max(40, round(size.width())) + 2, max(40, round(size.height())) + 2)
        self._pixmap = None
        self.update()

    def show_view(self, scene: Scene, view: Box, current: frozenset[int]) -> None:
        """Frame the part in view and mark the cards of the current step.

        Of a scene whose picture is not there yet that has to wait for the picture.
        """
        if scene is not self._scene or (view, current) == (self._view, self._current):
            return
        self._view, self._current = view, current
        self.update()

    def keep_in_corner(self) -> None:
        """Stand in its corner of the parent, whatever the sizes of both."""
        self.move(self._place_in(self._where).topLeft())

    def make_room(self, hides: Callable[[QRect], int]) -> None:
        """Go to another corner where it hides fewer cards, and nothing else is; `hides` counts."""
        around = self.parentWidget()
        others = [] if around is None else [w for w in around.children() if w is not self]
        taken = [w.geometry() for w in others if isinstance(w, QWidget) and w.isVisible()]
        is_taken = any(self.geometry().intersects(other) for other in taken)
        hidden = math.inf if is_taken else hides(self.geometry())
        for corner in _CORNERS:
            place = self._place_in(corner)
            if any(place.intersects(other) for other in taken):
                continue
            if (count := hides(place)) < hidden:
                hidden, self._where = count, corner
        self.keep_in_corner()

    def _place_in(self, corner: Qt.AlignmentFlag) -> QRect:
        around = self.parentWidget()
        whole = self.rect() if around is None else around.rect()
        inside = whole.adjusted(MARGIN, MARGIN, -MARGIN, -MARGIN)
        return QStyle.alignedRect(Qt.LayoutDirection.LeftToRight, corner, self.size(), inside)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Draw the kept picture, then the frame of the view and the current step."""
        if self._scene is None or self._overview is None:
            return
        theme = self._overview.look.theme
        if self._pixmap is None:
            self._pixmap = self._small_picture(self._overview)
        painter = QPainter(self)
        try:
            painter.drawPixmap(0, 0, self._pixmap)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_frame(painter, theme)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(theme.current))
            for card in self._current:
                painter.drawEllipse(self._place_of(*self._scene.centre_of(card)), MARKER, MARKER)
        finally:
            painter.end()

    def _small_picture(self, overview: Overview) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap((QRectF(self.rect()).size() * ratio).toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(overview.look.theme.canvas))
        painter = QPainter(pixmap)
        try:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = self._picture_size()
            image = overview.small_image((size * ratio).toSize().expandedTo(QSize(1, 1)))
            painter.drawImage(QRectF(self._corner(), size), image)
        finally:
            painter.end()
        return pixmap

    def _picture_size(self) -> QSizeF:
        return QSizeF(self._bounds.width * self._scale[0], self._bounds.height * self._scale[1])

    def _corner(self) -> QPointF:
        """Where the picture begins: in the middle of the widget, which may be larger."""
        room = QSizeF(self.size()) - self._picture_size()
        return QPointF(room.width() / 2, room.height() / 2)

    def _place_of(self, x: float, y: float) -> QPointF:
        """Where a point of the scene is."""
        along = (x - self._bounds.left) * self._scale[0], (y - self._bounds.top) * self._scale[1]
        return self._corner() + QPointF(*along)

    def _paint_frame(self, painter: QPainter, theme: Theme) -> None:
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        frame = QRectF(
            self._place_of(self._view.left, self._view.top),
            self._place_of(self._view.right, self._view.bottom),
        )
        more = QSizeF(SMALLEST_FRAME, SMALLEST_FRAME) - frame.size()
        more_x, more_y = max(0.0, more.width()) / 2, max(0.0, more.height()) / 2
        frame = frame.adjusted(-more_x, -more_y, more_x, more_y)
        frame = frame.intersected(whole.adjusted(1, 1, -1, -1))
        painter.setPen(QPen(QColor(theme.border), 1))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(whole)
        tint = QColor(theme.selection)
        tint.setAlphaF(0.12)
        painter.setPen(QPen(QColor(theme.selection), 1.5))
        painter.setBrush(tint)
        painter.drawRect(frame)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go to the place under the pointer."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._choose(event.position())
        event.accept()

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Go along with the pointer while its button is down."""
        if event.buttons() & Qt.MouseButton.LeftButton:
            self._choose(event.position())
        event.accept()

    def _choose(self, position: QPointF) -> None:
        at = position - self._corner()
        self.place_chosen.emit(
            self._bounds.left + at.x() / self._scale[0], self._bounds.top + at.y() / self._scale[1]
        )

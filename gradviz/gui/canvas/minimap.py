"""A small picture of the whole graph in a corner: where one is, and a way to go elsewhere."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QPointF, QRect, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QWidget

from gradviz.gui.canvas.camera import Camera, fitting
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Theme

LARGEST: Final = QSize(190, 150)
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
        self._camera = Camera()
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

    def show_scene(self, scene: Scene, overview: Overview) -> None:
        """Draw another scene, or the same in other colours."""
        self._scene, self._overview = scene, overview
        self._bounds = bounds = scene.bounds
        scale = min(
            LARGEST.width() / max(bounds.width, 1.0), LARGEST.height() / max(bounds.height, 1.0)
        )
        self.resize(
            max(40, round(bounds.width * scale)) + 2, max(40, round(bounds.height * scale)) + 2
        )
        self._camera = fitting(bounds, self.width(), self.height(), largest=scale)
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
        hidden = hides(self.geometry())
        around = self.parentWidget()
        others = [] if around is None else [w for w in around.children() if w is not self]
        taken = [w.geometry() for w in others if isinstance(w, QWidget) and w.isVisible()]
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
                x, y = self._camera.to_canvas(*self._scene.centre_of(card))
                painter.drawEllipse(QPointF(x, y), MARKER, MARKER)
        finally:
            painter.end()

    def _small_picture(self, overview: Overview) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap((QRectF(self.rect()).size() * ratio).toSize())
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(QColor(overview.look.theme.canvas))
        bounds, painter = self._bounds, QPainter(pixmap)
        try:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            size = QSizeF(bounds.width, bounds.height) * self._camera.scale
            image = overview.small_image((size * ratio).toSize().expandedTo(QSize(1, 1)))
            painter.drawImage(QRectF(QPointF(*self._corner()), size), image)
        finally:
            painter.end()
        return pixmap

    def _corner(self) -> tuple[float, float]:
        return self._camera.to_canvas(self._bounds.left, self._bounds.top)

    def _paint_frame(self, painter: QPainter, theme: Theme) -> None:
        left, top = self._camera.to_canvas(self._view.left, self._view.top)
        right, bottom = self._camera.to_canvas(self._view.right, self._view.bottom)
        whole = QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5)
        frame = QRectF(QPointF(left, top), QPointF(right, bottom)).intersected(
            whole.adjusted(1, 1, -1, -1)
        )
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
        self.place_chosen.emit(*self._camera.to_scene(position.x(), position.y()))

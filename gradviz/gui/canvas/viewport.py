"""A widget that looks at a plane: pan, zoom to the pointer, pinch, wheel and keys."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QNativeGestureEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import (
    QApplication,
    QGestureEvent,
    QPinchGesture,
    QWidget,
)

from gradviz.gui.canvas.camera import (
    COMFORTABLE,
    LARGEST_FIT,
    READABLE,
    Camera,
    fitting,
    opening,
    showing,
    spanning,
)
from gradviz.gui.canvas.geometry import Box

ZOOM_STEP: Final = 1.25
WHEEL_ZOOM: Final = 1.0016
"""Factor for each unit of the wheel's angle: a notch (120 units) is about one fifth."""
WHEEL_PAN: Final = 0.6
"""Pixels for each unit of the wheel's angle: a notch is 72 pixels."""
KEEP_IN_VIEW: Final = 24.0


class Viewport(QWidget):
    """Holds the camera and moves it as the person says.

    Attributes:
        camera: what is looked at.
        wheel_zooms: whether the wheel zooms without Ctrl.

    Signals:
        camera_moved: another part is looked at.
        fitted_across: of what is too long to be seen whole, one part is shown from side to side.
    """

    camera_moved = Signal()
    fitted_across = Signal()

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.camera = Camera()
        self.enlargement = 1.0
        self.wheel_zooms = False
        self._follows_fit = True
        self._opened: tuple[Camera, Box] | None = None
        self._pressed_at: QPointF | None = None
        self._last_at = QPointF()
        self._is_panning = False
        self._is_dragging = False
        self._holds_space = False
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.grabGesture(Qt.GestureType.PinchGesture)

    def content_box(self) -> Box:
        """The box around all there is to see."""
        return Box(0.0, 0.0, 0.0, 0.0)

    def focus_box(self) -> Box:
        """The part of it that the person is concerned with."""
        return self.content_box()

    def clicked(self, position: QPointF, modifiers: Qt.KeyboardModifier) -> None:
        """The left button was pressed and released without dragging."""

    def drag_started(self, position: QPointF) -> bool:
        """The left button drags from a point; True where that moves something and does not pan."""
        return False

    def dragged(self, position: QPointF) -> None:
        """What is dragged follows the pointer."""

    def dropped(self, *, is_cancelled: bool = False) -> None:
        """What is dragged is let go, or goes back to where it was."""

    def about_to_change(self) -> None:
        """The picture is going to change, the scale for instance."""

    def view(self) -> Box:
        """The box that is in view."""
        return self.camera.view(self.width(), self.height())

    def set_camera(self, camera: Camera) -> None:
        """Look at something else."""
        if camera == self.camera:
            return
        if camera.scale != self.camera.scale:
            self.about_to_change()
        self.camera = camera
        self.update()
        self.camera_moved.emit()

    @property
    def shows_all(self) -> bool:
        """Whether everything is to be seen, and stays so when the widget's size changes."""
        return self._follows_fit

    def set_enlargement(self, enlargement: float) -> None:
        """Show what is read larger from now on than usual, as for an audience, or as usual."""
        scale, before = self.camera.scale, self.enlargement
        if enlargement == before:
            return
        self.enlargement = enlargement
        was_readable = self._follows_fit and scale >= READABLE * before
        if was_readable or scale == COMFORTABLE * before:
            self.open_at(self.focus_box())
        elif self._follows_fit:
            self.fit()

    def fitting(self, box: Box) -> Camera:
        """The camera that shows a whole box."""
        largest = LARGEST_FIT * self.enlargement
        return fitting(box, self.width(), self.height(), largest=largest)

    def fit(self) -> None:
        """Show everything, and keep doing so when the widget's size changes."""
        self._follows_fit = True
        self.set_camera(self.fitting(self.content_box()))

    def fit_or_span(self) -> None:
        """Show everything; of what would be a line, a part from side to side."""
        size = self.width(), self.height()
        boxes = self.content_box(), self.focus_box()
        across = spanning(*boxes, *size, enlargement=self.enlargement)
        if across is None:
            self.fit()
        else:
            self._follows_fit = False
            self.set_camera(across)
            self.fitted_across.emit()

    def open_at(self, start: Box) -> None:
        """Show everything where that can be read, else one box of it and what is around."""
        self.fit()
        size = self.width(), self.height()
        camera = opening(self.content_box(), start, *size, enlargement=self.enlargement)
        if camera != self.camera:
            self._follows_fit = False
            self.set_camera(camera)
        self._opened = camera, start

    def fit_box(self, box: Box) -> None:
        """Show one box as large as it is readable."""
        self._follows_fit = False
        self.set_camera(self.fitting(box))

    def show_box(self, box: Box) -> None:
        """Move as little as needed so that a box is in view."""
        camera = showing(self.camera, box, self.width(), self.height(), margin=KEEP_IN_VIEW)
        if camera != self.camera:
            self._follows_fit = False
            self.set_camera(camera)

    def centre_on(self, x: float, y: float) -> None:
        """Show a point in the middle."""
        middle_x, middle_y = self.camera.to_scene(self.width() / 2, self.height() / 2)
        self.pan((middle_x - x) * self.camera.scale, (middle_y - y) * self.camera.scale)

    def pan(self, dx: float, dy: float) -> None:
        """Move the view by so many pixels."""
        self._follows_fit = False
        self.set_camera(self.camera.panned(dx, dy))

    def zoom(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom with a point of the widget, by default its middle, staying where it is."""
        self._follows_fit = False
        at = QPointF(self.width() / 2, self.height() / 2) if at is None else at
        self.set_camera(self.camera.zoomed(factor, at.x(), at.y()))

    def zoom_in(self) -> None:
        """Larger by a step."""
        self.zoom(ZOOM_STEP)

    def zoom_out(self) -> None:
        """Smaller by a step."""
        self.zoom(1 / ZOOM_STEP)

    def zoom_to_actual_size(self) -> None:
        """One pixel of the scene for each of the widget."""
        self.zoom(1 / self.camera.scale)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Keep everything in view as long as that is what the person wanted, or what opened."""
        super().resizeEvent(event)
        if self._follows_fit:
            self.fit()
        elif self._opened == (self.camera, self.focus_box()):
            # Nobody has moved it since, as when a window is maximised once its graph is drawn.
            self.open_at(self.focus_box())
        self.camera_moved.emit()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, else pan; Shift pans sideways."""
        angle, pixels = event.angleDelta(), event.pixelDelta()
        modifiers = event.modifiers()
        if self.wheel_zooms or modifiers & Qt.KeyboardModifier.ControlModifier:
            self.zoom(WHEEL_ZOOM ** (angle.y() or angle.x()), event.position())
        else:
            dx, dy = float(pixels.x()), float(pixels.y())
            if pixels.isNull():
                dx, dy = angle.x() * WHEEL_PAN, angle.y() * WHEEL_PAN
            if modifiers & Qt.KeyboardModifier.ShiftModifier and not dx:
                dx, dy = dy, 0.0
            self.pan(dx, dy)
        event.accept()

    def event(self, event: QEvent) -> bool:
        """Zoom by pinching on a track pad or a touch screen."""
        if isinstance(event, QNativeGestureEvent):
            if event.gestureType() is Qt.NativeGestureType.ZoomNativeGesture:
                self.zoom(1.0 + event.value(), event.position())
                return True
        elif isinstance(event, QGestureEvent):
            pinch = event.gesture(Qt.GestureType.PinchGesture)
            if isinstance(pinch, QPinchGesture):
                if pinch.changeFlags() & QPinchGesture.ChangeFlag.ScaleFactorChanged:
                    centre = self.mapFromGlobal(pinch.centerPoint().toPoint())
                    self.zoom(pinch.scaleFactor(), QPointF(centre))
                return True
        return super().event(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Begin a click or a drag."""
        if event.button() in (Qt.MouseButton.LeftButton, Qt.MouseButton.MiddleButton):
            self._pressed_at = self._last_at = event.position()
            self._is_panning = self._holds_space or event.button() is Qt.MouseButton.MiddleButton

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the picture along."""
        if self._pressed_at is None:
            return
        position = event.position()
        if not self._is_panning and not self._is_dragging:
            far = (position - self._pressed_at).manhattanLength()
            if far >= QApplication.startDragDistance():
                self._is_dragging = self.drag_started(self._pressed_at)
                self._is_panning = not self._is_dragging
        if self._is_dragging:
            self.dragged(position)
        elif self._is_panning:
            self.setCursor(Qt.CursorShape.ClosedHandCursor)
            moved = position - self._last_at
            self._last_at = position
            self.pan(moved.x(), moved.y())

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End a click or a drag."""
        if self._pressed_at is None:
            return
        was_click = not self._is_panning and not self._is_dragging
        self._pressed_at, self._is_panning = None, False
        self._show_cursor()
        if self._is_dragging:
            self._is_dragging = False
            self.dropped()
        elif was_click:
            self.clicked(event.position(), event.modifiers())

    def _show_cursor(self) -> None:
        if self._holds_space:
            self.setCursor(Qt.CursorShape.OpenHandCursor)
        else:
            self.unsetCursor()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Zoom with +, - and 0; show everything with Shift+F; hold Space to pan; Esc drops."""
        match event.key():
            case Qt.Key.Key_Space:
                if not event.isAutoRepeat():
                    self._holds_space = True
                    self._show_cursor()
            case Qt.Key.Key_Escape if self._is_dragging:
                self._is_dragging, self._pressed_at = False, None
                self.dropped(is_cancelled=True)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal:
                self.zoom_in()
            case Qt.Key.Key_Minus:
                self.zoom_out()
            case Qt.Key.Key_0:
                self.zoom_to_actual_size()
            case Qt.Key.Key_F if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.fit_or_span()
            case _:
                super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        """Space is let go."""
        if event.key() == Qt.Key.Key_Space and not event.isAutoRepeat():
            self._holds_space = False
            self._show_cursor()
        else:
            super().keyReleaseEvent(event)

    def focusOutEvent(self, event: QFocusEvent) -> None:
        """A key that is let go elsewhere is not held any more."""
        super().focusOutEvent(event)
        if self._holds_space:
            self._holds_space = False
            self._show_cursor()

"""The track: all steps of all passes side by side, a slider to be clicked, dragged and zoomed."""

from __future__ import annotations

import html
from typing import Final

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QFont,
    QFontMetrics,
    QHelpEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
    QPolygonF,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QSlider, QToolTip, QWidget

from gradviz.gui.style import Theme
from gradviz.gui.timeline.picture import PASS_HEIGHT, LanePainter, Shown, place_lanes
from gradviz.gui.timeline.scale import Scale, kept_within
from gradviz.gui.timeline.wording import describe_pass, describe_step, pass_names
from gradviz.recording.nesting import Integers
from gradviz.recording.replay import Replay
from gradviz.recording.step_facts import StepFacts

_RIGHT: Final = 10
_ZOOM_STEP: Final = 2.0
_WHEEL_ZOOM: Final = 1.0025
"""Factor for each unit of the wheel's angle."""
_VEIL: Final = 0.5
"""How much of what is still to come is hidden."""
_NOTCH: Final = 120
_NOWHERE: Final = np.empty(0, np.int64)


class Track(QSlider):
    """A slider over the playheads that shows what there is at each.

    Attributes:
        selected_playheads: those that are marked as the selected item's.

    Signals:
        pass_clicked: the name of a pass was clicked (its index).
        over_requested: a step over an op is wanted with the keyboard (whether back: bool).
    """

    pass_clicked = Signal(int)
    over_requested = Signal(bool)

    def __init__(self, *, parent: QWidget | None = None) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self._theme: Theme | None = None
        self._replay: Replay | None = None
        self._facts: StepFacts | None = None
        self._conceals = False
        self._stops = self.selected_playheads = _NOWHERE
        self._current: int | None = None
        self._in_sight = (0.0, 0.0)
        self._names: dict[int, tuple[str, ...]] = {}
        self._lane_names = ("", "")
        self._picture: tuple[QPixmap, QPixmap] | None = None
        self._hovered: int | None = None
        self._wheel = 0
        self.setTracking(True)
        self.setMouseTracking(True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.valueChanged.connect(self._on_value_changed)

    # What is shown.

    def set_theme(self, theme: Theme) -> None:
        """Use other colours."""
        self._theme = theme
        self._repaint()

    def show_replay(self, replay: Replay) -> None:
        """Show another recording, all of it in sight."""
        self._replay = replay
        self._stops = self.selected_playheads = _NOWHERE
        self._names.clear()
        self._in_sight = (0.0, float(replay.length))
        self._current = replay.pass_index_at(self.value())
        self._repaint()

    def show_facts(self, facts: StepFacts | None) -> None:
        """Show what is known of the steps."""
        self._facts = facts
        self._repaint()

    def conceal(self, conceals: bool) -> None:
        """Tell no norms of the steps to come, which a learner predicts, or tell them again."""
        if conceals != self._conceals:
            self._conceals = conceals
            self._repaint()

    @property
    def facts(self) -> StepFacts | None:
        """What is told of the steps: all that is known, but for what is concealed."""
        if self._facts is None or not self._conceals:
            return self._facts
        return self._facts.until(self.value())

    def show_stops(self, stops: Integers) -> None:
        """Mark the playheads at which breakpoints stop."""
        if not np.array_equal(stops, self._stops):
            self._stops = stops
            self._repaint()

    def show_selected(self, playheads: Integers) -> None:
        """Mark the playheads at which something happens to the selected item."""
        if not np.array_equal(playheads, self.selected_playheads):
            self.selected_playheads = playheads
            self._repaint()

    def name_lanes(self, norms: str, times: str) -> None:
        """Say what the lanes show, in the language in use."""
        self._lane_names = (norms, times)
        self._names.clear()
        self._repaint()

    # Places.

    @property
    def scale(self) -> Scale:
        """Where playheads are."""
        return Scale(*self._in_sight, self._left(), max(self.width() - _RIGHT, self._left() + 1))

    def _left(self) -> float:
        metrics = QFontMetrics(self._small_font())
        return 8.0 + max(metrics.horizontalAdvance(name) for name in self._lane_names)

    def _small_font(self) -> QFont:
        font = QFont(self.font())
        font.setPointSizeF(max(font.pointSizeF() * 0.88, 7.0))
        return font

    def centre_of(self, playhead: int) -> float:
        """Where the line of a playhead is."""
        return self.scale.x_of(playhead)

    def pass_at(self, x: float) -> int | None:
        """The pass that is drawn at a place, None where there is none."""
        if self._replay is None or not self._replay.length:
            return None
        playhead = self.scale.playhead_at(x)
        return self._replay.pass_index_at(max(playhead, 1))

    def _names_of(self, index: int) -> tuple[str, ...]:
        if index not in self._names and self._replay is not None:
            recording = self._replay.recording
            self._names[index] = pass_names(recording, recording.passes[index])
        return self._names.get(index, ())

    def sizeHint(self) -> QSize:
        """As high as the lanes."""
        return QSize(200, round(place_lanes().height))

    def minimumSizeHint(self) -> QSize:
        """Any width."""
        return QSize(60, self.sizeHint().height())

    # Zooming.

    @property
    def in_sight(self) -> tuple[float, float]:
        """The first and the last playhead that are in sight."""
        return self._in_sight

    @property
    def is_zoomed(self) -> bool:
        """Whether only a part is in sight."""
        return self._replay is not None and self._in_sight != (0.0, float(self._replay.length))

    def zoom(self, factor: float, x: float | None = None) -> None:
        """Show more of fewer steps, around a place, by default the playhead."""
        if self._replay is None or not self._replay.length:
            return
        x = self.centre_of(self.value()) if x is None else x
        self._look_at(*self.scale.zoomed(factor, x, self._replay.length))

    def show_all(self) -> None:
        """All steps of all passes."""
        if self._replay is not None:
            self._look_at(0.0, float(self._replay.length))

    def zoom_to_pass(self, index: int) -> None:
        """One pass from end to end; all of them where it is shown so already."""
        if self._replay is None:
            return
        first, last = map(float, self._replay.span_of(index))
        if self._in_sight == (first, last) or last <= first:
            self.show_all()
        else:
            self._look_at(first, last)

    def _look_at(self, first: float, last: float) -> None:
        if (first, last) != self._in_sight:
            self._in_sight = (first, last)
            self._repaint()

    def _pan(self, steps: float) -> None:
        if self._replay is not None:
            first, last = self._in_sight
            self._look_at(*kept_within(first + steps, last - first, self._replay.length))

    def _on_value_changed(self, playhead: int) -> None:
        self.follow(playhead)

    def follow(self, playhead: int) -> None:
        """Keep the playhead in sight, and mark its pass."""
        if self._replay is None:
            return
        first, last = self._in_sight
        if not first <= playhead <= last:
            middle = playhead - (last - first) / 2
            self._look_at(*kept_within(middle, last - first, self._replay.length))
        current = self._replay.pass_index_at(playhead)
        if current != self._current:
            self._current = current
            self._picture = None
        if self._conceals:
            self._picture = None
        self.update()

    # Painting.

    def _repaint(self) -> None:
        self._picture = None
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Paint again for another width."""
        super().resizeEvent(event)
        self._repaint()

    def changeEvent(self, event: QEvent) -> None:
        """Paint again in another font, or where nothing can be done."""
        super().changeEvent(event)
        self._repaint()

    def paintEvent(self, event: QPaintEvent) -> None:
        """Paint the lanes, which are kept, and the playhead upon them."""
        if self._theme is None or self._replay is None or not self._replay.length:
            return
        ratio = self.devicePixelRatioF()
        if self._picture is None or self._picture[0].devicePixelRatio() != ratio:
            self._picture = self._paint_lanes(self._replay, self._theme, ratio)
        under, over = self._picture
        painter = QPainter(self)
        try:
            painter.drawPixmap(0, 0, under)
            self._fade_future(painter, self._theme)
            painter.drawPixmap(0, 0, over)
            self._paint_playhead(painter, self._theme)
            self._paint_part_in_sight(painter, self._theme, self._replay.length)
        finally:
            painter.end()

    def _paint_lanes(self, replay: Replay, theme: Theme, ratio: float) -> tuple[QPixmap, QPixmap]:
        """What is under the veil of the steps to come, and what is over it."""
        shown = Shown(
            replay,
            self.facts,
            self._stops,
            self.selected_playheads,
            self._current,
            self._names_of,
            self._lane_names,
        )
        pictures = []
        for paint in (LanePainter.paint, LanePainter.paint_over):
            picture = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            picture.setDevicePixelRatio(ratio)
            picture.fill(Qt.GlobalColor.transparent)
            painter = QPainter(picture)
            try:
                paint(LanePainter(painter, self.scale, shown, theme, self._small_font()))
            finally:
                painter.end()
            pictures.append(picture)
        return pictures[0], pictures[1]

    def _fade_future(self, painter: QPainter, theme: Theme) -> None:
        x, lanes = self.centre_of(self.value()), place_lanes()
        veil = QColor(theme.base)
        veil.setAlphaF(_VEIL)
        height = lanes.marks - lanes.norms - 2
        painter.fillRect(QRectF(x, lanes.norms, self.scale.right - x, height), veil)

    def _paint_playhead(self, painter: QPainter, theme: Theme) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        lanes = place_lanes()
        bottom = lanes.height - 3
        if self._hovered is not None and self._hovered != self.value():
            x = self.centre_of(self._hovered)
            painter.setPen(QPen(QColor(theme.muted), 1, Qt.PenStyle.DotLine))
            painter.drawLine(QPointF(x, PASS_HEIGHT), QPointF(x, bottom))
        x = self.centre_of(self.value())
        painter.setPen(QPen(QColor(theme.accent), 2))
        painter.drawLine(QPointF(x, 0), QPointF(x, bottom))
        painter.setBrush(QColor(theme.accent if self.hasFocus() else theme.base))
        top = PASS_HEIGHT - 4.0
        corners = [(-5.0, 0.0), (5.0, 0.0), (5.0, 4.0), (0.0, 10.0), (-5.0, 4.0)]
        painter.drawPolygon(QPolygonF([QPointF(x + dx, top + dy) for dx, dy in corners]))

    def _paint_part_in_sight(self, painter: QPainter, theme: Theme, length: int) -> None:
        """Of a zoomed track: which part of the whole it shows."""
        if not self.is_zoomed:
            return
        whole = Scale(0, length, self.scale.left, self.scale.right)
        y = self.height() - 1.5
        for colour, first, last in (
            (theme.border, 0.0, float(length)),
            (theme.accent, *self._in_sight),
        ):
            painter.setPen(QPen(QColor(colour), 3))
            painter.drawLine(QPointF(whole.x_of(first), y), QPointF(whole.x_of(last), y))

    # Mouse and keys.

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """Go where it is clicked; a pass's name leads to its first step."""
        if event.button() is not Qt.MouseButton.LeftButton:
            event.ignore()
            return
        position = event.position()
        self.setSliderDown(True)
        clicked = self.pass_at(position.x()) if position.y() < PASS_HEIGHT - 4 else None
        if clicked is not None:
            self.setSliderDown(False)
            self.pass_clicked.emit(clicked)
        else:
            self.setValue(self.scale.playhead_at(position.x()))

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        """Drag the playhead, or tell where the pointer is."""
        playhead = self.scale.playhead_at(event.position().x())
        if self.isSliderDown():
            self.setValue(playhead)
        self._hover(playhead)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        """End dragging."""
        self.setSliderDown(False)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        """Zoom into a pass, and out of it again."""
        clicked = self.pass_at(event.position().x())
        if clicked is not None and event.button() is Qt.MouseButton.LeftButton:
            self.zoom_to_pass(clicked)

    def leaveEvent(self, event: QEvent) -> None:
        """The pointer has left."""
        super().leaveEvent(event)
        self._hover(None)

    def _hover(self, playhead: int | None) -> None:
        if playhead != self._hovered:
            self._hovered = playhead
            self.update()

    def wheelEvent(self, event: QWheelEvent) -> None:
        """Zoom with Ctrl, pan with Shift or sideways, else step."""
        angle, modifiers = event.angleDelta(), event.modifiers()
        event.accept()
        if modifiers & Qt.KeyboardModifier.ControlModifier:
            self.zoom(_WHEEL_ZOOM ** (angle.y() or angle.x()), event.position().x())
        elif modifiers & Qt.KeyboardModifier.ShiftModifier or angle.x():
            first, last = self._in_sight
            self._pan(-(angle.x() or angle.y()) / _NOTCH * (last - first) / 10)
        else:
            self._wheel += angle.y()
            notches = int(self._wheel / _NOTCH)
            self._wheel -= notches * _NOTCH
            if notches:
                self.setValue(self.value() - notches)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Arrows step, with Ctrl over whole ops; +, − and 0 zoom; the rest as any slider."""
        key, ctrl = event.key(), Qt.KeyboardModifier.ControlModifier
        match key:
            case Qt.Key.Key_Left | Qt.Key.Key_Right if event.modifiers() & ctrl:
                self.over_requested.emit(key == Qt.Key.Key_Left)
            case Qt.Key.Key_Plus | Qt.Key.Key_Equal if not event.modifiers() & ctrl:
                self.zoom(_ZOOM_STEP)
            case Qt.Key.Key_Minus if not event.modifiers() & ctrl:
                self.zoom(1 / _ZOOM_STEP)
            case Qt.Key.Key_0 if not event.modifiers() & ctrl:
                self.show_all()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter if not event.modifiers():
                if self._current is not None:
                    self.zoom_to_pass(self._current)
            case _:
                super().keyPressEvent(event)

    def focusInEvent(self, event: QFocusEvent) -> None:
        """Show the keyboard's focus."""
        super().focusInEvent(event)
        self.update()

    def event(self, event: QEvent) -> bool:
        """Tell about the step, or the pass, under the pointer."""
        if isinstance(event, QHelpEvent) and event.type() is QEvent.Type.ToolTip:
            quoted = html.escape(self.tooltip_at(QPointF(event.pos()))).replace("\n", "<br>")
            QToolTip.showText(event.globalPos(), f"<qt>{quoted}</qt>" if quoted else "", self)
            return True
        return super().event(event)

    def tooltip_at(self, position: QPointF) -> str:
        """What there is to say about a place."""
        if self._replay is None or not self._replay.length:
            return ""
        index = self.pass_at(position.x())
        if position.y() < PASS_HEIGHT - 4 and index is not None:
            recording = self._replay.recording
            return describe_pass(recording, recording.passes[index])
        playhead = self.scale.playhead_at(position.x())
        return describe_step(self._replay, self.facts, playhead)

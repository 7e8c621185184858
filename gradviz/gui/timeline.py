"""The transport bar: step, play and seek through the recorded backward passes."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import (
    QLocale,
    QPointF,
    QRectF,
    QSignalBlocker,
    QSize,
    Qt,
    QTimer,
    Signal,
    Slot,
)
from PySide6.QtGui import QColor, QFontMetrics, QMouseEvent, QPainter, QPaintEvent, QPen, QPolygonF
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QSlider,
    QStyle,
    QStyleOptionSlider,
    QToolButton,
    QWidget,
)

from gradviz.gui.actions import ACTIONS, key_name, plain_text
from gradviz.gui.icons import make_icon
from gradviz.gui.labels import ElidedLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.format import format_place
from gradviz.recording.naming import node_op, shorten
from gradviz.recording.replay import Replay

SPEEDS: Final = (0.5, 1.0, 2.0, 5.0, 20.0)
"""Steps per second while playing."""

_ICON: Final = QSize(20, 20)
_MIN_LABELLED: Final = 12
"""Pixels between two marks below which only the marks are drawn."""


class Timeline(Retranslated, QWidget):
    """Buttons, a slider over all steps with its passes marked, and where the playhead stands.

    Attributes:
        session: whose playhead is moved.
        is_playing: whether the playhead moves by itself.

    Signals:
        playing_changed: playing has begun or ended (bool).
    """

    playing_changed = Signal(bool)

    def __init__(
        self, session: Session, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.session = session
        self._appearance = appearance
        self.is_playing = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_tick)
        self._build()
        session.recording_changed.connect(self._on_recording_changed)
        session.playhead_moved.connect(self._on_playhead_moved)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._on_recording_changed()
        self._retranslate()

    def _build(self) -> None:
        self.first_button = self._button("go_first", self.go_first)
        self.back_button = self._button("step_back", self.step_back, repeats=True)
        self.play_button = self._button("toggle_play", self.toggle_play)
        self.forward_button = self._button("step_forward", self.step_forward, repeats=True)
        self.last_button = self._button("go_last", self.go_last)
        self._buttons = (
            self.first_button,
            self.back_button,
            self.play_button,
            self.forward_button,
            self.last_button,
        )
        self.label = ElidedLabel(parent=self)
        self.speed = QComboBox(self)
        for speed in SPEEDS:
            self.speed.addItem("", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.speed.currentIndexChanged.connect(self._on_speed_changed)
        self.slider = _PassSlider(self)
        self.slider.valueChanged.connect(self._on_slider_moved)
        self.marks = _PassMarks(self.slider, self)
        self.marks.pass_clicked.connect(self.go_to_pass)

        transport = QHBoxLayout()
        transport.setSpacing(2)
        for button in self._buttons:
            transport.addWidget(button)
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(0)
        layout.addLayout(transport, 0, 0)
        layout.addWidget(self.label, 0, 1)
        layout.addWidget(self.speed, 0, 2)
        layout.addWidget(self.slider, 1, 0, 1, 3)
        layout.addWidget(self.marks, 2, 0, 1, 3)
        layout.setColumnStretch(1, 1)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _button(self, action_id: str, slot: object, *, repeats: bool = False) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(action_id)
        button.setAutoRaise(True)
        button.setIconSize(_ICON)
        # A click gives it the keyboard, so that Home, End and Space then mean the timeline.
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAutoRepeat(repeats)
        button.setAutoRepeatDelay(400)
        button.setAutoRepeatInterval(80)
        button.clicked.connect(slot)
        return button

    def _retranslate(self) -> None:
        for button in self._buttons:
            spec = next(action for action in ACTIONS if action.id == button.objectName())
            name = plain_text(spec)
            button.setAccessibleName(name)
            button.setToolTip(f"{name} ({key_name(spec.shortcuts[0])})" if spec.shortcuts else name)
        for index, speed in enumerate(SPEEDS):
            self.speed.setItemText(index, self.tr("{}×").format(QLocale().toString(speed)))
        self.speed.setToolTip(self.tr("Steps per second while playing"))
        self.speed.setAccessibleName(self.tr("Playing speed in steps per second"))
        self.slider.setAccessibleName(self.tr("Step of the backward passes"))
        self.marks.setToolTip(self.tr("Click a pass to go to its first step"))
        self._on_playhead_moved(self.session.playhead)

    @Slot()
    def step_forward(self) -> None:
        """Execute one more step."""
        self._pause()
        self.session.move_playhead(self.session.playhead + 1)

    @Slot()
    def step_back(self) -> None:
        """Take the last step back."""
        self._pause()
        self.session.move_playhead(self.session.playhead - 1)

    @Slot()
    def go_first(self) -> None:
        """Before the first step of the first pass."""
        self._pause()
        self.session.move_playhead(0)

    @Slot()
    def go_last(self) -> None:
        """After the last step of the last pass."""
        self._pause()
        self.session.move_playhead(self.session.replay.length)

    @Slot()
    def toggle_play(self) -> None:
        """Play from here, from the start where everything has been played, or pause."""
        if self.is_playing:
            self._pause()
        elif self.session.replay.length:
            if self.session.playhead >= self.session.replay.length:
                self.session.move_playhead(0)
            self._set_playing(True)

    @Slot(int)
    def go_to_pass(self, index: int) -> None:
        """The first step of a pass, counted from 0; nothing where there is no such pass."""
        if not 0 <= index < len(self.session.recording.passes):
            return
        self._pause()
        first, last = self.session.replay.span_of(index)
        self.session.move_playhead(min(first + 1, last))

    def _pause(self) -> None:
        self._set_playing(False)

    def _set_playing(self, playing: bool) -> None:
        if playing == self.is_playing:
            return
        self.is_playing = playing
        if playing:
            self._timer.start(self._interval_ms())
        else:
            self._timer.stop()
        self._paint_icons(self._appearance.theme)
        self.playing_changed.emit(playing)

    def _interval_ms(self) -> int:
        return round(1000 / float(self.speed.currentData()))

    def _on_tick(self) -> None:
        self.session.move_playhead(self.session.playhead + 1)
        if self.session.playhead >= self.session.replay.length:
            self._pause()

    def _on_speed_changed(self) -> None:
        self._timer.setInterval(self._interval_ms())

    def _on_slider_moved(self, playhead: int) -> None:
        self._pause()
        self.session.move_playhead(playhead)

    def _on_recording_changed(self) -> None:
        self._pause()
        length = self.session.replay.length
        with QSignalBlocker(self.slider):
            self.slider.setRange(0, length)
            self.slider.setPageStep(max(1, length // 10))
        self.marks.show_passes(self.session.replay)
        for widget in (*self._buttons, self.slider, self.speed):
            widget.setEnabled(length > 0)
        self._on_playhead_moved(self.session.playhead)

    def _on_playhead_moved(self, playhead: int) -> None:
        with QSignalBlocker(self.slider):
            self.slider.setValue(playhead)
        length = self.session.replay.length
        self._enable(self.first_button, self.last_button, playhead > 0, playhead < length)
        self._enable(self.back_button, self.forward_button, playhead > 0, playhead < length)
        self.label.set_text(self._describe(playhead))
        self.marks.update()

    @staticmethod
    def _enable(back: QToolButton, on: QToolButton, may_go_back: bool, may_go_on: bool) -> None:
        """Enable what leads somewhere; the keyboard goes to the other where one leads nowhere."""
        had_focus = back.hasFocus() or on.hasFocus()
        if may_go_back:
            back.setEnabled(True)
        if may_go_on:
            on.setEnabled(True)
        if had_focus and may_go_back != may_go_on:
            (back if may_go_back else on).setFocus()
        back.setEnabled(may_go_back)
        on.setEnabled(may_go_on)

    def _describe(self, playhead: int) -> str:
        moment = self.session.replay.moment_at(playhead)
        if moment is None or not self.session.replay.length:
            return self._describe_nothing()
        pass_, step = moment
        parts = []
        if len(self.session.recording.passes) > 1:
            text = self.tr("Pass {} of {}")
            parts.append(text.format(pass_.id + 1, len(self.session.recording.passes)))
        count = len(pass_.steps)
        if step is None:
            parts.append(self.tr("Before step 1 of {}").format(count))
            parts.append(shorten(pass_.text, 40))
            line = format_place(pass_.location)
        else:
            parts.append(self.tr("Step {} of {}").format(step.index + 1, count))
            node = self.session.recording.autograd_nodes[step.autograd_node]
            parts.append(node.name)
            if node.leaf is not None:
                parts.append(self.session.recording.tensors[node.leaf].name or "")
            op = node_op(self.session.recording, node.id)
            line = "" if op is None else format_place(op.location)
        if line:
            parts.append(self.tr("line {}").format(line))
        return " · ".join(part for part in parts if part)

    def _describe_nothing(self) -> str:
        recording = self.session.recording
        if not (recording.tensors or recording.outputs or recording.error):
            return self.tr("Run the code to step through its backward pass.")
        if recording.passes:
            return self.tr("No autograd node was executed in this run's backward pass.")
        return self.tr("This run has no backward pass: call .backward() on a scalar.")

    def _on_theme_changed(self, theme: Theme) -> None:
        self._paint_icons(theme)
        self.marks.set_theme(theme)

    def _paint_icons(self, theme: Theme) -> None:
        names = (
            "first",
            "step-back",
            "pause" if self.is_playing else "play",
            "step-forward",
            "last",
        )
        for button, name in zip(self._buttons, names, strict=True):
            button.setIcon(make_icon(name, theme))


class _PassSlider(QSlider):
    """A slider whose groove jumps to where it is clicked, and that knows its values' places."""

    def __init__(self, parent: QWidget) -> None:
        super().__init__(Qt.Orientation.Horizontal, parent)
        self.setTracking(True)

    def centre_of(self, value: int) -> float:
        """Where the handle's centre is for a value."""
        groove, handle = self._groove_and_handle()
        room = round(groove.width() - handle.width())
        at = QStyle.sliderPositionFromValue(self.minimum(), self.maximum(), value, room)
        return groove.left() + handle.width() / 2 + at

    def _groove_and_handle(self) -> tuple[QRectF, QRectF]:
        option = QStyleOptionSlider()
        self.initStyleOption(option)
        style = self.style()
        control = QStyle.ComplexControl.CC_Slider
        groove = style.subControlRect(control, option, QStyle.SubControl.SC_SliderGroove, self)
        handle = style.subControlRect(control, option, QStyle.SubControl.SC_SliderHandle, self)
        return QRectF(groove), QRectF(handle)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        groove, handle = self._groove_and_handle()
        if event.button() is Qt.MouseButton.LeftButton and not handle.contains(event.position()):
            at = round(event.position().x() - groove.left() - handle.width() / 2)
            room = round(groove.width() - handle.width())
            self.setValue(QStyle.sliderValueFromPosition(self.minimum(), self.maximum(), at, room))
        super().mousePressEvent(event)


class _PassMarks(QWidget):
    """The passes under the slider: a tick where each begins, and its number where there is room."""

    pass_clicked = Signal(int)

    def __init__(self, slider: _PassSlider, parent: QWidget) -> None:
        super().__init__(parent)
        self._slider = slider
        self._theme: Theme | None = None
        self._spans: list[tuple[int, int]] = []
        self._replay: Replay | None = None

    def set_theme(self, theme: Theme) -> None:
        self._theme = theme
        self.update()

    def show_passes(self, replay: Replay) -> None:
        self._replay = replay
        self._spans = [replay.span_of(i) for i in range(len(replay.recording.passes))]
        self.setVisible(len(self._spans) > 1)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(100, QFontMetrics(self.font()).height() + 4)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()

    def label_of(self, index: int, width: float) -> str:
        """The longest name of a pass that fits."""
        metrics = QFontMetrics(self.font())
        full = self.tr("pass {} of {}").format(index + 1, len(self._spans))
        for text in (full, str(index + 1)):
            if metrics.horizontalAdvance(text) + 8 <= width:
                return text
        return ""

    def paintEvent(self, event: QPaintEvent) -> None:
        if self._theme is None or self._replay is None or not self._spans:
            return
        current = self._replay.pass_index_at(self._slider.value())
        painter = QPainter(self)
        try:
            self._paint(painter, current, self._theme)
        finally:
            painter.end()

    def _paint(self, painter: QPainter, current: int | None, theme: Theme) -> None:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        last_drawn = -1e9
        for index, (first, last) in enumerate(self._spans):
            left, right = self._slider.centre_of(first), self._slider.centre_of(last)
            is_current = index == current
            if left - last_drawn < 2 and not is_current:
                continue
            last_drawn = left
            colour = QColor(theme.gradient if is_current else theme.muted)
            painter.setPen(QPen(colour, 1.5 if is_current else 1))
            painter.drawLine(QPointF(left, 0), QPointF(left, self.height() - 2))
            if is_current:
                # The current pass is told by its overline, not by colour alone.
                painter.drawPolyline(QPolygonF([QPointF(left, 0.75), QPointF(right, 0.75)]))
            text = self.label_of(index, right - left) if right - left >= _MIN_LABELLED else ""
            if text:
                painter.setPen(QColor(theme.text if is_current else theme.muted))
                place = QRectF(left + 4, 1, right - left - 4, self.height() - 1)
                painter.drawText(place, Qt.AlignmentFlag.AlignVCenter, text)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        x = event.position().x()
        for index, (first, last) in enumerate(self._spans):
            if self._slider.centre_of(first) <= x < self._slider.centre_of(last):
                self.pass_clicked.emit(index)
                return

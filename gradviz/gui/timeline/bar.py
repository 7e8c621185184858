"""The transport bar: every move through the recorded backward passes, over their timeline."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from PySide6.QtCore import QElapsedTimer, QLocale, QSignalBlocker, QSize, Qt, QTimer, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QComboBox,
    QGridLayout,
    QHBoxLayout,
    QSizePolicy,
    QToolButton,
    QWidget,
)

from gradviz.gui.actions import ACTIONS
from gradviz.gui.debugger import Debugger
from gradviz.gui.icons import make_icon
from gradviz.gui.labels import ElidedLabel
from gradviz.gui.qactions import key_name, plain_text
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.gui.timeline.track import Track
from gradviz.gui.timeline.wording import describe_playhead
from gradviz.recording.moves import Move, next_stop

SPEEDS: Final = (0.5, 1.0, 2.0, 5.0, 20.0, 100.0)
"""Steps per second while playing."""

BUTTONS: Final = {
    "go_first": "first",
    "run_back": "run-back",
    "step_out_back": "step-out-back",
    "step_over_back": "step-over-back",
    "step_into_back": "step-back",
    "toggle_play": "play",
    "step_into": "step-forward",
    "step_over": "step-over",
    "step_out": "step-out",
    "run_on": "run-on",
    "go_last": "last",
}
"""Commands in the order of their buttons, and their icons."""

_MOVES: Final = {
    "go_first": Move.FIRST,
    "step_out_back": Move.OUT_BACK,
    "step_over_back": Move.OVER_BACK,
    "step_into_back": Move.INTO_BACK,
    "step_into": Move.INTO,
    "step_over": Move.OVER,
    "step_out": Move.OUT,
    "go_last": Move.LAST,
}
_BACK: Final = frozenset({"go_first", "run_back", "step_out_back", "step_over_back"}) | {
    "step_into_back"
}
_REPEATING: Final = frozenset({"step_over_back", "step_into_back", "step_into", "step_over"})
_LONGEST_TICK: Final = 1.0
"""Seconds after which the window stood still rather than played."""
_ICON: Final = QSize(18, 18)
_LABEL_BESIDE: Final = 760
"""Pixels of width from which on the label stands beside the buttons, not under them."""


class Timeline(Retranslated, QWidget):
    """Buttons for all moves, where the playhead stands in words, and the track of all steps.

    Attributes:
        session: whose playhead is moved.
        debugger: knows the moves and the breakpoints.
        buttons: by the name of their command.
        track: all steps of all passes, a slider.
        is_playing: whether the playhead moves by itself.

    Signals:
        playing_changed: playing has begun or ended (bool).
    """

    playing_changed = Signal(bool)

    def __init__(
        self,
        session: Session,
        appearance: Appearance,
        *,
        debugger: Debugger | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.session = session
        self.debugger = debugger or Debugger(session, parent=self)
        self._appearance = appearance
        self.is_playing = False
        self._timer = QTimer(self)
        self._timer.timeout.connect(self._on_tick)
        self._clock = QElapsedTimer()
        self._owed = 0.0
        self._build()
        self._connect()
        self._on_theme_changed(appearance.theme)
        self._on_recording_changed()
        self._retranslate()

    def _build(self) -> None:
        self.buttons = {name: self._button(name) for name in BUTTONS}
        self.label = ElidedLabel(parent=self)
        self.speed = QComboBox(self)
        for speed in SPEEDS:
            self.speed.addItem("", speed)
        self.speed.setCurrentIndex(SPEEDS.index(1.0))
        self.track = Track(parent=self)
        transport = QHBoxLayout()
        transport.setSpacing(0)
        for button in self.buttons.values():
            transport.addWidget(button)
        layout = QGridLayout(self)
        layout.setContentsMargins(8, 4, 8, 4)
        layout.setHorizontalSpacing(8)
        layout.setVerticalSpacing(2)
        layout.addLayout(transport, 0, 0)
        layout.addWidget(self.label, 0, 1)
        layout.addWidget(self.speed, 0, 2)
        layout.addWidget(self.track, 2, 0, 1, 3)
        layout.setColumnStretch(1, 1)
        self._grid, self._label_row = layout, 0
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)

    def _connect(self) -> None:
        self.speed.currentIndexChanged.connect(self._on_speed_changed)
        self.track.valueChanged.connect(self._on_track_moved)
        self.track.pass_clicked.connect(self.go_to_pass)
        self.track.over_requested.connect(self._on_over_requested)
        self.debugger.facts_known.connect(self._show_facts)
        self.debugger.stops_changed.connect(self._show_stops)
        self.session.recording_changed.connect(self._on_recording_changed)
        self.session.playhead_moved.connect(self._on_playhead_moved)
        self.session.selection_changed.connect(self._show_selected)
        self.session.concealment_changed.connect(self.track.conceal)
        self._appearance.theme_changed.connect(self._on_theme_changed)

    def _button(self, name: str) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName(name)
        button.setAutoRaise(True)
        button.setIconSize(_ICON)
        # A click gives it the keyboard, so that Home, End and Space then mean the timeline.
        button.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        button.setAutoRepeat(name in _REPEATING)
        button.setAutoRepeatDelay(400)
        button.setAutoRepeatInterval(80)
        button.clicked.connect(self._on_button_clicked)
        return button

    def _retranslate(self) -> None:
        for name, button in self.buttons.items():
            spec = next(action for action in ACTIONS if action.id == name)
            text = plain_text(spec)
            button.setAccessibleName(text)
            button.setToolTip(f"{text} ({key_name(spec.shortcuts[0])})" if spec.shortcuts else text)
        for index, speed in enumerate(SPEEDS):
            self.speed.setItemText(index, self.tr("{}×").format(QLocale().toString(speed)))
        self.speed.setToolTip(self.tr("Steps per second while playing"))
        self.speed.setAccessibleName(self.tr("Playing speed in steps per second"))
        self.track.setAccessibleName(self.tr("Step of the backward passes"))
        self.track.name_lanes("‖g‖", self.tr("time"))
        self._on_playhead_moved(self.session.playhead)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Put the label where there is room for it."""
        super().resizeEvent(event)
        row = 0 if event.size().width() >= _LABEL_BESIDE else 1
        if row != self._label_row:
            self._label_row = row
            self._grid.removeWidget(self.label)
            self._grid.addWidget(self.label, row, 1 if row == 0 else 0, 1, 1 if row == 0 else 3)

    # Commands.

    def do(self, name: str) -> None:
        """Carry out a command of the Step menu by its name."""
        self._commands[name]()

    @property
    def _commands(self) -> dict[str, Callable[[], None]]:
        return {
            "toggle_play": self.toggle_play,
            "run_on": self.run_on,
            "run_back": self.run_back,
            "next_event": self.next_event,
            "previous_event": self.previous_event,
            "zoom_pass": self.zoom_to_pass,
            **{name: self._move_command(move) for name, move in _MOVES.items()},
        }

    def _move_command(self, move: Move) -> Callable[[], None]:
        def command() -> None:
            self.move_by(move)

        return command

    def move_by(self, move: Move) -> None:
        """Make a move."""
        self._pause()
        self.debugger.move(move)

    @Slot()
    def run_on(self) -> None:
        """To the next breakpoint, or to the end if there is none."""
        self._pause()
        self.debugger.run()

    @Slot()
    def run_back(self) -> None:
        """To the previous breakpoint, or to the start if there is none."""
        self._pause()
        self.debugger.run(back=True)

    @Slot()
    def next_event(self) -> None:
        """To the next event on what is selected."""
        self._pause()
        self.debugger.go_to_event()

    @Slot()
    def previous_event(self) -> None:
        """To the event before on what is selected."""
        self._pause()
        self.debugger.go_to_event(back=True)

    @Slot()
    def zoom_to_pass(self) -> None:
        """Show the pass at the playhead from end to end, or everything again."""
        index = self.session.replay.pass_index_at(self.session.playhead)
        if index is not None:
            self.track.zoom_to_pass(index)

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

    def _on_button_clicked(self) -> None:
        sender = self.sender()
        if sender is not None:
            self.do(sender.objectName())

    def _on_over_requested(self, back: bool) -> None:
        self.move_by(Move.OVER_BACK if back else Move.OVER)

    # Playing.

    def _pause(self) -> None:
        self._set_playing(False)

    def _set_playing(self, playing: bool) -> None:
        if playing == self.is_playing:
            return
        self.is_playing = playing
        if playing:
            self._owed = 0.0
            self._clock.start()
            self._timer.start(self._interval_ms())
        else:
            self._timer.stop()
        self._paint_icons(self._appearance.theme)
        self.playing_changed.emit(playing)

    def _interval_ms(self) -> int:
        return round(1000 / float(self.speed.currentData()))

    def _on_tick(self) -> None:
        before, stops = self.session.playhead, self.debugger.stops()
        playhead = before + self._steps_owed()
        stop = next_stop(stops, before)
        if stop is not None:
            playhead = min(playhead, stop)
        self.session.move_playhead(playhead)
        if playhead >= self.session.replay.length or playhead == stop:
            self._pause()

    def _steps_owed(self) -> int:
        """How many steps the time since the last tick was for; more than one where that took long.

        So the speed is as chosen on a graph that cannot be painted so often.
        """
        elapsed = min(self._clock.restart() / 1000, _LONGEST_TICK)
        self._owed += elapsed * float(self.speed.currentData())
        steps = max(1, int(self._owed))
        self._owed -= steps
        return steps

    def _on_speed_changed(self) -> None:
        self._timer.setInterval(self._interval_ms())

    # What is shown.

    def _on_track_moved(self, playhead: int) -> None:
        self._pause()
        self.session.move_playhead(playhead)

    def _on_recording_changed(self) -> None:
        self._pause()
        length = self.session.replay.length
        with QSignalBlocker(self.track):
            self.track.setRange(0, length)
            self.track.setPageStep(max(1, length // 10))
            self.track.setValue(self.session.playhead)
        self.track.show_replay(self.session.replay)
        self.track.setVisible(length > 0)
        for widget in (*self.buttons.values(), self.track, self.speed):
            widget.setEnabled(length > 0)
        self._show_facts()
        self._show_stops()
        self._show_selected()
        self._on_playhead_moved(self.session.playhead)

    def _show_facts(self) -> None:
        facts = self.debugger.facts
        is_of_these = facts is not None and len(facts.norms) == self.session.replay.length
        self.track.show_facts(facts if is_of_these else None)

    def _show_stops(self) -> None:
        self.track.show_stops(self.debugger.stops())

    def _show_selected(self) -> None:
        self.track.show_selected(self.debugger.selected_events())

    def _on_playhead_moved(self, playhead: int) -> None:
        with QSignalBlocker(self.track):
            self.track.setValue(playhead)
        self.track.follow(playhead)
        length = self.session.replay.length
        self._enable_buttons(may_go_back=playhead > 0, may_go_on=playhead < length)
        text = describe_playhead(self.session.replay, playhead)
        self.label.set_text(text)
        self.track.setAccessibleDescription(text)

    def _enable_buttons(self, *, may_go_back: bool, may_go_on: bool) -> None:
        """Enable what leads somewhere; the keyboard goes to the other where one leads nowhere."""
        focused = next((name for name, b in self.buttons.items() if b.hasFocus()), None)
        for name, button in self.buttons.items():
            if name != "toggle_play" and (may_go_back if name in _BACK else may_go_on):
                button.setEnabled(True)
        leads_on = may_go_back if focused in _BACK else may_go_on
        if focused is not None and focused != "toggle_play" and not leads_on:
            self.buttons[_opposite(focused)].setFocus()
        for name, button in self.buttons.items():
            if name != "toggle_play":
                button.setEnabled(may_go_back if name in _BACK else may_go_on)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._paint_icons(theme)
        self.track.set_theme(theme)

    def _paint_icons(self, theme: Theme) -> None:
        for name, icon in BUTTONS.items():
            is_pause = name == "toggle_play" and self.is_playing
            self.buttons[name].setIcon(make_icon("pause" if is_pause else icon, theme))


def _opposite(name: str) -> str:
    """The command that leads the other way."""
    names = list(BUTTONS)
    return names[len(names) - 1 - names.index(name)]

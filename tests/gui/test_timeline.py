"""The transport bar moves the one playhead and shows where it stands."""

from __future__ import annotations

import time

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.gui.timeline import SPEEDS, Timeline
from gradviz.gui.timeline.picture import longest_fitting
from gradviz.gui.timeline.wording import pass_names
from gradviz.recording.model import Recording
from tests.builders import make_chain_rule_recording
from tests.recording.test_chain import repeat_pass
from tests.recording.walks import make_walk

pytestmark = pytest.mark.gui


@pytest.fixture
def timeline(qtbot: QtBot, session: Session) -> Timeline:
    widget = Timeline(session, Appearance())
    qtbot.addWidget(widget)
    widget.resize(800, 80)
    widget.show()
    return widget


def two_passes() -> Recording:
    return repeat_pass(make_chain_rule_recording(), cleared=False)


def test_buttons_move_the_playhead(qtbot: QtBot, session: Session, timeline: Timeline) -> None:
    session.show_recording(make_chain_rule_recording())
    left = Qt.MouseButton.LeftButton

    visited = []
    for button in (
        timeline.buttons["step_into"],
        timeline.buttons["step_into"],
        timeline.buttons["step_into_back"],
        timeline.buttons["go_last"],
        timeline.buttons["go_first"],
    ):
        qtbot.mouseClick(button, left)
        visited.append(session.playhead)

    assert visited == [1, 2, 1, 5, 0]


def test_slider_and_playhead_agree(session: Session, timeline: Timeline) -> None:
    session.show_recording(make_chain_rule_recording())

    timeline.track.setValue(3)
    assert session.playhead == 3

    session.move_playhead(4)
    assert timeline.track.value() == 4
    assert timeline.track.maximum() == 5


def test_a_click_on_the_groove_goes_there(
    qtbot: QtBot, session: Session, timeline: Timeline
) -> None:
    session.show_recording(make_chain_rule_recording())
    place = QPoint(round(timeline.track.centre_of(4)), timeline.track.height() // 2)

    qtbot.mouseClick(timeline.track, Qt.MouseButton.LeftButton, pos=place)

    assert session.playhead == 4


def test_the_label_says_which_step(session: Session, timeline: Timeline) -> None:
    session.show_recording(make_chain_rule_recording())
    texts = [timeline.label.full_text()]
    for playhead in (3, 4):
        session.move_playhead(playhead)
        texts.append(timeline.label.full_text())

    assert texts == [
        "Before step 1 of 5 · g.backward() · line 8",
        "Step 3 of 5 · AddBackward0 · line 6",
        "Step 4 of 5 · AccumulateGrad · x",
    ]


def test_the_label_names_the_pass_where_there_are_several(
    session: Session, timeline: Timeline
) -> None:
    session.show_recording(two_passes())
    session.move_playhead(6)

    assert timeline.label.full_text() == "Pass 2 of 2 · Step 1 of 5 · MulBackward0 · line 7"
    assert timeline.track.isVisible()


def test_a_pass_is_named_as_far_as_there_is_room(timeline: Timeline) -> None:
    recording = two_passes()
    names = pass_names(recording, recording.passes[1])
    metrics = timeline.fontMetrics()
    assert longest_fitting(names, metrics, 500) == "2 · backward · line 8"
    assert longest_fitting(names, metrics, 20) == "2"
    assert longest_fitting(names, metrics, 3) == ""


def test_playing_moves_to_the_end_and_stops(
    qtbot: QtBot, session: Session, timeline: Timeline
) -> None:
    session.show_recording(make_chain_rule_recording())
    timeline.speed.setCurrentIndex(len(SPEEDS) - 1)

    with qtbot.waitSignal(timeline.playing_changed):
        timeline.toggle_play()
    with qtbot.waitSignal(timeline.playing_changed):
        pass

    assert session.playhead == 5
    assert not timeline.is_playing


def test_playing_keeps_its_speed_where_showing_a_step_takes_longer(
    qtbot: QtBot, session: Session, timeline: Timeline
) -> None:
    session.show_recording(make_walk(("mlp:linear",) * 60))
    shown: list[int] = []

    def paint_slowly(playhead: int) -> None:
        shown.append(playhead)
        time.sleep(0.05)  # as long as 5 steps are at this speed

    session.playhead_moved.connect(paint_slowly)
    timeline.speed.setCurrentIndex(SPEEDS.index(100.0))
    timeline.toggle_play()
    qtbot.waitUntil(lambda: not timeline.is_playing)
    assert shown[-1] == 60
    assert len(shown) <= 30


def test_play_at_the_end_starts_again(session: Session, timeline: Timeline) -> None:
    session.show_recording(make_chain_rule_recording())
    timeline.do("go_last")

    timeline.toggle_play()

    assert session.playhead == 0
    assert timeline.is_playing


def test_play_again_pauses_and_so_does_any_move(session: Session, timeline: Timeline) -> None:
    session.show_recording(make_chain_rule_recording())

    timeline.toggle_play()
    timeline.toggle_play()
    assert not timeline.is_playing

    timeline.toggle_play()
    timeline.do("step_into")
    assert not timeline.is_playing
    assert session.playhead == 1


def test_another_recording_stops_playing(session: Session, timeline: Timeline) -> None:
    session.show_recording(make_chain_rule_recording())
    timeline.toggle_play()

    session.show_recording(two_passes())

    assert not timeline.is_playing
    assert timeline.track.maximum() == 10


def test_a_pass_is_reached_by_its_number_and_by_a_click(
    qtbot: QtBot, session: Session, timeline: Timeline
) -> None:
    session.show_recording(two_passes())

    timeline.go_to_pass(1)
    assert session.playhead == 6

    place = QPoint(round(timeline.track.centre_of(2)), 6)
    qtbot.mouseClick(timeline.track, Qt.MouseButton.LeftButton, pos=place)
    assert session.playhead == 1

    timeline.go_to_pass(7)
    assert session.playhead == 1


def test_without_a_pass_everything_is_off_and_says_why(
    session: Session, timeline: Timeline
) -> None:
    assert timeline.label.full_text() == "Run the code to step through its backward pass."

    full = make_chain_rule_recording()
    session.show_recording(msgspec.structs.replace(full, passes=()))

    assert timeline.label.full_text() == (
        "This run has no backward pass: call .backward() on a scalar."
    )
    assert not timeline.track.isEnabled()
    assert not timeline.buttons["toggle_play"].isEnabled()
    timeline.toggle_play()
    assert not timeline.is_playing


def test_the_bar_never_forces_the_window_wider(session: Session, timeline: Timeline) -> None:
    session.show_recording(two_passes())
    session.move_playhead(6)

    assert timeline.minimumSizeHint().width() <= 400


def test_every_control_has_a_name_for_a_screen_reader(timeline: Timeline) -> None:
    controls = (
        timeline.buttons["go_first"],
        timeline.buttons["step_into_back"],
        timeline.buttons["toggle_play"],
        timeline.buttons["step_into"],
        timeline.buttons["go_last"],
        timeline.track,
        timeline.speed,
    )

    assert all(control.accessibleName() for control in controls)


def test_a_clicked_button_has_the_keyboard_and_hands_it_to_the_other_at_the_end(
    qtbot, timeline, session
) -> None:
    session.show_recording(make_chain_rule_recording())
    qtbot.waitUntil(timeline.isActiveWindow)
    qtbot.mouseClick(timeline.buttons["step_into"], Qt.MouseButton.LeftButton)
    assert timeline.buttons["step_into"].hasFocus()
    qtbot.mouseClick(timeline.buttons["go_last"], Qt.MouseButton.LeftButton)
    assert timeline.buttons["go_first"].hasFocus()
    qtbot.mouseClick(timeline.buttons["step_into_back"], Qt.MouseButton.LeftButton)
    assert timeline.buttons["step_into_back"].hasFocus()
    session.move_playhead(0)
    assert timeline.buttons["step_into"].hasFocus()

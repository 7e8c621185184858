from __future__ import annotations

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolButton, QWidget

from gradviz.gui.style import Appearance
from gradviz.gui.view_bar import ViewBar
from gradviz.recording.model import PassId, Recording
from gradviz.recording.view import ViewMode, ViewOptions
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui


@pytest.fixture
def bar(qtbot, session) -> ViewBar:
    bar = ViewBar(session, Appearance())
    qtbot.addWidget(bar)
    return bar


def button(bar: ViewBar, text: str) -> QToolButton:
    return next(b for b in bar.findChildren(QToolButton) if b.text() == text)


def two_passes() -> Recording:
    recording = make_chain_rule_recording()
    second = msgspec.structs.replace(recording.passes[0], id=PassId(1))
    return msgspec.structs.replace(recording, passes=(*recording.passes, second))


@pytest.mark.parametrize(
    ("text", "mode"),
    [("Backward", ViewMode.BACKWARD), ("Both", ViewMode.BOTH)],
)
def test_a_mode_is_chosen_by_a_click(bar, session, text: str, mode: ViewMode) -> None:
    button(bar, text).click()
    assert session.view_options.mode is mode
    assert button(bar, text).isChecked()
    assert not button(bar, "Forward").isChecked()


def test_the_bar_mirrors_what_others_choose(bar, session) -> None:
    session.set_view_options(ViewOptions(mode=ViewMode.BOTH, hide_constants=True))
    assert button(bar, "Both").isChecked()
    assert button(bar, "Filters").isChecked()
    session.show_hidden()
    assert not button(bar, "Filters").isChecked()


def test_this_pass_follows_the_playhead_into_the_next_pass(bar, session) -> None:
    assert not button(bar, "This pass").isEnabled()
    session.show_recording(two_passes())
    assert button(bar, "This pass").isChecked()
    assert session.view_options.pass_id == 0
    session.move_playhead(session.replay.length)
    assert session.view_options.pass_id == 1
    button(bar, "This pass").click()
    assert session.view_options.pass_id is None


def test_the_whole_run_stays_shown_once_it_was_asked_for(bar, session) -> None:
    session.show_recording(two_passes())
    button(bar, "This pass").click()
    assert session.view_options.pass_id is None
    session.show_recording(two_passes())
    assert session.view_options.pass_id is None


def test_icons_stand_for_words_where_the_bar_is_narrow(qtbot, session) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    bar = ViewBar(session, Appearance(), parent=place)
    toggles = [button(bar, text) for text in ("This pass", "Filters")]
    place.show()
    bar.resize(1000, 40)
    assert {t.toolButtonStyle() for t in toggles} == {Qt.ToolButtonStyle.ToolButtonTextOnly}
    bar.resize(100, 40)
    assert {t.toolButtonStyle() for t in toggles} == {Qt.ToolButtonStyle.ToolButtonIconOnly}
    assert [t.accessibleName() for t in toggles] == ["This pass", "Filters"]
    assert all(t.toolTip().startswith(t.text()) and not t.icon().isNull() for t in toggles)
    bar.resize(1000, 40)
    assert {t.toolButtonStyle() for t in toggles} == {Qt.ToolButtonStyle.ToolButtonTextOnly}


def test_only_as_many_icons_as_need_be_stand_for_words(qtbot, session) -> None:
    place = QWidget()
    qtbot.addWidget(place)
    bar = ViewBar(session, Appearance(), parent=place)
    words = ("This pass", "Filters", "Folding", "Layout")
    toggles = [button(bar, text) for text in words]
    place.show()
    bar.resize(1000, 40)
    narrow = bar.sizeHint().width()
    worded = []
    while narrow > 100:
        narrow -= 5
        bar.resize(narrow, 40)
        styles = [t.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextOnly for t in toggles]
        assert styles == sorted(styles, reverse=True), "the last words go first"
        worded.append(sum(styles))
    assert worded == sorted(worded, reverse=True)
    assert set(worded) == {3, 2, 1, 0}

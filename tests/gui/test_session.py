"""The state that all panels share."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from gradviz.gui.session import RunSettings, Session
from gradviz.recording.model import Item, ItemKind, PassId, Recording
from gradviz.recording.view import ViewMode, ViewOptions
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui


def test_playhead_is_kept_within_the_steps(qtbot: QtBot) -> None:
    session = Session()
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(99)
    assert session.playhead == 5
    session.move_playhead(-1)
    assert session.playhead == 0


def test_moving_to_where_the_playhead_is_says_nothing(qtbot: QtBot) -> None:
    session = Session()
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(2)
    with qtbot.assertNotEmitted(session.playhead_moved):
        session.move_playhead(2)


def test_another_recording_resets_playhead_selection_and_pass(qtbot: QtBot) -> None:
    session = Session()
    session.show_recording(make_chain_rule_recording())
    session.move_playhead(3)
    session.select(Item(ItemKind.OP, 1))
    session.set_view_options(ViewOptions(mode=ViewMode.BACKWARD, pass_id=PassId(0)))
    with qtbot.waitSignal(session.recording_changed):
        session.show_recording(Recording())
    assert (session.playhead, session.selection) == (0, None)
    assert session.view_options == ViewOptions(mode=ViewMode.BACKWARD)


def test_settings_signal_only_what_changed(qtbot: QtBot) -> None:
    session = Session()
    with qtbot.waitSignal(session.run_settings_changed) as changed:
        session.set_run_settings(RunSettings(placement={"x": "cpu"}))
    assert changed.args == [RunSettings(placement={"x": "cpu"})]
    with qtbot.assertNotEmitted(session.run_settings_changed):
        session.set_run_settings(msgspec.structs.replace(session.run_settings))


def test_of_several_passes_only_the_one_at_the_playhead_is_drawn_unless_told_otherwise(
    qtbot: QtBot,
) -> None:
    one = make_chain_rule_recording()
    again = msgspec.structs.replace(one.passes[0], id=PassId(1))
    two = msgspec.structs.replace(one, passes=(*one.passes, again))
    session = Session()
    session.show_recording(two)
    assert session.view_options.pass_id == 0
    session.show_recording(one)
    assert session.view_options.pass_id is None
    session.limits_to_pass = False
    session.show_recording(two)
    assert session.view_options.pass_id is None

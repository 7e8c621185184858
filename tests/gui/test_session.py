"""The state that all panels share."""

from __future__ import annotations

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from gradviz.gui.session import RunSettings, Session
from gradviz.recording.items import scope_item
from gradviz.recording.model import Item, ItemKind, PassId, Recording
from gradviz.recording.view import Folds, FoldStart, ViewMode, ViewOptions, tensor_item
from tests.builders import make_chain_rule_recording
from tests.recording.scoped import Program, run_blocks
from tests.recording.test_view import LOOP, record

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


def test_a_selected_weight_follows_to_the_version_that_the_drawn_pass_used(qtbot: QtBot) -> None:
    recording = record(LOOP)
    of_w = [tensor_item(t.id) for t in recording.tensors if t.name == "w"]
    session = Session()
    session.show_recording(recording)
    session.select(of_w[0])
    with qtbot.waitSignal(session.selection_changed) as changed:
        session.set_view_options(ViewOptions(pass_id=PassId(2)))
    assert changed.args == [of_w[2]]
    assert session.selection == of_w[2]
    session.set_view_options(ViewOptions(pass_id=None))
    assert session.selection == of_w[2]


def test_what_is_no_weight_stays_selected_in_another_pass(qtbot: QtBot) -> None:
    session = Session()
    session.show_recording(record(LOOP))
    for item in (Item(ItemKind.OP, 0), None):
        session.select(item)
        with qtbot.assertNotEmitted(session.selection_changed):
            session.set_view_options(ViewOptions(pass_id=PassId(1)))
        session.set_view_options(ViewOptions(pass_id=PassId(0)))


def test_a_scope_that_is_opened_in_the_view_of_one_pass_is_open_in_the_rounds_of_all(
    qtbot: QtBot,
) -> None:
    program = Program()
    for _ in range(4):
        run_blocks(program, 1)
        program.op("mul")
    session = Session()
    session.show_recording(program.finish())
    session.set_view_options(ViewOptions(pass_id=PassId(0), folds=Folds(FoldStart.FOLDED)))
    models = [scope for scope in session.folding().tree.scopes if scope.path == "model"]

    session.toggle_scope(scope_item(models[1].id))

    assert {scope.id for scope in models} <= session.folding().open

"""Moves and breakpoints on the session's playhead, as a person makes them in the window."""

from __future__ import annotations

import math

import msgspec
import pytest
from pytestqt.qtbot import QtBot

from gradviz.gui import debugger as debugger_module
from gradviz.gui.debugger import Debugger
from gradviz.gui.session import Session
from gradviz.recording.breakpoints import (
    Breakpoint,
    Condition,
    Place,
    line_breakpoint,
)
from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.model import NodeId, Recording, TensorId
from gradviz.recording.moves import Move
from tests.builders import make_chain_rule_recording
from tests.recording.test_view import LOOP, record
from tests.recording.walks import MODEL_WALK, make_walk

pytestmark = pytest.mark.gui


@pytest.fixture
def session() -> Session:
    session = Session()
    session.show_recording(make_chain_rule_recording())
    return session


@pytest.fixture
def debugger(qtbot: QtBot, session: Session) -> Debugger:
    return Debugger(session)


def test_moves_lead_through_the_tree(session: Session, debugger: Debugger) -> None:
    session.show_recording(make_walk(MODEL_WALK))
    visited = []
    for move in (Move.OVER, Move.OVER, Move.OUT, Move.INTO_BACK, Move.OUT_BACK, Move.LAST):
        debugger.move(move)
        visited.append(session.playhead)
    assert visited == [3, 4, 6, 5, 4, 7]


def test_running_stops_at_breakpoints_both_ways_and_else_at_the_ends(
    session: Session, debugger: Debugger
) -> None:
    session.set_breakpoints((line_breakpoint(6), line_breakpoint(3)))
    visited = []
    for back in (False, False, False, True, True, True):
        debugger.run(back=back)
        visited.append(session.playhead)
    assert visited == [3, 4, 5, 4, 3, 0]


def test_a_breakpoint_that_is_off_or_counts_stops_later(
    session: Session, debugger: Debugger
) -> None:
    loop = record(LOOP)
    session.show_recording(loop)
    point = line_breakpoint(7)
    hits = debugger.hits(point).tolist()
    session.set_breakpoints((msgspec.structs.replace(point, hits=2),))
    debugger.run()
    assert session.playhead == hits[1]
    session.set_breakpoints((msgspec.structs.replace(point, enabled=False),))
    debugger.run()
    assert session.playhead == session.replay.length


def test_the_first_nan_is_run_to(session: Session, debugger: Debugger) -> None:
    session.show_recording(make_walk((":a", ":b", ":c"), gradients=(1.0, math.nan, math.nan)))
    session.set_breakpoints((Breakpoint(when=Condition.NOT_FINITE),))
    debugger.run()
    assert session.playhead == 2


def test_events_of_the_selection_are_walked_and_end(session: Session, debugger: Debugger) -> None:
    debugger.go_to_event()
    assert session.playhead == 0
    session.select(tensor_item(TensorId(0)))
    visited = []
    for back in (False, False, False, True, True):
        debugger.go_to_event(back=back)
        visited.append(session.playhead)
    assert visited == [3, 4, 4, 3, 3]
    session.select(node_item(NodeId(0)))
    assert debugger.has_event(back=True)
    assert not debugger.has_event()


def test_a_place_is_broken_on_and_no_more(session: Session, debugger: Debugger) -> None:
    assert not debugger.is_on(op_item(0))
    debugger.toggle_item(op_item(0))
    assert session.breakpoints == (Breakpoint(on=Place.OP, line=6, text="x + y"),)
    edited = msgspec.structs.replace(session.breakpoints[0], hits=4, enabled=False)
    session.set_breakpoints((edited,))
    assert debugger.is_on(op_item(0))
    debugger.toggle_item(op_item(0))
    assert session.breakpoints == ()


def test_lines_of_the_text_stand_for_those_that_were_run(
    session: Session, debugger: Debugger
) -> None:
    # Two lines were put above everything since; the line that was 7 has been changed.
    written = {line: line + 2 for line in (3, 4, 5, 6, 8)}
    recorded = {new: old for old, new in written.items()}
    debugger.follow_text(recorded.get, written.get)
    assert debugger.hits(line_breakpoint(8)).tolist() == [3]
    assert debugger.hits(line_breakpoint(9)).tolist() == []
    assert debugger.breakpoint_on(op_item(0)).line == 8


def test_long_recordings_are_looked_through_on_a_thread(
    qtbot: QtBot, session: Session, debugger: Debugger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(debugger_module, "_FEW_STEPS", 2)
    session.set_breakpoints((line_breakpoint(6),))
    with qtbot.waitSignal(debugger.facts_known, check_params_cb=lambda: debugger.facts is not None):
        session.show_recording(make_walk(MODEL_WALK))
        assert debugger.facts is None
        assert debugger.stops().tolist() == []
        debugger.move(Move.OVER)  # What needs no facts goes on meanwhile.
        assert session.playhead == 3
        # Another one before the end: its facts are the ones that count.
        session.show_recording(make_chain_rule_recording())
    assert debugger.facts is not None
    assert len(debugger.facts.norms) == 5
    assert debugger.stops().tolist() == [3]


def test_a_recording_without_steps_goes_nowhere(session: Session, debugger: Debugger) -> None:
    session.show_recording(Recording())
    for move in Move:
        debugger.move(move)
    debugger.run()
    debugger.run(back=True)
    assert session.playhead == 0

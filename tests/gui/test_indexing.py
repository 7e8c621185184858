"""Large recordings are indexed beside the window, small ones shown at once."""

from __future__ import annotations

import threading

import pytest
from pytestqt.qtbot import QtBot

from gradviz.gui import indexing
from gradviz.gui.indexing import RecordingShower
from gradviz.gui.session import Session
from gradviz.recording.model import Recording
from gradviz.recording.moves import Moves
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.recordings import make_ladder_recording

pytestmark = pytest.mark.gui


@pytest.fixture
def shower(session: Session) -> RecordingShower:
    return RecordingShower(session)


def test_a_small_recording_is_shown_at_once(session: Session, shower: RecordingShower) -> None:
    recording = make_chain_rule_recording()
    shower.show(recording)
    assert session.recording is recording
    assert not shower.is_busy


def test_a_large_one_comes_with_indices_that_another_thread_made(
    qtbot: QtBot,
    session: Session,
    shower: RecordingShower,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made_on: list[str] = []
    make = Moves.__init__

    def noting(self: Moves, *arguments: object) -> None:
        made_on.append(threading.current_thread().name)
        make(self, *arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(Moves, "__init__", noting)
    recording = make_ladder_recording(layers=500, width=4)
    with qtbot.waitSignal(shower.shown):
        shower.show(recording)
        assert shower.is_busy
        assert session.recording is not recording
    assert session.recording is recording
    assert session.moves.steps.length == session.replay.length == 2_004
    assert session.chain.replay is session.replay
    assert made_on == ["recording-index"]


def test_of_two_in_a_row_only_the_last_one_is_shown(
    qtbot: QtBot, session: Session, shower: RecordingShower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SMALL", 0)
    shown: list[Recording] = []
    session.recording_changed.connect(lambda: shown.append(session.recording))
    first, second = make_chain_rule_recording(), make_chain_rule_recording()
    with qtbot.waitSignal(shower.shown):
        shower.show(first)
        shower.show(second)
    assert len(shown) == 1
    assert shown[0] is second


def test_what_is_shown_meanwhile_stays(
    qtbot: QtBot, session: Session, shower: RecordingShower, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(indexing, "SMALL", 0)
    shower.show(make_chain_rule_recording())
    other = Recording(text="another document")
    session.show_recording(other)
    assert not shower.is_busy
    with qtbot.assertNotEmitted(shower.shown, wait=60):
        pass
    assert session.recording is other

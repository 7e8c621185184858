"""Recordings in the window: opened without running, saved, and gone on with as a document."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt

from gradviz.documents.recording_file import read_recording, write_recording
from gradviz.gui import capacity
from gradviz.gui.app import _remove
from gradviz.gui.engine import Engine
from gradviz.gui.source_link import item_at, location_of
from gradviz.recording.model import (
    ItemKind,
    Location,
    Output,
    OutputKind,
    PassId,
    Recording,
    RunError,
    RunStatus,
    TensorId,
    ValueId,
)
from gradviz.recording.verification import LeafCheck, Verification
from gradviz.recording.view import ViewMode, build_view, op_item
from gradviz.worker.messages import FetchValue, RunFinished
from tests.builders import CHAIN_RULE_TEXT, make_chain_rule_recording

pytestmark = pytest.mark.gui


@pytest.fixture
def saved(tmp_path: Path) -> Path:
    recording = msgspec.structs.replace(
        make_chain_rule_recording(), outputs=(Output(7, OutputKind.PRINT, "nine"),)
    )
    path = tmp_path / "lesson.gradviz"
    write_recording(path, recording)
    return path


def test_a_recording_opens_with_its_graph_text_and_outputs_and_runs_nothing(
    qtbot, window, engine, saved
) -> None:
    assert window.document.open_path(saved)
    assert engine.runs == []
    assert "forget_run" in engine.calls
    assert window.session.recording == read_recording(saved)
    assert window.editor.toPlainText() == CHAIN_RULE_TEXT
    assert window.output.text.toPlainText() == "nine"
    assert window.windowTitle() == "lesson.gradviz[*] (recording) – gradviz"
    assert "recording" in window.trust_banner.sentence
    window.session.move_playhead(3)
    assert window.session.playhead == 3


def test_a_recording_is_not_told_what_checking_the_run_before_has_shown(
    window, engine, saved
) -> None:
    engine.become_ready()
    window.run_control.run(verify=True)
    checked = Verification(leaves=(LeafCheck(leaf=TensorId(0), pass_id=PassId(0)),))
    engine.gradients_verified.emit(checked)
    engine.finish(make_chain_rule_recording())
    assert window.session.verification is checked
    window.editor.document().setModified(False)
    assert window.document.open_path(saved)
    assert window.session.verification is None


def test_the_text_of_a_recording_cannot_be_changed_by_any_key(qtbot, window, saved) -> None:
    window.document.open_path(saved)
    for key in (Qt.Key.Key_A, Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_Backspace):
        qtbot.keyClick(window.editor, key)
    qtbot.keyClick(window.editor, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(window.editor, Qt.Key.Key_Backtab)
    assert window.editor.toPlainText() == CHAIN_RULE_TEXT
    assert not window.document.is_modified


def test_running_a_recording_asks_for_trust_and_makes_a_document_of_it(
    qtbot, window, engine, dialogs, saved
) -> None:
    window.document.open_path(saved)
    window.run_control.run()
    assert dialogs.asked == ["trust lesson.gradviz"]
    assert engine.runs == []
    assert window.document.recording is not None
    dialogs.trusts = True
    window.run_control.run()
    assert engine.last_text == CHAIN_RULE_TEXT
    assert window.windowTitle() == "lesson.py[*] – gradviz"
    assert window.trust_banner.sentence == ""
    qtbot.keyClicks(window.editor, "x")
    assert window.editor.toPlainText() == "x" + CHAIN_RULE_TEXT
    assert window.document.path is None


def test_saving_a_recordings_text_never_overwrites_the_recording(window, dialogs, saved) -> None:
    before = saved.read_bytes()
    window.document.open_path(saved)
    dialogs.to_save = saved.with_suffix(".py")
    assert window.document.save()
    assert dialogs.asked == ["save lesson.py"]
    assert saved.read_bytes() == before
    assert saved.with_suffix(".py").read_text() == CHAIN_RULE_TEXT
    assert window.windowTitle() == "lesson.py[*] – gradviz"


def test_what_is_shown_is_saved_as_a_recording(window, engine, dialogs, tmp_path) -> None:
    save = window.actions_by_id["save_recording"]
    assert not save.isEnabled()
    window.editor.replace_text(CHAIN_RULE_TEXT)
    window.run_control.run()
    engine.finish(make_chain_rule_recording())
    assert save.isEnabled()
    dialogs.to_save = tmp_path / "kept"
    save.trigger()
    assert dialogs.asked == ["save recording untitled.gradviz"]
    assert read_recording(tmp_path / "kept.gradviz") == make_chain_rule_recording()


def test_a_problem_while_saving_is_told(window, engine, dialogs, tmp_path) -> None:
    window.run_control.run()
    engine.finish(make_chain_rule_recording())
    dialogs.to_save = tmp_path / "no" / "folder.gradviz"
    assert not window.document.save_recording()
    assert len(dialogs.problems) == 1


def test_a_damaged_recording_is_told_and_the_document_stays(window, dialogs, tmp_path) -> None:
    window.editor.replace_text("x = 1")
    (tmp_path / "bad.gradviz").write_bytes(b"no recording")
    assert not window.document.open_path(tmp_path / "bad.gradviz")
    assert "bad.gradviz cannot be opened" in dialogs.problems[0]
    assert window.editor.toPlainText() == "x = 1"
    assert not window.editor.isReadOnly()


def test_a_failed_run_that_was_recorded_marks_its_line(window, tmp_path) -> None:
    error = RunError("NameError", "name 'q' is not defined", line=7, column=0)
    failed = msgspec.structs.replace(
        make_chain_rule_recording(), status=RunStatus.ERROR, error=error
    )
    write_recording(tmp_path / "failed.gradviz", failed)
    window.document.open_path(tmp_path / "failed.gradviz")
    assert window.output.card.isVisible()
    assert window.editor.error_line == 7
    assert "line 7" in window.status.report.text()


def test_the_next_document_can_be_edited_again(qtbot, window, saved) -> None:
    window.document.open_path(saved)
    window.document.new()
    qtbot.keyClicks(window.editor, "y")
    assert window.editor.toPlainText() == "y"
    assert not window.trust_banner.isVisible()


def test_an_op_of_another_file_is_found_nowhere_in_this_text() -> None:
    recording = make_chain_rule_recording()
    add = msgspec.structs.replace(recording.ops[0], location=Location(6, 4, 6, 9, "model.py"))
    tensors = tuple(msgspec.structs.replace(t, line=None) for t in recording.tensors)
    recording = msgspec.structs.replace(recording, ops=(add, recording.ops[1]), tensors=tensors)
    assert location_of(recording, op_item(0)) is None
    assert item_at(recording, 6, 6, None) is None
    assert item_at(recording, 7, 6, None) == op_item(1)


def test_a_graph_without_ops_is_shown_by_its_autograd_nodes(window, tmp_path) -> None:
    whole = make_chain_rule_recording()
    tensors = tuple(msgspec.structs.replace(t, op=None) for t in whole.tensors if t.is_leaf)
    nodes = tuple(msgspec.structs.replace(n, op=None) for n in whole.autograd_nodes)
    graph = msgspec.structs.replace(whole, tensors=tensors, ops=(), autograd_nodes=nodes, passes=())
    write_recording(tmp_path / "graph.gradviz", graph)
    window.document.open_path(tmp_path / "graph.gradviz")
    assert window.session.view_options.mode is ViewMode.BACKWARD
    names = [graph.autograd_nodes[i.id].name for i in build_view(graph) if i.kind is ItemKind.NODE]
    assert sorted(names)[-2:] == ["AddBackward0", "MulBackward0"]


def test_a_temporary_recording_goes_with_its_folder_only_when_that_is_empty(tmp_path) -> None:
    own, shared = tmp_path / "own", tmp_path / "shared"
    for folder in (own, shared):
        folder.mkdir()
        (folder / "a.gradviz").touch()
    (shared / "other").touch()
    _remove(own / "a.gradviz")
    _remove(shared / "a.gradviz")
    assert not own.exists()
    assert [path.name for path in shared.iterdir()] == ["other"]


class SilentWorker:
    """A worker that answers nothing by itself, and remembers what it is asked."""

    def __init__(self) -> None:
        self.client = self
        self.requests: list[FetchValue] = []

    def send(self, request: FetchValue) -> int:
        self.requests.append(request)
        return 100 + len(self.requests)


def test_values_of_a_run_that_was_going_on_are_not_taken_for_the_recordings(qtbot) -> None:
    engine = Engine(spare=False)
    worker = SilentWorker()
    engine._worker = worker  # type: ignore[assignment]
    engine._busy_with = 5
    engine.forget_run()  # a recording is opened while run 5 goes on
    engine._on_answered(worker, RunFinished(number=5, recording=Recording()))  # type: ignore[arg-type]
    engine.fetch_value(FetchValue(value=ValueId(0)))
    assert worker.requests[-1].run not in (0, 5)
    engine._busy_with = 6
    engine._on_answered(worker, RunFinished(number=6, recording=Recording()))  # type: ignore[arg-type]
    engine.fetch_value(FetchValue(value=ValueId(0)))
    assert worker.requests[-1].run == 6


def test_a_recording_too_large_to_show_is_told_and_the_document_stays(
    window, dialogs, saved, monkeypatch
) -> None:
    before = window.session.recording
    monkeypatch.setattr(capacity, "MAX_SHOWN", 3)
    assert not window.document.open_path(saved)
    assert "the window shows at most 3:" in dialogs.problems[0]
    assert window.session.recording is before

from __future__ import annotations

import json
from pathlib import Path

import pytest
from PySide6.QtCore import QMimeData, QPointF, Qt, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication

from gradviz.documents.drafts import Draft
from gradviz.gui.dialogs import Unsaved
from gradviz.gui.document import Origin
from gradviz.gui.library import FIRST_EXAMPLE
from gradviz.gui.session import RunSettings
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text("x = 1\n", encoding="utf-8")
    return path


def test_typing_marks_the_document_and_saving_asks_where(qtbot, window, dialogs, tmp_path) -> None:
    qtbot.keyClicks(window.editor, "x = 2")
    assert window.isWindowModified()
    dialogs.to_save = tmp_path / "new"
    assert window.document.save()
    assert (tmp_path / "new.py").read_text(encoding="utf-8") == "x = 2"
    assert not window.isWindowModified()
    assert "new.py" in window.windowTitle()
    assert window.settings.recent == (tmp_path / "new.py",)
    assert window.status.report.text() == "Saved new.py"


def test_saving_keeps_line_ends_and_byte_order_mark(window, tmp_path) -> None:
    path = tmp_path / "dos.py"
    path.write_bytes(b"\xef\xbb\xbfa = 1\r\nb = 2\r\n")
    window.document.open_path(path)
    window.editor.insertPlainText("c = 3\n")
    window.document.save()
    assert path.read_bytes() == b"\xef\xbb\xbfc = 3\r\na = 1\r\nb = 2\r\n"


def test_a_file_that_changed_meanwhile_is_saved_over_only_on_purpose(
    window, dialogs, file, tmp_path
) -> None:
    window.document.open_path(file)
    window.editor.insertPlainText("y = 2\n")
    file.write_text("x = 3\n", encoding="utf-8")
    assert not window.document.save()
    assert dialogs.asked == ["overwrite mine.py"]
    assert file.read_text(encoding="utf-8") == "x = 3\n"
    assert window.isWindowModified()
    dialogs.to_save = tmp_path / "other.py"
    dialogs.overwrites = True
    assert window.document.save()
    assert file.read_text(encoding="utf-8") == "y = 2\nx = 1\n"
    file.unlink()
    assert window.document.save()
    assert window.document.save()
    assert len(dialogs.asked) == 2


def test_a_file_that_can_no_longer_be_read_as_text_is_saved_over_only_on_purpose(
    window, dialogs, file
) -> None:
    window.document.open_path(file)
    file.write_bytes(b"\xff\xfe\x00")
    assert not window.document.save()
    assert dialogs.asked == ["overwrite mine.py"]
    assert file.read_bytes() == b"\xff\xfe\x00"


@pytest.mark.parametrize("action", ["new", "open_path", "close"])
@pytest.mark.parametrize("answer", list(Unsaved))
def test_unsaved_changes_are_asked_about(
    qtbot, window, dialogs, file, tmp_path, action: str, answer: Unsaved
) -> None:
    window.document.open_path(tmp_path / "mine.py")
    qtbot.keyClicks(window.editor, "y")
    dialogs.unsaved = answer
    done = {
        "new": window.document.new,
        "open_path": lambda: window.document.open_path(FIRST_EXAMPLE),
        "close": window.close,
    }[action]()
    assert dialogs.asked == ["unsaved mine.py"]
    assert done is (answer is not Unsaved.CANCEL)
    on_disk = file.read_text(encoding="utf-8")
    assert on_disk == ("yx = 1\n" if answer is Unsaved.SAVE else "x = 1\n")
    if answer is Unsaved.CANCEL:
        assert window.editor.toPlainText() == "yx = 1\n"


def test_cancelling_where_to_save_keeps_everything(qtbot, window, dialogs) -> None:
    qtbot.keyClicks(window.editor, "y")
    dialogs.unsaved = Unsaved.SAVE
    assert not window.document.new()
    assert window.editor.toPlainText() == "y"


def test_a_file_that_cannot_be_read_says_so_and_changes_nothing(window, dialogs, tmp_path) -> None:
    window.editor.replace_text("kept")
    assert not window.document.open_path(tmp_path / "missing.py")
    assert "missing.py" in dialogs.problems[0]
    assert window.editor.toPlainText() == "kept"


def test_a_folder_that_cannot_be_written_says_so_and_stays_modified(
    qtbot, window, dialogs, tmp_path
) -> None:
    qtbot.keyClicks(window.editor, "y")
    dialogs.to_save = tmp_path / "missing" / "a.py"
    assert not window.document.save()
    assert dialogs.problems
    assert window.isWindowModified()


def test_opening_never_runs_and_an_untrusted_file_asks_at_its_first_run(
    window, engine, dialogs, file
) -> None:
    window.document.open_path(file)
    assert engine.runs == []
    assert "elsewhere" in window.trust_banner.sentence
    window.actions_by_id["run"].trigger()
    assert dialogs.asked == ["trust mine.py"]
    assert engine.runs == []
    dialogs.trusts = True
    window.actions_by_id["run"].trigger()
    assert engine.last_text == "x = 1\n"
    assert window.trust_banner.sentence == ""


def test_a_trusted_text_is_not_asked_about_again_unless_it_was_changed_elsewhere(
    window, engine, dialogs, file
) -> None:
    dialogs.trusts = True
    window.document.open_path(file)
    window.actions_by_id["run"].trigger()
    window.document.open_path(file)
    assert window.document.is_trusted
    file.write_text("x = 'changed'\n", encoding="utf-8")
    window.document.open_path(file)
    assert not window.document.is_trusted


def test_trust_in_a_file_can_be_taken_back(window, dialogs, file) -> None:
    distrust = window.actions_by_id["distrust"]
    dialogs.trusts = True
    window.document.open_path(file)
    assert not distrust.isEnabled()
    window.run_control.run()
    assert distrust.isEnabled()
    distrust.trigger()
    assert not distrust.isEnabled()
    assert "elsewhere" in window.trust_banner.sentence
    dialogs.asked.clear()
    window.document.open_path(file)
    window.run_control.run()
    assert dialogs.asked == ["trust mine.py"]


def test_trust_is_taken_back_from_the_file_as_it_is_on_the_disk(window, dialogs, file) -> None:
    dialogs.trusts = True
    window.document.open_path(file)
    window.run_control.run()
    draft = Draft(text="x = 2\n", name="mine.py", path=str(file), is_trusted=True)
    window.document.restore(draft)
    window.actions_by_id["distrust"].trigger()
    window.editor.document().setModified(False)
    window.document.open_path(file)
    assert not window.document.is_trusted


def test_only_trust_in_a_file_can_be_taken_back(window, file) -> None:
    distrust = window.actions_by_id["distrust"]
    window.document.new()
    assert window.document.is_trusted
    assert not distrust.isEnabled()
    window.document.open_path(FIRST_EXAMPLE)
    assert window.document.is_trusted
    assert not distrust.isEnabled()


def test_what_was_typed_here_stays_trusted_after_saving(qtbot, window, dialogs, tmp_path) -> None:
    qtbot.keyClicks(window.editor, "x = 2")
    dialogs.to_save = tmp_path / "own.py"
    window.document.save()
    window.document.new()
    window.document.open_path(tmp_path / "own.py")
    assert window.document.is_trusted


def test_saving_an_untrusted_file_does_not_make_it_trusted(qtbot, window, file) -> None:
    window.document.open_path(file)
    qtbot.keyClicks(window.editor, "y")
    window.document.save()
    window.document.open_path(file)
    assert not window.document.is_trusted


def test_a_notebook_opens_as_cells_and_is_never_overwritten(window, dialogs, tmp_path) -> None:
    path = tmp_path / "a.ipynb"
    cell = {"cell_type": "code", "source": ["x = 1"], "metadata": {}, "outputs": []}
    content = json.dumps({"nbformat": 4, "nbformat_minor": 5, "metadata": {}, "cells": [cell]})
    path.write_text(content, encoding="utf-8")
    window.document.open_path(path)
    assert window.editor.toPlainText() == "# %%\nx = 1\n"
    assert not window.document.is_trusted
    dialogs.to_save = tmp_path / "a.py"
    window.document.save()
    assert dialogs.asked == ["save a.py"]
    assert path.read_text(encoding="utf-8") == content


def test_device_seed_and_placement_are_saved_in_the_text_and_come_back(
    window, dialogs, tmp_path
) -> None:
    window.editor.insertPlainText("x = 1\n")
    settings = RunSettings(device="cuda:0", seed=3, placement={"x": "cpu"})
    window.session.set_run_settings(settings)
    dialogs.to_save = tmp_path / "a.py"
    window.document.save()
    assert window.editor.toPlainText() == (tmp_path / "a.py").read_text(encoding="utf-8")
    assert not window.isWindowModified()
    window.document.new()
    assert window.session.run_settings == RunSettings()
    window.document.open_path(tmp_path / "a.py")
    assert window.session.run_settings == settings


def test_a_new_document_is_typed_into_at_once(qtbot, make_window, engine) -> None:
    window = make_window(start=True)
    engine.become_ready()
    qtbot.waitUntil(lambda: engine.runs != [])
    engine.finish(make_chain_rule_recording())
    window.centre.canvas.setFocus()
    qtbot.waitUntil(lambda: not window.editor.hasFocus())
    window.actions_by_id["new"].trigger()
    assert window.editor.hasFocus()


def test_the_same_random_numbers_are_chosen_and_saved_with_the_file(window, engine, file) -> None:
    window.document.open_path(file)
    window.document._is_trusted = True
    fix = window.actions_by_id["fix_seed"]
    assert not fix.isChecked()
    fix.trigger()
    assert window.isWindowModified()
    window.run_control.run()
    assert engine.runs[-1][2].seed == 0
    assert window.document.save()
    assert "# seed = 0" in file.read_text(encoding="utf-8")
    assert not window.isWindowModified()
    window.document.new()
    assert not fix.isChecked()
    window.document.open_path(file)
    assert fix.isChecked()
    fix.trigger()
    assert window.session.run_settings.seed is None
    assert window.document.save()
    assert "seed" not in file.read_text(encoding="utf-8")


def test_settings_are_to_be_saved_until_they_are_as_before(window, file) -> None:
    window.document.open_path(file)
    window.session.set_run_settings(RunSettings(device="cuda:0"))
    assert window.isWindowModified()
    window.session.set_run_settings(RunSettings())
    assert not window.isWindowModified()
    window.document.new()
    window.session.set_run_settings(RunSettings(device="cuda:0"))
    assert not window.isWindowModified()


def test_settings_that_are_as_before_do_not_save_what_was_typed(qtbot, window, file) -> None:
    window.document.open_path(file)
    qtbot.keyClicks(window.editor, "y")
    window.session.fix_seed(True)
    window.session.fix_seed(False)
    assert window.isWindowModified()


def test_settings_that_are_as_before_do_not_save_what_was_typed_after_them(
    qtbot, window, file
) -> None:
    window.document.open_path(file)
    window.session.fix_seed(True)
    qtbot.keyClicks(window.editor, "y")
    window.session.fix_seed(False)
    assert window.isWindowModified()


def test_a_seed_written_by_hand_holds_for_the_next_run(window, engine) -> None:
    window.editor.insertPlainText("# /// gradviz\n# seed = 7\n# ///\nx = 1\n")
    window.actions_by_id["run"].trigger()
    assert engine.runs[-1][2].seed == 7


def test_an_example_is_saved_elsewhere(qtbot, window, dialogs, tmp_path) -> None:
    before = FIRST_EXAMPLE.read_bytes()
    window.document.open_path(FIRST_EXAMPLE)
    assert window.document.origin is Origin.EXAMPLE
    qtbot.keyClicks(window.editor, "#")
    dialogs.to_save = tmp_path / "own.py"
    window.document.save()
    assert dialogs.asked == [f"save {FIRST_EXAMPLE.name}"]
    assert FIRST_EXAMPLE.read_bytes() == before


def test_recent_documents_are_listed_and_missing_ones_marked(window, tmp_path, file) -> None:
    window.settings.add_recent(tmp_path / "gone & lost.py")
    window.settings.add_recent(file)
    window.menus.fill_recent()
    present, missing = window.menus.recent.actions()[:2]
    assert present.isEnabled()
    assert not missing.isEnabled()
    assert missing.text().endswith("gone && lost.py (missing)")
    present.trigger()
    assert window.document.path == file


def drop(window, path: Path) -> QDropEvent:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(path))])
    at, action = QPointF(5, 5), Qt.DropAction.CopyAction
    button, none = Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier
    entering = QDragEnterEvent(at.toPoint(), action, data, button, none)
    QApplication.sendEvent(window, entering)
    event = QDropEvent(at, action, data, button, none)
    if entering.isAccepted():
        QApplication.sendEvent(window, event)
    else:
        event.ignore()
    return event


def test_a_dropped_file_opens_and_does_not_run(window, engine, file) -> None:
    assert drop(window, file).isAccepted()
    assert window.editor.toPlainText() == "x = 1\n"
    assert engine.runs == []


def test_other_files_cannot_be_dropped(window, tmp_path) -> None:
    assert not drop(window, tmp_path / "a.png").isAccepted()
    assert window.editor.toPlainText() == ""


def test_a_file_dropped_on_the_editor_opens_too(window, file) -> None:
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file))])
    assert not window.editor.canInsertFromMimeData(data)

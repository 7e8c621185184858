"""What another program writes into the document's file is noticed and can be taken over."""

from __future__ import annotations

from pathlib import Path

import pytest

from gradviz.documents.drafts import Draft
from gradviz.gui.dialogs import Unsaved
from gradviz.gui.session import RunSettings
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui

ADDED = "x = 1\ny = 2\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "mine.py"
    path.write_text("x = 1\n", encoding="utf-8")
    return path


def test_a_file_that_was_changed_is_offered_and_its_graph_stays(qtbot, window, file) -> None:
    window.document.open_path(file)
    recording = make_chain_rule_recording()
    window.session.show_recording(recording)
    file.write_text("# /// gradviz\n# seed = 3\n# ///\n" + ADDED, encoding="utf-8")
    qtbot.waitUntil(lambda: "mine.py" in window.outside_banner.sentence)
    window.outside_banner.button_clicked.emit()
    assert window.editor.toPlainText().endswith(ADDED)
    assert window.session.run_settings == RunSettings(seed=3)
    assert window.session.recording is recording
    assert not window.isWindowModified()
    assert window.outside_banner.sentence == ""
    assert "elsewhere" in window.trust_banner.sentence
    window.editor.undo()
    assert window.editor.toPlainText() == "x = 1\n"


def test_a_file_that_is_put_in_place_of_the_old_one_is_seen_each_time(qtbot, window, file) -> None:
    window.document.open_path(file)
    for text in (ADDED, ADDED + "z = 3\n"):
        other = file.with_suffix(".new")
        other.write_text(text, encoding="utf-8")
        other.replace(file)
        qtbot.waitUntil(lambda: window.outside_banner.sentence != "")
        assert window.document.reload()
        assert window.editor.toPlainText() == text
        assert window.outside_banner.sentence == ""


def test_text_that_was_not_saved_is_asked_about_first(window, dialogs, file) -> None:
    window.document.open_path(file)
    window.editor.insertPlainText("mine = 0\n")
    file.write_text(ADDED, encoding="utf-8")
    dialogs.unsaved = Unsaved.CANCEL
    assert not window.document.reload()
    assert window.editor.toPlainText() == "mine = 0\nx = 1\n"
    dialogs.unsaved = Unsaved.DISCARD
    assert window.document.reload()
    assert window.editor.toPlainText() == ADDED
    assert dialogs.asked == ["unsaved mine.py"] * 2


def test_text_that_was_never_saved_is_no_change_from_outside(window, file) -> None:
    window.document.restore(Draft(text="mine = 0\n", name="mine.py", path=str(file)))
    assert window.editor.toPlainText() == "mine = 0\n"
    assert window.outside_banner.sentence == ""


def test_a_file_that_was_moved_away_is_missed_until_it_is_back(qtbot, window, file) -> None:
    window.document.open_path(file)
    elsewhere = file.rename(file.with_name("other.py"))
    qtbot.waitUntil(lambda: "mine.py was moved or deleted" in window.outside_banner.sentence)
    assert window.outside_banner._button.isHidden(), "there is nothing to reload"
    elsewhere.rename(file)
    qtbot.waitUntil(lambda: window.outside_banner.sentence == "")
    file.unlink()
    qtbot.waitUntil(lambda: window.outside_banner.sentence != "")
    assert window.document.save()
    assert window.outside_banner.sentence == ""
    file.write_text(ADDED, encoding="utf-8")
    qtbot.waitUntil(lambda: "changed" in window.outside_banner.sentence)


def test_what_is_saved_here_or_not_there_is_not_offered(window, file, tmp_path) -> None:
    window.document.open_path(file)
    window.editor.insertPlainText("y = 2\n")
    assert window.document.save()
    window.outside_watch.look()
    assert window.outside_banner.sentence == ""
    file.write_text("z = 3\n", encoding="utf-8")
    window.outside_watch.look()
    assert window.outside_banner.sentence != ""
    file.unlink()
    window.outside_watch.look()
    assert "moved or deleted" in window.outside_banner.sentence
    window.editor.document().setModified(False)
    window.document.new()
    assert window.outside_banner.sentence == ""
    assert not window.document.reload()

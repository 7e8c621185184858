"""Text that was not saved outlives the program."""

from __future__ import annotations

import pytest

from gradviz.documents.drafts import Draft, DraftStore
from gradviz.export.process import TILE_OPTION
from gradviz.gui import side_by_side
from gradviz.gui.document import Unsaved
from gradviz.gui.languages import LanguageChoice, Languages

pytestmark = pytest.mark.gui


@pytest.fixture
def left_behind(tmp_path):
    """Make it so that a program that is gone left a draft."""

    def leave(draft: Draft, number: int = 999_999_999) -> None:
        store = DraftStore(tmp_path / "drafts")
        store._own = store._folder / f"{number}-1.json"
        store.keep(draft)

    return leave


def _drafts(tmp_path) -> list[str]:
    return sorted(path.name for path in (tmp_path / "drafts").glob("*.json"))


def test_unsaved_text_is_kept_and_forgotten_when_it_is_saved(
    qtbot, window, dialogs, tmp_path
) -> None:
    window.editor.insertPlainText("x = 1")
    qtbot.waitUntil(lambda: len(_drafts(tmp_path)) == 1)
    dialogs.to_save = tmp_path / "saved.py"
    assert window.document.save()
    assert _drafts(tmp_path) == []


def test_text_that_the_person_does_not_want_is_not_kept(qtbot, window, dialogs, tmp_path) -> None:
    window.editor.insertPlainText("x = 1")
    dialogs.unsaved = Unsaved.DISCARD
    window.close()
    assert _drafts(tmp_path) == []


def test_a_program_that_is_ended_from_outside_keeps_the_text(window, tmp_path) -> None:
    window.editor.insertPlainText("x = 1")
    window.shut_down()
    assert len(_drafts(tmp_path)) == 1


def test_what_was_left_behind_comes_back_unsaved_and_is_not_run(
    qtbot, make_window, engine, left_behind, tmp_path
) -> None:
    path = tmp_path / "lesson.py"
    path.write_bytes(b"x = 1\r\n")
    left_behind(Draft(text="x = 2\n", name="lesson.py", path=str(path), is_trusted=False))
    window = make_window(start=True)
    engine.become_ready()
    assert window.editor.toPlainText() == "x = 2\n"
    assert window.document.is_modified
    assert not window.document.is_trusted
    assert engine.runs == []
    assert "lesson.py" in window.draft_banner.sentence
    window.document.save()
    assert path.read_bytes() == b"x = 2\r\n"
    assert window.draft_banner.sentence == ""
    assert _drafts(tmp_path) == []


def test_what_came_back_can_be_discarded_for_the_saved_file(
    qtbot, make_window, left_behind, tmp_path
) -> None:
    path = tmp_path / "lesson.py"
    path.write_text("x = 1\n")
    left_behind(Draft(text="x = 2\n", name="lesson.py", path=str(path)))
    window = make_window(path, start=True)
    window.draft_banner.button_clicked.emit()
    assert window.editor.toPlainText() == "x = 1\n"
    assert not window.document.is_modified
    assert window.draft_banner.sentence == ""
    assert _drafts(tmp_path) == []


def test_another_file_that_is_opened_leaves_the_draft_for_later(
    qtbot, make_window, left_behind, tmp_path
) -> None:
    path = tmp_path / "other.py"
    path.write_text("y = 1\n")
    left_behind(Draft(text="x = 2\n", name="lesson.py", path=str(tmp_path / "lesson.py")))
    window = make_window(path, start=True)
    assert window.editor.toPlainText() == "y = 1\n"
    assert _drafts(tmp_path) == ["999999999-1.json"]


@pytest.mark.parametrize(("count", "opened"), [(1, 0), (2, 1), (4, 3), (9, 5)])
def test_what_several_windows_left_behind_comes_back_in_several(
    make_window, left_behind, monkeypatch, tmp_path, count: int, opened: int
) -> None:
    started = []
    monkeypatch.setattr(side_by_side, "start_window", lambda *words, **_: started.append(words))
    for index in range(count):
        left_behind(Draft(text=f"x = {index}\n", name=f"{index}.py"), 999_999_900 + index)
    window = make_window(start=True)
    window.open_other_drafts()
    assert started == [(TILE_OPTION, f"{n}/{opened + 1}") for n in range(1, opened + 1)]
    assert window.editor.toPlainText() == f"x = {count - 1}\n"
    # The windows that were started take the others over, one each.
    texts = {window.editor.toPlainText()}
    for _ in started:
        store = DraftStore(tmp_path / "drafts")
        texts.add(store.take_over(None).text)
        store.forget()
    assert len(texts) == opened + 1


def test_the_banner_speaks_the_persons_language(qtbot, make_window, left_behind) -> None:
    left_behind(Draft(text="x = 2\n", name="untitled.py"))
    window = make_window(start=True)
    languages = Languages()
    try:
        languages.use(LanguageChoice.SPANISH)
        qtbot.waitUntil(lambda: "se cerró" in window.draft_banner.sentence)
    finally:
        languages.use(LanguageChoice.ENGLISH)

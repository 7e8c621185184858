from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QApplication, QLabel, QMessageBox, QWidget

from gradviz.gui.about import show_about, show_shortcuts
from gradviz.gui.dialogs import Unsaved, WindowDialogs

pytestmark = pytest.mark.gui


@pytest.fixture
def parent(qtbot) -> QWidget:
    parent = QWidget()
    qtbot.addWidget(parent)
    parent.show()
    qtbot.waitExposed(parent)
    return parent


def when_asked(act: Callable[[QWidget], object]) -> None:
    """Do something with the dialog that is about to be open."""

    def look() -> None:
        dialog = QApplication.activeModalWidget()
        if dialog is None:
            QTimer.singleShot(10, look)
        else:
            act(dialog)

    QTimer.singleShot(0, look)


@pytest.mark.parametrize(
    ("button", "answer"),
    [
        (QMessageBox.StandardButton.Save, Unsaved.SAVE),
        (QMessageBox.StandardButton.Discard, Unsaved.DISCARD),
        (QMessageBox.StandardButton.Cancel, Unsaved.CANCEL),
    ],
)
def test_the_three_answers_about_unsaved_changes(parent, button, answer) -> None:
    when_asked(lambda box: box.button(button).click())
    assert WindowDialogs(parent).ask_unsaved("<b>a.py</b>") is answer


def test_each_answer_about_unsaved_changes_has_a_key_of_its_own(parent) -> None:
    seen: list[str] = []

    def look(box: QMessageBox) -> None:
        seen.extend(QKeySequence.mnemonic(b.text()).toString() for b in box.buttons())
        box.close()

    when_asked(look)
    WindowDialogs(parent).ask_unsaved("a.py")
    assert sorted(seen) == ["Alt+C", "Alt+D", "Alt+S"]


def test_closing_the_question_about_unsaved_changes_cancels(parent) -> None:
    when_asked(lambda box: box.close())
    assert WindowDialogs(parent).ask_unsaved("a.py") is Unsaved.CANCEL


def test_trust_must_be_given_on_purpose(parent) -> None:
    seen = []

    def look(box: QMessageBox) -> None:
        seen.append((box.textFormat(), box.informativeText(), box.defaultButton().text()))
        box.close()

    when_asked(look)
    assert not WindowDialogs(parent).ask_trust("<b>a.py</b>")
    form, text, default = seen[0]
    assert form is Qt.TextFormat.PlainText
    assert "full access to your account" in text
    assert "Cancel" in default


def test_trust_is_given_by_its_own_button(parent) -> None:
    when_asked(lambda box: next(b for b in box.buttons() if "Trust" in b.text()).click())
    assert WindowDialogs(parent).ask_trust("a.py")


def test_a_changed_file_is_saved_over_by_its_own_button_only(parent) -> None:
    def look(box: QMessageBox) -> None:
        assert box.defaultButton() is box.button(QMessageBox.StandardButton.Cancel)
        (save,) = (b for b in box.buttons() if b.text() == "Save over it")
        save.click()

    when_asked(look)
    assert WindowDialogs(parent).ask_overwrite("a.py")
    when_asked(lambda box: box.reject())
    assert not WindowDialogs(parent).ask_overwrite("a.py")


def test_help_lists_the_keys_and_names_the_versions(parent) -> None:
    texts: list[str] = []

    def read(dialog: QWidget) -> None:
        texts.extend(label.text() for label in dialog.findChildren(QLabel))
        dialog.close()

    when_asked(read)
    show_shortcuts(parent)
    assert {"F10", "Shift+F10, Ctrl+F10", "Ctrl+."} <= set(texts)
    when_asked(read)
    show_about(parent, "2.13.0")
    assert any("torch 2.13.0" in text for text in texts)

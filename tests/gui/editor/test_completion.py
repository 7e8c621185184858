"""Names are offered while one types, and Enter is never taken away."""

from __future__ import annotations

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt

from gradviz.gui.editor import completion

pytestmark = pytest.mark.gui


def _answer(window, engine, *names: str, signature: str = "") -> None:
    answer = SimpleNamespace(number=len(engine.asked_to_complete), names=names, signature=signature)
    engine.completed.emit(answer)


def _type(qtbot, window, engine, text: str) -> None:
    asked = len(engine.asked_to_complete)
    qtbot.keyClicks(window.editor, text)
    qtbot.waitUntil(lambda: len(engine.asked_to_complete) > asked)


def test_tab_takes_the_first_and_enter_stays_enter(qtbot, window, engine) -> None:
    window.editor.insertPlainText("import torch\nfrom torch import nn\n")
    _type(qtbot, window, engine, "torch.rel")
    assert engine.asked_to_complete[-1] == (
        "torch.rel",
        ("import torch", "from torch import nn"),
        False,
    )
    _answer(window, engine, "relu", "relu_")
    assert window.completion.names == ["relu", "relu_"]
    qtbot.keyClick(window.editor, Qt.Key.Key_Tab)
    assert window.editor.textCursor().block().text() == "torch.relu"
    assert window.completion.names == []
    qtbot.keyClick(window.editor, Qt.Key.Key_Return)
    _type(qtbot, window, engine, "torch.ab")
    _answer(window, engine, "abs", "absolute")
    qtbot.keyClick(window.editor, Qt.Key.Key_Return)
    assert window.editor.toPlainText().endswith("torch.relu\ntorch.ab\n")
    assert window.completion.names == []


def test_enter_takes_what_was_chosen_with_the_arrows(qtbot, window, engine) -> None:
    _type(qtbot, window, engine, "torch.ab")
    _answer(window, engine, "abs", "absolute")
    for _ in range(2):
        qtbot.keyClick(window.editor, Qt.Key.Key_Down)
    qtbot.keyClick(window.editor, Qt.Key.Key_Return)
    assert window.editor.toPlainText() == "torch.absolute"


def test_words_of_the_text_come_after_names_that_are_written_as_begun(
    qtbot, window, engine
) -> None:
    window.editor.insertPlainText("Weights = 1\n")
    _type(qtbot, window, engine, "wei")
    _answer(window, engine, "weights", "weird")
    assert window.completion.names == ["weights", "weird", "Weights"]


def test_escape_closes_and_undo_takes_the_insertion_back(qtbot, window, engine) -> None:
    _type(qtbot, window, engine, "torch.ab")
    _answer(window, engine, "abs")
    qtbot.keyClick(window.editor, Qt.Key.Key_Escape)
    assert window.completion.names == []
    assert window.editor.toPlainText() == "torch.ab"


def test_words_of_the_text_are_offered_while_the_engine_is_busy(qtbot, window, engine) -> None:
    window.editor.replace_text("learning_rate = 1\n")
    window.run_control.run()
    cursor = window.editor.textCursor()
    cursor.movePosition(cursor.MoveOperation.End)
    window.editor.setTextCursor(cursor)
    qtbot.keyClicks(window.editor, "lear")
    qtbot.waitUntil(lambda: window.completion.names == ["learning_rate"])


@pytest.mark.parametrize("text", ["# torch.re", "'torch.re", 'f("a", "torch.re', "x = 1.re"])
def test_nothing_is_offered_in_strings_comments_and_numbers(qtbot, window, engine, text) -> None:
    qtbot.keyClicks(window.editor, text)
    qtbot.wait(150)
    assert not any(expression for expression, *_ in engine.asked_to_complete[-1:])
    assert window.completion.names == []


def test_a_late_answer_is_not_shown(qtbot, window, engine) -> None:
    _type(qtbot, window, engine, "torch.ab")
    qtbot.keyClick(window.editor, Qt.Key.Key_Escape)
    window.completion.close()
    _answer(window, engine, "abs")
    assert window.completion.names == []


def test_a_call_shows_its_signature_until_its_bracket_closes(qtbot, window, engine) -> None:
    hint = window.completion.hint
    _type(qtbot, window, engine, "torch.relu(")
    assert engine.asked_to_complete[-1] == ("torch.relu", (), True)
    _answer(window, engine, signature="relu(input) -> Tensor")
    assert not hint.isHidden()
    assert hint.text() == "relu(input) -> Tensor"
    qtbot.keyClicks(window.editor, "f(x)")
    assert not hint.isHidden()
    qtbot.keyClicks(window.editor, ")")
    assert hint.isHidden()


@pytest.mark.parametrize("key", ["ControlModifier", "MetaModifier"])
def test_names_are_asked_for_with_the_key_that_the_system_leaves_free(
    qtbot, window, engine, monkeypatch, key: str
) -> None:
    modifier = Qt.KeyboardModifier[key]
    monkeypatch.setattr(completion, "_CONTROL", modifier)
    window.editor.insertPlainText("torch.re")
    qtbot.keyClick(window.editor, Qt.Key.Key_Space, modifier)
    assert engine.asked_to_complete[-1][0] == "torch.re"

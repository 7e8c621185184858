from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.search.bar import SearchBar
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.model import ItemKind, NodeId, Recording, TensorId
from gradviz.recording.view_options import FoldStart
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.recordings import make_ladder_recording
from tests.recording.scoped import make_block_recording
from tests.recording.test_view import record

pytestmark = pytest.mark.gui

X, Y, Z, P, G = (tensor_item(TensorId(number)) for number in range(5))
UNUSED = """import torch
used = torch.tensor(1.0, requires_grad=True)
unused = torch.tensor(2.0, requires_grad=True)
(used * 2).backward()
"""


@pytest.fixture
def canvas(qtbot: QtBot, session: Session) -> Canvas:
    canvas = Canvas(session, Appearance())
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    canvas.show()
    return canvas


@pytest.fixture
def bar(qtbot: QtBot, session: Session, canvas: Canvas) -> SearchBar:
    bar = SearchBar(session, canvas, Appearance())
    qtbot.addWidget(bar)
    show(qtbot, canvas, session, make_chain_rule_recording())
    bar.open()
    return bar


def show(qtbot: QtBot, canvas: Canvas, session: Session, recording: Recording) -> None:
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(recording)


def type_in(bar: SearchBar, text: str) -> None:
    bar.line.setText(text)
    bar.search_now()


def test_enter_walks_through_the_matches_and_around(bar: SearchBar, session: Session) -> None:
    type_in(bar, "leaf")
    seen = []
    for _ in range(4):
        QTest.keyClick(bar.line, Qt.Key.Key_Return)
        seen.append(session.selection)
    assert seen == [X, Y, Z, X]
    QTest.keyClick(bar.line, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    assert session.selection == Z


def test_enter_right_after_typing_goes_to_the_first_match(bar: SearchBar, session: Session) -> None:
    bar.line.setText("mul")
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    assert session.selection == op_item(1)


def test_the_matches_are_marked_until_the_bar_is_closed(bar: SearchBar, canvas: Canvas) -> None:
    assert canvas.scene is not None
    type_in(bar, "/^[xy]$/")
    assert canvas.matches is not None
    assert [canvas.scene.items[card] for card in canvas.matches] == [X, Y]
    before = canvas.grab().toImage()
    QTest.keyClick(bar.line, Qt.Key.Key_Escape)
    assert bar.isHidden()
    assert canvas.matches is None
    assert canvas.grab().toImage() != before


def test_the_list_has_a_heading_with_the_count_of_each_kind(bar: SearchBar) -> None:
    type_in(bar, "add")
    rows = [bar.model.index(row).data() for row in range(bar.model.rowCount())]
    assert rows[0] == "Ops (1)"
    assert rows[1].startswith("x + y")
    assert rows[2] == "Autograd nodes (1)"
    assert rows[3].startswith("AddBackward0")


def test_a_row_that_is_clicked_is_selected_and_a_heading_is_not(
    bar: SearchBar, session: Session
) -> None:
    type_in(bar, "leaf")
    bar.results.clicked.emit(bar.model.index(0))
    assert session.selection is None
    bar.results.clicked.emit(bar.model.index(2))
    assert session.selection == Y


def test_what_cannot_be_sought_is_told_in_one_sentence(bar: SearchBar) -> None:
    type_in(bar, "/(/")
    assert bar.answer.full_text().startswith("The regular expression is wrong")
    type_in(bar, "nowhere")
    assert bar.answer.full_text() == "Nothing found"
    type_in(bar, "")
    assert bar.answer.full_text() == ""


def test_that_every_leaf_has_its_gradient_is_told_to_who_seeks_those_without(
    bar: SearchBar, qtbot: QtBot, session: Session, canvas: Canvas
) -> None:
    type_in(bar, "grad is None")
    told = "Nothing found: in the end every leaf has its gradient"
    assert bar.answer.full_text() == told
    type_in(bar, "grad is None nowhere")
    assert bar.answer.full_text() == "Nothing found"
    show(qtbot, canvas, session, record(UNUSED))
    type_in(bar, "grad is None")
    assert bar.answer.full_text() == "1 found"


def test_a_node_that_its_op_stands_for_is_not_offered_to_be_revealed(
    bar: SearchBar, session: Session
) -> None:
    type_in(bar, "MulBackward0")
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    assert session.selection == node_item(NodeId(0))
    assert bar.reveal_button.isHidden()


def test_what_a_filter_hides_is_told_and_revealed_on_choice(
    qtbot: QtBot, bar: SearchBar, session: Session, canvas: Canvas
) -> None:
    show(qtbot, canvas, session, make_block_recording(2))
    with qtbot.waitSignal(canvas.scene_shown):
        session.change_view(hide_constants=True)
    type_in(bar, "constant")
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    constant = session.selection
    assert constant is not None
    assert canvas.scene is not None
    assert constant not in canvas.scene.index
    assert "not drawn" in bar.answer.full_text()
    with qtbot.waitSignal(canvas.scene_shown):
        bar.reveal_button.click()
    assert constant in canvas.scene.index


def test_a_match_in_a_folded_module_is_told_and_opened_on_choice(
    qtbot: QtBot, bar: SearchBar, session: Session, canvas: Canvas
) -> None:
    show(qtbot, canvas, session, make_block_recording(3))
    with qtbot.waitSignal(canvas.scene_shown):
        session.start_folds(FoldStart.FOLDED)
    type_in(bar, "relu")
    QTest.keyClick(bar.line, Qt.Key.Key_Return)
    found = session.selection
    assert found is not None
    assert found.kind is ItemKind.OP
    assert canvas.scene is not None
    assert found not in canvas.scene.index
    assert "folded up" in bar.answer.full_text()
    assert not bar.reveal_button.isHidden()
    with qtbot.waitSignal(canvas.scene_shown):
        bar.reveal_button.click()
    assert found in canvas.scene.index
    assert session.selection == found
    assert bar.reveal_button.isHidden()


def test_a_large_recording_is_searched_beside_the_window(
    qtbot: QtBot, bar: SearchBar, session: Session, canvas: Canvas
) -> None:
    show(qtbot, canvas, session, make_ladder_recording(layers=500, width=4))
    bar.line.setText("MulBackward0")
    with qtbot.waitSignal(bar.finder.answered):
        bar.search_now()
    assert bar.finder.found.count(ItemKind.NODE) == 2000
    assert canvas.matches is not None


def test_another_run_is_searched_anew(
    qtbot: QtBot, bar: SearchBar, session: Session, canvas: Canvas
) -> None:
    type_in(bar, "w0")
    assert not len(bar.finder.found)
    show(qtbot, canvas, session, make_ladder_recording(layers=2))
    assert bar.finder.found.item(0) == X


def test_a_search_before_the_new_graph_is_laid_out_lists_all_that_was_found(
    qtbot: QtBot, bar: SearchBar, session: Session, canvas: Canvas
) -> None:
    show(qtbot, canvas, session, make_block_recording(3))
    with qtbot.waitSignal(canvas.scene_shown):
        session.start_folds(FoldStart.FOLDED)
    before = canvas.scene
    session.show_recording(make_chain_rule_recording())
    assert canvas.scene is before
    type_in(bar, "/./")
    model = bar.model
    rows = [model.data(model.index(row, 0)) for row in range(model.rowCount())]
    assert len(rows) > len(bar.finder.found) > 5
    assert all(rows)
    assert not any("not drawn" in row or "folded" in row for row in rows)

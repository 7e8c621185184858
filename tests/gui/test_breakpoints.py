"""Breakpoints in the margin, in the panel and in the document."""

from __future__ import annotations

from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QTextCursor
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.documents.metadata import read_metadata
from gradviz.gui.breakpoints import BreakpointPanel
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas_menu import CanvasMenu
from gradviz.gui.debugger import Debugger
from gradviz.gui.editor.gutter import LineMark
from gradviz.gui.main_window import MainWindow
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.recording.breakpoints import Breakpoint, Condition, Place, line_breakpoint
from gradviz.recording.items import node_item, op_item
from gradviz.recording.model import Location, NodeId
from tests.builders import CHAIN_RULE_TEXT, make_chain_rule_recording

pytestmark = pytest.mark.gui

ANY_NAN = Breakpoint(when=Condition.NOT_FINITE)


def lines_of(window: MainWindow) -> list[int | None]:
    return [point.line for point in window.session.breakpoints]


@pytest.fixture
def typed(window: MainWindow) -> MainWindow:
    window.editor.replace_text(CHAIN_RULE_TEXT)
    return window


def click_margin(qtbot: QtBot, window: MainWindow, line: int) -> None:
    editor = window.editor
    top = editor.cursorRect(editor.cursor_at(Location(line, 0, line, 0))).center().y()
    gutter = editor.childAt(QPoint(5, top))
    qtbot.mouseClick(gutter, Qt.MouseButton.LeftButton, pos=QPoint(5, top))


def test_a_click_beside_a_number_sets_and_removes(qtbot: QtBot, typed: MainWindow) -> None:
    click_margin(qtbot, typed, 6)
    assert lines_of(typed) == [6]
    assert typed.editor.line_marks == {6: LineMark(is_whole=True, is_on=True)}
    click_margin(qtbot, typed, 6)
    assert lines_of(typed) == []
    assert typed.editor.line_marks == {}


def test_f9_breaks_on_the_line_of_the_cursor(qtbot: QtBot, typed: MainWindow) -> None:
    typed.editor.go_to_line(7)
    qtbot.keyClick(typed.editor, Qt.Key.Key_F9)
    assert lines_of(typed) == [7]
    qtbot.keyClick(typed.editor, Qt.Key.Key_F9)
    assert lines_of(typed) == []


def test_breakpoints_move_with_their_lines(qtbot: QtBot, typed: MainWindow) -> None:
    on_op = Breakpoint(on=Place.OP, line=7, text="p * z")
    typed.session.set_breakpoints((line_breakpoint(6), on_op, ANY_NAN))
    typed.editor.go_to_line(1)
    typed.editor.insertPlainText("# one\n# two\n")
    assert lines_of(typed) == [8, 9, None]
    # A line break before the code takes it along, one behind it does not.
    typed.editor.go_to_line(8)
    typed.editor.insertPlainText("\n")
    assert lines_of(typed) == [9, 10, None]
    typed.editor.go_to_line(9, 9)
    typed.editor.insertPlainText("\n")
    assert lines_of(typed) == [9, 11, None]
    for _ in range(3):
        typed.editor.undo()
    assert lines_of(typed) == [6, 7, None]


def test_breakpoints_on_lines_that_are_joined_become_one(typed: MainWindow) -> None:
    typed.session.set_breakpoints((line_breakpoint(6), line_breakpoint(7)))
    cursor = typed.editor.cursor_at(Location(6, 9, 7, 0))
    cursor.removeSelectedText()
    assert lines_of(typed) == [6]


def test_a_mark_tells_what_is_on_a_line_and_whether_it_is_on(typed: MainWindow) -> None:
    off = msgspec.structs.replace(line_breakpoint(6), enabled=False)
    typed.session.set_breakpoints((off, Breakpoint(on=Place.OP, line=7, text="p * z")))
    assert typed.editor.line_marks == {
        6: LineMark(is_whole=True, is_on=False),
        7: LineMark(is_whole=False, is_on=True),
    }
    before = typed.editor.grab().toImage()
    typed.session.set_breakpoints(())
    assert typed.editor.grab().toImage() != before


# In the document.


def test_breakpoints_are_saved_with_the_text_and_opened_again(
    typed: MainWindow, dialogs, tmp_path: Path
) -> None:
    points = (line_breakpoint(6), msgspec.structs.replace(line_breakpoint(7), hits=3), ANY_NAN)
    typed.session.set_breakpoints(points)
    assert typed.document.is_modified
    dialogs.to_save = tmp_path / "lesson.py"
    assert typed.document.save()
    assert not typed.document.is_modified
    assert lines_of(typed) == [6, 7, None]
    saved = (tmp_path / "lesson.py").read_text(encoding="utf-8")
    assert len(read_metadata(saved).breakpoints) == 3
    typed.document.new()
    assert typed.session.breakpoints == ()
    typed.document.open_path(tmp_path / "lesson.py")
    assert lines_of(typed) == [6, 7, None]
    assert typed.session.breakpoints[1].hits == 3
    assert not typed.document.is_modified


def test_the_old_breakpoints_again_take_the_change_back(
    typed: MainWindow, dialogs, tmp_path: Path
) -> None:
    dialogs.to_save = tmp_path / "lesson.py"
    assert typed.document.save()
    typed.breakpoint_lines.toggle(6)
    assert typed.document.is_modified
    typed.breakpoint_lines.toggle(6)
    assert not typed.document.is_modified
    # A text that was changed stays changed.
    typed.editor.insertPlainText("x")
    typed.breakpoint_lines.toggle(6)
    typed.breakpoint_lines.toggle(6)
    assert typed.document.is_modified


def test_breakpoints_written_into_the_block_hold_from_the_next_run_on(
    typed: MainWindow, dialogs, tmp_path: Path
) -> None:
    typed.editor.moveCursor(QTextCursor.MoveOperation.Start)
    typed.editor.insertPlainText("# /// gradviz\n# breakpoints = [10]\n# ///\n")
    assert typed.document.may_run()
    assert lines_of(typed) == [10]


# In the panel.


@pytest.fixture
def session() -> Session:
    session = Session()
    session.show_recording(make_chain_rule_recording())
    return session


@pytest.fixture
def panel(qtbot: QtBot, session: Session) -> BreakpointPanel:
    debugger = Debugger(session)
    made = BreakpointPanel(debugger, Appearance(), line_of_cursor=lambda: 6)
    debugger.setParent(made)
    qtbot.addWidget(made)
    made.resize(300, 500)
    made.show()
    return made


def test_the_panel_is_as_large_as_other_text(session: Session, panel: BreakpointPanel) -> None:
    session.set_breakpoints((line_breakpoint(6),))
    panel.list.setCurrentIndex(panel.model.index(0))
    usual, width = panel.list.sizeHintForRow(0), panel.minimumSizeHint().width()
    panel._appearance.set_text_points(18)
    for widget in (panel.list, panel.remark, panel.form.problem):
        assert widget.font().pointSizeF() == pytest.approx(18, abs=0.1)
    assert panel.list.sizeHintForRow(0) > usual
    assert panel.minimumSizeHint().width() == width
    panel._appearance.set_projector(True)
    panel._appearance.set_text_points(20)
    large = QApplication.font().pointSizeF()
    panel._appearance.set_projector(False)
    for field in (panel.form.condition, panel.form.hits):
        assert field.font().pointSizeF() == pytest.approx(large, abs=0.1)


def texts(panel: BreakpointPanel) -> list[str]:
    model = panel.model
    return [model.index(row).data() for row in range(model.rowCount())]


def test_the_panel_lists_places_conditions_and_hits(
    session: Session, panel: BreakpointPanel
) -> None:
    assert not panel.list.isVisible()
    assert "F9" in panel.remark.text()
    tester = QAbstractItemModelTester(
        panel.model, QAbstractItemModelTester.FailureReportingMode.Fatal
    )
    session.set_breakpoints(
        (
            line_breakpoint(6),
            Breakpoint(on=Place.TENSOR, name="x", when=Condition.NORM_ABOVE, threshold=2.5),
            Breakpoint(when=Condition.ZEROS_ABOVE, threshold=0.9),
            Breakpoint(when=Condition.ACCUMULATES, hits=2),
        )
    )
    session.move_playhead(3)
    assert texts(panel) == [
        "Line 6\nhit 1 of 1",
        "x\nnorm above 2.5\nhit 0 of 1",
        "Anywhere\nzeros above 90 %\nnot hit",
        "Anywhere\na leaf accumulates\nhit 1 of 3 · stops from hit 2 on",
    ]
    assert panel.count == 4
    assert not panel.remark.isVisible()
    del tester


def test_a_tick_switches_a_breakpoint_and_the_button_all(
    qtbot: QtBot, session: Session, panel: BreakpointPanel
) -> None:
    session.set_breakpoints((line_breakpoint(6), line_breakpoint(7)))
    with qtbot.waitSignal(panel.counted) as counted:
        index = panel.model.index(0)
        assert panel.model.setData(index, Qt.CheckState.Unchecked, Qt.ItemDataRole.CheckStateRole)
    assert counted.args == [1]
    assert [p.enabled for p in session.breakpoints] == [False, True]
    panel.switch_button.click()
    assert [p.enabled for p in session.breakpoints] == [False, False]
    panel.switch_button.click()
    assert [p.enabled for p in session.breakpoints] == [True, True]


def test_the_menu_offers_the_line_the_selection_and_conditions(
    session: Session, panel: BreakpointPanel
) -> None:
    session.select(node_item(NodeId(1)))
    panel.menu.aboutToShow.emit()
    offers = {action.text(): action for action in panel.menu.actions() if action.data()}
    assert "On line 6 of the text" in offers
    assert "On the selection: AddBackward0 · x + y · line 6" in offers
    offers["Where a gradient has NaN or Inf"].trigger()
    assert session.breakpoints == (ANY_NAN,)
    assert panel.list.currentIndex().row() == 0


def test_the_chosen_breakpoint_is_edited_under_the_list(
    qtbot: QtBot, session: Session, panel: BreakpointPanel
) -> None:
    panel.add(line_breakpoint(6))
    form = panel.form
    assert form.isVisible()
    form.condition.setCurrentIndex(list(Condition).index(Condition.NORM_ABOVE))
    form.condition.activated.emit(form.condition.currentIndex())
    assert session.breakpoints[0].when is Condition.NORM_ABOVE
    form.threshold.setFocus()
    form.threshold.setText("2,5")
    qtbot.keyClick(form.threshold, Qt.Key.Key_Return)
    form.hits.setValue(4)
    assert session.breakpoints == (
        msgspec.structs.replace(
            line_breakpoint(6), when=Condition.NORM_ABOVE, threshold=2.5, hits=4
        ),
    )
    form.threshold.setText("nonsense")
    qtbot.keyClick(form.threshold, Qt.Key.Key_Return)
    assert session.breakpoints[0].threshold == 2.5
    assert form.problem.isVisible() and "“nonsense”" in form.problem.text()
    assert form.threshold.text() == "nonsense", "what was typed can be mended"
    form.threshold.setText("3")
    qtbot.keyClick(form.threshold, Qt.Key.Key_Return)
    assert session.breakpoints[0].threshold == 3.0 and form.problem.isHidden()
    form.threshold.setText("2.5")
    qtbot.keyClick(form.threshold, Qt.Key.Key_Return)


def test_delete_removes_the_chosen_one(
    qtbot: QtBot, session: Session, panel: BreakpointPanel
) -> None:
    session.set_breakpoints((line_breakpoint(6), ANY_NAN, line_breakpoint(7)))
    panel.list.setCurrentIndex(panel.model.index(1))
    qtbot.keyClick(panel.list, Qt.Key.Key_Delete)
    assert session.breakpoints == (line_breakpoint(6), line_breakpoint(7))
    panel.remove_button.click()
    panel.remove_button.click()
    assert session.breakpoints == ()
    assert not panel.form.isVisible()
    panel.remove_selected()


def test_a_double_click_goes_to_the_next_hit_and_shows_the_line(
    qtbot: QtBot, session: Session, panel: BreakpointPanel
) -> None:
    session.set_breakpoints((line_breakpoint(6),))
    with qtbot.waitSignal(panel.line_wanted) as wanted:
        panel.list.doubleClicked.emit(panel.model.index(0))
    assert wanted.args == [6]
    assert session.playhead == 3
    session.move_playhead(5)
    panel.list.doubleClicked.emit(panel.model.index(0))
    assert session.playhead == 3


# On a card of the graph.


def test_the_menu_of_a_card_breaks_there_and_walks_its_events(
    qtbot: QtBot, session: Session
) -> None:
    canvas = Canvas(session, Appearance())
    qtbot.addWidget(canvas)
    debugger = Debugger(session, parent=canvas)
    menu = CanvasMenu(canvas, debugger, parent=canvas)
    session.select(op_item(0))

    def trigger(text: str) -> None:
        shown = menu.menu_for(op_item(0))
        next(action for action in shown.actions() if action.text() == text).trigger()
        shown.deleteLater()

    trigger("Break here")
    assert debugger.is_on(op_item(0))
    trigger("Go to its next event")
    assert session.playhead == 3
    session.move_playhead(5)
    trigger("Go to its previous event")
    assert session.playhead == 3
    with qtbot.waitSignal(menu.text_wanted) as wanted:
        trigger("Show its line of code")
    assert wanted.args == [op_item(0)]
    trigger("Break here")
    assert session.breakpoints == ()

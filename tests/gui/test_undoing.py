from __future__ import annotations

import pytest
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas_menu import CanvasMenu
from gradviz.gui.centre import Centre
from gradviz.gui.debugger import Debugger
from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.gui.undoing import Undoing
from gradviz.recording.items import op_item, scope_item
from gradviz.recording.model import Recording, ScopeId
from gradviz.recording.view_options import FoldStart
from tests.builders import make_chain_rule_recording
from tests.recording.scoped import make_block_recording

pytestmark = pytest.mark.gui

ADD = op_item(0)


class Place:
    """A text and a graph side by side."""

    def __init__(self, qtbot) -> None:
        self.session, appearance = Session(), Appearance()
        self.editor = CodeEditor(appearance)
        self.centre = Centre(self.session, appearance)
        self.canvas = Canvas(self.session, appearance)
        self.centre.set_canvas(self.canvas)
        for widget in (self.editor, self.centre):
            qtbot.addWidget(widget)
            widget.resize(600, 400)
            widget.show()
        self.undoing = Undoing(self.editor, self.centre, self.session, parent=self.centre)
        with qtbot.waitSignal(self.canvas.scene_shown):
            self.session.show_recording(make_chain_rule_recording())

    def focus(self, qtbot, widget) -> None:
        widget.activateWindow()
        widget.setFocus()
        qtbot.waitUntil(lambda: QApplication.focusWidget() is widget)

    def drag(self, offset: tuple[float, float]) -> None:
        before = self.canvas.offset_of(ADD)
        self.canvas.set_offset(ADD, offset)
        self.canvas.card_moved.emit(ADD, before, offset)


@pytest.fixture
def place(qtbot) -> Place:
    return Place(qtbot)


def test_in_the_graph_undo_takes_back_what_was_dragged(qtbot, place: Place) -> None:
    place.editor.insertPlainText("x")
    place.drag((10.0, 5.0))
    place.drag((20.0, 5.0))
    place.focus(qtbot, place.canvas)
    place.undoing.undo()
    assert place.canvas.offset_of(ADD) == (10.0, 5.0)
    place.undoing.undo()
    assert place.canvas.offset_of(ADD) is None
    place.undoing.redo()
    assert place.canvas.offset_of(ADD) == (10.0, 5.0)
    assert place.editor.toPlainText() == "x"


def test_in_the_text_undo_takes_back_what_was_typed(qtbot, place: Place) -> None:
    place.editor.insertPlainText("x")
    place.drag((10.0, 5.0))
    place.focus(qtbot, place.editor)
    place.undoing.undo()
    assert place.editor.toPlainText() == ""
    assert place.canvas.offset_of(ADD) == (10.0, 5.0)


def test_resetting_the_layout_puts_every_card_back_and_can_be_undone(qtbot, place: Place) -> None:
    place.drag((10.0, 5.0))
    place.centre.reset_layout()
    assert place.canvas.offset_of(ADD) is None
    place.focus(qtbot, place.canvas)
    place.undoing.undo()
    assert place.canvas.offset_of(ADD) == (10.0, 5.0)


def test_one_card_is_put_back_from_its_menu_and_that_can_be_undone(qtbot, place: Place) -> None:
    menu = CanvasMenu(
        place.canvas, Debugger(place.session, parent=place.canvas), parent=place.canvas
    )
    back = "Put it back where the layout places it"

    def put_back() -> list[QAction]:
        shown = menu.menu_for(ADD)
        return [action for action in shown.actions() if action.text() == back]

    assert put_back() == []
    place.drag((10.0, 5.0))
    place.session.select(ADD)
    (action,) = put_back()
    action.trigger()
    assert place.canvas.offset_of(ADD) is None
    place.focus(qtbot, place.canvas)
    place.undoing.undo()
    assert place.canvas.offset_of(ADD) == (10.0, 5.0)


def test_nothing_moved_leaves_nothing_to_undo(place: Place) -> None:
    place.centre.reset_layout()
    assert not place.undoing.graph_edits.canUndo()


def test_what_was_dragged_in_another_document_is_forgotten(qtbot, place: Place) -> None:
    place.drag((10.0, 5.0))
    place.session.forget_view()
    assert not place.undoing.graph_edits.canUndo()
    with qtbot.waitSignal(place.canvas.scene_shown):
        # At once, as a recording is: nothing tells that the graph before was another document's.
        place.session.show_recording(make_chain_rule_recording())
    assert place.canvas.offset_of(ADD) is None


def test_what_was_dragged_outlives_a_run_that_made_no_graph(qtbot, place: Place) -> None:
    place.drag((10.0, 5.0))
    place.session.show_recording(Recording())
    qtbot.waitUntil(lambda: place.centre.currentWidget() is place.centre.start_page)
    with qtbot.waitSignal(place.canvas.scene_shown):
        place.session.show_recording(make_chain_rule_recording())
    assert place.canvas.offset_of(ADD) == (10.0, 5.0)
    assert place.undoing.graph_edits.canUndo()


def test_in_the_graph_undo_takes_back_what_was_folded(qtbot, place: Place) -> None:
    session = place.session
    with qtbot.waitSignal(place.canvas.scene_shown):
        session.show_recording(make_block_recording(5))
    model = scope_item(ScopeId(0))
    first = session.view_options.folds
    session.toggle_scope(model)
    folded = session.view_options.folds
    assert folded != first
    session.start_folds(FoldStart.OPEN)
    place.focus(qtbot, place.canvas)
    place.undoing.undo()
    assert session.view_options.folds == folded
    place.undoing.undo()
    assert session.view_options.folds == first
    assert not place.undoing.graph_edits.canUndo()
    place.undoing.redo()
    assert session.view_options.folds == folded

"""Editor line, op, autograd node and step: what is chosen in one is shown in the other three."""

from __future__ import annotations

from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.standing import tensor_on_edge
from gradviz.gui.main_window import MainWindow
from gradviz.gui.source_link import item_at
from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.model import Item, ItemKind, NodeId, TensorId
from gradviz.recording.view_options import ViewMode
from tests.builders import CHAIN_RULE_TEXT, make_chain_rule_recording
from tests.gui.editor.marks import highlighted_text, step_text
from tests.recording.test_view import LOOP, record

pytestmark = pytest.mark.gui

ADD, ADD_NODE = op_item(0), node_item(NodeId(1))
LINE, STEP = 6, 3
"""Where `x + y` is written, and the playhead at which its node has just been executed."""


@pytest.fixture
def window(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> MainWindow:
    made = make_window(start=True)
    made.editor.replace_text(CHAIN_RULE_TEXT)
    made.session.show_recording(make_chain_rule_recording())
    canvas = canvas_of(made)
    qtbot.waitUntil(
        lambda: canvas.scene is not None and canvas.scene.recording is made.session.recording
    )
    qtbot.waitUntil(lambda: not made.source_link._edited.isActive())
    return made


def canvas_of(window: MainWindow) -> Canvas:
    assert window.centre.canvas is not None
    return window.centre.canvas


def draw(qtbot: QtBot, window: MainWindow, mode: ViewMode) -> Canvas:
    canvas = canvas_of(window)
    options = msgspec.structs.replace(window.session.view_options, mode=mode)
    if options != window.session.view_options:
        with qtbot.waitSignal(canvas.scene_shown):
            window.session.set_view_options(options)
    return canvas


def choose(qtbot: QtBot, window: MainWindow, view: str) -> None:
    """Choose `x + y` where a person would."""
    match view:
        case "line":
            with qtbot.waitSignal(window.session.selection_changed):
                window.editor.go_to_line(LINE, 6)
        case "op" | "node":
            mode = ViewMode.FORWARD if view == "op" else ViewMode.BACKWARD
            canvas = draw(qtbot, window, mode)
            assert canvas.scene is not None
            canvas.fit()
            card = canvas.scene.index[ADD if view == "op" else ADD_NODE]
            at = canvas.camera.to_canvas(*canvas.scene.centre_of(card))
            qtbot.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(*map(round, at)))
        case "step":
            assert window.centre.timeline is not None
            track = window.centre.timeline.track
            at = QPoint(round(track.centre_of(STEP - 0.5)), 40)
            qtbot.mouseClick(track, Qt.MouseButton.LeftButton, pos=at)


def shows(qtbot: QtBot, window: MainWindow, view: str, chosen: str) -> bool:
    """Whether a view shows what was chosen in another."""
    is_step = chosen == "step"
    match view:
        case "line":
            editor = window.editor
            return (step_text(editor) if is_step else highlighted_text(editor)) == "x + y"
        case "op" | "node":
            mode = ViewMode.FORWARD if view == "op" else ViewMode.BACKWARD
            canvas = draw(qtbot, window, mode)
            assert canvas.scene is not None
            assert canvas.marks is not None
            card = canvas.scene.index[ADD if view == "op" else ADD_NODE]
            return card in canvas.marks.current_cards if is_step else canvas.selected == card
        case _:
            assert window.centre.timeline is not None
            return STEP in window.centre.timeline.track.selected_playheads.tolist()


VIEWS = ("line", "op", "node", "step")


@pytest.mark.parametrize("chosen", VIEWS)
def test_what_is_chosen_in_one_view_is_shown_in_the_others(
    qtbot: QtBot, window: MainWindow, chosen: str
) -> None:
    for shown in VIEWS:
        if shown == chosen:
            continue
        window.session.select(None)
        window.session.move_playhead(0)
        window.editor.go_to_line(1)
        assert not shows(qtbot, window, shown, chosen), shown
        choose(qtbot, window, chosen)
        assert shows(qtbot, window, shown, chosen), shown


def test_selection_and_step_are_both_marked_in_the_text(window: MainWindow) -> None:
    window.session.select(op_item(1))
    window.session.move_playhead(STEP)
    assert highlighted_text(window.editor) == "p * z"
    assert step_text(window.editor) == "x + y"


def test_a_line_of_a_loop_means_the_execution_of_the_pass_one_looks_at() -> None:
    loop = record(LOOP)
    muls = [op.id for op in loop.ops if op.name == "mul"]
    assert len(muls) == 3

    def is_second(item: Item) -> bool:
        return item == op_item(muls[1])

    assert item_at(loop, 7, 10, None) == op_item(muls[2])
    assert item_at(loop, 7, 10, None, is_second) == op_item(muls[1])


def test_the_cursor_selects_the_execution_of_the_pass_at_the_playhead(
    qtbot: QtBot, window: MainWindow
) -> None:
    loop = record(LOOP)
    window.editor.replace_text(LOOP)
    window.session.show_recording(loop)
    qtbot.waitUntil(lambda: not window.source_link._edited.isActive())
    first, last = window.session.replay.span_of(1)
    window.session.move_playhead(first + 2)
    with qtbot.waitSignal(window.session.selection_changed):
        window.editor.go_to_line(7, 10)
    selected = window.session.selection
    assert selected is not None
    assert selected.kind is ItemKind.OP
    (node,) = loop.ops[selected.id].autograd_nodes
    assert any(first < playhead <= last for playhead in window.session.replay.playheads_of(node))


@pytest.mark.parametrize("mode", ViewMode)
def test_an_edge_stands_for_the_tensor_whose_gradient_it_carries(
    qtbot: QtBot, window: MainWindow, mode: ViewMode
) -> None:
    canvas = draw(qtbot, window, mode)
    scene = canvas.scene
    assert scene is not None
    found = {
        tensor_on_edge(scene, number, window.session.chain.edges)
        for number in range(len(scene.edges))
    }
    assert {tensor_item(TensorId(n)) for n in range(4)} <= found

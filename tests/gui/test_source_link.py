from __future__ import annotations

import msgspec
import pytest

from gradviz.gui.source_link import item_at, location_of
from gradviz.recording.model import (
    Item,
    ItemKind,
    Location,
    NodeId,
    OpId,
    OpKind,
    PassId,
    TensorId,
)
from gradviz.recording.view import ViewOptions, node_item, op_item, tensor_item
from tests.builders import CHAIN_RULE_TEXT, make_chain_rule_recording
from tests.gui.editor.marks import highlighted_text, step_text
from tests.recording.test_view import LOOP, record

RECORDING = make_chain_rule_recording()
X, P = tensor_item(TensorId(0)), tensor_item(TensorId(3))
ADD, MUL = op_item(0), op_item(1)


@pytest.mark.parametrize(
    ("line", "column", "item"),
    [
        (6, 0, P),  # the p of p = x + y
        (6, 6, ADD),  # its +
        (7, 9, MUL),  # the end of p * z
        (3, 7, X),  # inside torch.tensor(...)
        (1, 3, None),
        (2, 0, None),
        (99, 0, None),
    ],
)
def test_a_place_stands_for_the_innermost_thing_there(
    line: int, column: int, item: Item | None
) -> None:
    assert item_at(RECORDING, line, column, None) == item


def test_an_op_executed_many_times_stays_on_the_selected_execution() -> None:
    again = msgspec.structs.replace(RECORDING.ops[0], id=OpId(2))
    recording = msgspec.structs.replace(RECORDING, ops=(*RECORDING.ops, again))
    assert item_at(recording, 6, 6, None) == op_item(2)
    assert item_at(recording, 6, 6, ADD) == ADD


def test_an_op_that_only_makes_a_tensor_stands_for_the_tensor() -> None:
    source = msgspec.structs.replace(
        RECORDING.ops[0],
        kind=OpKind.SOURCE,
        location=Location(3, 4, 3, 40),
        inputs=(),
        outputs=(TensorId(0),),
    )
    recording = msgspec.structs.replace(RECORDING, ops=(source, RECORDING.ops[1]))
    assert item_at(recording, 3, 8, None) == X


def test_every_kind_of_item_has_its_text() -> None:
    assert location_of(RECORDING, ADD) == Location(6, 4, 6, 9)
    assert location_of(RECORDING, X) == Location(3, 0, 3, 40)
    assert location_of(RECORDING, node_item(NodeId(0))) == Location(7, 4, 7, 9)
    assert location_of(RECORDING, node_item(NodeId(2))) == Location(3, 0, 3, 40)


@pytest.fixture
def linked(qtbot, window):
    window.editor.replace_text(CHAIN_RULE_TEXT)
    window.session.show_recording(RECORDING)
    window.editor.setFocus()
    qtbot.waitUntil(lambda: not window.source_link._edited.isActive())
    return window


@pytest.mark.gui
def test_moving_the_cursor_into_an_op_selects_it(qtbot, linked) -> None:
    with qtbot.waitSignal(linked.session.selection_changed) as selected:
        linked.editor.go_to_line(7, 6)
    assert selected.args == [MUL]
    assert highlighted_text(linked.editor) == "p * z"


@pytest.mark.gui
def test_selecting_marks_the_text_and_leaves_the_cursor_alone(linked) -> None:
    linked.editor.go_to_line(1)
    linked.session.select(ADD)
    assert highlighted_text(linked.editor) == "x + y"
    assert linked.editor.place_of_cursor() == (1, 0)
    linked.session.select(None)
    assert highlighted_text(linked.editor) == ""


@pytest.mark.gui
def test_the_text_of_the_executed_step_is_marked(linked) -> None:
    linked.session.move_playhead(3)
    assert step_text(linked.editor) == "x + y"
    linked.session.select(MUL)
    linked.session.move_playhead(1)
    assert step_text(linked.editor) == highlighted_text(linked.editor) == "p * z"
    linked.session.move_playhead(0)
    assert step_text(linked.editor) == ""


@pytest.mark.gui
def test_lines_put_above_move_the_marks_with_the_text(qtbot, linked) -> None:
    linked.editor.go_to_line(1)
    qtbot.keyClicks(linked.editor, "# why")
    linked.editor.insertPlainText("\n\n")
    qtbot.waitUntil(lambda: not linked.source_link._edited.isActive())
    linked.session.select(MUL)
    assert highlighted_text(linked.editor) == "p * z"
    with qtbot.waitSignal(linked.session.selection_changed) as selected:
        linked.editor.go_to_line(8, 6)
    assert selected.args == [ADD]


@pytest.mark.gui
def test_a_line_that_was_changed_is_no_longer_marked(qtbot, linked) -> None:
    linked.editor.go_to_line(6, 5)
    qtbot.keyClicks(linked.editor, "1")
    qtbot.waitUntil(lambda: not linked.source_link._edited.isActive())
    linked.session.select(Item(ItemKind.OP, 0))
    assert highlighted_text(linked.editor) == ""


@pytest.mark.gui
def test_selecting_far_below_scrolls_there(qtbot, linked) -> None:
    text = "import torch\n" * 300 + CHAIN_RULE_TEXT
    location = Location(306, 4, 306, 9)
    op = msgspec.structs.replace(RECORDING.ops[0], location=location)
    linked.editor.replace_text(text)
    recording = msgspec.structs.replace(RECORDING, text=text, ops=(op, RECORDING.ops[1]))
    linked.session.show_recording(recording)
    linked.session.select(ADD)
    assert 306 in [line for line, _top, _height in linked.editor.visible_lines()]
    assert linked.editor.place_of_cursor() == (1, 0)


@pytest.mark.gui
def test_a_weight_in_the_text_stands_for_the_version_of_the_drawn_pass(qtbot, linked) -> None:
    recording = record(LOOP)
    of_w = [tensor_item(t.id) for t in recording.tensors if t.name == "w"]
    linked.editor.replace_text(LOOP)
    linked.session.show_recording(recording)
    linked.session.set_view_options(ViewOptions(pass_id=PassId(2)))
    qtbot.waitUntil(lambda: not linked.source_link._edited.isActive())
    with qtbot.waitSignal(linked.session.selection_changed) as selected:
        linked.editor.go_to_line(2, 0)
    assert selected.args == [of_w[2]]

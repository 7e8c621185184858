"""Cards and frames that breakpoints are on are marked, as the editor's margin is."""

from __future__ import annotations

import msgspec
import pytest

from gradviz.gui.canvas.break_marks import Breaks
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.debugger import Debugger
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT
from gradviz.recording.breakpoints import Breakpoint, Condition, Place, line_breakpoint
from gradviz.recording.items import node_item, op_item, tensor_item
from gradviz.recording.model import NodeId, TensorId
from gradviz.recording.scopes import scopes_of
from gradviz.recording.view import ViewOptions
from tests.builders import make_chain_rule_recording
from tests.recording.test_view import record

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

MODULE = """\
import torch
net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Tanh())
net(torch.ones(2)).sum().backward()
"""


def test_the_items_of_breakpoints_are_told_and_whether_they_are_on(session: Session) -> None:
    session.show_recording(make_chain_rule_recording())
    debugger = Debugger(session)
    for item in (op_item(0), node_item(NodeId(0)), tensor_item(TensorId(0))):
        debugger.toggle_item(item)
    on_op, on_node, on_leaf = session.breakpoints
    off = msgspec.structs.replace(on_node, enabled=False)
    session.set_breakpoints(
        (on_op, off, on_leaf, line_breakpoint(6), Breakpoint(when=Condition.NOT_FINITE))
    )
    assert debugger.broken_items() == {
        op_item(0): True,
        node_item(NodeId(0)): False,
        tensor_item(TensorId(0)): True,
    }


def test_a_card_a_frame_and_what_stands_for_an_item_are_marked() -> None:
    recording = record(MODULE)
    scene = build_scene(recording, ViewOptions())
    linear = next(op for op in recording.ops if op.name == "linear")
    frame = next(frame for frame in scene.frames if frame.title.startswith("net"))
    items = {frame.item: False, node_item(linear.autograd_nodes[0]): True}
    places = Breaks(recording, items).places(scene)
    assert places[frame.box.left, frame.box.top] is False
    (card,) = (place for place, is_on in places.items() if is_on)
    left, top, right, bottom = scene.card_boxes[scene.index[op_item(linear.id)]].tolist()
    assert left <= card[0] <= (left + right) / 2
    assert (top + bottom) / 2 <= card[1] <= bottom
    assert Breaks(make_chain_rule_recording(), items).places(scene) == {}


def test_a_breakpoint_on_a_module_is_on_each_of_its_calls(session: Session) -> None:
    recording = record(MODULE.replace("net(torch.ones(2))", "net(net(torch.ones(2)))"))
    session.show_recording(recording)
    session.set_breakpoints((Breakpoint(on=Place.MODULE, scope="net"),))
    items = Debugger(session).broken_items()
    assert len(items) == 2
    assert {scopes_of(recording).scopes[item.id].path for item in items} == {"net"}


def test_the_mark_is_painted_in_the_colour_of_breakpoints(
    drawn_canvas: Canvas, session: Session
) -> None:
    canvas = drawn_canvas
    breaks = Breaks(session.recording, {op_item(0): True})
    assert canvas.scene is not None
    ((x, y),) = breaks.places(canvas.scene)
    at_x, at_y = map(round, canvas.camera.to_canvas(x, y))
    assert canvas.grab().toImage().pixelColor(at_x, at_y).name() != LIGHT.error
    canvas.show_breaks(session.recording, {op_item(0): True})
    assert canvas.grab().toImage().pixelColor(at_x, at_y).name() == LIGHT.error

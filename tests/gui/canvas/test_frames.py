from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.frames import Frame, control_of_frame, frame_at
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.recording.view import op_item
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui

OUTER = Frame(op_item(100), "block × 12", Box(0.0, 0.0, 400.0, 400.0), 0)
INNER = Frame(op_item(101), "block.attention", Box(20.0, 40.0, 300.0, 300.0), 1)


def framed(*frames: Frame) -> Scene:
    plain = build_scene(make_chain_rule_recording())
    return Scene(
        plain.recording, plain.cards, plain.rects, plain.edges, plain.polylines, frames=frames
    )


def test_the_innermost_title_is_hit() -> None:
    frames = (INNER, OUTER)
    assert frame_at(frames, 100.0, 45.0) is INNER
    assert frame_at(frames, 100.0, 10.0) is OUTER
    assert frame_at(frames, 100.0, 200.0) is None
    assert frame_at(frames, -5.0, 10.0) is None


@pytest.mark.usefixtures("qapp")
def test_a_scene_reaches_around_its_frames_and_draws_the_outer_ones_first() -> None:
    scene = framed(INNER, OUTER._replace(box=Box(-500.0, 0.0, 10.0, 10.0)))
    assert scene.bounds.left < -500.0
    assert [frame.depth for frame in scene.frames] == [0, 1]


def test_a_click_on_the_control_of_a_frame_folds_it(qtbot: QtBot) -> None:
    session = Session()
    canvas = Canvas(session, Appearance(LIGHT))
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(make_chain_rule_recording())
    bounds = build_scene(make_chain_rule_recording()).bounds
    canvas.show_scene(framed(OUTER._replace(box=bounds)))
    control = control_of_frame(bounds)
    middle = canvas.camera.to_canvas(
        (control.left + control.right) / 2, (control.top + control.bottom) / 2
    )
    at = QPointF(*middle).toPoint()
    with qtbot.waitSignal(canvas.scope_toggled) as toggled:
        QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert toggled.args == [OUTER.item]
    with qtbot.waitSignal(canvas.scope_toggled):
        QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=at + QPoint(60, 0))

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, QPointF, QRectF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.frame_painter import far_title_place
from gradviz.gui.canvas.frames import Frame, control_of_frame, frame_at
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.layout.routes import Lines
from gradviz.recording.view import op_item
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui

OUTER = Frame(op_item(100), "block × 12", Box(0.0, 0.0, 400.0, 400.0), 0)
INNER = Frame(op_item(101), "block.attention", Box(20.0, 40.0, 300.0, 300.0), 1)


def framed(*frames: Frame) -> Scene:
    plain = build_scene(make_chain_rule_recording())
    return Scene(
        plain.recording,
        plain.cards,
        plain.rects,
        plain.edges,
        Lines(plain.points, plain.starts),
        frames=frames,
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


@pytest.mark.usefixtures("qapp")
@pytest.mark.parametrize("at_right", [False, True])
def test_a_title_seen_from_afar_stands_where_no_card_hides_it(at_right: bool) -> None:
    plain = build_scene(make_chain_rule_recording())
    left, top, right, bottom = plain.bounds
    card = plain.box_of(0)
    # The first card is in the frame's upper left corner, with room beside all cards.
    wide = Box(card.left - 1, card.top - 1, right + 900, bottom)
    if not at_right:
        wide = Box(left - 900, top, right, bottom)
    scene = framed(OUTER._replace(box=wide))
    place = far_title_place(scene, scene.frames[0], 0.15)
    assert place is not None
    assert wide.left <= place.left() and place.right() <= wide.right
    assert wide.top <= place.top() and place.bottom() <= wide.bottom
    for box in scene.card_boxes.tolist():
        assert not place.intersects(QRectF(box[0], box[1], box[2] - box[0], box[3] - box[1]))
    assert (place.left() > right) == at_right


@pytest.mark.usefixtures("qapp")
def test_a_title_seen_from_afar_is_left_out_where_cards_are_everywhere() -> None:
    plain = build_scene(make_chain_rule_recording())
    full = framed(OUTER._replace(box=plain.box_of(0)))
    assert far_title_place(full, full.frames[0], 0.15) is None


@pytest.mark.usefixtures("qapp")
def test_a_title_seen_from_afar_stands_on_no_frame_inside() -> None:
    plain = build_scene(make_chain_rule_recording())
    left, top, right, bottom = plain.bounds
    outer = OUTER._replace(box=Box(left - 1500, top, right + 900, bottom))
    inner = INNER._replace(box=Box(left - 1480, top + 20, left - 700, bottom - 20))
    scene = framed(outer, inner)
    place = far_title_place(scene, outer, 0.15)
    assert place is not None
    assert place.left() > inner.box.right or place.right() < inner.box.left


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

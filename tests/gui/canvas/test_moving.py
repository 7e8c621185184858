from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.moving import route_after
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.recording.model import TensorId
from gradviz.recording.view import tensor_item
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.test_canvas import drag, middle, sharp, show

pytestmark = pytest.mark.gui

P = tensor_item(TensorId(3))
BY = QPoint(130, 20)


@pytest.fixture
def canvas(qtbot: QtBot, session: Session) -> Canvas:
    canvas = Canvas(session, Appearance(LIGHT))
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    show(qtbot, canvas, session, make_chain_rule_recording())
    return canvas


def test_a_dragged_card_takes_its_edges_along(qtbot: QtBot, canvas: Canvas) -> None:
    place = middle(canvas, P)
    with qtbot.waitSignal(canvas.card_moved) as moved:
        drag(canvas, place, BY)
        QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place + BY)
    assert middle(canvas, P) == place + BY
    scene = canvas.scene
    assert scene is not None
    card = scene.index[P]
    for edge in (*scene.edges_into(card), *scene.edges_out_of(card)):
        ends = scene.route(edge)[[0, -1]].tolist()
        assert any(scene.box_of(card).grown(0.1).contains(*end) for end in ends)
    item, before, after = moved.args
    assert (item, before) == (P, None)
    scale = canvas.camera.scale
    assert after == pytest.approx((BY.x() / scale, BY.y() / scale), abs=0.01)
    assert canvas.offset_of(P) == after


def test_a_move_is_undone_and_redone_by_its_offsets(qtbot: QtBot, canvas: Canvas) -> None:
    place, picture = middle(canvas, P), sharp(qtbot, canvas)
    canvas.set_offset(P, (100.0, 0.0))
    assert middle(canvas, P).x() > place.x() + 60
    assert sharp(qtbot, canvas) != picture
    canvas.set_offset(P, None)
    assert middle(canvas, P) == place
    assert sharp(qtbot, canvas) == picture


def test_while_it_is_dragged_a_card_is_not_in_its_old_place(qtbot: QtBot, canvas: Canvas) -> None:
    place = middle(canvas, P)
    sharp(qtbot, canvas)
    drag(canvas, place, QPoint(250, 60))
    picture = sharp(qtbot, canvas)
    assert picture.pixelColor(place).name() == LIGHT.canvas
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.offset_of(P) is None
    assert sharp(qtbot, canvas).pixelColor(place).name() != LIGHT.canvas
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert middle(canvas, P) == place


def test_a_moved_card_stays_in_the_next_run(qtbot: QtBot, canvas: Canvas, session: Session) -> None:
    canvas.set_offset(P, (100.0, 10.0))
    place = middle(canvas, P)
    show(qtbot, canvas, session, make_chain_rule_recording())
    assert middle(canvas, P) == place
    assert canvas.offset_of(P) == (100.0, 10.0)


def test_a_route_keeps_its_middle_while_its_ends_can_follow() -> None:
    route = np.array(((0.0, 0.0), (0.0, 10.0), (50.0, 90.0), (50.0, 100.0)))
    moved = route_after(route, source=(7.0, -3.0), target=(0.0, 0.0))
    assert moved[0].tolist() == [7.0, -3.0]
    assert moved[2:].tolist() == route[2:].tolist()
    above = route_after(route, source=(0.0, 300.0), target=(0.0, 0.0))
    assert above[0].tolist() == [0.0, 300.0]
    assert above[-1].tolist() == [50.0, 100.0]

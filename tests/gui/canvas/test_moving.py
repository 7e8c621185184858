from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.curves import ARROW_LENGTH, end_direction
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.moving import route_after
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.layout.model import Direction
from gradviz.recording.model import TensorId
from gradviz.recording.view import tensor_item
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.test_canvas import drag, middle, sharp, show

pytestmark = pytest.mark.gui

P = tensor_item(TensorId(3))
Z = tensor_item(TensorId(2))
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


def boxes(source: tuple[float, float], target: tuple[float, float]) -> tuple[Box, Box]:
    """Cards of 40 x 20 around two middles."""
    (x, y), (to_x, to_y) = source, target
    return (
        Box(x - 20, y - 10, x + 20, y + 10),
        Box(to_x - 20, to_y - 10, to_x + 20, to_y + 10),
    )


ROUTE = np.array(((0.0, 0.0), (0.0, 10.0), (50.0, 90.0), (50.0, 100.0)))


def test_a_route_keeps_its_middle_while_its_ends_can_follow() -> None:
    cards = boxes((7.0, -13.0), (50.0, 110.0))
    moved = route_after(ROUTE, source=(7.0, -3.0), target=(0.0, 0.0), boxes=cards)
    assert moved[0].tolist() == [7.0, -3.0]
    assert moved[2:].tolist() == ROUTE[2:].tolist()


def test_a_card_put_below_the_next_is_left_at_its_top_for_the_next_ones_bottom() -> None:
    cards = boxes((0.0, 290.0), (50.0, 110.0))
    above = route_after(ROUTE, source=(0.0, 300.0), target=(0.0, 0.0), boxes=cards)
    assert above[0].tolist() == [0.0, 280.0]
    assert above[-1].tolist() == [50.0, 120.0]
    assert (np.diff(above[:, 1]) < 0).all()


@pytest.mark.parametrize(("x", "end"), [(-60.0, 30.0), (160.0, 70.0)])
def test_cards_put_beside_each_other_are_joined_from_side_to_side(x: float, end: float) -> None:
    cards = boxes((x, 112.0), (50.0, 110.0))
    beside = route_after(ROUTE, source=(x, 122.0), target=(0.0, 0.0), boxes=cards)
    assert beside.tolist() == [[x + np.sign(end - x) * 20.0, 110.0], [end, 110.0]]


def test_what_leads_up_and_what_leads_to_the_right_follow_alike() -> None:
    source, target = boxes((5.0, -10.0), (50.0, 110.0))
    moved = route_after(ROUTE, source=(5.0, 0.0), target=(0.0, 0.0), boxes=(source, target))
    up = np.array((1.0, -1.0))
    flipped = [Box(box.left, -box.bottom, box.right, -box.top) for box in (source, target)]
    result = route_after(
        ROUTE * up, source=(5.0, 0.0), target=(0.0, 0.0), boxes=(flipped[0], flipped[1])
    )
    assert result.tolist() == (moved * up).tolist()
    turned = [Box(box.top, box.left, box.bottom, box.right) for box in (source, target)]
    result = route_after(
        ROUTE[:, ::-1],
        source=(0.0, 5.0),
        target=(0.0, 0.0),
        boxes=(turned[0], turned[1]),
        bends=Direction.RIGHT,
    )
    assert result.tolist() == moved[:, ::-1].tolist()


def test_the_arrow_of_a_card_that_was_dragged_beside_the_next_is_outside_of_it(
    qtbot: QtBot, canvas: Canvas
) -> None:
    scene = canvas.scene
    assert scene is not None
    card = scene.index[Z]
    (edge,) = scene.edges_out_of(card)
    box, next_box = scene.box_of(card), scene.box_of(scene.edges[edge].target)
    canvas.set_offset(Z, (next_box.right + 80 - box.left, next_box.top + 10 - box.bottom))
    for y in (next_box.top + 10 - box.bottom, next_box.bottom + 60 - box.top):
        canvas.set_offset(Z, (next_box.right + 80 - box.left, y))
        assert canvas.scene is not None
        route = canvas.scene.route(edge)
        way = end_direction(route, canvas.scene.bends)
        assert not next_box.contains(*(route[-1] - way * ARROW_LENGTH).tolist())

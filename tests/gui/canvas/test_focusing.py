from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.focusing import Finder, Kin
from gradviz.gui.canvas.look import Focus
from gradviz.gui.canvas.picking import edge_at, far_end
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.recording.model import Item, NodeId, TensorId
from gradviz.recording.view import ViewMode, ViewOptions, node_item, op_item, tensor_item
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.test_canvas import middle, sharp, show

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

X, Y, Z, P, G = (tensor_item(TensorId(number)) for number in range(5))
ADD, MUL = op_item(0), op_item(1)


def items_of(scene: Scene, focus: Focus | None) -> set[Item]:
    assert focus is not None
    return {scene.items[card] for card in np.flatnonzero(focus.cards).tolist()}


def test_ancestors_and_descendants() -> None:
    scene = build_scene(make_chain_rule_recording())
    finder = Finder(scene)
    assert items_of(scene, finder.kin(scene.index[P], Kin.ANCESTORS)) == {X, Y, ADD, P}
    assert items_of(scene, finder.kin(scene.index[P], Kin.DESCENDANTS)) == {P, MUL, G}


def test_the_ways_between_two_cards_in_either_order() -> None:
    scene = build_scene(make_chain_rule_recording())
    finder, x, g = Finder(scene), scene.index[X], scene.index[G]
    assert items_of(scene, finder.ways(x, g)) == {X, ADD, P, MUL, G}
    assert items_of(scene, finder.ways(g, x)) == {X, ADD, P, MUL, G}
    assert finder.ways(scene.index[X], scene.index[Y]) is None


def test_an_op_brings_its_autograd_nodes() -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BOTH))
    found = items_of(scene, Finder(scene).kin(scene.index[P], Kin.ANCESTORS))
    node = make_chain_rule_recording().ops[0].autograd_nodes[0]
    assert node_item(NodeId(node)) in found


def test_an_edge_is_found_near_its_curve_only() -> None:
    scene = build_scene(make_chain_rule_recording())
    for number, edge in enumerate(scene.edges):
        x, y = (scene.route(number)[0] + (0.0, 1.0)).tolist()
        assert edge_at(scene, x, y, 1.0) is not None
        assert far_end(scene, number, x, y) == edge.target
    assert edge_at(scene, scene.bounds.left, scene.bounds.top, 1.0) is None


@pytest.fixture
def canvas(qtbot: QtBot, session: Session) -> Canvas:
    canvas = Canvas(session, Appearance(LIGHT))
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    show(qtbot, canvas, session, make_chain_rule_recording())
    return canvas


def test_keys_and_a_shifted_click_let_kin_and_ways_stand_out(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    plain = sharp(qtbot, canvas)
    session.select(P)
    QTest.keyClick(canvas, Qt.Key.Key_A)
    assert canvas.scene is not None
    assert items_of(canvas.scene, canvas.look.focus) == {X, Y, ADD, P}
    QTest.keyClick(canvas, Qt.Key.Key_D)
    assert items_of(canvas.scene, canvas.look.focus) == {P, MUL, G}
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, shift, middle(canvas, X))
    assert items_of(canvas.scene, canvas.look.focus) == {X, ADD, P}
    assert session.selection == P
    beside = middle(canvas, MUL) + QPoint(17, 0)
    dimmed = sharp(qtbot, canvas).pixelColor(beside).lightness()
    assert dimmed > plain.pixelColor(beside).lightness() + 60
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert canvas.look.focus is None
    assert session.selection == P
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.selection is None


def test_a_click_on_an_edge_leads_to_its_far_end(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    scene = canvas.scene
    assert scene is not None
    (edge,) = scene.edges_out_of(scene.index[ADD])
    x, y = scene.route(edge)[0].tolist()
    at = QPointF(*canvas.camera.to_canvas(x, y + 4.0)).toPoint()
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=at)
    assert session.selection == P

"""What a pass with `create_graph=True` made is marked on the canvas."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QImage, QPainter
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.layer_tags import layer_boxes, layer_of_card, paint_layers
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.style import LIGHT
from gradviz.recording.view_options import ViewMode, ViewOptions
from tests.builders import make_chain_rule_recording
from tests.recording.test_layers import GRAD
from tests.recording.test_view import record

pytestmark = pytest.mark.gui


def painted(scene: Scene) -> bool:
    bounds = scene.bounds
    image = QImage(int(bounds.width), int(bounds.height), QImage.Format.Format_ARGB32_Premultiplied)
    image.fill(0)
    blank = image.copy()
    painter = QPainter(image)
    try:
        painter.translate(-bounds.left, -bounds.top)
        paint_layers(painter, scene, bounds, LIGHT)
    finally:
        painter.end()
    return image != blank


def test_only_nodes_of_a_layer_are_marked(qtbot: QtBot) -> None:
    scene = build_scene(record(GRAD), ViewOptions(mode=ViewMode.BACKWARD))
    layers = [layer_of_card(scene, card) for card in range(len(scene.cards))]
    assert {0, 1, None} == set(layers)
    assert painted(scene)


def test_without_a_layer_nothing_is_painted(qtbot: QtBot) -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BACKWARD))
    assert not painted(scene)


def test_nodes_under_one_another_are_one_layer_with_room_for_their_gradients(
    qtbot: QtBot,
) -> None:
    text = (
        "import torch\nx = torch.ones(3, requires_grad=True)\n"
        "(first,) = torch.autograd.grad((x ** 3).sum(), x, create_graph=True)\n"
        "first.sum().backward()\n"
    )
    recording = record(text)
    options = ViewOptions(mode=ViewMode.BOTH, pass_id=recording.passes[1].id)
    scene = build_scene(recording, options)
    cards = [card for card in range(len(scene.cards)) if layer_of_card(scene, card) is not None]
    assert len(cards) == 3
    ((layer, box),) = layer_boxes(scene)
    assert layer == 0
    for card in cards:
        place = scene.box_of(card)
        assert box.top <= place.top
        assert place.bottom <= box.bottom
    within = [n for n, edge in enumerate(scene.edges) if {edge.source, edge.target} <= {*cards}]
    assert len(within) == 2
    marks = Marks(scene, scene.replay.length)
    for edge in within:
        chip = marks.chip_of(edge)
        assert chip is not None
        assert chip.is_shown

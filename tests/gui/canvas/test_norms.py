"""The width of each edge shows the norm of its gradient, on request."""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
import pytest
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.norms import NARROW, WIDE, norm_of, norm_on_edge, width_of
from gradviz.gui.main_window import MainWindow
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.recording.model import NodeId, ValueId
from gradviz.recording.replay import Carrier, Replay
from tests.builders import make_chain_rule_recording, make_value
from tests.recording.test_view import record

pytestmark = pytest.mark.gui

TEXT = """\
import torch
x = torch.tensor([1., 2.], requires_grad=True)
(x.sin() * 1000).sum().backward()
"""


@pytest.mark.parametrize(
    ("norm", "width"),
    [
        (0.01, NARROW),
        (100.0, WIDE),
        (1.0, (NARROW + WIDE) / 2),
        (1e9, WIDE),
        (0.0, NARROW),
        (math.nan, NARROW),
    ],
)
def test_widths_grow_with_the_logarithm(norm: float, width: float) -> None:
    assert width_of(norm, (0.01, 100.0)) == pytest.approx(width)


def test_where_all_norms_are_alike_so_are_the_widths() -> None:
    assert width_of(3.0, (3.0, 3.0)) == (NARROW + WIDE) / 2


def test_the_norm_on_an_edge_is_known_once_it_was_carried() -> None:
    replay = Replay(make_chain_rule_recording())
    carriers = (Carrier(NodeId(0), 0, incoming=False), Carrier(NodeId(0), 1, incoming=False))
    assert math.isnan(norm_on_edge(replay, carriers, 0))
    assert norm_on_edge(replay, carriers, 1) == pytest.approx(math.hypot(3, 3))


def test_a_value_that_contradicts_itself_has_no_norm() -> None:
    broken = msgspec.structs.replace(make_value(0, 1.0), data=b"123", statistics=None)
    recording = msgspec.structs.replace(make_chain_rule_recording(), values=(broken,))
    assert math.isnan(norm_of(recording, ValueId(0)))


def test_edges_are_drawn_wider_on_request_and_as_before_again(qtbot: QtBot) -> None:
    session = Session()
    canvas = Canvas(session, Appearance())
    qtbot.addWidget(canvas)
    canvas.resize(700, 700)
    canvas.show()
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(record(TEXT))
    session.move_playhead(session.replay.length)

    def picture() -> QImage:
        qtbot.waitUntil(lambda: canvas.grab() is not None and canvas.is_sharp)
        return canvas.grab().toImage()

    before = picture()
    canvas.set_norms((1.0, 1000.0))
    assert picture() != before
    canvas.set_norms(None)
    assert picture() == before


def test_the_menu_switches_it(make_window: Callable[..., MainWindow]) -> None:
    window = make_window(start=True)
    window.session.show_recording(make_chain_rule_recording())
    canvas = window.centre.canvas
    assert canvas is not None
    window.actions_by_id["edges_by_norm"].trigger()
    assert canvas.look.norms == (1.0, 3.0)
    window.session.show_recording(record(TEXT))
    assert canvas.look.norms != (1.0, 3.0)
    window.actions_by_id["edges_by_norm"].trigger()
    assert canvas.look.norms is None

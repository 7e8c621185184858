"""Fixtures of the canvas's tests."""

from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.recording.view_options import ViewMode
from tests.builders import make_chain_rule_recording


@pytest.fixture
def drawn_canvas(qtbot: QtBot, session: Session) -> Canvas:
    """The chain rule, forward, drawn sharply in the light theme."""
    canvas = Canvas(session, Appearance(LIGHT))
    qtbot.addWidget(canvas)
    canvas.resize(600, 600)
    canvas.show()
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(make_chain_rule_recording())
    session.change_view(mode=ViewMode.FORWARD)
    qtbot.waitUntil(lambda: canvas.is_sharp)
    return canvas

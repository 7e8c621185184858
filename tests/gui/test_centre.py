from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.camera import READABLE
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.centre import Centre
from gradviz.gui.graph_actions import MAX_CARDS
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.recording.view_options import Arrangement, FoldStart
from tests.recording.scoped import make_block_recording

pytestmark = pytest.mark.gui


def test_a_graph_that_outgrew_the_chosen_layout_is_drawn_in_layers_and_that_is_told(
    qtbot: QtBot, session: Session
) -> None:
    centre, canvas = Centre(session, Appearance()), Canvas(session, Appearance())
    centre.set_canvas(canvas)
    qtbot.addWidget(centre)
    centre.resize(700, 500)
    centre.show()
    said: list[str] = []
    centre.reported.connect(said.append)

    def is_straight() -> bool:
        assert canvas.scene is not None
        return canvas.scene.bends is None

    session.start_folds(FoldStart.FOLDED)
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(make_block_recording(80))
    with qtbot.waitSignal(canvas.scene_shown):
        session.change_view(arrangement=Arrangement.KAMADA_KAWAI)
    assert is_straight()
    assert said == []
    with qtbot.waitSignal(canvas.scene_shown):
        session.start_folds(FoldStart.OPEN)
    most = MAX_CARDS[Arrangement.KAMADA_KAWAI]
    assert canvas.scene is not None
    assert len(canvas.scene.cards) > most
    assert not is_straight()
    assert canvas.view().holds(canvas.focus_box())
    assert canvas.camera.scale >= READABLE
    told = f"Drawn in layers: the chosen layout takes at most {most} cards."
    assert said == [told]
    with qtbot.waitSignal(canvas.scene_shown):
        session.start_folds(FoldStart.FOLDED)
    assert is_straight()
    assert canvas.shows_all
    assert said == [told]

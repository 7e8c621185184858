from __future__ import annotations

from collections.abc import Callable

import pytest
from pytestqt.qtbot import QtBot

from gradviz.gui.main_window import MainWindow
from gradviz.recording.items import op_item, tensor_item
from gradviz.recording.model import TensorId
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui


@pytest.fixture
def window(qtbot: QtBot, make_window: Callable[..., MainWindow]) -> MainWindow:
    made = make_window(start=True)
    canvas = made.centre.canvas
    assert canvas is not None
    with qtbot.waitSignal(canvas.scene_shown):
        made.session.show_recording(make_chain_rule_recording())
    return made


def test_find_searches_where_the_keyboard_is(window: MainWindow) -> None:
    search, canvas = window.panels.search_bar, window.centre.canvas
    assert search is not None
    assert canvas is not None
    window.editor.setFocus()
    window.actions_by_id["find"].trigger()
    assert not window.find_bar.isHidden()
    assert search.isHidden()
    window.find_bar.dismiss()
    canvas.setFocus()
    window.actions_by_id["find"].trigger()
    assert window.find_bar.isHidden()
    assert not search.isHidden()
    assert window.focusWidget() is search.line


def test_f3_goes_on_in_the_graph_after_its_search_was_opened(window: MainWindow) -> None:
    search = window.panels.search_bar
    assert search is not None
    window.actions_by_id["find_in_graph"].trigger()
    search.line.setText("x")
    for item in (tensor_item(TensorId(0)), op_item(0), tensor_item(TensorId(0))):
        window.actions_by_id["find_next"].trigger()
        assert window.session.selection == item
    window.actions_by_id["find_previous"].trigger()
    assert window.session.selection == op_item(0)


def test_an_overlay_is_chosen_in_the_menu_and_left_in_the_legend(window: MainWindow) -> None:
    overlays, canvas = window.panels.overlays, window.centre.canvas
    assert overlays is not None
    assert canvas is not None
    window.actions_by_id["overlay_dtype"].trigger()
    assert canvas.look.colouring is not None
    assert window.actions_by_id["overlay_dtype"].isChecked()
    overlays.legend.closed.emit()
    assert canvas.look.colouring is None
    assert window.actions_by_id["overlay_none"].isChecked()

"""The window with the real worker behind it."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import Qt

from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.main_window import MainWindow
from gradviz.recording.model import Recording, RunStatus, TensorId
from gradviz.recording.values import to_number
from tests.gui.fakes import FakeDialogs, build_window

pytestmark = pytest.mark.gui

START_MS = 60_000
RUN_MS = 20_000


@pytest.fixture
def window(qtbot, tmp_path) -> Iterator[MainWindow]:
    engine = Engine(spare=False)
    window = build_window(engine, FakeDialogs(), tmp_path)
    qtbot.addWidget(window)
    window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    with qtbot.waitSignal(engine.run_finished, timeout=START_MS):
        window.start(None)
    yield window
    window.editor.document().setModified(False)
    window.close()


def run(qtbot, window: MainWindow, text: str) -> Recording:
    window.editor.selectAll()
    window.editor.insertPlainText(text)
    with qtbot.waitSignal(window.engine.run_finished, timeout=RUN_MS) as finished:
        qtbot.keyClick(window.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    recording = finished.args[0]
    assert isinstance(recording, Recording)
    return recording


def test_the_chain_rule_example_is_drawn_and_can_be_stepped_through(qtbot, window) -> None:
    recording = window.session.recording
    assert recording.status is RunStatus.OK
    assert window.centre.currentWidget() is window.centre.graph
    assert "3." in window.output.text.toPlainText()
    leaf = next(t for t in recording.tensors if t.name == "x")
    for _ in range(window.session.replay.length):
        qtbot.keyClick(window, Qt.Key.Key_F10)
    grad = window.session.replay.leaf_grad_at(TensorId(leaf.id), window.session.playhead)
    value = recording.value(grad)
    assert value is not None
    assert to_number(value) == 3.0


def test_an_error_is_marked_on_its_line_and_the_graph_until_then_is_drawn(qtbot, window) -> None:
    text = "import torch\nx = torch.ones(3, requires_grad=True)\ny = x * 2\nz = y @ torch.ones(4)\n"
    recording = run(qtbot, window, text)
    assert recording.error is not None
    assert window.editor.error_line == 4
    assert window.output.card.isVisible()
    assert {t.name for t in window.session.recording.tensors} >= {"x", "y"}
    window.editor.undo()
    assert "chain" in window.editor.toPlainText()


def test_an_endless_loop_leaves_the_window_alive_and_is_stopped(qtbot, window) -> None:
    window.editor.selectAll()
    window.editor.insertPlainText("while True:\n    pass\n")
    with qtbot.waitSignal(window.engine.line_reached, timeout=RUN_MS):
        qtbot.keyClick(window.editor, Qt.Key.Key_F5)
    qtbot.keyClicks(window.editor, "# alive")
    assert window.editor.toPlainText().endswith("# alive")
    period = Qt.Key.Key_Period
    qtbot.keyClick(window.editor, period, Qt.KeyboardModifier.ControlModifier)
    qtbot.waitUntil(lambda: window.engine.state is EngineState.READY, timeout=RUN_MS)
    assert window.editor.running_line is None
    assert window.editor.error_line is None

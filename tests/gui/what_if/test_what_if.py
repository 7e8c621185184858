"""What if: another value, a run with it, what differs, and the way back; with a real engine."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from PySide6.QtCore import QLocale, QObject, Qt

from gradviz.gui.engine import Engine, EngineState
from gradviz.gui.main_window import MainWindow
from gradviz.gui.what_if.bar import WhatIfBar
from gradviz.recording.diagnostics import FindingKind, Severity
from gradviz.recording.format import format_number
from gradviz.recording.items import node_item, tensor_item
from gradviz.recording.model import Recording
from gradviz.recording.overlays import Overlay
from gradviz.recording.values import to_number
from gradviz.worker.messages import FetchValue

pytestmark = pytest.mark.gui

RUN_MS = 60_000
CHAIN = """\
import torch
x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
z.grad
"""
WRONG = """\
import torch

class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return 2 * x

    @staticmethod
    def backward(ctx, gradient):
        return 3 * gradient

x = torch.tensor(1., requires_grad=True)
Double.apply(x).backward()
"""


@pytest.fixture
def engine(qapp: QObject) -> Engine:
    return Engine(spare=False)


@pytest.fixture
def window(qtbot, make_window: Callable[..., MainWindow], engine: Engine) -> MainWindow:
    window = make_window(start=True)
    with qtbot.waitSignal(window.session.recording_changed, timeout=RUN_MS):
        qtbot.waitUntil(lambda: window.engine.state is EngineState.READY, timeout=RUN_MS)
    return window


def run(qtbot, window: MainWindow, text: str) -> Recording:
    window.editor.setPlainText(text)
    with qtbot.waitSignal(window.session.recording_changed, timeout=RUN_MS):
        window.run_control.run()
    return window.session.recording


def bar_of(window: MainWindow) -> WhatIfBar:
    bar = window.panels.what_if_bar
    assert bar is not None
    return bar


def run_with(qtbot, window: MainWindow, text: str) -> Recording:
    bar = bar_of(window)
    bar.edit.setText(text)
    with qtbot.waitSignal(window.session.recording_changed, timeout=RUN_MS):
        qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: bar._what_if.comparison is not None)
    return window.session.recording


def number(recording: Recording, name: str, *, grad: bool = False) -> float | None:
    tensor = next(t for t in recording.tensors if t.name == name)
    return to_number(recording.value(tensor.grad if grad else tensor.value))


def select(window: MainWindow, name: str) -> None:
    tensor = next(t for t in window.session.recording.tensors if t.name == name)
    window.session.select(tensor_item(tensor.id))


def test_another_value_runs_again_compares_and_leads_back(qtbot, window: MainWindow) -> None:
    original = run(qtbot, window, CHAIN)
    select(window, "x")
    window.session.move_playhead(2)
    window.actions_by_id["what_if"].trigger()
    bar = bar_of(window)
    assert bar.isVisible()
    assert bar.edit.text() == "1"

    changed = run_with(qtbot, window, "5")
    assert (number(changed, "g"), number(changed, "z", grad=True)) == (21.0, 7.0)
    assert window.session.playhead == 2
    assert window.session.selection == tensor_item(changed.tensors[0].id)
    assert "7" in window.output.text.toPlainText()
    bar._count.click()
    model = bar.differences.model()
    rows = [
        tuple(model.index(row, column).data() for column in range(4))
        for row in range(model.rowCount())
    ]
    assert rows[:4] == [
        ("x", "1", "5", "+4"),
        ("z.grad", "3", "7", "+4"),
        ("p", "3", "7", "+4"),
        ("g", "9", "21", "+12"),
    ]

    bar.differences.clicked.emit(model.index(3, 0))
    selected = window.session.selection
    assert selected is not None
    assert changed.tensors[selected.id].name == "g"

    overlays = window.panels.overlays
    assert overlays is not None
    assert overlays.overlay is Overlay.DIFFERENCE
    qtbot.waitUntil(lambda: overlays.coloured is not None)
    bar._back.click()
    assert overlays.overlay is Overlay.NONE
    assert window.session.recording is original
    assert window.session.playhead == 2
    assert "tensor(3.)" in window.output.text.toPlainText()
    qtbot.keyClick(bar, Qt.Key.Key_Escape)
    assert not bar.isVisible()
    assert window.editor.hasFocus()


def test_the_gradient_of_a_step_is_changed(qtbot, window: MainWindow) -> None:
    recording = run(qtbot, window, CHAIN)
    step = next(
        step
        for step in recording.passes[0].steps
        if recording.autograd_nodes[step.autograd_node].name == "AddBackward0"
    )
    window.session.move_playhead(step.index + 1)
    window.session.select(node_item(step.autograd_node))
    window.actions_by_id["what_if"].trigger()
    changed = run_with(qtbot, window, "100")
    assert number(changed, "x", grad=True) == 100.0
    assert number(changed, "z", grad=True) == 3.0


def test_a_gradient_that_is_still_to_come_is_changed_by_the_name_of_its_tensor(
    qtbot, window: MainWindow
) -> None:
    run(qtbot, window, CHAIN)
    select(window, "p")
    window.session.move_playhead(1)
    window.actions_by_id["what_if"].trigger()
    bar = bar_of(window)
    assert bar._title.full_text() == "What if the gradient of p were"
    assert bar.edit.text() == "3"
    changed = run_with(qtbot, window, "100")
    assert number(changed, "x", grad=True) == 100.0
    assert number(changed, "z", grad=True) == 3.0
    assert bar._hint.text() == "gradient of p: 100"
    window.session.conceal(True)
    assert bar._title.full_text() != "What if the gradient of p were"


def test_in_a_narrow_window_the_question_has_a_row_of_its_own(qtbot, window: MainWindow) -> None:
    run(qtbot, window, CHAIN)
    select(window, "p")
    window.actions_by_id["what_if"].trigger()
    bar = bar_of(window)
    bar.setParent(None)
    bar.resize(320, 100)
    bar.show()
    qtbot.waitUntil(lambda: bar._title.text() == "What if the gradient of p were")
    assert bar._title.geometry().bottom() < bar.edit.geometry().top()
    bar.resize(900, 100)
    qtbot.waitUntil(lambda: bar._title.geometry().bottom() > bar.edit.geometry().top())
    bar.setParent(window)


def test_an_ordinary_run_ends_it(qtbot, window: MainWindow) -> None:
    run(qtbot, window, CHAIN)
    select(window, "x")
    window.actions_by_id["what_if"].trigger()
    run_with(qtbot, window, "5")
    recording = run(qtbot, window, CHAIN)
    assert number(recording, "x") == 1.0
    assert not bar_of(window)._what_if.is_active


LARGE = """\
import torch
torch.manual_seed(0)
w = torch.randn(3, 300, 200, requires_grad=True)
h = w * 2
(h * h).sum().backward()
"""


def cells(window: MainWindow) -> list[tuple[str, ...]]:
    model = bar_of(window).differences.model()
    return [
        tuple(model.index(row, column).data() for column in range(model.columnCount()))
        for row in range(model.rowCount())
    ]


def test_a_large_leaf_is_changed_in_the_table_and_by_an_expression(
    qtbot, window: MainWindow
) -> None:
    original = run(qtbot, window, LARGE)
    select(window, "w")
    window.session.move_playhead(3)
    window.actions_by_id["what_if"].trigger()
    bar = bar_of(window)
    assert bar.edit.text() == "value"
    bar._shows_elements.click()
    assert bar.elements.isVisible()
    assert [box.maximum() for box in bar.elements.boxes] == [2]
    bar.elements.boxes[0].setValue(2)
    model = bar.elements.model
    far = model.index(299, 199)
    qtbot.waitUntil(lambda: far.data() not in (None, "…"), timeout=RUN_MS)
    was = float(model.data(far, Qt.ItemDataRole.EditRole))
    assert model.flags(far) & Qt.ItemFlag.ItemIsEditable
    assert model.setData(far, "7")
    assert bar.edit.text() == "value[2, 299, 199] = 7"
    assert far.data() == "7"
    assert model.data(far, Qt.ItemDataRole.FontRole).bold()
    changed = run_with(qtbot, window, bar.edit.text())
    assert number(changed, "w") is None

    first, *others = cells(window)
    assert first[0] == "w"
    size = QLocale().toString(180_000)
    apart = f"1 of {size}, up to {{}} at [2, 299, 199]"
    assert first[3] == apart.format(_signed(7 - was))
    assert (others[0][0], others[0][3]) == ("w.grad", apart.format(_signed(8 * (7 - was))))
    assert bar._hint.text() == "w: value[2, 299, 199] = 7"

    # The next change is over what the text itself makes, and the first one is there to be typed on.
    bar.edit.clearFocus()
    select(window, "w")
    bar._take_subject()
    assert bar.edit.text() == "value[2, 299, 199] = 7"
    run_with(qtbot, window, "-value")
    assert cells(window)[0][3].startswith(f"{size} of {size}")

    bar._back.click()
    assert window.session.recording is original
    value = next(t.value for t in original.tensors if t.name == "w")
    assert value is not None
    with qtbot.waitSignal(window.engine.value_fetched, timeout=RUN_MS) as fetched:
        window.engine.fetch_value(FetchValue(value=value, start=(2, 299, 199), stop=(3, 300, 200)))
    answer = fetched.args[0]
    assert not answer.problem
    assert np.frombuffer(answer.data, answer.storage)[0] == pytest.approx(was, rel=1e-4)


def _signed(number: float) -> str:
    return ("+" if number > 0 else "") + format_number(number)


def test_elements_that_are_here_show_what_an_expression_makes_of_them(
    qtbot, window: MainWindow
) -> None:
    run(qtbot, window, "import torch\nx = torch.tensor([1., 2., 3.], requires_grad=True)\n")
    select(window, "x")
    window.actions_by_id["what_if"].trigger()
    bar = bar_of(window)
    assert bar.edit.text() == "[1, 2, 3]"
    bar._shows_elements.click()
    model = bar.elements.model
    qtbot.keyClick(bar.edit, Qt.Key.Key_A, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClicks(bar.edit, "2*x; x[0] = 9")
    assert [model.index(0, column).data() for column in range(3)] == ["9", "4", "6"]
    assert model.setData(model.index(0, 1), "0.5")
    assert bar.edit.text() == "2*x; x[0] = 9; value[1] = 0.5"
    assert not model.setData(model.index(0, 1), "0.5")


def test_what_is_no_number_is_told_and_nothing_runs(qtbot, window: MainWindow) -> None:
    run(qtbot, window, CHAIN)
    select(window, "x")
    window.actions_by_id["what_if"].trigger()
    bar = bar_of(window)
    bar.edit.setText("[1, 2]")
    qtbot.keyClick(bar.edit, Qt.Key.Key_Return)
    assert bar._hint.text().startswith("That has shape")
    bar.setFixedWidth(bar.minimumSizeHint().width())
    hint = bar._hint
    qtbot.waitUntil(lambda: hint.height() >= hint.heightForWidth(hint.width()))
    assert window.engine.state is EngineState.READY
    assert bar.edit.text() == "[1, 2]"


def test_a_wrong_custom_function_is_listed_with_its_line(qtbot, window: MainWindow) -> None:
    window.editor.setPlainText(WRONG)
    with qtbot.waitSignal(window.session.gradients_verified, timeout=RUN_MS):
        window.actions_by_id["verify"].trigger()
    panel = window.docks["findings"].widget()
    qtbot.waitUntil(lambda: bool(panel.findings))
    found = [one for one in panel.findings if one.kind is FindingKind.VERIFIED]
    assert [one.severity for one in found] == [Severity.ERROR, Severity.ERROR]
    assert found[0].line == 13
    assert "3" in found[1].sentence
    assert "2" in found[1].sentence


def test_what_was_checked_is_told_again_after_the_way_back(qtbot, window: MainWindow) -> None:
    window.editor.setPlainText(WRONG)
    with qtbot.waitSignal(window.session.gradients_verified, timeout=RUN_MS):
        window.actions_by_id["verify"].trigger()
    panel = window.docks["findings"].widget()
    qtbot.waitUntil(lambda: bool(panel.findings))
    checked = panel.findings
    select(window, "x")
    window.actions_by_id["what_if"].trigger()
    run_with(qtbot, window, "5")
    qtbot.waitUntil(lambda: not panel.findings)
    bar_of(window)._back.click()
    qtbot.waitUntil(lambda: panel.findings == checked)


def test_right_gradients_are_told_too(qtbot, window: MainWindow) -> None:
    window.editor.setPlainText(CHAIN)
    with qtbot.waitSignal(window.session.gradients_verified, timeout=RUN_MS):
        window.actions_by_id["verify"].trigger()
    panel = window.docks["findings"].widget()
    qtbot.waitUntil(lambda: bool(panel.findings))
    (finding,) = panel.findings
    assert finding.severity is Severity.NOTE
    assert finding.sentence.startswith("Checked: 3 gradients are what")

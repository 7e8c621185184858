"""The device panel, driven as a person would, with an engine that a test speaks for."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QAbstractItemModel, QItemSelectionModel, QPointF, Qt
from PySide6.QtGui import QDropEvent, QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QDockWidget, QLabel, QMainWindow, QMenu, QProgressBar, QTableView

from gradviz.documents.timings import TimingHistory
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.devices.overlays import HEAT_LEVELS
from gradviz.gui.devices.panel import DevicePanel
from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.devices.tensor_table import DEVICE, NAMES_MIME, TensorTableModel
from gradviz.gui.engine import EngineState
from gradviz.gui.session import RunSettings, Session
from gradviz.gui.style import DARK, LIGHT, Appearance
from gradviz.recording.machine import Device, DeviceLoad, Machine, MissingDevice
from gradviz.recording.model import Item, ItemKind, Recording, RunError, Tensor, TensorId
from gradviz.recording.overlays import Overlay
from gradviz.recording.timing import AS_PLACED, Measurement, Sweep, TimedPart, Timing
from gradviz.recording.view import tensor_item
from gradviz.worker.messages import TimeParts, TimingFinished, TimingProgressed
from tests.builders import make_chain_rule_recording
from tests.gui.fakes import FakeEngine

pytestmark = pytest.mark.gui

CPU = Device(name="cpu", title="A processor", total_nbytes=8 << 30, free_nbytes=6 << 30)
CARD = Device(name="cuda:0", title="A card", total_nbytes=16 << 30, free_nbytes=4 << 30)
ONE = Machine(
    torch="2.13.0",
    python="3.11.7",
    threads=2,
    devices=(CPU,),
    missing=(MissingDevice(kind="CUDA", reason="<b>No driver.</b>", remedy="Install it."),),
    build="CPU only",
)
TWO = Machine(torch="2.13.0", python="3.11.7", threads=2, devices=(CPU, CARD), build="CUDA 13")


class TimingEngine(FakeEngine):
    def __init__(self) -> None:
        super().__init__()
        self.requests: list[TimeParts] = []
        self.listed = 0

    def list_devices(self) -> int:
        self.listed += 1
        return self.listed

    def time_parts(self, request: object) -> int:
        assert isinstance(request, TimeParts)
        self.requests.append(request)
        self.become(EngineState.BUSY)
        return len(self.requests)

    def end_timing(self, timing: Timing, *, number: int = 1, error: RunError | None = None) -> None:
        self.become(EngineState.READY)
        self.timing_finished.emit(TimingFinished(number=number, timing=timing, error=error))


def make_measurement(part: TimedPart = TimedPart.FORWARD, *, warning: str = "") -> Measurement:
    return Measurement(
        part=part,
        text="p = x + y",
        line=6,
        device="cpu",
        threads=2,
        seconds=(1e-3, 2e-3, 3e-3),
        first_seconds=0.5,
        warning=warning,
    )


MEASURED = Timing(measurements=(make_measurement(), make_measurement(TimedPart.BACKWARD)))


@pytest.fixture
def engine() -> TimingEngine:
    return TimingEngine()


TEXT = "import torch\nn = 8\nx = torch.rand(n)"


@pytest.fixture
def text() -> list[str]:
    """The text of the document; a test may put another in its place."""
    return [TEXT]


@pytest.fixture
def history(tmp_path: Path) -> TimingHistory:
    return TimingHistory(tmp_path / "timings")


@pytest.fixture
def make_panel(
    qtbot,
    session: Session,
    engine: TimingEngine,
    appearance: Appearance,
    text: list[str],
    history: TimingHistory,
) -> Callable[[Machine], DevicePanel]:
    panels: list[DevicePanel] = []

    def make(machine: Machine) -> DevicePanel:
        panel = DevicePanel(
            session,
            engine,  # type: ignore[arg-type]
            appearance,
            document_text=lambda: text[0],
            statement_line=lambda: 6,
            selected_lines=lambda: (2, 3),
            history=history,
        )
        qtbot.addWidget(panel)
        panels.append(panel)
        panel.resize(320, 700)
        panel.show()
        engine.become_ready()
        engine.devices_listed.emit(machine)
        return panel

    return make


def shown_texts(panel: DevicePanel) -> str:
    labels = panel.machine_view.findChildren(QLabel)
    return "\n".join(label.text() for label in labels if not label.isHidden())


def test_devices_are_asked_for_when_the_panel_is_seen_and_the_engine_ready(
    qtbot, session: Session, engine: TimingEngine, appearance: Appearance
) -> None:
    panel = DevicePanel(
        session,
        engine,  # type: ignore[arg-type]
        appearance,
        document_text=str,
        statement_line=int,
        selected_lines=lambda: (1, 1),
    )
    qtbot.addWidget(panel)
    engine.become_ready()
    assert engine.listed == 0
    panel.show()
    assert engine.listed == 1
    engine.become(EngineState.BUSY)
    assert engine.listed == 1
    engine.become(EngineState.READY)
    assert engine.listed == 2


def test_what_is_missing_is_explained_as_plain_text(make_panel) -> None:
    panel = make_panel(ONE)
    texts = shown_texts(panel)
    assert "No CUDA\n<b>No driver.</b>\nInstall it." in texts
    for label in panel.machine_view.findChildren(QLabel):
        if label.text() == "<b>No driver.</b>":
            assert label.textFormat().name == "PlainText"
    assert not panel.machine_view.run_device.isEnabled()
    assert panel.machine_view.run_device.currentText() == "cpu"


def test_each_device_has_a_bar_of_its_used_memory(make_panel) -> None:
    panel = make_panel(TWO)
    bars = [b for b in panel.machine_view.findChildren(QProgressBar) if not b.isHidden()]
    assert [bar.value() / bar.maximum() for bar in bars] == [0.25, 0.75]
    assert "6.00 GiB free of 8.00 GiB" in shown_texts(panel)


def test_the_machine_is_watched_only_while_it_is_seen(
    qtbot, make_panel, engine: TimingEngine
) -> None:
    panel = make_panel(ONE)
    assert engine.watched > 0
    panel.tabs.setCurrentIndex(1)
    assert engine.watched == 0
    panel.tabs.setCurrentIndex(0)
    assert engine.watched > 0
    panel.hide()
    assert engine.watched == 0


def test_behind_another_panel_and_as_an_icon_nothing_is_sampled(
    qtbot, make_panel, engine: TimingEngine
) -> None:
    panel = make_panel(ONE)
    window = QMainWindow()
    qtbot.addWidget(window)
    docks = [QDockWidget(window) for _ in range(2)]
    for dock in docks:
        window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    window.tabifyDockWidget(*docks)
    docks[0].visibilityChanged.connect(panel.set_in_front)
    docks[0].setWidget(panel)
    docks[0].raise_()
    window.show()
    qtbot.waitUntil(lambda: engine.watched > 0)
    docks[1].raise_()
    qtbot.waitUntil(lambda: engine.watched == 0)
    listed = engine.listed
    docks[0].raise_()
    qtbot.waitUntil(lambda: engine.watched > 0)
    # Memory may have been freed meanwhile.
    assert engine.listed > listed
    window.setWindowState(Qt.WindowState.WindowMinimized)
    qtbot.waitUntil(lambda: engine.watched == 0)
    window.setWindowState(Qt.WindowState.WindowNoState)
    qtbot.waitUntil(lambda: engine.watched > 0)
    panel.setParent(None)


def test_how_busy_a_device_is_is_told_and_drawn(qtbot, make_panel, engine: TimingEngine) -> None:
    panel = make_panel(ONE)
    view = panel.machine_view
    load = DeviceLoad(name="cpu", utilisation=0.37, used_nbytes=2 << 30, total_nbytes=8 << 30)

    def is_drawn() -> bool:
        engine.machine_sampled.emit((load,))
        return "cpu" in view._live

    qtbot.waitUntil(is_drawn, timeout=20_000)
    assert "37 % busy, 2.00 GiB in use" in shown_texts(panel)
    engine.devices_listed.emit(ONE)
    # The minute that was drawn outlives a new list of the devices.
    assert "cpu" in view._live


def test_choosing_a_device_changes_the_next_run(make_panel, session: Session) -> None:
    panel = make_panel(TWO)
    panel.machine_view.run_device.setCurrentIndex(1)
    panel.machine_view.run_device.activated.emit(1)
    assert session.run_settings.device == "cuda:0"


def test_a_device_that_this_machine_has_not_is_named(make_panel, session: Session) -> None:
    panel = make_panel(ONE)
    session.set_run_settings(RunSettings(device="cuda:3"))
    assert panel.machine_view.run_device.currentText() == "cuda:3 (not on this machine)"
    assert session.run_settings.device == "cuda:3"


def test_the_tensor_table_is_a_correct_model(make_panel, session: Session) -> None:
    panel = make_panel(TWO)
    mode = QAbstractItemModelTester.FailureReportingMode.Fatal
    models: list[QAbstractItemModel] = [panel.tensor_view.model, panel.timing_view.model]
    testers = [QAbstractItemModelTester(model, mode) for model in models]
    session.show_recording(make_chain_rule_recording())
    panel.timing_view.model.set_measurements(MEASURED.measurements)
    session.show_recording(Recording())
    assert len(testers) == 2
    assert panel.tensor_view.model.rowCount() == 0


def test_a_hidden_table_reads_a_large_recording_once_it_is_seen_and_then_few_rows(
    make_panel, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    panel = make_panel(TWO)
    panel.hide()
    read: set[int] = set()
    text = TensorTableModel._text

    def watch(model: TensorTableModel, tensor: Tensor, column: int) -> str:
        read.add(tensor.id)
        return text(model, tensor, column)

    # Never `data` itself: PySide 6.11 keeps a borrowed reference to a virtual's override for each
    # object, and a model that outlives the patch would call what is no longer there.
    monkeypatch.setattr(TensorTableModel, "_text", watch)
    recording = make_chain_rule_recording()
    one = recording.tensors[0]
    many = tuple(msgspec.structs.replace(one, id=TensorId(i)) for i in range(5_000))
    session.show_recording(msgspec.structs.replace(recording, tensors=many))
    assert not read
    panel.tabs.setCurrentWidget(panel.tensor_view)
    panel.show()
    assert 0 < len(read) < 500
    assert panel.tensor_view.model.tensors == many


def select_row(table: QTableView, row: int) -> None:
    """As a click does; `selectRow` itself depends on keys that another test left pressed."""
    flag = QItemSelectionModel.SelectionFlag
    model = table.selectionModel()
    model.select(table.model().index(row, 0), flag.ClearAndSelect | flag.Rows)


def test_selecting_a_row_selects_the_tensor_and_the_reverse(make_panel, session: Session) -> None:
    panel = make_panel(TWO)
    session.show_recording(make_chain_rule_recording())
    select_row(panel.tensor_view.table, 2)
    assert session.selection == tensor_item(TensorId(2))
    session.select(tensor_item(TensorId(4)))
    assert [t.name for t in panel.tensor_view.selected_tensors] == ["g"]
    assert session.selection == tensor_item(TensorId(4))


def choose(button, device: str) -> None:
    next(action for action in button.menu().actions() if action.text() == device).trigger()


def test_moving_the_selection_waits_for_the_next_run_and_can_be_taken_back(
    make_panel, session: Session
) -> None:
    panel = make_panel(TWO)
    view = panel.tensor_view
    session.show_recording(make_chain_rule_recording())
    select_row(view.table, 0)
    choose(view.move_selected, "cuda:0")
    assert session.run_settings.placement == {"x": "cuda:0"}
    assert view.pending.text() == "x: cpu → cuda:0 on the next run"
    assert view.model.index(0, DEVICE).data() == "cpu → cuda:0"
    view.back.click()
    assert session.run_settings.placement == {}
    assert view.pending.isHidden()
    assert view.model.index(0, DEVICE).data() == "cpu"


def test_taking_back_restores_what_the_run_was_made_with(make_panel, session: Session) -> None:
    panel = make_panel(TWO)
    session.set_run_settings(RunSettings(placement={"x": "cuda:0"}))
    recording = make_chain_rule_recording()
    session.show_recording(recording)
    choose(panel.tensor_view.move_leaves, "cuda:0")
    assert session.run_settings.placement == dict.fromkeys("xyz", "cuda:0")
    panel.tensor_view.back.click()
    assert session.run_settings.placement == {"x": "cuda:0"}


def test_an_op_s_result_cannot_be_moved_and_says_why(make_panel, session: Session) -> None:
    panel = make_panel(TWO)
    session.show_recording(make_chain_rule_recording())
    select_row(panel.tensor_view.table, 3)
    assert not panel.tensor_view.move_selected.isEnabled()
    assert panel.tensor_view.move_leaves.isEnabled()


MODULE_TEXT = """\
import torch
net = torch.nn.Sequential(torch.nn.Linear(2, 2), torch.nn.Linear(2, 1))
x = torch.ones(2).to("meta").to("meta")
y = net(torch.ones(2)).sum()
y.backward()
"""


def record(text: str) -> Recording:
    """Recorded in a process of its own: torch must not be imported into the window's."""
    code = (
        "import sys, msgspec\nfrom gradviz.language.run import RunOptions, run\n"
        "no = lambda _: None\n"
        "r = run(sys.stdin.read(), RunOptions(), on_output=no, on_line=no)\n"
        "sys.stdout.buffer.write(msgspec.msgpack.encode(r.recording))"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], input=text.encode(), capture_output=True, check=True
    )
    return msgspec.msgpack.decode(done.stdout, type=Recording)


@pytest.fixture(scope="module")
def module_recording() -> Recording:
    return record(MODULE_TEXT)


def test_a_module_is_moved_with_its_parameters(
    make_panel, session: Session, module_recording: Recording
) -> None:
    view = make_panel(TWO).tensor_view
    session.show_recording(module_recording)
    (net,) = view.move_module.menu().actions()
    assert net.text() == "net"
    choose_in(net.menu(), "cuda:0")
    assert session.run_settings.placement == {"net": "cuda:0"}
    assert len(view.pending.text().splitlines()) == 4
    assert view.model.index(0, DEVICE).data().endswith("→ cuda:0")
    view.back.click()
    assert session.run_settings.placement == {}


def choose_in(menu, text: str) -> None:
    next(action for action in menu.actions() if action.text() == text).trigger()


def test_transfers_of_the_run_are_listed_with_bytes_and_selected_in_the_graph(
    make_panel, session: Session, module_recording: Recording
) -> None:
    view = make_panel(TWO).tensor_view
    session.show_recording(module_recording)
    assert view.transfers.topLevelItemCount() == 1
    row = view.transfers.topLevelItem(0)
    # Nothing is copied to meta, so that there is no rate.
    assert [row.text(i) for i in (0, 1, 3)] == ["cpu → meta", "8 B", "–"]
    view.transfers.itemClicked.emit(row, 0)
    assert session.selection is not None and session.selection.kind is ItemKind.OP


def test_dropping_rows_on_a_device_moves_them(make_panel, session: Session) -> None:
    panel = make_panel(TWO)
    session.show_recording(make_chain_rule_recording())
    model = panel.tensor_view.model
    data = model.mimeData([model.index(0, 0), model.index(0, 1), model.index(1, 0)])
    assert bytes(data.data(NAMES_MIME).data()) == b"x\ny"
    assert not model.flags(model.index(3, 0)) & Qt.ItemFlag.ItemIsDragEnabled
    chip = panel.tensor_view.chips._chips[1]
    event = QDropEvent(
        QPointF(1, 1),
        Qt.DropAction.CopyAction,
        data,
        Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )
    chip.dropEvent(event)
    assert session.run_settings.placement == {"x": "cuda:0", "y": "cuda:0"}


def test_the_card_of_a_leaf_offers_the_devices(make_panel, session: Session) -> None:
    panel = make_panel(TWO)
    session.show_recording(make_chain_rule_recording())
    menu, other = QMenu(), QMenu()
    panel.fill_canvas_menu(menu, tensor_item(TensorId(0)))
    choose_in(menu.actions()[0].menu(), "cuda:0")
    assert session.run_settings.placement == {"x": "cuda:0"}
    panel.fill_canvas_menu(other, tensor_item(TensorId(4)))
    assert other.actions() == []


def test_a_placement_is_written_into_the_text_and_then_needs_no_repeating(
    qtbot, make_panel, session: Session, text: list[str]
) -> None:
    view = make_panel(TWO).tensor_view
    session.show_recording(make_chain_rule_recording())
    assert view.write.isHidden()
    session.set_run_settings(RunSettings(placement={"x": "cuda:0", "gone": "cuda:0"}))
    assert not view.write.isHidden()
    with qtbot.waitSignal(view.text_changed) as changed:
        view.write.click()
    assert changed.args == [TEXT.replace("rand(n)", 'rand(n, device="cuda:0")')]
    # What could not be written stays with the settings, and is told.
    assert session.run_settings.placement == {"gone": "cuda:0"}
    assert "does not define gone" in view.hint.text()


def test_undoing_what_was_written_takes_the_placement_back(
    make_panel, session: Session, text: list[str]
) -> None:
    view = make_panel(TWO).tensor_view
    session.show_recording(make_chain_rule_recording())
    session.set_run_settings(RunSettings(placement={"x": "cuda:0"}))
    view.text_changed.connect(lambda new: text.__setitem__(slice(None), [new]))
    view.write.click()
    written = text[0]
    for now, placement in ((TEXT, {"x": "cuda:0"}), (written, {}), (TEXT, {"x": "cuda:0"})):
        text[:] = [now]
        view.follow_text()
        assert session.run_settings.placement == placement
    text[:] = [TEXT + "y = 2"]
    view.follow_text()
    assert session.run_settings.placement == {"x": "cuda:0"}


def test_a_placement_of_a_name_that_is_gone_is_told_and_can_be_taken_back(
    make_panel, session: Session
) -> None:
    view = make_panel(TWO).tensor_view
    session.set_run_settings(RunSettings(placement={"x": "cpu", "gone": "cuda:0"}))
    session.show_recording(make_chain_rule_recording())
    assert view.pending.text() == "gone → cuda:0: this run has nothing by that name"
    view.back.click()
    assert session.run_settings.placement == {"x": "cpu"}
    assert view.back.isHidden()


def test_to_colour_the_graph_by_device_is_the_graphs_own_overlay(make_panel, qtbot) -> None:
    panel = make_panel(TWO)
    with qtbot.waitSignal(panel.overlay_wanted) as wanted:
        panel.tensor_view.colour.click()
    assert wanted.args == [Overlay.DEVICE]
    with qtbot.assertNotEmitted(panel.overlay_wanted):
        panel.tell_overlay(Overlay.BYTES)
    assert not panel.tensor_view.colour.isChecked()
    panel.tell_overlay(Overlay.DEVICE)
    assert panel.tensor_view.colour.isChecked()
    with qtbot.waitSignal(panel.overlay_wanted) as wanted:
        panel.tensor_view.colour.click()
    assert wanted.args == [Overlay.NONE]


def test_the_graph_is_coloured_by_time_until_somebody_else_colours_it(
    qtbot, make_panel, session: Session, engine: TimingEngine, appearance: Appearance, text
) -> None:
    panel = make_panel(TWO)
    canvas = Canvas(session, appearance)
    qtbot.addWidget(canvas)
    panel.colour_graph(canvas)
    with qtbot.waitSignal(canvas.scene_shown, timeout=10_000):
        session.show_recording(make_chain_rule_recording())
    view = panel.timing_view
    assert view.heat.isHidden()
    text[0] = session.recording.text
    view.start()
    slow = msgspec.structs.replace(make_measurement(TimedPart.OP), ops=(1,))
    engine.end_timing(Timing(measurements=(slow,)))
    assert not view.heat.isHidden()
    with qtbot.waitSignal(panel.heat_shown):
        view.heat.setChecked(True)
    hot = canvas.look.colouring
    assert hot is not None
    op = next(i for i, item in enumerate(canvas.scene.items) if item == Item(ItemKind.OP, 1))
    assert hot.cards[op] == HEAT_LEVELS - 1
    panel.leave_colours()
    assert canvas.look.colouring is None
    session.show_recording(msgspec.structs.replace(session.recording, text="another"))
    assert view.heat.isHidden()


def test_a_modules_parameters_are_moved_only_where_there_is_another_device(
    make_panel, session: Session, module_recording: Recording
) -> None:
    view = make_panel(ONE).tensor_view
    session.show_recording(module_recording)
    assert not view.move_module.isHidden()
    assert not view.move_module.isEnabled()
    view.set_devices(("cpu", "cuda:0"))
    assert view.move_module.isEnabled()


def test_with_one_device_the_table_stands_and_says_that_there_is_no_other(
    make_panel, session: Session
) -> None:
    panel = make_panel(ONE)
    session.show_recording(make_chain_rule_recording())
    assert panel.tensor_view.model.rowCount() == 5
    assert not panel.tensor_view.move_leaves.isEnabled()
    assert "no second device" in panel.tensor_view.hint.text()
    assert [(c.device, c.nbytes) for c in panel.tensor_view.chips.shown] == [("cpu", 20)]


def test_the_same_devices_told_again_keep_their_boxes(make_panel) -> None:
    view = make_panel(TWO).timing_view
    boxes = dict(view.controls.device_boxes)
    view.set_machine(TWO)
    assert view.controls.device_boxes == boxes
    view.set_machine(ONE)
    assert list(view.controls.device_boxes) == ["cpu", AS_PLACED]


def test_start_asks_for_what_is_ticked(make_panel, engine: TimingEngine) -> None:
    panel = make_panel(TWO)
    controls = panel.timing_view.controls
    controls.part_boxes[TimedPart.STATEMENT].setChecked(True)
    controls.device_boxes["cpu"].setChecked(False)
    controls.threads.setCurrentIndex(2)
    panel.timing_view.start_button.click()
    (request,) = engine.requests
    assert request.text == TEXT
    assert request.parts == (TimedPart.STATEMENT, TimedPart.FORWARD, TimedPart.BACKWARD)
    assert request.devices == ("cuda:0",)
    assert request.line == 6
    assert request.threads == (1, 2)
    assert panel.timing_view.is_timing
    assert not panel.timing_view.start_button.isEnabled()


def test_transfers_are_offered_only_where_there_is_a_second_device(make_panel) -> None:
    box = make_panel(ONE).timing_view.controls.part_boxes[TimedPart.TRANSFER]
    assert not box.isEnabled()
    assert box.toolTip() == "Transfers need a second device"
    assert make_panel(TWO).timing_view.controls.part_boxes[TimedPart.TRANSFER].isEnabled()


def test_nothing_starts_while_the_engine_is_not_ready(make_panel, engine: TimingEngine) -> None:
    panel = make_panel(ONE)
    engine.become(EngineState.STARTING)
    assert not panel.timing_view.start_button.isEnabled()
    assert panel.timing_view.start_button.toolTip() == "The engine is starting."
    panel.timing_view.start()
    assert engine.requests == []


def test_progress_shows_each_measurement_as_it_comes(make_panel, engine: TimingEngine) -> None:
    view = make_panel(ONE).timing_view
    view.start()
    engine.timing_progressed.emit(
        TimingProgressed(number=1, done=0, total=2, measuring="backward, cpu, 2 threads")
    )
    assert view.status.text() == "1 of 2: backward, cpu, 2 threads"
    engine.timing_progressed.emit(
        TimingProgressed(number=1, done=1, total=2, measuring="", latest=make_measurement())
    )
    assert view.model.rowCount() == 1
    assert (view.progress.value(), view.progress.maximum()) == (1, 2)
    engine.timing_progressed.emit(
        TimingProgressed(number=9, done=2, total=2, measuring="", latest=make_measurement())
    )
    assert view.model.rowCount() == 1


def test_stop_keeps_what_was_measured(make_panel, engine: TimingEngine) -> None:
    view = make_panel(ONE).timing_view
    view.start()
    view.stop_button.click()
    assert engine.calls == ["stop"]
    engine.end_timing(Timing(measurements=(make_measurement(),), stopped=True))
    assert not view.is_timing
    assert view.model.rowCount() == 1
    assert view.status.text().startswith("Stopped.")


def test_failures_errors_and_wide_spreads_are_told(make_panel, engine: TimingEngine) -> None:
    view = make_panel(ONE).timing_view
    view.start()
    engine.end_timing(
        Timing(
            measurements=(make_measurement(warning="It spreads."),), failures=("No <i>card</i>.",)
        )
    )
    assert view.problems.text() == "No <i>card</i>.\n⚠ It spreads."
    view.start()
    error = RunError(type="ValueError", message="no", line=3)
    engine.end_timing(Timing(measurements=()), number=2, error=error)
    assert view.problems.text() == "Line 3: ValueError: no"


def test_an_engine_that_dies_ends_the_timing_with_its_sentence(
    make_panel, engine: TimingEngine
) -> None:
    view = make_panel(ONE).timing_view
    view.start()
    engine.died.emit("The engine ended.")
    assert not view.is_timing
    assert view.problems.text() == "The engine ended."


def test_a_timing_for_which_the_last_run_was_let_go_says_so_until_the_next(
    make_panel, engine: TimingEngine
) -> None:
    view = make_panel(ONE).timing_view
    view.start()
    engine.become(EngineState.READY)
    engine.timing_finished.emit(TimingFinished(number=1, timing=MEASURED, forgot_run=True))
    assert "run the document again" in view.problems.text()
    assert view.problems.isVisibleTo(view)
    view.start()
    assert not view.problems.text()


def test_the_table_is_copied_as_text_csv_and_json(make_panel, engine: TimingEngine) -> None:
    view = make_panel(ONE).timing_view
    results = view.results
    assert not results.copy_button.isEnabled()
    view.start()
    engine.end_timing(MEASURED)
    clipboard = QGuiApplication.clipboard()
    results.copy_table()
    assert "forward" in clipboard.text()
    results.copy_csv()
    assert len(list(csv.DictReader(io.StringIO(clipboard.text())))) == 2
    results.copy_json()
    assert len(json.loads(clipboard.text())["measurements"]) == 2


def test_the_plot_is_loaded_with_the_time_tab_and_follows_theme_and_results(
    qtbot, make_panel, engine: TimingEngine, appearance: Appearance
) -> None:
    panel = make_panel(ONE)
    view = panel.timing_view
    assert view.results.plot is None
    panel.tabs.setCurrentWidget(view)
    view.start()
    engine.end_timing(MEASURED)
    qtbot.waitUntil(lambda: view.results.plot is not None, timeout=20_000)
    plot = view.results.plot
    assert not plot.isHidden()
    assert len(plot.measurements) == 2
    appearance.set_theme(DARK)
    assert plot.backgroundBrush().color().name() == DARK.base
    image = plot.grab().toImage()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 4)
        for y in range(0, image.height(), 4)
    }
    assert DARK.series[0] in colours
    appearance.set_theme(Appearance().theme)


def test_chosen_types_sizes_lines_and_ceilings_are_asked_for(
    make_panel, session: Session, engine: TimingEngine
) -> None:
    panel = make_panel(ONE)
    controls = panel.timing_view.controls
    session.set_run_settings(RunSettings(device="meta", placement={"x": "cpu"}))
    controls.device_boxes[AS_PLACED].setChecked(True)
    controls.part_boxes[TimedPart.LINES].setChecked(True)
    controls.part_boxes[TimedPart.OP].setChecked(True)
    controls.types.actions()[5].trigger()
    controls.more.setChecked(True)
    controls.sizes.setCurrentIndex(1)
    controls.sizes.activated.emit(1)
    controls.ranges.setCurrentIndex(1)
    controls.ceilings.setChecked(True)
    panel.timing_view.start_button.click()
    (request,) = engine.requests
    assert (request.line, request.end_line) == (2, 3)
    assert set(request.parts) >= {TimedPart.LINES, TimedPart.OP, TimedPart.OP_BACKWARD}
    assert request.devices == ("cpu", AS_PLACED)
    assert request.dtypes == ("", "float64")
    assert request.sweep == Sweep(size="n", values=(1, 2, 4, 8, 16, 32, 64))
    assert request.ceilings
    assert (request.run_device, request.placement) == ("meta", {"x": "cpu"})


def test_without_a_placement_there_is_nothing_placed_to_time(make_panel, session: Session) -> None:
    box = make_panel(ONE).timing_view.controls.device_boxes[AS_PLACED]
    assert box.isHidden()
    session.set_run_settings(RunSettings(placement={"x": "cpu"}))
    box.setChecked(True)
    assert not box.isHidden() and box.toolTip() == "x → cpu"
    session.set_run_settings(RunSettings())
    assert box.isHidden() and not box.isChecked()


def test_at_least_one_type_stays_chosen(make_panel) -> None:
    controls = make_panel(ONE).timing_view.controls
    controls.types.actions()[0].trigger()
    assert controls.chosen_dtypes == ()
    assert controls.types_button.text() == "as written"


def test_sizes_are_those_of_the_text_as_it_is_when_they_are_looked_at(make_panel, text) -> None:
    controls = make_panel(ONE).timing_view.controls
    controls.more.setChecked(True)
    assert [controls.sizes.itemText(i) for i in range(controls.sizes.count())] == [
        "as written",
        "n = 8",
    ]
    text[0] = "import torch\nx = torch.rand(100, 100)"
    controls.more.setChecked(False)
    controls.more.setChecked(True)
    assert controls.sizes.itemText(1).startswith("100 (2 ")


def test_many_warnings_are_summed_up(make_panel, engine: TimingEngine) -> None:
    view = make_panel(ONE).timing_view
    view.start()
    warned = tuple(make_measurement(warning=f"It spreads {i}.") for i in range(5))
    engine.end_timing(Timing(measurements=warned))
    assert view.problems.text().startswith("⚠ 5 figures with this sign may be wrong")


def test_earlier_timings_of_the_same_text_are_kept_and_compared(
    qtbot, make_panel, engine: TimingEngine, history: TimingHistory
) -> None:
    first = msgspec.structs.replace(MEASURED, date="2026-11-01T10:00:00", machine="A processor")
    panel = make_panel(ONE)
    view = panel.timing_view
    panel.tabs.setCurrentWidget(view)
    view.start()
    engine.end_timing(first)
    assert view.earlier.isHidden()
    view.start()
    engine.end_timing(msgspec.structs.replace(first, date="2026-11-02T10:00:00"), number=2)
    assert not view.earlier.isHidden()
    assert view.earlier.itemText(1).startswith("A processor · ")
    view.earlier.setCurrentIndex(1)
    view.earlier.activated.emit(1)
    assert "A processor" in view.results.sentence.text() or view.results.plot is None
    qtbot.waitUntil(lambda: view.results.plot is not None, timeout=20_000)
    assert dict(view.results.plot.earlier) == {0: first.measurements[0], 1: first.measurements[1]}
    assert len(history.timings_of("", TEXT)) == 2


def test_results_are_shown_in_a_window_of_their_own(qtbot, make_panel, engine) -> None:
    panel = make_panel(ONE)
    view = panel.timing_view
    panel.tabs.setCurrentWidget(view)
    view.start()
    engine.end_timing(MEASURED)
    qtbot.waitUntil(lambda: view.results.larger.isEnabled(), timeout=20_000)
    view.results.larger.click()
    window = view.window_of_results
    assert window is not None and window.isVisible()
    assert window.model.rowCount() == 2
    assert window.results.plot is not None and window.results.plot is not view.results.plot
    window.close()


def test_a_plot_that_cannot_be_loaded_leaves_the_table(
    qtbot,
) -> None:
    loader = PlotLoader("gradviz.no_such_module")
    with qtbot.waitSignal(loader.loaded, timeout=10_000):
        loader.start()
    assert "no_such_module" in loader.problem


def test_the_panel_imports_neither_pyqtgraph_nor_torch() -> None:
    code = (
        "import sys, gradviz.gui.devices.panel\n"
        "print([m for m in ('pyqtgraph', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "[]"


def test_every_tab_stands_on_the_ground_of_the_other_panels(
    make_panel, appearance: Appearance
) -> None:
    panel = make_panel(ONE)
    for theme in (DARK, LIGHT):
        appearance.set_theme(theme)
        for index in range(panel.tabs.count()):
            panel.tabs.setCurrentIndex(index)
            picture = panel.grab().toImage()
            for x, y in ((2, 2), (2, picture.height() - 2)):
                assert picture.pixelColor(x, y).name() == theme.base


def test_what_is_said_of_devices_is_as_large_as_other_text(
    make_panel: Callable[[Machine], DevicePanel], appearance: Appearance
) -> None:
    panel = make_panel(ONE)
    width = panel.minimumSizeHint().width()
    appearance.set_text_points(18)
    labels = [label for label in panel.machine_view.findChildren(QLabel) if label.text()]
    assert len(labels) > 4
    for label in labels:
        assert label.font().pointSizeF() == pytest.approx(18, abs=0.1)
    assert panel.minimumSizeHint().width() == width

from __future__ import annotations

from types import SimpleNamespace

import msgspec
import pytest
from PySide6.QtCore import QPoint, QRect, Qt
from PySide6.QtGui import QGuiApplication, QKeySequence
from PySide6.QtWidgets import (
    QAbstractButton,
    QAbstractScrollArea,
    QApplication,
    QLabel,
    QTabBar,
    QTabWidget,
    QToolButton,
    QWidget,
)

from gradviz.gui.actions import ACTIONS
from gradviz.gui.docks import FIRST_WIDTH
from gradviz.gui.engine import EngineState
from gradviz.gui.inspector.step_page import StepPage
from gradviz.gui.languages import LanguageChoice, Languages
from gradviz.gui.main_window import MainWindow
from gradviz.gui.session import RunSettings
from gradviz.gui.settings import Settings, ThemeChoice
from gradviz.gui.style import DARK, LIGHT
from gradviz.recording.model import (
    Item,
    ItemKind,
    Output,
    OutputKind,
    Recording,
    RunError,
    RunStatus,
)
from tests.builders import CHAIN_RULE_TEXT, make_chain_rule_recording

pytestmark = pytest.mark.gui


def failed(text: str, **where: int) -> Recording:
    error = RunError("NameError", "name 'q' is not defined", help="Define it.", **where)
    return Recording(text=text, status=RunStatus.ERROR, error=error)


@pytest.mark.parametrize(
    "keys",
    [
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_the_keys_run_the_text_as_it_stands(qtbot, window, engine, keys) -> None:
    qtbot.keyClicks(window.editor, "x = 1")
    qtbot.keyClick(window.editor, *keys)
    assert engine.last_text == "x = 1"
    assert window.editor.toPlainText() == "x = 1"


def test_run_says_why_it_cannot_and_runs_as_soon_as_it_can(qtbot, make_window, engine) -> None:
    window = make_window()
    engine.start()
    run = window.actions_by_id["run"]
    assert not run.isEnabled()
    assert "torch is being imported" in run.toolTip()
    assert "importing torch" in window.status.state.text()
    qtbot.keyClicks(window.editor, "x = 1")
    qtbot.keyClick(window.editor, Qt.Key.Key_F5)
    assert engine.runs == []
    engine.become_ready()
    qtbot.waitUntil(lambda: engine.runs != [])
    assert engine.last_text == "x = 1"


def test_the_status_bar_names_torch_when_ready(window) -> None:
    assert window.status.state.text() == "Ready: torch 2.13.0, CPU"
    window.session.set_run_settings(RunSettings(device="cuda:1"))
    assert window.status.state.text() == "Ready: torch 2.13.0, cuda:1"


def test_a_run_shows_outputs_the_running_line_and_the_graph(window, engine) -> None:
    window.editor.replace_text(CHAIN_RULE_TEXT)
    window.run_control.run()
    engine.line_reached.emit(7)
    assert window.editor.running_line == 7
    engine.output_added.emit(Output(7, OutputKind.PRINT, "9"))
    assert window.output.text.toPlainText() == "9"
    recording = make_chain_rule_recording()
    engine.finish(recording)
    assert window.editor.running_line is None
    assert window.session.recording is recording
    assert window.centre.currentWidget() is window.centre.graph


def test_a_run_that_waits_for_a_window_of_its_own_says_so(qtbot, window, engine) -> None:
    said = window.status.report
    window.editor.replace_text("matplotlib.use('TkAgg')\nplt.show()\nprint(1)\n")
    window.run_control._lingering.setInterval(1)
    window.run_control.run()
    engine.line_reached.emit(1)
    qtbot.waitUntil(lambda: not window.run_control._lingering.isActive())
    assert said.text() == ""
    engine.line_reached.emit(2)
    qtbot.waitUntil(lambda: said.text().startswith("Line 2 waits"))
    engine.line_reached.emit(3)
    assert said.text() == ""
    engine.line_reached.emit(2)
    window.run_control.stop()
    assert not window.run_control._lingering.isActive()
    assert said.text() == "Stopping…"


def test_a_figure_that_takes_long_to_draw_is_not_taken_for_a_window(
    qtbot, window, engine, monkeypatch
) -> None:
    monkeypatch.delenv("MPLBACKEND", raising=False)
    window.editor.replace_text("import matplotlib.pyplot as plt\nplt.show()\n")
    window.run_control._lingering.setInterval(1)
    window.run_control.run()
    engine.line_reached.emit(2)
    qtbot.waitUntil(lambda: not window.run_control._lingering.isActive())
    assert window.status.report.text() == ""
    monkeypatch.setenv("MPLBACKEND", "QtAgg")
    engine.line_reached.emit(2)
    qtbot.waitUntil(lambda: window.status.report.text().startswith("Line 2 waits"))


def test_the_next_run_clears_outputs_and_error(window, engine) -> None:
    window.editor.replace_text("q\n")
    window.run_control.run()
    engine.output_added.emit(Output(1, OutputKind.PRINT, "old"))
    engine.finish(failed("q\n", line=1, column=0, end_line=1, end_column=1))
    assert window.output.card.isVisible()
    assert window.editor.error_line == 1
    window.run_control.run()
    assert window.output.text.toPlainText() == ""
    assert not window.output.card.isVisible()
    assert window.editor.error_line is None


def test_an_error_follows_its_line_when_the_text_was_edited_meanwhile(window, engine) -> None:
    window.editor.replace_text("a = 1\nq\n")
    window.run_control.run()
    window.editor.insertPlainText("# new\n")
    engine.finish(failed("a = 1\nq\n", line=2, column=0, end_line=2, end_column=1))
    assert window.editor.error_line == 3


def test_a_failed_run_without_a_graph_keeps_the_last_one_and_says_so(window, engine) -> None:
    window.editor.replace_text(CHAIN_RULE_TEXT)
    window.run_control.run()
    good = make_chain_rule_recording()
    engine.finish(good)
    window.run_control.run()
    engine.finish(failed(CHAIN_RULE_TEXT, line=1))
    assert window.session.recording is good
    assert "run before" in window.centre.banner.sentence
    window.run_control.run()
    engine.finish(make_chain_rule_recording())
    assert window.centre.banner.sentence == ""


@pytest.mark.parametrize("ending", ["died", "request_failed"])
def test_a_run_whose_engine_was_lost_says_that_the_graph_is_not_its_own(
    window, engine, ending: str
) -> None:
    window.editor.replace_text(CHAIN_RULE_TEXT)
    window.run_control.run()
    engine.finish(make_chain_rule_recording())
    window.run_control.run()
    engine.become(EngineState.STARTING)
    getattr(engine, ending).emit("The engine ended.")
    assert "run before" in window.centre.banner.sentence


def test_a_failed_run_with_a_graph_draws_what_was_built(window, engine) -> None:
    window.editor.replace_text(CHAIN_RULE_TEXT)
    window.run_control.run()
    partial = msgspec.structs.replace(
        make_chain_rule_recording(),
        status=RunStatus.ERROR,
        error=RunError("RuntimeError", "no", line=8),
    )
    engine.finish(partial)
    assert window.session.recording is partial
    assert window.output.card.isVisible()


def test_stop_interrupts_and_offers_force_when_that_takes_long(qtbot, window, engine) -> None:
    stop = window.actions_by_id["stop"]
    assert not stop.isEnabled()
    window.editor.replace_text("while True: pass")
    window.run_control.run()
    assert stop.isEnabled()
    window.run_control._patience.setInterval(1)
    stop.trigger()
    assert engine.calls[-1] == "stop"
    qtbot.waitUntil(lambda: stop.text() == "Force restart")
    assert stop.isEnabled()
    stop.trigger()
    assert engine.calls[-1] == "force_restart"
    assert window.editor.toPlainText() == "while True: pass"
    assert "Force" not in stop.text()


def test_a_crash_keeps_the_text_and_running_again_restarts(qtbot, window, engine) -> None:
    window.editor.replace_text("import os; os.abort()")
    window.run_control.run()
    engine.become(EngineState.DEAD)
    engine.died.emit("The engine ended while line 1 ran: it crashed with SIGABRT.")
    assert window.editor.toPlainText() == "import os; os.abort()"
    assert "SIGABRT" in window.output.card.message.text()
    window.actions_by_id["run"].trigger()
    assert engine.calls[-1] == "force_restart"
    engine.become_ready()
    qtbot.waitUntil(lambda: len(engine.runs) == 2)


def test_answers_for_a_document_that_is_gone_are_not_shown(window, engine) -> None:
    window.editor.replace_text("x")
    window.editor.document().setModified(False)
    window.run_control.run()
    window.document.new()
    assert engine.calls[-1] == "stop"
    engine.output_added.emit(Output(1, OutputKind.PRINT, "old"))
    engine.finish(make_chain_rule_recording())
    assert window.output.text.toPlainText() == ""
    assert window.session.recording.text == ""


def test_undo_survives_a_run(qtbot, window, engine) -> None:
    qtbot.keyClicks(window.editor, "x = 1")
    window.run_control.run()
    engine.finish(make_chain_rule_recording())
    window.actions_by_id["undo"].trigger()
    assert window.editor.toPlainText() == ""


def test_every_command_has_a_handler_and_no_key_is_given_twice(window) -> None:
    assert set(window.actions_by_id) == {spec.id for spec in ACTIONS}
    keys = [QKeySequence(key).toString() for spec in ACTIONS for key in spec.shortcuts]
    assert len(keys) == len(set(keys))


def test_keys_change_the_size_of_the_text_and_it_is_remembered(qtbot, window) -> None:
    before = window.editor.font_points
    qtbot.keyClick(window.editor, Qt.Key.Key_Plus, Qt.KeyboardModifier.ControlModifier)
    assert window.editor.font_points == before + 1
    assert Settings().font_points == before + 1
    qtbot.keyClick(window.editor, Qt.Key.Key_0, Qt.KeyboardModifier.ControlModifier)
    assert window.editor.font_points == before


def test_ctrl_slash_comments_and_ctrl_f_finds(qtbot, window) -> None:
    window.editor.replace_text("x")
    qtbot.keyClick(window.editor, Qt.Key.Key_Slash, Qt.KeyboardModifier.ControlModifier)
    assert window.editor.toPlainText() == "# x"
    qtbot.keyClick(window.editor, Qt.Key.Key_F, Qt.KeyboardModifier.ControlModifier)
    assert window.find_bar.isVisible()


def test_a_theme_is_chosen_in_the_menu_and_remembered(window) -> None:
    for action in window.menus.themes.actions():
        if action.data() is ThemeChoice.DARK:
            action.trigger()
    assert window.appearance.theme == DARK
    assert Settings().theme is ThemeChoice.DARK
    window.menus.themes.actions()[1].trigger()
    assert window.appearance.theme == LIGHT


def test_the_layout_comes_back_after_a_restart(make_window) -> None:
    first = make_window()
    first.resize(first.width(), 560)
    first._left.setSizes([200, 300])
    first.close()
    sizes = first._left.sizes()
    second = make_window()
    assert second.size() == first.size()
    assert second._left.sizes() == sizes


def test_closing_ends_the_engine(window, engine) -> None:
    window.close()
    assert engine.calls[-1] == "close"


def test_the_number_of_an_output_goes_to_its_line(qtbot, window, engine) -> None:
    window.editor.replace_text("a\nb\nc\n")
    window.run_control.run()
    engine.output_added.emit(Output(3, OutputKind.DISPLAY, "1"))
    margin = window.output.text.margin
    qtbot.mousePress(margin, Qt.MouseButton.LeftButton, pos=QPoint(5, 12))
    assert window.editor.place_of_cursor() == (3, 0)


def test_stopping_is_not_shown_as_a_mistake_in_the_text(window, engine) -> None:
    window.editor.replace_text("while True: pass\n")
    window.run_control.run()
    error = RunError("KeyboardInterrupt", "The run was stopped.", line=1, column=0)
    engine.finish(Recording(text="while True: pass\n", status=RunStatus.ERROR, error=error))
    assert window.output.card.type.text() == "Stopped"
    assert window.editor.error_line is None
    assert window.status.report.text() == "Stopped on line 1"


def test_a_killed_run_says_so_where_its_outputs_are(window, engine) -> None:
    window.editor.replace_text("big @ big\n")
    window.run_control.run()
    engine.line_reached.emit(1)
    engine.become(EngineState.STARTING)
    engine.request_failed.emit("Stopped on line 1. The engine was replaced.")
    assert window.output.card.message.text() == "Stopped on line 1. The engine was replaced."
    assert window.editor.running_line is None


def test_another_panels_failure_does_not_end_the_run(window, engine) -> None:
    window.editor.replace_text("x\n")
    window.run_control.run()
    engine.request_failed.emit("That value is gone.")
    assert window.run_control.is_running
    assert window.status.report.text() == "That value is gone."
    engine.finish(make_chain_rule_recording())
    assert window.session.recording.tensors


@pytest.mark.parametrize(("width", "has_room"), [(1920, True), (800, False)])
def test_a_second_window_leaves_the_corner_of_the_first_one_free(
    make_window, monkeypatch, width, has_room
) -> None:
    screen = SimpleNamespace(availableGeometry=lambda: QRect(0, 0, width, 1080))
    monkeypatch.setattr(MainWindow, "screen", lambda _: screen)
    make_window().close()
    first, second, third = make_window(), make_window(), make_window()
    steps = [second.x() - first.x(), third.x() - second.x()]
    assert steps == ([36, 36] if has_room else [0, 0])
    second.close()
    assert make_window().x() == second.x()


def test_an_output_leads_to_its_line_where_that_stands_now(window) -> None:
    editor = window.editor
    editor.replace_text("import torch\n\ntorch.ones(2)\n")
    window.run_control.run()
    editor.insertPlainText("# above\n# more\n")
    window.output.line_activated.emit(3, 4)
    assert editor.place_of_cursor() == (5, 4)
    editor.insertPlainText("(")
    window.output.line_activated.emit(3, 0)
    assert editor.line_of_cursor() == 3, "what was edited is not known again"


def test_a_first_leaf_can_be_read_whole_on_a_small_screen(qtbot, make_window, monkeypatch) -> None:
    small = SimpleNamespace(availableGeometry=lambda: QRect(0, 0, 1280, 800))
    monkeypatch.setattr(MainWindow, "screen", lambda _: small)
    window = make_window()
    assert window.width() < 1280
    editor = window.editor
    editor.replace_text("x = torch.tensor(1., requires_grad=True)\n" * 60)
    window.session.show_recording(make_chain_rule_recording())
    qtbot.waitUntil(lambda: window.docks["inspector"].width() < FIRST_WIDTH)
    assert editor.verticalScrollBar().isVisible()
    assert editor.horizontalScrollBar().maximum() == 0
    buttons = window.centre.view_bar.findChildren(QToolButton)
    layout = next(button for button in buttons if button.text() == "Layout")
    assert layout.toolButtonStyle() is Qt.ToolButtonStyle.ToolButtonTextOnly


def test_the_panels_give_way_in_a_narrow_window_and_come_back_in_a_wide_one(
    qtbot, make_window
) -> None:
    window = make_window()
    dock = window.docks["inspector"]
    window.resize(1400, 800)
    window.resizeDocks([dock], [330], Qt.Orientation.Horizontal)
    qtbot.waitUntil(lambda: dock.width() == 330)
    window.resize(1000, 640)
    qtbot.waitUntil(lambda: dock.width() == 250)
    window.resize(1400, 800)
    qtbot.waitUntil(lambda: dock.width() == 330)
    drag_edge_of_docks(qtbot, window, by=50)
    width = dock.width()
    assert 270 <= width <= 290
    window.resize(1200, 800)
    window.resize(1400, 800)
    qtbot.waitUntil(lambda: dock.width() == width)


def drag_edge_of_docks(qtbot, window, *, by: int) -> None:
    dock = window.docks["inspector"]
    before = dock.width()
    edge = QPoint(dock.mapTo(window, QPoint(0, 0)).x() - 1, 400)
    qtbot.mousePress(window, Qt.MouseButton.LeftButton, pos=edge)
    qtbot.mouseMove(window, edge + QPoint(by, 0))
    qtbot.waitUntil(lambda: dock.width() != before)
    qtbot.mouseRelease(window, Qt.MouseButton.LeftButton, pos=edge + QPoint(by, 0))
    QApplication.processEvents()


@pytest.mark.parametrize(
    "keys",
    [
        (Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier),
        (Qt.Key.Key_F5, Qt.KeyboardModifier.NoModifier),
    ],
)
def test_the_keys_of_run_say_that_the_engine_is_busy(qtbot, window, engine, keys) -> None:
    window.run_control.run()
    assert len(engine.runs) == 1
    qtbot.keyClick(window.editor, *keys)
    assert len(engine.runs) == 1
    assert window.status.report.text() == "The engine is busy; stop it first"
    engine.finish(make_chain_rule_recording())
    assert "busy" not in window.status.report.text()


def test_the_status_bar_tells_a_timing_from_a_run(qtbot, window, engine) -> None:
    engine.become(EngineState.BUSY)
    assert window.status.state.text() == "Timing…"
    qtbot.keyClick(window.editor, Qt.Key.Key_F5)
    assert "busy" in window.status.report.text()
    engine.become(EngineState.READY)
    assert window.status.report.text() == ""
    window.run_control.run()
    assert window.status.state.text() == "Running…"


def test_motion_is_reduced_at_once_and_in_the_next_window(
    make_window,
) -> None:
    window = make_window()
    assert not window.appearance.reduced_motion
    window.actions_by_id["reduce_motion"].trigger()
    assert window.appearance.reduced_motion
    again = make_window()
    assert again.appearance.reduced_motion
    assert again.actions_by_id["reduce_motion"].isChecked()


def test_what_runs_the_code_waits_for_the_engine(window, engine) -> None:
    for state, is_possible in (
        (EngineState.BUSY, False),
        (EngineState.STOPPING, False),
        (EngineState.READY, True),
    ):
        engine.become(state)
        for name in ("run", "verify", "what_if"):
            assert window.actions_by_id[name].isEnabled() is is_possible, (state, name)


def test_a_run_starts_when_the_engine_got_ready_while_the_person_was_asked(
    qtbot, make_window, engine, dialogs, tmp_path, monkeypatch
) -> None:
    path = tmp_path / "mailed.py"
    path.write_text("x = 1\n")
    window = make_window()
    window.document.open_path(path)
    engine.start()

    def think(_name: str) -> bool:
        engine.become_ready()
        return True

    monkeypatch.setattr(dialogs, "ask_trust", think)
    window.run_control.run()
    assert engine.last_text == "x = 1\n"
    assert not window.run_control.is_waiting


def test_projector_mode_makes_all_text_large_and_is_remembered(qtbot, make_window) -> None:
    window = make_window()
    usual = QApplication.font().pointSizeF()
    projector = window.actions_by_id["projector"]
    projector.trigger()
    try:
        again = make_window()
        for one in (window, again):
            assert one.editor.font().pointSize() >= 18
            assert one.output.text.font().pointSize() >= 18
            assert one.appearance.scaled_font().pointSizeF() >= 17.9
            assert one.menuBar().font().pointSizeF() > usual
            card = one.output.card
            for label in (card.type, card.message, card.help, card.go, card.fold):
                assert label.font().pointSizeF() >= 17.9
            assert one.trust_banner.findChild(QLabel, "said").font().pointSizeF() > usual
            assert one.status.state.font().pointSizeF() > usual
        again.actions_by_id["larger"].trigger()
        assert again.settings.font_points == 11
    finally:
        again.actions_by_id["projector"].trigger()
        projector.trigger()
    assert window.editor.font().pointSize() == 11
    assert QApplication.font().pointSizeF() == usual
    for one in (window, again):
        assert one.output.text.viewport().font().pointSize() == 10
    assert window.status.state.font().pointSizeF() == usual
    assert window.output.card.help.font().pointSizeF() == usual
    assert window.trust_banner.findChild(QLabel, "said").font().pointSizeF() == usual


def test_counts_that_a_narrow_window_leaves_out_return_with_the_room(qtbot, make_window) -> None:
    window = make_window(start=True)
    findings = window.docks["findings"]
    window.resize(1400, 800)
    window.docks.set_count("findings", 3)
    window.resize(window.minimumSizeHint())
    window.docks.make_room_for_titles()
    qtbot.waitUntil(lambda: findings.windowTitle() == "Findings")
    window.resize(1400, 800)
    qtbot.waitUntil(lambda: findings.windowTitle() == "Findings (3)")


def test_titles_of_panels_are_not_cut_in_a_narrow_window_in_spanish(qtbot, make_window) -> None:
    window = make_window(start=True)
    languages = Languages()
    try:
        languages.use(LanguageChoice.SPANISH)
        window.docks.set_count("findings", 3)
        window.docks.set_count("breakpoints", 2)
        window.resize(1024, 700)
        (bar,) = window.findChildren(QTabBar, options=Qt.FindChildOption.FindDirectChildrenOnly)
        qtbot.waitUntil(lambda: bar.width() >= bar.sizeHint().width())
    finally:
        languages.use(LanguageChoice.ENGLISH)


@pytest.mark.parametrize("language", [LanguageChoice.ENGLISH, LanguageChoice.SPANISH])
@pytest.mark.parametrize("size", [(1000, 700), (1280, 720), (1920, 1080)])
@pytest.mark.parametrize("is_projected", [False, True])
def test_nothing_of_bars_and_panels_is_cut_off_at_any_size(
    qtbot, make_window, language, size, is_projected
) -> None:
    window = make_window(start=True)
    languages = Languages()
    projector = window.actions_by_id["projector"]
    try:
        languages.use(language)
        if is_projected:
            projector.trigger()
        window.session.show_recording(make_chain_rule_recording())
        window.session.select(Item(ItemKind.TENSOR, 0))
        window.docks.set_count("findings", 3)
        window.docks.set_count("breakpoints", 2)
        window.resize(*size)
        for dock in window.docks.values():
            dock.raise_()
            for tabs in dock.findChildren(QTabWidget):
                for page in range(tabs.count()):
                    tabs.setCurrentIndex(page)
                    qtbot.waitUntil(lambda: not cut_off(window))
            qtbot.waitUntil(lambda: not cut_off(window))
    finally:
        languages.use(LanguageChoice.ENGLISH)
        if projector.isChecked():
            projector.trigger()


def cut_off(window) -> list[str]:
    """The buttons and tabs that are seen in part only."""
    shown = [w for w in window.findChildren(QWidget) if not w.visibleRegion().isEmpty()]
    buttons = [w for w in shown if isinstance(w, QAbstractButton) and w.objectName() != "link"]
    return [
        *(b.text() or b.objectName() for b in buttons if b.width() < b.sizeHint().width() - 1),
        *(b.text() for b in buttons if is_beyond_its_page(b)),
        *(
            "tabs of " + bar.tabText(0)
            for bar in shown
            if isinstance(bar, QTabBar) and bar.width() < bar.sizeHint().width()
        ),
    ]


def is_beyond_its_page(button: QAbstractButton) -> bool:
    parent = button.parentWidget()
    while not (parent.isWindow() or isinstance(parent, QAbstractScrollArea)):
        parent = parent.parentWidget()
    return button.mapTo(parent, button.rect().bottomRight()).x() > parent.width()


def test_predicting_without_a_backward_pass_says_what_is_missing(window) -> None:
    window.actions_by_id["predict"].trigger()
    assert ".backward()" in window.status.report.text()


def test_on_a_formula_the_keys_of_copy_picture_copy_latex(qtbot, make_window, engine) -> None:
    window = make_window(start=True)
    engine.become_ready()
    window.session.show_recording(make_chain_rule_recording())
    window.session.move_playhead(4)
    page = window.findChild(StepPage)
    page.section.button.click()
    page.section.tree.setCurrentIndex(page.section.tree.rows.index(0, 0))
    both = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    for widget in (page.formula, page.section.tree):
        QGuiApplication.clipboard().clear()
        widget.setFocus()
        qtbot.keyClick(widget, Qt.Key.Key_C, both)
        assert QGuiApplication.clipboard().text().startswith(r"\frac{\mathrm{d}g}")


def test_the_window_is_gone_before_what_is_imported_is_waited_for(window, monkeypatch) -> None:
    seen = []
    monkeypatch.setattr(window.panels, "cancel", lambda: seen.append(window.isVisible()))
    window.close()
    assert seen[0] is False

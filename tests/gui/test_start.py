from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QLabel, QWidget

from gradviz.gui.inspector.step_page import StepPage
from gradviz.gui.labels import PlainLabel
from gradviz.gui.library import FIRST_EXAMPLE, list_examples
from gradviz.recording.model import Recording, RunError, RunStatus
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui


def test_the_chain_rule_is_open_and_runs_when_the_engine_is_ready(make_window, engine) -> None:
    window = make_window(start=True)
    assert window.editor.toPlainText() == FIRST_EXAMPLE.read_text(encoding="utf-8")
    assert engine.runs == []
    engine.become_ready()
    assert engine.last_text == window.editor.toPlainText()


def test_until_the_engine_is_ready_the_page_says_that_the_graph_comes(
    qtbot, make_window, engine
) -> None:
    window = make_window()
    headline = window.centre.start_page.findChild(QLabel, "headline")
    window.start(None)
    hint = window.centre.start_page.findChild(QLabel, "hint")
    assert headline.text() == "The graph appears in a moment"
    assert hint.isHidden(), "there is nothing to press"
    qtbot.keyClicks(window.editor, "#")
    assert headline.text() == "No graph yet"
    assert not hint.isHidden()


def test_the_page_says_what_to_do_with_the_text_that_is_there(qtbot, window) -> None:
    hint = window.centre.start_page.findChild(QLabel, "hint")
    assert hint.text().startswith("Type PyTorch code on the left")
    window.editor.replace_text("x = 1\n")
    assert hint.text().startswith("Press Ctrl+Enter to run the code")
    window.editor.replace_text("")
    assert hint.text().startswith("Type PyTorch code on the left")


def test_a_run_that_failed_at_once_is_not_said_to_have_no_tensors(
    qtbot, make_window, engine
) -> None:
    window = make_window(start=True)
    window.document.new()
    engine.become_ready()
    window.editor.replace_text("Import torch\n")
    window.run_control.run()
    headline = window.centre.start_page.findChild(QLabel, "headline")
    assert headline.text() == "The graph appears when the run ends"
    engine.finish(
        Recording(
            text="Import torch\n",
            status=RunStatus.ERROR,
            error=RunError("SyntaxError", "invalid syntax", line=1),
        )
    )
    qtbot.waitUntil(lambda: headline.text() == "The run ended before it made a tensor")
    sentence = "The run ended before it came to a backward pass."
    assert window.findChild(StepPage).sentence.text() == sentence
    assert window.centre.timeline.label.full_text() == sentence


def test_a_file_promises_no_graph(make_window, tmp_path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("x = 1\n", encoding="utf-8")
    window = make_window()
    window.start(path)
    assert window.centre.start_page.findChild(QLabel, "headline").text() == "No graph yet"


def test_the_bar_over_the_graph_stays_where_it_is_when_the_canvas_comes(
    qtbot, make_window, tmp_path
) -> None:
    window = make_window()
    window.session.show_recording(make_chain_rule_recording())
    place = window.centre.view_bar.mapTo(window.centre, QPoint(0, 0))
    with qtbot.waitSignal(window.panels.built, timeout=20_000):
        window.start(None)
    window.session.show_recording(make_chain_rule_recording())
    assert window.centre.view_bar.mapTo(window.centre, QPoint(0, 0)) == place == QPoint(0, 0)


def test_typing_before_the_engine_is_ready_means_it_is_not_run(qtbot, make_window, engine) -> None:
    window = make_window(start=True)
    qtbot.keyClicks(window.editor, "#")
    engine.become_ready()
    assert engine.runs == []
    assert window.editor.toPlainText().startswith("#")


def test_a_file_is_opened_and_not_run(make_window, engine, tmp_path) -> None:
    path = tmp_path / "mine.py"
    path.write_text("x = 1\n", encoding="utf-8")
    window = make_window(path, start=True)
    engine.become_ready()
    assert window.document.path == path
    assert engine.runs == []


def test_a_bad_path_is_told_and_the_window_is_usable(
    make_window, engine, dialogs, tmp_path
) -> None:
    window = make_window(tmp_path / "missing.py", start=True)
    assert "missing.py" in dialogs.problems[0]
    assert window.editor.toPlainText() == FIRST_EXAMPLE.read_text(encoding="utf-8")


def test_one_click_opens_an_example_with_its_graph(qtbot, make_window, engine) -> None:
    window = make_window(start=True)
    engine.become_ready()
    engine.finish(make_chain_rule_recording())
    example = list_examples()[2]
    window.menus.examples.actions()[2].trigger()
    qtbot.waitUntil(lambda: len(engine.runs) == 2)
    assert engine.last_text == example.path.read_text(encoding="utf-8")


def test_stepping_by_keys_moves_the_playhead_and_back(qtbot, make_window, engine) -> None:
    window = make_window(start=True)
    window.session.show_recording(make_chain_rule_recording())
    shift = Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(window, Qt.Key.Key_F10)
    qtbot.keyClick(window, Qt.Key.Key_F10)
    assert window.session.playhead == 2
    qtbot.keyClick(window, Qt.Key.Key_F10, shift)
    assert window.session.playhead == 1
    timeline = window.centre.timeline
    for widget in (
        window.centre.canvas,
        timeline.buttons["step_over"],
        timeline.buttons["toggle_play"],
        timeline.track,
        timeline.speed,
    ):
        widget.setFocus()
        qtbot.keyClick(widget, Qt.Key.Key_End)
        assert window.session.playhead == 5
        qtbot.keyClick(widget, Qt.Key.Key_Home)
        assert window.session.playhead == 0


@pytest.mark.parametrize(
    ("module", "name"),
    [
        ("gradviz.gui.editor.highlighter", "PythonHighlighter"),
        ("gradviz.gui.canvas.canvas", "Canvas"),
        ("gradviz.gui.timeline", "Timeline"),
        ("gradviz.gui.inspector", "Inspector"),
        ("gradviz.gui.findings", "FindingsPanel"),
        ("gradviz.gui.breakpoints", "BreakpointPanel"),
        ("gradviz.gui.devices.panel", "DevicePanel"),
    ],
)
def test_a_panel_that_cannot_be_built_says_so_and_the_others_are_built(
    make_window, monkeypatch, caplog, module: str, name: str
) -> None:
    def fail(*_arguments: object, **_more: object) -> None:
        raise ZeroDivisionError("<b>broken</b>")

    monkeypatch.setattr(f"{module}.{name}", fail)

    window = make_window(start=True)

    assert window.panels.are_built
    assert "ZeroDivisionError" in caplog.text
    shown = [label.text() for label in window.findChildren(PlainLabel)]
    told = [text for text in shown if "could not be built (ZeroDivisionError: <b>broken" in text]
    assert len(told) == (0 if name == "PythonHighlighter" else 1)
    built = {type(widget).__name__ for widget in window.findChildren(QWidget)}
    panels = {"Canvas", "Timeline", "Inspector", "FindingsPanel", "DevicePanel"}
    assert panels - built == panels & {name}
    window.session.show_recording(make_chain_rule_recording())
    window.session.move_playhead(2)


def test_the_window_is_shown_without_torch_and_never_imports_it(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        from PySide6.QtCore import QPoint, Qt
        from gradviz.gui import main_window
        from gradviz.gui.app import run_app

        heavy = ("torch", "networkx", "numpy", "pyqtgraph", "scipy")
        seen = []

        class Window(main_window.MainWindow):
            def paintEvent(self, event):
                if not seen:
                    seen.append([name for name in heavy if name in sys.modules])
                super().paintEvent(event)

            def start(self, path):
                self.panels.built.connect(self.close, Qt.ConnectionType.QueuedConnection)
                super().start(path)

        import gradviz.gui.app
        gradviz.gui.app.MainWindow = Window
        status = run_app()
        assert seen == [[]], seen
        assert "numpy" in sys.modules
        assert "torch" not in sys.modules
        sys.exit(status)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "XDG_CONFIG_HOME": str(tmp_path),
            "QT_QPA_PLATFORM": "offscreen",
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def test_the_program_ends_only_after_the_work_beside_its_window(tmp_path: Path) -> None:
    script = textwrap.dedent(
        """
        import sys
        import time
        from threading import Thread
        from PySide6.QtCore import Qt
        from gradviz.gui import app, main_window

        def work():
            time.sleep(0.5)
            ended.append(True)

        class Window(main_window.MainWindow):
            def start(self, path):
                self.panels.built.connect(self.close, Qt.ConnectionType.QueuedConnection)
                super().start(path)

            def shut_down(self):
                super().shut_down()
                if not ended:
                    Thread(target=work, daemon=True).start()

        ended = []
        app.MainWindow = Window
        status = app.run_app()
        assert ended
        sys.exit(status)
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", script],
        env={
            **os.environ,
            "XDG_CONFIG_HOME": str(tmp_path),
            "XDG_DATA_HOME": str(tmp_path),
            "QT_QPA_PLATFORM": "offscreen",
        },
        capture_output=True,
        text=True,
        timeout=90,
        check=False,
    )
    assert done.returncode == 0, done.stderr

"""From Ctrl+Enter to the drawn graph of the chain rule, with a worker that is warm."""

from __future__ import annotations

import os
import tempfile
import time
from collections.abc import Callable, Iterator
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from benchmarks.rows import Options, Row

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas
    from gradviz.gui.session import Session
    from gradviz.recording.model import Recording

ROUNDS = 30
PATIENCE_SECONDS = 60.0
BUDGET_SECONDS = 0.1
TEXT = """\
import torch
x = torch.tensor({}., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
"""


def run(options: Options) -> Iterator[Row]:
    """One row: seconds from the keypress to the first sharp picture of the new recording."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtCore import QSettings, Qt
    from PySide6.QtTest import QTest
    from PySide6.QtWidgets import QApplication

    from gradviz.gui.canvas.canvas import Canvas
    from gradviz.gui.engine import Engine
    from gradviz.gui.main_window import MainWindow
    from gradviz.gui.session import Session
    from gradviz.gui.settings import Settings
    from gradviz.gui.style import Appearance

    application = QApplication.instance() or QApplication([])
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        session = Session()
        window = MainWindow(session, Engine(), Appearance(), Settings())
        window.show()
        window.resize(1280, 800)
        window.start(None)
        _wait(application.processEvents, lambda: bool(session.recording.tensors))
        canvas = window.findChild(Canvas)
        assert canvas is not None
        seconds = []
        for number in range(ROUNDS):
            window.editor.setPlainText(TEXT.format(number))
            _wait(application.processEvents, lambda: not window.run_control.is_running)
            shown = partial(_is_shown, session, canvas, session.recording)
            began = time.perf_counter()
            QTest.keyClick(window.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
            _wait(application.processEvents, shown)
            seconds.append(time.perf_counter() - began)
        window.shut_down()
    value = median(seconds)
    yield Row(
        name="roundtrip",
        case="chain rule",
        subject="gradviz",
        peer=None,
        value=value,
        unit="s",
        ratio=None,
        budget=BUDGET_SECONDS,
        met=value <= BUDGET_SECONDS,
    )


def _is_shown(session: Session, canvas: Canvas, before: Recording) -> bool:
    scene = canvas.scene
    is_new = session.recording is not before and scene is not None
    return is_new and scene.recording is session.recording and canvas.is_sharp


def _wait(turn: Callable[[], object], condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("The window did not get there in time.")
        turn()

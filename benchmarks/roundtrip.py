"""From Ctrl+Enter to the drawn graph, with a worker that is warm: the chain rule and GPT-2."""

from __future__ import annotations

import inspect
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from statistics import median
from typing import TYPE_CHECKING

from benchmarks import models
from benchmarks.rows import Options, Row

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas
    from gradviz.gui.session import Session
    from gradviz.recording.model import Recording

ROUNDS = 30
ROUNDS_OF_MODEL = 5
PATIENCE_SECONDS = 120.0
BUDGET_SECONDS = 0.1
BUDGET_BEYOND_PLAIN_SECONDS = 1.5
TEXT = """\
import torch
x = torch.tensor({}., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
"""
MODEL_TEXT = """\
import torch
from torch import nn
torch.manual_seed({})

{}
model = GPT2()
tokens = torch.randint(50257, (1, 64))
loss = model(tokens).square().mean()
loss.backward()
"""
PLAIN = """\
import sys, time, torch
text = sys.stdin.read()
began = time.perf_counter()
exec(compile(text, "<text>", "exec"), {"__name__": "__main__"})
print(time.perf_counter() - began)
"""


def run(options: Options) -> Iterator[Row]:
    """Seconds from the keypress to the first sharp picture of the new recording.

    For GPT-2 also those beyond the plain run of the same text in a process of its own, in turn.
    """
    with _window() as press:
        value = median(press(TEXT.format(number)) for number in range(ROUNDS))
        yield _row("chain rule", value, BUDGET_SECONDS)
        texts = [MODEL_TEXT.format(number, _gpt2_source()) for number in range(ROUNDS_OF_MODEL)]
        pairs = [(press(text), _plain_seconds(text)) for text in texts]
        yield _row("GPT-2 shape", median(shown for shown, _ in pairs), None)
        beyond = median(shown - plain for shown, plain in pairs)
        yield _row("GPT-2 shape, beyond plain", beyond, BUDGET_BEYOND_PLAIN_SECONDS)


@contextmanager
def _window() -> Iterator[Callable[[str], float]]:
    """A window with a warm worker, as a function that runs a text by the keyboard in it."""
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

        def press(text: str) -> float:
            window.editor.setPlainText(text)
            _wait(application.processEvents, lambda: not window.run_control.is_running)
            shown = partial(_is_shown, session, canvas, session.recording)
            began = time.perf_counter()
            QTest.keyClick(window.editor, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
            _wait(application.processEvents, shown)
            return time.perf_counter() - began

        yield press
        window.shut_down()


def _gpt2_source() -> str:
    return "\n\n".join(inspect.getsource(part) for part in models.GPT2_PARTS)


def _plain_seconds(text: str) -> float:
    done = subprocess.run(
        [sys.executable, "-c", PLAIN], input=text, capture_output=True, check=True, text=True
    )
    return float(done.stdout)


def _row(case: str, value: float, budget: float | None) -> Row:
    return Row(
        name="roundtrip",
        case=case,
        subject="gradviz",
        peer=None,
        value=value,
        unit="s",
        budget=budget,
    )


def _is_shown(session: Session, canvas: Canvas, before: Recording) -> bool:
    scene = canvas.scene
    is_new = session.recording is not before
    is_drawn = scene is not None and scene.recording is session.recording
    return is_new and is_drawn and canvas.is_sharp


def _wait(turn: Callable[[], object], condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            raise TimeoutError("The window did not get there in time.")
        turn()
        time.sleep(0.0005)  # else the worker's threads would wait for a processor

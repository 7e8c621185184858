"""Make README's picture: the real window, half-way through the chain rule's backward pass.

Usage: python scripts/make_screenshot.py [docs/screenshot.png] [--theme dark] [--size 1440x900]
"""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_SCALE_FACTOR"] = "1"
os.environ["QT_FONT_DPI"] = "96"

from PySide6.QtCore import QSettings
from PySide6.QtWidgets import QApplication

from gradviz.gui.engine import Engine
from gradviz.gui.main_window import MainWindow
from gradviz.gui.session import Session
from gradviz.gui.settings import Settings
from gradviz.gui.style import THEMES, Appearance
from gradviz.recording.model import Item, ItemKind

PATIENCE_SECONDS = 60.0


def wait_for(condition: Callable[[], bool]) -> None:
    """Let the window live until the condition holds."""
    deadline = time.monotonic() + PATIENCE_SECONDS
    while not condition():
        if time.monotonic() > deadline:
            sys.exit("The window did not get there in time.")
        QApplication.processEvents()
        time.sleep(0.005)


def settle(seconds: float) -> None:
    """Let the window live for a while, so that layout and tiles are finished."""
    until = time.monotonic() + seconds
    wait_for(lambda: time.monotonic() > until)


def main() -> None:
    """Open the window, run the example, step, select and save the picture."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path, nargs="?", default=Path("docs/screenshot.png"))
    parser.add_argument("--theme", choices=sorted(THEMES), default="light")
    parser.add_argument("--size", default="1440x900")
    parser.add_argument("--example", type=Path)
    parser.add_argument("--playhead", type=int, default=3)
    parser.add_argument("--select", default="x")
    chosen = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        QSettings.setPath(QSettings.Format.IniFormat, QSettings.Scope.UserScope, folder)
        application = QApplication([])
        appearance = Appearance()
        appearance.set_theme(THEMES[chosen.theme])
        session = Session()
        window = MainWindow(session, Engine(), appearance, Settings())
        window.show()
        width, height = chosen.size.split("x")
        window.resize(int(width), int(height))
        window.start(chosen.example)
        wait_for(lambda: bool(session.recording.tensors))
        settle(1.0)
        session.move_playhead(chosen.playhead)
        named = {tensor.name: tensor.id for tensor in session.recording.tensors}
        if chosen.select in named:
            session.select(Item(ItemKind.TENSOR, named[chosen.select]))
        settle(1.0)
        window.grab().save(str(chosen.path))
        window.shut_down()
        application.quit()


if __name__ == "__main__":
    main()

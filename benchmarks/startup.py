"""How long until the window is shown, beside importing torch."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from statistics import median

from benchmarks.rows import Options, Row

IMPORT_TORCH = "import time; s = time.perf_counter(); import torch; print(time.perf_counter() - s)"
SHOW_WINDOW = """
import time; s = time.perf_counter()
from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication
application = QApplication([])

class FirstPaint(QObject):
    seen = False
    def eventFilter(self, watched, event):
        if not self.seen and event.type() == QEvent.Type.Paint:
            self.seen = True
            QTimer.singleShot(0, self.report)
        return False
    def report(self):
        print(time.perf_counter() - s, flush=True)
        QApplication.closeAllWindows()
        application.quit()

watcher = FirstPaint()
application.installEventFilter(watcher)
from gradviz.gui.app import run_app
run_app()
"""


def run(options: Options) -> Iterator[Row]:
    """One row: window shown ÷ `import torch`, from the start of each interpreter's imports."""
    windows, imports = [], []
    for _ in range(5):
        imports.append(_printed_seconds(IMPORT_TORCH))
        windows.append(_printed_seconds(SHOW_WINDOW))
    value, peer = median(windows), median(imports)
    yield Row(
        name="startup",
        case="window shown",
        subject="gradviz",
        peer="import torch",
        value=value,
        unit="s",
        ratio=value / peer,
        budget=0.5,
    )


def _printed_seconds(code: str) -> float:
    with tempfile.TemporaryDirectory() as folder:
        surroundings = os.environ | {"XDG_CONFIG_HOME": folder, "XDG_DATA_HOME": folder}
        surroundings.setdefault("QT_QPA_PLATFORM", "offscreen")
        done = subprocess.run(
            [sys.executable, "-c", code],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env=surroundings,
        )
    return float(done.stdout.split()[0])

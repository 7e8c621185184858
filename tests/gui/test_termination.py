"""The window leaves in order when the system asks."""

from __future__ import annotations

import os
import signal
import subprocess
import sys

import pytest

pytestmark = [
    pytest.mark.gui,
    pytest.mark.skipif(os.name != "posix", reason="POSIX signals"),
]

PROGRAM = """
import os, signal
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication, QWidget
from gradviz.gui.termination import TerminationWatch
application = QApplication([])

class Stubborn(QWidget):
    def closeEvent(self, event):
        event.ignore()

window = Stubborn()
window.show()
watch = TerminationWatch()
QTimer.singleShot(0, lambda: os.kill(os.getpid(), signal.{name}))
print("status", application.exec())
watch.stop()
print(signal.getsignal(signal.SIGINT) is signal.default_int_handler)
"""


@pytest.mark.parametrize("name", ["SIGTERM", "SIGINT"])
def test_a_signal_ends_the_loop_in_order(name: str) -> None:
    assert hasattr(signal, name)
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM.format(name=name)],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout.split() == ["status", "0", "True"], done.stderr

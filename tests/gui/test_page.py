"""A page keeps its width, whatever its height."""

from __future__ import annotations

import subprocess
import sys

import pytest

pytestmark = pytest.mark.gui

# A process of its own: without the cure it ends with a stack overflow.
PROGRAM = """
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget
from gradviz.gui.page import Page

class LowerWhenNarrower(QWidget):
    def sizeHint(self):
        return QSize(100, 100)

    def minimumSizeHint(self):
        return QSize(50, 400 if self.width() > 290 else 100)

    def resizeEvent(self, event):
        self.updateGeometry()

application = QApplication([])
page = Page()
page.resize(300, 200)
page.setWidget(LowerWhenNarrower())
page.show()
for _ in range(50):
    application.processEvents()
print("came to rest")
"""


def test_a_page_that_is_lower_when_it_is_narrower_comes_to_rest() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60
    )
    assert (done.returncode, done.stdout.strip()) == (0, "came to rest"), done.stderr

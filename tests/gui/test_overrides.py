"""Errors in what Qt calls are told, and do not end the program."""

from __future__ import annotations

import subprocess
import sys

import pytest
from PySide6.QtWidgets import QWidget

from gradviz.gui.inspector.value_grid import GridModel
from gradviz.gui.overrides import keep_errors_whole

pytestmark = pytest.mark.gui

# A process of its own: without the cure it ends with a segmentation fault before Python 3.12.
PROGRAM = """
from PySide6.QtCore import QSize
from PySide6.QtWidgets import QApplication, QWidget
from gradviz.gui.inspector import value_grid
from gradviz.gui.overrides import keep_errors_whole
from gradviz.gui.style import LIGHT

def out_of_range(*_):
    return [][3]

value_grid.GridModel.rowCount = value_grid.GridModel.columnCount = lambda *_: 1
value_grid.GridModel.data = out_of_range
keep_errors_whole()
model = value_grid.GridModel(LIGHT)
try:
    model.index(0, 0).data()
except IndexError as error:
    print("told", error)
"""


def test_an_error_that_c_code_raises_in_an_override_is_told() -> None:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.startswith("told")


@pytest.mark.skipif(sys.version_info >= (3, 12), reason="not needed there")
def test_what_is_overridden_is_put_into_a_function_that_catches() -> None:
    keep_errors_whole()
    for method in (GridModel.data, GridModel.rowCount, GridModel.headerData):
        assert hasattr(method, "__wrapped__")
    assert not hasattr(GridModel.place_of, "__wrapped__")
    assert not hasattr(GridModel.__init__, "__wrapped__")
    assert not hasattr(QWidget.paintEvent, "__wrapped__")


def test_nothing_is_put_into_two_of_them() -> None:
    keep_errors_whole()
    data = GridModel.data
    keep_errors_whole()
    assert GridModel.data is data

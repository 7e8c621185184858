"""Rows and columns that follow the size of the text."""

from __future__ import annotations

import pytest
from PySide6.QtGui import QStandardItem, QStandardItemModel
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gradviz.gui.devices.fitted_table import FittedTable

pytestmark = pytest.mark.gui


def test_rows_and_columns_grow_and_shrink_with_the_text(qtbot: QtBot) -> None:
    outer = QWidget()
    qtbot.addWidget(outer)
    model = QStandardItemModel(1, 1)
    model.setItem(0, 0, QStandardItem("Optimizer step (11)"))
    table = FittedTable(model, parent=outer)
    table.resizeColumnsToContents()
    outer.show()
    before = table.rowHeight(0), table.columnWidth(0)
    small, large = outer.font(), outer.font()
    large.setPointSizeF(2 * small.pointSizeF())
    with qtbot.waitSignal(table.text_resized):
        outer.setFont(large)
    after = table.rowHeight(0), table.columnWidth(0)
    assert all(1.5 * b < a for b, a in zip(before, after, strict=True)), (before, after)
    with qtbot.waitSignal(table.text_resized):
        outer.setFont(small)
    assert (table.rowHeight(0), table.columnWidth(0)) == before

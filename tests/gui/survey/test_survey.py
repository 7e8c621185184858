"""The pages beside the findings: missing gradients, gradients by depth, saved memory."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest
from PySide6.QtCore import QEvent, QLocale, Qt
from PySide6.QtTest import QAbstractItemModelTester
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.gui.findings import FindingsPanel, Page
from gradviz.gui.session import Session
from gradviz.gui.style import DARK, Appearance
from gradviz.gui.survey.fact_table import MAX_ROWS
from gradviz.recording.model import ItemKind, Recording
from tests.recording.diagnostics.conftest import record

pytestmark = pytest.mark.gui

DEEP = """\
m = nn.Sequential(*[part for _ in range(6) for part in (nn.Linear(8, 8), nn.Sigmoid())])
unused = torch.randn(3, requires_grad=True)
loss = m(torch.randn(16, 8)).square().mean()
loss.backward()
"""


@pytest.fixture(scope="module")
def deep() -> Recording:
    return record(DEEP)


@pytest.fixture
def panel(qtbot: QtBot, session: Session, appearance: Appearance) -> FindingsPanel:
    made = FindingsPanel(session, appearance)
    qtbot.addWidget(made)
    made.resize(360, 600)
    made.show()
    return made


Open = Callable[[Recording, Page], None]


@pytest.fixture
def open_page(qtbot: QtBot, panel: FindingsPanel, session: Session) -> Open:
    def open_(recording: Recording, page: Page) -> None:
        session.show_recording(recording)
        panel.tabs.setCurrentIndex(page)
        qtbot.waitUntil(lambda: panel.missing.remark.text() != "Looking…", timeout=10_000)

    return open_


def cells(panel: FindingsPanel, page: Page) -> list[list[str]]:
    table = panel.memory.table if page is Page.MEMORY else panel.depths.table
    model = table.model()
    return [
        [model.index(row, column).data() for column in range(model.columnCount())]
        for row in range(model.rowCount())
    ]


def test_nothing_is_looked_through_before_a_page_is_opened(
    panel: FindingsPanel, session: Session, deep: Recording
) -> None:
    session.show_recording(deep)
    assert panel.missing.remark.text() == ""
    assert [panel.tabs.tabText(page) for page in Page] == [
        "Findings",
        ".grad is None",
        "Depth",
        "Memory",
    ]


def test_every_name_without_a_gradient_has_its_reason(
    panel: FindingsPanel, session: Session, deep: Recording, open_page: Open
) -> None:
    open_page(deep, Page.MISSING)
    names = [found.parameters["tensor"] for found in panel.missing.rows.findings]
    assert names == ["unused", "loss"]
    panel.missing.list.activated.emit(panel.missing.rows.index(0, 0))
    assert session.selection is not None
    assert session.recording.tensors[session.selection.id].name == "unused"


def test_a_point_and_a_row_lead_to_their_layer(
    qtbot: QtBot, panel: FindingsPanel, session: Session, deep: Recording, open_page: Open
) -> None:
    open_page(deep, Page.DEPTH)
    rows = cells(panel, Page.DEPTH)
    assert [row[0] for row in rows] == [f"m.{number}" for number in range(0, 12, 2)]
    qtbot.waitUntil(lambda: panel.depths.plot is not None, timeout=20_000)
    plot = panel.depths.plot
    assert plot is not None
    assert len(plot.sizes) == 6
    assert plot.sizes[0] < plot.sizes[-1]

    plot.chosen.emit(1)
    assert session.selection is not None and session.selection.kind is ItemKind.OP
    assert session.recording.ops[session.selection.id].scope == "m.2"
    moment = session.replay.moment_at(session.playhead)
    assert moment is not None and moment.step is not None
    node = session.recording.autograd_nodes[moment.step.autograd_node]
    assert node.op == session.selection.id

    panel.depths.table.clicked.emit(panel.depths.table.facts.index(3, 0))
    assert session.recording.ops[session.selection.id].scope == "m.6"
    plot.set_theme(DARK)
    plot.grab()


def test_layers_without_any_gradient_are_drawn(qtbot: QtBot, panel: FindingsPanel) -> None:
    from gradviz.gui.survey.depth_plot import DepthPlot

    plot = DepthPlot(DARK)
    qtbot.addWidget(plot)
    plot.show_layers(("a", "b", "c"), (0.0, 1e-3, 1.0))
    plot.grab()
    plot.show_layers(("a", "b"), (0.0, 0.0))
    plot.grab()


def test_a_closed_plot_is_not_drawn_in_another_language(qtbot: QtBot, panel: FindingsPanel) -> None:
    from gradviz.gui.survey.depth_plot import DepthPlot

    plot = DepthPlot(DARK)
    plot.show_layers(("a", "b", "c"), (0.0, 1e-3, 1.0))
    plot.close()
    QApplication.sendEvent(plot, QEvent(QEvent.Type.LanguageChange))


def test_what_is_saved_is_listed_by_operation_and_by_module(
    panel: FindingsPanel, session: Session, deep: Recording, open_page: Open
) -> None:
    open_page(deep, Page.MEMORY)
    table = panel.memory.table
    QAbstractItemModelTester(table.facts, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows = cells(panel, Page.MEMORY)
    assert len(rows) == 7
    assert rows[0][0::3] == ["linear", "512 bytes"]
    assert panel.memory.summary.text().startswith("Held for backward at the peak: ")

    table.sortByColumn(3, Qt.SortOrder.AscendingOrder)
    nbytes = [row.keys[3] for row in table.facts.rows]
    assert nbytes == sorted(nbytes)  # type: ignore[type-var]

    table.clicked.emit(table.facts.index(table.facts.rowCount() - 1, 0))
    assert session.selection is not None and session.selection.kind is ItemKind.OP
    assert session.playhead > 0

    panel.memory.by_module.click()
    assert ["m.0", "512 bytes", "512 bytes"] in cells(panel, Page.MEMORY)


def test_the_order_s_mark_is_a_part_of_the_title_and_has_room(
    panel: FindingsPanel, deep: Recording, open_page: Open
) -> None:
    open_page(deep, Page.MEMORY)
    table = panel.memory.table
    titles = [table.facts.headerData(n, Qt.Orientation.Horizontal) for n in range(4)]
    assert titles == ["Operation", "Line", "Module", "Saved ▾"]
    table.sortByColumn(1, Qt.SortOrder.AscendingOrder)
    titles = [table.facts.headerData(n, Qt.Orientation.Horizontal) for n in range(4)]
    assert titles == ["Operation", "Line ▴", "Module", "Saved"]
    spoken = Qt.ItemDataRole.AccessibleTextRole
    assert table.facts.headerData(1, Qt.Orientation.Horizontal, spoken) == "Line"
    for column in range(1, 4):
        title = table.facts.headerData(column, Qt.Orientation.Horizontal)
        assert table.fontMetrics().horizontalAdvance(title) < table.columnWidth(column)


def test_a_run_without_layers_or_saved_tensors_says_so(
    panel: FindingsPanel, open_page: Open
) -> None:
    text = "x = torch.ones(2, requires_grad=True)\ny = x + 1\ny.sum().backward()"
    open_page(record(text), Page.DEPTH)
    assert panel.depths.summary.text().startswith("No backward pass sent finite")
    assert panel.memory.summary.text() == "No operation saved a tensor for backward."


def test_another_run_is_looked_through_while_its_page_is_open(
    qtbot: QtBot, panel: FindingsPanel, session: Session, deep: Recording, open_page: Open
) -> None:
    open_page(deep, Page.MISSING)
    session.show_recording(record("z = torch.ones(2)\nw = torch.ones(2, requires_grad=True)\n"))
    assert panel.missing.rows.findings == ()
    qtbot.waitUntil(lambda: len(panel.missing.rows.findings) == 2, timeout=10_000)


def test_of_very_many_operations_the_largest_are_listed(
    qtbot: QtBot, panel: FindingsPanel, open_page: Open
) -> None:
    text = (
        "x = torch.ones(2, requires_grad=True)\ny = x\n"
        f"for _ in range({MAX_ROWS + 50}):\n    y = y.sin()\n"
        "z = torch.ones(99, requires_grad=True).exp()\n"
    )
    open_page(record(text), Page.MEMORY)
    rows = cells(panel, Page.MEMORY)
    assert len(rows) == MAX_ROWS
    assert rows[0][0].startswith("z = ")
    shown, all_ = QLocale().toString(MAX_ROWS), QLocale().toString(MAX_ROWS + 51)
    told = f"The largest {shown} of {all_} operations are listed."
    assert told in panel.memory.summary.text()


def test_the_panel_is_imported_without_pyqtgraph() -> None:
    code = (
        "import sys, gradviz.gui.findings\n"
        "print([m for m in ('pyqtgraph', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"

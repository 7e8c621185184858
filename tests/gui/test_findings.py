"""The findings panel: what it lists, where a click leads, and that old findings are dropped."""

from __future__ import annotations

import threading
from collections.abc import Callable

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QModelIndex, QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtTest import QAbstractItemModelTester, QSignalSpy
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from gradviz.gui import findings as findings_module
from gradviz.gui.finding_list import FindingModel, go_to
from gradviz.gui.finding_titles import finding_title, severity_word
from gradviz.gui.findings import FindingsPanel
from gradviz.gui.main_window import MainWindow
from gradviz.gui.session import Session
from gradviz.gui.style import DARK, LIGHT, Appearance
from gradviz.recording.diagnostics import Finding, FindingKind, Severity
from gradviz.recording.items import op_item
from gradviz.recording.model import Item, ItemKind, Recording, RunStatus, ValueId
from gradviz.recording.view_options import FoldStart
from tests.builders import make_chain_rule_recording, make_value
from tests.recording.scoped import make_block_recording

pytestmark = pytest.mark.gui


def make_nan_recording() -> Recording:
    """The textbook example, but the product sends NaN to `p`."""
    base = make_chain_rule_recording()
    bad = ValueId(len(base.values))
    backward = base.passes[0]
    multiply = backward.steps[0]
    first = msgspec.structs.replace(multiply, grad_inputs=(bad, multiply.grad_inputs[1]))
    passes = (msgspec.structs.replace(backward, steps=(first, *backward.steps[1:])),)
    values = (*base.values, make_value(bad, np.nan))
    return msgspec.structs.replace(base, passes=passes, values=values)


def make_finding(number: int = 0, **changes: object) -> Finding:
    fields: dict[str, object] = {
        "kind": FindingKind.DEAD_RELU,
        "severity": Severity.WARNING,
        "template": "Finding {number}, which has a sentence that takes more than one line.",
        "parameters": {"number": str(number)},
        "line": 7,
    }
    return Finding(**(fields | changes))  # type: ignore[arg-type]


@pytest.fixture
def panel(qtbot: QtBot, session: Session, appearance: Appearance) -> FindingsPanel:
    made = FindingsPanel(session, appearance)
    qtbot.addWidget(made)
    made.resize(320, 500)
    made.show()
    return made


def show(qtbot: QtBot, panel: FindingsPanel, session: Session, recording: Recording) -> None:
    session.show_recording(recording)
    qtbot.waitUntil(lambda: panel.remark.text() != "Looking…" or bool(panel.findings))


def click(qtbot: QtBot, panel: FindingsPanel, row: int) -> None:
    index = panel.list.model().index(row, 0)
    place = panel.list.visualRect(index).center()
    qtbot.mouseClick(panel.list.viewport(), Qt.MouseButton.LeftButton, pos=place)


def test_before_a_run_it_says_what_it_is_for(panel: FindingsPanel) -> None:
    assert panel.remark.text() == "Run the code: what looks wrong in it is listed here."
    assert not panel.list.isVisible()


def test_a_run_in_order_says_so(qtbot: QtBot, panel: FindingsPanel, session: Session) -> None:
    show(qtbot, panel, session, make_chain_rule_recording())

    assert panel.remark.text() == "Nothing suspicious found in this run."
    assert panel.count == 0


def test_a_run_that_failed_is_not_said_to_be_in_order(
    qtbot: QtBot, panel: FindingsPanel, session: Session
) -> None:
    failed = msgspec.structs.replace(make_chain_rule_recording(), status=RunStatus.ERROR)
    show(qtbot, panel, session, failed)
    assert panel.remark.text() == "Nothing suspicious found in what ran before it ended."


def test_a_finding_is_a_sentence_with_its_line(
    qtbot: QtBot, panel: FindingsPanel, session: Session
) -> None:
    show(qtbot, panel, session, make_nan_recording())
    index = panel.list.model().index(0, 0)

    assert panel.list.isVisible()
    assert not panel.remark.isVisible()
    assert str(index.data()).startswith("Step 1 of 5 of g.backward(), MulBackward0 of g = p * z")
    read = str(index.data(Qt.ItemDataRole.AccessibleTextRole))
    assert read.startswith("Error: NaN or Inf in backward. Step 1 of 5")
    assert read.endswith("line 7")


def test_a_click_goes_to_the_step_and_selects(
    qtbot: QtBot, panel: FindingsPanel, session: Session
) -> None:
    show(qtbot, panel, session, make_nan_recording())
    click(qtbot, panel, 0)

    assert session.playhead == 1
    assert session.selection == Item(ItemKind.OP, 1)


def test_the_keyboard_reaches_it_too(qtbot: QtBot, panel: FindingsPanel, session: Session) -> None:
    show(qtbot, panel, session, make_nan_recording())
    panel.list.setCurrentIndex(panel.list.model().index(0, 0))
    qtbot.keyClick(panel.list, Qt.Key.Key_Return)

    assert session.playhead == 1


def test_a_finding_without_a_step_leaves_the_playhead(
    qtbot: QtBot,
    panel: FindingsPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = (make_finding(item=Item(ItemKind.TENSOR, 0)), make_finding(item=None))
    monkeypatch.setattr(findings_module, "find", lambda _: found)
    show(qtbot, panel, session, make_chain_rule_recording())
    session.move_playhead(2)
    click(qtbot, panel, 1)
    assert (session.playhead, session.selection) == (2, None)
    click(qtbot, panel, 0)
    assert (session.playhead, session.selection) == (2, Item(ItemKind.TENSOR, 0))


def test_findings_of_another_recording_are_dropped(
    qtbot: QtBot,
    panel: FindingsPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    go_on, looked_at = threading.Event(), []

    def slow(recording: Recording) -> tuple[Finding, ...]:
        looked_at.append(recording)
        go_on.wait(10)
        return (make_finding(len(looked_at)),)

    monkeypatch.setattr(findings_module, "find", slow)
    old, middle, new = (make_chain_rule_recording() for _ in range(3))
    session.show_recording(old)
    qtbot.waitUntil(lambda: bool(looked_at))
    session.show_recording(middle)
    session.show_recording(new)
    assert panel.findings == ()
    go_on.set()
    qtbot.waitUntil(lambda: bool(panel.findings))

    assert looked_at[0] is old and looked_at[-1] is new
    assert len(looked_at) == 2, "what nobody looks at any more is not searched"
    assert panel.findings[0].parameters == {"number": "2"}


def test_a_new_recording_clears_the_list_at_once(
    qtbot: QtBot, panel: FindingsPanel, session: Session
) -> None:
    show(qtbot, panel, session, make_nan_recording())
    session.show_recording(make_chain_rule_recording())
    assert panel.findings == ()
    assert panel.remark.text() == "Looking…"
    session.show_recording(Recording())
    assert panel.remark.text() == "Run the code: what looks wrong in it is listed here."


def test_a_recording_that_breaks_a_finder_costs_only_the_findings(
    qtbot: QtBot,
    panel: FindingsPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(_: Recording) -> tuple[Finding, ...]:
        raise IndexError("no such tensor")

    monkeypatch.setattr(findings_module, "find", broken)
    show(qtbot, panel, session, make_chain_rule_recording())

    assert panel.remark.text() == "The run could not be analysed: IndexError: no such tensor"


def test_only_errors_and_warnings_are_counted(
    qtbot: QtBot,
    panel: FindingsPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = tuple(make_finding(severity=severity) for severity in Severity)
    monkeypatch.setattr(findings_module, "find", lambda _: found)
    counts = QSignalSpy(panel.counted)
    show(qtbot, panel, session, make_chain_rule_recording())

    assert [counts.at(n)[0] for n in range(counts.count())] == [0, 2]
    session.show_recording(Recording())
    assert panel.count == 0


def test_a_sentence_wraps_to_the_width_of_the_list(
    qtbot: QtBot,
    panel: FindingsPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(findings_module, "find", lambda _: (make_finding(), make_finding(1)))
    show(qtbot, panel, session, make_chain_rule_recording())
    heights = []
    for width in (230, 700):
        panel.resize(width, 500)
        qtbot.waitUntil(
            lambda w=width: panel.list.visualRect(panel.list.model().index(1, 0)).width() == w
        )
        heights.append(panel.list.visualRect(panel.list.model().index(0, 0)).height())

    assert heights[0] > heights[1]
    assert not panel.list.horizontalScrollBar().isVisible()


def test_thousands_of_findings_are_measured_a_few_at_a_time(
    qtbot: QtBot,
    panel: FindingsPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    found = tuple(make_finding(number) for number in range(5_000))
    monkeypatch.setattr(findings_module, "find", lambda _: found)
    delegate = panel.list.itemDelegate()
    real, measured = delegate.sizeHint, []
    monkeypatch.setattr(
        delegate, "sizeHint", lambda option, index: measured.append(index) or real(option, index)
    )
    show(qtbot, panel, session, make_chain_rule_recording())
    measured.clear()
    panel.list.doItemsLayout()
    QAbstractItemModelTester(panel.list.model())

    assert panel.list.model().rowCount() == 5_000
    assert 0 < len(measured) < 1_000


@pytest.mark.parametrize("width", [230, 300, 500])
def test_every_mark_is_painted_in_both_themes(
    qtbot: QtBot,
    panel: FindingsPanel,
    session: Session,
    appearance: Appearance,
    monkeypatch: pytest.MonkeyPatch,
    width: int,
) -> None:
    found = tuple(make_finding(severity=severity) for severity in Severity)
    monkeypatch.setattr(findings_module, "find", lambda _: found)
    panel.resize(width, 500)
    show(qtbot, panel, session, make_chain_rule_recording())
    for theme in (LIGHT, DARK):
        appearance.set_theme(theme)
        for row, name in enumerate((theme.error, theme.warning, theme.muted)):
            rect = panel.list.visualRect(panel.list.model().index(row, 0))
            picture: QImage = panel.list.viewport().grab(rect).toImage()
            around = [picture.pixelColor(QPoint(x, y)).name() for x in range(40) for y in range(40)]
            assert name in around
        assert panel.grab().toImage().pixelColor(3, 480).name() == theme.base


def test_markup_of_a_run_is_shown_as_text(
    qtbot: QtBot,
    panel: FindingsPanel,
    session: Session,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    evil = "<img src=x><b>p</b> {0} & q"
    found = (make_finding(template="{text} stands there.", parameters={"text": evil}),)
    monkeypatch.setattr(findings_module, "find", lambda _: found)
    show(qtbot, panel, session, make_chain_rule_recording())

    assert panel.list.model().index(0, 0).data() == f"{evil} stands there."
    assert panel.remark.textFormat() is Qt.TextFormat.PlainText


def test_every_kind_and_severity_has_a_word() -> None:
    assert len({finding_title(kind) for kind in FindingKind}) == len(FindingKind)
    assert len({severity_word(severity) for severity in Severity}) == len(Severity)


def test_an_index_of_an_older_list_is_nothing(qapp: QApplication) -> None:
    model = FindingModel()
    model.set_findings((make_finding(),))
    index = model.index(0, 0)
    model.set_findings(())

    assert model.data(index) is None
    assert model.data(QModelIndex()) is None


def test_the_window_s_tab_says_how_many_there_are(
    qtbot: QtBot, make_window: Callable[..., MainWindow]
) -> None:
    window = make_window(start=True)
    window.resize(1400, 800)  # where the titles have room for their counts
    window.session.show_recording(make_nan_recording())
    qtbot.waitUntil(lambda: window.docks["findings"].windowTitle() == "Findings (1)")
    QApplication.sendEvent(window, QEvent(QEvent.Type.LanguageChange))
    assert window.docks["findings"].windowTitle() == "Findings (1)"

    window.session.show_recording(make_chain_rule_recording())
    assert window.docks["findings"].windowTitle() == "Findings"
    beside = window.tabifiedDockWidgets(window.docks["inspector"])
    assert {window.docks["findings"], window.docks["devices"]} <= set(beside)


def test_what_a_finding_is_about_is_opened_where_it_is_folded_up(
    panel: FindingsPanel, session: Session
) -> None:
    recording = make_block_recording()
    session.show_recording(recording)
    session.start_folds(FoldStart.FOLDED)
    op = op_item(recording.ops[-2].id)
    assert session.folding().shown_as(op) != op
    go_to(session, make_finding(item=op))
    assert session.selection == op
    assert session.folding().shown_as(op) == op
    folds = session.view_options.folds
    go_to(session, make_finding(item=op))
    assert session.view_options.folds == folds

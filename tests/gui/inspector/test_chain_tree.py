"""The tree of consumers leads from a tensor down to the root."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QModelIndex, Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QAbstractItemModelTester
from pytestqt.qtbot import QtBot

from gradviz.gui.inspector.chain_model import BATCH, FIRST, ChainModel, Role
from gradviz.gui.inspector.chain_tree import ChainSection, ChainTree
from gradviz.gui.style import DARK, LIGHT
from gradviz.recording.chain import Chain
from gradviz.recording.chain_terms import ChainRule
from gradviz.recording.model import Item, ItemKind, Recording
from gradviz.recording.replay import Replay
from tests.builders import make_chain_rule_recording
from tests.recording.test_chain_truth import record

pytestmark = pytest.mark.gui


def rule_of(
    recording: Recording, name: str, playhead: int | None = None
) -> tuple[Chain, ChainRule]:
    replay = Replay(recording)
    chain = Chain(replay)
    tensor = next(t.id for t in recording.tensors if t.name == name)
    rule = chain.rule_of(tensor, replay.length if playhead is None else playhead)
    assert rule is not None
    return chain, rule


def show(model: ChainModel | ChainTree, recording: Recording, name: str) -> None:
    chain, rule = rule_of(recording, name)
    end = chain.replay.length
    assert rule.edge is not None
    if isinstance(model, ChainTree):
        model.show_terms(recording, chain.pass_at(end), (rule.edge,), end)
    else:
        model.show(recording, chain.pass_at(end), (rule.edge,), end)


def opened(model: ChainModel, parent: QModelIndex | None = None) -> list[object]:
    """All rows, opened down to the root: the text and what it opens to."""
    parent = QModelIndex() if parent is None else parent
    while model.canFetchMore(parent):
        model.fetchMore(parent)
    rows: list[object] = []
    for row in range(model.rowCount(parent)):
        index = model.index(row, 0, parent)
        rows.append(index.data())
        inner = opened(model, index)
        if inner:
            rows.append(inner)
    return rows


def test_a_learner_can_go_from_x_to_the_root(qtbot: QtBot) -> None:
    model = ChainModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    show(model, make_chain_rule_recording(), "x")
    assert opened(model) == [
        "dg/dx = dg/dp · dp/dx = z · 1 = 3 · 1 = 3  p = x + y, line 6",
        ["dg/dp = z = 3  g = p * z, line 7", ["dg/dg = 1  backward begins here"]],
    ]


def test_each_consumer_has_a_row_and_leads_to_its_op(qtbot: QtBot) -> None:
    recording = record("s = a.sin()\ny = s * b + s.exp()\ny.backward()")
    model = ChainModel()
    show(model, recording, "s")
    texts = [row for row in opened(model) if isinstance(row, str)]
    assert len(texts) == 2
    items = [model.index(row, 0).data(Role.ITEM) for row in range(2)]
    assert {recording.ops[item.id].text for item in items} == {"s * b", "s.exp()"}
    assert all(item.kind is ItemKind.OP for item in items)


def test_a_weight_of_a_long_loop_is_listed_a_batch_at_a_time(qtbot: QtBot) -> None:
    recording = record("y = a\nfor _ in range(120):\n    y = y + b\ny.backward()")
    model = ChainModel()
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    show(model, recording, "b")
    counts = [model.rowCount()]
    while not model.canFetchMore(QModelIndex()):
        last = model.index(model.rowCount() - 1, 0)
        if not model.list_more(last):
            break
        counts.append(model.rowCount())
    # The last row stands for those that are not listed yet.
    more = [FIRST + n * BATCH + 1 for n in range(4)]
    assert counts == [*more, 120]


def test_the_row_of_the_others_says_how_many_there_are_and_lists_them(qtbot: QtBot) -> None:
    recording = record("y = a\nfor _ in range(20):\n    y = y + b\ny.backward()")
    tree = ChainTree(LIGHT)
    qtbot.addWidget(tree)
    tree.resize(400, 300)
    tree.show()
    show(tree, recording, "b")
    last = tree.rows.index(tree.rows.rowCount() - 1, 0)
    assert last.data() == "Show more (12 further consumers)"
    tree.clicked.emit(last)
    assert tree.rows.rowCount() == 20
    tree.grab()


def test_the_root_has_nothing_to_follow(qtbot: QtBot) -> None:
    recording = make_chain_rule_recording()
    section = ChainSection(lambda _item: None, LIGHT)
    qtbot.addWidget(section)
    chain, rule = rule_of(recording, "g")
    section.show_rules(recording, chain.pass_at(5), (rule,), 5)
    assert section.isHidden()


def test_weights_that_backward_was_given_are_where_it_begins(qtbot: QtBot) -> None:
    recording = record("h = x * w\nh.backward(torch.tensor([1.0, 2.0, 3.0]))")
    model = ChainModel()
    show(model, recording, "x")
    assert "dL/dh = [1, 2, 3]  backward begins here" in str(opened(model))


def test_what_was_opened_stays_open_while_time_passes(qtbot: QtBot) -> None:
    recording = make_chain_rule_recording()
    tree = ChainTree(LIGHT)
    qtbot.addWidget(tree)
    tree.resize(400, 300)
    tree.show()
    chain, rule = rule_of(recording, "x")
    assert rule.edge is not None
    pass_chain = chain.pass_at(0)
    tree.show_terms(recording, pass_chain, (rule.edge,), 0)
    tree.expand(tree.rows.index(0, 0))
    before = tree.height()
    tree.show_terms(recording, pass_chain, (rule.edge,), 5)
    assert tree.isExpanded(tree.rows.index(0, 0))
    assert tree.rows.index(0, 0).data().startswith("dg/dx = dg/dp · dp/dx = z · 1 = 3 · 1 = 3")
    assert tree.height() == before
    tree.set_theme(DARK)
    tree.grab()


def test_rules_of_a_step_have_a_row_each(qtbot: QtBot) -> None:
    recording = make_chain_rule_recording()
    chosen: list[Item] = []
    section = ChainSection(chosen.append, LIGHT)
    qtbot.addWidget(section)
    section.resize(400, 400)
    section.show()
    chain, of_x = rule_of(recording, "x")
    _, of_y = rule_of(recording, "y")
    section.show_rules(recording, chain.pass_at(5), (of_x, of_y), 5)
    section.button.click()
    model = section.tree.rows
    QAbstractItemModelTester(model, QAbstractItemModelTester.FailureReportingMode.Fatal)
    assert [row for row in opened(model) if isinstance(row, str)] == [
        "dg/dx = dg/dp · dp/dx = z · 1 = 3 · 1 = 3  x",
        "dg/dy = dg/dp · dp/dy = z · 1 = 3 · 1 = 3  y",
    ]
    section.tree.activated.emit(model.index(0, 0, model.index(0, 0)))
    assert [item.kind for item in chosen] == [ItemKind.OP]


def test_a_row_can_be_copied_and_is_read_as_a_sentence(qtbot: QtBot) -> None:
    tree = ChainTree(LIGHT)
    qtbot.addWidget(tree)
    tree.resize(300, 200)
    tree.show()
    show(tree, make_chain_rule_recording(), "p")
    index = tree.rows.index(0, 0)
    tree.setCurrentIndex(index)
    qtbot.keyClick(tree, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QGuiApplication.clipboard().text() == "dg/dp = z = 3"
    control_shift = Qt.KeyboardModifier.ControlModifier | Qt.KeyboardModifier.ShiftModifier
    qtbot.keyClick(tree, Qt.Key.Key_C, control_shift)
    assert QGuiApplication.clipboard().text() == r"\frac{\mathrm{d}g}{\mathrm{d}p} = z = 3"
    assert index.data(Qt.ItemDataRole.AccessibleTextRole) == (
        "g = p * z, line 7: The derivative of g with respect to p equals z equals 3."
    )


def recording_op(text: str) -> int:
    return next(op.id for op in make_chain_rule_recording().ops if op.text == text)


def test_activating_a_row_leads_to_the_op(qtbot: QtBot) -> None:
    tree = ChainTree(LIGHT)
    qtbot.addWidget(tree)
    show(tree, make_chain_rule_recording(), "x")
    chosen: list[Item] = []
    tree.chosen.connect(chosen.append)
    tree.activated.emit(tree.rows.index(0, 0))
    assert chosen == [Item(ItemKind.OP, recording_op("x + y"))]

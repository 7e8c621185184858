"""The window is used at random, without any idea of what belongs together: nothing may raise.

An error in a slot or an override fails the test (pytest-qt). What was done is printed, so that a
failure shows how it was come to.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator
from typing import Final

import pytest
from PySide6.QtCore import QPoint, Qt, QTimer
from PySide6.QtGui import QAction
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QComboBox, QLineEdit, QMenu, QWidget
from pytestqt.qtbot import QtBot

from gradviz.gui.engine import Engine
from gradviz.gui.main_window import MainWindow
from gradviz.recording.model import Item, ItemKind
from tests.gui.fakes import FakeDialogs, build_window
from tests.recording.ordinary_programs import PROGRAMS

pytestmark = [pytest.mark.gui, pytest.mark.slow, pytest.mark.timeout(600)]

TURNS: Final = 1_000
LEFT_OUT: Final = frozenset({"quit", "full_screen", "about", "shortcuts", "restart"})
"""Actions that end the window, or wait in a dialog of Qt's own."""
TYPED: Final = ("3", "x", "0.5*value", "nan", "grad is None", "/[a-z]+/", "norm > 1", "-", "(")
KEYS: Final = (
    Qt.Key.Key_Left, Qt.Key.Key_Right, Qt.Key.Key_Up, Qt.Key.Key_Down, Qt.Key.Key_Escape,
    Qt.Key.Key_Return, Qt.Key.Key_Tab, Qt.Key.Key_F7, Qt.Key.Key_F10, Qt.Key.Key_Home,
    Qt.Key.Key_Space,
)  # fmt: skip


class Person:
    """Somebody who presses anything."""

    def __init__(self, window: MainWindow, chance: random.Random) -> None:
        self._window = window
        self._chance = chance

    def act(self) -> None:
        """Do one thing."""
        doings: tuple[tuple[int, Callable[[], object]], ...] = (
            (35, self._trigger), (20, self._click), (5, self._choose), (5, self._type),
            (10, self._select), (7, self._move), (4, self._resize), (4, self._press),
            (3, self._run),
        )  # fmt: skip
        weights, calls = zip(*doings, strict=True)
        (call,) = self._chance.choices(calls, weights)
        print(call.__name__, call())

    def _seen(self, kind: type[QWidget]) -> list[QWidget]:
        widgets = self._window.findChildren(kind)
        return [one for one in widgets if one.isVisible() and one.isEnabled()]

    def _trigger(self) -> str:
        actions = [
            action
            for action in self._window.findChildren(QAction)
            if action.objectName() and not action.objectName().startswith("_")
        ]
        action = self._chance.choice(actions)
        if action.objectName() not in LEFT_OUT:
            action.trigger()
        return action.objectName()

    def _click(self) -> str:
        widgets = [one for one in self._seen(QWidget) if not isinstance(one, QMenu)]
        widget = self._chance.choice(widgets)
        if not widget.rect().isEmpty():
            at = QPoint(
                self._chance.randrange(widget.width()), self._chance.randrange(widget.height())
            )
            click = self._chance.choice((QTest.mouseClick, QTest.mouseClick, QTest.mouseDClick))
            click(widget, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, at)
        return f"{type(widget).__name__} {widget.objectName()}"

    def _choose(self) -> str:
        boxes = [box for box in self._seen(QComboBox) if isinstance(box, QComboBox) and box.count()]
        if not boxes:
            return ""
        box = self._chance.choice(boxes)
        number = self._chance.randrange(box.count())
        box.setCurrentIndex(number)
        box.activated.emit(number)
        return f"{box.objectName()} {number}"

    def _type(self) -> str:
        lines = [line for line in self._seen(QLineEdit) if isinstance(line, QLineEdit)]
        if not lines:
            return ""
        line, text = self._chance.choice(lines), self._chance.choice(TYPED)
        line.clear()
        QTest.keyClicks(line, text)
        QTest.keyClick(line, Qt.Key.Key_Return)
        return f"{line.objectName()} {text}"

    def _select(self) -> str:
        recording = self._window.session.recording
        kind, entries = self._chance.choice(
            (
                (ItemKind.TENSOR, recording.tensors),
                (ItemKind.OP, recording.ops),
                (ItemKind.NODE, recording.autograd_nodes),
            )
        )
        if not entries:
            return ""
        item = Item(kind, self._chance.choice(entries).id)
        self._window.session.select(item)
        return f"{item}"

    def _move(self) -> int:
        playhead = self._chance.randint(0, self._window.session.replay.length)
        self._window.session.move_playhead(playhead)
        return playhead

    def _resize(self) -> tuple[int, int]:
        size = self._chance.randint(700, 1700), self._chance.randint(500, 1000)
        self._window.resize(*size)
        return size

    def _press(self) -> str:
        key = self._chance.choice(KEYS)
        QTest.keyClick(QApplication.focusWidget() or self._window, key)
        return key.name

    def _run(self) -> str:
        name = self._chance.choice(sorted(PROGRAMS))
        self._window.editor.setPlainText(PROGRAMS[name].lstrip("\n"))
        self._window.run_control.run()
        return name


@pytest.fixture
def window(qtbot: QtBot, tmp_path) -> Iterator[MainWindow]:
    engine = Engine(spare=False)
    window = build_window(engine, FakeDialogs(), tmp_path)
    qtbot.addWidget(window)
    window.show()
    with qtbot.waitSignals([engine.run_finished, window.panels.built], timeout=60_000):
        window.start(None)
    yield window
    window.editor.document().setModified(False)
    window.close()


@pytest.mark.qt_log_ignore("This plugin does not support", extend=True)
@pytest.mark.parametrize("seed", range(4))
def test_nothing_raises(qtbot: QtBot, window: MainWindow, seed: int) -> None:
    person = Person(window, random.Random(seed))
    closer = QTimer(interval=300)
    closer.timeout.connect(_close_what_waits)
    closer.start()
    for _ in range(TURNS):
        person.act()
        QApplication.processEvents()
        qtbot.wait(20)
        _close_what_waits()
    assert window.isVisible()


def _close_what_waits() -> None:
    """Menus and dialogs, which have an event loop of their own."""
    for _ in range(5):
        waiting = QApplication.activePopupWidget() or QApplication.activeModalWidget()
        if waiting is not None:
            waiting.close()

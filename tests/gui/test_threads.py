from __future__ import annotations

import threading

import pytest
import shiboken6
from PySide6.QtCore import QObject

from gradviz.gui.threads import Background

pytestmark = pytest.mark.gui


@pytest.fixture
def background(qapp):
    parent = QObject()
    yield Background("test", parent=parent)
    parent.deleteLater()


def test_works_on_a_thread_of_its_own_and_delivers_on_the_windows(qtbot, background) -> None:
    worked, delivered = [], []
    background.call(
        lambda: worked.append(threading.current_thread().name) or 3,
        lambda result: delivered.append((result, threading.current_thread())),
    )
    assert background.is_busy
    assert delivered == []
    qtbot.waitUntil(lambda: not background.is_busy)
    assert worked == ["test"]
    assert delivered == [(3, threading.main_thread())]


def test_delivers_before_it_returns_where_that_is_asked_for(background) -> None:
    delivered = []
    background.call(lambda: threading.current_thread(), delivered.append, at_once=True)
    assert delivered == [threading.main_thread()]
    assert not background.is_busy


def test_a_later_call_replaces_an_earlier_one(qtbot, background) -> None:
    started, release, delivered = threading.Event(), threading.Event(), []

    def wait() -> str:
        started.set()
        release.wait(10)
        return "first"

    background.call(wait, delivered.append)
    qtbot.waitUntil(started.is_set)
    background.call(lambda: "second", delivered.append)
    qtbot.waitUntil(lambda: not background.is_busy)
    release.set()
    qtbot.wait(50)
    assert delivered == ["second"]


def test_a_call_that_is_dropped_before_it_began_is_never_made(qtbot, background) -> None:
    made = []
    background.call(lambda: made.append("first"), made.append)
    background.drop()
    background.call(lambda: "second", made.append)
    qtbot.waitUntil(lambda: not background.is_busy)
    assert made == ["second"]


def test_hands_an_exception_over(qtbot, background) -> None:
    failures = []
    background.call(lambda: 1 / 0, pytest.fail, failed=failures.append)
    qtbot.waitUntil(lambda: not background.is_busy)
    assert [type(failure) for failure in failures] == [ZeroDivisionError]


def test_logs_an_exception_that_nobody_asks_for(qtbot, background, caplog) -> None:
    background.call(lambda: 1 / 0, pytest.fail)
    qtbot.waitUntil(lambda: not background.is_busy)
    assert "ZeroDivisionError" in caplog.text


def test_the_next_call_may_begin_in_the_delivery_of_the_last(qtbot, background) -> None:
    delivered = []

    def deliver(result: int) -> None:
        delivered.append(result)
        if result < 3:
            background.call(lambda: result + 1, deliver)

    background.call(lambda: 1, deliver)
    qtbot.waitUntil(lambda: not background.is_busy)
    assert delivered == [1, 2, 3]


def test_nothing_is_called_for_an_owner_that_is_gone(qtbot) -> None:
    made = []
    owner = QObject()
    Background("test", parent=owner).call(lambda: made.append("called"), made.append)
    shiboken6.delete(owner)
    qtbot.wait(20)
    assert made == []

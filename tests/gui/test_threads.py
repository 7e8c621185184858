from __future__ import annotations

import subprocess
import sys
import threading

import pytest
import shiboken6
from PySide6.QtCore import QObject, QThread

from gradviz.gui.threads import ROOM_FOR_CLASSES, Background, wait_for_threads

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


CLASSES_ON_A_THREAD = """
import sys, threading, time
from PySide6.QtCore import QCoreApplication, QObject, QPropertyAnimation, QTimer, Signal
from gradviz.gui import threads

threads.share_python_fairly()
application = QCoreApplication([])
if sys.argv[1] == "room":
    # The same proportions as a window's, with a table that takes long to grow.
    threads.ROOM_FOR_CLASSES = 230_000
    threads.make_room_for_classes()
animations = []
for number in range(60):
    target = type(f"Target{number}", (QObject,), {"told": Signal()})(application)
    for name in range(20):
        animation = QPropertyAnimation(target, f"dynamic{name}".encode(), target)
        animation.setStartValue(0.0)
        animation.setEndValue(1.0)
        animation.setDuration(100_000)
        animation.start()

def define():
    kept = [type(f"Made{number}", (QObject,), {"a": Signal(int)}) for number in range(60_000)]
    done.append(kept)

done = []
threading.Thread(target=define, daemon=True).start()
timer = QTimer()
timer.timeout.connect(lambda: application.quit() if done else None)
timer.start(50)
application.exec()
print("done", flush=True)
import os
os._exit(0)
"""


@pytest.mark.slow
@pytest.mark.skipif(sys.version_info >= (3, 12), reason="PySide has no such table there")
def test_classes_can_be_defined_on_a_thread_once_there_is_room() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLASSES_ON_A_THREAD, "room"],
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert (done.returncode, done.stdout) == (0, "done\n"), done.stderr


CLASSES_OF_A_WINDOW = """
import gc
from importlib import import_module
from PySide6.QtCore import QObject, QThread
import gradviz.gui.app
from gradviz.gui.panels import _HEAVY
from gradviz.gui.devices.plot_loader import TIMING_PLOT

def count():
    return sum(isinstance(one, type(QObject)) for one in gc.get_objects())

print(count())
for name in (*_HEAVY, TIMING_PLOT):
    import_module(name)
print(count())
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the sizes are those of libstdc++'s table")
def test_the_room_is_enough_for_all_classes_that_are_defined_on_threads() -> None:
    done = subprocess.run(
        [sys.executable, "-c", CLASSES_OF_A_WINDOW], capture_output=True, text=True, check=True
    )
    first, last = map(int, done.stdout.split())
    assert first + ROOM_FOR_CLASSES > 1_109
    assert last + ROOM_FOR_CLASSES < 2_357


def test_the_end_waits_for_threads_but_not_for_qts_own(qtbot) -> None:
    class OfQt(QThread):
        def run(self) -> None:
            seen.append(threading.current_thread())
            go_on.wait()

    seen: list[threading.Thread] = []
    go_on, of_qt = threading.Event(), OfQt()
    of_qt.start()
    qtbot.waitUntil(lambda: bool(seen))
    try:
        # Python knows it by now, and by a thread that cannot be waited for.
        assert seen[0] in threading.enumerate()
        ours = threading.Thread(target=lambda: done.append(go_on.wait()), daemon=True)
        done: list[bool] = []
        ours.start()
        threading.Timer(0.05, go_on.set).start()
        wait_for_threads(30.0)
        assert done == [True]
    finally:
        go_on.set()
        of_qt.wait()

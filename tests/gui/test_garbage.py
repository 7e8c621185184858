"""Garbage is collected on the window's thread only."""

from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from gradviz.gui.garbage import GarbageWatch

pytestmark = pytest.mark.gui


class Cycle:
    def __init__(self, died_on: list[int]) -> None:
        self.me = self
        weakref.finalize(self, lambda: died_on.append(threading.get_ident()))


@pytest.fixture
def watch(qtbot: QtBot) -> Iterator[GarbageWatch]:
    gc.enable()
    watch = GarbageWatch()
    yield watch
    watch.stop()
    assert gc.isenabled()
    gc.disable()


def test_other_threads_collect_nothing_and_the_window_does(watch: GarbageWatch) -> None:
    died_on: list[int] = []
    Cycle(died_on)

    def allocate() -> None:
        kept = [[] for _ in range(100_000)]
        assert kept

    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()
    assert died_on == []
    kept = [[] for _ in range(100_000)]
    watch.collect_if_due()
    assert kept
    assert died_on == [threading.get_ident()]


def test_nothing_is_collected_before_its_time(watch: GarbageWatch) -> None:
    gc.collect()
    died_on: list[int] = []
    Cycle(died_on)
    watch.collect_if_due()
    assert died_on == []
    gc.collect()
    assert died_on == [threading.get_ident()]


def test_old_garbage_goes_once_a_quarter_is_new(watch: GarbageWatch) -> None:
    died_on: list[int] = []
    cycle = Cycle(died_on)
    gc.collect(1)
    del cycle
    kept = [[[] for _ in range(10_000)] for _ in range(20)]
    for _ in range(20):
        kept.append([[] for _ in range(len(gc.get_objects()) // 20)])
        watch.collect_if_due()
    assert died_on == [threading.get_ident()]

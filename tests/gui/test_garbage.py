"""Garbage is collected on the window's thread only."""

from __future__ import annotations

import gc
import sys
import threading
import weakref
from collections.abc import Iterator
from types import ModuleType

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
        kept = [[] for _ in range(10_000)]
        assert kept

    thread = threading.Thread(target=allocate)
    thread.start()
    thread.join()
    assert died_on == []
    kept = [[] for _ in range(10_000)]
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
    kept: list[object] = []
    a_quarter = sys.getallocatedblocks() // 4  # what other tests left in memory counts, too
    for _ in range(60 + a_quarter // 10_000):
        kept.append([[] for _ in range(10_000)])
        watch.collect_if_due()
    assert died_on == [threading.get_ident()]


def test_what_imports_made_is_not_looked_at(
    watch: GarbageWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    collected: list[int] = []
    monkeypatch.setattr(gc, "collect", lambda generation=2: collected.append(generation))
    made: list[object] = []
    for number in range(60):
        monkeypatch.setitem(sys.modules, f"imported_{number}", ModuleType("imported"))
        made.append([[] for _ in range(10_000)])
        watch.collect_if_due()
    assert gc.get_freeze_count() > 500_000
    assert collected == []


def test_nothing_refers_to_what_threads_are_making(
    watch: GarbageWatch, monkeypatch: pytest.MonkeyPatch
) -> None:
    # A tuple that is being made elsewhere cannot be completed while a list of all objects lives.
    def refuse() -> list[object]:
        raise AssertionError

    monkeypatch.setattr(gc, "get_objects", refuse)
    kept: list[object] = []
    for _ in range(20):
        kept.append([[] for _ in range(10_000)])
        watch.collect_if_due()


def test_what_a_thread_made_in_bulk_is_not_looked_at(watch: GarbageWatch) -> None:
    died_on: list[int] = []
    made: list[object] = []
    thread = threading.Thread(target=lambda: made.extend([] for _ in range(500_000)))
    thread.start()
    thread.join()
    Cycle(died_on)
    watch.collect_if_due()
    assert gc.get_freeze_count() > 400_000
    assert died_on == []
    # Once it is gone garbage from that time goes too.
    made.clear()
    for _ in range(30):
        kept = [[] for _ in range(5_000)]
        watch.collect_if_due()
    assert kept
    assert gc.get_freeze_count() == 0
    gc.collect()
    assert died_on == [threading.get_ident()]

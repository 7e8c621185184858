"""The garbage collector is kept off while records are made, and given back."""

from __future__ import annotations

import gc
import threading
from collections.abc import Iterator

import pytest

from gradviz.collector import no_collections


@pytest.fixture(autouse=True)
def collector_as_it_was() -> Iterator[None]:
    was_enabled = gc.isenabled()
    gc.enable()
    yield
    if not was_enabled:
        gc.disable()


def test_the_collector_is_off_inside_and_on_again_after_an_error() -> None:
    with pytest.raises(ValueError, match="broken"), no_collections():
        assert not gc.isenabled()
        raise ValueError("broken")
    assert gc.isenabled()


def test_a_collector_that_was_off_stays_off() -> None:
    gc.disable()
    with no_collections():
        pass
    assert not gc.isenabled()


def test_it_comes_back_when_the_last_thread_leaves() -> None:
    inside, may_leave = threading.Event(), threading.Event()

    def other() -> None:
        with no_collections():
            inside.set()
            may_leave.wait(30)

    with no_collections():
        thread = threading.Thread(target=other)
        thread.start()
        assert inside.wait(30)
    assert not gc.isenabled(), "the other thread is still making records"
    may_leave.set()
    thread.join(30)
    assert gc.isenabled()

"""Ctrl+C waits for the end of a block."""

from __future__ import annotations

import signal
import threading

import pytest

from gradviz.undisturbed import Undisturbed


def test_an_interrupt_is_raised_after_the_block() -> None:
    done: list[int] = []
    with pytest.raises(KeyboardInterrupt):
        with Undisturbed(), Undisturbed():
            signal.raise_signal(signal.SIGINT)
            done.append(1)
        done.append(2)
    assert done == [1]


def test_the_handler_that_was_there_is_there_again_and_hears_of_it() -> None:
    heard: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, frame: heard.append(number))
    try:
        installed = signal.getsignal(signal.SIGINT)
        with pytest.raises(ValueError, match="broken"), Undisturbed():
            signal.raise_signal(signal.SIGINT)
            assert not heard
            raise ValueError("broken")
        assert heard == [signal.SIGINT]
        assert signal.getsignal(signal.SIGINT) is installed
    finally:
        signal.signal(signal.SIGINT, before)


def test_other_threads_may_use_it() -> None:
    done: list[bool] = []

    def work() -> None:
        with Undisturbed():
            done.append(True)

    thread = threading.Thread(target=work)
    thread.start()
    thread.join(30)
    assert done == [True]

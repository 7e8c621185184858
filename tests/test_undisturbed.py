"""Ctrl+C waits for the end of a block."""

from __future__ import annotations

import signal
import threading

import pytest

from gradviz.undisturbed import BegunUndisturbed, Undisturbed


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


def test_an_interrupt_as_a_function_begins_waits_for_its_end() -> None:
    done: list[str] = []
    watch = BegunUndisturbed()

    def close() -> None:
        signal.raise_signal(signal.SIGINT)
        done.append("closed")
        watch.end()
        done.append("too late")

    watch = BegunUndisturbed(close.__code__)
    before = signal.getsignal(signal.SIGINT)
    watch.begin()
    with pytest.raises(KeyboardInterrupt):
        close()
    assert done == ["closed"]
    assert signal.getsignal(signal.SIGINT) is before


def test_an_interrupt_elsewhere_is_felt_at_once() -> None:
    watch = BegunUndisturbed(test_other_threads_may_use_it.__code__)
    before = signal.getsignal(signal.SIGINT)
    watch.begin()
    try:
        with pytest.raises(KeyboardInterrupt):
            signal.raise_signal(signal.SIGINT)
    finally:
        watch.end()
    assert signal.getsignal(signal.SIGINT) is before


def test_what_an_inner_one_held_back_waits_for_the_end_of_the_outer_one() -> None:
    done: list[str] = []

    def close_inner() -> None:
        signal.raise_signal(signal.SIGINT)
        inner.end()
        done.append("inner")

    def close_outer() -> None:
        close_inner()
        done.append("outer")
        outer.end()

    outer = BegunUndisturbed(close_outer.__code__)
    inner = BegunUndisturbed(close_inner.__code__)
    before = signal.getsignal(signal.SIGINT)
    outer.begin()
    inner.begin()
    with pytest.raises(KeyboardInterrupt):
        close_outer()
    assert done == ["inner", "outer"]
    assert signal.getsignal(signal.SIGINT) is before


def test_a_handler_that_the_person_puts_in_place_meanwhile_stays() -> None:
    watch = BegunUndisturbed()
    before = signal.getsignal(signal.SIGINT)
    watch.begin()
    try:
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        watch.end()
        assert signal.getsignal(signal.SIGINT) is signal.SIG_IGN
    finally:
        signal.signal(signal.SIGINT, before)

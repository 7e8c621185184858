from __future__ import annotations

import signal
import time
from collections.abc import Iterator

import pytest

from gradviz.worker.interrupts import InterruptGate


@pytest.fixture
def gate() -> Iterator[InterruptGate]:
    before = signal.getsignal(signal.SIGINT)
    gate = InterruptGate()
    gate.install()
    yield gate
    signal.signal(signal.SIGINT, before)


def test_an_interrupt_ends_its_own_request(gate: InterruptGate) -> None:
    with pytest.raises(KeyboardInterrupt), gate.open_for(1):
        gate.interrupt(1)
        time.sleep(60)


def test_an_interrupt_for_another_request_does_nothing(gate: InterruptGate) -> None:
    with gate.open_for(2):
        gate.interrupt(1)
        gate.interrupt(3)


def test_a_late_interrupt_is_dropped(gate: InterruptGate) -> None:
    with gate.open_for(1):
        pass
    gate.interrupt(1)
    with gate.open_for(2):
        pass


def test_a_request_that_was_interrupted_while_it_waited_does_not_start(
    gate: InterruptGate,
) -> None:
    with gate.open_for(1):
        gate.interrupt(2)
    started = False
    with pytest.raises(KeyboardInterrupt), gate.open_for(2):
        started = True
    assert not started


def test_an_interrupt_raises_once(gate: InterruptGate) -> None:
    with gate.open_for(1):
        try:
            gate.interrupt(1)
            time.sleep(60)
        except KeyboardInterrupt:
            signal.raise_signal(signal.SIGINT)


def test_nothing_is_raised_within_what_must_not_be_torn(gate: InterruptGate) -> None:
    done = []
    with pytest.raises(KeyboardInterrupt), gate.open_for(1):
        with gate.held():
            with gate.held():
                gate.interrupt(1)
                done.append("inner")
            done.append("outer")
        done.append("after")
    assert done == ["inner", "outer"]

"""Samples of a piece of code, also where the machine is busy for a moment."""

from __future__ import annotations

import time
from time import perf_counter

from gradviz.devices.measuring import Samples, take_samples


def sample(source: str, names: dict[str, object], *, max_seconds: float) -> Samples:
    samples = Samples()
    take_samples(
        source,
        names,
        samples,
        clock=perf_counter,
        threads=1,
        min_seconds=0.05,
        max_seconds=max_seconds,
    )
    return samples


def test_a_moment_at_which_the_machine_is_busy_does_not_make_blocks_of_one_call() -> None:
    calls = []

    def work() -> None:
        calls.append(1)
        if len(calls) == 1:
            time.sleep(0.06)  # longer than what the Timer takes for a block that is long enough

    samples = sample("work()", {"work": work}, max_seconds=5.0)
    assert samples.loops > 100
    assert samples.loops * samples.seconds[0] > 0.5e-3


def test_the_time_is_over_when_it_is_over_however_short_the_blocks_are() -> None:
    calls = []

    def work() -> None:
        calls.append(1)
        if len(calls) % 20 == 1:
            time.sleep(0.06)

    started = perf_counter()
    samples = sample("work()", {"work": work}, max_seconds=0.5)
    assert perf_counter() - started < 5.0
    assert samples.seconds

"""What `%time` and `%timeit` measure, in IPython's words."""

from __future__ import annotations

import os
import timeit
from collections.abc import Callable
from statistics import fmean, pstdev
from time import perf_counter
from types import TracebackType
from typing import Final

from gradviz.devices.waiting import devices_in_use, synchronise

_REPEATS: Final = 7
_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))


class Stopwatch:
    """Measures wall-clock and processor time of a block; `report` gets the text afterwards."""

    def __init__(self, report: Callable[[str], None]) -> None:
        self._report = report

    def __enter__(self) -> None:
        _synchronise()
        self._times = os.times()
        self._started = perf_counter()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if kind is not None:
            return
        _synchronise()
        wall = perf_counter() - self._started
        after = os.times()
        user, system = after.user - self._times.user, after.system - self._times.system
        total = duration(user + system)
        self._report(
            f"CPU times: user {duration(user)}, sys: {duration(system)}, total: {total}\n"
            f"Wall time: {duration(wall)}"
        )


def time_many(timed: Callable[[], object], loops: int | None, repeats: int | None) -> str:
    """Run something many times and say how long one loop takes."""
    used = devices_in_use()

    def run() -> None:
        timed()
        synchronise(used)

    timer = timeit.Timer(run)
    if not loops:
        loops, _ = timer.autorange()
    repeats = repeats or _REPEATS
    seconds = []
    for _ in range(repeats):
        # It may have been the first to use a card.
        used = devices_in_use()
        seconds.append(timer.timeit(loops) / loops)
    runs = "run" if repeats == 1 else "runs"
    return (
        f"{duration(fmean(seconds))} ± {duration(pstdev(seconds))} per loop "
        f"(mean ± std. dev. of {repeats} {runs}, {loops:,} loop{'s' if loops != 1 else ''} each)"
    )


def duration(seconds: float) -> str:
    """A duration with three significant digits, as IPython writes it."""
    if seconds >= 60.0:
        minutes, rest = divmod(seconds, 60.0)
        hours, minutes = divmod(minutes, 60.0)
        start = f"{hours:.0f}h {minutes:.0f}min" if hours else f"{minutes:.0f}min"
        return f"{start} {rest:.0f}s"
    for factor, unit in _UNITS:
        if seconds >= factor:
            return f"{seconds / factor:.3g} {unit}"
    return f"{seconds * 1e9:.3g} ns"


def _synchronise() -> None:
    synchronise(devices_in_use())

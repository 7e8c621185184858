"""Take samples of the time of a piece of code with `torch.utils.benchmark`."""

from __future__ import annotations

import ast
import contextlib
import io
from collections.abc import Callable, Iterator, Sequence
from statistics import median, quantiles
from time import perf_counter
from typing import Final, NoReturn

import msgspec
from torch.utils.benchmark import Timer

from gradviz.devices.replacing import Namespace
from gradviz.devices.script import loaded_names, stored_names

SPREAD_LIMIT: Final = 0.25
"""IQR over median above which a figure is not to be believed; torch calls it gross from 0.25 on."""
_CONFIDENT_SPREAD: Final = 0.1
_ENOUGH_SAMPLES: Final = 4
_SHORTEST_BLOCK: Final = 0.5e-3
"""Seconds; the Timer's blocks last milliseconds where nothing has misled it."""
_TELLING: Final = 20
_TRIES: Final = 5
_BEFORE: Final = "_gradviz_before_"


class _EnoughError(Exception):
    """The time is over."""


class _TooShortError(Exception):
    """A moment at which the machine was busy has misled the Timer about the size of its blocks."""


class Samples(msgspec.Struct):
    """What has been measured so far; filled while the timer runs, so that a stop keeps it."""

    seconds: list[float] = []
    loops: int = 1

    @property
    def warning(self) -> str:
        """Why the figure may be wrong, empty where nothing speaks against it."""
        if len(self.seconds) < _ENOUGH_SAMPLES:
            count = len(self.seconds)
            return f"Only {count} {'sample' if count == 1 else 'samples'} within the time limit."
        low, median, high = quantiles(self.seconds, n=4, method="inclusive")
        spread = (high - low) / median if median else 0.0
        if spread <= SPREAD_LIMIT:
            return ""
        return (
            f"The middle half of the samples spreads over {100 * spread:.0f} % of the median: "
            "something else kept the machine busy."
        )


def take_samples(
    source: str,
    namespace: Namespace,
    samples: Samples,
    *,
    clock: Callable[[], float],
    threads: int,
    min_seconds: float,
    max_seconds: float,
) -> None:
    """Fill `samples`: warm-up and block size are the Timer's own; `clock` waits for cards.

    Ends when the spread is small, or after `max_seconds`. Whatever the code raises gets out.
    """
    timer = Timer(stmt=source, globals=namespace, num_threads=threads, timer=clock)
    started = 0.0
    tries = _TRIES

    def on_sample(loops: int, seconds: float) -> NoReturn:  # type: ignore[misc]
        nonlocal started
        samples.loops = loops
        samples.seconds.append(seconds / loops)
        count = len(samples.seconds)
        started = started if count > 1 else perf_counter()
        if count == _TELLING and tries and loops * median(samples.seconds) < _SHORTEST_BLOCK:
            raise _TooShortError
        # The Timer counts only what it has measured, and looks at all samples after each.
        if perf_counter() - started > max_seconds:
            raise _EnoughError

    while True:
        try:
            timer.adaptive_autorange(
                threshold=_CONFIDENT_SPREAD,
                min_run_time=min_seconds,
                max_run_time=max_seconds,
                callback=on_sample,
            )
        except _TooShortError:
            tries -= 1
            samples.seconds.clear()
            continue
        except _EnoughError:
            pass
        return


def repeatable_source(
    statements: Sequence[ast.stmt], namespace: Namespace, before: Namespace
) -> str:
    """Source that does the same each time it is executed inside a function.

    `h = layer(h)` would read what its last repetition left: names that are read and bound start
    each time from their value in `before`, which is put into `namespace`.
    """
    stored = set().union(*(stored_names(statement) for statement in statements))
    read = set().union(*(loaded_names(statement) for statement in statements))
    lines = []
    for name in sorted(stored & read & before.keys()):
        namespace[_BEFORE + name] = before[name]
        lines.append(f"{name} = {_BEFORE}{name}")
    lines += [ast.unparse(statement) for statement in statements]
    return "\n".join(lines)


class _Nowhere(io.TextIOBase):
    def write(self, text: str) -> int:
        return len(text)


@contextlib.contextmanager
def silence() -> Iterator[None]:
    """What the timed code prints is shown by its run, not a thousand times by its timing."""
    with contextlib.redirect_stdout(_Nowhere()), contextlib.redirect_stderr(_Nowhere()):
        yield

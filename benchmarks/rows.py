"""What a benchmark reports, and how pairs are timed."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from statistics import median

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One figure: `value` is the subject's, `ratio` that divided by the peer's.

    `budget` is the most that `ratio` (without one: `value`) may be, None where nothing was
    promised; `met` follows from it.
    """

    name: str
    case: str
    subject: str
    peer: str | None
    value: float
    unit: str
    ratio: float | None = None
    budget: float | None = None
    met: bool | None = None

    def __post_init__(self) -> None:
        if self.budget is not None:
            judged = self.value if self.ratio is None else self.ratio
            msgspec.structs.force_setattr(self, "met", judged <= self.budget)


class Options(msgspec.Struct, frozen=True):
    """How much to run: `full` includes the cases that take minutes."""

    full: bool = False


Benchmark = Callable[[Options], Iterable[Row]]


def interleaved(
    subject: Callable[[], object], peer: Callable[[], object] | None, *, rounds: int
) -> tuple[float, float | None]:
    """Median seconds of both, run in turn so that a busy moment hits both."""
    ours: list[float] = []
    theirs: list[float] = []
    for _ in range(rounds):
        ours.append(_seconds(subject))
        if peer is not None:
            theirs.append(_seconds(peer))
    return median(ours), median(theirs) if theirs else None


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start

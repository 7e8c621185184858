"""The benchmarks by name: a new one is a module of its own and one line here."""

from __future__ import annotations

from typing import Final

from benchmarks import canvas, layout, record, roundtrip, scaling, seek, startup, step
from benchmarks.rows import Benchmark

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "startup": startup.run,
    "roundtrip": roundtrip.run,
    "record": record.run,
    "layout": layout.run,
    "canvas": canvas.run,
    "step": step.run,
    "seek": seek.run,
    "scaling": scaling.run,
}

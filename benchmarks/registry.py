"""The benchmarks by name: a new one is a module of its own and one line here."""

from __future__ import annotations

from typing import Final

from benchmarks import layout
from benchmarks.rows import Benchmark

BENCHMARKS: Final[dict[str, Benchmark]] = {
    "layout": layout.run,
}

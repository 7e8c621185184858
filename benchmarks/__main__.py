"""Run the benchmarks and print their rows: `python -m benchmarks [--only NAME …] [--full]`."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

import msgspec

from benchmarks.registry import BENCHMARKS
from benchmarks.rows import Options, Row

COLUMNS = ("name", "case", "subject", "peer", "value", "unit", "ratio", "budget", "met")


def main(arguments: list[str] | None = None) -> int:
    """Run what the arguments ask for; 1 where a budget was not met."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=sorted(BENCHMARKS), metavar="NAME")
    parser.add_argument("--json", type=Path, metavar="PATH", help="write the rows there as well")
    parser.add_argument("--full", action="store_true", help="include the cases that take minutes")
    chosen = parser.parse_args(arguments)
    rows: list[Row] = []
    print(_line(COLUMNS))
    for name in chosen.only or BENCHMARKS:
        for row in BENCHMARKS[name](Options(full=chosen.full)):
            rows.append(row)
            print(_line(tuple(_text(getattr(row, column)) for column in COLUMNS)), flush=True)
    if chosen.json is not None:
        chosen.json.write_bytes(msgspec.json.format(msgspec.json.encode(rows)) + b"\n")
    return 1 if any(row.met is False for row in rows) else 0


def _text(value: object) -> str:
    match value:
        case None:
            return "-"
        case bool():
            return "yes" if value else "NO"
        case float():
            return f"{value:.4g}"
        case _:
            return str(value)


def _line(cells: tuple[str, ...]) -> str:
    widths = (8, 22, 10, 8, 10, 10, 8, 8, 4)
    return "  ".join(cell.ljust(width) for cell, width in zip(cells, widths, strict=True)).rstrip()


if __name__ == "__main__":
    sys.exit(main())

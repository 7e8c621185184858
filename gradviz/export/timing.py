"""Write a machine's devices and measured times as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

import msgspec

from gradviz.recording.machine import Machine
from gradviz.recording.sweeps import Crossover, Series, crossovers, sweep_lines
from gradviz.recording.timing import Ceiling, Measurement, TimedPart, Timing
from gradviz.recording.units import format_bytes, format_rate, format_seconds

DEVICES_FORMAT: Final = "gradviz-devices"
TIMING_FORMAT: Final = "gradviz-timing"
FORMAT_VERSION: Final = 1

_MULTIPLICATION: Final = "×"


def machine_to_text(machine: Machine) -> str:
    """The devices as a table, then what is missing and why."""
    rows = [("device", "name", "memory", "free", "capability")]
    rows += [
        (
            device.name,
            device.title,
            format_bytes(device.total_nbytes),
            format_bytes(device.free_nbytes),
            device.capability or "–",
        )
        for device in machine.devices
    ]
    lines = _table(rows, right=(2, 3))
    for missing in machine.missing:
        lines += ["", f"No {missing.kind}: {missing.reason}", f"  {missing.remedy}"]
    about = f"PyTorch {machine.torch} ({machine.build or 'unknown build'}), "
    about += f"Python {machine.python}, {machine.threads} threads"
    if machine.driver:
        about += f", driver {machine.driver}"
    return "\n".join([*lines, "", about, ""])


def machine_to_json(machine: Machine) -> str:
    """The machine as one JSON object with `format` and `version`."""
    return _to_json(DEVICES_FORMAT, msgspec.to_builtins(machine))


def timing_to_text(timing: Timing) -> str:
    """The measurements as a table, then crossovers, ceilings, warnings and what was not timed."""
    table = _columns(timing)
    lines = _table(table.rows, right=table.right) if timing.measurements else []
    lines += [crossover_text(found, timing.sweep) for found in timing_crossovers(timing)]
    lines += [ceiling_text(ceiling) for ceiling in timing.ceilings]
    lines += [
        f"! {measurement.part.value} on {conditions_label(measurement, timing.sweep)}: "
        f"{measurement.warning}"
        for measurement in timing.measurements
        if measurement.warning
    ]
    lines += list(timing.failures)
    if timing.stopped:
        lines.append("Stopped before the end: what was measured until then is above.")
    if not lines:
        lines.append("Nothing was timed.")
    about = ", ".join(part for part in (timing.machine, _torch_name(timing), timing.date) if part)
    lines += ["", about] if about else []
    if timing.allocator and timing.measurements:
        lines.append(f"CPU memory: {timing.allocator}")
    return "\n".join([*lines, ""])


def timing_crossovers(timing: Timing) -> tuple[Crossover, ...]:
    """Where two lines of the timing's sweep cross."""
    return crossovers(sweep_lines(timing.measurements))


def crossover_text(crossover: Crossover, name: str) -> str:
    """`From n = 512 on cuda:0 is faster than cpu (forward).`"""
    winner, loser = (_series_label(s, crossover) for s in (crossover.winner, crossover.loser))
    size = size_label(crossover.size, name)
    return f"From {size} on {winner} is faster than {loser} ({crossover.winner.part.value})."


def _series_label(series: Series, crossover: Crossover) -> str:
    """What distinguishes the two series of a crossover."""
    one, other = crossover.winner, crossover.loser
    words = [series.device] if one.device != other.device else []
    words += [series.dtype or "as written"] if one.dtype != other.dtype else []
    if one.threads != other.threads and one.device == other.device:
        words.append("1 thread" if series.threads == 1 else f"{series.threads} threads")
    return ", ".join(words) or series.device


def size_label(size: int, name: str) -> str:
    """`n = 512` where the number has a name in the text, else the number."""
    return str(size) if not name or name.isdecimal() else f"{name} = {size}"


def ceiling_text(ceiling: Ceiling) -> str:
    """The measured ceilings of a device, in one line."""
    unit = "thread" if ceiling.threads == 1 else "threads"
    where = ", ".join(word for word in (ceiling.device, ceiling.dtype) if word)
    return (
        f"Ceiling of {where}, {ceiling.threads} {unit}: "
        f"copy {format_rate(ceiling.bytes_per_second, 'B/s')}, "
        f"matrix product {format_rate(ceiling.flops_per_second, 'FLOP/s')}"
    )


def timing_to_csv(timing: Timing) -> str:
    """One row for each measurement, seconds throughout, with a header row (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(_CSV_COLUMNS)
    for measurement in timing.measurements:
        writer.writerow(["" if cell is None else cell for cell in _csv_row(measurement)])
    return text.getvalue()


_CSV_COLUMNS: Final = (
    *("part", "line", "end_line", "device", "to_device", "dtype", "threads", "size"),
    *("median_seconds", "iqr_seconds", "first_seconds", "samples", "loops"),
    *("nbytes", "flops", "moved_nbytes", "peak_nbytes", "warning", "text"),
)


def _csv_row(measurement: Measurement) -> tuple[object, ...]:
    return (
        measurement.part.value,
        measurement.line,
        measurement.end_line,
        measurement.device,
        measurement.to_device,
        measurement.dtype,
        measurement.threads,
        measurement.size,
        measurement.median,
        measurement.iqr,
        measurement.first_seconds,
        len(measurement.seconds),
        measurement.loops,
        measurement.nbytes,
        measurement.flops,
        measurement.moved_nbytes,
        measurement.peak_nbytes,
        measurement.warning,
        measurement.text,
    )


def timing_to_json(timing: Timing) -> str:
    """The timing as one JSON object with `format`, `version`, and median and IQR per row."""
    content = msgspec.to_builtins(timing)
    for row, measurement in zip(content["measurements"], timing.measurements, strict=True):
        has_samples = bool(measurement.seconds)
        row["median"] = measurement.median if has_samples else None
        row["iqr"] = measurement.iqr if has_samples else None
    content["crossovers"] = [
        {
            "size": found.size,
            "winner": found.winner._asdict() | {"part": found.winner.part.value},
            "loser": found.loser._asdict() | {"part": found.loser.part.value},
        }
        for found in timing_crossovers(timing)
    ]
    return _to_json(TIMING_FORMAT, content)


class _Columns(NamedTuple):
    rows: list[tuple[str, ...]]
    right: tuple[int, ...]


_Cell = Callable[[Measurement], str]


def _columns(timing: Timing) -> _Columns:
    """The rows of the table, without the columns that no measurement fills."""
    measured = timing.measurements
    columns: list[tuple[str, bool, _Cell]] = [
        ("part", False, lambda m: m.part.value),
        ("line", True, _lines_label),
        ("device", False, device_label),
    ]
    if any(m.dtype for m in measured):
        columns.append(("type", False, lambda m: m.dtype or "–"))
    columns.append(("threads", True, lambda m: str(m.threads)))
    if any(m.size is not None for m in measured):
        name = timing.sweep if not timing.sweep.isdecimal() else "size"
        columns.append((name or "size", True, lambda m: "–" if m.size is None else str(m.size)))
    columns += [
        ("median", True, lambda m: format_seconds(m.median)),
        ("IQR", True, lambda m: format_seconds(m.iqr) + (" !" if m.warning else "")),
        ("samples", True, lambda m: f"{len(m.seconds)} {_MULTIPLICATION} {m.loops}"),
        ("first", True, lambda m: format_seconds(m.first_seconds)),
    ]
    if any(m.bytes_per_second for m in measured):
        columns.append(("traffic", True, lambda m: format_rate(m.bytes_per_second, "B/s")))
    if any(m.flops_per_second for m in measured):
        columns.append(("arithmetic", True, lambda m: format_rate(m.flops_per_second, "FLOP/s")))
    columns.append(("what", False, _one_line))
    rows = [tuple(title for title, _, _ in columns)]
    rows += [tuple(cell(m) for _, _, cell in columns) for m in measured]
    right = tuple(i for i, (_, is_right, _) in enumerate(columns) if is_right)
    return _Columns(rows, right)


def _lines_label(measurement: Measurement) -> str:
    if measurement.line is None:
        return "–"
    end = measurement.end_line
    if end is None or end == measurement.line:
        return str(measurement.line)
    return f"{measurement.line}–{end}"


def conditions_label(measurement: Measurement, name: str) -> str:
    """Under which conditions it was timed: `cpu, float64, n = 512`."""
    words = [device_label(measurement), measurement.dtype]
    if measurement.size is not None:
        words.append(size_label(measurement.size, name))
    return ", ".join(word for word in words if word)


def device_label(measurement: Measurement) -> str:
    """Where it was timed: `cuda:0`, or `cpu → cuda:0` for a transfer."""
    if measurement.part is TimedPart.TRANSFER:
        return f"{measurement.device} → {measurement.to_device}"
    return measurement.device


def _one_line(measurement: Measurement) -> str:
    if measurement.part is TimedPart.TRANSFER:
        return format_bytes(measurement.nbytes)
    lines = measurement.text.strip().splitlines()
    first = lines[0] if lines else ""
    shortened = first if len(first) <= 48 else first[:47] + "…"
    return shortened if len(lines) <= 1 else f"{shortened} … ({len(lines)} lines)"


def _torch_name(timing: Timing) -> str:
    return f"PyTorch {timing.torch}" if timing.torch else ""


def _table(rows: Sequence[tuple[str, ...]], *, right: tuple[int, ...]) -> list[str]:
    widths = [max(len(row[column]) for row in rows) for column in range(len(rows[0]))]
    lines = []
    for row in rows:
        cells = [
            cell.rjust(width) if column in right else cell.ljust(width)
            for column, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        lines.append("  ".join(cells).rstrip())
    return lines


def _to_json(name: str, content: dict[str, object]) -> str:
    return json.dumps(
        {"format": name, "version": FORMAT_VERSION, **content}, indent=1, ensure_ascii=False
    )

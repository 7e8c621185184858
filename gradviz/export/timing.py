"""Write a machine's devices and measured times as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json
import math
from collections.abc import Sequence
from typing import Final

import msgspec

from gradviz.recording.machine import Machine
from gradviz.recording.timing import Measurement, TimedPart, Timing

DEVICES_FORMAT: Final = "gradviz-devices"
TIMING_FORMAT: Final = "gradviz-timing"
FORMAT_VERSION: Final = 1

_SECONDS_UNITS: Final = ((1.0, "s"), (1e-3, "ms"), (1e-6, "µs"), (1e-9, "ns"))
_BYTES_UNITS: Final = ((1 << 40, "TiB"), (1 << 30, "GiB"), (1 << 20, "MiB"), (1 << 10, "KiB"))
_MULTIPLICATION: Final = "×"


def format_seconds(seconds: float | None) -> str:
    """A time with three significant digits in a readable unit: `12.3 µs`."""
    if seconds is None or math.isnan(seconds):
        return "–"
    if seconds == 0:
        return "0 s"
    # 0.9995 ms would be written as 1,000 µs, so that the unit is chosen after rounding.
    rounded = float(f"{seconds:.3g}")
    scale, unit = next(
        (pair for pair in _SECONDS_UNITS if abs(rounded) >= pair[0]), _SECONDS_UNITS[-1]
    )
    return f"{_three_digits(seconds / scale)} {unit}"


def format_bytes(nbytes: int | None) -> str:
    """An amount of memory in a readable binary unit: `381 MiB`."""
    if nbytes is None:
        return "–"
    for scale, unit in _BYTES_UNITS:
        if nbytes >= scale:
            return f"{_three_digits(nbytes / scale)} {unit}"
    return f"{nbytes} B"


def _three_digits(number: float) -> str:
    magnitude = abs(float(f"{number:.3g}"))
    if magnitude >= 100:
        return f"{number:.0f}"
    return f"{number:.1f}" if magnitude >= 10 else f"{number:.2f}"


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
    """The measurements as a table, then warnings and what could not be timed."""
    rows = [("part", "line", "device", "threads", "median", "IQR", "samples", "first", "what")]
    rows.extend(_timing_row(measurement) for measurement in timing.measurements)
    lines = _table(rows, right=(1, 3, 4, 5, 6, 7)) if timing.measurements else []
    lines += [
        f"! {measurement.part.value} on {device_label(measurement)}: {measurement.warning}"
        for measurement in timing.measurements
        if measurement.warning
    ]
    lines += list(timing.failures)
    if timing.stopped:
        lines.append("Stopped before the end: what was measured until then is above.")
    if not lines:
        lines.append("Nothing was timed.")
    about = ", ".join(part for part in (timing.machine, _torch_name(timing), timing.date) if part)
    return "\n".join([*lines, "", about, ""]) if about else "\n".join([*lines, ""])


def timing_to_csv(timing: Timing) -> str:
    """One row for each measurement, seconds throughout, with a header row (RFC 4180)."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(
        (
            "part",
            "line",
            "device",
            "to_device",
            "threads",
            "median_seconds",
            "iqr_seconds",
            "first_seconds",
            "samples",
            "loops",
            "nbytes",
            "warning",
            "text",
        )
    )
    for measurement in timing.measurements:
        writer.writerow(
            (
                measurement.part.value,
                "" if measurement.line is None else measurement.line,
                measurement.device,
                measurement.to_device,
                measurement.threads,
                measurement.median,
                measurement.iqr,
                "" if measurement.first_seconds is None else measurement.first_seconds,
                len(measurement.seconds),
                measurement.loops,
                measurement.nbytes,
                measurement.warning,
                measurement.text,
            )
        )
    return text.getvalue()


def timing_to_json(timing: Timing) -> str:
    """The timing as one JSON object with `format`, `version`, and median and IQR per row."""
    content = msgspec.to_builtins(timing)
    for row, measurement in zip(content["measurements"], timing.measurements, strict=True):
        has_samples = bool(measurement.seconds)
        row["median"] = measurement.median if has_samples else None
        row["iqr"] = measurement.iqr if has_samples else None
    return _to_json(TIMING_FORMAT, content)


def _timing_row(measurement: Measurement) -> tuple[str, str, str, str, str, str, str, str, str]:
    return (
        measurement.part.value,
        "–" if measurement.line is None else str(measurement.line),
        device_label(measurement),
        str(measurement.threads),
        format_seconds(measurement.median),
        format_seconds(measurement.iqr) + (" !" if measurement.warning else ""),
        f"{len(measurement.seconds)} {_MULTIPLICATION} {measurement.loops}",
        format_seconds(measurement.first_seconds),
        _one_line(measurement),
    )


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

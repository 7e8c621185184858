"""How measurements are called and told in the panel, in the person's language."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final, assert_never

from PySide6.QtCore import QCoreApplication, QDateTime, QLocale, QObject, Qt

from gradviz.export.timing import device_label, size_label
from gradviz.gui.sentences import in_language
from gradviz.recording.sweeps import Series
from gradviz.recording.timing import AS_PLACED, Measurement, TimedPart, Timing
from gradviz.recording.units import format_bytes, format_rate, format_seconds

WARNING_SIGN = "⚠"


class TimingCounts(QObject):
    """Sentences with a number; only of `tr` does lupdate see that they have one."""

    def threads(self, count: int) -> str:
        """`2 threads`."""
        return self.tr("%Ln threads", "", count)

    def samples(self, count: int) -> str:
        """To be filled with median and IQR."""
        return self.tr("Median {median}, IQR {iqr}, %Ln samples", "", count)


_COUNTS: Final = TimingCounts()


def part_title(part: TimedPart) -> str:
    """What a part is called."""
    match part:
        case TimedPart.STATEMENT:
            return QCoreApplication.translate("timing", "Statement")
        case TimedPart.LINES:
            return QCoreApplication.translate("timing", "Lines")
        case TimedPart.FORWARD:
            return QCoreApplication.translate("timing", "Forward")
        case TimedPart.BACKWARD:
            return QCoreApplication.translate("timing", "Backward")
        case TimedPart.STEP:
            return QCoreApplication.translate("timing", "Optimizer step")
        case TimedPart.TRANSFER:
            return QCoreApplication.translate("timing", "Transfer")
        case TimedPart.OP:
            return QCoreApplication.translate("timing", "Op")
        case TimedPart.OP_BACKWARD:
            return QCoreApplication.translate("timing", "Op backward")
        case _:
            assert_never(part)


def dtype_title(dtype: str) -> str:
    """A type, or that it is the text's own."""
    return dtype or QCoreApplication.translate("timing", "as written")


def device_title(device: str) -> str:
    """A device, or that the text decides."""
    if device == AS_PLACED:
        return QCoreApplication.translate("timing", "as placed")
    return device


def where_title(measurement: Measurement) -> str:
    """Where it was timed; of a transfer from where to where."""
    if measurement.part is TimedPart.TRANSFER:
        return device_label(measurement)
    return device_title(measurement.device)


def threads_title(threads: int) -> str:
    """`2 threads`."""
    return _COUNTS.threads(threads)


def differing(measurements: Iterable[Measurement]) -> frozenset[str]:
    """Which conditions tell these measurements apart: `device`, `dtype`, `threads`, `size`."""
    found: dict[str, set[object]] = {
        "device": set(),
        "dtype": set(),
        "threads": set(),
        "size": set(),
    }
    for measurement in measurements:
        for name, values in found.items():
            values.add(getattr(measurement, name))
    return frozenset(name for name, values in found.items() if len(values) > 1)


def conditions_title(measurement: Measurement, shown: frozenset[str], sweep: str) -> str:
    """Those conditions that tell measurements apart, the device where there is none."""
    is_transfer = measurement.part is TimedPart.TRANSFER
    words = [where_title(measurement)] if "device" in shown or is_transfer else []
    if "dtype" in shown:
        words.append(dtype_title(measurement.dtype))
    if "threads" in shown:
        words.append(threads_title(measurement.threads))
    if "size" in shown and measurement.size is not None:
        words.append(size_label(measurement.size, sweep))
    return " · ".join(words) or where_title(measurement)


def series_title(series: Series, shown: frozenset[str]) -> str:
    """The conditions of a line of a sweep, as far as they tell lines apart."""
    words = [device_title(series.device)] if "device" in shown else []
    if series.to_device:
        words = [f"{series.device} → {series.to_device}"]
    if "dtype" in shown:
        words.append(dtype_title(series.dtype))
    if "threads" in shown:
        words.append(threads_title(series.threads))
    return " · ".join(words) or device_title(series.device)


def measurement_help(measurement: Measurement, name: str = "", sweep: str = "") -> str:
    """All numbers of a measurement, for the pointer."""
    everything = frozenset({"device", "dtype", "threads", "size"})
    title = name or part_title(measurement.part)
    lines = [
        f"{title} · {conditions_title(measurement, everything, sweep)}",
        _COUNTS.samples(len(measurement.seconds)).format(
            median=format_seconds(measurement.median), iqr=format_seconds(measurement.iqr)
        ),
    ]
    if measurement.first_seconds is not None:
        first = QCoreApplication.translate("timing", "First time {}")
        lines.append(first.format(format_seconds(measurement.first_seconds)))
    rates = [
        format_rate(rate, unit)
        for rate, unit in (
            (measurement.bytes_per_second, "B/s"),
            (measurement.flops_per_second, "FLOP/s"),
        )
        if rate
    ]
    if rates:
        lines.append(", ".join(rates))
    if measurement.peak_nbytes is not None:
        peak = QCoreApplication.translate("timing", "At most {} on the device")
        lines.append(peak.format(format_bytes(measurement.peak_nbytes)))
    if measurement.warning:
        lines.append(f"{WARNING_SIGN} {in_language(measurement.warning)}")
    return "\n".join(lines)


def about_timing(timing: Timing) -> str:
    """What the figures hold for: machine, PyTorch, date."""
    moment = QDateTime.fromString(timing.date, Qt.DateFormat.ISODate)
    torch = QCoreApplication.translate("timing", "PyTorch {}").format(timing.torch)
    about = (
        timing.machine,
        torch if timing.torch else "",
        QLocale().toString(moment, QLocale.FormatType.ShortFormat) if moment.isValid() else "",
    )
    return " · ".join(part for part in about if part)


def about_memory(timing: Timing) -> str:
    """How the engine had the CPU's memory, for those who time the same elsewhere."""
    if not timing.allocator:
        return ""
    sentence = QCoreApplication.translate(
        "timing",
        "The engine keeps freed memory for the next tensor, as runs have it, too. A script of your "
        "own agrees where it is started with\n{}",
    )
    return sentence.format(timing.allocator)

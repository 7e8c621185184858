from __future__ import annotations

import pytest

from gradviz.recording.units import format_bytes, format_rate, format_seconds


@pytest.mark.parametrize(
    ("seconds", "text"),
    [
        (0.0, "0 s"),
        (1.5e-8, "15.0 ns"),
        (9.9996e-4, "1.00 ms"),
        (1.234e-5, "12.3 µs"),
        (0.123456, "123 ms"),
        (61.0, "61.0 s"),
        (float("nan"), "–"),
        (None, "–"),
    ],
)
def test_times_have_three_digits_in_a_readable_unit(seconds: float | None, text: str) -> None:
    assert format_seconds(seconds) == text


@pytest.mark.parametrize(
    ("nbytes", "text"),
    [(None, "–"), (0, "0 B"), (1023, "1023 B"), (1024, "1.00 KiB"), (400_000_000, "381 MiB")],
)
def test_bytes_are_written_in_binary_units(nbytes: int | None, text: str) -> None:
    assert format_bytes(nbytes) == text


@pytest.mark.parametrize(
    ("rate", "text"), [(None, "–"), (999.0, "999 B/s"), (9.996e8, "1.00 GB/s"), (2e13, "20.0 TB/s")]
)
def test_rates_are_written_in_decimal_units(rate: float | None, text: str) -> None:
    assert format_rate(rate, "B/s") == text

"""Write numbers, values and shapes of a recording as short texts, the same in every panel."""

from __future__ import annotations

import math
import re
from typing import Any, Final

import numpy as np

from gradviz.errors import GradvizError
from gradviz.recording.model import Location, Value
from gradviz.recording.statistics import statistics_of

SIGNIFICANT_DIGITS: Final = 4
WRITTEN_OUT_BELOW: Final = 1e6
"""Larger numbers get an exponent; up to here a reader still takes them in at a glance."""

_BINS: Final = 5
BARS: Final = "▁▂▃▄▅▆▇█"
"""What histograms are written with, from nothing to the most."""


def format_number(number: complex | np.generic) -> str:
    """Four significant digits without noise: `3`, `0.3333`, `1.2e-5`, `nan`, `-inf`, `1+2j`."""
    if isinstance(number, np.generic):
        number = number.item()
    if isinstance(number, int):
        return str(number)
    if isinstance(number, complex):
        sign = "-" if math.copysign(1.0, number.imag) < 0 else "+"
        return f"{_format_real(number.real)}{sign}{_format_real(abs(number.imag))}j"
    return _format_real(float(number))


def _format_real(number: float) -> str:
    if not math.isfinite(number):
        return str(number)
    if number == 0:
        return "0"
    size = abs(number)
    if size < WRITTEN_OUT_BELOW and (size >= 10**SIGNIFICANT_DIGITS or number.is_integer()):
        return f"{number:.0f}"
    text = f"{number:.{SIGNIFICANT_DIGITS}g}"
    mantissa, _, exponent = text.partition("e")
    return f"{mantissa}e{int(exponent)}" if exponent else mantissa


def format_elements(array: np.ndarray[Any, Any]) -> str:
    """All elements as nested lists, a single number for a scalar."""
    return _format_nested(array.tolist())


def _format_nested(elements: Any) -> str:
    if isinstance(elements, list):
        return f"[{', '.join(_format_nested(element) for element in elements)}]"
    return format_number(elements)


def elements_of(value: Value) -> np.ndarray[Any, Any] | None:
    """The kept elements (shape `kept_shape`), None where nothing usable was kept."""
    if value.data is None:
        return None
    storage = np.dtype(value.storage)
    if len(value.data) != storage.itemsize * math.prod(value.kept_shape):
        return None
    return np.frombuffer(value.data, storage).reshape(value.kept_shape)


def format_value(value: Value | None, max_elements: int = 4) -> str | None:
    """All elements of a value, None where there are more than `max_elements` or not all kept."""
    if value is None or not value.is_whole or value.numel > max_elements:
        return None
    elements = elements_of(value)
    return None if elements is None else format_elements(elements)


def format_norm(value: Value | None, symbol: str = "g") -> str | None:
    """`‖g‖ = 0.5`, the Euclidean norm of a gradient (`g`); None where there is none.

    Elements that are not finite are named instead of being left out silently.
    """
    if value is None:
        return None
    try:
        statistics = statistics_of(value)
    except GradvizError:  # a record that contradicts itself has no norm to show
        return None
    if statistics is None:
        return None
    if statistics.nan:
        return f"{statistics.nan} × nan"
    if statistics.inf:
        return f"{statistics.inf} × inf"
    return None if statistics.norm is None else f"‖{symbol}‖ = {format_number(statistics.norm)}"


def format_histogram(value: Value | None) -> str:
    """How a value's elements are spread from the least to the greatest: `▁▂█▃▁`.

    Empty where not every element was kept, one is not finite, or all are equal.
    """
    elements = elements_of(value) if value is not None and value.is_whole else None
    if elements is None or elements.size < 2 or elements.dtype.kind == "c":
        return ""
    numbers = elements.astype(np.float64).reshape(-1)
    if not np.isfinite(numbers).all() or numbers.min() == numbers.max():
        return ""
    counts, _ = np.histogram(numbers, _BINS)
    # What is not empty stands out from what is.
    heights = np.where(counts, 1 + counts * (len(BARS) - 2) // counts.max(), 0)
    return "".join(BARS[height] for height in heights)


def format_place(location: Location | None) -> str:
    """`12`, or `model.py:12` in another file than the recording's text; empty for no place."""
    if location is None:
        return ""
    name = re.split(r"[/\\]", location.file)[-1]
    return f"{name}:{location.line}" if name else str(location.line)


def format_shape(shape: tuple[int, ...]) -> str:
    """`5×3`; `(5,)` for a vector, which would read as a value otherwise; `()` for a scalar."""
    return "×".join(str(size) for size in shape) if len(shape) > 1 else str(shape)

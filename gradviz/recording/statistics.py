"""Summarise a value's elements."""

from __future__ import annotations

from typing import Any

import numpy as np

from gradviz.recording.model import Statistics, Value
from gradviz.recording.values import to_array


def statistics_of(value: Value) -> Statistics | None:
    """The statistics of all elements, None where neither they nor all elements were kept.

    The recorder leaves them out where every element is there to be asked: most values are
    never looked at.

    Raises `GradvizError` where the record contradicts itself.
    """
    if value.statistics is not None or not value.is_whole:
        return value.statistics
    return summarise(to_array(value))


def summarise(array: np.ndarray[Any, Any]) -> Statistics:
    """Statistics of an array's elements, as `Statistics` defines them."""
    if array.dtype.kind == "c":
        array = np.abs(array.astype(np.complex128))
    elements = array.astype(np.float64, copy=False).reshape(-1)
    finite = np.isfinite(elements)
    nan = inf = 0
    if not finite.all():
        nan = int(np.isnan(elements).sum())
        inf = int(np.isinf(elements).sum())
        elements = elements[finite]
    if not elements.size:
        return Statistics(None, None, None, None, None, 0, nan, inf)
    return Statistics(
        min=float(elements.min()),
        max=float(elements.max()),
        mean=float(elements.mean()),
        std=float(elements.std()),
        norm=float(np.linalg.norm(elements)),
        zeros=int(elements.size - np.count_nonzero(elements)),
        nan=nan,
        inf=inf,
    )

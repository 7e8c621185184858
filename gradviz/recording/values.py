"""Turn the kept bytes of a value into a numpy array, never beyond what the bytes hold."""

from __future__ import annotations

import math
from typing import Any

import numpy as np

from gradviz.errors import GradvizError
from gradviz.recording.model import Value


def to_array(value: Value) -> np.ndarray[Any, Any]:
    """The kept elements, of shape `value.kept_shape`, read-only.

    Raises `GradvizError` where nothing was kept or the record contradicts itself.
    """
    if value.data is None:
        raise GradvizError("The elements of this tensor were not kept.")
    return decode(value.data, value.storage, value.kept_shape)


def decode(data: bytes, storage: str, shape: tuple[int, ...]) -> np.ndarray[Any, Any]:
    """Elements of numpy type `storage` in C order, read-only.

    Raises `GradvizError` where the type is not a plain number or sizes do not agree.
    """
    try:
        element = np.dtype(storage)
    except (TypeError, ValueError, SyntaxError) as error:
        raise GradvizError(f"Unknown element type {storage!r}.") from error
    if element.kind not in "biufc" or any(size < 0 for size in shape):
        raise GradvizError(f"Elements of type {storage!r} cannot be shown.")
    expected = element.itemsize * math.prod(shape)
    if len(data) != expected:
        raise GradvizError(
            f"A tensor of shape {shape} needs {expected} bytes, but {len(data)} were kept."
        )
    return np.frombuffer(data, element).reshape(shape)


def to_number(value: Value | None) -> float | None:
    """The one element of a real value that has exactly one, else None."""
    if value is None or value.numel != 1 or not value.is_whole:
        return None
    array = to_array(value)
    return None if array.dtype.kind == "c" else float(array.reshape(()))


def contiguous_strides(shape: tuple[int, ...]) -> tuple[int, ...]:
    """How many elements lie between neighbours along each dimension, in C order."""
    strides: list[int] = []
    step = 1
    for size in reversed(shape):
        strides.append(step)
        step *= max(size, 1)
    return tuple(reversed(strides))

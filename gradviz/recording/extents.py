"""Find how far two tensors of one shape are apart: how many elements, how much, and where."""

from __future__ import annotations

import numpy as np

from gradviz.errors import GradvizError
from gradviz.recording.extent import Extent
from gradviz.recording.model import Value
from gradviz.recording.values import to_array


def extent_between(before: Value, after: Value) -> Extent | None:
    """How far two values are apart; None where they were not kept whole or have other shapes."""
    if not (before.is_whole and after.is_whole) or before.shape != after.shape:
        return None
    try:
        first, second = to_array(before), to_array(after)
    except GradvizError:  # a file may contradict itself
        return None
    differs = (first != second) & ~((first != first) & (second != second))
    differing = int(differs.sum())
    if not differing:
        return Extent(
            before=before.id, after=after.id, numel=first.size, differing=0, largest=0.0, at=()
        )
    wide = np.complex128 if first.dtype.kind == "c" else np.float64
    with np.errstate(all="ignore"):
        gap = second.astype(wide) - first.astype(wide)
    size = np.where(differs, np.abs(gap), -1.0)
    place = np.unravel_index(int(np.argmax(np.where(np.isnan(size), np.inf, size))), first.shape)
    largest = gap[place]
    return Extent(
        before=before.id,
        after=after.id,
        numel=first.size,
        differing=differing,
        largest=float(np.abs(largest) if gap.dtype.kind == "c" else largest),
        at=tuple(int(one) for one in place),
    )

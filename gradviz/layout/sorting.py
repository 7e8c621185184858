"""Sort whole numbers faster than numpy's argsort does, and find equal ones side by side."""

from __future__ import annotations

from typing import Any, Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.intp]

BITS: Final = 62
"""Of a number, that may be used."""


def stable_order(keys: npt.NDArray[np.signedinteger[Any]]) -> Ints:
    """Where the smallest key stands, the next one, and so on; equal ones in the order they have.

    Each is sorted with its place in its last bits, which takes a fraction of the time, where there
    are bits enough.
    """
    bits = len(keys).bit_length()
    if len(keys) and int(np.abs(keys).max()).bit_length() + bits > BITS:
        return np.argsort(keys, kind="stable")
    packed = keys.astype(np.intp) << bits
    packed += np.arange(len(keys))
    packed.sort()
    packed &= (1 << bits) - 1
    return packed


def run_starts(keys: npt.NDArray[np.signedinteger[Any]]) -> Ints:
    """Where another number begins than the one before it."""
    is_start = np.ones(len(keys), dtype=np.bool_)
    np.not_equal(keys[1:], keys[:-1], out=is_start[1:])
    return np.flatnonzero(is_start)

"""Match the records of two sequences in order: as many as possible, by one key after the other."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from difflib import SequenceMatcher
from typing import Final, TypeVar

import numpy as np

_Record = TypeVar("_Record")
Places = list[tuple[int, int]]

_MAX_CELLS: Final = 40_000_000
"""Pairs of keys up to which the most matches are found; of more, many."""


def matched(
    first: Sequence[_Record],
    second: Sequence[_Record],
    first_keys: Sequence[Callable[[_Record], Hashable]],
    second_keys: Sequence[Callable[[_Record], Hashable]],
) -> Places:
    """Places of records with equal keys, in order; a later key is for what an earlier one left."""
    places: Places = []
    for first_key, second_key in zip(first_keys, second_keys, strict=True):
        of_first = [first_key(record) for record in first]
        of_second = [second_key(record) for record in second]
        found: Places = []
        start, other_start = 0, 0
        for i, j in [*places, (len(first), len(second))]:
            if start < i and other_start < j:
                gap = _in_order(of_first[start:i], of_second[other_start:j])
                found.extend((start + one, other_start + other) for one, other in gap)
            found.append((i, j))
            start, other_start = i + 1, j + 1
        places = found[:-1]
    return places


def unmatched(
    first: Sequence[_Record], second: Sequence[_Record], places: Places
) -> tuple[list[_Record], list[_Record]]:
    """The records of either sequence that have no place."""
    known, other_known = {i for i, _ in places}, {j for _, j in places}
    return (
        [record for i, record in enumerate(first) if i not in known],
        [record for j, record in enumerate(second) if j not in other_known],
    )


def common_start(
    first: Iterable[_Record], second: Iterable[_Record], is_same: Callable[[_Record, _Record], bool]
) -> int:
    """How many records at the beginning of both are the same."""
    count = 0
    for one, other in zip(first, second, strict=False):
        if not is_same(one, other):
            break
        count += 1
    return count


def _in_order(first: Sequence[Hashable], second: Sequence[Hashable]) -> Iterator[tuple[int, int]]:
    start = common_start(first, second, lambda one, other: one == other)
    rest, other_rest = first[start:], second[start:]
    end = common_start(reversed(rest), reversed(other_rest), lambda one, other: one == other)
    rest, other_rest = rest[: len(rest) - end], other_rest[: len(other_rest) - end]
    yield from ((i, i) for i in range(start))
    if rest and other_rest:
        most = len(rest) * len(other_rest) <= _MAX_CELLS
        find = _longest if most else _counted_alike
        yield from ((start + i, start + j) for i, j in find(rest, other_rest))
    yield from ((len(first) - i, len(second) - i) for i in range(end, 0, -1))


def _longest(first: Sequence[Hashable], second: Sequence[Hashable]) -> Places:
    """The longest common subsequence."""
    codes: dict[Hashable, int] = {}
    one, other = (
        np.array([codes.setdefault(key, len(codes)) for key in keys]) for keys in (first, second)
    )
    # lengths[i, j] is that of the first i and the first j; the shorter of both is below 2**15.
    lengths = np.zeros((len(one) + 1, len(other) + 1), np.int16)
    for i, code in enumerate(one):
        with_this = np.maximum(lengths[i, 1:], lengths[i, :-1] + (other == code))
        np.maximum.accumulate(with_this, out=lengths[i + 1, 1:])
    places: Places = []
    i, j = len(one), len(other)
    while lengths[i, j]:
        if lengths[i - 1, j] == lengths[i, j]:
            i -= 1
        elif lengths[i, j - 1] == lengths[i, j]:
            j -= 1
        else:
            i, j = i - 1, j - 1
            places.append((i, j))
    return places[::-1]


def _counted_alike(first: Sequence[Hashable], second: Sequence[Hashable]) -> Places:
    """Long common pieces, where the n-th of equal keys only matches the n-th: fast at any size."""
    matcher = SequenceMatcher(None, _counted(first), _counted(second), autojunk=False)
    return [
        (start + offset, other_start + offset)
        for start, other_start, size in matcher.get_matching_blocks()
        for offset in range(size)
    ]


def _counted(keys: Iterable[Hashable]) -> list[tuple[Hashable, int]]:
    counts: Counter[Hashable] = Counter()
    counted = []
    for key in keys:
        counted.append((key, counts[key]))
        counts[key] += 1
    return counted

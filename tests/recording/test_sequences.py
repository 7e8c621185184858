"""As many records as possible are matched in order, and long runs in little time."""

from __future__ import annotations

import random
from itertools import pairwise

import pytest

from gradviz.recording import sequences
from gradviz.recording.sequences import matched, unmatched


def match(first: str, second: str) -> list[tuple[int, int]]:
    return matched(first, second, [str], [str])


def longest(first: str, second: str) -> int:
    """The length of the longest common subsequence, by the textbook."""
    lengths = [0] * (len(second) + 1)
    for one in first:
        above = lengths
        lengths = [0]
        for j, other in enumerate(second):
            lengths.append(above[j] + 1 if one == other else max(above[j + 1], lengths[j]))
    return lengths[-1]


@pytest.mark.parametrize("seed", range(30))
def test_no_more_could_be_matched(seed: int) -> None:
    source = random.Random(seed)
    first, second = ("".join(source.choices("abc", k=source.randrange(12))) for _ in range(2))
    places = match(first, second)
    assert all(first[i] == second[j] for i, j in places)
    assert places == sorted(set(places))
    assert all(a < c and b < d for (a, b), (c, d) in pairwise(places))
    assert len(places) == longest(first, second)


def test_a_later_key_is_for_what_an_earlier_one_left_between_matches() -> None:
    first, second = ["aX", "b1", "cX"], ["aX", "b2", "cX", "b3"]
    keys = [str, lambda text: text[0]]
    assert matched(first, second, keys, keys) == [(0, 0), (1, 1), (2, 2)]
    assert unmatched(first, second, [(0, 0), (1, 1), (2, 2)]) == ([], ["b3"])


def test_very_long_runs_are_matched_round_by_round(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sequences, "_MAX_CELLS", 0)
    first, second = "abcd" * 50, "abxcd" * 50
    places = match(first, second)
    assert len(places) == 200
    assert places[100] == (100, 125)

"""Statistics of kept elements."""

from __future__ import annotations

import math

import msgspec
import numpy as np

from gradviz.recording.model import Statistics
from gradviz.recording.statistics import statistics_of, summarise
from tests.builders import make_value


def test_statistics_are_computed_from_the_elements_where_all_are_kept() -> None:
    value = make_value(0, [3.0, -4.0, 0.0, 0.0])
    asked = statistics_of(msgspec.structs.replace(value, statistics=None))
    assert asked == value.statistics
    assert asked is not None
    assert (asked.norm, asked.zeros) == (5.0, 2)


def test_a_corner_says_nothing_about_the_whole() -> None:
    corner = msgspec.structs.replace(make_value(0, [1.0, 2.0]), shape=(9,), statistics=None)
    assert statistics_of(corner) is None


def test_only_finite_elements_count_and_the_others_are_counted() -> None:
    found = summarise(np.array([1.0, math.nan, math.inf, -math.inf, 3.0], "<f4"))
    assert (found.mean, found.nan, found.inf) == (2.0, 1, 2)
    nothing = summarise(np.array([math.nan], "<f4"))
    assert nothing == Statistics(None, None, None, None, None, 0, 1, 0)


def test_complex_elements_count_by_their_absolute_values() -> None:
    assert summarise(np.array([3 + 4j], "<c8")).norm == 5.0

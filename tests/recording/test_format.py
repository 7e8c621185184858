from __future__ import annotations

import math

import msgspec
import numpy as np
import pytest

from gradviz.recording.format import (
    elements_of,
    format_histogram,
    format_norm,
    format_number,
    format_place,
    format_shape,
    format_value,
)
from gradviz.recording.model import Location
from tests.builders import make_value


@pytest.mark.parametrize(
    ("number", "text"),
    [
        (3.0, "3"),
        (3, "3"),
        (True, "True"),
        (np.bool_(False), "False"),
        (np.int64(123456789), "123456789"),
        (np.float32(0.1), "0.1"),
        (1 / 3, "0.3333"),
        (2 / 3, "0.6667"),
        (-0.0, "0"),
        (1234.5, "1234"),
        (12345.6, "12346"),
        (123456.0, "123456"),
        (1e6, "1e6"),
        (-2.5e10, "-2.5e10"),
        (1.2345678e-5, "1.235e-5"),
        (0.0001, "0.0001"),
        (math.nan, "nan"),
        (math.inf, "inf"),
        (-math.inf, "-inf"),
        (1 + 2j, "1+2j"),
        (complex(0.5, -1 / 3), "0.5-0.3333j"),
    ],
)
def test_numbers_have_four_significant_digits_and_no_noise(number: complex, text: str) -> None:
    assert format_number(number) == text


def test_a_scalar_is_a_number_and_a_matrix_is_nested_lists() -> None:
    assert format_value(make_value(0, 3.0)) == "3"
    assert format_value(make_value(0, [1.0, 2.5])) == "[1, 2.5]"
    assert format_value(make_value(0, np.eye(2))) == "[[1, 0], [0, 1]]"
    assert format_value(make_value(0, np.zeros((0, 3)))) == "[]"


def test_a_value_with_too_many_elements_is_not_written() -> None:
    assert format_value(make_value(0, np.zeros(5))) is None
    assert format_value(make_value(0, np.zeros(5)), max_elements=5) == "[0, 0, 0, 0, 0]"
    assert format_value(None) is None


def test_a_value_that_was_kept_in_part_is_not_written_as_if_it_were_whole() -> None:
    corner = msgspec.structs.replace(make_value(0, [1.0, 2.0]), shape=(3,))
    assert format_value(corner) is None
    assert elements_of(corner).tolist() == [1.0, 2.0]


def test_damaged_data_is_no_value() -> None:
    assert elements_of(msgspec.structs.replace(make_value(0, 1.0), data=b"123")) is None
    assert elements_of(msgspec.structs.replace(make_value(0, 1.0), data=None)) is None


def test_a_norm_names_what_is_not_finite() -> None:
    assert format_norm(make_value(0, [3.0, 4.0])) == "‖g‖ = 5"
    assert format_norm(make_value(0, [3.0, math.nan])) == "1 × nan"
    assert format_norm(make_value(0, [math.inf, -math.inf])) == "2 × inf"
    assert format_norm(make_value(0, np.zeros((0,)))) in (None, "‖g‖ = 0")
    assert format_norm(None) is None


def test_shapes_are_products() -> None:
    assert format_shape((5, 3)) == "5×3"
    assert format_shape((5,)) == "(5,)"
    assert format_shape(()) == "()"
    assert format_shape((0, 3)) == "0×3"


def test_a_place_names_its_file_only_where_that_is_another() -> None:
    assert format_place(None) == ""
    assert format_place(Location(12, 0, 12, 5)) == "12"
    assert format_place(Location(12, 0, 12, 5, "/home/me/model.py")) == "model.py:12"
    assert format_place(Location(12, 0, 12, 5, "C:\\me\\model.py")) == "model.py:12"


def test_a_histogram_shows_where_elements_are() -> None:
    two_heaps = np.array([0.0] * 30 + [7.0] * 10, np.float32)
    assert format_histogram(make_value(0, two_heaps)) == "█▁▁▁▄"
    rising = np.repeat(np.arange(5.0, dtype=np.float32), [1, 2, 3, 4, 60])
    drawn = format_histogram(make_value(0, rising))
    assert list(drawn) == sorted(drawn)
    assert "▁" not in drawn


@pytest.mark.parametrize("elements", [[1.0], [2.0] * 9, [1.0, math.nan, 3.0], [1.0, math.inf, 3.0]])
def test_there_is_no_histogram_of_what_has_no_spread(elements: list[float]) -> None:
    assert format_histogram(make_value(0, np.array(elements))) == ""


def test_a_corner_of_a_tensor_has_no_histogram() -> None:
    whole = make_value(0, np.arange(100.0, dtype=np.float32))
    corner = msgspec.structs.replace(whole, shape=(1000,))
    assert format_histogram(corner) == ""
    assert format_histogram(None) == ""

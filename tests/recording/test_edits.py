"""What a person types to give a tensor another value."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.recording.edits import (
    MAX_CHARACTERS,
    UnusableEditError,
    edited,
    element_edit,
    problem_of,
)

_NO_VALUE = "That is not a value. Type one such as 0, -value, value + 0.1 or value[0] = 5."
_NO_INDEX = "An index is a whole number, a slice such as 1:3, or several of them."
_TOO_LARGE = "That is too large or too small for the type of the tensor."
OLD = np.arange(6, dtype=np.float32).reshape(2, 3)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0", np.zeros((2, 3))),
        ("2*value", 2 * OLD),
        ("value + 0.1", (OLD + 0.1).astype(np.float32)),
        ("w^2", OLD**2),
        ("−w·2", -2 * OLD),
        ("value", OLD),
        ("[[1, 2, 3], [4, 5, 6]]", OLD + 1),
        ("value[0, 1] = 9", [[0, 9, 2], [3, 4, 5]]),
        ("w[-1] = [7, 8, 9]", [[0, 1, 2], [7, 8, 9]]),
        ("value[:, ::2] *= 10", [[0, 1, 20], [30, 4, 50]]),
        ("value[..., 0] = value[..., 2]", [[2, 1, 2], [5, 4, 5]]),
        ("value[0] = 0; value[1, 1] += 1", [[0, 0, 0], [3, 5, 5]]),
        ("value[0] = 0\nvalue += 1", [[1, 1, 1], [4, 5, 6]]),
        ("value = 3", np.full((2, 3), 3.0)),
        ("value * (value > 2)", [[0, 0, 0], [3, 4, 5]]),
        ("where(value > 2, 1, -1)", [[-1, -1, -1], [1, 1, 1]]),
        ("clip(value, 1, 4)", [[1, 1, 2], [3, 4, 4]]),
        ("value - mean(value)", OLD - 2.5),
        ("relu(value - 3)", [[0, 0, 0], [0, 1, 2]]),
        ("maximum(value, 4) / 4", [[1, 1, 1], [1, 1, 1.25]]),
        ("value / 0", [[np.nan, np.inf, np.inf], [np.inf] * 3]),
        ("nan", np.full((2, 3), np.nan)),
    ],
)
def test_a_value_is_made_of_the_old_one(text: str, expected: object) -> None:
    found = edited(text, OLD, "w")
    assert found.dtype == np.float32
    assert np.array_equal(found, np.asarray(expected, np.float32), equal_nan=True)
    assert problem_of(text, (2, 3), "float32", "w") == ""


def test_the_old_value_stays_as_it_was() -> None:
    old = OLD.copy()
    edited("value[0] = 5", old)
    assert np.array_equal(old, OLD)


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("", "Type a value, such as 0 or -value."),
        ("three of them", _NO_VALUE),
        ("q * 2", "The name q is not known here."),
        ("q[0] = 2", "The name q is not known here."),
        ("eval('1')", _NO_VALUE),
        ("open(1)", "The function open is not known here."),
        ("exp(1, 2)", "exp takes a different number of arguments."),
        ("value.__class__", "The name value.__class__ is not known here."),
        ("[1, 2]", "That has shape 2, but shape 2 × 3 is needed."),
        ("value[0] = [1, 2]", "That has shape 2, but shape 3 is needed."),
        ("value[5] = 1", "That index is outside the shape 2 × 3."),
        ("value[0, 0, 0] = 1", "That index is outside the shape 2 × 3."),
        ("value[value] = 1", _NO_INDEX),
        ("value[::0] = 1", "The step of a slice cannot be 0."),
        ("value ** 1000", "That exponent is too large."),
        ("1j", "That is a complex number, and the tensor is real."),
        ("import os", _NO_VALUE),
        ("value + [1, 2]", _NO_VALUE),
        ("True", _NO_VALUE),
        ("(" * 5000, _NO_VALUE),
        ("1 " * MAX_CHARACTERS, "That is too long for a value."),
    ],
)  # fmt: skip
def test_what_makes_no_value_is_refused_with_one_sentence(text: str, sentence: str) -> None:
    with pytest.raises(UnusableEditError) as refused:
        edited(text, OLD)
    assert str(refused.value) == sentence
    assert problem_of(text, (2, 3), "float32") == sentence


@pytest.mark.parametrize(
    ("old", "text", "sentence"),
    [
        (np.array([1, 2]), "value / 2", "The tensor holds whole numbers; that is not one."),
        (np.array([1], np.uint8), "300", _TOO_LARGE),
        (np.array([True]), "2", _TOO_LARGE),
        (np.array([1, 2]), "nan", "The tensor holds whole numbers; that is not one."),
    ],
)  # fmt: skip
def test_whole_numbers_stay_whole(old: np.ndarray, text: str, sentence: str) -> None:
    with pytest.raises(UnusableEditError, match=sentence.replace(".", r"\.")):
        edited(text, old)


def test_complex_values_are_edited() -> None:
    old = np.array([1 + 1j, 2], np.complex64)
    assert edited("1j * value", old).tolist() == [-1 + 1j, 2j]


def test_scalars_and_single_elements_are_edited() -> None:
    assert edited("value[...] = 4", np.float32(2)).tolist() == 4.0
    assert edited(element_edit((), "4"), np.float32(2)).tolist() == 4.0
    assert edited(element_edit((1, 2), "4"), OLD)[1, 2] == 4.0


def test_thousands_of_elements_are_edited_at_once() -> None:
    text = "; ".join(element_edit((index,), str(index)) for index in range(3000))
    assert np.array_equal(edited(text, np.zeros(100_000))[:3000], np.arange(3000.0))


def test_of_a_very_large_tensor_only_the_spelling_is_looked_at() -> None:
    assert problem_of("2*value", (1 << 40,), "float32") == ""
    assert problem_of("2*", (1 << 40,), "float32") != ""

"""Bytes become arrays only where everything agrees."""

from __future__ import annotations

import msgspec
import numpy as np
import pytest

from gradviz.errors import GradvizError
from gradviz.recording.values import decode, to_array, to_number
from tests.builders import make_value


def test_a_value_becomes_its_array() -> None:
    array = np.arange(6, dtype="<f4").reshape(2, 3)

    assert np.array_equal(to_array(make_value(0, array)), array)


def test_the_array_cannot_be_written_to() -> None:
    with pytest.raises(ValueError, match="read-only"):
        to_array(make_value(0, [1.0, 2.0]))[0] = 5


@pytest.mark.parametrize("shape", [(3,), (1, 1), (2**40, 2**40), (-2, -1)])
def test_sizes_that_disagree_are_refused(shape: tuple[int, ...]) -> None:
    value = msgspec.structs.replace(make_value(0, [1.0, 2.0]), kept_shape=shape)

    with pytest.raises(GradvizError):
        to_array(value)


@pytest.mark.parametrize("storage", ["O", "nonsense", "V8", "U4", "M8[s]", "f4,f4", ""])
def test_a_storage_that_is_no_number_is_refused(storage: str) -> None:
    with pytest.raises(GradvizError):
        decode(b"12345678", storage, (1,))


def test_nothing_kept_is_an_error_not_zeros() -> None:
    with pytest.raises(GradvizError, match="not kept"):
        to_array(msgspec.structs.replace(make_value(0, 1.0), data=None))


def test_a_number_is_read_from_one_whole_element_only() -> None:
    one = make_value(0, [[2.5]])

    assert to_number(one) == 2.5
    assert to_number(None) is None
    assert to_number(make_value(0, [1.0, 2.0])) is None
    assert to_number(msgspec.structs.replace(one, data=None)) is None

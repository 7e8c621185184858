from __future__ import annotations

import json
import math
from typing import Any

import msgspec
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from gradviz.recording.model import LeafGrad, TensorId, Value, ValueId
from gradviz.recording.plain import plain_pass, plain_value
from tests.builders import make_chain_rule_recording, make_value


def make_exact_value(array: np.ndarray[Any, Any]) -> Value:
    return Value(
        id=ValueId(0),
        shape=array.shape,
        dtype=array.dtype.name,
        storage=array.dtype.str,
        kept_shape=array.shape,
        data=array.tobytes(),
        statistics=None,
    )


@given(
    hnp.arrays(
        st.sampled_from(["<f4", "<f8", "<f2", "<i8", "|b1", "|u1"]),
        hnp.array_shapes(min_dims=0, max_dims=3, max_side=4),
    )
)
def test_small_values_are_exact_in_valid_json(array: np.ndarray[Any, Any]) -> None:
    text = json.dumps(plain_value(make_exact_value(array)), allow_nan=False)
    read = json.loads(text)
    back = np.array(read, dtype=array.dtype).reshape(array.shape)
    np.testing.assert_array_equal(back, array)


def test_numbers_that_are_not_finite_are_strings() -> None:
    value = make_value(0, [math.nan, math.inf, -math.inf, 0.5])
    assert plain_value(value) == ["nan", "inf", "-inf", 0.5]


def test_a_complex_number_is_a_list_of_its_parts() -> None:
    array = np.array([1 + 2j, complex(math.nan, -1)])
    assert plain_value(make_exact_value(array)) == [[1.0, 2.0], ["nan", -1.0]]


@pytest.mark.parametrize(("count", "is_exact"), [(64, True), (65, False)])
def test_values_above_64_elements_are_statistics(count: int, is_exact: bool) -> None:
    plain = plain_value(make_value(0, [2.0] * (count - 1) + [math.nan]))
    if is_exact:
        assert plain == [2.0] * 63 + ["nan"]
    else:
        assert plain == {
            "numel": 65, "min": 2.0, "max": 2.0, "mean": 2.0, "std": 0.0, "norm": 16.0,
            "nan": 1, "inf": 0,
        }  # fmt: skip


def test_a_value_of_which_nothing_was_kept_says_only_its_size() -> None:
    value = msgspec.structs.replace(make_value(0, [1.0, 2.0]), data=None, statistics=None)
    plain = plain_value(value)
    assert plain.pop("numel") == 2
    assert set(plain.values()) == {None}


def test_leaves_that_share_a_name_or_have_none_stay_apart() -> None:
    recording = make_chain_rule_recording()
    tensors = tuple(
        msgspec.structs.replace(tensor, name=name)
        for tensor, name in zip(recording.tensors, ["w", "w", None, "p", "g"], strict=True)
    )
    backward = msgspec.structs.replace(
        recording.passes[0],
        leaf_grads=tuple(LeafGrad(TensorId(n), ValueId(n)) for n in range(3)),
    )
    recording = msgspec.structs.replace(recording, tensors=tensors, passes=(backward,))
    assert plain_pass(recording, backward)["leaf_grads"] == {"w": 1.0, "w#1": 3.0, "#2": 1.0}

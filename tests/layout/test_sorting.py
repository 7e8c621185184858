from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from gradviz.layout.sorting import run_starts, stable_order

numbers = st.lists(st.integers(-(2**62), 2**62) | st.integers(-3, 3))


@given(numbers)
def test_an_order_is_stable_however_large_the_numbers(keys: list[int]) -> None:
    order = stable_order(np.array(keys, dtype=np.intp))
    assert order.tolist() == sorted(range(len(keys)), key=keys.__getitem__)


@given(numbers)
def test_runs_start_where_a_number_changes(keys: list[int]) -> None:
    starts = run_starts(np.array(keys, dtype=np.intp)).tolist()
    assert starts == [i for i, key in enumerate(keys) if i == 0 or keys[i - 1] != key]

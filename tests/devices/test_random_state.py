from __future__ import annotations

import random
from types import SimpleNamespace

import numpy as np
import pytest
import torch

from gradviz.devices.random_state import RandomState


def draw() -> tuple[float, float, float]:
    return random.random(), float(np.random.random()), float(torch.rand(()))


def test_the_same_numbers_are_drawn_again_by_python_numpy_and_torch() -> None:
    before = RandomState()
    state = RandomState()
    first = draw()
    state.restore()
    again = draw()
    before.restore()
    assert again == first


@pytest.mark.parametrize(("in_use", "kinds", "restored"), [
    (True, (), [1]),
    (False, ("xpu",), [1]),
    (False, (), []),
])  # fmt: skip
def test_a_card_draws_the_same_numbers_again_where_it_is_in_use_or_will_be(
    in_use: bool, kinds: tuple[str, ...], restored: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    put_back: list[int] = []
    card = SimpleNamespace(
        is_available=lambda: True,
        is_initialized=lambda: in_use,
        get_rng_state_all=lambda: 1,
        set_rng_state_all=put_back.append,
    )
    monkeypatch.setattr(torch, "xpu", card)
    RandomState(kinds).restore()
    assert put_back == restored

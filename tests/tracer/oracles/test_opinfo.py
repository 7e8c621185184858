"""Every differentiable operator of PyTorch's own database: recorded is plain, bit for bit."""

from __future__ import annotations

from typing import Any

import pytest
import torch

from tests.capabilities import problems
from tests.tracer.oracles.checks import (
    check_accumulation,
    check_order,
    check_ownership,
    check_replay,
    check_same_run,
    check_values,
)
from tests.tracer.oracles.samples import (
    full_name,
    operators,
    run,
    run_recorded,
    samples_of,
    wrong_samples_of,
)

pytestmark = pytest.mark.filterwarnings("ignore")

_GROUPS = 20
_FEW, _MANY = 2, 12


# Reads memory that it never wrote: two plain runs differ.
_NOT_REPEATABLE = ("linalg.lstsq",)


def _verify(op: Any, sample: Any, twin: Any, *, with_grad: bool) -> None:
    plain = run(op, sample, with_grad=with_grad)
    recorded = run_recorded(op, twin, with_grad=with_grad)
    if op.name not in _NOT_REPEATABLE:
        check_same_run(plain, recorded.ran)
    assert problems(recorded.recording.warnings) == ()
    check_values(recorded)
    check_ownership(recorded.recording)
    for pass_ in recorded.recording.passes:
        check_order(recorded.recording, pass_)
    if plain.error is None and plain.outputs:
        check_accumulation(
            recorded.recording, recorded.recording.passes[0], recorded.ran.cotangents
        )
        check_replay(recorded)


def _verify_operator(op: Any, dtype: torch.dtype, count: int) -> list[str]:
    """What is wrong with the recordings of an operator's samples."""
    wrong: list[str] = []
    pairs = zip(samples_of(op, dtype, count), samples_of(op, dtype, count), strict=True)
    refused = zip(wrong_samples_of(op, count), wrong_samples_of(op, count), strict=True)
    for index, (sample, twin) in enumerate([*pairs, *refused]):
        try:
            _verify(op, sample, twin, with_grad=index % 2 == 1)
        except Exception as error:
            wrong.append(f"{full_name(op)} #{index}: {type(error).__name__}: {error}"[:400])
    return wrong


def _verify_group(group: int, dtype: torch.dtype, count: int) -> None:
    chosen = operators(dtype)[group::_GROUPS]
    assert chosen
    wrong = [sentence for op in chosen for sentence in _verify_operator(op, dtype, count)]
    assert not wrong, "\n".join(wrong)


def test_the_database_is_as_large_as_it_was() -> None:
    assert len(operators(torch.float32)) >= 500
    assert len(operators(torch.complex64)) >= 250


@pytest.mark.parametrize("group", range(_GROUPS))
def test_operators_are_recorded_exactly(group: int) -> None:
    _verify_group(group, torch.float32, _FEW)


@pytest.mark.parametrize("group", range(_GROUPS))
def test_operators_on_complex_numbers_are_recorded_exactly(group: int) -> None:
    _verify_group(group, torch.complex64, 1)


@pytest.mark.slow
@pytest.mark.parametrize("dtype", [torch.float32, torch.complex64], ids=str)
@pytest.mark.parametrize("group", range(_GROUPS))
def test_operators_are_recorded_exactly_on_many_samples(group: int, dtype: torch.dtype) -> None:
    _verify_group(group, dtype, _MANY)

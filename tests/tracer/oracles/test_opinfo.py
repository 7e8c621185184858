"""Every differentiable operator of PyTorch's own database: recorded is plain, bit for bit."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
import torch

from tests.capabilities import problems
from tests.tracer.helpers import on_a_short_stack
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
_MIN_OF_ALL = 10
"""Samples that the database has at least, by operator on the average."""


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


def _verify_operator(op: Any, dtype: torch.dtype, count: int | None) -> tuple[int, list[str]]:
    """How many samples an operator has, and what is wrong with their recordings."""
    wrong: list[str] = []
    number = 0
    pairs = zip(samples_of(op, dtype, count), samples_of(op, dtype, count), strict=True)
    refused = zip(wrong_samples_of(op, count), wrong_samples_of(op, count), strict=True)
    for index, (sample, twin) in enumerate([*pairs, *refused]):
        number += 1
        try:
            _verify(op, sample, twin, with_grad=index % 2 == 1)
        except Exception as error:
            wrong.append(f"{full_name(op)} #{index}: {type(error).__name__}: {error}"[:400])
    return number, wrong


@on_a_short_stack
def _verify_group(group: int, dtype: torch.dtype, count: int | None) -> int:
    """Check every so many operators; returns how many samples they had."""
    chosen = operators(dtype)[group::_GROUPS]
    assert chosen
    found = [_verify_operator(op, dtype, count) for op in chosen]
    wrong = [sentence for _, sentences in found for sentence in sentences]
    assert not wrong, "\n".join(wrong)
    return sum(number for number, _ in found)


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
@pytest.mark.timeout(1800)
@pytest.mark.parametrize("group", range(_GROUPS))
def test_every_sample_is_recorded_exactly(
    group: int, record_property: Callable[[str, object], None]
) -> None:
    """Each sample of the database, and each that it says must be refused."""
    samples = _verify_group(group, torch.float32, None)
    record_property("samples", samples)
    assert samples >= _MIN_OF_ALL * len(operators(torch.float32)) / _GROUPS


@pytest.mark.slow
@pytest.mark.parametrize("group", range(_GROUPS))
def test_operators_on_complex_numbers_are_recorded_exactly_on_many_samples(group: int) -> None:
    _verify_group(group, torch.complex64, _MANY)

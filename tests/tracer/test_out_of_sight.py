"""What Python shows of a recorded block names the person's code and torch's, as without one."""

from __future__ import annotations

import contextlib
import traceback
import warnings
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
import torch
from torch import nn

import gradviz


class Doubled(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: torch.Tensor) -> torch.Tensor:
        return torch.add(x, torch.ones(2, 3))

    @staticmethod
    def backward(ctx: Any, grad: torch.Tensor) -> torch.Tensor:
        return grad


def _product() -> None:
    torch.ones(2, 3) @ torch.ones(2, 3)


def _in_a_module() -> None:
    nn.Sequential(nn.Linear(3, 4), nn.ReLU(), nn.Linear(5, 1))(torch.ones(2, 3))


def _in_backward() -> None:
    made = torch.ones(3, requires_grad=True).exp()
    made += 1
    made.sum().backward()


def _in_a_function_of_the_persons() -> None:
    Doubled.apply(torch.ones(5, 5, requires_grad=True))


def _written_in_python() -> None:
    nn.functional.cross_entropy(torch.ones(2, 3), torch.tensor([0, 7]))


def _after_another() -> None:
    try:
        _product()
    except RuntimeError as error:
        raise ValueError("shapes") from error


def _traces(run: Callable[[], None], block: Callable[[], Any]) -> list[list[tuple[str, int, str]]]:
    try:
        with block():
            run()
    except Exception as error:
        found: list[list[tuple[str, int, str]]] = []
        at: BaseException | None = error
        while at is not None:
            frames = traceback.extract_tb(at.__traceback__)
            found.append([(one.filename, one.lineno or 0, one.name) for one in frames])
            at = at.__cause__ or at.__context__
        return found
    return []


@pytest.mark.parametrize(
    "run",
    [
        _product,
        _in_a_module,
        _in_backward,
        _in_a_function_of_the_persons,
        _written_in_python,
        _after_another,
    ],
)
def test_the_traceback_of_an_error_is_that_without_a_recording(run: Callable[[], None]) -> None:
    plain = _traces(run, contextlib.nullcontext)
    assert plain
    recorded = _traces(run, gradviz.record)
    if run is _in_a_module:  # torch goes another way where there are hooks, such as the recorder's
        plain, recorded = ([t[:1] + t[-1:] for t in traces] for traces in (plain, recorded))
    assert recorded == plain


def _different_sizes() -> None:
    nn.functional.mse_loss(torch.ones(3, 1), torch.ones(3))


def _in_a_module_of_torchs() -> None:
    nn.MSELoss()(torch.ones(3, 1), torch.ones(3))


def _in_torchs_own_language() -> None:
    _ = (torch.ones(2, requires_grad=True) * 2).grad


def _told_by_its_name() -> None:
    nn.functional.mse_loss(input=torch.ones(3, 1), target=torch.ones(3))


WARNING: list[Callable[[], None]] = [
    _different_sizes,
    _in_a_module_of_torchs,
    _in_torchs_own_language,
    _told_by_its_name,
]


def _warned(run: Callable[[], None], block: Callable[[], Any]) -> list[tuple[str, int, str]]:
    with warnings.catch_warnings(record=True) as shown:
        warnings.simplefilter("always")
        with block():
            run()
    return [(one.filename, one.lineno, str(one.message)) for one in shown]


@pytest.mark.parametrize("run", WARNING)
def test_a_warning_of_torchs_names_the_line_that_it_names_without_a_recording(
    run: Callable[[], None],
) -> None:
    plain = _warned(run, contextlib.nullcontext)
    assert plain
    assert _warned(run, gradviz.record) == plain


def test_each_line_is_warned_of_once_and_again_only_where_the_person_wants_that() -> None:
    def twice() -> None:
        for _ in range(2):
            nn.functional.mse_loss(torch.ones(3, 1), torch.ones(3))
        nn.functional.mse_loss(torch.ones(3, 1), torch.ones(3))

    for block in (contextlib.nullcontext, gradviz.record):
        with warnings.catch_warnings(record=True) as shown:
            warnings.simplefilter("default")
            globals().pop("__warningregistry__", None)
            with block():
                twice()
        first, second = [one.lineno for one in shown]
        assert second == first + 1


def test_the_persons_filters_decide_within_a_recording_too() -> None:
    with gradviz.record(), warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(UserWarning, match="different to the input size"):
            _different_sizes()
        warnings.simplefilter("ignore")
        _different_sizes()
    with warnings.catch_warnings():
        warnings.filterwarnings("error", module=__name__.replace(".", r"\."))
        with gradviz.record(), pytest.raises(UserWarning, match="different to the input size"):
            _different_sizes()


def test_of_how_warnings_are_shown_nothing_stays_changed() -> None:
    before = warnings._showwarnmsg, list(warnings.filters)
    with gradviz.record():
        np.ones(2)
    assert (warnings._showwarnmsg, list(warnings.filters)) == before


@pytest.mark.parametrize("run", [lambda x: x.sqrt(), lambda x: nn.functional.softplus(x.sqrt())])
def test_the_anomaly_mode_tells_of_no_call_but_the_persons_and_torchs(
    run: Callable[[torch.Tensor], torch.Tensor],
) -> None:
    def told(block: Callable[[], contextlib.AbstractContextManager[object]]) -> list[str]:
        x = torch.zeros(2, requires_grad=True)
        with block(), torch.autograd.detect_anomaly(check_nan=False):
            made: Any = run(x).grad_fn
        calls = [call.splitlines() for call in made.metadata["traceback_"]]
        first = next(n for n, call in enumerate(calls) if call[0].endswith("in told"))
        return [line for call in calls[first:] for line in call]

    assert told(gradviz.record) == told(contextlib.nullcontext)

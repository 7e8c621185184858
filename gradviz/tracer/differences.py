"""Gradients of a pass computed in other ways: again, and from finite differences in float64."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import torch
from msgspec.structs import replace
from torch.autograd.gradcheck import GradcheckError

from gradviz.recording.verification import LeafCheck, Verdict
from gradviz.tracer.functions import tensors_in
from gradviz.tracer.tape import Call, CannotRepeatError, Replay, Tape

MAX_ELEMENTS: Final = 256
"""Of a leaf; larger ones are checked along random directions (gradcheck's fast mode)."""
_MAX_OP_ELEMENTS: Final = 4_096
_STEP: Final = 1e-6
_ABSOLUTE: Final = 1e-5
_RELATIVE: Final = 1e-3

_OTHER: Final = "Done again, the calls give another result than in the run."
_NO_DOUBLE: Final = "It cannot be computed again in float64: {}"
_WRONG: Final = (
    "The derivative of its output {output} with respect to its input {input} is not the slope that "
    "finite differences find."
)
_MISMATCH: Final = re.compile(r"output (\d+) with respect to input (\d+)")


class PassFunction:
    """The roots of a pass as a function of its leaves."""

    def __init__(
        self,
        tape: Tape,
        roots: list[torch.Tensor],
        seeds: Sequence[torch.Tensor | None],
        leaves: list[torch.Tensor],
    ) -> None:
        numbers = tape.behind(roots)
        self._roots = roots
        self._seeds = [
            torch.ones_like(root) if seed is None else seed.detach()
            for root, seed in zip(roots, seeds, strict=True)
        ]
        self._leaves = leaves
        self._plain = Replay(tape, numbers, in_double=False)
        self._double = Replay(tape, numbers, in_double=True)
        self._problem: str | None = None

    def gradients(self) -> list[torch.Tensor | None]:
        """The leaves' gradients, computed anew.

        Raises CannotRepeatError where the roots do not come out as they were.
        """
        with torch.enable_grad():
            leaves = [leaf.detach().clone().requires_grad_() for leaf in self._leaves]
            given = dict(zip(map(id, self._leaves), leaves, strict=True))
            roots = self._plain.run(given, self._roots)
            for root, was in zip(roots, self._roots, strict=True):
                if not bits_equal(root.detach(), was.detach()):
                    raise CannotRepeatError(_OTHER)
            return list(torch.autograd.grad(roots, leaves, self._seeds, allow_unused=True))

    def repeat(self, *, on_call: Callable[[Call, tuple[Any, ...], dict[str, Any]], None]) -> None:
        """Do the calls again in float64, each heard of before."""
        with torch.enable_grad():
            leaves = [self._double.copy_of(leaf).requires_grad_() for leaf in self._leaves]
            given = dict(zip(map(id, self._leaves), leaves, strict=True))
            self._double.run(given, self._roots, on_call=on_call)

    def differences(self, check: LeafCheck, index: int) -> LeafCheck:
        """The check of one leaf by finite differences."""
        leaf = self._double.copy_of(self._leaves[index]).requires_grad_()
        if not leaf.numel():
            return replace(check, differences=Verdict.AGREES)

        def function(value: torch.Tensor) -> torch.Tensor:
            return self._value({id(self._leaves[index]): value})

        with torch.enable_grad():
            try:
                problem = self._compare_with_run(function(leaf))
                if problem:
                    return replace(check, reason=problem)
                is_right = _gradcheck(function, (leaf,), fast=leaf.numel() > MAX_ELEMENTS)
            except Exception as error:
                return replace(check, reason=_NO_DOUBLE.format(first_line(error)))
            if is_right:
                return replace(check, differences=Verdict.AGREES)
            return _located(check, function, leaf)

    def _value(self, given: dict[int, torch.Tensor]) -> torch.Tensor:
        roots = self._double.run(given, self._roots)
        parts = [
            (root * seed.to(root.dtype)).sum()
            for root, seed in zip(roots, self._seeds, strict=True)
        ]
        total = torch.stack(parts).sum()
        return total.real if total.is_complex() else total

    def _compare_with_run(self, value: torch.Tensor) -> str:
        """Why float64 computes something else than the run did, "" where it does not."""
        was = (
            sum(
                float((root.detach().double() * seed.double()).sum())
                for root, seed in zip(self._roots, self._seeds, strict=True)
            )
            if not any(root.is_complex() for root in self._roots)
            else None
        )
        if was is None:
            return ""
        is_now = float(value.detach())
        if was != was or is_now != is_now or abs(is_now) == float("inf"):
            return "It is not finite there."
        if abs(is_now - was) > 1e-2 * max(abs(was), abs(is_now), 1e-3):
            return "In float64 it is another number: random, or lost to rounding in float32."
        return ""


def _gradcheck(function: Callable[..., Any], inputs: tuple[Any, ...], *, fast: bool) -> bool:
    return bool(
        torch.autograd.gradcheck(
            function,
            inputs,
            eps=_STEP,
            atol=_ABSOLUTE,
            rtol=_RELATIVE,
            raise_exception=False,
            check_undefined_grad=False,
            fast_mode=fast,
        )
    )


class _Slopes(NamedTuple):
    """Where a gradient is furthest from the slope; `at` is None where it nowhere is.

    `is_kink` says that wherever it is not the slope, the slope to the right is not the one to the
    left.
    """

    at: int | None
    recorded: float
    expected: float
    is_kink: bool


def _slopes(function: Callable[[torch.Tensor], torch.Tensor], point: torch.Tensor) -> _Slopes:
    """Compare a scalar function's gradient with its slopes, element by element."""
    (gradient,) = torch.autograd.grad(function(point), point)
    flat = gradient.reshape(-1)
    start = point.detach()
    middle = float(function(start))
    worst = _Slopes(None, 0.0, 0.0, True)
    gap = -1.0
    for element in range(min(flat.numel(), MAX_ELEMENTS)):
        moved = torch.zeros_like(start).reshape(-1)
        moved[element] = _STEP
        moved = moved.reshape(start.shape)
        above, below = float(function(start + moved)), float(function(start - moved))
        recorded, slope = float(flat[element].real), (above - below) / (2 * _STEP)
        if abs(slope - recorded) <= _ABSOLUTE + _RELATIVE * abs(slope):
            continue
        right, left = (above - middle) / _STEP, (middle - below) / _STEP
        differ = abs(right - left) > _RELATIVE * max(1.0, abs(right), abs(left))
        is_kink = worst.is_kink and differ
        if abs(slope - recorded) > gap:
            gap = abs(slope - recorded)
            worst = _Slopes(element, recorded, slope, is_kink)
        else:
            worst = worst._replace(is_kink=is_kink)
    return worst


def _located(
    check: LeafCheck, function: Callable[[torch.Tensor], torch.Tensor], leaf: torch.Tensor
) -> LeafCheck:
    """Where, and by how much, a leaf's gradient is not the slope; or that there is a kink."""
    found = _slopes(function, leaf)
    if found.at is None:
        return replace(check, differences=Verdict.DISAGREES)
    place = torch.unravel_index(torch.tensor(found.at), leaf.shape)
    return replace(
        check,
        differences=Verdict.KINK if found.is_kink else Verdict.DISAGREES,
        element=tuple(int(one) for one in place),
        recorded=found.recorded,
        expected=found.expected,
    )


def own_problem(call: Call, args: tuple[Any, ...], kwargs: dict[str, Any]) -> str:
    """Why a call's own derivative is wrong, "" where it is right or cannot be told."""
    inputs = [t for t in tensors_in((args, kwargs)) if t.requires_grad]
    if not inputs or sum(t.numel() for t in inputs) > _MAX_OP_ELEMENTS:
        return ""
    fresh = [t.detach().clone().requires_grad_() for t in inputs]
    positions = {id(t): index for index, t in enumerate(inputs)}

    def function(*values: torch.Tensor) -> Any:
        def mapped(one: Any) -> Any:
            if isinstance(one, torch.Tensor):
                index = positions.get(id(one))
                return one.detach().clone() if index is None else values[index].clone()
            if isinstance(one, (tuple, list)):
                return type(one)(mapped(part) for part in one)
            if isinstance(one, dict):
                return {key: mapped(part) for key, part in one.items()}
            return one

        if call.random is not None:
            torch.set_rng_state(call.random)
        made = call.func(*mapped(args), **mapped(kwargs))
        return tuple(t for t in tensors_in(made) if t.is_floating_point() or t.is_complex())

    try:
        torch.autograd.gradcheck(
            function,
            tuple(fresh),
            eps=_STEP,
            atol=_ABSOLUTE,
            rtol=_RELATIVE,
            check_undefined_grad=False,
            fast_mode=False,
        )
    except GradcheckError as error:
        if all(_is_kink(function, fresh, index) for index in range(len(fresh))):
            return ""
        found = _MISMATCH.search(str(error))
        output, argument = found.groups() if found else ("0", "0")
        return _WRONG.format(output=int(output) + 1, input=int(argument) + 1)
    except Exception:  # it cannot be called by itself: nothing is known against it
        return ""
    return ""


def _is_kink(
    function: Callable[..., tuple[torch.Tensor, ...]], inputs: list[torch.Tensor], index: int
) -> bool:
    """Whether a call's derivative is right but where it has none, with respect to one input."""

    def weighted(value: torch.Tensor) -> torch.Tensor:
        made = function(*inputs[:index], value, *inputs[index + 1 :])
        # Weights that no two slopes cancel with.
        parts = [
            (one * torch.linspace(1, 2, one.numel()).to(one).view_as(one)).sum() for one in made
        ]
        return torch.stack([part.real if part.is_complex() else part for part in parts]).sum()

    return _slopes(weighted, inputs[index]).is_kink


def bits_equal(one: torch.Tensor, other: torch.Tensor) -> bool:
    """Whether two tensors hold the same elements, NaN in the same places."""
    if one.shape != other.shape or one.dtype != other.dtype:
        return False
    one, other = _dense(one), _dense(other)
    return bool(torch.equal(one, other)) or bool(
        torch.allclose(one, other, rtol=0, atol=0, equal_nan=True)
    )


def _dense(tensor: torch.Tensor) -> torch.Tensor:
    return tensor if tensor.layout is torch.strided else tensor.to_dense()


def first_line(error: Exception) -> str:
    """What an error says, in one line."""
    return (str(error).strip().splitlines() or [type(error).__name__])[0]

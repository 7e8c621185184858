"""Gradients of a pass computed in other ways: again, and from finite differences in float64."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any, Final, NamedTuple

import torch
from msgspec.structs import replace
from torch.autograd.gradcheck import GradcheckError

from gradviz.recording.verification import LeafCheck, Place, Verdict
from gradviz.tracer.functions import tensors_in
from gradviz.tracer.tape import Call, CannotRepeatError, Replay, Tape

MAX_ELEMENTS: Final = 256
"""Of a leaf that is checked element by element; larger ones are checked along random directions,
at `SAMPLED` elements drawn at random and, where those disagree, in ever smaller parts."""
SAMPLED: Final = 32
MAX_PLACES: Final = 3
"""Of the elements that differ most, those that are told."""
_MAX_POINTS: Final = 2_048
"""Slopes that are taken of a leaf to find where it differs; each computes the pass twice."""
_MAX_OP_ELEMENTS: Final = 4_096
_STEP: Final = 1e-6
_ABSOLUTE: Final = 1e-5
_RELATIVE: Final = 1e-3

_OTHER: Final = "Repeated, the calls give a different result from that of the run."
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
        """The leaves' gradients, computed again.

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
                is_large = leaf.numel() > MAX_ELEMENTS
                is_right = _gradcheck(function, (leaf,), fast=is_large)
                slopes = _slopes(function, leaf) if is_large or not is_right else None
            except Exception as error:
                return replace(check, reason=_NO_DOUBLE.format(first_line(error)))
            sampled = SAMPLED if is_large else 0
            if slopes is None or (is_right and not slopes.differing):
                return replace(check, differences=Verdict.AGREES, sampled=sampled)
            return _located(check, slopes, leaf)

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
            return "In float64 it is a different number: random, or lost to rounding in float32."
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


class _Slope(NamedTuple):
    """A gradient that is not the slope, and whether that is so because there is a kink."""

    element: int
    recorded: float
    expected: float
    is_kink: bool

    @property
    def gap(self) -> float:
        return abs(self.expected - self.recorded)


class _Slopes(NamedTuple):
    """The elements at which a gradient is not the slope, those that are furthest from it first.

    `checked` of all elements were looked at, all of them where it is no more than that.
    """

    differing: tuple[_Slope, ...]
    checked: int

    @property
    def is_kink(self) -> bool:
        """Whether wherever it is not the slope, the slopes to the two sides are not the same."""
        return all(one.is_kink for one in self.differing)


class _Probe:
    """Takes slopes of a scalar function along directions and compares them with its gradient."""

    def __init__(
        self, function: Callable[[torch.Tensor], torch.Tensor], point: torch.Tensor
    ) -> None:
        self._function = function
        (gradient,) = torch.autograd.grad(function(point), point)
        self._flat = gradient.reshape(-1)
        self._start = point.detach()
        self._middle = float(function(self._start))
        self.taken = 0

    def differs(self, elements: torch.Tensor, signs: torch.Tensor) -> _Slope | None:
        """Whether the slope towards some elements is another; the element is the first of them."""
        self.taken += 1
        moved = torch.zeros_like(self._start).reshape(-1)
        moved[elements] = (_STEP * signs).to(moved.dtype)
        moved = moved.reshape(self._start.shape)
        above = float(self._function(self._start + moved))
        below = float(self._function(self._start - moved))
        recorded = float((self._flat[elements].real * signs).sum())
        slope = (above - below) / (2 * _STEP)
        if abs(slope - recorded) <= _ABSOLUTE + _RELATIVE * abs(slope):
            return None
        right, left = (above - self._middle) / _STEP, (self._middle - below) / _STEP
        is_kink = abs(right - left) > _RELATIVE * max(1.0, abs(right), abs(left))
        return _Slope(int(elements[0]), recorded, slope, is_kink)


def _slopes(function: Callable[[torch.Tensor], torch.Tensor], point: torch.Tensor) -> _Slopes:
    """Compare a scalar function's gradient with its slopes.

    A small tensor is looked at element by element. Of a large one a random part that agrees along a
    random direction is not looked at any closer; one that does not is halved, until elements are
    left or as many slopes have been taken as may be.
    """
    probe = _Probe(function, point)
    count = point.numel()
    generator = torch.Generator().manual_seed(0)  # the person's random numbers stay as they are
    order = torch.randperm(count, generator=generator).to(point.device)
    signs = (2.0 * torch.randint(0, 2, (count,), generator=generator) - 1).to(point.device)
    found: dict[int, _Slope] = {}

    def look_at(element: torch.Tensor) -> None:
        slope = probe.differs(element, torch.ones(1, dtype=torch.float64, device=point.device))
        if slope is not None:
            found[slope.element] = slope

    stack = [(at, at + 1) for at in range(min(count, SAMPLED))]
    stack = [(0, count), *stack] if count > MAX_ELEMENTS else [(at, at + 1) for at in range(count)]
    while stack and probe.taken < _MAX_POINTS:
        first, last = stack.pop()
        part = order[first:last]
        if last - first == 1:
            look_at(part)
        elif probe.differs(part, signs[first:last].double()) is not None:
            middle = (first + last) // 2
            stack += [(middle, last), (first, middle)]
    left = sum(last - first for first, last in stack)
    worst = sorted(found.values(), key=lambda one: -one.gap)
    return _Slopes(tuple(worst), count - left)


def _located(check: LeafCheck, found: _Slopes, leaf: torch.Tensor) -> LeafCheck:
    """Where, and by how much, a leaf's gradient is not the slope; or that there is a kink."""
    if not found.differing:
        return replace(check, differences=Verdict.DISAGREES)
    # What differs for another reason than a kink is the mistake.
    real = [one for one in found.differing if not one.is_kink]
    shown = (real or list(found.differing))[:MAX_PLACES]
    return replace(
        check,
        differences=Verdict.DISAGREES if real else Verdict.KINK,
        places=tuple(
            Place(element=_index(one.element, leaf), recorded=one.recorded, expected=one.expected)
            for one in shown
        ),
        differing=len(real) or len(found.differing),
        checked=found.checked,
        numel=leaf.numel(),
    )


def _index(element: int, leaf: torch.Tensor) -> tuple[int, ...]:
    place = torch.unravel_index(torch.tensor(element), leaf.shape) if leaf.dim() else ()
    return tuple(int(one) for one in place)


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
        if _is_at_border(function, fresh):
            return ""
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


def _is_at_border(
    function: Callable[..., tuple[torch.Tensor, ...]], inputs: list[torch.Tensor]
) -> bool:
    """Whether a call is not finite at its inputs or right beside them, as `log` is at zero.

    There is no slope to compare with.
    """
    with torch.no_grad():
        beside = ([one + step for one in inputs] for step in (0.0, _STEP, -_STEP))
        return not all(bool(made.isfinite().all()) for near in beside for made in function(*near))


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

"""Keep the calls of a run, so that they can be repeated with other numbers."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any, Final, NamedTuple

import torch
from torch.overrides import TorchFunctionMode

from gradviz.tracer.functions import Treatment, profile_of, tensors_in
from gradviz.tracer.private.modes import quiet
from gradviz.tracer.private.tensors import base, version

MAX_CALLS: Final = 20_000
"""Calls of one run that are kept; each holds its tensors alive."""

_DOUBLE: Final = {
    torch.float32: torch.float64,
    torch.float16: torch.float64,
    torch.bfloat16: torch.float64,
    torch.complex64: torch.complex128,
}
_NARROWING: Final = frozenset({"float", "half", "bfloat16"})

_State = tuple[int, int]
"""A tensor object, by its address, and the count of its changes."""


class CannotRepeatError(Exception):
    """Calls that cannot be repeated; the text is a sentence that says why."""


class Call(NamedTuple):
    """One call: `op` is the number of ops recorded before it."""

    op: int
    func: Callable[..., Any]
    args: tuple[Any, ...]
    kwargs: dict[str, Any]
    result: Any
    grad_enabled: bool
    autocast: bool
    random: torch.Tensor | None
    needs: tuple[_State, ...]


class Tape(TorchFunctionMode):
    """A mode that keeps every call that made or changed a tensor.

    Attributes:
        calls: in their order.
        is_full: whether there were more than are kept.
    """

    def __init__(
        self, count_ops: Callable[[], int], is_recorded_thread: Callable[[], bool]
    ) -> None:
        super().__init__()
        self._count_ops = count_ops
        self._is_recorded_thread = is_recorded_thread
        self.calls: list[Call] = []
        self.is_full = False
        self._is_inside = False
        self._made_by: dict[_State, int] = {}
        self._views: dict[int, list[torch.Tensor]] = {}

    def __torch_function__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Any = None
    ) -> Any:
        """Do the call, and keep it."""
        kwargs = kwargs or {}
        treatment = profile_of(func).treatment
        if not self._keeps() or treatment in (Treatment.SKIP, Treatment.GRAD):
            return func(*args, **kwargs)
        return self._keep(func, func, args, kwargs)

    def _keeps(self) -> bool:
        return not self._is_inside and self._is_recorded_thread()

    @contextmanager
    def watching_functions(self) -> Iterator[None]:
        """Keep calls of custom Functions too, which no mode sees."""
        inner = torch.autograd.Function.__dict__["apply"]

        def apply(cls: type, *args: Any, **kwargs: Any) -> Any:
            run = inner.__get__(None, cls)
            if not self._keeps():
                return run(*args, **kwargs)
            return self._keep(run, _plain_apply(cls), args, kwargs)

        torch.autograd.Function.apply = classmethod(apply)  # type: ignore[assignment,method-assign]
        try:
            yield
        finally:
            torch.autograd.Function.apply = inner  # type: ignore[method-assign]

    def _keep(
        self, run: Callable[..., Any], func: Callable[..., Any], args: Any, kwargs: Any
    ) -> Any:
        op = self._count_ops()
        with quiet():
            inputs = tensors_in((args, kwargs))
            needs = tuple(_state(tensor) for tensor in inputs)
            random = torch.get_rng_state()
        self._is_inside = True  # what a custom Function calls is a part of its call
        try:
            result = run(*args, **kwargs)
        finally:
            self._is_inside = False
        with quiet():
            outputs = tensors_in(result)
            changed = [t for t, before in zip(inputs, needs, strict=True) if _state(t) != before]
            if not outputs and not changed:
                return result
            if len(self.calls) >= MAX_CALLS:
                self.is_full = True
                return result
            is_random = not torch.equal(random, torch.get_rng_state())
            call = Call(
                op, func, args, kwargs, result,
                torch.is_grad_enabled(), torch.is_autocast_enabled("cpu"),
                random if is_random else None, needs,
            )  # fmt: skip
            number = len(self.calls)
            self.calls.append(call)
            for tensor in (*outputs, *changed):
                self._note(tensor, number)
        return result

    def _note(self, tensor: torch.Tensor, number: int) -> None:
        owner = base(tensor)
        if owner is not None:
            self._views.setdefault(id(owner), []).append(tensor)
        owner = tensor if owner is None else owner
        self._made_by.setdefault(_state(tensor), number)
        for one in (owner, *self._views.get(id(owner), ())):
            self._made_by.setdefault(_state(one), number)

    def behind(self, roots: Sequence[torch.Tensor]) -> list[int]:
        """The numbers of the calls that the roots' values came from, in order; leaves end it.

        Raises CannotRepeatError where one of them was not kept.
        """
        needed: set[int] = set()
        stack = [(_state(root), root) for root in roots]
        while stack:
            state, tensor = stack.pop()
            if not tensor.requires_grad:
                if state != _state(tensor):
                    raise CannotRepeatError("A value that it was computed from has changed since.")
                continue
            if tensor.is_leaf:
                continue
            number = self._made_by.get(state)
            if number is None:
                raise CannotRepeatError(
                    "It comes from calls that were not seen, such as an earlier backward pass "
                    "with create_graph=True."
                )
            if number in needed:
                continue
            needed.add(number)
            call = self.calls[number]
            inputs = tensors_in((call.args, call.kwargs))
            # Running statistics are changed by the very call, which does not read them then.
            trains = profile_of(call.func).trains
            stack.extend(
                (needed_state, tensor)
                for needed_state, tensor in zip(call.needs, inputs, strict=True)
                if not (trains and not tensor.requires_grad)
            )
        return sorted(needed)


class Replay:
    """Does calls of a tape again, on tensors of its own.

    `given` are the tensors to begin with in place of the run's own; of every other tensor
    that no call made a copy is used, in float64 where `in_double`.
    """

    def __init__(self, tape: Tape, numbers: Sequence[int], *, in_double: bool) -> None:
        self._calls = [tape.calls[number] for number in numbers]
        self._in_double = in_double
        for call in self._calls:
            if call.autocast:
                raise CannotRepeatError("Mixed precision (autocast) is not checked.")

    def run(
        self,
        given: Mapping[int, torch.Tensor],
        roots: Sequence[torch.Tensor],
        *,
        on_call: Callable[[Call, tuple[Any, ...], dict[str, Any]], None] | None = None,
    ) -> list[torch.Tensor]:
        """The roots' new values; `on_call` hears of each call and its arguments before it is done.

        `given` is by `id` of the run's tensor. Raises what the calls raise.
        """
        known: dict[int, torch.Tensor] = dict(given)

        def mapped(one: Any) -> Any:
            if isinstance(one, torch.Tensor):
                if id(one) not in known:
                    known[id(one)] = self.copy_of(one)
                return known[id(one)]
            if isinstance(one, torch.dtype) and self._in_double:
                return _DOUBLE.get(one, one)
            if isinstance(one, tuple):
                parts = [mapped(part) for part in one]
                return type(one)(*parts) if hasattr(one, "_fields") else tuple(parts)
            if isinstance(one, list):
                return [mapped(part) for part in one]
            if isinstance(one, dict):
                return {key: mapped(part) for key, part in one.items()}
            return one

        kept = torch.get_rng_state()
        try:
            for call in self._calls:
                args, kwargs = mapped(call.args), mapped(call.kwargs)
                if on_call is not None:
                    on_call(call, args, kwargs)
                if call.random is not None:
                    torch.set_rng_state(call.random)
                with torch.set_grad_enabled(call.grad_enabled):
                    result = self._func(call)(*args, **kwargs)
                for was, is_now in zip(tensors_in(call.result), tensors_in(result), strict=True):
                    if id(was) not in known:
                        known[id(was)] = self._widened(is_now)
        finally:
            torch.set_rng_state(kept)
        return [mapped(root) for root in roots]

    def _widened(self, tensor: torch.Tensor) -> torch.Tensor:
        """What a call made again; ops that make tensors of nothing make them in float32."""
        wanted = _DOUBLE.get(tensor.dtype, tensor.dtype) if self._in_double else tensor.dtype
        return tensor if wanted is tensor.dtype else tensor.to(wanted)

    def copy_of(self, tensor: torch.Tensor) -> torch.Tensor:
        """A tensor of the run's as the replay begins with it."""
        dtype = _DOUBLE.get(tensor.dtype, tensor.dtype) if self._in_double else tensor.dtype
        return tensor.detach().to(dtype, copy=True)

    def _func(self, call: Call) -> Callable[..., Any]:
        if self._in_double and getattr(call.func, "__name__", "") in _NARROWING:
            return torch.Tensor.double
        return call.func


def _plain_apply(cls: Any) -> Callable[..., Any]:
    """`apply` as it is when the call is done again, whatever is wrapped around it by then."""

    def call(*args: Any, **kwargs: Any) -> Any:
        return cls.apply(*args, **kwargs)

    call.__name__ = cls.__name__
    return call


def _state(tensor: torch.Tensor) -> _State:
    return id(tensor), version(tensor)

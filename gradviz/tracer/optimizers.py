"""Record each `optimizer.step()` as one op."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any, NamedTuple

import torch
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from gradviz.recording.model import OpKind
from gradviz.tracer.forward import ForwardRecorder
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.private.modes import quiet
from gradviz.tracer.quiet import Overhead
from gradviz.tracer.readings import version_of
from gradviz.tracer.source import SourceMap


class _Step(NamedTuple):
    """A step that is being made: what it may change, that in its versions, and what it uses.

    `grads` is None where a closure computes them during the step.
    """

    parameters: list[torch.Tensor]
    versions: list[int]
    grads: list[torch.Tensor] | None
    began: float


class OptimizerSteps:
    """Enters the parameters that a step changed, and the gradients that it used.

    A step that changed nothing, since no parameter had a gradient, is entered too.
    """

    def __init__(
        self, ledger: Ledger, sources: SourceMap, forward: ForwardRecorder, overhead: Overhead
    ) -> None:
        self._ledger = ledger
        self._sources = sources
        self._forward = forward
        self._overhead = overhead
        self._open: dict[int, _Step] = {}

    @contextmanager
    def watching(self, is_recorded_thread: Callable[[], bool]) -> Iterator[None]:
        """Follow the steps of all optimizers."""

        def begin(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
            if is_recorded_thread():
                has_closure = any(callable(one) for one in (*args[1:], *kwargs.values()))
                self._guarded(lambda: self._begin(optimizer, has_closure=has_closure))

        def end(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
            if is_recorded_thread():
                self._guarded(lambda: self._end(optimizer))

        handles = [register_optimizer_step_pre_hook(begin), register_optimizer_step_post_hook(end)]
        try:
            yield
        finally:
            self._open.clear()
            for handle in handles:
                handle.remove()

    def _guarded(self, work: Callable[[], None]) -> None:
        started = perf_counter()
        try:
            with quiet():
                work()
        except Exception as error:
            self._overhead.fail(error)
        self._overhead.seconds += perf_counter() - started

    def _begin(self, optimizer: torch.optim.Optimizer, *, has_closure: bool) -> None:
        grads = _grads(_parameters(optimizer))
        parameters = _parameters(optimizer) if has_closure else [one for one, _ in grads]
        for parameter in parameters:
            self._ledger.meet(parameter)
        self._note(grads)
        for parameter in parameters:
            self._ledger.values.before_write(parameter)
        versions = [version_of(parameter) for parameter in parameters]
        used = None if has_closure else [grad for _, grad in grads]
        self._open[id(optimizer)] = _Step(parameters, versions, used, perf_counter())

    def _end(self, optimizer: torch.optim.Optimizer) -> None:
        step = self._open.pop(id(optimizer), None)
        place = self._sources.place_of_caller(sys._getframe())
        if step is None:
            return
        seconds = perf_counter() - step.began
        versions = zip(step.parameters, step.versions, strict=True)
        changed = [parameter for parameter, before in versions if version_of(parameter) != before]
        parameters, grads = step.parameters, step.grads
        if not changed:
            # An optimizer that was given only what is frozen does nothing at all.
            parameters = _parameters(optimizer) or _all_parameters(optimizer)
            if _grads(parameters) or not parameters:
                return
        elif grads is None:
            found = _grads(changed)
            self._note(found)
            parameters, grads = changed, [grad for _, grad in found]
        number = self._forward.ops.enter(
            f"{type(optimizer).__name__}.step",
            OpKind.STEP,
            place,
            [*parameters, *(grads or ())],
            [],
            changed,
            (0, 0),
            seconds,
        )
        self._ledger.ops[number].text = ""  # the person's own words, though torch made the call

    def _note(self, grads: list[tuple[torch.Tensor, torch.Tensor]]) -> None:
        for parameter, grad in grads:
            self._ledger.note_grad(parameter, grad)


def _parameters(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [one for one in _all_parameters(optimizer) if one.requires_grad]


def _all_parameters(optimizer: torch.optim.Optimizer) -> list[torch.Tensor]:
    return [one for group in optimizer.param_groups for one in group["params"]]


def _grads(parameters: list[torch.Tensor]) -> list[tuple[torch.Tensor, torch.Tensor]]:
    return [(one, one.grad) for one in parameters if one.grad is not None]

"""Record each `optimizer.step()` as one op."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import torch
from torch.optim.optimizer import (
    register_optimizer_step_post_hook,
    register_optimizer_step_pre_hook,
)

from gradviz.recording.model import OpKind
from gradviz.tracer.forward import ForwardRecorder
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.private import quiet
from gradviz.tracer.quiet import Overhead
from gradviz.tracer.readings import version_of
from gradviz.tracer.source import SourceMap


class OptimizerSteps:
    """Enters the parameters that a step changed, and the gradients that it used."""

    def __init__(
        self, ledger: Ledger, sources: SourceMap, forward: ForwardRecorder, overhead: Overhead
    ) -> None:
        self._ledger = ledger
        self._sources = sources
        self._forward = forward
        self._overhead = overhead
        self._open: dict[int, tuple[list[torch.Tensor], list[torch.Tensor], list[int], float]] = {}

    @contextmanager
    def watching(self, is_recorded_thread: Callable[[], bool]) -> Iterator[None]:
        """Follow the steps of all optimizers."""

        def begin(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
            if is_recorded_thread():
                self._guarded(self._begin, optimizer)

        def end(optimizer: torch.optim.Optimizer, args: Any, kwargs: Any) -> None:
            if is_recorded_thread():
                self._guarded(self._end, optimizer)

        handles = [register_optimizer_step_pre_hook(begin), register_optimizer_step_post_hook(end)]
        try:
            yield
        finally:
            self._open.clear()
            for handle in handles:
                handle.remove()

    def _guarded(
        self, work: Callable[[torch.optim.Optimizer], None], optimizer: torch.optim.Optimizer
    ) -> None:
        started = perf_counter()
        try:
            with quiet():
                work(optimizer)
        except Exception as error:
            self._overhead.fail(error)
        self._overhead.seconds += perf_counter() - started

    def _begin(self, optimizer: torch.optim.Optimizer) -> None:
        parameters: list[torch.Tensor] = []
        grads: list[torch.Tensor] = []
        for group in optimizer.param_groups:
            for parameter in group["params"]:
                if parameter.grad is None:
                    continue
                self._ledger.meet(parameter)
                self._ledger.note_grad(parameter, parameter.grad)
                self._ledger.values.before_write(parameter)
                parameters.append(parameter)
                grads.append(parameter.grad)
        versions = [version_of(parameter) for parameter in parameters]
        self._open[id(optimizer)] = (parameters, grads, versions, perf_counter())

    def _end(self, optimizer: torch.optim.Optimizer) -> None:
        opened = self._open.pop(id(optimizer), None)
        place = self._sources.place_of_caller(sys._getframe())
        if opened is None:
            return
        parameters, grads, versions, began = opened
        seconds = perf_counter() - began
        changed = [
            parameter
            for parameter, version in zip(parameters, versions, strict=True)
            if version_of(parameter) != version
        ]
        if not changed:
            return
        number = self._forward.enter(
            f"{type(optimizer).__name__}.step",
            OpKind.STEP,
            place,
            [*parameters, *grads],
            [],
            changed,
            (0, 0),
            seconds,
        )
        self._ledger.ops[number].text = ""  # the person's own words, though torch made the call

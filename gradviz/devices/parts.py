"""Time the parts of one execution of a document: statements, passes, steps and transfers."""

from __future__ import annotations

import ast
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

import torch

from gradviz.devices.measuring import repeatable_source, silence
from gradviz.devices.meter import Meter, Piece
from gradviz.devices.rehearsal import Conditions, Rehearsal, TextFailedError
from gradviz.devices.script import (
    BackwardCall,
    Span,
    find_step,
    keep_graph,
    source_of,
    span_at,
)
from gradviz.devices.waiting import clock_of
from gradviz.errors import GradvizError
from gradviz.language.failures import plain_message
from gradviz.recording.model import RunError
from gradviz.recording.timing import AS_PLACED, TimedPart


class NoSuchPartError(GradvizError):
    """The text has nothing that could be timed as that part, on any device."""


class PartTimer:
    """Times parts of `text` under the meter's conditions."""

    def __init__(self, text: str, statements: Sequence[ast.stmt], meter: Meter) -> None:
        self._text = text
        self._statements = statements
        self._meter = meter

    def time_lines(
        self, conditions: Conditions, part: TimedPart, first: int, last: int
    ) -> Rehearsal:
        """Time the statements on these lines, after one execution of everything before them.

        Returns that execution. Raises `GradvizError` where there are none or where they cannot be
        repeated, and `TextFailedError` where the document does not come so far.
        """
        span = span_at(self._statements, first, last)
        if span is None:
            raise GradvizError(f"There is no statement on line {first}.")
        block = list(span.block)
        block[span.start : span.stop] = [keep_graph(one) for one in span.statements]
        if span.container is None:
            kept = Span(block, span.start, span.stop, None)
        else:
            # In place: the container's own block must be the one that is observed.
            assert isinstance(span.block, list)
            span.block[:] = block
            kept = span
        rehearsal = Rehearsal(conditions)
        rehearsal.run_to_span(block if span.container is None else self._statements, kept)
        rehearsal.check_devices(kept.statements)
        self._measure_statements(part, rehearsal, kept.statements, range(kept.start, kept.stop))
        return rehearsal

    def time_passes(
        self, rehearsal: Rehearsal, call: BackwardCall, parts: set[TimedPart]
    ) -> Iterator[GradvizError]:
        """Forward, backward and the optimizer's step around a backward call.

        Yields what keeps one of them from being timed; the others are timed nevertheless.
        """
        indices = rehearsal.forward_of(call)
        statements = [
            call.root_statement if i == call.position and call.root_statement else call.block[i]
            for i in indices
        ]
        try:
            rehearsal.check_devices(statements)
            # Backward first: repeating the others may change in place what the graph has saved.
            if TimedPart.BACKWARD in parts:
                self._time_backward(rehearsal, call)
        except TextFailedError:
            raise
        except GradvizError as problem:
            yield problem
            return
        if TimedPart.STEP in parts:
            try:
                self._time_step(rehearsal, call)
            except GradvizError as problem:
                yield problem
        if TimedPart.FORWARD in parts:
            if not statements:
                yield NoSuchPartError("No statement computes the root of the backward call.")
                return
            try:
                self._measure_statements(TimedPart.FORWARD, rehearsal, statements, indices)
            except GradvizError as problem:
                yield problem

    def _measure_statements(
        self,
        part: TimedPart,
        rehearsal: Rehearsal,
        statements: Sequence[ast.stmt],
        indices: Sequence[int],
    ) -> None:
        before = rehearsal.values_before(indices[0])
        namespace = dict(rehearsal.namespace)
        source = repeatable_source(statements, namespace, before)
        needs_mode = rehearsal.makes_tensors(indices)
        with grads_kept(rehearsal):
            self._meter.measure(
                Piece(
                    part=part,
                    source=source,
                    namespace=namespace,
                    text=source_of(self._text, statements),
                    line=statements[0].lineno,
                    end_line=statements[-1].end_lineno,
                    first_seconds=rehearsal.first_seconds(indices),
                    default_device=rehearsal.conditions.default_device if needs_mode else None,
                )
            )

    def _time_backward(self, rehearsal: Rehearsal, call: BackwardCall) -> None:
        with grads_kept(rehearsal):
            first_seconds = _call_backward(rehearsal, call)
            self._meter.measure(
                Piece(
                    part=TimedPart.BACKWARD,
                    source=ast.unparse(call.call),
                    namespace=dict(rehearsal.namespace),
                    text=source_of(self._text, [call.statement]),
                    line=call.statement.lineno,
                    end_line=call.statement.end_lineno,
                    first_seconds=first_seconds,
                )
            )

    def _time_step(self, rehearsal: Rehearsal, call: BackwardCall) -> None:
        index = find_step(call, rehearsal.namespace, torch.optim.Optimizer)
        if index is None:
            raise NoSuchPartError(
                "There is no optimizer.step() after the backward call; time the lines of your own "
                "update instead."
            )
        step = call.block[index]
        parameters = [leaf for leaf in rehearsal.leaf_tensors() if leaf.requires_grad]
        kept = [parameter.detach().clone() for parameter in parameters]
        with grads_kept(rehearsal):
            _call_backward(rehearsal, call)
            with rehearsal.surroundings():
                for statement in call.block[call.position + 1 : index]:
                    rehearsal.execute(statement)
                started = rehearsal.clock()
                rehearsal.execute(step)
                first_seconds = rehearsal.clock() - started
            self._meter.measure(
                Piece(
                    part=TimedPart.STEP,
                    source=ast.unparse(step),
                    namespace=dict(rehearsal.namespace),
                    text=source_of(self._text, [step]),
                    line=step.lineno,
                    end_line=step.end_lineno,
                    first_seconds=first_seconds,
                )
            )
        with torch.no_grad():
            for parameter, value in zip(parameters, kept, strict=True):
                parameter.copy_(value)

    def time_transfers(self, rehearsal: Rehearsal) -> None:
        """Copies of all leaves from the CPU to the device and back."""
        tensors = [leaf.detach() for leaf in rehearsal.leaf_tensors()]
        if not tensors:
            raise NoSuchPartError("There is no leaf to transfer.")
        for source, target in (("cpu", rehearsal.device), (rehearsal.device, "cpu")):
            self.time_copies([t.to(source) for t in tensors], source, target)

    def time_copies(self, tensors: list[torch.Tensor], source: str, target: str) -> None:
        """Copies of these tensors, which are on `source`, to `target`."""
        device, self._meter.device = self._meter.device, source
        try:
            clock = clock_of((source, target))
            started = clock()
            for tensor in tensors:
                tensor.to(target, copy=True)
            self._meter.measure(
                Piece(
                    part=TimedPart.TRANSFER,
                    source="for tensor in tensors: tensor.to(target, copy=True)",
                    namespace={"tensors": tensors, "target": torch.device(target)},
                    text=f"{len(tensors)} {'leaf' if len(tensors) == 1 else 'leaves'}",
                    first_seconds=clock() - started,
                    to_device=target,
                    nbytes=sum(tensor.nbytes for tensor in tensors),
                    counts_work=False,
                )
            )
        finally:
            self._meter.device = device


def can_transfer(device: str) -> bool:
    """Whether there is something to copy between the CPU and it."""
    return device != AS_PLACED and torch.device(device).type != "cpu"


@contextmanager
def grads_kept(rehearsal: Rehearsal) -> Iterator[None]:
    """Let backward calls accumulate into copies; what `.grad` meant is put back whole."""
    kept = [(leaf, leaf.grad) for leaf in rehearsal.leaf_tensors()]
    for leaf, grad in kept:
        leaf.grad = None if grad is None else grad.clone()
    try:
        yield
    finally:
        for leaf, grad in kept:
            leaf.grad = grad


def _call_backward(rehearsal: Rehearsal, call: BackwardCall) -> float:
    """Make the call once, keeping the graph; how long it took."""
    code = compile(ast.Expression(call.call), "<expression>", "eval")
    try:
        with silence():
            started = rehearsal.clock()
            eval(code, rehearsal.namespace)
            return rehearsal.clock() - started
    except Exception as problem:
        # Only what the person's backward call raises can come here.
        line = call.statement.lineno
        error = RunError(
            type=type(problem).__name__,
            message=plain_message(problem),
            line=line,
            help=rehearsal.explain_memory(problem),
        )
        raise TextFailedError(error) from problem

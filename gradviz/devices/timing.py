"""Time parts of a document on each device, in each type, at each size.

The document is executed in a namespace of its own; the person's last run, gradients and random
numbers are not touched.
"""

from __future__ import annotations

import ast
import contextlib
import datetime
from collections.abc import Iterator, Mapping
from typing import Final, Protocol

import torch

from gradviz.devices.ceilings import measure_ceiling
from gradviz.devices.machine import cpu_name
from gradviz.devices.meter import Meter, ProgressListener, first_line
from gradviz.devices.op_calls import time_ops
from gradviz.devices.parts import NoSuchPartError, PartTimer, can_transfer
from gradviz.devices.precision import check_type
from gradviz.devices.rehearsal import (
    Conditions,
    Rehearsal,
    TextFailedError,
)
from gradviz.devices.script import BackwardCall, find_backward, parse_statements
from gradviz.devices.sweeping import SizeLimit
from gradviz.devices.untouched import current_folder, untouched_state
from gradviz.documents.sizes import with_size
from gradviz.errors import GradvizError
from gradviz.recording.model import RunError
from gradviz.recording.timing import (
    AS_PLACED,
    AS_WRITTEN,
    Ceiling,
    Measurement,
    Sweep,
    TimedPart,
    Timing,
)

_PASSES: Final = frozenset({TimedPart.FORWARD, TimedPart.BACKWARD, TimedPart.STEP})
_OPS: Final = frozenset({TimedPart.OP, TimedPart.OP_BACKWARD})
_NO_BACKWARD: Final = (
    "There is no backward call outside functions, so forward and backward cannot be told apart."
)


class TimingRequest(Protocol):
    """What should be timed; the worker's message is one."""

    @property
    def text(self) -> str:
        """The document."""

    @property
    def parts(self) -> tuple[TimedPart, ...]:
        """What of it."""

    @property
    def devices(self) -> tuple[str, ...]:
        """Where; `AS_PLACED` leaves that to the document."""

    @property
    def line(self) -> int | None:
        """Chooses the statement, the first of the lines, and the backward call at or after it."""

    @property
    def end_line(self) -> int | None:
        """The last of the lines."""

    @property
    def threads(self) -> tuple[int, ...]:
        """How many CPU threads, one measurement each; empty for torch's own choice."""

    @property
    def dtypes(self) -> tuple[str, ...]:
        """In which types; empty for what the document makes."""

    @property
    def sweep(self) -> Sweep | None:
        """At which sizes; None for that of the document."""

    @property
    def ceilings(self) -> bool:
        """Whether to measure what each device reaches at best, too."""

    @property
    def min_seconds(self) -> float:
        """How long each measurement lasts at least."""

    @property
    def max_seconds(self) -> float:
        """How long it may last where the spread stays large."""

    @property
    def seed(self) -> int | None:
        """Seeds torch before the document is executed."""

    @property
    def run_device(self) -> str:
        """Where the document's runs make tensors, for `AS_PLACED`."""

    @property
    def placement(self) -> Mapping[str, str]:
        """Where the document's runs put what names mean, for `AS_PLACED`."""


def time_parts(
    request: TimingRequest, *, on_progress: ProgressListener
) -> tuple[Timing, RunError | None]:
    """Time the parts on each device; all leaves and modules are placed there.

    `KeyboardInterrupt` ends it with what was measured until then. A device or part that fails
    becomes a sentence in `Timing.failures`. The error says why the text itself did not run.
    """
    session = _Session(request, on_progress)
    error = None
    try:
        used = (*request.devices, request.run_device, *request.placement.values())
        with untouched_state(used):
            error = session.measure()
    except KeyboardInterrupt:
        session.stopped = True
    timing = Timing(
        measurements=session.sorted_measurements(),
        failures=tuple(dict.fromkeys(session.failures)),
        stopped=session.stopped,
        machine=cpu_name(),
        torch=str(torch.__version__),
        date=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
        ceilings=tuple(session.ceilings),
        sweep=request.sweep.size if request.sweep is not None else "",
    )
    return timing, error


class _Session:
    def __init__(self, request: TimingRequest, on_progress: ProgressListener) -> None:
        self._request = request
        self._parts = set(request.parts)
        self._dtypes = request.dtypes or (AS_WRITTEN,)
        self._folder = current_folder()
        self._meter = Meter(
            threads=request.threads,
            min_seconds=request.min_seconds,
            max_seconds=request.max_seconds,
            on_progress=on_progress,
        )
        self.failures: list[str] = []
        self.ceilings: list[Ceiling] = []
        self.stopped = False

    def measure(self) -> RunError | None:
        """Measure everything that was asked for; why the text ran nowhere, if it did not."""
        try:
            parse_statements(self._request.text)
        except SyntaxError as problem:
            return RunError(
                type="SyntaxError",
                message=problem.msg,
                line=problem.lineno,
                column=None if problem.offset is None else max(0, problem.offset - 1),
            )
        meter = self._meter
        conditions = [(dev, dtype) for dev in self._request.devices for dtype in self._dtypes]
        errors: list[RunError] = []
        for index, (device, dtype) in enumerate(conditions):
            meter.device, meter.dtype, meter.size = device, dtype, None
            # What failed before will not come any more.
            meter.total = meter.done + sum(self._count(left) for left, _ in conditions[index:])
            with self._telling(errors):
                _check_device(device)
                if device != AS_PLACED:
                    check_type(device, dtype)
                if self._request.sweep is None:
                    self._measure_text(self._request.text)
                else:
                    self._sweep(self._request.sweep)
        self._measure_ceilings(conditions)
        self._explain_missing_transfers()
        has_run = bool(meter.measurements) or len(errors) < len(conditions)
        return None if has_run else errors[0]

    @contextlib.contextmanager
    def _telling(self, errors: list[RunError]) -> Iterator[None]:
        """A device that fails becomes a sentence, and the others go on."""
        try:
            yield
        except TextFailedError as problem:
            errors.append(problem.run_error)
            where = self._meter.where()
            line = problem.run_error.line
            place = "The text" if line is None else f"Line {line}"
            failure = f"{place} failed on {where}: {first_line(str(problem))}."
            self.failures.append(f"{failure} {problem.run_error.help}".rstrip())
        except GradvizError as problem:
            self._note(problem)

    def _count(self, device: str) -> int:
        """How many measurements a device and type will make, as far as is known before."""
        try:
            threads = len(self._meter.threads_on(device))
            transfers = 2 if TimedPart.TRANSFER in self._parts and can_transfer(device) else 0
        except RuntimeError:
            return 0
        sizes = len(self._request.sweep.values) if self._request.sweep is not None else 1
        # Nobody knows how many different ops there are before the text has run.
        known = self._parts - _OPS - {TimedPart.TRANSFER}
        return (len(known) * threads + transfers) * sizes

    def sorted_measurements(self) -> tuple[Measurement, ...]:
        """Part by part, so that the devices stand beside each other."""
        parts, devices = list(TimedPart), self._request.devices

        def place(measurement: Measurement) -> tuple[int, int, int, int, int]:
            device = measurement.to_device or measurement.device
            where = devices.index(device) if device in devices else len(devices)
            dtype = self._dtypes.index(measurement.dtype)
            size = measurement.size or 0
            return parts.index(measurement.part), size, where, dtype, measurement.threads

        return tuple(sorted(self._meter.measurements, key=place))

    def _sweep(self, sweep: Sweep) -> None:
        limit = SizeLimit(sweep, self._meter.device)
        self._meter.sweep = sweep.size
        for value in sorted(sweep.values):
            # It stays when something fails, to be told with it.
            self._meter.size = value
            limit.check(value)
            made = len(self._meter.measurements)
            rehearsal = self._measure_text(with_size(self._request.text, sweep.size, value))
            limit.note(value, rehearsal, self._meter.measurements[made:])

    def _measure_text(self, text: str) -> Rehearsal | None:
        """Time all parts of a text; the last execution of it, None where there was none."""
        statements = parse_statements(text)
        timer = PartTimer(text, statements, self._meter)
        rehearsal = self._measure_passes(timer, statements)
        # Afterwards, since these exchange statements for ones that can be repeated.
        for part in (TimedPart.STATEMENT, TimedPart.LINES):
            if part in self._parts:
                with self._attempt():
                    rehearsal = timer.time_lines(self._conditions(), part, *self._lines(part))
        if self._parts & _OPS:
            with self._attempt():
                time_ops(text, parse_statements(text), self._conditions(), self._meter, self._parts)
        return rehearsal

    def _lines(self, part: TimedPart) -> tuple[int, int]:
        first = self._request.line or 1
        last = first if part is TimedPart.STATEMENT else self._request.end_line or first
        return min(first, last), max(first, last)

    def _measure_passes(self, timer: PartTimer, statements: list[ast.stmt]) -> Rehearsal | None:
        call: BackwardCall | None = None
        if self._parts & _PASSES:
            call = find_backward(statements, self._request.line)
            if call is None:
                self.failures.append(_NO_BACKWARD)
        transfers = TimedPart.TRANSFER in self._parts and can_transfer(self._meter.device)
        if call is None and not transfers:
            return None
        rehearsal = Rehearsal(self._conditions())
        if call is None:
            rehearsal.run_all(statements)
        else:
            rehearsal.run_to_backward(statements, call)
            for problem in timer.time_passes(rehearsal, call, self._parts):
                self._note(problem)
        if transfers:
            with self._attempt():
                timer.time_transfers(rehearsal)
        return rehearsal

    def _conditions(self) -> Conditions:
        request = self._request
        return Conditions(
            device=self._meter.device,
            dtype=self._meter.dtype,
            seed=request.seed,
            run_device=request.run_device,
            placement=request.placement,
            folder=self._folder,
        )

    @contextlib.contextmanager
    def _attempt(self) -> Iterator[None]:
        """One part that cannot be timed does not keep the others from it."""
        try:
            yield
        except TextFailedError:
            raise
        except GradvizError as problem:
            self._note(problem)

    def _note(self, problem: GradvizError) -> None:
        if isinstance(problem, NoSuchPartError):
            self.failures.append(str(problem))
            return
        self.failures.append(f"Not timed on {self._meter.where()}: {problem}")

    def _measure_ceilings(self, conditions: list[tuple[str, str]]) -> None:
        if not self._request.ceilings:
            return
        for device, dtype in conditions:
            if device == AS_PLACED:
                continue
            for threads in self._meter.threads_on(device):
                unit = "thread" if threads == 1 else "threads"
                where = ", ".join(word for word in (device, dtype) if word)
                self._meter.announce(f"ceilings, {where}, {threads} {unit}")
                with contextlib.suppress(GradvizError):
                    _check_device(device)
                    check_type(device, dtype)
                    self.ceilings.append(measure_ceiling(device, dtype, threads))

    def _explain_missing_transfers(self) -> None:
        if TimedPart.TRANSFER not in self._parts:
            return
        with contextlib.suppress(RuntimeError):
            if not any(can_transfer(device) for device in self._request.devices):
                self.failures.append("Transfers need a second device besides the CPU.")


def _check_device(device: str) -> None:
    """Raise `GradvizError` where nothing can be timed on it."""
    if device == AS_PLACED:
        return
    try:
        kind = torch.device(device).type
    except RuntimeError:
        # Torch lists every kind that it has ever known.
        raise GradvizError(f"PyTorch knows no device {device}.") from None
    try:
        if kind == "meta":
            raise GradvizError("it computes nothing, so there is nothing to time.")
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as problem:
        raise GradvizError(f"{first_line(str(problem))}.") from problem

"""Time a statement, the forward, the backward and the transfers of a document on each device.

The document is executed in a namespace of its own; the person's last run, gradients and random
numbers are not touched.
"""

from __future__ import annotations

import ast
import contextlib
import datetime
from collections.abc import Callable, Iterator, Sequence
from typing import Final, Protocol, assert_never

import torch
from torch.utils.benchmark.utils.timer import timer as synchronised_clock

from gradviz.devices.machine import cpu_name
from gradviz.devices.measuring import Samples, repeatable_source, silence, take_samples
from gradviz.devices.placement import Namespace, same_device
from gradviz.devices.rehearsal import Rehearsal, TextFailedError, untouched_state
from gradviz.devices.script import (
    BackwardCall,
    find_backward,
    keep_graph,
    parse_statements,
    source_of,
    statement_at,
)
from gradviz.errors import GradvizError
from gradviz.recording.model import RunError
from gradviz.recording.timing import Measurement, TimedPart, Timing

_MODE_WARNING: Final = (
    "It makes tensors, so that PyTorch's default-device mode is in the figure, some µs for a call."
)
_STOPPED_WARNING: Final = "Stopped before there were enough samples."


class TimingRequest(Protocol):
    """What shall be timed; the worker's message is one."""

    @property
    def text(self) -> str:
        """The document."""

    @property
    def parts(self) -> tuple[TimedPart, ...]:
        """What of it."""

    @property
    def devices(self) -> tuple[str, ...]:
        """Where."""

    @property
    def line(self) -> int | None:
        """Chooses the statement, and the backward call at or after it."""

    @property
    def threads(self) -> tuple[int, ...]:
        """How many CPU threads, one measurement each; empty for torch's own choice."""

    @property
    def min_seconds(self) -> float:
        """How long each measurement lasts at least."""

    @property
    def max_seconds(self) -> float:
        """How long it may last where the spread stays large."""

    @property
    def seed(self) -> int | None:
        """Seeds torch before the document is executed."""


class ProgressListener(Protocol):
    """Told before and after each measurement."""

    def __call__(
        self, done: int, total: int, measuring: str, latest: Measurement | None = None
    ) -> None:
        """`done` of `total` are there, `measuring` names the one that begins."""


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
        with untouched_state():
            error = session.measure()
    except KeyboardInterrupt:
        session.stopped = True
    timing = Timing(
        measurements=session.sorted_measurements(),
        failures=tuple(session.failures),
        stopped=session.stopped,
        machine=cpu_name(),
        torch=str(torch.__version__),
        date=datetime.datetime.now().astimezone().isoformat(timespec="seconds"),
    )
    return timing, error


class _Session:
    def __init__(self, request: TimingRequest, on_progress: ProgressListener) -> None:
        self._request = request
        self._on_progress = on_progress
        self._statements: list[ast.stmt] = []
        self.measurements: list[Measurement] = []
        self.failures: list[str] = []
        self.stopped = False
        self._done = 0
        self._total = sum(self._count(device) for device in request.devices)

    def _threads(self, device: str) -> tuple[int, ...]:
        threads = self._request.threads or (torch.get_num_threads(),)
        # What a card does depends on the CPU's threads only where its queue runs dry.
        return threads if same_device(device, "cpu") else threads[:1]

    def _count(self, device: str) -> int:
        try:
            is_cpu = same_device(device, "cpu")
        except RuntimeError:
            return 0
        parts = set(self._request.parts)
        transfers = 2 if TimedPart.TRANSFER in parts and not is_cpu else 0
        return len(parts - {TimedPart.TRANSFER}) * len(self._threads(device)) + transfers

    def measure(self) -> RunError | None:
        """Measure everything that was asked for; why the text ran nowhere, if it did not."""
        try:
            self._statements = parse_statements(self._request.text)
        except SyntaxError as problem:
            return RunError(
                type="SyntaxError",
                message=problem.msg,
                line=problem.lineno,
                column=None if problem.offset is None else max(0, problem.offset - 1),
            )
        errors: list[RunError] = []
        for device in self._request.devices:
            before = self._done
            try:
                _check_device(device)
                self._measure_on(device)
            except TextFailedError as problem:
                errors.append(problem.run_error)
                where = problem.run_error.line
                place = "The text" if where is None else f"Line {where}"
                self.failures.append(f"{place} failed on {device}: {_first_line(str(problem))}.")
            except GradvizError as problem:
                self.failures.append(f"Not timed on {device}: {problem}")
            with contextlib.suppress(RuntimeError):
                self._done = before + self._count(device)
        self._explain_missing_transfers()
        return errors[0] if errors and len(errors) == len(self._request.devices) else None

    def sorted_measurements(self) -> tuple[Measurement, ...]:
        """Part by part, so that the devices stand beside each other."""
        parts, devices = list(TimedPart), self._request.devices

        def place(measurement: Measurement) -> tuple[int, int, int]:
            device = measurement.to_device or measurement.device
            where = devices.index(device) if device in devices else len(devices)
            return parts.index(measurement.part), where, measurement.threads

        return tuple(sorted(self.measurements, key=place))

    def _explain_missing_transfers(self) -> None:
        if TimedPart.TRANSFER in self._request.parts and not any(
            self._count(device) and not same_device(device, "cpu")
            for device in self._request.devices
        ):
            self.failures.append("Transfers need a second device besides the CPU.")

    def _measure_on(self, device: str) -> None:
        parts = set(self._request.parts)
        if TimedPart.STATEMENT in parts:
            self._attempt(device, self._measure_statement, device)
        call = None
        if parts & {TimedPart.FORWARD, TimedPart.BACKWARD}:
            call = find_backward(self._statements, self._request.line)
            if call is None:
                self.failures.append(
                    "There is no backward call outside functions, so that forward and backward "
                    "cannot be told."
                )
        transfers = TimedPart.TRANSFER in parts and not same_device(device, "cpu")
        if call is None and not transfers:
            return
        rehearsal = Rehearsal(device, seed=self._request.seed)
        if call is None:
            rehearsal.run_all(self._statements)
        else:
            rehearsal.run_to_backward(self._statements, call)
            self._attempt(device, self._measure_passes, rehearsal, call)
        if transfers:
            self._measure_transfers(rehearsal)

    def _attempt(self, device: str, measure: Callable[..., None], *arguments: object) -> None:
        """One part that cannot be timed does not keep the others from it."""
        try:
            measure(*arguments)
        except TextFailedError:
            raise
        except GradvizError as problem:
            self.failures.append(f"Not timed on {device}: {problem}")

    def _measure_statement(self, device: str) -> None:
        line = self._request.line or 1
        index = statement_at(self._statements, line)
        if index is None:
            raise GradvizError(f"There is no statement on line {line}.")
        rehearsal = Rehearsal(device, seed=self._request.seed)
        statement = keep_graph(self._statements[index])
        rehearsal.run_to_statement([*self._statements[:index], statement], index)
        rehearsal.check_devices([statement])
        self._measure_statements(TimedPart.STATEMENT, rehearsal, [statement], [index])

    def _measure_passes(self, rehearsal: Rehearsal, call: BackwardCall) -> None:
        indices = rehearsal.forward_of(call)
        statements = [
            call.root_statement if i == call.position and call.root_statement else call.block[i]
            for i in indices
        ]
        rehearsal.check_devices(statements)
        # Backward first: repeating the forward may change in place what the graph has saved.
        if TimedPart.BACKWARD in self._request.parts:
            self._measure_backward(rehearsal, call)
        if TimedPart.FORWARD in self._request.parts:
            if not statements:
                self.failures.append("No statement computes the root of the backward call.")
                return
            self._measure_statements(TimedPart.FORWARD, rehearsal, statements, indices)

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
        self._measure_source(
            part,
            rehearsal.device,
            source,
            namespace,
            text=source_of(self._request.text, statements),
            line=statements[0].lineno,
            first_seconds=rehearsal.first_seconds(indices),
            default_device=rehearsal.device if needs_mode else None,
        )

    def _measure_backward(self, rehearsal: Rehearsal, call: BackwardCall) -> None:
        source = ast.unparse(call.call)
        code = compile(ast.Expression(call.call), "<expression>", "eval")
        kept = [(leaf, leaf.grad) for leaf in rehearsal.leaf_tensors()]
        # Accumulated into copies, so that what the person's `.grad` meant is put back whole.
        for leaf, grad in kept:
            leaf.grad = None if grad is None else grad.clone()
        try:
            with silence():
                started = synchronised_clock()
                eval(code, rehearsal.namespace)
                first_seconds = synchronised_clock() - started
        except Exception as problem:
            # Only what the person's backward call raises can come here.
            line = call.statement.lineno
            raise TextFailedError(
                RunError(type=type(problem).__name__, message=str(problem), line=line)
            ) from problem
        self._measure_source(
            TimedPart.BACKWARD,
            rehearsal.device,
            source,
            dict(rehearsal.namespace),
            text=source_of(self._request.text, [call.statement]),
            line=call.statement.lineno,
            first_seconds=first_seconds,
        )
        for leaf, grad in kept:
            leaf.grad = grad

    def _measure_transfers(self, rehearsal: Rehearsal) -> None:
        tensors = [leaf.detach() for leaf in rehearsal.leaf_tensors()]
        if not tensors:
            self.failures.append("There is no leaf to transfer.")
            return
        for source, target in (("cpu", rehearsal.device), (rehearsal.device, "cpu")):
            self._measure_copies([t.to(source) for t in tensors], source, target)

    def _measure_copies(self, tensors: list[torch.Tensor], source: str, target: str) -> None:
        started = synchronised_clock()
        for tensor in tensors:
            tensor.to(target, copy=True)
        self._measure_source(
            TimedPart.TRANSFER,
            source,
            "for tensor in tensors: tensor.to(target, copy=True)",
            {"tensors": tensors, "target": torch.device(target)},
            text=f"{len(tensors)} {'leaf' if len(tensors) == 1 else 'leaves'}",
            line=None,
            first_seconds=synchronised_clock() - started,
            to_device=target,
            nbytes=sum(tensor.nbytes for tensor in tensors),
        )

    def _measure_source(
        self,
        part: TimedPart,
        device: str,
        source: str,
        namespace: Namespace,
        *,
        text: str,
        line: int | None,
        first_seconds: float,
        to_device: str = "",
        nbytes: int = 0,
        default_device: str | None = None,
    ) -> None:
        threads = self._threads(device)
        for count in threads if part is not TimedPart.TRANSFER else threads[:1]:
            unit = "thread" if count == 1 else "threads"
            self._on_progress(self._done, self._total, f"{_word(part)}, {device}, {count} {unit}")
            samples = Samples()
            with _keep_what_was_sampled(samples) as kept:
                try:
                    with _default_device(default_device), silence():
                        take_samples(
                            source,
                            namespace,
                            samples,
                            threads=count,
                            min_seconds=self._request.min_seconds,
                            max_seconds=self._request.max_seconds,
                        )
                except Exception as problem:
                    # The person's own code raised when it was repeated.
                    reason = _first_line(f"{type(problem).__name__}: {problem}")
                    raise GradvizError(f"{_word(part)} cannot be repeated: {reason}.") from problem
            warnings = [_STOPPED_WARNING if kept.interrupted else samples.warning]
            warnings += [_MODE_WARNING] if default_device else []
            if samples.seconds:
                measurement = Measurement(
                    part=part,
                    text=text,
                    line=line,
                    device=device,
                    threads=count,
                    seconds=tuple(samples.seconds),
                    loops=samples.loops,
                    first_seconds=first_seconds,
                    to_device=to_device,
                    nbytes=nbytes,
                    warning=" ".join(warning for warning in warnings if warning),
                )
                self.measurements.append(measurement)
            if kept.interrupted:
                raise KeyboardInterrupt
            self._done += 1
            self._on_progress(self._done, self._total, "", measurement)


class _Kept:
    interrupted = False


@contextlib.contextmanager
def _keep_what_was_sampled(samples: Samples) -> Iterator[_Kept]:
    kept = _Kept()
    try:
        yield kept
    except KeyboardInterrupt:
        kept.interrupted = True


@contextlib.contextmanager
def _default_device(device: str | None) -> Iterator[None]:
    if device is None:
        yield
    else:
        with torch.device(device):
            yield


def _check_device(device: str) -> None:
    """Raise `GradvizError` where nothing can be timed on it."""
    try:
        if torch.device(device).type == "meta":
            raise GradvizError("it computes nothing, so that there is nothing to time.")
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as problem:
        raise GradvizError(f"{_first_line(str(problem))}.") from problem


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0].rstrip(".")


def _word(part: TimedPart) -> str:
    match part:
        case TimedPart.STATEMENT:
            return "statement"
        case TimedPart.FORWARD:
            return "forward"
        case TimedPart.BACKWARD:
            return "backward"
        case TimedPart.TRANSFER:
            return "transfer"
        case _:
            assert_never(part)

"""Measure pieces of code, once for each thread count, and report progress."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol

import msgspec
import torch

from gradviz.devices import exhausted
from gradviz.devices.measuring import Samples, silence, take_samples
from gradviz.devices.placement import same_device
from gradviz.devices.precision import computing_in, type_warning
from gradviz.devices.replacing import Namespace
from gradviz.devices.waiting import clock_of, current, devices_in_use
from gradviz.devices.work import Work, counted_work
from gradviz.errors import GradvizError
from gradviz.language.failures import plain_message
from gradviz.recording.timing import AS_PLACED, Measurement, TimedPart

_MODE_WARNING = (
    "It makes tensors, so the figure includes PyTorch's default-device mode, some µs for each call."
)
_STOPPED_WARNING = "Stopped before there were enough samples."


class ProgressListener(Protocol):
    """Told before and after each measurement."""

    def __call__(
        self, done: int, total: int, measuring: str, latest: Measurement | None = None
    ) -> None:
        """`done` of `total` are there, `measuring` names the one that begins."""


class Piece(msgspec.Struct, frozen=True, kw_only=True):
    """Code to be repeated, and what its measurement should say of it.

    `source` is executed in `namespace`. `default_device` is where it makes tensors that do not say
    where, None where it makes none. `name` stands for `text` while it is measured.
    """

    part: TimedPart
    source: str
    namespace: Namespace
    text: str
    line: int | None = None
    end_line: int | None = None
    first_seconds: float | None = None
    to_device: str = ""
    nbytes: int = 0
    default_device: str | None = None
    ops: tuple[int, ...] = ()
    name: str = ""
    counts_work: bool = True


class Meter:
    """Measures pieces under the same conditions.

    Attributes:
        measurements: what has been measured.
        total: how many measurements there will be, as far as is known.
        device, dtype, size: the conditions of what is measured now.
        sweep: what the size is called in the text.
    """

    def __init__(
        self,
        *,
        threads: tuple[int, ...],
        min_seconds: float,
        max_seconds: float,
        on_progress: ProgressListener,
    ) -> None:
        self._threads = threads or (torch.get_num_threads(),)
        self._min_seconds = min_seconds
        self._max_seconds = max_seconds
        self._on_progress = on_progress
        self.measurements: list[Measurement] = []
        self.total = 0
        self.done = 0
        self.device = "cpu"
        self.dtype = ""
        self.size: int | None = None
        self.sweep = ""

    def threads_on(self, device: str) -> tuple[int, ...]:
        """The thread counts that make a difference on a device."""
        # What a card does depends on the CPU's threads only where its queue runs dry.
        is_cpu = device == AS_PLACED or same_device(device, "cpu")
        return self._threads if is_cpu else self._threads[:1]

    def measure(self, piece: Piece, *, share: float = 1.0) -> None:
        """Measure it with each thread count, each as long as a `share` of the usual time.

        Raises `GradvizError` where it cannot be repeated. `KeyboardInterrupt` gets out with what
        was sampled kept.
        """
        threads = self.threads_on(self.device)
        work: Work | None = None
        for count in threads if piece.part is not TimedPart.TRANSFER else threads[:1]:
            self._tell(piece, count)
            samples = Samples()
            with (
                _keeping(samples) as kept,
                _sentence_for(piece),
                silence(),
                current("cpu" if self.device == AS_PLACED else self.device),
                computing_in(self.dtype),
                _default_device(piece.default_device),
            ):
                if work is None and piece.counts_work:
                    work = _count(piece, self.device)
                take_samples(
                    piece.source,
                    piece.namespace,
                    samples,
                    clock=self._clock(piece),
                    threads=count,
                    min_seconds=share * self._min_seconds,
                    max_seconds=share * self._max_seconds,
                )
            latest = self._measurement(piece, count, samples, work, stopped=kept.interrupted)
            if latest is not None:
                self.measurements.append(latest)
            if kept.interrupted:
                raise KeyboardInterrupt
            self.done += 1
            self._on_progress(self.done, max(self.total, self.done), "", latest)

    def _clock(self, piece: Piece) -> Callable[[], float]:
        """One that waits for the devices that the piece may use."""
        told = [self.device, piece.to_device]
        return clock_of([*(d for d in told if d and d != AS_PLACED), *devices_in_use()])

    def announce(self, what: str) -> None:
        """Say what goes on where it is not a measurement of a piece."""
        self._on_progress(self.done, max(self.total, self.done + 1), what)

    def where(self) -> str:
        """The conditions in words: `cpu, float64, n = 512`."""
        words = [self.device, self.dtype]
        if self.size is not None:
            words.append(f"{self.sweep} = {self.size}" if self.sweep else str(self.size))
        return ", ".join(word for word in words if word)

    def _tell(self, piece: Piece, threads: int) -> None:
        unit = "thread" if threads == 1 else "threads"
        what = piece.name or piece.part.value
        self.announce(f"{what}, {self.where()}, {threads} {unit}")

    def _measurement(
        self, piece: Piece, threads: int, samples: Samples, work: Work | None, *, stopped: bool
    ) -> Measurement | None:
        if not samples.seconds:
            return None
        warnings = [_STOPPED_WARNING if stopped else samples.warning]
        warnings += [_MODE_WARNING] if piece.default_device else []
        if self.device != AS_PLACED:
            warnings.append(type_warning(self.device, self.dtype))
        return Measurement(
            part=piece.part,
            text=piece.text,
            line=piece.line,
            end_line=piece.end_line,
            device=self.device,
            threads=threads,
            seconds=tuple(samples.seconds),
            loops=samples.loops,
            first_seconds=piece.first_seconds,
            to_device=piece.to_device,
            nbytes=piece.nbytes,
            warning=" ".join(warning for warning in warnings if warning),
            dtype=self.dtype,
            ops=piece.ops,
            flops=None if work is None else work.flops,
            moved_nbytes=None if work is None else work.moved_nbytes,
            peak_nbytes=None if work is None else work.peak_nbytes,
            size=self.size,
        )


def _count(piece: Piece, device: str) -> Work | None:
    """What it does, None where that cannot be counted: some ops do not suffer to be watched."""
    code = compile(piece.source, "<expression>", "exec")
    try:
        with counted_work(device) as work:
            exec(code, dict(piece.namespace))
    except (GradvizError, RuntimeError, TypeError, AttributeError, ValueError):
        return None
    return work


@contextlib.contextmanager
def _sentence_for(piece: Piece) -> Iterator[None]:
    try:
        yield
    except Exception as problem:
        # The person's own code raised when it was repeated.
        message = str(problem)
        reason = first_line(f"{type(problem).__name__}: {plain_message(problem)}")
        what = piece.name or piece.part.value
        sentence = f"{what} cannot be repeated: {reason}."
        if exhausted.is_out_of_memory(problem, message):
            held = exhausted.explain(problem, message, piece.namespace, "", _no_line)
            sentence = f"{sentence} {held}"
        raise GradvizError(sentence) from problem


def _no_line(_label: str, _address: int) -> None:
    """A part that is repeated names no lines beside its own."""


class _Kept:
    interrupted = False


@contextlib.contextmanager
def _keeping(samples: Samples) -> Iterator[_Kept]:
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


def first_line(text: str) -> str:
    """The first line of a message, without its full stop."""
    return (text.strip().splitlines() or [""])[0].rstrip(".")


def call_source(arguments: Sequence[Any], keywords: dict[str, Any]) -> tuple[str, Namespace]:
    """`call(a0, a1, key=k_key)` and its names: no star, whose unpacking would be timed."""
    names: Namespace = {f"a{i}": argument for i, argument in enumerate(arguments)}
    written = list(names)
    for key, argument in keywords.items():
        names[f"k_{key}"] = argument
        written.append(f"{key}=k_{key}")
    return f"call({', '.join(written)})", names

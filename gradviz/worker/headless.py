"""Run a text in a worker of its own, within limits, and wait for its recording."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import msgspec

from gradviz.errors import GradvizError
from gradviz.recording.model import Output, Recording, RunError, RunStatus
from gradviz.worker.client import crash_name
from gradviz.worker.conversation import Conversation, Reply, WorkerDiedError
from gradviz.worker.messages import (
    Answer,
    LineReached,
    OutputAdded,
    RequestFailed,
    Run,
    RunFinished,
)


class Limits(NamedTuple):
    """How long a run may take, and how much memory more than the bare worker."""

    seconds: float | None = None
    memory_mib: int | None = None


class HeadlessRun(NamedTuple):
    """A run that has ended; `is_interrupted` says that Ctrl+C ended it."""

    recording: Recording
    is_interrupted: bool


def run_headless(
    request: Run, limits: Limits, *, on_output: Callable[[Output], None]
) -> HeadlessRun:
    """Run a text; whatever happens, the result has a recording of what is known.

    Raises GradvizError where the worker cannot be started or refuses the request.
    """
    listener = _Listener(on_output)
    with Conversation(memory_mib=limits.memory_mib) as worker:
        worker.wait_until_ready()
        try:
            reply = worker.ask(request, on_progress=listener, limit_seconds=limits.seconds)
        except WorkerDiedError as error:
            lost = _lost_recording(request, listener, death_error(error, listener.line))
            return HeadlessRun(lost, is_interrupted=False)
    return HeadlessRun(_recording_of(reply, request, listener, limits), reply.interrupted)


def death_error(error: WorkerDiedError, line: int | None) -> RunError:
    """The error of a run whose process ended before it answered."""
    name = crash_name(error.returncode)
    if name:
        return RunError("ProcessEnded", f"The process crashed with {name}.", line=line)
    message = f"The code ended its process with status {error.returncode}."
    return RunError("ProcessEnded", message, line=line)


class _Listener:
    """Passes the outputs of a run on, and remembers how far the run has come."""

    def __init__(self, on_output: Callable[[Output], None]) -> None:
        self._on_output = on_output
        self.line: int | None = None
        self.outputs: list[Output] = []

    def __call__(self, answer: Answer) -> None:
        if isinstance(answer, LineReached):
            self.line = answer.line
        elif isinstance(answer, OutputAdded):
            self.outputs.append(answer.output)
            self._on_output(answer.output)


def _recording_of(reply: Reply, request: Run, listener: _Listener, limits: Limits) -> Recording:
    match reply.answer:
        case RequestFailed() as failed:
            raise GradvizError(failed.sentence)
        case RunFinished() as finished:
            recording = finished.recording
        case _:
            stopped = RunError("Stopped", "The run was stopped.", line=listener.line)
            recording = _lost_recording(request, listener, stopped)
    if reply.limited and recording.status is not RunStatus.OK:
        return _limited(recording, _time_is_over(recording, limits, listener.line))
    error = recording.error
    if limits.memory_mib is not None and error is not None and _is_out_of_memory(error):
        return _limited(recording, _memory_is_over(error, limits.memory_mib))
    return recording


def _lost_recording(request: Run, listener: _Listener, error: RunError) -> Recording:
    """What is known of a run whose process is gone."""
    return Recording(
        text=request.text,
        status=RunStatus.ERROR,
        error=error,
        outputs=tuple(listener.outputs),
    )


def _limited(recording: Recording, error: RunError) -> Recording:
    return msgspec.structs.replace(recording, status=RunStatus.LIMITED, error=error)


def _time_is_over(recording: Recording, limits: Limits, line: int | None) -> RunError:
    if recording.error is not None and recording.error.line is not None:
        line = recording.error.line
    return RunError(
        "TimeLimit",
        f"The run was stopped after {limits.seconds:g} s.",
        line=line,
        help="Give it longer with --timeout.",
    )


def _memory_is_over(error: RunError, memory_mib: int) -> RunError:
    message = f"The run needed more than the {memory_mib} MiB that it was given."
    return msgspec.structs.replace(error, type="MemoryLimit", message=message)


def _is_out_of_memory(error: RunError) -> bool:
    # Of torch's own message only the first sentence may be left, which names the file alloc_cpu.
    return error.type in ("MemoryError", "OutOfMemoryError") or any(
        sign in error.message for sign in ("allocate memory", "alloc_cpu")
    )

"""The worker process: owns torch, serves one request at a time, never writes into the frames.

The main thread serves, so that an interrupt can end whatever it does; a second thread receives,
so that the interrupt is heard. When the window is gone the process leaves.
"""

from __future__ import annotations

import argparse
import faulthandler
import gc
import os
import platform
import queue
import sys
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import TYPE_CHECKING, Final, NamedTuple, assert_never

import msgspec

from gradviz.errors import GradvizError
from gradviz.recording.model import Output, Recording, RunError, RunStatus
from gradviz.recording.timing import Measurement, Timing
from gradviz.worker.allocator import described, keep_freed_memory
from gradviz.worker.channel import Channel
from gradviz.worker.framing import FramingError
from gradviz.worker.interrupts import InterruptGate
from gradviz.worker.messages import (
    GONE,
    Complete,
    Completed,
    DevicesListed,
    FetchValue,
    GradientsVerified,
    Hello,
    Interrupt,
    Interrupted,
    LineReached,
    ListDevices,
    MachineSampled,
    OutputAdded,
    Ready,
    Recompute,
    Request,
    RequestFailed,
    Run,
    RunCompared,
    RunFinished,
    Shutdown,
    TimeParts,
    TimingFinished,
    TimingProgressed,
    ValueFetched,
    WatchMachine,
)
from gradviz.worker.parts import cut
from gradviz.worker.stack import ensure_large_stack, limit_memory
from gradviz.worker.whereabouts import Whereabouts

if TYPE_CHECKING:
    from gradviz.devices.random_state import RandomState
    from gradviz.devices.watching import MachineWatch
    from gradviz.language.run import RunOptions, RunResult

EXIT_UNUSABLE: Final = 70

_WARM_UP: Final = """\
import torch

x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
g = (x + y) * y
g.backward()
g
"""


def main() -> None:
    """Serve until the other side closes."""
    parser = argparse.ArgumentParser(prog="python -m gradviz.worker")
    parser.add_argument("--memory", type=int, default=None, metavar="MIB")
    options = parser.parse_args()
    ensure_large_stack()
    allocator = described() if keep_freed_memory() else ""
    faulthandler.enable()
    gate = InterruptGate()
    gate.install()
    channel = Channel.take_over_standard_streams(gate)
    channel.send(Hello(pid=os.getpid(), python=platform.python_version()))
    worker = Worker(channel, gate, allocator)
    threading.Thread(target=worker.receive, name="requests", daemon=True).start()
    try:
        worker.prepare()
        if options.memory is not None:
            limit_memory(options.memory << 20)
        worker.serve()
    except ImportError as error:
        channel.send(RequestFailed(sentence=f"PyTorch could not be imported: {error}"))
        os._exit(EXIT_UNUSABLE)
    except BaseException:
        # Leaving in the ordinary way would wait for the thread that receives.
        traceback.print_exc()
        os._exit(EXIT_UNUSABLE)


class _Kept(NamedTuple):
    """A run whose values can be asked for, and how it can be made again."""

    number: int
    result: RunResult
    options: RunOptions
    state: RandomState


class Worker:
    """Serves requests in the order in which they come.

    Only the result of the last run lives, and while its text is run with changes the one before
    them: their values can be asked for.
    """

    def __init__(self, channel: Channel, gate: InterruptGate, allocator: str) -> None:
        self._channel = channel
        self._allocator = allocator
        self._gate = gate
        self._pid = os.getpid()
        self._waiting: queue.SimpleQueue[Request] = queue.SimpleQueue()
        self._last: _Kept | None = None
        self._beside: _Kept | None = None
        self._watch: MachineWatch | None = None
        self._whereabouts = Whereabouts()
        gate.on_raise = lambda number: channel.send(Interrupted(number=number))

    def receive(self) -> None:
        """Take requests from the channel (in a thread of its own) until it closes."""
        while True:
            try:
                request = self._channel.receive()
            except (FramingError, OSError, ValueError):
                request = None
            match request:
                case None | Shutdown():
                    # The main thread may be deep inside a native call that nothing interrupts.
                    os._exit(0)
                case Interrupt():
                    self._gate.interrupt(request.number)
                case WatchMachine():
                    self._watch_machine(request)
                case _:
                    self._waiting.put(request)

    def prepare(self) -> None:
        """Import torch and run once what every run needs, so that the first run is quick."""
        started = time.perf_counter()
        import torch

        from gradviz.language.run import RunOptions, run

        run(_WARM_UP, RunOptions(), on_output=lambda _output: None, on_line=lambda _line: None)
        # What is imported by now stays: the collector need not look at it again after each run.
        gc.collect()
        gc.freeze()
        self._whereabouts = Whereabouts()
        self._channel.send(
            Ready(
                torch=str(torch.__version__),
                seconds=time.perf_counter() - started,
                cuda=torch.version.cuda is not None,
            )
        )

    def serve(self) -> None:
        """Serve for ever; `receive` ends the process."""
        while True:
            try:
                self._serve(self._waiting.get())
            except KeyboardInterrupt:
                # It was meant for a request that has just been answered.
                continue

    def _serve(self, request: Request) -> None:
        try:
            match request:
                case Run():
                    self._run(request)
                case FetchValue():
                    self._channel.send(self._fetch(request))
                case Recompute():
                    self._recompute(request)
                case Complete():
                    self._channel.send(self._complete(request))
                case ListDevices():
                    self._list_devices(request)
                case TimeParts():
                    self._time_parts(request)
                case Interrupt() | Shutdown() | WatchMachine():
                    raise AssertionError("served by the receiving thread")
                case _:
                    assert_never(request)
            if isinstance(request, Run | TimeParts):
                self._leave_if_card_is_lost()
        except Exception as error:  # The process boundary: nothing else may end the worker.
            self._report_failure(request, error)

    def _report_failure(self, request: Request, error: Exception) -> None:
        if isinstance(error, GradvizError):
            sentence = str(error)
        else:
            traceback.print_exc()
            sentence = f"The worker failed: {type(error).__name__}: {error}"
        self._channel.send(RequestFailed(number=request.number, sentence=sentence))

    def _run(self, request: Run) -> None:
        from gradviz.devices.random_state import RandomState
        from gradviz.language.run import RunOptions, run

        self._forget_results(but=request.beside)
        self._whereabouts.settle(request.filename, request.folder)
        options = RunOptions(
            filename=request.filename,
            device=request.device,
            seed=request.seed,
            placement=request.placement,
            value_budget_nbytes=request.value_budget_nbytes,
            changes=request.changes,
            verify=request.verify,
        )
        state = RandomState()
        show, reach = self._listeners(request.number)
        try:
            with self._gate.open_for(request.number):
                result = run(request.text, options, on_output=show, on_line=reach)
                if self._beside is not None:
                    self._compare(request.number, self._beside.result, result)
            self._last = _Kept(request.number, result, options, state)
            recording, verification = result.recording, result.verification
        except KeyboardInterrupt:
            # It came before the first statement, or while the recording was being completed.
            verification = None
            recording = Recording(
                text=request.text,
                status=RunStatus.LIMITED,
                error=RunError("KeyboardInterrupt", "The run was stopped."),
            )
        finally:
            self._leave_if_forked()
        if verification is not None:
            self._channel.send(GradientsVerified(number=request.number, verification=verification))
        self._send_recording(request.number, recording)

    def _compare(self, number: int, before: RunResult, after: RunResult) -> None:
        from gradviz.worker.comparing import large_extents

        extents = large_extents(before.recording, before.live, after.recording, after.live)
        self._channel.send(RunCompared(number=number, extents=extents))

    def _listeners(self, number: int) -> tuple[Callable[[Output], None], Callable[[int], None]]:
        send = self._channel.send

        def show(output: Output) -> None:
            send(OutputAdded(number=number, output=output))

        def reach(line: int) -> None:
            send(LineReached(number=number, line=line))

        return show, reach

    def _send_recording(self, number: int, recording: Recording) -> None:
        for part in cut(RunFinished(number=number, recording=recording)):
            self._channel.send(part)

    def _forget_results(self, *, but: int = 0) -> None:
        """Free the tensors of all runs but one, those in reference cycles too."""
        kept = self._kept(but) if but else None
        self._last, self._beside = None, kept
        gc.collect()
        torch = sys.modules["torch"]
        for kind in ("cuda", "xpu", "mps"):
            module = getattr(torch, kind, None)
            # Where there is no such card nothing is kept of its memory.
            if module is not None and module.is_available():
                module.empty_cache()

    def _kept(self, run: int) -> _Kept | None:
        """The run of this number, 0 for the last one; None where it is gone."""
        found = (one for one in (self._last, self._beside) if one is not None)
        return self._last if not run else next((one for one in found if one.number == run), None)

    def _leave_if_forked(self) -> None:
        if os.getpid() != self._pid:
            # User code forked and its child came to its end; the parent serves on.
            os._exit(0)

    def _fetch(self, request: FetchValue) -> ValueFetched:
        from gradviz.worker.fetching import fetch_value

        kept = self._kept(request.run)
        if kept is None:
            return ValueFetched(number=request.number, value=request.value, problem=GONE)
        return fetch_value(request, kept.result.live.get(request.value))

    def _recompute(self, request: Recompute) -> None:
        from gradviz.language.run import run
        from gradviz.worker.recomputing import recompute

        kept = self._kept(request.run)
        answer = ValueFetched(number=request.number, value=request.value, problem=GONE)
        if kept is not None:
            try:
                with self._gate.open_for(request.number):
                    answer = recompute(request, kept.result, kept.options, run, kept.state)
            except KeyboardInterrupt:
                answer = ValueFetched(
                    number=request.number, value=request.value, problem="The run was stopped."
                )
            finally:
                self._leave_if_forked()
        self._channel.send(answer)

    def _complete(self, request: Complete) -> Completed:
        from gradviz.language.completion import complete, signature

        namespace = {} if self._last is None else self._last.result.namespace
        if request.signature:
            line = signature(request.expression, namespace, request.imports)
            return Completed(number=request.number, signature=line)
        names = complete(request.expression, namespace, request.imports)
        return Completed(number=request.number, names=names)

    def _list_devices(self, request: ListDevices) -> None:
        from gradviz.devices.machine import describe_machine

        self._channel.send(DevicesListed(number=request.number, machine=describe_machine()))

    def _time_parts(self, request: TimeParts) -> None:
        from gradviz.devices.timing import time_parts

        def progress(
            done: int, total: int, measuring: str, latest: Measurement | None = None
        ) -> None:
            self._channel.send(
                TimingProgressed(
                    number=request.number,
                    done=done,
                    total=total,
                    measuring=measuring,
                    latest=latest,
                )
            )

        forgot_run = self._make_room(request)
        self._whereabouts.settle(request.filename, request.folder)
        try:
            with self._unwatched(), self._gate.open_for(request.number):
                timing, error = time_parts(request, on_progress=progress)
        except KeyboardInterrupt:
            timing, error = Timing(measurements=(), stopped=True), None
        finally:
            self._leave_if_forked()
        timing = msgspec.structs.replace(timing, allocator=self._allocator)
        self._channel.send(
            TimingFinished(number=request.number, timing=timing, error=error, forgot_run=forgot_run)
        )

    def _watch_machine(self, request: WatchMachine) -> None:
        """Begin, change or end the sampling (in the receiving thread)."""
        if self._watch is None:
            if not request.seconds or "torch" not in sys.modules:
                return
            from gradviz.devices.watching import MachineWatch

            self._watch = MachineWatch(
                lambda loads: self._channel.send(MachineSampled(loads=loads))
            )
        self._watch.set_interval(request.seconds)

    def _unwatched(self) -> AbstractContextManager[object]:
        """Sample the machine's load no more in this block, which times something."""
        return nullcontext() if self._watch is None else self._watch.paused()

    def _leave_if_card_is_lost(self) -> None:
        """After a kernel has failed its context computes nothing any more: only a new process does.

        The answer has been sent; the window takes this for the reason why the process ended.
        """
        from gradviz.devices.waiting import devices_in_use, synchronise

        try:
            synchronise(devices_in_use())
        except RuntimeError as error:
            reason = (str(error).strip().splitlines() or [type(error).__name__])[0].rstrip(".")
            sentence = f"The card stopped working and the engine was restarted: {reason}."
            self._channel.send(RequestFailed(sentence=sentence))
            os._exit(EXIT_UNUSABLE)

    def _make_room(self, request: TimeParts) -> bool:
        """Keep the run's tensors where memory allows; whether some had to be let go."""
        from gradviz.worker.room import has_room_beside

        last, beside = self._last, self._beside
        if last is None or has_room_beside(last.result.recording, request.devices):
            return False
        loses = bool(last.result.live) or (beside is not None and bool(beside.result.live))
        del last, beside
        self._forget_results()
        return loses

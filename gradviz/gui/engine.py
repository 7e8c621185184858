"""The window's view of the worker: requests as calls, answers as signals, a spare for emergencies.

Answers arrive on threads of the workers' clients and are handed to the window's thread through a
bounded mailbox, a slice at a time, so that a flood of output slows the run and not the window.
"""

from __future__ import annotations

import itertools
import time
from enum import Enum
from typing import Final

import msgspec
import psutil
from PySide6.QtCore import QObject, Signal

from gradviz.gui.capacity import refusal
from gradviz.gui.engine_worker import EngineWorker, Exit, Mailbox, describe_death
from gradviz.gui.session import RunSettings
from gradviz.gui.timers import single_shot
from gradviz.recording.changes import Change
from gradviz.recording.model import ValueId
from gradviz.worker.messages import (
    Answer,
    Complete,
    Completed,
    DevicesListed,
    FetchValue,
    GradientsVerified,
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
    TimeParts,
    TimingFinished,
    TimingProgressed,
    ValueFetched,
    WatchMachine,
)

STOP_PATIENCE_MS: Final = 600
"""How long an interrupted run may take to end before its process is killed; Stop owes 1 s."""
COMPLETION_PATIENCE_MS: Final = 5_000
"""How long a run that the interrupt has reached may take to complete its recording."""
SPARE_DELAY_MS: Final = 1500
SPARE_NEEDS_NBYTES: Final = 1 << 30
"""Free memory below which no second worker (220 MB) is kept ready."""
_SLICE_SECONDS: Final = 0.008
_CLOSE_SECONDS: Final = 0.15
_NO_RUN: Final = -1
_MAX_FAILED_STARTS: Final = 2


class EngineState(Enum):
    """What the engine can do at the moment."""

    STARTING = "starting"
    """The process is importing torch; requests wait."""
    READY = "ready"
    BUSY = "busy"
    """Running or timing."""
    STOPPING = "stopping"
    """Asked to end what it does."""
    DEAD = "dead"
    """There is no process; `force_restart` makes one."""


class Engine(QObject):
    """Runs documents in a worker process that may be stopped, die and be replaced at any time.

    Attributes:
        state: what can be asked at the moment; `run` and `time_parts` need READY.
        folder: where documents run; empty: where the program was started.
        torch_version: version of the worker's torch, empty before it was ready.

    Signals:
        state_changed: the state is another (`EngineState`).
        ready: a worker can serve now (`Ready`).
        output_added: the run has shown something (`Output`).
        line_reached: the run executes the statement on this line (int).
        gradients_verified: what came of checking a run's gradients (`Verification`), before
            `run_finished`.
        run_compared: how far its large values are from those of the run beside it (tuple of
            `Extent`), before `run_finished`.
        run_finished: the run has ended, well or not (`Recording`).
        value_fetched: a value that was asked for (`ValueFetched`).
        completed: how an expression goes on (`Completed`).
        devices_listed: the devices of the machine (`Machine`).
        machine_sampled: how busy the devices are (tuple of `DeviceLoad`).
        timing_progressed: a measurement was made (`TimingProgressed`).
        timing_finished: the timing has ended, its text perhaps with an error (`TimingFinished`).
        request_failed: a request could not be served, or its process had to be killed (str).
        died: the process ended by itself; a sentence that says how (str).
    """

    state_changed = Signal(object)
    ready = Signal(object)
    output_added = Signal(object)
    line_reached = Signal(int)
    gradients_verified = Signal(object)
    run_compared = Signal(object)
    run_finished = Signal(object)
    value_fetched = Signal(object)
    completed = Signal(object)
    devices_listed = Signal(object)
    machine_sampled = Signal(object)
    timing_progressed = Signal(object)
    timing_finished = Signal(object)
    request_failed = Signal(str)
    died = Signal(str)

    _mail_arrived = Signal()

    def __init__(self, *, spare: bool = True, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.state = EngineState.DEAD
        self.folder = ""
        self.torch_version = ""
        self._numbers = itertools.count(1)
        self._mailbox = Mailbox(self._mail_arrived.emit)
        self._mail_arrived.connect(self._on_mail_arrived)
        self._worker: EngineWorker | None = None
        self._spare: EngineWorker | None = None
        self._keeps_spare = spare
        self._failed_starts = 0
        self._busy_with: int | None = None
        self._line: int | None = None
        self._has_heard = False
        self._shown_run = 0
        self._forgotten_run: int | None = None
        self._fetches: dict[int, int] = {}
        self._patience = single_shot(self, self._on_patience_ended, STOP_PATIENCE_MS)
        self._spare_delay = single_shot(self, self._on_spare_due, SPARE_DELAY_MS)
        self._more_mail = single_shot(self, self._on_mail_arrived)

    def start(self) -> None:
        """Start the worker; returns at once."""
        if self._worker is None:
            self._failed_starts = 0
            self._take_worker()

    def run(
        self,
        text: str,
        *,
        filename: str,
        settings: RunSettings,
        changes: tuple[Change, ...] = (),
        verify: bool = False,
        beside: int = 0,
    ) -> int:
        """Evaluate `text`; the number of the run, 0 where the engine is not ready for one.

        `changes` are made on the way; `verify` checks every gradient. The run `beside` can be
        shown again afterwards, and is compared with this one; 0 for none.
        """
        return self._occupy(
            Run(
                text=text,
                filename=filename,
                folder=self.folder,
                device=settings.device,
                seed=settings.seed,
                placement=settings.placement,
                changes=changes,
                verify=verify,
                beside=max(beside, 0),
            )
        )

    def time_parts(self, request: TimeParts) -> int:
        """Time parts of a text; its number, 0 where the engine is not ready."""
        return self._occupy(msgspec.structs.replace(request, folder=self.folder))

    def stop(self) -> None:
        """End what is running by an interrupt or, if that does not help, by killing the process."""
        if self.state is not EngineState.BUSY or self._worker is None or self._busy_with is None:
            return
        self._worker.client.interrupt(self._busy_with)
        self._has_heard = False
        self._patience.start(STOP_PATIENCE_MS)
        self._set_state(EngineState.STOPPING)

    def force_restart(self) -> None:
        """Kill the worker, whatever it does, and take another."""
        self._failed_starts = 0
        self._replace_worker()

    def fetch_value(self, request: FetchValue) -> int:
        """Ask for a part of a value of the run that is shown; answered after a run."""
        number = self._ask(msgspec.structs.replace(request, run=self._shown_run))
        self._fetches[number] = self._shown_run
        return number

    def recompute(self, value: ValueId) -> int:
        """Run the text of the last run once more for a value that was not kept.

        The answer is `value_fetched`; 0 where the engine is not ready for it.
        """
        number = self._occupy(Recompute(value=value, run=self._shown_run))
        if number:
            self._fetches[number] = self._shown_run
        return number

    def forget_run(self) -> None:
        """Note that what is shown from now on is not a run of this engine."""
        self._shown_run = _NO_RUN
        self._forgotten_run = self._busy_with

    @property
    def shown_run(self) -> int:
        """The number of the run whose values are asked for; not positive where it has none."""
        return self._shown_run

    def show_run(self, number: int) -> None:
        """What is shown from now on is an earlier run, which another was made beside."""
        self.forget_run()
        self._shown_run = number

    def watch_machine(self, seconds: float) -> None:
        """Have `machine_sampled` emitted at this interval, 0 for no more; ends with the worker."""
        if self._worker is not None and self._worker.ready is not None:
            self._ask(WatchMachine(seconds=seconds))

    def complete(self, expression: str, imports: tuple[str, ...], wants_signature: bool) -> int:
        """Ask how an expression goes on, or how it is called; 0 while the engine is busy.

        The answer is `completed`.
        """
        if self.state is not EngineState.READY:
            return 0
        return self._ask(
            Complete(expression=expression, imports=imports, signature=wants_signature)
        )

    def list_devices(self) -> int:
        """Ask which devices there are; answered after a run."""
        return self._ask(ListDevices())

    def close(self) -> None:
        """End the processes; returns within about 0.2 s and emits nothing any more."""
        self._mailbox.close()
        for timer in (self._patience, self._spare_delay, self._more_mail):
            timer.stop()
        workers = [worker for worker in (self._worker, self._spare) if worker is not None]
        self._worker = self._spare = None
        self.state = EngineState.DEAD
        for worker in workers:
            worker.dismiss()
        deadline = time.monotonic() + _CLOSE_SECONDS
        for worker in workers:
            worker.client.wait(max(0.0, deadline - time.monotonic()))

    def _ask(self, request: Request) -> int:
        if self._worker is None:
            self.request_failed.emit("The engine is not running. Restart it first.")
            return 0
        return self._worker.client.send(request)

    def _occupy(self, request: Run | TimeParts | Recompute) -> int:
        if self.state is not EngineState.READY:
            return 0
        self._line = None
        self._busy_with = self._ask(request)
        self._set_state(EngineState.BUSY)
        return self._busy_with

    def _set_state(self, state: EngineState) -> None:
        if state is self.state:
            return
        self.state = state
        self.state_changed.emit(state)

    def _take_worker(self) -> None:
        """Make the spare the worker, or start one."""
        worker, self._spare = self._spare, None
        self._worker = worker or self._start_worker()
        if self._worker is not None and self._worker.ready is not None:
            self._begin_service(self._worker.ready)
        elif self._worker is not None:
            self._set_state(EngineState.STARTING)

    def _start_worker(self) -> EngineWorker | None:
        try:
            return EngineWorker(self._numbers, self._mailbox)
        except OSError as error:
            self._set_state(EngineState.DEAD)
            self.died.emit(f"The engine could not be started: {error}")
            return None

    def _begin_service(self, ready: Ready) -> None:
        self._failed_starts = 0
        self.torch_version = ready.torch
        self._set_state(EngineState.READY)
        self.ready.emit(ready)
        # A second CUDA build would hold three times the memory, and a context on the card.
        if self._keeps_spare and self._spare is None and not ready.cuda:
            self._spare_delay.start()

    def _on_spare_due(self) -> None:
        if self._worker is None or self._spare is not None:
            return
        if psutil.virtual_memory().available > SPARE_NEEDS_NBYTES:
            self._spare = self._start_worker()

    def _replace_worker(self) -> None:
        self._patience.stop()
        self._busy_with = None
        self._fetches.clear()
        if self._worker is not None:
            self._worker.dismiss()
        self._take_worker()

    def _on_patience_ended(self) -> None:
        line = self._line
        self._replace_worker()
        if line is None or self._has_heard:
            sentence = "Stopped. The engine did not respond and was replaced."
        else:
            sentence = (
                f"Stopped on line {line}. The operation there cannot be interrupted, so the engine "
                "was replaced."
            )
        self.request_failed.emit(sentence)

    def _on_mail_arrived(self) -> None:
        deadline = time.monotonic() + _SLICE_SECONDS
        while (mail := self._mailbox.take()) is not None:
            match mail.content:
                case Exit():
                    self._on_exited(mail.sender, mail.content)
                case _:
                    self._on_answered(mail.sender, mail.content)
            if time.monotonic() > deadline:
                self._more_mail.start()
                return

    def _on_answered(self, worker: EngineWorker, answer: Answer) -> None:
        if isinstance(answer, Ready):
            worker.ready = answer
        if worker is not self._worker:
            return
        match answer:
            case Ready():
                self._begin_service(answer)
            case OutputAdded() if answer.number == self._busy_with:
                self.output_added.emit(answer.output)
            case LineReached() if answer.number == self._busy_with:
                self._line = answer.line
                self.line_reached.emit(answer.line)
            case Interrupted() if answer.number == self._busy_with:
                if self.state is EngineState.STOPPING:
                    self._has_heard = True
                    self._patience.start(COMPLETION_PATIENCE_MS)
            case GradientsVerified() if answer.number == self._busy_with:
                self.gradients_verified.emit(answer.verification)
            case RunCompared() if answer.number == self._busy_with:
                self.run_compared.emit(answer.extents)
            case RunFinished() if answer.number == self._busy_with and refusal(answer.recording):
                self._become_free()
                self.request_failed.emit(refusal(answer.recording))
            case RunFinished() if answer.number == self._busy_with:
                if answer.number != self._forgotten_run:
                    self._shown_run = answer.number
                self._become_free()
                self.run_finished.emit(answer.recording)
            case TimingProgressed() if answer.number == self._busy_with:
                self.timing_progressed.emit(answer)
            case TimingFinished() if answer.number == self._busy_with:
                self._become_free()
                self.timing_finished.emit(answer)
            case ValueFetched() if answer.number == self._busy_with:
                is_shown = self._fetches.pop(answer.number, None) == self._shown_run
                self._become_free()
                if is_shown:
                    self.value_fetched.emit(answer)
            case ValueFetched() if self._fetches.pop(answer.number, None) == self._shown_run:
                self.value_fetched.emit(answer)
            case Completed():
                self.completed.emit(answer)
            case DevicesListed():
                self.devices_listed.emit(answer.machine)
            case MachineSampled():
                self.machine_sampled.emit(answer.loads)
            case RequestFailed():
                self._on_request_failed(worker, answer)
            case _:
                # A greeting, or the answer to a request that nobody waits for any more.
                pass

    def _on_request_failed(self, worker: EngineWorker, answer: RequestFailed) -> None:
        if answer.number == 0:
            worker.last_words = answer.sentence
            return
        if answer.number == self._busy_with:
            self._become_free()
        self.request_failed.emit(answer.sentence)

    def _become_free(self) -> None:
        self._patience.stop()
        self._busy_with = None
        self._set_state(EngineState.READY)

    def _on_exited(self, worker: EngineWorker, exit_: Exit) -> None:
        if worker is self._spare:
            self._spare = None
        if worker is not self._worker:
            return
        was_busy = self._busy_with is not None
        self._patience.stop()
        self._busy_with = None
        self._fetches.clear()
        self._worker = None
        self._set_state(EngineState.DEAD)
        if worker.ready is None:
            self._failed_starts += 1
        self.died.emit(describe_death(worker, exit_, self._line if was_busy else None))
        self._replace_after_death()

    def _replace_after_death(self) -> None:
        # Those who heard of the death may have restarted or closed the engine already.
        is_idle = self._worker is None and not self._mailbox.is_closed
        if is_idle and self._failed_starts < _MAX_FAILED_STARTS:
            self._take_worker()

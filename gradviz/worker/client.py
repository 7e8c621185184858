"""The client of the worker process, used by the window and the commands.

Knows neither Qt nor torch. Nothing here waits for the worker: requests go through a thread that
writes, answers come on a thread that reads, and the process may be killed at any time.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import queue
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from types import TracebackType
from typing import Any, Final, Self

import msgspec
import psutil

from gradviz.errors import GradvizError
from gradviz.export.process import own_environment
from gradviz.recording.check import check_recording
from gradviz.worker.framing import FramingError, encode
from gradviz.worker.messages import (
    Answer,
    Interrupt,
    Request,
    RequestFailed,
    RunFinished,
    Shutdown,
)
from gradviz.worker.parts import AnswerReader

KEPT_LOG_NBYTES: Final = 64 << 10
FIGURE_BACKEND: Final = "module://gradviz.language.figure_backend"
_GRACE_SECONDS: Final = 1.0
_OS: Final[Any] = os
"""What there is of it differs between systems, and a type checker knows but one of them."""
_SIGKILL: Final = 9
_STATUSES_OF_WINDOWS: Final = {
    0xC0000005: "ACCESS_VIOLATION",
    0xC0000017: "NO_MEMORY",
    0xC000001D: "ILLEGAL_INSTRUCTION",
    0xC00000FD: "STACK_OVERFLOW",
    0xC0000409: "STACK_BUFFER_OVERRUN",
    0xE06D7363: "CPP_EXCEPTION",
}
"""Of ntstatus.h, and what Microsoft's compiler ends an exception of C++ with."""


class WorkerClient:
    """One worker process.

    Where `shows_figures`, matplotlib shows its figures as outputs of the run; elsewhere as in
    any program.

    Attributes:
        on_answer: called with each answer, on the reading thread.
        on_exit: called once, on a thread of its own, when the process has ended and every answer
            has been handed over: with its return code (negative: the signal) and the last lines
            of its log.
    """

    def __init__(
        self,
        *,
        on_answer: Callable[[Answer], None],
        on_exit: Callable[[int, str], None],
        numbers: Iterator[int] | None = None,
        memory_mib: int | None = None,
        shows_figures: bool = False,
    ) -> None:
        self.on_answer = on_answer
        self.on_exit = on_exit
        self._numbers = itertools.count(1) if numbers is None else numbers
        self._outbox: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        self._log: deque[bytes] = deque()
        self._log_nbytes = 0
        self._killing = threading.Lock()
        command = [sys.executable, "-P", "-m", "gradviz.worker"]
        if memory_mib is not None:
            command += ["--memory", str(memory_mib)]
        self._process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_with_figures(own_environment()) if shows_figures else own_environment(),
            start_new_session=True,
            # Windows has no sessions: Ctrl+C is for all that share a console, and a program of the
            # window's that has none would be given one to see.
            creationflags=getattr(subprocess, "CREATE_NO_WINDOW", 0),
        )
        self._threads = [
            threading.Thread(target=work, name=f"worker {work.__name__}", daemon=True)
            for work in (self._write, self._read, self._drain)
        ]
        for thread in self._threads:
            thread.start()
        self._waiter = threading.Thread(target=self._wait, name="worker _wait", daemon=True)
        self._waiter.start()

    @property
    def pid(self) -> int:
        """Process id of the worker."""
        return self._process.pid

    def send(self, request: Request) -> int:
        """Send a request at once without waiting; the number that its answers will carry."""
        number = next(self._numbers)
        self._outbox.put(encode(msgspec.structs.replace(request, number=number)))
        return number

    def interrupt(self, number: int) -> None:
        """Ask the worker to end the request with this number; a native call goes on to its end."""
        self._outbox.put(encode(Interrupt(number=number)))

    def kill(self) -> None:
        """End the process and its children now; `on_exit` is called when they are gone."""
        with self._killing:
            if self._process.returncode is not None:
                return
            self._end_with_children()

    def _end_with_children(self) -> None:
        with contextlib.suppress(ProcessLookupError, PermissionError):
            if hasattr(os, "killpg"):
                # The worker leads a session of its own, so this reaches its children too.
                _OS.killpg(self._process.pid, _SIGKILL)
                return
            children = _descendants(self._process.pid)
            self._process.kill()
            for child in children:
                with contextlib.suppress(psutil.Error):
                    child.kill()

    def wait(self, seconds: float) -> int | None:
        """The return code once `on_exit` has returned, None if that takes longer."""
        self._waiter.join(seconds)
        return None if self._waiter.is_alive() else self._process.returncode

    def close(self, seconds: float = _GRACE_SECONDS) -> None:
        """Ask the worker to exit; kill it if it has not done so after `seconds`."""
        self._outbox.put(encode(Shutdown()))
        self._outbox.put(None)
        if self.wait(seconds) is None:
            self.kill()
            self.wait(_GRACE_SECONDS)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.close()

    def _write(self) -> None:
        pipe = self._process.stdin
        assert pipe is not None
        # The worker may have died; `on_exit` tells.
        with contextlib.suppress(OSError), pipe:
            while (frame := self._outbox.get()) is not None:
                pipe.write(frame)
                pipe.flush()

    def _read(self) -> None:
        pipe = self._process.stdout
        assert pipe is not None
        with pipe:
            try:
                answers = AnswerReader(pipe)
                while (answer := answers.read()) is not None:
                    self.on_answer(_checked(answer))
            except FramingError as error:
                # From here on nothing can be told from the stream: this worker is of no more use.
                self.on_answer(RequestFailed(sentence=str(error)))
                self.kill()

    def _drain(self) -> None:
        pipe = self._process.stderr
        assert pipe is not None
        with pipe:
            while chunk := os.read(pipe.fileno(), 1 << 16):
                self._log.append(chunk)
                self._log_nbytes += len(chunk)
                while self._log_nbytes - len(self._log[0]) >= KEPT_LOG_NBYTES:
                    self._log_nbytes -= len(self._log.popleft())

    def _wait(self) -> None:
        if hasattr(os, "waitid"):
            with contextlib.suppress(ChildProcessError):
                _OS.waitid(_OS.P_PID, self._process.pid, _OS.WEXITED | _OS.WNOWAIT)
        else:  # Windows, and macOS before Python 3.13
            self._process.wait()
        # Children that outlive the worker would keep its pipes open. Where it is still unreaped
        # its number cannot belong to anybody else; nor can it while they are there.
        with self._killing:
            self._end_with_children()
            returncode = self._process.wait()
        self._outbox.put(None)
        for thread in self._threads:
            thread.join(_GRACE_SECONDS)
        self.on_exit(returncode, self._last_log_lines())

    def _last_log_lines(self) -> str:
        kept = b"".join(list(self._log))[-KEPT_LOG_NBYTES:]
        return kept.decode("utf-8", errors="replace")


def crash_name(returncode: int) -> str:
    """What a process crashed with, by the system's own name; empty where it left by itself."""
    if returncode < 0:
        try:
            return signal.Signals(-returncode).name
        except ValueError:
            return f"signal {-returncode}"
    is_of_windows = 0xC0000000 <= returncode <= 0xC000FFFF or returncode in _STATUSES_OF_WINDOWS
    return _STATUSES_OF_WINDOWS.get(returncode, hex(returncode)) if is_of_windows else ""


def chooses_backend(environment: Mapping[str, str]) -> bool:
    """Whether the person has chosen where matplotlib shows its figures, in all programs."""
    chosen = environment.get("MPLBACKEND")
    # A notebook's kernel, in which the window was opened, passes on its own: that shows nothing.
    return bool(chosen) and "backend_inline" not in str(chosen)


def _with_figures(environment: dict[str, str]) -> dict[str, str]:
    """The environment in which matplotlib loads gradviz's backend, unless the person chose one."""
    if chooses_backend(environment):
        return environment
    return {**environment, "MPLBACKEND": FIGURE_BACKEND}


def _checked(answer: Answer) -> Answer:
    """The answer, or a failure in place of a recording that is inconsistent.

    Code that runs in the worker may write anything into its pipe.
    """
    if isinstance(answer, RunFinished):
        try:
            check_recording(answer.recording)
        except GradvizError as error:
            return RequestFailed(number=answer.number, sentence=str(error))
    return answer


def _descendants(pid: int) -> list[psutil.Process]:
    try:
        return psutil.Process(pid).children(recursive=True)
    except psutil.Error:
        return []

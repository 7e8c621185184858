"""Blocking requests to a worker with a time limit, for the terminal commands."""

from __future__ import annotations

import queue
import sys
import time
from collections.abc import Callable
from types import TracebackType
from typing import Final, NamedTuple, Self

from gradviz.errors import GradvizError
from gradviz.worker.client import WorkerClient
from gradviz.worker.messages import (
    Answer,
    DevicesListed,
    Ready,
    Request,
    RequestFailed,
    RunFinished,
    TimingFinished,
    ValueFetched,
)

_GRACE_SECONDS = 2.0
"""How long an interrupted request may take to tell what it has."""
_DEAF_SECONDS: Final = 0.2 if sys.platform == "win32" else None
"""How long a wait may last: on Windows Ctrl+C ends none, but is heard between two of them."""
_LAST = (RunFinished, TimingFinished, DevicesListed, ValueFetched, RequestFailed)


class WorkerDiedError(GradvizError):
    """The worker ended before it answered.

    Attributes:
        returncode: of the process; negative for the signal that ended it.
        log: the last lines that it wrote to its log.
    """

    def __init__(self, returncode: int, log: str) -> None:
        cause = f"status {returncode}" if returncode >= 0 else f"signal {-returncode}"
        super().__init__(f"The worker process ended with {cause}.")
        self.returncode = returncode
        self.log = log


class Reply(NamedTuple):
    """The last answer to a request, None where the worker had to be killed.

    `limited` and `interrupted` say that the time limit or Ctrl+C came before it.
    """

    answer: Answer | None
    limited: bool = False
    interrupted: bool = False


class _Exit(NamedTuple):
    returncode: int
    log: str


class Conversation:
    """A worker that answers one request at a time; a context manager that ends it."""

    def __init__(self, *, memory_mib: int | None = None) -> None:
        self._mail: queue.SimpleQueue[Answer | _Exit] = queue.SimpleQueue()
        self._client = WorkerClient(
            on_answer=self._mail.put,
            on_exit=lambda returncode, log: self._mail.put(_Exit(returncode, log)),
            memory_mib=memory_mib,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self._client.kill()
        self._client.wait(_GRACE_SECONDS)

    def wait_until_ready(self) -> Ready:
        """Wait until torch is imported; raises GradvizError where that fails."""
        while True:
            match self._next(None):
                case Ready() as ready:
                    return ready
                case RequestFailed() as failed:
                    raise GradvizError(failed.sentence)
                case _Exit() as exit_:
                    raise WorkerDiedError(*exit_)
                case _:
                    continue

    def ask(
        self,
        request: Request,
        *,
        on_progress: Callable[[Answer], None],
        limit_seconds: float | None = None,
    ) -> Reply:
        """Send a request and wait for its last answer; earlier ones go to `on_progress`.

        At the limit and at Ctrl+C the request is interrupted, and the worker killed where it does
        not answer soon. Raises WorkerDiedError where the worker ended by itself.
        """
        number = self._client.send(request)
        deadline = None if limit_seconds is None else time.monotonic() + limit_seconds
        limited = interrupted = False
        while True:
            try:
                mail = self._next(deadline)
                match mail:
                    case None if limited or interrupted:
                        self._client.kill()
                        return Reply(None, limited, interrupted)
                    case None:
                        limited = True
                    case _Exit():
                        raise WorkerDiedError(*mail)
                    case answer if answer.number != number:
                        continue
                    case answer if isinstance(answer, _LAST):
                        return Reply(answer, limited, interrupted)
                    case answer:
                        on_progress(answer)
                        continue
            except KeyboardInterrupt:
                interrupted = True
            self._client.interrupt(number)
            deadline = time.monotonic() + _GRACE_SECONDS

    def _next(self, deadline: float | None) -> Answer | _Exit | None:
        """The next piece of mail, None at the deadline."""
        while True:
            left = None if deadline is None else max(0.0, deadline - time.monotonic())
            try:
                return self._mail.get(timeout=_shorter(left, _DEAF_SECONDS))
            except queue.Empty:
                if deadline is not None and time.monotonic() >= deadline:
                    return None


def _shorter(left: float | None, most: float | None) -> float | None:
    return min((one for one in (left, most) if one is not None), default=None)

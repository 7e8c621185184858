"""A worker process of the engine, and the mailbox through which its answers reach the window."""

from __future__ import annotations

import itertools
import threading
from collections import deque
from collections.abc import Callable
from typing import Final, NamedTuple

from gradviz.worker.client import WorkerClient, crash_name
from gradviz.worker.messages import Answer, Ready

_SIZE: Final = 2000
"""Mail in the mailbox; more makes the workers wait."""


class Exit(NamedTuple):
    """The end of a worker's process; a negative return code is the signal that ended it."""

    returncode: int
    log: str


class Mail(NamedTuple):
    """An answer of a worker, or its end."""

    sender: EngineWorker
    content: Answer | Exit


class EngineWorker:
    """A worker process and what is known of it.

    Attributes:
        client: talks to the process.
        ready: what it said when torch was imported, None before.
        last_words: why it cannot serve, if it said so before it ended.
        is_dismissed: whether nobody listens to it any more.
    """

    def __init__(self, numbers: itertools.count[int], mailbox: Mailbox) -> None:
        self.ready: Ready | None = None
        self.last_words = ""
        self.is_dismissed = False
        self._mailbox = mailbox
        self.client = WorkerClient(
            on_answer=self._on_answer,
            on_exit=self._on_exit,
            numbers=numbers,
            shows_figures=True,
        )

    def dismiss(self) -> None:
        """Kill the process and listen to it no more."""
        self.is_dismissed = True
        self._mailbox.release()
        self.client.kill()

    def _on_answer(self, answer: Answer) -> None:
        self._mailbox.put(Mail(self, answer))

    def _on_exit(self, returncode: int, log: str) -> None:
        self._mailbox.put(Mail(self, Exit(returncode, log)))


class Mailbox:
    """Hands mail from the clients' threads to the window's; a full one makes senders wait."""

    def __init__(self, wake: Callable[[], None]) -> None:
        self.is_closed = False
        self._wake = wake
        self._mail: deque[Mail] = deque()
        self._changed = threading.Condition()

    def put(self, mail: Mail) -> None:
        """Add mail, from any thread; waits while the mailbox is full."""
        with self._changed:
            while len(self._mail) >= _SIZE and not self.is_closed and not mail.sender.is_dismissed:
                self._changed.wait()
            if self.is_closed or mail.sender.is_dismissed:
                return
            self._mail.append(mail)
            if len(self._mail) == 1:
                self._wake()

    def take(self) -> Mail | None:
        """The next mail of a worker that was not dismissed, None if there is none."""
        with self._changed:
            while self._mail:
                mail = self._mail.popleft()
                self._changed.notify_all()
                if not mail.sender.is_dismissed:
                    return mail
            return None

    def release(self) -> None:
        """Let those who wait look again whether they were dismissed."""
        with self._changed:
            self._changed.notify_all()

    def close(self) -> None:
        """Drop all mail, now and in future."""
        with self._changed:
            self.is_closed = True
            self._mail.clear()
            self._changed.notify_all()


def describe_death(worker: EngineWorker, exit_: Exit, line: int | None) -> str:
    """Why a worker ended, in a sentence; `line` is the one that it was executing, if any."""
    if worker.last_words:
        return worker.last_words
    if worker.ready is None:
        last_line = exit_.log.strip().rpartition("\n")[2]
        return f"The engine could not start: {last_line or exit_.returncode}"
    name = crash_name(exit_.returncode)
    if not name:
        cause = f"the code left the process with status {exit_.returncode}"
    elif name == "SIGKILL":
        cause = "the system killed it, most likely because memory ran out"
    else:
        cause = f"it crashed with {name}"
    if line is not None:
        sentence = "The engine ended while line {} ran: {}."
        return sentence.format(line, cause)
    return f"The engine ended: {cause}."

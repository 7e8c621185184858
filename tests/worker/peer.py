"""A worker process as the tests talk to it: every wait ends, and a death is an answer."""

from __future__ import annotations

import queue
from types import TracebackType
from typing import NamedTuple, Self, TypeVar

from gradviz.recording.model import Recording
from gradviz.worker.client import WorkerClient
from gradviz.worker.messages import Answer, LineReached, Ready, Request, Run, RunFinished

PATIENCE_SECONDS = 60.0
T = TypeVar("T")


class Ended(NamedTuple):
    returncode: int
    log: str


class Peer:
    def __init__(self, *, memory_mib: int | None = None, shows_figures: bool = False) -> None:
        self.mail: queue.SimpleQueue[Answer | Ended] = queue.SimpleQueue()
        self.client = WorkerClient(
            on_answer=self.mail.put,
            on_exit=lambda returncode, log: self.mail.put(Ended(returncode, log)),
            memory_mib=memory_mib,
            shows_figures=shows_figures,
        )

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        _type: type[BaseException] | None,
        _error: BaseException | None,
        _traceback: TracebackType | None,
    ) -> None:
        self.client.close()

    def wait_for(self, kind: type[T]) -> T:
        """The next mail of this kind; others are passed over, but a death that was not awaited."""
        return self.collect_until(kind)[1]

    def collect_until(self, kind: type[T]) -> tuple[list[Answer], T]:
        """What came before the next mail of this kind, and that."""
        before: list[Answer] = []
        while True:
            mail = self.mail.get(timeout=PATIENCE_SECONDS)
            if isinstance(mail, kind):
                return before, mail
            assert not isinstance(mail, Ended), mail
            before.append(mail)

    def ask(self, request: Request, kind: type[T]) -> T:
        self.client.send(request)
        return self.wait_for(kind)

    def collect_until_answered(self, request: Request, kind: type[T]) -> tuple[list[Answer], T]:
        """Ask, and what came before the answer, and that."""
        self.client.send(request)
        return self.collect_until(kind)

    def run(self, text: str) -> Recording:
        return self.ask(Run(text=text), RunFinished).recording

    def begin(self, text: str) -> int:
        """Start a run and wait until it executes the line of its last statement."""
        number = self.client.send(Run(text=text))
        last = len(text.rstrip("\n").split("\n"))
        while self.wait_for(LineReached).line < last:
            pass
        return number

    def wait_until_ready(self) -> Ready:
        return self.wait_for(Ready)

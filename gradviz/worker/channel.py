"""The worker's private line to the window, out of reach of what user code prints.

Standard input, output and error belong to user code, to native libraries and to children: they
are pointed at nothing and at the log. Messages go over duplicates that no child inherits.
"""

from __future__ import annotations

import os
import threading
from typing import BinaryIO

from gradviz.worker.framing import encode, read_request, write_all
from gradviz.worker.interrupts import InterruptGate
from gradviz.worker.messages import Answer, Request


class Channel:
    """Receives requests and sends answers.

    Attributes:
        requests: the stream that requests come from.
    """

    def __init__(self, requests: BinaryIO, answers: int, gate: InterruptGate) -> None:
        self.requests = requests
        self._answers: int | None = answers
        self._gate = gate
        self._lock = threading.Lock()
        if hasattr(os, "register_at_fork"):
            os.register_at_fork(after_in_child=self._abandon)

    @classmethod
    def take_over_standard_streams(cls, gate: InterruptGate) -> Channel:
        """Duplicate standard input and output, then leave harmless ones to everybody else."""
        requests = os.fdopen(os.dup(0), "rb")
        answers = os.dup(1)
        nothing = os.open(os.devnull, os.O_RDONLY)
        os.dup2(nothing, 0)
        os.close(nothing)
        os.dup2(2, 1)
        return cls(requests, answers, gate)

    def send(self, answer: Answer) -> None:
        """Send an answer, whole, from any thread; raises FramingError where it is too large."""
        frame = encode(answer)
        with self._gate.held(), self._lock:
            if self._answers is None:
                return
            try:
                write_all(self._answers, frame)
            except OSError:
                # Nobody listens any more: the window is gone.
                os._exit(0)

    def receive(self) -> Request | None:
        """Wait for the next request; None when the other side has closed."""
        return read_request(self.requests)

    def _abandon(self) -> None:
        # A child forked by user code would hold the line open and write into the parent's frames.
        if self._answers is not None:
            os.close(self._answers)
            os.close(self.requests.fileno())
        self._answers = None
        self._lock = threading.Lock()

"""The client hands over only recordings that agree with themselves, and tells of every death."""

from __future__ import annotations

import os
import queue
import signal
import sys

import msgspec
import psutil
import pytest

from gradviz.recording.model import Output, OutputKind
from gradviz.worker import conversation
from gradviz.worker.client import _checked, crash_name
from gradviz.worker.conversation import Conversation
from gradviz.worker.messages import (
    Answer,
    ListDevices,
    OutputAdded,
    RequestFailed,
    Run,
    RunFinished,
)
from tests.builders import make_chain_rule_recording
from tests.worker.peer import PATIENCE_SECONDS, Ended, Peer


def test_a_recording_that_contradicts_itself_becomes_a_failed_request() -> None:
    broken = msgspec.structs.replace(make_chain_rule_recording(), tensors=())
    answer = _checked(RunFinished(number=7, recording=broken))
    assert isinstance(answer, RequestFailed)
    assert answer.number == 7
    assert answer.sentence.endswith(".")


def test_other_answers_pass_as_they_are() -> None:
    for answer in (
        RunFinished(number=1, recording=make_chain_rule_recording()),
        OutputAdded(output=Output(1, OutputKind.PRINT, "x")),
    ):
        assert _checked(answer) is answer


DEATH = "import os, subprocess\nprint(subprocess.Popen(['sleep', '600']).pid)\nos._exit(5)\n"


def make_like(monkeypatch: pytest.MonkeyPatch, system: str) -> None:
    """Take from `os` what another system has not."""
    monkeypatch.delattr(os, "waitid", raising=False)
    if system == "Windows":
        monkeypatch.delattr(os, "killpg", raising=False)


@pytest.mark.skipif(sys.platform == "win32", reason="starts a program of POSIX systems")
@pytest.mark.parametrize("system", ["macOS", "Windows"])
def test_a_death_is_told_where_the_system_cannot_wait_without_reaping(
    system: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    make_like(monkeypatch, system)
    with Peer() as peer:
        peer.client.send(Run(text=DEATH))
        pid = printed_number(peer)
        assert peer.wait_for(Ended).returncode == 5
        child = psutil.Process(pid) if psutil.pid_exists(pid) else None
        if child is not None and system == "Windows":  # it keeps children whose parent is gone
            child.kill()
        gone_or_dead(child)


@pytest.mark.skipif(sys.platform == "win32", reason="starts a program of POSIX systems")
def test_killing_ends_the_children_too_where_there_are_no_groups_of_processes(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_like(monkeypatch, "Windows")
    with Peer() as peer:
        peer.client.send(Run(text=DEATH.replace("os._exit(5)", "while True: pass")))
        child = psutil.Process(printed_number(peer))
        peer.client.kill()
        peer.wait_for(Ended)
        gone_or_dead(child)


def printed_number(peer: Peer) -> int:
    while (output := peer.wait_for(OutputAdded).output).kind is not OutputKind.PRINT:
        pass
    return int(output.text)


def gone_or_dead(process: psutil.Process | None) -> None:
    if process is not None:
        _, alive = psutil.wait_procs([process], timeout=PATIENCE_SECONDS)
        assert not alive or alive[0].status() == psutil.STATUS_ZOMBIE


def test_ctrl_c_is_heard_where_it_cannot_end_a_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(conversation, "_DEAF_SECONDS", 0.01)
    waits: list[float] = []

    class Silent(queue.SimpleQueue[Answer]):
        def get(self, block: bool = True, timeout: float | None = None) -> Answer:
            assert timeout is not None
            waits.append(timeout)
            if len(waits) == 3:
                raise KeyboardInterrupt  # as Python does between two waits
            return super().get(timeout=timeout)

    with Conversation() as worker:
        worker.wait_until_ready()
        monkeypatch.setattr(worker, "_mail", Silent())
        reply = worker.ask(ListDevices(), on_progress=lambda _: None)
    assert reply.interrupted
    assert max(waits) <= 0.01


@pytest.mark.parametrize(
    ("returncode", "name"),
    [
        (0, ""),
        (3, ""),
        (0xFFFFFFFF, ""),  # sys.exit(-1) on Windows
        (-signal.SIGSEGV, "SIGSEGV"),
        (-99, "signal 99"),
        (0xC0000005, "ACCESS_VIOLATION"),
        (0xC00000FD, "STACK_OVERFLOW"),
        (0xC0000135, "0xc0000135"),
    ],
)
def test_a_crash_has_the_name_that_the_system_gives_it(returncode: int, name: str) -> None:
    assert crash_name(returncode) == name

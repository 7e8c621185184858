from __future__ import annotations

import os
import signal
import struct
import subprocess
import sys
import threading

import msgspec
import psutil
import pytest

from gradviz.recording.machine import Machine
from gradviz.recording.model import OutputKind, Recording, RunStatus
from gradviz.recording.timing import TimedPart
from gradviz.worker.client import KEPT_LOG_NBYTES
from gradviz.worker.messages import (
    DevicesListed,
    FetchValue,
    Hello,
    LineReached,
    ListDevices,
    OutputAdded,
    Ready,
    Run,
    RunFinished,
    TimeParts,
    TimingFinished,
    TimingProgressed,
    ValueFetched,
)
from tests.builders import CHAIN_RULE_TEXT
from tests.worker.peer import PATIENCE_SECONDS, Ended, Peer

posix_only = pytest.mark.skipif(sys.platform == "win32", reason="needs POSIX processes")


def printed(recording: Recording) -> list[str]:
    return [o.text for o in recording.outputs if o.kind is OutputKind.PRINT]


def assert_serves(peer: Peer) -> None:
    assert printed(peer.run("print(6 * 7)")) == ["42"]


def test_it_greets_before_torch_is_there_and_serves_after() -> None:
    with Peer() as peer:
        before, ready = peer.collect_until(Ready)
        assert isinstance(before[0], Hello)
        assert before[0].pid == peer.client.pid
        assert ready.torch.startswith("2.")
        assert_serves(peer)


def test_it_is_ready_without_importing_what_a_run_does_not_need(own_peer: Peer) -> None:
    own_peer.run(CHAIN_RULE_TEXT)
    text = (
        "import sys\nprint([n for n in ('torch._dynamo', 'torch._inductor') if n in sys.modules])"
    )
    assert printed(own_peer.run(text)) == ["[]"]


def test_outputs_and_lines_arrive_while_the_run_goes_on(peer: Peer) -> None:
    number = peer.client.send(Run(text=CHAIN_RULE_TEXT + "print('a')\nx.grad\n"))
    before, finished = peer.collect_until(RunFinished)
    assert {answer.number for answer in before} == {finished.number} == {number}
    outputs = [a.output for a in before if isinstance(a, OutputAdded)]
    shown = [one.text for one in outputs if one.kind is not OutputKind.WARNING]
    assert shown == ["a", "tensor(3.)"]
    lines = [a.line for a in before if isinstance(a, LineReached)]
    assert lines == sorted(lines)
    assert lines[-1] == 10
    assert finished.recording.status is RunStatus.OK
    assert len(finished.recording.passes) == 1


def test_requests_are_served_in_their_order(peer: Peer) -> None:
    numbers = [peer.client.send(Run(text=f"print({n})")) for n in range(5)]
    finished = [peer.wait_for(RunFinished) for _ in numbers]
    assert [answer.number for answer in finished] == numbers
    assert [printed(answer.recording) for answer in finished] == [[str(n)] for n in range(5)]


@pytest.mark.parametrize("text", ["while True: pass", "import time\ntime.sleep(600)"])
def test_an_interrupt_ends_what_python_is_doing(peer: Peer, text: str) -> None:
    number = peer.begin(text)
    peer.client.interrupt(number)
    recording = peer.wait_for(RunFinished).recording
    assert recording.status is RunStatus.LIMITED
    assert_serves(peer)


def test_an_interrupt_hits_only_its_own_run(peer: Peer) -> None:
    first = peer.client.send(Run(text="x = 1"))
    peer.wait_for(RunFinished)
    second = peer.client.send(Run(text="for _ in range(300_000): pass\nprint('whole')"))
    peer.client.interrupt(first)
    finished = peer.wait_for(RunFinished)
    assert finished.number == second
    assert printed(finished.recording) == ["whole"]


def test_a_run_that_waits_can_be_interrupted_before_it_starts(peer: Peer) -> None:
    first = peer.begin("while True: pass")
    second = peer.client.send(Run(text="print('never')"))
    peer.client.interrupt(second)
    peer.client.interrupt(first)
    assert peer.wait_for(RunFinished).number == first
    finished = peer.wait_for(RunFinished)
    assert finished.number == second
    assert finished.recording.status is RunStatus.LIMITED
    assert not finished.recording.outputs


def test_a_flood_of_output_is_interrupted_between_frames(peer: Peer) -> None:
    number = peer.client.send(Run(text="while True: print('flood' * 100)"))
    peer.wait_for(OutputAdded)
    peer.client.interrupt(number)
    assert peer.wait_for(RunFinished).recording.status is RunStatus.LIMITED
    assert_serves(peer)


@posix_only
@pytest.mark.parametrize(
    "text",
    [
        "import os\nos.write(1, b'\\xff' * 100_000)",
        "import os\nos.write(2, b'\\xff' * 100_000)",
        "import os\nos.system('echo from a child; echo more >&2')",
        "import sys\nsys.__stdout__.write('x' * 100_000)\nsys.__stdout__.flush()",
        "import ctypes\nlibc = ctypes.CDLL(None)\nlibc.puts(b'native')\nlibc.fflush(None)",
        "import os\nos.close(0)\nos.close(1)",
        "import sys\nsys.stdin.read()",
    ],
)
def test_what_others_write_never_reaches_the_frames(own_peer: Peer, text: str) -> None:
    assert own_peer.run(text).status is RunStatus.OK
    assert_serves(own_peer)


@posix_only
def test_a_forked_child_does_not_answer(peer: Peer) -> None:
    text = "import os\npid = os.fork()\nif pid:\n    os.waitpid(pid, 0)\nprint(bool(pid))\n"
    assert printed(peer.run(text)) == ["True"]
    assert_serves(peer)


@posix_only
def test_a_death_is_told_though_a_forked_child_lives_on(own_peer: Peer) -> None:
    text = "import os, time\nif os.fork() == 0:\n    time.sleep(600)\nos._exit(5)\n"
    own_peer.client.send(Run(text=text))
    assert own_peer.wait_for(Ended).returncode == 5


@posix_only
def test_a_crash_is_told_with_its_signal_and_the_last_log_lines(own_peer: Peer) -> None:
    own_peer.client.send(Run(text="import os\nos.write(2, b'last words\\n')\nos.abort()"))
    ended = own_peer.wait_for(Ended)
    assert ended.returncode == -signal.SIGABRT
    assert "last words" in ended.log


def test_only_the_end_of_a_long_log_is_kept(own_peer: Peer) -> None:
    text = "import os\nfor _ in range(100): os.write(2, b'x' * 10_000)\nos.write(2, b'end')\n"
    own_peer.client.send(Run(text=text + "os._exit(0)"))
    log = own_peer.wait_for(Ended).log
    assert log.endswith("end")
    assert len(log) <= KEPT_LOG_NBYTES


@posix_only
def test_a_chain_too_deep_for_an_ordinary_stack_is_destroyed_without_harm(peer: Peer) -> None:
    # Python objects of the nodes make each level of the destruction larger.
    text = (
        "import torch\ny = torch.ones((), requires_grad=True)\nnodes = []\n"
        "for _ in range(60_000):\n    y = y + 1\n    nodes.append(y.grad_fn)\n"
        "del nodes\ndel y\n"
    )
    assert peer.run(text).status is RunStatus.OK
    assert_serves(peer)


def test_the_next_run_frees_the_memory_of_the_one_before(own_peer: Peer) -> None:
    process = psutil.Process(own_peer.client.pid)
    own_peer.run("x = 1")
    bare = process.memory_info().rss
    # A function refers to the namespace that holds it, so that only the collector frees it.
    own_peer.run("import torch\nx = torch.ones(100_000_000)\ndef f(): return x\n")
    assert process.memory_info().rss > bare + 350_000_000
    own_peer.run("x = 1")
    assert process.memory_info().rss < bare + 100_000_000


def test_the_devices_of_the_machine_are_listed(peer: Peer) -> None:
    machine = peer.ask(ListDevices(), DevicesListed).machine
    assert isinstance(machine, Machine)
    assert machine.devices[0].name == "cpu"


TIMED = CHAIN_RULE_TEXT.replace("tensor(1.,", "ones(50, 50,")


def test_timing_tells_its_progress_and_ends(peer: Peer) -> None:
    request = TimeParts(
        text=TIMED.replace("g.backward()", "g.sum().backward()"),
        parts=(TimedPart.FORWARD, TimedPart.BACKWARD),
        devices=("cpu",),
        min_seconds=0.01,
        max_seconds=0.1,
    )
    number = peer.client.send(request)
    before, finished = peer.collect_until(TimingFinished)
    assert finished.number == number
    assert finished.error is None
    assert not finished.timing.failures
    parts = {measurement.part for measurement in finished.timing.measurements}
    assert parts == {TimedPart.FORWARD, TimedPart.BACKWARD}
    assert any(isinstance(a, TimingProgressed) and a.latest is not None for a in before)


LARGE = "import torch\nx = torch.ones(2000, 2000)\nx[0, 0] = 7.\n"


def time_statement(peer: Peer, text: str) -> TimingFinished:
    request = TimeParts(
        text=text,
        parts=(TimedPart.STATEMENT,),
        devices=("cpu",),
        line=2,
        min_seconds=0.01,
        max_seconds=0.1,
    )
    return peer.ask(request, TimingFinished)


def test_the_values_of_the_last_run_can_be_fetched_after_a_timing(peer: Peer) -> None:
    recording = peer.run(LARGE)
    value = recording.tensors[-1].value
    assert value is not None
    assert not recording.values[value].is_whole

    finished = time_statement(peer, "import torch\ny = torch.zeros(3)\n")

    assert finished.timing.measurements
    assert not finished.forgot_run
    fetched = peer.ask(FetchValue(value=value, start=(0, 0), stop=(1, 2)), ValueFetched)
    assert not fetched.problem
    assert struct.unpack("<2f", fetched.data) == (7.0, 1.0)


def test_a_timing_that_has_no_room_says_that_it_let_the_last_run_go() -> None:
    with Peer(memory_mib=400) as peer:
        peer.wait_until_ready()
        # The recording may hold on to a quarter of the memory: to x, not to z.
        text = "import torch\nx = torch.ones(20_000_000)\nz = torch.ones(40_000_000)\n"
        recording = peer.run(text)
        value = recording.tensors[0].value
        assert value is not None

        finished = time_statement(peer, "import torch\ny = torch.ones(20_000_000)\n")

        assert finished.forgot_run
        assert finished.timing.measurements
        assert peer.ask(FetchValue(value=value), ValueFetched).problem
        # There is no run any more that could be let go.
        assert not time_statement(peer, LARGE).forgot_run


def test_timing_can_be_interrupted(peer: Peer) -> None:
    request = TimeParts(
        text="import torch\nx = torch.ones(3)\nx + 1\n",
        parts=(TimedPart.STATEMENT,),
        devices=("cpu",),
        line=3,
        min_seconds=600.0,
        max_seconds=600.0,
    )
    number = peer.client.send(request)
    peer.wait_for(TimingProgressed)
    peer.client.interrupt(number)
    assert peer.wait_for(TimingFinished).timing.stopped
    assert_serves(peer)


def test_stopping_the_first_timing_does_not_import_the_compiler(own_peer: Peer) -> None:
    # It takes longer than the patience of Stop, so that the engine would be replaced.
    request = TimeParts(
        text="import torch\nx = torch.ones(3)\nx + 1\n",
        parts=(TimedPart.STATEMENT,),
        devices=("cpu",),
        line=3,
        min_seconds=600.0,
        max_seconds=600.0,
    )
    number = own_peer.client.send(request)
    own_peer.wait_for(TimingProgressed)
    own_peer.client.interrupt(number)
    assert own_peer.wait_for(TimingFinished).timing.stopped
    text = "import sys\nprint('torch._dynamo' in sys.modules)"
    assert printed(own_peer.run(text)) == ["False"]


def test_closing_ends_the_process_even_in_the_middle_of_a_native_call() -> None:
    peer = Peer()
    peer.wait_until_ready()
    peer.begin("import torch\na = torch.randn(6000, 6000)\nwhile True: a = a @ a")
    peer.client.close(seconds=PATIENCE_SECONDS)
    assert peer.wait_for(Ended).returncode == 0
    assert not psutil.pid_exists(peer.client.pid)


@posix_only
def test_killing_ends_the_children_too(own_peer: Peer) -> None:
    recording = own_peer.run(
        "import subprocess\nchild = subprocess.Popen(['sleep', '600'])\nprint(child.pid)"
    )
    child = psutil.Process(int(printed(recording)[0]))
    own_peer.client.kill()
    assert own_peer.wait_for(Ended).returncode == -signal.SIGKILL
    gone, alive = psutil.wait_procs([child], timeout=PATIENCE_SECONDS)
    assert not alive or alive[0].status() == psutil.STATUS_ZOMBIE
    assert gone or alive


@posix_only
def test_the_worker_leaves_when_its_parent_is_killed() -> None:
    script = (
        "import time\nfrom gradviz.worker.client import WorkerClient\n"
        "client = WorkerClient(on_answer=lambda a: None, on_exit=lambda *a: None)\n"
        "print(client.pid, flush=True)\ntime.sleep(600)\n"
    )
    with subprocess.Popen([sys.executable, "-c", script], stdout=subprocess.PIPE) as parent:
        assert parent.stdout is not None
        worker = psutil.Process(int(parent.stdout.readline()))
        parent.kill()
    gone, alive = psutil.wait_procs([worker], timeout=PATIENCE_SECONDS)
    assert not alive or alive[0].status() == psutil.STATUS_ZOMBIE
    assert gone or alive


def test_sending_never_waits_though_the_worker_does_not_listen() -> None:
    with Peer() as peer:
        os.kill(peer.client.pid, signal.SIGSTOP)
        sent = threading.Thread(target=lambda: peer.client.send(Run(text="x" * 5_000_000)))
        sent.start()
        sent.join(PATIENCE_SECONDS)
        assert not sent.is_alive()
        os.kill(peer.client.pid, signal.SIGCONT)
        peer.client.kill()
        assert peer.wait_for(Ended).returncode == -signal.SIGKILL


def test_memory_beyond_the_cap_is_refused_and_the_worker_lives() -> None:
    with Peer(memory_mib=400) as peer:
        peer.wait_until_ready()
        recording = peer.run("import torch\nx = torch.ones(10_000_000)\ny = torch.ones(10**9)")
        assert recording.status is RunStatus.ERROR
        assert recording.error is not None
        assert recording.error.line == 3
        assert_serves(peer)


def test_a_recording_with_too_large_contents_comes_without_them(peer: Peer) -> None:
    # The bound is the worker's own, so that it is lowered there.
    recording = peer.run(
        "import gradviz.worker.parts as parts, torch\n"
        "parts.MAX_CONTENTS_NBYTES = 20_000\n"
        "x = torch.ones(4096, requires_grad=True)\n(x * 2).sum().backward()\n"
    )
    peer.run("import gradviz.worker.parts as parts\nparts.MAX_CONTENTS_NBYTES = 1 << 30")
    assert recording.status is RunStatus.OK
    assert recording.values
    assert all(value.data is None for value in recording.values)
    assert len(recording.passes) == 1
    assert msgspec.structs.asdict(recording)["text"].startswith("import gradviz")

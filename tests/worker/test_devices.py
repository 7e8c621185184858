"""The worker and the machine's devices: watching them, losing one, leaving a run as it was."""

from __future__ import annotations

import os
import platform

from gradviz.export.timing import timing_to_text
from gradviz.recording.timing import TimedPart
from gradviz.worker.messages import (
    DevicesListed,
    ListDevices,
    MachineSampled,
    RequestFailed,
    Run,
    RunFinished,
    TimeParts,
    TimingFinished,
    TimingProgressed,
    WatchMachine,
)
from tests.worker.peer import Ended, Peer

TRAINED = """\
import torch
torch.manual_seed(3)
net = torch.nn.Linear(4, 1)
optimizer = torch.optim.Adam(net.parameters(), lr=0.1)
x = torch.rand(8, 4)
loss = net(x).square().mean()
loss.backward()
optimizer.step()
"""


def test_the_machine_is_sampled_while_it_is_watched_and_not_afterwards(own_peer: Peer) -> None:
    own_peer.client.send(WatchMachine(seconds=0.2))
    sampled = own_peer.wait_for(MachineSampled)
    cpu = sampled.loads[0]
    assert cpu.name == "cpu"
    assert 0 <= cpu.utilisation <= 1
    assert 0 < cpu.used_nbytes < cpu.total_nbytes
    own_peer.client.send(WatchMachine(seconds=0.0))
    own_peer.ask(ListDevices(), DevicesListed)
    before, _ = own_peer.collect_until_answered(ListDevices(), DevicesListed)
    assert not [one for one in before if isinstance(one, MachineSampled)]


def test_a_timing_is_not_disturbed_by_samples(own_peer: Peer) -> None:
    own_peer.client.send(WatchMachine(seconds=0.2))
    own_peer.wait_for(MachineSampled)
    request = TimeParts(
        text=TRAINED, parts=(TimedPart.FORWARD,), devices=("cpu",), min_seconds=1.0, max_seconds=1.0
    )
    before, finished = own_peer.collect_until_answered(request, TimingFinished)
    assert finished.timing.measurements
    # One may come that was on its way when the timing began; in its second there were five.
    began = next(i for i, one in enumerate(before) if isinstance(one, TimingProgressed))
    assert len([one for one in before[began:] if isinstance(one, MachineSampled)]) <= 1
    own_peer.wait_for(MachineSampled)


def test_a_card_that_stopped_working_ends_the_worker_with_a_sentence(own_peer: Peer) -> None:
    text = (
        "import torch\nx = torch.ones(2)\n"
        "def fail(*_): raise RuntimeError('CUDA error: device-side assert triggered.\\nMore.')\n"
        "torch.cuda.is_initialized, torch.cuda.synchronize = (lambda: True), fail\n"
        "torch.cuda.device_count = torch.cuda.memory_reserved = lambda *_: 1\n"
    )
    own_peer.client.send(Run(text=text))
    recording = own_peer.wait_for(RunFinished).recording
    assert recording.tensors[0].name == "x"
    failed = own_peer.wait_for(RequestFailed)
    assert failed.number == 0
    assert failed.sentence == (
        "The card stopped working and the engine was restarted: CUDA error: device-side assert "
        "triggered."
    )
    assert own_peer.wait_for(Ended).returncode != 0


def test_timing_leaves_the_numbers_of_the_next_run_as_they_were(own_peer: Peer) -> None:
    probe = "import torch\nx = torch.rand(3)\nx\n"
    own_peer.run("import torch\ntorch.manual_seed(5)\n")
    expected = own_peer.run(probe).outputs[0].text
    own_peer.run("import torch\ntorch.manual_seed(5)\n")
    parts = (TimedPart.FORWARD, TimedPart.BACKWARD, TimedPart.STEP, TimedPart.OP)
    request = TimeParts(
        text=TRAINED, parts=parts, devices=("cpu",), min_seconds=0.001, max_seconds=0.005
    )
    finished = own_peer.ask(request, TimingFinished)
    assert {m.part for m in finished.timing.measurements} == set(parts)
    assert own_peer.run(probe).outputs[0].text == expected


def test_a_timing_says_how_memory_was_had(own_peer: Peer) -> None:
    request = TimeParts(
        text=TRAINED,
        parts=(TimedPart.STEP,),
        devices=("cpu",),
        min_seconds=0.001,
        max_seconds=0.002,
    )
    timing = own_peer.ask(request, TimingFinished).timing
    expected = ""
    if platform.libc_ver()[0] == "glibc" and not any("MALLOC" in name for name in os.environ):
        expected = f"MALLOC_TRIM_THRESHOLD_={256 << 20} MALLOC_MMAP_THRESHOLD_={32 << 20}"
    assert timing.allocator == expected
    assert expected in timing_to_text(timing)

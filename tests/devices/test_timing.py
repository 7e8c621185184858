"""Timing parts of documents; no test asks how fast something is."""

from __future__ import annotations

import random
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from gradviz.devices import timing as timing_module
from gradviz.devices.timing import time_parts
from gradviz.recording.timing import Measurement, TimedPart, Timing
from gradviz.worker.messages import TimeParts
from tests.builders import CHAIN_RULE_TEXT

MLP_TEXT = """\
import torch
from torch import nn
X = torch.randn(16, 8)
target = torch.randn(16, 1)
net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for epoch in range(1000000):
    prediction = net(X)
    loss = ((prediction - target) ** 2).mean()
    print(epoch)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
"""

ALL_BUT_TRANSFER = (TimedPart.STATEMENT, TimedPart.FORWARD, TimedPart.BACKWARD)


def run(text: str, *parts: TimedPart, **more: Any) -> Timing:
    timing, error = time_parts(make_request(text, *parts, **more), on_progress=ignore)
    assert error is None
    return timing


def make_request(text: str, *parts: TimedPart, **more: Any) -> TimeParts:
    given = {"devices": ("cpu",), "min_seconds": 0.002, "max_seconds": 0.02} | more
    return TimeParts(text=text, parts=parts, **given)


def ignore(done: int, total: int, measuring: str, latest: Measurement | None = None) -> None:
    pass


def by_part(timing: Timing) -> dict[TimedPart, Measurement]:
    assert timing.failures == ()
    return {measurement.part: measurement for measurement in timing.measurements}


def test_statement_forward_and_backward_of_the_chain_rule() -> None:
    measured = by_part(run(CHAIN_RULE_TEXT, *ALL_BUT_TRANSFER, line=6, max_seconds=0.3))
    assert measured[TimedPart.STATEMENT].text == "p = x + y"
    assert measured[TimedPart.FORWARD].text == "p = x + y\ng = p * z"
    assert measured[TimedPart.BACKWARD].text == "g.backward()"
    assert measured[TimedPart.BACKWARD].line == 8
    for measurement in measured.values():
        assert measurement.device == "cpu"
        assert measurement.threads == torch.get_num_threads()
        assert len(measurement.seconds) >= 4
        assert measurement.median > 0
        assert measurement.first_seconds
    assert tuple(measured) == ALL_BUT_TRANSFER


def test_a_backward_in_a_loop_is_timed_without_running_the_loop_to_its_end() -> None:
    measured = by_part(run(MLP_TEXT, TimedPart.FORWARD, TimedPart.BACKWARD))
    assert measured[TimedPart.FORWARD].text == (
        "prediction = net(X)\nloss = ((prediction - target) ** 2).mean()"
    )
    assert measured[TimedPart.FORWARD].line == 8
    assert measured[TimedPart.BACKWARD].line == 12


@pytest.mark.parametrize(
    ("text", "forward"),
    [
        ("h = x * 2\nh = h * h\nh = h.sum()\nh.backward()", "h = x * 2\nh = h * h\nh = h.sum()"),
        ("(x * y).sum().backward()", None),
        ("g = (x * y).sum()\ntorch.autograd.backward(g)", "g = (x * y).sum()"),
        ("g = (x * y).sum()\ngs = torch.autograd.grad(g, [x, y])", "g = (x * y).sum()"),
        (
            "hs = []\nfor i in range(3):\n    hs.append(x * i)\nunused = x + 1\n"
            "g = sum(h.sum() for h in hs)\ng.backward()",
            "for i in range(3):\n    hs.append(x * i)\ng = sum(h.sum() for h in hs)",
        ),
        ("h = x * 2\nh[0] = y[0]\nh.sum().backward()", None),
        ("g = (x * y).sum()\nif True:\n    g.backward()", None),
    ],
)
def test_forward_is_what_leads_from_the_leaves_to_the_root(text: str, forward: str | None) -> None:
    head = "import torch\nx = torch.ones(3, requires_grad=True)\n"
    head += "y = torch.ones(3, requires_grad=True)\n"
    timing = run(head + text, TimedPart.FORWARD, TimedPart.BACKWARD)
    if text.startswith("g = (x * y).sum()\nif"):
        assert timing.failures == ("No statement computes the root of the backward call.",)
        return
    measured = by_part(timing)
    assert TimedPart.BACKWARD in measured
    if forward is not None:
        assert measured[TimedPart.FORWARD].text == forward


def test_a_statement_that_rebinds_what_it_reads_can_be_repeated() -> None:
    text = "import torch\nlayer = torch.nn.Linear(2, 3)\nx = torch.ones(2)\nx = layer(x)"
    assert by_part(run(text, TimedPart.STATEMENT, line=4))


def test_a_backward_call_at_the_cursor_is_repeated_on_the_graph_that_it_keeps() -> None:
    measured = by_part(run(CHAIN_RULE_TEXT, TimedPart.STATEMENT, line=8))
    assert measured[TimedPart.STATEMENT].text == "g.backward()"
    text = "import torch\nx = torch.ones(3, requires_grad=True)\n(x * x).sum().backward()"
    assert by_part(run(text, TimedPart.STATEMENT, line=3))


def test_magics_displays_and_prints_do_not_get_in_the_way(
    capfd: pytest.CaptureFixture[str],
) -> None:
    text = "import torch\nx = torch.ones(2)\nx\n%time z = x * x\nprint(z)\n"
    assert by_part(run(text, TimedPart.STATEMENT, line=4))[TimedPart.STATEMENT].text == "z = x * x"
    assert by_part(run(text, TimedPart.STATEMENT, line=5))[TimedPart.STATEMENT].text == "print(z)"
    assert capfd.readouterr().out == ""


@pytest.mark.parametrize(
    "line", ["%time z = x * x", "%timeit -n 10 -r 3 z = x * x", "%timeit -n10 z = x * x"]
)
def test_a_timed_line_is_the_statement_that_it_times(line: str) -> None:
    for text in (f"import torch\nx = torch.ones(2)\n{line}\n", f"%%time\nx = 2\n{line}\n"):
        measured = by_part(run(text, TimedPart.STATEMENT, line=3))
        assert measured[TimedPart.STATEMENT].text == "z = x * x"


def test_each_thread_count_is_measured_apart() -> None:
    timing = run(CHAIN_RULE_TEXT, TimedPart.FORWARD, threads=(1, 2))
    assert [measurement.threads for measurement in timing.measurements] == [1, 2]


def test_nothing_of_the_process_is_changed() -> None:
    text = (
        "import torch, random\nimport numpy as np\ntorch.manual_seed(3)\nrandom.seed(1)\n"
        "np.random.seed(1)\ntorch.set_default_dtype(torch.float64)\ntorch.set_num_threads(1)\n"
        "torch.set_default_device('meta')\ntorch.set_grad_enabled(False)\nx = torch.rand(3)\n"
    )

    def state() -> list[object]:
        return [
            torch.get_rng_state().tolist(),
            random.getstate(),
            np.random.get_state()[1].tolist(),  # type: ignore[index]
            torch.get_default_dtype(),
            torch.get_num_threads(),
            torch.get_default_device(),
            torch.is_grad_enabled(),
        ]

    before = state()
    time_parts(make_request(text, TimedPart.STATEMENT, line=10), on_progress=ignore)
    assert state() == before


def test_the_seed_makes_the_execution_repeatable() -> None:
    text = "import torch\nx = torch.rand(1)\nassert abs(x.item() - 0.0043) < 1e-3\ny = x + 1\n"
    torch.manual_seed(3)
    assert abs(torch.rand(1).item() - 0.0043) < 1e-3
    assert by_part(run(text, TimedPart.STATEMENT, line=4, seed=3))


def test_a_text_that_does_not_run_is_an_error_with_its_line() -> None:
    text = "import torch\nx = torch.ones(2)\ny = x @ torch.ones(3)\nz = y + 1\n"
    timing, error = time_parts(make_request(text, TimedPart.STATEMENT, line=4), on_progress=ignore)
    assert error is not None
    assert (error.type, error.line) == ("RuntimeError", 3)
    assert timing.measurements == ()
    _, error = time_parts(make_request("x = = 1", TimedPart.STATEMENT), on_progress=ignore)
    assert error is not None
    assert (error.type, error.line) == ("SyntaxError", 1)


def test_a_device_that_fails_is_a_sentence_and_the_others_go_on() -> None:
    devices = ("xla:7", "meta", "cpu", "nonsense")
    timing = run(CHAIN_RULE_TEXT, TimedPart.FORWARD, devices=devices)
    assert [measurement.device for measurement in timing.measurements] == ["cpu"]
    assert len(timing.failures) == 3
    for device, sentence in zip(("xla:7", "meta", "nonsense"), timing.failures, strict=True):
        assert sentence.startswith(f"Not timed on {device}: ")
        assert sentence.endswith(".")


def test_meta_never_reports_a_figure() -> None:
    timing = run(CHAIN_RULE_TEXT, *TimedPart, devices=("meta",))
    assert timing.measurements == ()


def test_a_part_that_cannot_be_repeated_does_not_stop_the_others() -> None:
    text = CHAIN_RULE_TEXT + "del p  # gone the second time\n"
    timing = run(text, TimedPart.STATEMENT, TimedPart.BACKWARD, line=9)
    assert [m.part for m in timing.measurements] == [TimedPart.BACKWARD]
    (sentence,) = timing.failures
    assert sentence.startswith("Not timed on cpu: statement cannot be repeated: ")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("x = 1", "There is no backward call outside functions"),
        (
            "import torch\nx = torch.ones(1, requires_grad=True)\nif False:\n    x.backward()",
            "The backward call on line 4 was not reached.",
        ),
    ],
)
def test_where_there_is_no_backward_a_sentence_says_so(text: str, sentence: str) -> None:
    timing = run(text, TimedPart.FORWARD)
    assert timing.measurements == ()
    assert sentence in timing.failures[0]


def test_transfers_need_another_device() -> None:
    timing = run(CHAIN_RULE_TEXT, TimedPart.TRANSFER)
    assert timing.failures == ("Transfers need a second device besides the CPU.",)


def test_a_copy_is_measured_with_its_bytes() -> None:
    """The code that measures transfers, with a copy from and to the only device there is."""
    session = timing_module._Session(make_request("", TimedPart.TRANSFER), ignore)
    session._measure_copies([torch.ones(4), torch.ones(2)], "cpu", "cpu")
    (measurement,) = session.measurements
    assert (measurement.nbytes, measurement.to_device) == (24, "cpu")
    assert measurement.text == "2 leaves"
    assert measurement.median > 0


def test_progress_counts_to_its_end() -> None:
    seen: list[tuple[int, int, str, bool]] = []

    def note(done: int, total: int, measuring: str, latest: Measurement | None = None) -> None:
        seen.append((done, total, measuring, latest is not None))

    time_parts(
        make_request(CHAIN_RULE_TEXT, TimedPart.FORWARD, TimedPart.BACKWARD), on_progress=note
    )
    count = torch.get_num_threads()
    threads = "1 thread" if count == 1 else f"{count} threads"
    assert seen == [
        (0, 2, f"backward, cpu, {threads}", False),
        (1, 2, "", True),
        (1, 2, f"forward, cpu, {threads}", False),
        (2, 2, "", True),
    ]


def test_an_interrupt_between_samples_keeps_what_was_measured() -> None:
    def stop_at_second(
        done: int, total: int, measuring: str, latest: Measurement | None = None
    ) -> None:
        if done == 1:
            raise KeyboardInterrupt

    timing, error = time_parts(
        make_request(CHAIN_RULE_TEXT, TimedPart.FORWARD, TimedPart.BACKWARD),
        on_progress=stop_at_second,
    )
    assert error is None
    assert timing.stopped
    assert [measurement.part for measurement in timing.measurements] == [TimedPart.BACKWARD]


def test_an_interrupt_within_samples_keeps_those_that_are_there() -> None:
    text = """\
import torch
calls = []
def work():
    calls.append(1)
    if len(calls) > 20000:
        raise KeyboardInterrupt
work()
"""
    timing = run(text, TimedPart.STATEMENT, line=7, min_seconds=1e9, max_seconds=1e9)
    assert timing.stopped
    for measurement in timing.measurements:
        assert "Stopped" in measurement.warning


def test_the_text_cannot_swallow_the_interrupt_of_a_stop() -> None:
    """Gradviz's own way out of a loop passes the person's `except Exception`."""
    text = (
        "import torch\nx = torch.ones(1, requires_grad=True)\nfor i in range(3):\n    try:\n"
        "        g = x * 2\n        g.backward()\n    except Exception:\n        pass\n"
    )
    assert by_part(run(text, TimedPart.FORWARD))[TimedPart.FORWARD].text == "g = x * 2"


def test_a_timing_can_be_sent() -> None:
    timing = run(CHAIN_RULE_TEXT, TimedPart.FORWARD)
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(timing), type=Timing) == timing


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
def test_all_parts_are_timed_on_cuda_with_transfers_apart() -> None:
    timing = run(
        MLP_TEXT,
        TimedPart.FORWARD,
        TimedPart.BACKWARD,
        TimedPart.TRANSFER,
        devices=("cpu", "cuda:0"),
    )
    assert timing.failures == ()
    found = [(m.part, m.device, m.to_device) for m in timing.measurements]
    assert (TimedPart.FORWARD, "cuda:0", "") in found
    assert (TimedPart.BACKWARD, "cuda:0", "") in found
    assert (TimedPart.TRANSFER, "cpu", "cuda:0") in found
    assert (TimedPart.TRANSFER, "cuda:0", "cpu") in found


@pytest.mark.cuda
@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA card")
def test_a_statement_that_makes_a_tensor_makes_it_on_the_timed_card() -> None:
    timing = run(
        "import torch\nx = torch.rand(3)", TimedPart.STATEMENT, line=2, devices=("cuda:0",)
    )
    assert "default-device" in timing.measurements[0].warning

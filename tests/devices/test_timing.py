"""Timing parts of documents; no test asks how fast something is."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import msgspec
import numpy as np
import pytest
import torch

from gradviz.devices.meter import Meter
from gradviz.devices.parts import PartTimer
from gradviz.devices.timing import time_parts
from gradviz.recording.timing import AS_PLACED, Measurement, Sweep, TimedPart, Timing
from gradviz.tracer.private.settings import chosen_device
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
        assert measurement.dtype == ""
        assert measurement.threads == torch.get_num_threads()
        assert len(measurement.seconds) >= 4
        assert measurement.median > 0
        assert measurement.first_seconds
    assert tuple(measured) == ALL_BUT_TRANSFER


def test_a_device_that_nobody_knows_is_named_in_one_sentence() -> None:
    request = make_request(CHAIN_RULE_TEXT, TimedPart.FORWARD, devices=("cpu", "nonsense"))
    timing, error = time_parts(request, on_progress=ignore)
    assert error is None
    assert timing.failures == ("Not timed on nonsense: PyTorch knows no device nonsense.",)
    assert len(timing.measurements) == 1


def test_what_is_repeated_makes_tensors_of_the_chosen_type() -> None:
    text = (
        "import torch\nmade = []\n"
        "made.append((torch.randn(2).dtype, torch.backends.cuda.matmul.allow_tf32))\n"
        "seen = set(made)\nassert seen == {(torch.float64, False)}, seen\n"
    )
    timing = run(text, TimedPart.LINES, line=3, end_line=5, dtypes=("float64",))
    assert timing.failures == ()
    assert timing.measurements[0].dtype == "float64"


def test_each_execution_begins_in_the_same_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "data").mkdir()
    monkeypatch.chdir(tmp_path)
    text = (
        "import torch\n%cd data\n%nothing here\nx = torch.ones(2, requires_grad=True)\n"
        "g = (x * 2).sum()\ng.backward()\n"
    )
    timing = run(text, TimedPart.FORWARD, TimedPart.OP, dtypes=("", "float64"))
    assert timing.failures == ()
    assert {m.dtype for m in timing.measurements} == {"", "float64"}
    assert Path.cwd() == tmp_path


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


def test_a_statement_inside_a_loop_is_timed_by_itself() -> None:
    measured = by_part(run(MLP_TEXT, TimedPart.STATEMENT, line=8))
    assert measured[TimedPart.STATEMENT].text == "prediction = net(X)"


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
            chosen_device(),
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


def test_a_leaf_on_meta_keeps_only_what_uses_it_from_being_timed() -> None:
    text = f"{CHAIN_RULE_TEXT}empty = torch.ones(2, device='meta')\nhalf = empty / 2\n"
    line = text.count("\n")
    timing = run(text, TimedPart.FORWARD, TimedPart.STATEMENT, line=line)
    assert [m.part for m in timing.measurements] == [TimedPart.FORWARD]
    assert timing.failures == (
        f"Not timed on cpu: Line {line} uses empty, which the text itself puts on meta.",
    )


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
    meter = Meter(threads=(), min_seconds=0.002, max_seconds=0.02, on_progress=ignore)
    PartTimer("", [], meter).time_copies([torch.ones(4), torch.ones(2)], "cpu", "cpu")
    (measurement,) = meter.measurements
    assert (measurement.nbytes, measurement.to_device) == (24, "cpu")
    assert measurement.text == "2 leaves"
    assert measurement.bytes_per_second == 24 / measurement.median


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


STEP_TEXT = MLP_TEXT.replace("    print(epoch)\n", "")


def test_the_optimizer_s_step_is_timed_and_its_parameters_are_put_back() -> None:
    measured = by_part(run(STEP_TEXT, TimedPart.FORWARD, TimedPart.BACKWARD, TimedPart.STEP))
    assert measured[TimedPart.STEP].text == "optimizer.step()"
    assert measured[TimedPart.STEP].line == 12
    timing = run(CHAIN_RULE_TEXT, TimedPart.STEP)
    assert timing.failures[0].startswith("There is no optimizer.step() after the backward call;")


def test_lines_of_a_loop_are_timed_without_the_loop() -> None:
    measured = by_part(run(STEP_TEXT, TimedPart.STATEMENT, TimedPart.LINES, line=9, end_line=11))
    assert measured[TimedPart.STATEMENT].text.startswith("loss = ")
    lines = measured[TimedPart.LINES]
    assert lines.text.splitlines()[1:] == ["optimizer.zero_grad()", "loss.backward()"]
    assert (lines.line, lines.end_line) == (9, 11)


def test_lines_that_reach_beyond_a_loop_are_the_whole_loop() -> None:
    text = "import torch\nx = torch.ones(2)\nfor i in range(2):\n    y = x + i\nz = y * 2\n"
    measured = by_part(run(text, TimedPart.LINES, line=4, end_line=5))
    assert measured[TimedPart.LINES].text == "for i in range(2):\n    y = x + i\nz = y * 2"
    timing = run("import torch\nif False:\n    x = 1\n    y = 2\n", TimedPart.LINES, line=3)
    assert timing.failures == ("Not timed on cpu: Line 3 was not reached.",)


def test_each_type_is_measured_apart_and_what_cannot_be_done_is_said() -> None:
    timing = run(STEP_TEXT, TimedPart.FORWARD, dtypes=("float32", "float64", "tf32"))
    assert [m.dtype for m in timing.measurements] == ["float32", "float64"]
    assert timing.failures == (
        "Not timed on cpu, tf32: tf32 needs an NVIDIA card of compute capability 8.0 or later.",
    )
    assert torch.get_default_dtype() is torch.float32


def test_a_tensor_that_the_text_makes_of_another_type_is_named() -> None:
    text = (
        "import torch\nx = torch.ones(2, requires_grad=True)\nk = (x * 2).float()\n"
        "y = k + 1\ny.sum().backward()\n"
    )
    timing = run(text, TimedPart.STATEMENT, line=4, dtypes=("float64",))
    assert timing.failures == (
        "Not timed on cpu, float64: Line 4 uses k, which the text itself makes float32.",
    )


def test_work_is_counted_with_the_time() -> None:
    text = "import torch\na = torch.ones(8, 8)\nb = a @ a\n"
    measurement = by_part(run(text, TimedPart.STATEMENT, line=3))[TimedPart.STATEMENT]
    assert measurement.flops == 2 * 8**3
    assert measurement.moved_nbytes == 3 * 4 * 64
    assert measurement.flops_per_second == 2 * 8**3 / measurement.median
    assert measurement.peak_nbytes is None  # the CPU's allocator does not tell


def test_where_the_placement_puts_tensors_has_an_effect() -> None:
    where = {"devices": ("cpu", AS_PLACED), "line": 6}
    timing = run(CHAIN_RULE_TEXT, TimedPart.STATEMENT, placement={"y": "cpu"}, **where)
    assert [m.device for m in timing.measurements] == ["cpu", AS_PLACED]
    moved = dict.fromkeys("xyz", "meta")
    timing = run(CHAIN_RULE_TEXT, TimedPart.STATEMENT, placement=moved, **where)
    assert [m.device for m in timing.measurements] == ["cpu"]
    assert timing.failures == (
        "Not timed on placed: Line 6 uses x, which is on meta: nothing is computed there.",
    )
    timing = run(CHAIN_RULE_TEXT, TimedPart.FORWARD, devices=(AS_PLACED,), run_device="meta")
    assert timing.measurements == ()


SIZES_TEXT = """\
import torch
n = 8
x = torch.ones(n, n, requires_grad=True)
g = (x * x).sum()
g.backward()
"""


def sweep(*values: int, **more: Any) -> Timing:
    return run(
        SIZES_TEXT,
        TimedPart.FORWARD,
        TimedPart.BACKWARD,
        sweep=Sweep(size="n", values=values, **more),
    )


def test_a_sweep_times_the_text_at_each_size() -> None:
    timing = sweep(4, 16, 8)
    assert timing.failures == ()
    assert timing.sweep == "n"
    forward = [m for m in timing.measurements if m.part is TimedPart.FORWARD]
    assert [(m.size, m.moved_nbytes) for m in forward] == [
        (n, 3 * 4 * n * n + 4 * n * n + 4) for n in (4, 8, 16)
    ]
    assert {m.size for m in timing.measurements if m.part is TimedPart.BACKWARD} == {4, 8, 16}


def test_a_sweep_ends_before_it_needs_too_much_memory_or_time() -> None:
    timing = sweep(4, 8, 1 << 20, max_nbytes=1 << 20)
    assert {m.size for m in timing.measurements} == {4, 8}
    (sentence,) = timing.failures
    assert sentence.startswith("Not timed on cpu, n = 1048576: it would need about ")
    timing = sweep(4, 8, max_seconds=0.0)
    assert {m.size for m in timing.measurements} == {4}
    assert timing.failures[0].endswith("the sweep ends here.")


def test_what_fails_at_one_size_is_told_with_it_and_the_smaller_ones_are_kept() -> None:
    text = SIZES_TEXT.replace("g = ", "assert n < 8\ng = ")
    request = make_request(text, TimedPart.FORWARD, sweep=Sweep(size="n", values=(4, 8)))
    timing, error = time_parts(request, on_progress=ignore)
    assert error is None
    assert [m.size for m in timing.measurements] == [4]
    assert timing.failures == ("Line 4 failed on cpu, n = 8: AssertionError: AssertionError.",)
    request = make_request(text, TimedPart.FORWARD, sweep=Sweep(size="m", values=(4,)))
    timing, _ = time_parts(request, on_progress=ignore)
    assert timing.failures == ("Not timed on cpu, m = 4: The text has no size m.",)


def test_ceilings_are_measured_when_asked_for() -> None:
    timing = run(CHAIN_RULE_TEXT, TimedPart.FORWARD, ceilings=True, threads=(1,))
    (ceiling,) = timing.ceilings
    assert (ceiling.device, ceiling.threads, ceiling.dtype) == ("cpu", 1, "")
    assert ceiling.bytes_per_second > 0 and ceiling.flops_per_second > 0

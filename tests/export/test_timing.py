"""Machines and timings as text, CSV and JSON."""

from __future__ import annotations

import csv
import io
import json

import pytest

from gradviz.export.timing import (
    machine_to_json,
    machine_to_text,
    timing_to_csv,
    timing_to_json,
    timing_to_text,
)
from gradviz.recording.machine import Device, Machine, MissingDevice
from gradviz.recording.timing import Ceiling, Measurement, TimedPart, Timing

MACHINE = Machine(
    torch="2.13.0+cpu",
    python="3.11.2",
    threads=2,
    devices=(Device(name="cpu", title="A processor", total_nbytes=24 << 30, free_nbytes=20 << 30),),
    missing=(
        MissingDevice(kind="CUDA", reason="Built without it.", remedy="Install another build."),
    ),
    build="CPU only",
)

TIMING = Timing(
    measurements=(
        Measurement(
            part=TimedPart.STATEMENT,
            text="z = x * y",
            line=4,
            device="cpu",
            threads=2,
            seconds=(1e-3, 2e-3, 3e-3),
            loops=10,
            first_seconds=0.5,
            warning="The spread is large.",
        ),
        Measurement(
            part=TimedPart.TRANSFER,
            text="x, y",
            line=None,
            device="cpu",
            to_device="cuda:0",
            threads=2,
            seconds=(1e-6,),
            nbytes=2048,
        ),
    ),
    failures=("cuda:1 could not be timed: out of memory.",),
    stopped=True,
    torch="2.13.0",
)


def test_the_text_of_a_machine_names_devices_and_explains_what_is_missing() -> None:
    text = machine_to_text(MACHINE)
    assert "cpu     A processor  24.0 GiB  20.0 GiB  –" in text.splitlines()
    assert "No CUDA: Built without it.\n  Install another build." in text


def test_the_json_of_a_machine_keeps_exact_numbers() -> None:
    content = json.loads(machine_to_json(MACHINE))
    assert (content["format"], content["version"]) == ("gradviz-devices", 1)
    assert content["devices"][0]["free_nbytes"] == 20 << 30


def test_the_text_of_a_timing_has_median_iqr_first_warning_and_failures() -> None:
    lines = timing_to_text(TIMING).splitlines()
    assert lines[1].split()[:6] == ["statement", "4", "cpu", "2", "2.00", "ms"]
    assert "500 ms" in lines[1]
    assert "cpu → cuda:0" in lines[2]
    assert "! statement on cpu: The spread is large." in lines
    assert "cuda:1 could not be timed: out of memory." in lines
    assert any(line.startswith("Stopped") for line in lines)


SWEPT = Timing(
    measurements=tuple(
        Measurement(
            part=TimedPart.FORWARD,
            text="y = x @ x",
            line=3,
            end_line=4,
            device=device,
            dtype="float32",
            threads=1,
            seconds=(seconds,),
            size=size,
            flops=2 * size**3,
            moved_nbytes=12 * size**2,
        )
        for device, size, seconds in (
            *(("cpu", 256, 1e-3), ("cpu", 512, 8e-3)),
            *(("cuda:0", 256, 2e-3), ("cuda:0", 512, 3e-3)),
        )
    ),
    ceilings=(
        Ceiling(device="cpu", threads=1, dtype="", bytes_per_second=2e10, flops_per_second=5.5e10),
    ),
    sweep="n",
)


def test_sizes_types_rates_ceilings_and_crossovers_are_told() -> None:
    lines = timing_to_text(SWEPT).splitlines()
    assert lines[0].split()[3:6] == ["type", "threads", "n"]
    assert "33.6 GFLOP/s" in lines[1]
    assert lines[1].split()[1] == "3–4"
    assert "From n = 512 on cuda:0 is faster than cpu (forward)." in lines
    assert "Ceiling of cpu, 1 thread: copy 20.0 GB/s, matrix product 55.0 GFLOP/s" in lines


def test_crossovers_are_in_the_json_and_sizes_in_the_csv() -> None:
    (found,) = json.loads(timing_to_json(SWEPT))["crossovers"]
    assert (found["size"], found["winner"]["device"]) == (512, "cuda:0")
    rows = list(csv.DictReader(io.StringIO(timing_to_csv(SWEPT))))
    assert (rows[0]["size"], rows[0]["flops"]) == ("256", str(2 * 256**3))


def test_the_text_of_an_empty_timing_says_so() -> None:
    assert timing_to_text(Timing(measurements=())) == "Nothing was timed.\n"


def test_the_csv_of_a_timing_reads_back() -> None:
    rows = list(csv.DictReader(io.StringIO(timing_to_csv(TIMING))))
    assert [float(row["median_seconds"]) for row in rows] == [2e-3, 1e-6]
    assert rows[1]["to_device"] == "cuda:0"
    assert rows[0]["text"] == "z = x * y"


def test_the_json_of_a_timing_holds_samples_and_strict_numbers() -> None:
    empty = Measurement(
        part=TimedPart.FORWARD, text="", line=1, device="cpu", threads=1, seconds=()
    )
    content = json.loads(
        timing_to_json(Timing(measurements=(*TIMING.measurements, empty))),
        parse_constant=lambda name: pytest.fail(f"{name} is not JSON"),
    )
    assert content["measurements"][0]["seconds"] == [1e-3, 2e-3, 3e-3]
    assert content["measurements"][0]["median"] == 2e-3
    assert content["measurements"][2]["median"] is None

"""Clocks wait for the devices that are timed, and for no others."""

from __future__ import annotations

from time import perf_counter
from types import SimpleNamespace

import pytest
import torch

from gradviz.devices import waiting
from gradviz.devices.waiting import clock_of, current, devices_in_use, synchronise


def test_where_only_the_cpu_computes_nothing_is_waited_for() -> None:
    assert clock_of([]) is perf_counter
    assert clock_of(["cpu", torch.device("cpu")]) is perf_counter


def test_each_card_is_waited_for_once_and_not_only_the_current_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[str] = []
    monkeypatch.setattr(torch.cuda, "synchronize", lambda device: waited.append(str(device)))
    clock = clock_of(["cuda:1", "cpu", torch.device("cuda:1")])
    assert clock() <= clock()
    assert waited == ["cuda:1", "cuda:1"]
    synchronise(["cuda:0", "cuda:1", "cpu", "meta"])
    assert waited[2:] == ["cuda:0", "cuda:1"]


def test_only_cards_with_memory_are_in_use(monkeypatch: pytest.MonkeyPatch) -> None:
    module = SimpleNamespace(
        is_initialized=lambda: True,
        device_count=lambda: 3,
        memory_reserved=lambda index: [0, 2 << 20, 0][index],
    )
    monkeypatch.setattr(waiting.torch, "cuda", module)
    assert torch.device("cuda:1") in devices_in_use()
    assert torch.device("cuda:0") not in devices_in_use()


@pytest.mark.skipif(torch.cuda.is_available(), reason="needs a machine without CUDA")
def test_what_is_not_there_becomes_no_current_card() -> None:
    for device in ("cpu", "cuda", "cuda:7", "xpu:1", "meta"):
        with current(device):
            pass
    assert devices_in_use() == () or torch.backends.mps.is_available()


@pytest.mark.cuda
@pytest.mark.skipif(torch.cuda.device_count() < 2, reason="needs two CUDA cards")
def test_the_card_of_a_run_is_the_current_one() -> None:
    with current("cuda:1"):
        assert torch.ones(1).cuda().device.index == 1
    assert torch.cuda.current_device() == 0

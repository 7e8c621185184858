"""Where memory runs out it is said how much was wanted, what is free, and which tensors fill it."""

from __future__ import annotations

import pytest
import torch
from torch import nn

from gradviz.devices.exhausted import (
    Holding,
    Shortage,
    describe,
    grouped,
    is_out_of_memory,
    living_tensors,
    read_shortage,
)
from tests.capabilities import needs_saved

MIB = 1 << 20
CUDA = (
    "CUDA out of memory. Tried to allocate 20.00 GiB. GPU 1 has a total capacity of 139.80 GiB of "
    "which 10.50 GiB is free. Process 4242 has 129.30 GiB memory in use. Of the allocated memory "
    "128.00 GiB is allocated by PyTorch, and 512.00 MiB is reserved by PyTorch but unallocated."
)
MPS = (
    "MPS backend out of memory (MPS allocated: 8.00 GB, other allocations: 384.00 KB, max allowed: "
    "9.07 GB). Tried to allocate 4.00 GB on private pool. Use "
    "PYTORCH_MPS_HIGH_WATERMARK_RATIO=0.0 to disable upper limit for memory allocations."
)


@pytest.mark.parametrize(
    ("message", "shortage"),
    [
        (CUDA, Shortage("cuda:1", 20 << 30, round(10.5 * (1 << 30)))),
        (CUDA.replace("CUDA", "HIP"), Shortage("cuda:1", 20 << 30, round(10.5 * (1 << 30)))),
        (
            "XPU out of memory. Tried to allocate 16.00 MiB. GPU 0 has a total capacity of "
            "15.00 GiB. Of the allocated memory 14.00 GiB is allocated by PyTorch.",
            Shortage("xpu:0", 16 * MIB, None),
        ),
        (MPS, Shortage("mps", 4_000_000_000, None)),
        ("CUDA error: out of memory", Shortage("cuda", None, None)),
        (
            "CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`",
            Shortage("cuda", None, None),
        ),
        (
            "[enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate "
            "memory: you tried to allocate 4096 bytes. Error code 12 (Cannot allocate memory)",
            Shortage("cpu", 4096, None),
        ),
        (
            "[enforce fail at alloc_cpu.cpp:117] data. DefaultCPUAllocator: not enough memory: you "
            "tried to allocate 4096 bytes.",
            Shortage("cpu", 4096, None),
        ),
    ],
)
def test_what_each_allocator_says_is_understood(message: str, shortage: Shortage) -> None:
    assert is_out_of_memory(RuntimeError(message), message)
    assert read_shortage(message) == shortage


def test_numpys_error_and_others() -> None:
    message = "Unable to allocate 8.00 TiB for an array with shape (1099511627776,)"
    assert is_out_of_memory(MemoryError(message), message)
    assert read_shortage(message) == Shortage("cpu", 8 << 40, None)
    assert is_out_of_memory(torch.OutOfMemoryError(CUDA), CUDA)
    assert not is_out_of_memory(RuntimeError("shape mismatch"), "shape mismatch")
    assert not is_out_of_memory(ValueError("out of memory"), "out of memory")


def test_names_lines_and_what_to_do_are_said() -> None:
    holdings = [Holding("x", 3, 400 * MIB), Holding("net.0.weight", 2, 200 * MIB)]
    said = describe(Shortage("cuda:0", 800 * MIB, 100 * MIB), holdings, total=2 << 30)
    assert said == (
        "It asked for 800 MiB on cuda:0, where 100 MiB is free. It is held by x (line 3, 400 MiB), "
        "net.0.weight (line 2, 200 MiB). Delete what is no longer needed (del x), or use smaller "
        "tensors, a smaller batch or a smaller type such as torch.bfloat16."
    )


def test_what_no_deletion_can_make_room_for_is_told_so() -> None:
    said = describe(Shortage("cpu", 8 << 30, 1 << 30), [Holding("x", 3, MIB)], total=2 << 30)
    assert said.endswith(
        "There is only 2.00 GiB in total: make it in smaller parts, or of a smaller type such as "
        "torch.bfloat16."
    )
    assert "x (" not in said


def test_what_a_loop_saved_in_its_rounds_is_said_once() -> None:
    saved = [Holding("MulBackward0._saved_self", 7, 10 * MIB)] * 12
    holdings = grouped([*saved, Holding("small", 1, 8)])
    assert holdings[0] == Holding("MulBackward0._saved_self", 7, 120 * MIB, 12)
    said = describe(Shortage("cpu", 10 * MIB, 0), holdings, total=None, recorded=40 * MIB)
    assert "MulBackward0._saved_self (line 7, 12 × 10.0 MiB)." in said
    assert "Another 40.0 MiB are values that the recording keeps." in said
    assert "torch.no_grad()" in said
    assert "small (" not in said


class Box:
    def __init__(self) -> None:
        self.cache = torch.ones(30)


def test_living_tensors_are_found_wherever_names_lead(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Box, "__module__", "__main__")
    net = nn.Linear(5, 5)
    adam = torch.optim.Adam(net.parameters())
    x = torch.ones(7, 5, requires_grad=True)
    net(x).sum().backward()
    adam.step()
    scope = {
        "net": net,
        "adam": adam,
        "x": x,
        "alias": x,
        "view": x.detach()[2:],
        "parts": [torch.ones(2), {"k": torch.ones(3)}],
        "box": Box(),
        "y": (x * 3).exp(),
    }
    living = living_tensors("cpu", [scope], [], lambda label, _: len(label))
    known = {one.label: one.nbytes for one in living.values() if one.label and one.label[0] != "M"}
    expected = {
        "net.weight": 100,
        "net.weight.grad": 100,
        "net.bias": 20,
        "net.bias.grad": 20,
        "x": 140,
        "x.grad": 140,
        "parts[0]": 8,
        "parts[1]['k']": 12,
        "box.cache": 120,
        "y": 140,
        'adam.state[net.weight]["step"]': 4,
        'adam.state[net.weight]["exp_avg"]': 100,
        'adam.state[net.weight]["exp_avg_sq"]': 100,
        'adam.state[net.bias]["step"]': 4,
        'adam.state[net.bias]["exp_avg"]': 20,
        'adam.state[net.bias]["exp_avg_sq"]': 20,
    }
    assert known == expected
    assert all(one.line == len(one.label) for one in living.values())
    assert not any(one.label for one in living_tensors("cuda:0", [scope], [], _none).values())


class WithoutDevice(torch.Tensor):
    @property
    def device(self) -> torch.device:
        raise RuntimeError("tensor does not have a device")


def test_a_tensor_without_a_device_holds_nothing() -> None:
    scope = {"odd": torch.ones(6).as_subclass(WithoutDevice), "x": torch.ones(7)}
    living = living_tensors("cpu", [scope], [], _none)
    assert {one.label for one in living.values()} - {""} == {"x"}


def _none(_label: str, _address: int) -> None:
    return None


@needs_saved
def test_what_only_the_graph_holds_is_named_after_its_node() -> None:
    x = torch.ones(1000, requires_grad=True)
    y = x.exp().sin().sum()
    living = living_tensors("cpu", [{"x": x, "y": y}], [], _none)
    saved = {one.label: one.nbytes for one in living.values() if "_saved" in one.label}
    assert saved == {"SinBackward0._saved_self": 4000}


@needs_saved
def test_a_graph_that_only_a_librarys_function_holds_is_walked() -> None:
    x = torch.ones(1000, requires_grad=True)
    inner = {"input": x.exp().sin()}
    living = living_tensors("cpu", [{"x": x}], [inner], _none)
    labels = {one.label for one in living.values() if one.nbytes == 4000}
    assert {"x", "SinBackward0._saved_self"} <= labels
    assert "input" not in labels

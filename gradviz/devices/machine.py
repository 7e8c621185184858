"""Describe this machine: the devices that torch can use, and why not more."""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import msgspec
import psutil
import torch

from gradviz.recording.machine import Device, Machine, MissingDevice

GET_STARTED: Final = "https://pytorch.org/get-started"
DRIVERS: Final = "https://www.nvidia.com/drivers"


class CudaFacts(msgspec.Struct, frozen=True, kw_only=True):
    """What decides whether CUDA can be used.

    `hidden_by` is the value of CUDA_VISIBLE_DEVICES, None where it is not set. `cards` counts
    what the driver sees, None where nobody could ask it; `usable` what torch can use.
    """

    is_built: bool
    build: str = ""
    driver: str | None = None
    hidden_by: str | None = None
    cards: int | None = None
    usable: int = 0
    problem: str = ""


def describe_machine() -> Machine:
    """The CPU and every accelerator of this machine; never raises for a missing driver."""
    nvml = _open_nvml()
    try:
        facts = _cuda_facts(nvml)
        devices = [_cpu(), *(_cuda(i, nvml) for i in range(facts.usable)), *_mps(), *_xpu()]
    finally:
        if nvml is not None:
            nvml.nvmlShutdown()
    missing = [explain_missing_cuda(facts)] if sys.platform != "darwin" else [_missing_mps()]
    return Machine(
        torch=str(torch.__version__),
        python=platform.python_version(),
        threads=torch.get_num_threads(),
        devices=tuple(devices),
        missing=tuple(reason for reason in missing if reason is not None),
        driver=facts.driver or "",
        build=facts.build,
    )


def explain_missing_cuda(facts: CudaFacts) -> MissingDevice | None:
    """Why a CUDA card cannot be used, and the one thing to do; None where all can be."""
    if facts.usable:
        if facts.hidden_by is not None and (facts.cards or 0) > facts.usable:
            hidden = (facts.cards or 0) - facts.usable
            return _missing_cuda(
                f"CUDA_VISIBLE_DEVICES={facts.hidden_by} hides {hidden} of {facts.cards} cards.",
                "Unset CUDA_VISIBLE_DEVICES and start gradviz again to use them all.",
            )
        return None
    if not facts.is_built:
        return _missing_cuda(
            "This PyTorch was built without CUDA.", f"Install a CUDA build: {GET_STARTED}"
        )
    if "too old" in facts.problem:
        return _missing_cuda(
            "The NVIDIA driver is too old for this PyTorch.", f"Update the driver: {DRIVERS}"
        )
    if facts.driver is None and facts.cards is None:
        return _missing_cuda("No NVIDIA driver was found.", f"Install the driver: {DRIVERS}")
    if facts.hidden_by is not None and facts.cards != 0:
        return _missing_cuda(
            f"CUDA_VISIBLE_DEVICES={facts.hidden_by} hides every card.",
            "Unset CUDA_VISIBLE_DEVICES and start gradviz again.",
        )
    if facts.cards == 0:
        return _missing_cuda(
            "The NVIDIA driver sees no card.", "Check that the card is seated, powered and enabled."
        )
    problem = facts.problem.rstrip(".") or "PyTorch does not say why"
    return _missing_cuda(
        f"CUDA could not be started: {problem}.",
        "Restart the machine; if that does not help, install the driver again.",
    )


def _missing_cuda(reason: str, remedy: str) -> MissingDevice:
    return MissingDevice(kind="CUDA", reason=reason, remedy=remedy)


def _cuda_facts(nvml: ModuleType | None) -> CudaFacts:
    is_built = torch.version.cuda is not None or torch.version.hip is not None
    usable, problem = _usable_cards() if is_built else (0, "")
    return CudaFacts(
        is_built=is_built,
        build=_build_name(),
        driver=_driver_version(nvml),
        hidden_by=os.environ.get("CUDA_VISIBLE_DEVICES"),
        cards=int(nvml.nvmlDeviceGetCount()) if nvml is not None else None,
        usable=usable,
        problem=problem,
    )


def _usable_cards() -> tuple[int, str]:
    """How many cards torch can use, and what it complained about where it can use none."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if torch.cuda.is_available():
            return torch.cuda.device_count(), ""
    if caught:
        return 0, _first_line(str(caught[-1].message))
    try:
        torch.cuda.init()  # type: ignore[no-untyped-call]
    except (RuntimeError, AssertionError) as problem:
        return 0, _first_line(str(problem))
    return 0, ""


def _first_line(text: str) -> str:
    return (text.strip().splitlines() or [""])[0]


def _build_name() -> str:
    if torch.version.hip is not None:
        return f"ROCm {torch.version.hip}"
    if torch.version.cuda is not None:
        return f"CUDA {torch.version.cuda}"
    return "Metal" if torch.backends.mps.is_built() else "CPU only"


def _open_nvml() -> ModuleType | None:
    """NVIDIA's management library, open; None where it or its driver is not there."""
    try:
        import pynvml
    except ImportError:
        return None
    try:
        pynvml.nvmlInit()
    except pynvml.NVMLError:
        return None
    return pynvml  # type: ignore[no-any-return]


def _driver_version(nvml: ModuleType | None) -> str | None:
    if nvml is not None:
        return str(nvml.nvmlSystemGetDriverVersion())
    try:
        first = Path("/proc/driver/nvidia/version").read_text().splitlines()[0]
    except (OSError, IndexError):
        return None
    return next((word for word in first.split() if word[:1].isdigit() and "." in word), "unknown")


def _cpu() -> Device:
    memory = psutil.virtual_memory()
    cores = psutil.cpu_count(logical=False) or psutil.cpu_count() or 1
    kind = torch.backends.cpu.get_cpu_capability()
    return Device(
        name="cpu",
        title=cpu_name(),
        total_nbytes=memory.total,
        free_nbytes=memory.available,
        capability=f"{kind}, {cores} {'core' if cores == 1 else 'cores'}",
    )


def cpu_name(cpuinfo: Path = Path("/proc/cpuinfo")) -> str:
    """The processor's name as its maker writes it, else its architecture."""
    try:
        for line in cpuinfo.read_text(errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    except OSError:
        pass
    return platform.processor() or platform.machine() or "CPU"


def free_nbytes(device: str) -> int | None:
    """Memory that can be had on a device now, None where nobody says; makes its context."""
    where = torch.device(device)
    if where.type == "cpu":
        return min(int(psutil.virtual_memory().available), _allowed_nbytes())
    module: Any = getattr(torch, where.type, None)
    if not hasattr(module, "mem_get_info"):
        return None
    try:
        free = int(module.mem_get_info(where)[0])
        return free + int(module.memory_reserved(where)) - int(module.memory_allocated(where))
    except (RuntimeError, AttributeError):
        return None


def _allowed_nbytes() -> int:
    """What this process may still take of its own limit."""
    with contextlib.suppress(ImportError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
        if soft != resource.RLIM_INFINITY:
            return max(0, soft - int(getattr(psutil.Process().memory_info(), "data", 0)))
    return int(psutil.virtual_memory().total)


def _cuda(index: int, nvml: ModuleType | None) -> Device:
    properties = torch.cuda.get_device_properties(index)
    return Device(
        name=f"cuda:{index}",
        title=properties.name,
        total_nbytes=properties.total_memory,
        free_nbytes=_cuda_free_nbytes(index, properties, nvml),
        capability=f"compute {properties.major}.{properties.minor}",
    )


def _cuda_free_nbytes(index: int, properties: object, nvml: ModuleType | None) -> int | None:
    """Free memory, asked of the driver first: torch would create a context of 500 MB for it."""
    uuid = getattr(properties, "uuid", None)
    if nvml is not None and uuid is not None:
        try:
            handle = nvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
            return int(nvml.nvmlDeviceGetMemoryInfo(handle).free)
        except nvml.NVMLError:
            pass
    try:
        return int(torch.cuda.mem_get_info(index)[0])
    except RuntimeError:
        return None


def _mps() -> list[Device]:
    if not torch.backends.mps.is_available():
        return []
    total = torch.mps.recommended_max_memory()
    used = torch.mps.driver_allocated_memory()
    return [
        Device(
            name="mps",
            title=f"{cpu_name()} (GPU)",
            total_nbytes=total,
            free_nbytes=max(0, total - used),
            capability="Metal",
        )
    ]


def _missing_mps() -> MissingDevice | None:
    if torch.backends.mps.is_available():
        return None
    if not torch.backends.mps.is_built():
        return MissingDevice(
            kind="MPS",
            reason="This PyTorch was built without Metal.",
            remedy=f"Install PyTorch from {GET_STARTED}",
        )
    return MissingDevice(
        kind="MPS",
        reason="This Mac has no GPU that PyTorch can use.",
        remedy="Metal needs macOS 14 or newer.",
    )


def _xpu() -> list[Device]:
    if not torch.xpu.is_available():
        return []
    devices = []
    for index in range(torch.xpu.device_count()):
        properties = torch.xpu.get_device_properties(index)
        total = int(properties.total_memory)
        devices.append(
            Device(
                name=f"xpu:{index}",
                title=properties.name,
                total_nbytes=total,
                free_nbytes=max(0, total - torch.xpu.memory_reserved(index)),
                capability="XPU",
            )
        )
    return devices

"""Describe this machine: the devices that torch can use, and why not more."""

from __future__ import annotations

import contextlib
import os
import platform
import subprocess
import sys
import warnings
from pathlib import Path
from types import ModuleType
from typing import Any, Final

import psutil
import torch

from gradviz.devices.missing import (
    CudaFacts,
    explain_card_without_code,
    explain_missing_cuda,
    explain_missing_mps,
    is_supported,
)
from gradviz.recording.machine import Device, Machine, MissingDevice

_PATIENCE_SECONDS: Final = 1.0
_PROCESSOR_KEY: Final = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"


def describe_machine() -> Machine:
    """The CPU and every accelerator of this machine; never raises for a missing driver."""
    nvml = _open_nvml()
    try:
        facts = _cuda_facts(nvml)
        cards = [_cuda(index, nvml) for index in range(facts.usable)]
        devices = [_cpu(), *(card for card in cards if card is not None), *_mps(), *_xpu()]
    finally:
        if nvml is not None:
            with contextlib.suppress(nvml.NVMLError):
                nvml.nvmlShutdown()
    missing = [_missing_mps()] if sys.platform == "darwin" else [explain_missing_cuda(facts)]
    missing += _too_old_cards(facts)
    return Machine(
        torch=str(torch.__version__),
        python=platform.python_version(),
        threads=torch.get_num_threads(),
        devices=tuple(devices),
        missing=tuple(reason for reason in missing if reason is not None),
        driver=facts.driver or "",
        build=facts.build,
    )


def _too_old_cards(facts: CudaFacts) -> list[MissingDevice | None]:
    if facts.is_rocm or not facts.usable:
        return []
    built_for = torch.cuda.get_arch_list()
    found: list[MissingDevice | None] = []
    for index in range(facts.usable):
        with contextlib.suppress(RuntimeError, AssertionError):
            if not is_supported(torch.cuda.get_device_capability(index), built_for):
                name = torch.cuda.get_device_name(index)
                found.append(explain_card_without_code(name, index))
    return found


def _cuda_facts(nvml: ModuleType | None) -> CudaFacts:
    is_built = torch.version.cuda is not None or torch.version.hip is not None
    usable, problem = _usable_cards() if is_built else (0, "")
    return CudaFacts(
        is_built=is_built,
        build=_build_name(),
        driver=_driver_version(nvml),
        hidden_by=os.environ.get("CUDA_VISIBLE_DEVICES"),
        cards=_count_cards(nvml),
        usable=usable,
        problem=problem,
        is_rocm=torch.version.hip is not None,
    )


def _count_cards(nvml: ModuleType | None) -> int | None:
    if nvml is None:
        return None
    try:
        return int(nvml.nvmlDeviceGetCount())
    except nvml.NVMLError:
        return None


def _usable_cards() -> tuple[int, str]:
    """How many cards torch can use, and what it complained about where it can use none."""
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        if torch.cuda.is_available():
            return torch.cuda.device_count(), ""
    if caught:
        return 0, _first_line(str(caught[-1].message))
    try:
        torch.cuda.init()
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
        with contextlib.suppress(nvml.NVMLError):
            return str(nvml.nvmlSystemGetDriverVersion())
    try:
        first = Path("/proc/driver/nvidia/version").read_text("utf-8").splitlines()[0]
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
        for line in cpuinfo.read_text("utf-8", errors="replace").splitlines():
            key, _, value = line.partition(":")
            if key.strip() == "model name" and value.strip():
                return value.strip()
    except OSError:
        pass
    return _name_of_system() or platform.processor() or platform.machine() or "CPU"


def _name_of_system() -> str:
    """The processor's name where macOS and Windows keep it, empty where there is none."""
    name = ""
    with contextlib.suppress(OSError, subprocess.SubprocessError):
        if sys.platform == "darwin":
            command = ["/usr/sbin/sysctl", "-n", "machdep.cpu.brand_string"]
            told = subprocess.run(
                command, capture_output=True, timeout=_PATIENCE_SECONDS, check=False
            )
            name = told.stdout.decode(errors="replace")
        elif sys.platform == "win32":
            import winreg

            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, _PROCESSOR_KEY) as key:
                name = str(winreg.QueryValueEx(key, "ProcessorNameString")[0])
    return name.strip()


def free_nbytes(device: str) -> int | None:
    """Memory that can be had on a device now, None where nobody says; makes its context."""
    where = torch.device(device)
    if where.type == "mps":
        if not torch.backends.mps.is_available():
            return None
        # What the driver holds for torch without a tensor in it can be had, too.
        return max(0, torch.mps.recommended_max_memory() - torch.mps.current_allocated_memory())
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
    if sys.platform != "win32":
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
        if soft != resource.RLIM_INFINITY:
            return max(0, soft - int(getattr(psutil.Process().memory_info(), "data", 0)))
    return int(psutil.virtual_memory().total)


def _cuda(index: int, nvml: ModuleType | None) -> Device | None:
    """What a card is, None where it has gone since torch counted it."""
    try:
        properties = torch.cuda.get_device_properties(index)
    except (RuntimeError, AssertionError, torch.cuda.DeferredCudaCallError):
        return None
    is_rocm = torch.version.hip is not None
    kind = getattr(properties, "gcnArchName", "").partition(":")[0]
    return Device(
        name=f"cuda:{index}",
        title=properties.name,
        total_nbytes=properties.total_memory,
        free_nbytes=_cuda_free_nbytes(index, properties, nvml),
        capability=kind if is_rocm else f"compute {properties.major}.{properties.minor}",
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
    return explain_missing_mps(is_built=torch.backends.mps.is_built())


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
                free_nbytes=_xpu_free_nbytes(index, total),
                capability="XPU",
            )
        )
    return devices


def _xpu_free_nbytes(index: int, total: int) -> int:
    try:
        return int(torch.xpu.mem_get_info(index)[0])
    except (RuntimeError, AttributeError):
        # An older torch, or a driver that tells only what this process has.
        return max(0, total - torch.xpu.memory_reserved(index))

"""Sample how busy the devices are, now and then, in a thread of its own."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import psutil
import torch

from gradviz.devices.waiting import devices_in_use
from gradviz.recording.machine import DeviceLoad

SHORTEST_SECONDS: Final = 0.2


class MachineWatch:
    """Calls `tell` with the load of each device at an interval, from a thread of its own.

    Asked for nothing, or paused, it takes no time: what is timed must not be disturbed.
    """

    def __init__(self, tell: Callable[[tuple[DeviceLoad, ...]], None]) -> None:
        self._tell = tell
        self._changed = threading.Condition()
        self._interval = 0.0
        self._pauses = 0
        self._thread: threading.Thread | None = None

    def set_interval(self, seconds: float) -> None:
        """Sample every so many seconds; 0 for not at all."""
        with self._changed:
            self._interval = max(SHORTEST_SECONDS, seconds) if seconds > 0 else 0.0
            self._changed.notify_all()
            if self._interval and self._thread is None:
                self._thread = threading.Thread(target=self._run, name="machine", daemon=True)
                self._thread.start()

    @contextmanager
    def paused(self) -> Iterator[None]:
        """Within this block nothing is sampled."""
        with self._changed:
            self._pauses += 1
        try:
            yield
        finally:
            with self._changed:
                self._pauses -= 1
                self._changed.notify_all()

    def _run(self) -> None:
        sampler = _Sampler()
        while True:
            with self._changed:
                while not self._interval or self._pauses:
                    self._changed.wait()
                interval = self._interval
            self._tell(sampler.sample())
            with self._changed:
                self._changed.wait(interval)


class _Sampler:
    def __init__(self) -> None:
        # The first answer of psutil is of no interval and means nothing.
        psutil.cpu_percent(None)
        time.sleep(SHORTEST_SECONDS)
        self._nvml = _nvml()

    def sample(self) -> tuple[DeviceLoad, ...]:
        memory = psutil.virtual_memory()
        cpu = DeviceLoad(
            name="cpu",
            utilisation=psutil.cpu_percent(None) / 100,
            used_nbytes=memory.total - memory.available,
            total_nbytes=memory.total,
        )
        return cpu, *self._cards()

    def _cards(self) -> Iterator[DeviceLoad]:
        if torch.cuda.is_initialized():
            in_use = {device.index for device in devices_in_use() if device.type == "cuda"}
            for index in range(torch.cuda.device_count()):
                load = self._told_by_driver(index)
                if load is None and index in in_use:
                    # Torch would make a context of some hundred megabytes on any other.
                    load = _told_by_torch(f"cuda:{index}", torch.cuda)
                if load is not None:
                    yield load
        for device in devices_in_use():
            if device.type == "xpu":
                load = _told_by_torch(str(device), torch.xpu)
                if load is not None:
                    yield load
        if torch.backends.mps.is_available():
            used, total = torch.mps.driver_allocated_memory(), torch.mps.recommended_max_memory()
            yield DeviceLoad(name="mps", utilisation=None, used_nbytes=used, total_nbytes=total)

    def _told_by_driver(self, index: int) -> DeviceLoad | None:
        nvml = self._nvml
        if nvml is None:
            return None
        try:
            uuid = torch.cuda.get_device_properties(index).uuid
            handle = nvml.nvmlDeviceGetHandleByUUID(f"GPU-{uuid}")
            memory = nvml.nvmlDeviceGetMemoryInfo(handle)
        except (nvml.NVMLError, AttributeError, RuntimeError):
            # A part of a card (MIG) is none of its own here.
            return None
        return DeviceLoad(
            name=f"cuda:{index}",
            utilisation=self._utilisation(handle),
            used_nbytes=int(memory.used),
            total_nbytes=int(memory.total),
        )

    def _utilisation(self, handle: Any) -> float | None:
        try:
            return float(self._nvml.nvmlDeviceGetUtilizationRates(handle).gpu) / 100
        except self._nvml.NVMLError:
            return None


def _told_by_torch(name: str, module: Any) -> DeviceLoad | None:
    try:
        free, total = module.mem_get_info(torch.device(name))
    except (RuntimeError, AttributeError):
        return None
    used = int(total) - int(free)
    return DeviceLoad(name=name, utilisation=None, used_nbytes=used, total_nbytes=int(total))


def _nvml() -> Any:
    """NVIDIA's management library, None where it or its driver is missing."""
    try:
        import pynvml

        pynvml.nvmlInit()
    except Exception:
        # A library that is missing, or finds no driver, only means that nothing is told of cards.
        return None
    return pynvml

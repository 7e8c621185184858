"""Wait for cards: what a call asks of them goes on after the call has returned."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from time import perf_counter
from typing import Any

import torch


def devices_in_use() -> tuple[torch.device, ...]:
    """The cards on which this process has memory; asking makes no context on any other."""
    found: list[torch.device] = []
    for kind in ("cuda", "xpu"):
        module: Any = getattr(torch, kind, None)
        if module is None or not module.is_initialized():
            continue
        found += [
            torch.device(kind, index)
            for index in range(module.device_count())
            if module.memory_reserved(index)
        ]
    if torch.backends.mps.is_available() and torch.mps.driver_allocated_memory():
        found.append(torch.device("mps"))
    return tuple(found)


def synchronise(devices: Iterable[str | torch.device]) -> None:
    """Wait until these devices have done what they were given; the CPU always has.

    Raises RuntimeError where one has stopped working.
    """
    for device in devices:
        where = torch.device(device)
        module: Any = getattr(torch, where.type, None)
        if where.type == "mps":
            torch.mps.synchronize()
        elif where.type != "cpu" and hasattr(module, "synchronize"):
            module.synchronize(where)


def clock_of(devices: Iterable[str | torch.device]) -> Callable[[], float]:
    """A clock that waits for these devices before it tells the time.

    `torch.utils.benchmark`'s own waits for one card, the current one, whatever is timed; and in a
    machine that has a card it does so too where only the CPU computes.
    """
    waited = tuple({device for device in map(torch.device, devices) if device.type != "cpu"})
    if not waited:
        return perf_counter

    def clock() -> float:
        synchronise(waited)
        return perf_counter()

    return clock


@contextmanager
def current(device: str) -> Iterator[None]:
    """In this block `cuda` and `.cuda()` mean that very card, where there is such a one."""
    where = torch.device(device)
    module: Any = getattr(torch, where.type, None)
    if where.type not in ("cuda", "xpu") or not module.is_available():
        yield
        return
    index: int | None = where.index
    if index is None or index >= module.device_count():
        yield
        return
    with module.device(index):
        yield

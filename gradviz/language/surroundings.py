"""Give a run its own `__main__`, device and seed, and put settings back after it.

These are torch's and, where the person uses it, matplotlib's.
"""

from __future__ import annotations

import linecache
import os
import random
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from types import ModuleType
from typing import Any

import torch

from gradviz.devices.waiting import current
from gradviz.tracer.private.settings import chosen_device, printing_kept


@contextmanager
def fresh_main(text: str, filename: str) -> Iterator[ModuleType]:
    """A new module in place of `__main__`, whose source `inspect` and tracebacks find."""
    module = ModuleType("__main__")
    module.__file__ = filename
    module.__dict__["__builtins__"] = __builtins__
    lines = [line + "\n" for line in text.split("\n")]
    previous = sys.modules.get("__main__")
    known = linecache.cache.get(filename)
    sys.modules["__main__"] = module
    # No modification time: `linecache.checkcache` leaves such an entry alone.
    linecache.cache[filename] = (len(text), None, lines, filename)
    try:
        yield module
    finally:
        if previous is not None:
            sys.modules["__main__"] = previous
        if known is None:
            linecache.cache.pop(filename, None)
        else:
            linecache.cache[filename] = known


@contextmanager
def torch_settings(device: str, seed: int | None) -> Iterator[None]:
    """The device and seed of a run; settings that it changes are as before afterwards."""
    dtype = torch.get_default_dtype()
    default_device = chosen_device()
    grad = torch.is_grad_enabled()
    anomaly = torch.is_anomaly_enabled()
    checks_nan = torch.is_anomaly_check_nan_enabled()
    deterministic = torch.are_deterministic_algorithms_enabled()
    warns_only = torch.is_deterministic_algorithms_warn_only_enabled()
    try:
        if torch.device(device).type != "cpu":
            torch.set_default_device(device)
        if seed is not None:
            _seed_everything(seed)
        with printing_kept(), current(device):
            yield
    finally:
        if default_device != chosen_device():
            torch.set_default_device(default_device)
        torch.set_default_dtype(dtype)
        torch.set_grad_enabled(grad)
        torch.autograd.set_detect_anomaly(anomaly, checks_nan)
        now = (
            torch.are_deterministic_algorithms_enabled(),
            torch.is_deterministic_algorithms_warn_only_enabled(),
        )
        if now != (deterministic, warns_only):
            # Only where it must: calling this imports torch's compiler, 1.4 s.
            torch.use_deterministic_algorithms(deterministic, warn_only=warns_only)


@contextmanager
def matplotlib_settings() -> Iterator[None]:
    """Close the figures that are open afterwards, and put back what the person set.

    Matplotlib may be imported on the way: it gets the settings with which it begins.
    """
    try:
        yield
    finally:
        matplotlib: Any = sys.modules.get("matplotlib")
        if hasattr(matplotlib, "rcParamsOrig"):  # not a file of the person's of that name
            pyplot: Any = sys.modules.get("matplotlib.pyplot")
            if hasattr(pyplot, "close"):
                with suppress(Exception):  # of what the person has connected to the closing
                    pyplot.close("all")
            matplotlib.rc_file_defaults()
            matplotlib.interactive(matplotlib.rcParamsOrig["interactive"])
            backend = os.environ.get("MPLBACKEND")
            if backend and backend != matplotlib.rcParams["backend"]:
                matplotlib.use(backend, force=False)


def _seed_everything(seed: int) -> None:
    torch.manual_seed(seed)
    random.seed(seed)
    numpy = sys.modules.get("numpy")
    if numpy is not None:
        numpy.random.seed(seed % 2**32)

"""Settings of torch: how tensors are printed, and where they are made."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch

from gradviz.tracer.private.lookup import find, module_of

_PRINTING: Final = find(torch, "_tensor_str.PRINT_OPTS")
_DEVICES: Final = module_of("torch.utils._device")


@contextmanager
def printing_kept() -> Iterator[None]:
    """How tensors are printed is as before after this block; as torch has it where that hides."""
    before = None if _PRINTING is None else dict(vars(_PRINTING))
    try:
        yield
    finally:
        if before is None:
            torch.set_printoptions(profile="default")
        else:
            vars(_PRINTING).update(before)


def chosen_device() -> torch.device | None:
    """The default device, None where nobody has set one."""
    if hasattr(_DEVICES, "CURRENT_DEVICE"):
        chosen: torch.device | None = _DEVICES.CURRENT_DEVICE
        return chosen
    device = torch.get_default_device()
    return None if device == torch.device("cpu") else device


def tensor_makers() -> frozenset[Callable[..., Any]]:
    """The functions that make tensors on the default device."""
    listed = find(_DEVICES, "_device_constructors")
    if listed is not None:
        return frozenset(listed())
    return frozenset({getattr(torch, name) for name in _MAKERS.split()})


_MAKERS: Final = (
    "empty ones zeros full rand randn randint randperm arange linspace logspace eye tensor "
    "as_tensor scalar_tensor asarray empty_strided normal tril_indices triu_indices range"
)

"""Whether a document can be executed once more beside what its last run left in memory."""

from __future__ import annotations

import contextlib
from collections.abc import Iterable
from typing import Final

import psutil

from gradviz.recording.model import Recording

_SHARE: Final = 2
"""A timing holds the document's tensors and, while it repeats a part, those of that part."""


def tensors_nbytes(recording: Recording) -> int:
    """What the tensors of a run take together; views lie in their base."""
    return sum(tensor.nbytes for tensor in recording.tensors if tensor.base is None)


def has_room_beside(recording: Recording, devices: Iterable[str]) -> bool:
    """Whether each device has memory for the run's tensors once more."""
    needed = _SHARE * tensors_nbytes(recording)
    return all(needed <= free for device in devices if (free := _free_nbytes(device)) is not None)


def _free_nbytes(device: str) -> int | None:
    """Free memory of a device, None where it is not known or where the run cannot have any."""
    kind, _, index = device.partition(":")
    if kind == "cpu":
        return min(psutil.virtual_memory().available, _allowed_nbytes())
    if kind != "cuda":
        return None
    import torch

    if not torch.cuda.is_initialized():  # type: ignore[no-untyped-call]
        return None
    card = int(index or 0)
    free = int(torch.cuda.mem_get_info(card)[0])
    return free + torch.cuda.memory_reserved(card) - torch.cuda.memory_allocated(card)


def _allowed_nbytes() -> int:
    """What this process may still take of its own limit."""
    with contextlib.suppress(ImportError):
        import resource

        soft, _ = resource.getrlimit(resource.RLIMIT_DATA)
        if soft != resource.RLIM_INFINITY:
            return max(0, soft - int(getattr(psutil.Process().memory_info(), "data", 0)))
    return psutil.virtual_memory().total

"""Whether memory suffices to run a document again while its last run's tensors are kept."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from gradviz.recording.model import Recording

_SHARE: Final = 2
"""A timing holds the document's tensors and, while it repeats a part, those of that part."""


def tensors_nbytes(recording: Recording) -> int:
    """What the tensors of a run take together; views lie in their base."""
    return sum(tensor.nbytes for tensor in recording.tensors if tensor.base is None)


def has_room_beside(recording: Recording, devices: Iterable[str]) -> bool:
    """Whether each device has memory for a second copy of the run's tensors."""
    needed = _SHARE * tensors_nbytes(recording)
    return all(needed <= free for device in devices if (free := _free_nbytes(device)) is not None)


def _free_nbytes(device: str) -> int | None:
    """Free memory of a device, None where it is not known or where the run cannot have any."""
    kind = device.partition(":")[0]
    if kind not in ("cpu", "cuda"):
        return None
    import torch

    from gradviz.devices.machine import free_nbytes

    if kind == "cuda" and not torch.cuda.is_initialized():
        return None
    return free_nbytes(device)

"""End a size sweep before it takes too long or needs more memory than there is."""

from __future__ import annotations

from collections.abc import Sequence
from math import log
from typing import Final

import torch
from torch import nn

from gradviz.devices.machine import free_nbytes
from gradviz.devices.rehearsal import Rehearsal
from gradviz.errors import GradvizError
from gradviz.recording.timing import AS_PLACED, Measurement, Sweep
from gradviz.recording.units import format_bytes, format_seconds

_SHARE_OF_FREE: Final = 0.5


class SizeLimit:
    """Watches the sizes of a sweep on one device."""

    def __init__(self, sweep: Sweep, device: str) -> None:
        self._sweep = sweep
        self._device = "cpu" if device == AS_PLACED else device
        self._seconds = 0.0
        self._nbytes: list[tuple[int, int]] = []

    def check(self, value: int) -> None:
        """Raise `GradvizError` with the reason where the next size should not be tried."""
        if self._seconds > self._sweep.max_seconds:
            raise GradvizError(
                f"it took {format_seconds(self._seconds)} at the previous size; "
                "the sweep ends here."
            )
        needed, allowed = self._expected(value), self._allowed()
        if needed > allowed:
            raise GradvizError(
                f"it would need about {format_bytes(needed)} of memory, more than the "
                f"{format_bytes(allowed)} allowed for the sweep."
            )

    def note(
        self, value: int, rehearsal: Rehearsal | None, measurements: Sequence[Measurement]
    ) -> None:
        """What a size took."""
        self._seconds = max((m.median for m in measurements), default=0.0)
        # Beside what names hold there are results of ops. Where no allocator tells how many lived
        # at a time it is all that was moved, which is never less.
        beside = max((m.peak_nbytes or m.moved_nbytes or 0 for m in measurements), default=0)
        held = 0 if rehearsal is None else held_nbytes(rehearsal)
        self._nbytes.append((value, held + beside))

    def _expected(self, value: int) -> int:
        """By the growth between the last two sizes; after the first one as for a square."""
        if not self._nbytes:
            return 0
        last_value, last = self._nbytes[-1]
        power = 2.0
        if len(self._nbytes) > 1:
            before_value, before = self._nbytes[-2]
            grown = last / before if before else 1.0
            # A small size says little of how a large one grows.
            power = max(1.0, log(max(grown, 1.0)) / log(last_value / before_value))
        return round(float(last * (value / last_value) ** power))

    def _allowed(self) -> int:
        if self._sweep.max_nbytes is not None:
            return self._sweep.max_nbytes
        free = free_nbytes(self._device)
        return 1 << 62 if free is None else round(_SHARE_OF_FREE * free)


def held_nbytes(rehearsal: Rehearsal) -> int:
    """The memory of all tensors that names of the document hold, shared memory once."""
    storages: dict[int, int] = {}
    for value in rehearsal.namespace.values():
        tensors: Sequence[torch.Tensor] = ()
        if isinstance(value, nn.Module):
            tensors = (*value.parameters(), *value.buffers())
        elif isinstance(value, torch.Tensor) and value.layout is torch.strided:
            tensors = (value,)
        for tensor in tensors:
            storage = tensor.untyped_storage()
            storages[storage.data_ptr()] = storage.nbytes()
    return sum(storages.values())

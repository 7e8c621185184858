"""The large tensors of a recording, for as long as they still hold what was recorded."""

from __future__ import annotations

import zlib
from typing import Any, Final, NamedTuple

import numpy as np
import torch

from gradviz.recording.model import ValueId
from gradviz.recording.values import decode
from gradviz.tracer.private.modes import quiet
from gradviz.tracer.readings import version_of
from gradviz.tracer.summary import contents_of, elements_of, has_memory, is_plain
from gradviz.tracer.values import elements_in_memory

_CHUNK: Final = 2**22


class _Live(NamedTuple):
    """`digest` is that of the elements, None where they cannot be read."""

    tensor: torch.Tensor
    version: int
    digest: int | None


class LiveValues:
    """Reads recorded values out of tensors that the person may have changed since.

    Most changes show in a tensor's version. Those through `.data`, NumPy or other libraries do
    not, so that what is read must also have the checksum that the recorded elements had.
    """

    def __init__(self, live: dict[ValueId, torch.Tensor]) -> None:
        self._live: dict[ValueId, _Live] = {}
        digests: dict[Any, int | None] = {}
        with quiet(), torch.no_grad():
            for number, tensor in live.items():
                # A gradient goes on as it is, or transposed: the same elements several times.
                elements = elements_in_memory(tensor)
                digest = digests.get(elements)
                if digest is None:
                    digest = _digest(tensor)
                    if elements is not None:
                        digests[elements] = digest
                self._live[number] = _Live(tensor, version_of(tensor), digest)

    def fetch(self, number: ValueId) -> np.ndarray[Any, Any] | None:
        """All elements, None where they were overwritten or freed, and so are lost."""
        if number not in self._live:
            return None
        tensor, version, digest = self._live[number]
        if version_of(tensor) != version or tensor.untyped_storage().nbytes() == 0:
            return None
        with quiet(), torch.no_grad():
            if digest is None or _digest(tensor) != digest:
                return None
            contents = contents_of(tensor)
        if contents is None:
            return None
        return decode(contents.data, contents.storage, contents.kept_shape)


def _digest(tensor: torch.Tensor) -> int | None:
    """A checksum of the elements, in the order in which they lie in memory: 0.6 s for a GiB."""
    if is_plain(tensor):
        if not has_memory(tensor):
            return None
        digest, flat = 0, elements_of(tensor)
        for start in range(0, flat.size, _CHUNK):
            digest = zlib.crc32(np.ascontiguousarray(flat[start : start + _CHUNK]).data, digest)
        return digest
    if tensor.layout is not torch.strided or tensor.is_quantized:
        contents = contents_of(tensor)
        return None if contents is None else zlib.crc32(contents.data)
    digest = 0
    for chunk in torch.split(tensor.detach().reshape(-1), _CHUNK):
        contents = contents_of(chunk)
        if contents is None:
            return None
        digest = zlib.crc32(contents.data, digest)
    return digest

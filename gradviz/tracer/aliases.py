"""Notice writes to a tensor's memory that torch does not count as changes of that tensor."""

from __future__ import annotations

from typing import NamedTuple

import torch

from gradviz.recording.model import OpId, TensorId, ValueId
from gradviz.tracer.private.tensors import storage_key
from gradviz.tracer.readings import pointer_of
from gradviz.tracer.values import ValueStore


class Write(NamedTuple):
    """A write to some memory: what was entered before `number` shows what it held until then.

    `op` is what wrote, None where that is not known.
    """

    number: TensorId
    op: OpId | None


class Aliases:
    """Tensors that lie in one memory and count their changes apart, or not at all.

    `w.data` is such a tensor, whatever is made in inference mode, and what NumPy writes to.

    Attributes:
        shared: the keys of memory in which there are tensors that count apart.
        exposed: those of memory that others than torch can write to.
    """

    def __init__(self, values: ValueStore) -> None:
        self.shared: set[int] = set()
        self.exposed = values.exposed
        self._values = values
        self._writes: dict[int, Write] = {}

    def share(self, tensor: torch.Tensor) -> None:
        """Note that changes of `tensor` do not count for others in its memory."""
        if pointer_of(tensor):
            self.shared.add(storage_key(tensor.untyped_storage()))

    def write(self, tensor: torch.Tensor, number: TensorId, op: OpId | None) -> None:
        """Note that `tensor` is changed; what was entered before `number` is outdated by that."""
        if self.shared and pointer_of(tensor):
            key = storage_key(tensor.untyped_storage())
            if key in self.shared:
                self._writes[key] = Write(number, op)

    def written(
        self, tensor: torch.Tensor, latest: TensorId, value: ValueId | None
    ) -> Write | None:
        """The write, if any, that outdates the latest record of a tensor, and its value."""
        key = storage_key(tensor.untyped_storage())
        write = self._writes.get(key)
        if write is not None and latest < write.number:
            return write
        if key in self.exposed and self._values.differs(value, tensor):
            return Write(latest, None)
        return None

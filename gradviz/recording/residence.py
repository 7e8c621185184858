"""On which devices the tensors of a recording are, and the copies between devices."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from gradviz.recording.model import Op, OpKind, Recording, Tensor


class Transfer(NamedTuple):
    """A copy from one device to another; its time is that of the call, made once."""

    op: Op
    source: str
    target: str
    nbytes: int

    @property
    def bytes_per_second(self) -> float | None:
        """None where nothing was copied: `meta` holds no elements."""
        is_real = "meta" not in (self.source, self.target) and self.op.seconds
        return self.nbytes / self.op.seconds if is_real else None


def transfer_of(recording: Recording, op: Op) -> Transfer | None:
    """The copy between devices that an op is, None where it is none."""
    if op.kind is not OpKind.TRANSFER or not op.inputs or not op.outputs:
        return None
    target = recording.tensors[op.outputs[0]]
    sources = [recording.tensors[number] for number in op.inputs]
    source = next((t for t in sources if t.device != target.device), sources[0])
    return Transfer(op, source.device, target.device, target.nbytes)


def transfers_of(recording: Recording) -> tuple[Transfer, ...]:
    """The copies between devices that a run made, in their order."""
    found = (transfer_of(recording, op) for op in recording.ops)
    return tuple(transfer for transfer in found if transfer is not None)


def shown_tensors(recording: Recording) -> tuple[Tensor, ...]:
    """The newest version of each tensor that has a name or is a leaf, as first made."""
    replaced = {t.previous for t in recording.tensors if t.previous is not None}
    return tuple(
        t for t in recording.tensors if t.id not in replaced and (t.name is not None or t.is_leaf)
    )


def nbytes_by_device(tensors: Iterable[Tensor]) -> dict[str, int]:
    """Bytes on each device; views are counted with the tensor that they look at."""
    total: dict[str, int] = {}
    for tensor in tensors:
        own = tensor.nbytes if tensor.base is None else 0
        total[tensor.device] = total.get(tensor.device, 0) + own
    return total

"""Where the tensors of a recording are, and where the next run will put them."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import msgspec

from gradviz.gui.session import RunSettings
from gradviz.recording.model import Recording, Tensor


class PendingMove(NamedTuple):
    """A tensor that the next run will put elsewhere."""

    name: str
    source: str
    target: str


def shown_tensors(recording: Recording) -> tuple[Tensor, ...]:
    """The newest version of each tensor that has a name or is a leaf, as first made."""
    replaced = {t.previous for t in recording.tensors if t.previous is not None}
    return tuple(
        t for t in recording.tensors if t.id not in replaced and (t.name is not None or t.is_leaf)
    )


def is_movable(tensor: Tensor) -> bool:
    """Whether it can be moved by name: what an op made goes where its inputs are."""
    return tensor.is_leaf and tensor.name is not None


def nbytes_by_device(tensors: Iterable[Tensor]) -> dict[str, int]:
    """Bytes on each device; views are counted with the tensor that they look at."""
    total: dict[str, int] = {}
    for tensor in tensors:
        own = tensor.nbytes if tensor.base is None else 0
        total[tensor.device] = total.get(tensor.device, 0) + own
    return total


def move(settings: RunSettings, tensors: Iterable[Tensor], device: str) -> RunSettings:
    """The settings with the movable ones of these tensors placed on `device`."""
    placement = dict(settings.placement)
    placement.update({t.name: device for t in tensors if t.name is not None and is_movable(t)})
    return msgspec.structs.replace(settings, placement=placement)


def move_back(settings: RunSettings, names: Iterable[str]) -> RunSettings:
    """The settings with these names placed nowhere in particular."""
    gone = set(names)
    placement = {name: d for name, d in settings.placement.items() if name not in gone}
    return msgspec.structs.replace(settings, placement=placement)


def pending_moves(
    tensors: Iterable[Tensor], settings: RunSettings, settings_of_run: RunSettings
) -> tuple[PendingMove, ...]:
    """What the next run puts elsewhere than the run that is shown, made with `settings_of_run`."""
    moves: dict[str, PendingMove] = {}
    for tensor in tensors:
        name = tensor.name
        if name is None or not is_movable(tensor):
            continue
        target = settings.placement.get(name)
        if target is None and name in settings_of_run.placement:
            target = settings.device
        if target is not None and target != tensor.device:
            moves[name] = PendingMove(name, tensor.device, target)
    return tuple(moves.values())

"""Which tensors of a recording can be moved, and where the next run will put them."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import Enum
from typing import NamedTuple

import msgspec

from gradviz.gui.session import RunSettings
from gradviz.recording.model import Tensor, TensorRole
from gradviz.recording.naming import own_name


class PendingMove(NamedTuple):
    """A tensor that the next run will put elsewhere."""

    name: str
    source: str
    target: str


class Fate(Enum):
    """Whether a tensor can be moved by name, and why not."""

    MOVABLE = "movable"
    MADE = "made"
    """An op made it: it goes where the op's inputs are."""
    GRADIENT = "gradient"
    """The `.grad` of a leaf: it goes along with it."""
    LOCAL = "local"
    """A variable of a function: a run can move only what variables outside functions mean."""
    NAMELESS = "nameless"


def fate_of(tensor: Tensor, variables: Collection[str]) -> Fate:
    """Whether a tensor can be moved; `variables` are those outside functions."""
    if not tensor.is_leaf:
        return Fate.MADE
    name = own_name(tensor)
    if name is None:
        return Fate.NAMELESS
    if name.endswith(".grad") and tensor.role is TensorRole.CONSTANT:
        return Fate.GRADIENT
    return Fate.MOVABLE if name.partition(".")[0] in variables else Fate.LOCAL


def movable_of(tensors: Iterable[Tensor], variables: Collection[str]) -> tuple[Tensor, ...]:
    """Those that can be moved by name."""
    return tuple(t for t in tensors if fate_of(t, variables) is Fate.MOVABLE)


def modules_in(tensors: Iterable[Tensor]) -> tuple[str, ...]:
    """The names of modules whose parameters these are: `net` of `net.0.weight`."""
    names = (t.name for t in tensors if t.role is TensorRole.PARAMETER and t.name)
    return tuple(dict.fromkeys(name.partition(".")[0] for name in names if "." in name))


def move(settings: RunSettings, tensors: Iterable[Tensor], device: str) -> RunSettings:
    """The settings with these tensors, which have names, placed on `device`."""
    names = [t.name for t in tensors if t.name is not None]
    return move_names(settings, names, device)


def move_names(settings: RunSettings, names: Iterable[str], device: str) -> RunSettings:
    """The settings with these names placed on `device`; a module takes what is in it along."""
    placement = dict(settings.placement)
    for name in names:
        for inside in [known for known in placement if known.startswith(f"{name}.")]:
            del placement[inside]
        # The last word counts: what is placed later is moved later.
        placement.pop(name, None)
        placement[name] = device
    return msgspec.structs.replace(settings, placement=placement)


def move_back(settings: RunSettings, names: Iterable[str]) -> RunSettings:
    """The settings with these names, and the modules around them, placed nowhere in particular."""
    gone = {part for name in names for part in (name, *_around(name))}
    placement = {name: d for name, d in settings.placement.items() if name not in gone}
    return msgspec.structs.replace(settings, placement=placement)


def placed_on(placement: dict[str, str], name: str) -> str | None:
    """Where a placement puts a name: by itself, or with a module around it."""
    found = [part for part in placement if part == name or name.startswith(f"{part}.")]
    return placement[found[-1]] if found else None


def lost_names(tensors: Iterable[Tensor], settings: RunSettings) -> tuple[str, ...]:
    """The placed names that mean none of the tensors, which are those that can be moved."""
    known = [t.name for t in tensors if t.name is not None]
    return tuple(
        name
        for name in settings.placement
        if not any(one == name or one.startswith(f"{name}.") for one in known)
    )


def _around(name: str) -> list[str]:
    parts = name.split(".")
    return [".".join(parts[:count]) for count in range(1, len(parts))]


def pending_moves(
    tensors: Iterable[Tensor], settings: RunSettings, settings_of_run: RunSettings
) -> tuple[PendingMove, ...]:
    """What the next run puts elsewhere than the run that is shown, made with `settings_of_run`.

    `tensors` are those that can be moved.
    """
    moves: dict[str, PendingMove] = {}
    for tensor in tensors:
        name = tensor.name
        if name is None:
            continue
        target = placed_on(settings.placement, name)
        if target is None and placed_on(settings_of_run.placement, name) is not None:
            target = settings.device
        if target is not None and target != tensor.device:
            moves[name] = PendingMove(name, tensor.device, target)
    return tuple(moves.values())

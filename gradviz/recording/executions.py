"""Tell apart how often a line was executed and a module was called, so that each is one hit."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import NamedTuple

from gradviz.recording.model import ModuleCall, Op, OpId, Recording
from gradviz.recording.per_recording import PerRecording


class _Call(NamedTuple):
    """A call of a module, which is the so many-th of that module."""

    path: str
    number: int


def executions_of(recording: Recording, ops: Sequence[Op]) -> dict[OpId, int]:
    """A number for each op of a line, the same for those of one execution of the line.

    Another execution begins where a place in the line is come to again. What torch's own code does
    at a place, such as the ops of a module, belongs to one coming to it.
    """
    inside = _called_at(recording, ops)
    found: dict[OpId, int] = {}
    seen: dict[object, object] = {}
    number = 0
    for op in ops:
        place = (op.location, op.text) if _is_written(op) else op.location
        coming = inside.get(op.id, op.id)
        if seen.setdefault(place, coming) != coming:
            number += 1
            seen = {place: coming}
        found[op.id] = number
    return found


def _is_written(op: Op) -> bool:
    """Whether the person wrote the op itself; its name alone is what torch's own code called."""
    return op.text != op.name


def _called_at(recording: Recording, ops: Sequence[Op]) -> dict[OpId, _Call]:
    """Of the ops of torch's own code, the call of a module that the line itself made."""
    places: dict[object, list[Op]] = defaultdict(list)
    for op in ops:
        if not _is_written(op) and op.scope:
            places[op.location].append(op)
    found: dict[OpId, _Call] = {}
    for alike in places.values():
        chains = {op.id: calls_around(recording, op.scope, op.call) for op in alike}
        shared = _shared_path([op.scope.split(".") for op in alike])
        for op in alike:
            within = [
                call for call in chains[op.id] if call.path.split(".")[: len(shared)] == shared
            ]
            # What all are in was called by the line, unless it only holds what is called there.
            found[op.id] = within[0] if within else _Call(op.scope, op.call)
    return found


def _shared_path(paths: list[list[str]]) -> list[str]:
    shared = paths[0]
    for path in paths[1:]:
        same = 0
        while same < min(len(shared), len(path)) and shared[same] == path[same]:
            same += 1
        shared = shared[:same]
    return shared


def calls_around(recording: Recording, path: str, number: int) -> tuple[_Call, ...]:
    """The calls of modules that an op was in, outermost first, by that of its own scope."""
    numbers = _numbers(recording)
    chain = [_Call(path, number)]
    at = numbers.get(chain[0])
    while at is not None:
        at = recording.module_calls[at].parent
        if at is not None:
            chain.append(_call_of(recording.module_calls[at]))
    return tuple(reversed(chain))


def _call_of(call: ModuleCall) -> _Call:
    return _Call(call.path, call.call)


def _number_calls(recording: Recording) -> dict[_Call, int]:
    return {_call_of(call): number for number, call in enumerate(recording.module_calls)}


_numbers = PerRecording(_number_calls)

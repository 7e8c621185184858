"""Tell apart how often a line was executed and a module was called, so that each is one hit."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final, NamedTuple

from gradviz.recording.model import ModuleCall, Op, OpId, Recording
from gradviz.recording.per_recording import PerRecording

_CLASS: Final = re.compile(r"^[ \t]*class[ \t]+(\w+)", re.MULTILINE)


class _Call(NamedTuple):
    """A call of a module, which is the so many-th of that module."""

    path: str
    number: int


def executions_of(recording: Recording, ops: Sequence[Op]) -> dict[OpId, int]:
    """A number for each op of a line, the same for those of one execution of the line.

    Another execution begins where a place in the line is come to again. What torch's own code does
    at a place, such as the ops of a module, belongs to one coming to it.
    """
    written = frozenset(_CLASS.findall(recording.text))
    found: dict[OpId, int] = {}
    seen: dict[object, object] = {}
    number = 0
    for op in ops:
        is_torchs = op.text == op.name
        place = (op.location, "" if is_torchs else op.text)
        coming = _called_by_line(recording, op, written) if is_torchs else op.id
        if seen.setdefault(place, coming) != coming:
            number += 1
            seen = {place: coming}
        found[op.id] = number
    return found


def _called_by_line(recording: Recording, op: Op, written: frozenset[str]) -> _Call | OpId:
    """The call of a module that the op's line made: that inside the innermost the person wrote."""
    if not op.scope:
        return op.id
    calls = calls_around(recording, op.scope, op.call)
    numbers = _numbers(recording)
    types = [
        recording.module_calls[numbers[call]].type if call in numbers else "" for call in calls
    ]
    inside = [number for number, name in enumerate(types, start=1) if name in written]
    return calls[min(inside[-1] if inside else 0, len(calls) - 1)]


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

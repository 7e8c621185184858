"""Find what happens several times in a row: equal blocks of a network, rounds of a loop.

Two runs of ops are equal when the same ops follow on each other, with the same shapes, joined in
the same way inside the run; what they are called, and what enters them, does not matter.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Hashable
from typing import Any, Final

import numpy as np

from gradviz.recording.model import Op, Recording

MIN_TIMES: Final = 3
"""Fewer equal neighbours are not a repeat."""
MIN_OPS: Final = 6
"""Fewer ops by themselves are shown one by one."""
LONGEST_ROUND: Final = 512
"""Parts of one round; longer rounds are not looked for."""


class Part:
    """A run of ops on the way to a scope: its children are ops (their numbers) and parts.

    `path`, `type_name` and `call` are those of a module's call. A repeat has no path and `times`
    above 1; a round has neither, and `call` is its number. `wires` are the pairs (taker, maker)
    of ops that meet in this part and in none inside it, in the order of the takers.
    """

    __slots__ = (
        "call",
        "children",
        "parent",
        "path",
        "start",
        "stop",
        "times",
        "token",
        "type_name",
        "wires",
    )

    def __init__(
        self,
        *,
        start: int,
        stop: int = 0,
        path: str = "",
        type_name: str = "",
        call: int = 0,
        times: int = 1,
        parent: Part | None = None,
    ) -> None:
        self.start, self.stop = start, stop
        self.path, self.type_name, self.call = path, type_name, call
        self.times = times
        self.parent = parent
        self.children: list[int | Part] = []
        self.wires: list[tuple[int, int]] = []
        self.token = 0


class _Tokens:
    """Small numbers for whatever is equal."""

    def __init__(self) -> None:
        self._known: dict[Hashable, int] = {}

    def of(self, what: Hashable) -> int:
        return self._known.setdefault(what, len(self._known))


def find_repeats(recording: Recording, root: Part) -> None:
    """Put parts around what is repeated, everywhere inside `root`."""
    tokens = _Tokens()
    of_op = _op_tokens(recording, tokens)
    parts = _wired(recording, root)
    for part in reversed(parts):
        found = [of_op[child] if isinstance(child, int) else child.token for child in part.children]
        _fold(part, found, tokens)
        start = part.start
        wires = tuple((taker - start, maker - start) for taker, maker in part.wires)
        inside = tuple(
            of_op[child] if isinstance(child, int) else child.token for child in part.children
        )
        part.token = tokens.of(("part", part.type_name, inside, wires))


def _op_tokens(recording: Recording, tokens: _Tokens) -> list[int]:
    shapes = [tensor.shape for tensor in recording.tensors]

    def token(op: Op) -> int:
        taken = tuple([shapes[tensor] for tensor in op.inputs])
        made = tuple([shapes[tensor] for tensor in op.outputs])
        return tokens.of((op.name, op.kind, taken, made))

    return [token(op) for op in recording.ops]


def _wired(recording: Recording, root: Part) -> list[Part]:
    """All parts, each before those inside it; every wire noted where its ends meet."""
    makers = [tensor.op for tensor in recording.tensors]
    parts = [root]
    for part in parts:
        for child in part.children:
            if isinstance(child, Part):
                parts.append(child)
                continue
            for tensor in recording.ops[child].inputs:
                maker = makers[tensor]
                if maker is None or maker >= child:
                    continue
                meeting = part
                while maker < meeting.start:
                    assert meeting.parent is not None
                    meeting = meeting.parent
                meeting.wires.append((child, maker))
    for part in parts:
        part.wires.sort()
    return parts


def _fold(part: Part, found: list[int], tokens: _Tokens) -> None:
    """Replace repeated children by repeats, the shortest rounds first."""
    period = 1
    while period * MIN_TIMES <= len(found) and period <= LONGEST_ROUND:
        if len(set(found)) == len(found):
            return
        for start, times in reversed(_runs(part, found, period)):
            stop = start + period * times
            repeat = _repeat(part, start, times, period)
            repeat.token = tokens.of(("repeat", tuple(found[start : start + period]), times))
            part.children[start:stop] = [repeat]
            found[start:stop] = [repeat.token]
        period += 1


def _runs(part: Part, found: list[int], period: int) -> list[tuple[int, int]]:
    """Where equal rounds of `period` children follow on each other: first child, how often."""
    array: np.ndarray[Any, np.dtype[np.int64]] = np.array(found)
    same = array[:-period] == array[period:]
    if int(np.count_nonzero(same)) < (MIN_TIMES - 1) * period:
        return []
    edges = np.flatnonzero(np.diff(np.concatenate(([False], same, [False])).astype(np.int8)))
    runs: list[tuple[int, int]] = []
    free = 0
    for start, stop in edges.reshape(-1, 2).tolist():
        start = max(start, free)
        length = stop - start + period
        if length < MIN_TIMES * period:
            continue
        for first, times in _equal_rounds(part, start, start + length, period):
            if _is_worth_it(part, first, times, period):
                runs.append((first, times))
                free = first + times * period
    return runs


def _equal_rounds(part: Part, start: int, stop: int, period: int) -> list[tuple[int, int]]:
    """The rounds of a stretch of equal children that are also joined alike inside."""
    if period == 1:
        return [(start, stop - start)]
    count = (stop - start) // period
    wirings = [_wiring(part, start + n * period, period) for n in range(count)]
    rounds: list[tuple[int, int]] = []
    first = 0
    for n in range(1, count + 1):
        if n == count or wirings[n] != wirings[first]:
            if n - first >= MIN_TIMES:
                rounds.append((start + first * period, n - first))
            first = n
    return rounds


def _wiring(part: Part, first: int, period: int) -> tuple[tuple[int, int], ...]:
    begin, end = _span(part, first, period)
    wires = part.wires
    at = bisect_left(wires, (begin, -1))
    inside = []
    while at < len(wires) and wires[at][0] < end:
        taker, maker = wires[at]
        if maker >= begin:
            inside.append((taker - begin, maker - begin))
        at += 1
    return tuple(inside)


def _span(part: Part, first: int, count: int) -> tuple[int, int]:
    """First op and the one behind the last of some children."""
    begin, end = part.children[first], part.children[first + count - 1]
    return (
        begin if isinstance(begin, int) else begin.start,
        end + 1 if isinstance(end, int) else end.stop,
    )


def _is_worth_it(part: Part, first: int, times: int, period: int) -> bool:
    begin, end = _span(part, first, times * period)
    has_parts = any(isinstance(child, Part) for child in part.children[first : first + period])
    return has_parts or end - begin >= MIN_OPS


def _repeat(part: Part, first: int, times: int, period: int) -> Part:
    start, stop = _span(part, first, times * period)
    repeat = Part(start=start, stop=stop, times=times, parent=part)
    if period == 1:
        repeat.children = part.children[first : first + times]
    else:
        for number in range(times):
            at = first + number * period
            begin, end = _span(part, at, period)
            one = Part(start=begin, stop=end, call=number, parent=repeat)
            one.children = part.children[at : at + period]
            _adopt(one)
            repeat.children.append(one)
    _adopt(repeat)
    return repeat


def _adopt(part: Part) -> None:
    for child in part.children:
        if isinstance(child, Part):
            child.parent = part

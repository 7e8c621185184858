"""How deep the borders between steps are inside passes that ran within a step of another pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from gradviz.recording.model import Recording
from gradviz.recording.moments import moments_of

if TYPE_CHECKING:
    from gradviz.recording.moves import Steps

Integers = np.ndarray[Any, np.dtype[np.int64]]

_IN_PASS = 1
_IN_NODE = 1
_Path = tuple[str, int]


class Nesting:
    """Corrects what is known of the borders between steps where passes are nested.

    Attributes:
        is_any: whether there is a nested pass at all.
    """

    def __init__(self, recording: Recording, steps: Steps) -> None:
        moments = moments_of(recording)
        self.is_any = moments is not None
        self._steps = steps
        if moments is None:
            return
        playheads = np.empty(steps.length, np.int64)
        playheads[moments] = np.arange(steps.length)
        firsts = np.cumsum([0, *(len(pass_.steps) for pass_ in recording.passes)])
        # For each pass the step around it, its number of ancestors, and how deep they are.
        self._around: list[int | None] = []
        self._level: list[int] = []
        self._base: list[int] = []
        for pass_ in recording.passes:
            parent, step = pass_.parent, pass_.parent_step
            if parent is None:
                around, level, base = None, 0, 0
            elif step is None or not 0 <= step < len(recording.passes[parent].steps):
                around, level, base = None, self._level[parent], self._base[parent]
            else:
                around = int(playheads[firsts[parent] + step])
                level = self._level[parent] + 1
                base = self._within(around, self._base[parent])
            self._around.append(around)
            self._level.append(level)
            self._base.append(base)

    def adjust(
        self, depth: Integers, ends: np.ndarray[Any, np.dtype[np.bool_]], inside: Integers
    ) -> None:
        """Correct the depth of all borders, whether an op ends there, and count nested passes."""
        passes = self._steps.passes
        length = self._steps.length
        same = passes[1:] == passes[:-1]
        depth[1:length] += np.where(same, np.array(self._base, np.int64)[passes[1:]], 0)
        inside[1:length] = np.where(same, np.array(self._level, np.int64)[passes[1:]], 0)
        for border in (np.flatnonzero(~same) + 1).tolist():
            one, other = self._lifted(border - 1, border)
            number = int(passes[one])
            if number != passes[other]:
                continue
            base, level = self._base[number], self._level[number]
            if one == other:
                depth[border] = self._within(one, base)
                inside[border] = level + 1
                continue
            same_op = bool(self._steps.op_runs[one] == self._steps.op_runs[other])
            paths = self._steps.scope_paths
            shared = common_depth(paths[self._steps.scopes[one]], paths[self._steps.scopes[other]])
            depth[border] = base + _IN_PASS + shared + same_op
            ends[border] = not same_op
            inside[border] = level

    def _within(self, step: int, base: int) -> int:
        """How deep one is within a step: in its pass, its modules, its op and its node."""
        path, _ = self._steps.scope_paths[self._steps.scopes[step]]
        modules = len(path.split(".")) if path else 0
        return base + _IN_PASS + modules + 1 + _IN_NODE

    def _lifted(self, one: int, other: int) -> tuple[int, int]:
        """The steps of one pass that two steps are, or took place in, as far as there are such."""
        passes = self._steps.passes
        while passes[one] != passes[other]:
            if self._level[passes[one]] >= self._level[passes[other]]:
                around = self._around[passes[one]]
                if around is not None:
                    one = around
                    continue
            around = self._around[passes[other]]
            if around is None:
                break
            other = around
        return one, other


def common_depth(one: _Path, other: _Path) -> int:
    """How many modules two paths are both inside of; each comes with the number of the call."""
    (path, call), (other_path, other_call) = one, other
    ours, theirs = (p.split(".") if p else [] for p in (path, other_path))
    if ours == theirs:
        # The same module called twice in a row was left in between.
        return max(len(ours) - (call != other_call), 0)
    shared = 0
    for mine, yours in zip(ours, theirs, strict=False):
        if mine != yours:
            break
        shared += 1
    return shared

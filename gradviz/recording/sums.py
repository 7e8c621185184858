"""Gradients that arrive one by one: contributions to a tensor used several times, and their sum."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, NamedTuple

import numpy as np

from gradviz.recording.model import NextEdge, TensorId, ValueId
from gradviz.recording.replay import Replay
from gradviz.recording.values import to_array

Array = np.ndarray[Any, Any]

MAX_ELEMENTS = 1 << 16
"""Larger gradients are not added up again: only how many have arrived is told."""


class Sum(NamedTuple):
    """What arrives at one gradient edge in one pass, from several senders.

    `playheads` are the moments at which the contributions of `values` arrived, in order; `until`
    is the first playhead at which the receiving node has taken their sum (the end of the pass where
    it never did).
    """

    edge: NextEdge
    playheads: tuple[int, ...]
    values: tuple[ValueId, ...]
    until: int

    def arrived(self, playhead: int) -> int:
        """How many have arrived by a playhead."""
        return bisect_right(self.playheads, playhead)

    def latest(self, playhead: int) -> ValueId | None:
        """What has arrived with the very step at the playhead, None where that sent nothing."""
        count = self.arrived(playhead)
        if count and self.playheads[count - 1] == playhead:
            return self.values[count - 1]
        return None


class Sums:
    """The sums of all passes that have more than one term."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.all: list[Sum] = []
        for index in range(len(replay.recording.passes)):
            self._find(index)
        self._first = np.array([s.playheads[0] for s in self.all], np.int64)
        self._until = np.array([s.until for s in self.all], np.int64)

    def _find(self, index: int) -> None:
        recording = self.replay.recording
        _, last = self.replay.span_of(index)
        received: dict[NextEdge, list[tuple[int, ValueId]]] = {}
        taken: dict[int, int] = {}
        for step in recording.passes[index].steps:
            playhead = self.replay.playhead_of(index, step.index)
            taken[step.autograd_node] = playhead
            following = recording.autograd_nodes[step.autograd_node].next
            for edge, value in zip(following, step.grad_inputs, strict=False):
                if edge is not None and value is not None:
                    received.setdefault(edge, []).append((playhead, value))
        for edge, terms in received.items():
            if len(terms) > 1:
                playheads, values = zip(*terms, strict=True)
                self.all.append(Sum(edge, playheads, values, taken.get(edge.node, last + 1)))

    def open_at(self, playhead: int) -> list[Sum]:
        """The sums of which something has arrived and that nobody has taken yet."""
        found = np.flatnonzero((self._first <= playhead) & (self._until > playhead))
        return [self.all[number] for number in found.tolist()]

    def total(self, found: Sum, playhead: int) -> Array | None:
        """What has arrived by the playhead, added up; None where not all of it was kept."""
        values = [self.replay.recording.values[v] for v in found.values[: found.arrived(playhead)]]
        shapes = {value.shape for value in values}
        if len(shapes) != 1 or not all(v.is_whole and v.numel <= MAX_ELEMENTS for v in values):
            return None
        with np.errstate(all="ignore"):
            total = to_array(values[0])
            for value in values[1:]:
                total = total + to_array(value)
        return total


def contribution_to_leaf(replay: Replay, playhead: int) -> tuple[TensorId, ValueId, bool] | None:
    """What the step at the playhead has just added to a leaf's `.grad`.

    The leaf, what arrived there, and whether there was something to add it to; None where the step
    changed no leaf.
    """
    moment = replay.moment_at(playhead)
    step = None if moment is None else moment.step
    if step is None or step.leaf_grad is None or not step.grad_outputs:
        return None
    leaf = replay.recording.autograd_nodes[step.autograd_node].leaf
    arrived = step.grad_outputs[0]
    if leaf is None or arrived is None:
        return None
    return leaf, arrived, replay.leaf_grad_before(leaf, playhead) is not None

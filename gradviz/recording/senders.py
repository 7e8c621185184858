"""Who sends gradients to one tensor in a pass, and what they add up to on the way."""

from __future__ import annotations

from bisect import bisect_right
from typing import Any, Final

import numpy as np

from gradviz.recording.model import NextEdge, Value, ValueId
from gradviz.recording.values import to_array

Array = np.ndarray[Any, Any]

_STRIDE: Final = 64
"""Sums are kept at every so many terms, so that going back adds up few of them again."""


class Senders:
    """The senders to one tensor, in the order in which the engine ran them.

    Attributes:
        edges: where the tensor's gradient arrives.
        all: the (node, slot) pairs that send.
    """

    def __init__(
        self,
        edges: tuple[NextEdge, ...],
        senders: tuple[NextEdge, ...],
        playheads: list[int],
        contributions: tuple[ValueId | None, ...],
        values: tuple[Value, ...],
    ) -> None:
        self.edges = edges
        self.all = senders
        self._playheads = playheads
        self._contributions = contributions
        self._values = values
        self._positions = {sender: number for number, sender in enumerate(senders)}
        self._sums: dict[int, Array | None] = {0: None}
        shapes = {values[value].shape for value in contributions if value is not None}
        self._first_unknown = next(
            (
                number
                for number, value in enumerate(contributions)
                # A file may tell of terms that cannot be added up.
                if value is not None and (not values[value].is_whole or len(shapes) > 1)
            ),
            len(contributions),
        )

    def __len__(self) -> int:
        return len(self.all)

    def arrived(self, playhead: int) -> int:
        """How many have sent by the playhead."""
        return bisect_right(self._playheads, playhead)

    def playhead_of(self, number: int) -> int:
        """The playhead from which on a sender's contribution is known."""
        return self._playheads[number]

    def contribution(self, number: int) -> ValueId | None:
        """What a sender sent."""
        return self._contributions[number]

    def position(self, sender: NextEdge) -> int | None:
        """Which of the senders this one is, counted from 0."""
        return self._positions.get(sender)

    def is_known(self, count: int) -> bool:
        """Whether the first `count` contributions were kept whole, so that their sum is known."""
        return count <= self._first_unknown

    def sum_of(self, count: int) -> Array | None:
        """The sum of the first `count` contributions, in their order; None where there is none."""
        at = count if count in self._sums else count - count % _STRIDE
        while at not in self._sums:
            at -= _STRIDE
        total = self._sums[at]
        with np.errstate(all="ignore"):
            for number in range(at, count):
                value = self._contributions[number]
                if value is not None:
                    array = to_array(self._values[value])
                    total = array if total is None else total + array
                if (number + 1) % _STRIDE == 0:
                    self._sums[number + 1] = total
        self._latest(count, total)
        return total

    def _latest(self, count: int, total: Array | None) -> None:
        """Keep the last sum as well: the next step adds one term to it."""
        for kept in [k for k in self._sums if k % _STRIDE]:
            del self._sums[kept]
        self._sums[count] = total

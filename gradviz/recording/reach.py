"""What leads to a node of a graph, what follows from it, and what lies between two."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cached_property
from itertools import pairwise
from typing import Any

import numpy as np

Indices = np.ndarray[Any, np.dtype[np.intp]]
Mask = np.ndarray[Any, np.dtype[np.bool_]]


class Reach:
    """Answers for a graph of `count` nodes whose edges run from `sources` to `targets`."""

    def __init__(self, count: int, sources: Indices, targets: Indices) -> None:
        self._count = count
        self._sources, self._targets = sources, targets

    @cached_property
    def _after(self) -> list[list[int]]:
        return _neighbours(self._count, self._sources, self._targets)

    @cached_property
    def _before(self) -> list[list[int]]:
        return _neighbours(self._count, self._targets, self._sources)

    def descendants(self, *nodes: int) -> Mask:
        """The nodes and all that can be reached from them along edges."""
        return self._walk(nodes, self._after)

    def ancestors(self, *nodes: int) -> Mask:
        """The nodes and all from which they can be reached."""
        return self._walk(nodes, self._before)

    def between(self, first: int, second: int) -> Mask:
        """The nodes on all ways between two nodes, whichever of them comes first.

        Nothing where no way leads from one to the other.
        """
        for start, end in ((first, second), (second, first)):
            after = self.descendants(start)
            if after[end]:
                return after & self.ancestors(end)
        return np.zeros(self._count, np.bool_)

    def _walk(self, nodes: Iterable[int], neighbours: Sequence[Sequence[int]]) -> Mask:
        seen = bytearray(self._count)
        stack = list(nodes)
        for node in stack:
            seen[node] = 1
        while stack:
            for other in neighbours[stack.pop()]:
                if not seen[other]:
                    seen[other] = 1
                    stack.append(other)
        return np.frombuffer(seen, np.uint8).astype(np.bool_)


def _neighbours(count: int, sources: Indices, targets: Indices) -> list[list[int]]:
    order = np.argsort(sources, kind="stable")
    ends = np.searchsorted(sources[order], np.arange(count + 1)).tolist()
    following = targets[order].tolist()
    return [following[a:b] for a, b in pairwise(ends)]

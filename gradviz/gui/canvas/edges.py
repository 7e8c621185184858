"""The edges of a scene: which cards each joins, and what it stands for."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple, overload

import numpy as np

from gradviz.gui.canvas.geometry import Indices, Mask
from gradviz.recording.model import TensorId
from gradviz.recording.replay import Carrier


class Edge(NamedTuple):
    """One drawn edge, from card `source` to card `target`.

    `has_double` says that its gradients are not among the `carriers`, since other edges show them.
    """

    source: int
    target: int
    tensor: TensorId | None
    carriers: tuple[Carrier, ...]
    has_double: bool = False

    @property
    def is_pairing(self) -> bool:
        """Whether it only says which op an autograd node belongs to."""
        return self.tensor is None and not self.carriers


class DrawnEdges(Sequence[Edge]):
    """Edges as columns: of thousands, an edge is made when somebody asks for it.

    Attributes:
        sources, targets: the cards at the ends of each edge, shape (m,).
        tensors, carriers, doubles: the rest of each `Edge`.
    """

    def __init__(
        self,
        sources: Indices,
        targets: Indices,
        tensors: Sequence[TensorId | None],
        carriers: Sequence[tuple[Carrier, ...]],
        doubles: Mask,
    ) -> None:
        self.sources, self.targets = sources, targets
        self.tensors, self.carriers, self.doubles = tensors, carriers, doubles

    @classmethod
    def of(cls, edges: Sequence[Edge]) -> DrawnEdges:
        """The same edges as columns."""
        count = len(edges)
        return cls(
            np.fromiter((edge.source for edge in edges), np.intp, count),
            np.fromiter((edge.target for edge in edges), np.intp, count),
            [edge.tensor for edge in edges],
            [edge.carriers for edge in edges],
            np.fromiter((edge.has_double for edge in edges), np.bool_, count),
        )

    @overload
    def __getitem__(self, number: int) -> Edge: ...
    @overload
    def __getitem__(self, number: slice) -> Sequence[Edge]: ...
    def __getitem__(self, number: int | slice) -> Edge | Sequence[Edge]:
        if isinstance(number, slice):
            return [self[one] for one in range(*number.indices(len(self)))]
        return Edge(
            int(self.sources[number]),
            int(self.targets[number]),
            self.tensors[number],
            self.carriers[number],
            bool(self.doubles[number]),
        )

    def __iter__(self) -> Iterator[Edge]:
        ends = self.sources.tolist(), self.targets.tolist()
        columns = (*ends, self.tensors, self.carriers, self.doubles.tolist())
        return map(Edge._make, zip(*columns, strict=True))

    def __len__(self) -> int:
        return len(self.tensors)

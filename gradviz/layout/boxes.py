"""Boxes of two columns: an op or tensor, and beside it the stack of its autograd nodes."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Generic

import networkx as nx

from gradviz.layout.canonical import Key, sorted_nodes
from gradviz.layout.model import NodeT, Point
from gradviz.layout.prepare import sizes_of, topological_order

STACK_GAP: Final = 34.0
"""Between autograd nodes of one op: room for the label of what flows from one to the next."""
LANE: Final = 12.0
"""From a stack to the lane beside it, where lines pass that end inside the stack."""


class Boxes(Generic[NodeT]):
    """How the nodes of a graph share boxes.

    Attributes:
        nodes: all nodes, in canonical order
        owners: the node in the first column of each box
        stacks: the autograd nodes in the second column of each box, from top to bottom
        box_of: each node's box
        beside: pixels from the middle of every box to the middles of its columns
        column_gap: between the columns of a box, at least
    """

    def __init__(
        self,
        graph: nx.DiGraph[NodeT],
        partner: Mapping[NodeT, NodeT],
        key: Key | None,
        *,
        turned: bool,
        column_gap: float,
    ) -> None:
        self._graph = graph
        self.column_gap = column_gap
        self.nodes = sorted_nodes(graph, key)
        sizes = sizes_of(graph, self.nodes)
        drawn = (sizes[:, ::-1] if turned else sizes).tolist()
        self._sizes = {node: (w, h) for node, (w, h) in zip(self.nodes, drawn, strict=True)}
        self.owners = [node for node in self.nodes if node not in partner]
        index = {node: i for i, node in enumerate(self.owners)}
        self.box_of = {node: index[partner.get(node, node)] for node in self.nodes}
        self.stacks: list[list[NodeT]] = [[] for _ in self.owners]
        for node in self._downwards([node for node in self.nodes if node in partner]):
            self.stacks[self.box_of[node]].append(node)
        self._place_in_stack = {
            node: place for stack in self.stacks for place, node in enumerate(stack)
        }
        self._stack_widths = [
            max((self.size(node)[0] for node in stack), default=0.0) for stack in self.stacks
        ]
        widths = zip(self.owners, self._stack_widths, strict=True)
        self.beside = max(
            ((self.size(owner)[0] + width) / 4 + column_gap / 2 for owner, width in widths),
            default=0.0,
        )

    def _downwards(self, nodes: list[NodeT]) -> list[NodeT]:
        """Autograd nodes in the order of the edges among them, those on cycles last."""
        index = {node: i for i, node in enumerate(nodes)}
        out = [
            sorted({index[v] for v in self._graph.successors(node) if v in index}) for node in nodes
        ]
        order = topological_order(out)
        rest = sorted(set(range(len(nodes))).difference(order))
        return [nodes[i] for i in order + rest]

    def size(self, node: NodeT) -> Point:
        """Width and height of a node, as it is drawn downwards."""
        return self._sizes[node]

    def is_partner(self, node: NodeT) -> bool:
        """Whether a node stands in a second column."""
        return node in self._place_in_stack

    def is_bare(self, box: int) -> bool:
        """Whether the second column of a box is empty."""
        return not self.stacks[box]

    def is_last(self, node: NodeT, *, downwards: bool) -> bool:
        """Whether nothing of its stack is between an autograd node and the next layer."""
        stack = self.stacks[self.box_of[node]]
        return self._place_in_stack[node] == (len(stack) - 1 if downwards else 0)

    def are_adjacent(self, upper: NodeT, lower: NodeT) -> bool:
        """Whether two nodes follow each other in a stack."""
        return self._place_in_stack[lower] - self._place_in_stack[upper] == 1

    def column(self, node: NodeT) -> float:
        """Pixels from the middle of its box to the middle of a node."""
        return self.beside if self.is_partner(node) else -self.beside

    def lane(self, box: int) -> float:
        """Pixels from the middle of a box to the lane beside its stack."""
        return self.beside + self._stack_widths[box] / 2 + LANE

    def width(self, box: int) -> float:
        """Width of a box, the same to both sides of its middle."""
        right = self._stack_widths[box] / 2
        if len(self.stacks[box]) > 1:
            right += 2 * LANE
        return 2 * (self.beside + max(self.size(self.owners[box])[0] / 2, right))

    def height(self, box: int) -> float:
        """Height of a box."""
        return max(self.size(self.owners[box])[1], self._stack_height(box))

    def _stack_height(self, box: int) -> float:
        heights = [self.size(node)[1] for node in self.stacks[box]]
        return sum(heights) + STACK_GAP * max(len(heights) - 1, 0)

    def positions(self, x: list[float], y: list[float]) -> dict[NodeT, Point]:
        """The centre of each node, given those of the boxes."""
        positions: dict[NodeT, Point] = {}
        for box, owner in enumerate(self.owners):
            positions[owner] = (x[box] - self.beside, y[box])
            top = y[box] - self._stack_height(box) / 2
            for node in self.stacks[box]:
                height = self.size(node)[1]
                positions[node] = (x[box] + self.beside, top + height / 2)
                top += height + STACK_GAP
        return {node: positions[node] for node in self.nodes}

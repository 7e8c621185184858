"""Where the moves of a debugger lead: over, into and out of ops and modules, both ways.

The steps of a pass stand in a tree: pass → module → inner module → op → autograd node. Between two
neighbouring steps a playhead is inside whatever both belong to, and outside everything else; a
move goes on to the next playhead that is inside less. A nested pass stands inside the node that ran
it (`nesting.py`). All of it is looked up in sorted arrays that are made once.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, assert_never

import numpy as np

from gradviz.recording.model import Item, ItemKind, NodeId, OpId, Recording, TensorId
from gradviz.recording.moments import moments_of
from gradviz.recording.nesting import Integers, Nesting, common_depth
from gradviz.recording.replay import Replay
from gradviz.recording.scopes import scopes_of

if TYPE_CHECKING:
    from gradviz.recording.naming import Edges

_OUTSIDE = -1
_IN_PASS = 1


class Move(Enum):
    """One way to move the playhead."""

    INTO = "into"
    """The next autograd node."""
    INTO_BACK = "into back"
    OVER = "over"
    """All nodes of the next op; a leaf's accumulation is a stop of its own."""
    OVER_BACK = "over back"
    OUT = "out"
    """To the end of the op, otherwise of the module, otherwise of the pass around the playhead."""
    OUT_BACK = "out back"
    FIRST = "first"
    LAST = "last"


class Steps:
    """Facts of all steps of all passes, one element for each, in the order of the playhead.

    Attributes:
        length: how many steps there are.
        passes: index of the pass of each step.
        nodes: the autograd node of each step.
        ops: the op of each step; -1 where the node belongs to none, as an AccumulateGrad.
        leaves: the leaf that each step accumulates into, -1 for none.
        scopes: which of `scope_paths` each step is in; a leaf's is that of the step before it.
        scope_paths: module path and number of the module's call.
        op_runs: a number for each step, the same for neighbours that execute the same op. A leaf
            between two nodes of an op is within it; any other step without an op is by itself.
    """

    def __init__(self, recording: Recording) -> None:
        counts = [len(pass_.steps) for pass_ in recording.passes]
        self.length = sum(counts)
        self.passes = np.repeat(np.arange(len(counts)), counts)
        self.nodes = np.fromiter(
            (step.autograd_node for pass_ in recording.passes for step in pass_.steps),
            np.int64,
            self.length,
        )
        nodes = recording.autograd_nodes
        op_of_node = np.fromiter((-1 if n.op is None else n.op for n in nodes), np.int64)
        leaf_of_node = np.fromiter((-1 if n.leaf is None else n.leaf for n in nodes), np.int64)
        self.ops = op_of_node[self.nodes]
        self.leaves = leaf_of_node[self.nodes]
        known = {("", 0): 0}
        scope_of_op = np.fromiter(
            (known.setdefault((op.scope, op.call), len(known)) for op in recording.ops), np.int64
        )
        self.scope_paths = tuple(known)
        self.scopes = self._scopes(scope_of_op)
        self.op_runs = self._op_runs()
        moments = moments_of(recording)
        if moments is not None:
            for name in ("passes", "nodes", "ops", "leaves", "scopes", "op_runs"):
                setattr(self, name, getattr(self, name)[moments])

    def _scopes(self, scope_of_op: Integers) -> Integers:
        at = np.where(self.ops >= 0, np.arange(self.length), -1)
        before = np.maximum.accumulate(at) if self.length else at
        inside = (before >= 0) & (self.passes[before] == self.passes)
        scopes = np.zeros(self.length, np.int64)
        scopes[inside] = scope_of_op[self.ops[before[inside]]]
        return scopes

    def _op_runs(self) -> Integers:
        length, number = self.length, np.arange(self.length)
        owned = self.ops >= 0
        before = np.maximum.accumulate(np.where(owned, number, -1)) if length else number
        after = np.minimum.accumulate(np.where(owned, number, length)[::-1])[::-1]
        between = ~owned & (before >= 0) & (after < length)
        first, last = before[between], after[between]
        same = (self.ops[first] == self.ops[last]) & (self.passes[first] == self.passes[last])
        runs = np.where(owned, self.ops, -2 - number)
        at = np.flatnonzero(between)[same]
        runs[at] = self.ops[before[at]]
        return runs


class Moves:
    """Answers where a move from a playhead leads; always within the recording's steps."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.steps = Steps(replay.recording)
        length = self.steps.length
        runs = self.steps.op_runs
        passes, scopes = self.steps.passes, self.steps.scopes
        depth = np.full(length + 1, _OUTSIDE, np.int64)
        ends = np.ones(length + 1, np.bool_)
        inside = np.zeros(length + 1, np.int64)
        if length > 1:
            same_pass = passes[1:] == passes[:-1]
            same_op = same_pass & (runs[1:] == runs[:-1])
            depth[1:length] = np.where(same_pass, _IN_PASS + self._shared(scopes), 0)
            depth[1:length] += same_op
            ends[1:length] = ~same_op
            nested = Nesting(replay.recording, self.steps)
            if nested.is_any:
                nested.adjust(depth, ends, inside)
        self._depth = depth
        self._ends, self._inside = ends, inside
        self._op_ends: dict[int, Integers] = {}
        self._ends_below: dict[int, Integers] = {}

    def _shared(self, scopes: Integers) -> Integers:
        """How many modules each two neighbouring steps are both inside of."""
        pairs = scopes[:-1] * len(self.steps.scope_paths) + scopes[1:]
        distinct, which = np.unique(pairs, return_inverse=True)
        counts = [common_depth(*self._path(pair)) for pair in distinct.tolist()]
        shared: Integers = np.array(counts, np.int64)[which.reshape(-1)]
        return shared

    def _path(self, pair: int) -> tuple[tuple[str, int], tuple[str, int]]:
        paths = self.steps.scope_paths
        one, other = divmod(pair, len(paths))
        return paths[one], paths[other]

    def target(self, move: Move, playhead: int) -> int:
        """Where a move leads from a playhead; the playhead itself where there is no way."""
        length = self.steps.length
        match move:
            case Move.INTO:
                return min(playhead + 1, length)
            case Move.INTO_BACK:
                return max(playhead - 1, 0)
            case Move.OVER:
                return _next(self._ends_around(playhead), playhead)
            case Move.OVER_BACK:
                return _previous(self._ends_around(playhead), playhead)
            case Move.OUT:
                return _next(self._way_out(playhead), playhead)
            case Move.OUT_BACK:
                return _previous(self._way_out(playhead), playhead)
            case Move.FIRST:
                return 0
            case Move.LAST:
                return length
            case _:
                assert_never(move)

    def _ends_around(self, playhead: int) -> Integers:
        """The ends of ops that are not in passes nested deeper than the playhead is."""
        inside = int(self._inside[playhead])
        ends = self._op_ends.get(inside)
        if ends is None:
            found = np.flatnonzero(self._ends & (self._inside <= inside))
            ends = self._op_ends[inside] = found
        return ends

    def _way_out(self, playhead: int) -> Integers:
        # From the border of a pass, which is inside nothing, the way leads through the whole pass.
        depth = max(int(self._depth[playhead]), _IN_PASS)
        ends = self._ends_below.get(depth)
        if ends is None:
            ends = self._ends_below[depth] = np.flatnonzero(self._depth < depth)
        return ends


def _next(stops: Integers, playhead: int) -> int:
    at = int(np.searchsorted(stops, playhead, side="right"))
    return int(stops[at]) if at < len(stops) else playhead


def _previous(stops: Integers, playhead: int) -> int:
    at = int(np.searchsorted(stops, playhead, side="left")) - 1
    return int(stops[at]) if at >= 0 else playhead


def next_stop(stops: Integers, playhead: int, *, back: bool = False) -> int | None:
    """The stop after (or before) a playhead in a sorted array, None where there is none."""
    found = _previous(stops, playhead) if back else _next(stops, playhead)
    return None if found == playhead else found


def events_of(replay: Replay, edges: Edges, item: Item) -> Integers:
    """Every playhead at which something happens to an item, sorted.

    A node: its execution. An op: that of its nodes. A tensor, a leaf or the edge that stands for
    one: each contribution to its gradient that arrives, and the execution that takes their sum (a
    leaf's `.grad` then changes).
    """
    recording = replay.recording
    found: set[int] = set()
    match item.kind:
        case ItemKind.NODE:
            found.update(replay.playheads_of(NodeId(item.id)))
        case ItemKind.OP:
            for node in recording.ops[OpId(item.id)].autograd_nodes:
                found.update(replay.playheads_of(node))
        case ItemKind.SCOPE:
            scope = scopes_of(recording).scopes[item.id]
            for op in recording.ops[scope.start : scope.stop]:
                for node in op.autograd_nodes:
                    found.update(replay.playheads_of(node))
        case ItemKind.TENSOR:
            for edge in edges.edges_of(TensorId(item.id)):
                # Which of its results a node received is only known where it ran at all.
                found.update(replay.playheads_of(edge.node))
                for sender in edges.into.get(edge, ()):
                    found.update(_sent_at(replay, sender.node, sender.slot))
        case _:
            assert_never(item.kind)
    return np.array(sorted(found), np.int64)


def _sent_at(replay: Replay, node: NodeId, slot: int) -> list[int]:
    """When a node sent a gradient from one of its slots."""
    sent = []
    for playhead in replay.playheads_of(node):
        step = replay.step_of(node, playhead)
        gradients = () if step is None else step.grad_inputs
        if slot < len(gradients) and gradients[slot] is not None:
            sent.append(playhead)
    return sent

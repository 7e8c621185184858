"""Replay the recorded backward passes, one step at a time, forward and back.

The playhead is one integer from 0 (nothing executed) to `Replay.length` (everything executed),
over the steps of all passes in the order in which they were executed: those of a nested pass come
right before the step that ran it. Every question about a moment is a lookup: nothing is recomputed
and nothing has to be undone.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

from gradviz.recording.model import (
    NodeId,
    Pass,
    Recording,
    Step,
    TensorId,
    ValueId,
)
from gradviz.recording.moments import moments_of

if TYPE_CHECKING:
    from gradviz.recording.nesting import Integers


class Phase(Enum):
    """Where an autograd node stands at a playhead."""

    IDLE = "idle"
    """Not executed in the pass at the playhead."""
    PENDING = "pending"
    """Still to come in this pass."""
    CURRENT = "current"
    """Executed by the step that the playhead has just reached."""
    DONE = "done"
    """Executed earlier in this pass."""


class Moment(NamedTuple):
    """A pass and the step of it that has just been executed (None before its first step)."""

    pass_: Pass
    step: Step | None


class Carrier(NamedTuple):
    """Which gradient a drawn edge carries: one slot of an autograd node's step.

    `incoming` is True for `grad_outputs[slot]`, what comes into `node` from the output side, and
    False for `grad_inputs[slot]`, what `node` sends on.
    """

    node: NodeId
    slot: int
    incoming: bool


def leaf_identities(recording: Recording) -> tuple[TensorId, ...]:
    """For each tensor, the first version of the leaf that it is; any other tensor is itself.

    An optimizer changes a weight in place: a new record of the tensor, but the same `.grad`.
    """
    identities = [tensor.id for tensor in recording.tensors]
    for tensor in recording.tensors:
        if tensor.is_leaf and tensor.previous is not None and tensor.previous < tensor.id:
            before = recording.tensors[tensor.previous]
            if before.is_leaf and before.requires_grad == tensor.requires_grad:
                identities[tensor.id] = identities[before.id]
    return tuple(identities)


class Replay:
    """Answers what was known at a playhead of a recording.

    Attributes:
        recording: what is replayed.
        length: number of steps of all passes together; the largest playhead.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self._identities = leaf_identities(recording)
        self._first_step = [0]
        for pass_ in recording.passes:
            self._first_step.append(self._first_step[-1] + len(pass_.steps))
        self.length = self._first_step[-1]
        self._moments = moments_of(recording)
        self._playhead_at: Integers | None = None
        if self._moments is not None:
            # Late, as in `moments`.
            import numpy as np

            self._playhead_at = np.empty(self.length, np.int64)
            self._playhead_at[self._moments] = np.arange(1, self.length + 1)
        self._spans = self._find_spans()
        self._first_pass_with_steps = max(bisect_right(self._first_step, 0) - 1, 0)
        self._playheads: dict[NodeId, int | list[int]] = {}
        self._accumulations: dict[TensorId, tuple[list[int], list[ValueId | None]]] = {}
        for pass_ in recording.passes:
            self._index_pass(pass_)
        if self._moments is not None:
            self._sort()

    def _find_spans(self) -> list[tuple[int, int]]:
        """First and last playhead of each pass; a nested one is within that of its parent."""
        spans = list(zip(self._first_step, self._first_step[1:], strict=False))
        if self._playhead_at is None:
            return spans
        for index, (first, last) in enumerate(spans):
            if first < last:
                at = self._playhead_at[first:last]
                spans[index] = int(at[0]) - 1, int(at[-1])
        for pass_ in reversed(self.recording.passes):
            if pass_.parent is not None and pass_.steps:
                first, last = spans[pass_.id]
                around = spans[pass_.parent]
                has_steps = bool(self.recording.passes[pass_.parent].steps)
                spans[pass_.parent] = (
                    (min(around[0], first), max(around[1], last)) if has_steps else (first, last)
                )
        return spans

    def _playheads_in(self, index: int) -> Sequence[int]:
        """The playhead at which each step of a pass has just been executed."""
        first, last = self._first_step[index], self._first_step[index + 1]
        if self._playhead_at is None:
            return range(first + 1, last + 1)
        found: list[int] = self._playhead_at[first:last].tolist()
        return found

    def _sort(self) -> None:
        """Bring what was indexed pass by pass into the order of the playhead."""
        for known in self._playheads.values():
            if not isinstance(known, int):
                known.sort()
        for leaf, (moments, grads) in self._accumulations.items():
            order = sorted(range(len(moments)), key=moments.__getitem__)
            self._accumulations[leaf] = [moments[i] for i in order], [grads[i] for i in order]

    def _index_pass(self, pass_: Pass) -> None:
        first = self._spans[pass_.id][0]
        # Moments are counted in half steps: what a pass begins with holds only after the border
        # that it shares with the pass before, where the earlier pass's result is still shown.
        start = 2 * first + 1 if first else 0
        for leaf, grad in pass_.grads_before:
            self._log_accumulation(leaf, start, grad)
        playheads, nodes = self._playheads, self.recording.autograd_nodes
        for playhead, step in zip(self._playheads_in(pass_.id), pass_.steps, strict=True):
            node = step.autograd_node
            known = playheads.get(node)
            # A list for each of very many nodes, nearly all executed once, would need room.
            if known is None:
                playheads[node] = playhead
            elif isinstance(known, int):
                playheads[node] = [known, playhead]
            else:
                known.append(playhead)
            if step.leaf_grad is not None:
                leaf_of_node = nodes[node].leaf
                if leaf_of_node is not None:
                    self._log_accumulation(leaf_of_node, 2 * playhead, step.leaf_grad)

    def _log_accumulation(self, leaf: TensorId, moment: int, grad: ValueId | None) -> None:
        identity = self._identities[leaf]
        moments, grads = self._accumulations.setdefault(identity, ([], []))
        moments.append(moment)
        grads.append(grad)

    def pass_index_at(self, playhead: int) -> int | None:
        """Index of the pass that the playhead is in, None for a recording without passes.

        On the border between two passes it is the one that has just ended, since its result is
        what there is to see; the next pass begins with its first step.
        """
        if not self.recording.passes:
            return None
        if playhead <= 0:
            return min(self._first_pass_with_steps, len(self.recording.passes) - 1)
        at = playhead - 1
        if self._moments is not None:
            at = int(self._moments[min(at, self.length - 1)]) if self.length else at
        return min(bisect_right(self._first_step, at), len(self.recording.passes)) - 1

    def moment_at(self, playhead: int) -> Moment | None:
        """The pass and step at the playhead, None for a recording without passes."""
        index = self.pass_index_at(playhead)
        if index is None:
            return None
        pass_ = self.recording.passes[index]
        at = playhead - 1
        if self._moments is not None and 0 <= at < self.length:
            at = int(self._moments[at])
        offset = at - self._first_step[index]
        step = pass_.steps[offset] if 0 <= offset < len(pass_.steps) else None
        return Moment(pass_, step)

    def playhead_of(self, pass_index: int, step_index: int) -> int:
        """The playhead at which step `step_index` of that pass has just been executed."""
        flat = self._first_step[pass_index] + step_index
        return flat + 1 if self._playhead_at is None else int(self._playhead_at[flat])

    def span_of(self, pass_index: int) -> tuple[int, int]:
        """First and last playhead of a pass: before its first step and after its last.

        What was nested in it took place in between.
        """
        return self._spans[pass_index]

    def executed_in(self, pass_index: int, playhead: int) -> int:
        """How many steps of a pass have been executed by a playhead."""
        if self._playhead_at is None:
            count = len(self.recording.passes[pass_index].steps)
            return max(0, min(playhead - self._first_step[pass_index], count))
        first, last = self._first_step[pass_index], self._first_step[pass_index + 1]
        return int(self._playhead_at[first:last].searchsorted(playhead, side="right"))

    def _executions(self, node: NodeId, pass_index: int) -> Sequence[int]:
        """The playheads at which a node was executed in a pass, in order."""
        first, last = self.span_of(pass_index)
        executed = self.playheads_of(node)
        found = executed[bisect_right(executed, first) : bisect_right(executed, last)]
        if self._moments is None:
            return found
        return [at for at in found if self.pass_index_at(at) == pass_index]

    def phase_of(self, node: NodeId, playhead: int) -> Phase:
        """The phase of an autograd node at the playhead."""
        index = self.pass_index_at(playhead)
        if index is None:
            return Phase.IDLE
        executed = self._executions(node, index)
        if not executed:
            return Phase.IDLE
        if executed[0] > playhead:
            return Phase.PENDING
        latest = executed[bisect_right(executed, playhead) - 1]
        return Phase.CURRENT if latest == playhead else Phase.DONE

    def step_of(self, node: NodeId, playhead: int) -> Step | None:
        """The node's latest step executed in the pass at the playhead, None before it."""
        index = self.pass_index_at(playhead)
        if index is None:
            return None
        executed = self._executions(node, index)
        at = bisect_right(executed, playhead) - 1
        if at < 0:
            return None
        moment = self.moment_at(executed[at])
        return None if moment is None else moment.step

    def playheads_of(self, node: NodeId) -> Sequence[int]:
        """Every playhead at which the node has just been executed, in order."""
        known = self._playheads.get(node, ())
        return (known,) if isinstance(known, int) else known

    def gradient_at(self, carrier: Carrier, playhead: int) -> ValueId | None:
        """The gradient that an edge has carried by the playhead, None if it has not yet."""
        step = self.step_of(carrier.node, playhead)
        if step is None:
            return None
        gradients = step.grad_outputs if carrier.incoming else step.grad_inputs
        return gradients[carrier.slot] if carrier.slot < len(gradients) else None

    def leaf_grad_at(self, leaf: TensorId, playhead: int) -> ValueId | None:
        """A leaf's `.grad` at the playhead: what the last accumulation before it left."""
        return self._grad_by(leaf, 2 * playhead)

    def leaf_grad_before(self, leaf: TensorId, playhead: int) -> ValueId | None:
        """A leaf's `.grad` just before the step that the playhead has reached.

        It differs from `leaf_grad_at(leaf, playhead - 1)` at the first step of a pass, since
        `.grad` may have been cleared between two passes.
        """
        return self._grad_by(leaf, 2 * playhead - 1)

    def _grad_by(self, leaf: TensorId, moment: int) -> ValueId | None:
        identity = self._identities[leaf]
        moments, grads = self._accumulations.get(identity, ([], []))
        at = bisect_right(moments, moment)
        return grads[at - 1] if at else None

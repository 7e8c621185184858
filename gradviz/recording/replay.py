"""Replay the recorded backward passes, one step at a time, forward and back.

The playhead is one integer from 0 (nothing executed) to `Replay.length` (everything executed),
over the steps of all passes in the order in which they were recorded. Every question about a
moment is a lookup: nothing is recomputed and nothing has to be undone.
"""

from __future__ import annotations

from bisect import bisect_right
from enum import Enum
from typing import NamedTuple

from gradviz.recording.model import (
    NodeId,
    Pass,
    Recording,
    Step,
    TensorId,
    ValueId,
)


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
    identities: list[TensorId] = []
    for tensor in recording.tensors:
        identity = tensor.id
        if tensor.is_leaf and tensor.previous is not None and tensor.previous < tensor.id:
            before = recording.tensors[tensor.previous]
            if before.is_leaf and before.requires_grad == tensor.requires_grad:
                identity = identities[before.id]
        identities.append(identity)
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
        self._first_pass_with_steps = max(bisect_right(self._first_step, 0) - 1, 0)
        self._step_of_node: list[dict[NodeId, list[int]]] = []
        self._accumulations: dict[TensorId, tuple[list[int], list[ValueId | None]]] = {}
        for pass_, first in zip(recording.passes, self._first_step, strict=False):
            self._index_pass(pass_, first)

    def _index_pass(self, pass_: Pass, first: int) -> None:
        # Moments are counted in half steps: what a pass begins with holds only after the border
        # that it shares with the pass before, where the earlier pass's result is still shown.
        start = 2 * first + 1 if first else 0
        for leaf, grad in pass_.grads_before:
            self._log_accumulation(leaf, start, grad)
        steps: dict[NodeId, list[int]] = {}
        for offset, step in enumerate(pass_.steps):
            steps.setdefault(step.autograd_node, []).append(offset)
            leaf_of_node = self.recording.autograd_nodes[step.autograd_node].leaf
            if leaf_of_node is not None and step.leaf_grad is not None:
                self._log_accumulation(leaf_of_node, 2 * (first + offset + 1), step.leaf_grad)
        self._step_of_node.append(steps)

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
        return min(bisect_right(self._first_step, playhead - 1), len(self.recording.passes)) - 1

    def moment_at(self, playhead: int) -> Moment | None:
        """The pass and step at the playhead, None for a recording without passes."""
        index = self.pass_index_at(playhead)
        if index is None:
            return None
        pass_ = self.recording.passes[index]
        offset = playhead - self._first_step[index] - 1
        step = pass_.steps[offset] if 0 <= offset < len(pass_.steps) else None
        return Moment(pass_, step)

    def playhead_of(self, pass_index: int, step_index: int) -> int:
        """The playhead at which step `step_index` of that pass has just been executed."""
        return self._first_step[pass_index] + step_index + 1

    def span_of(self, pass_index: int) -> tuple[int, int]:
        """First and last playhead of a pass: before its first step and after its last."""
        return self._first_step[pass_index], self._first_step[pass_index + 1]

    def phase_of(self, node: NodeId, playhead: int) -> Phase:
        """The phase of an autograd node at the playhead."""
        index = self.pass_index_at(playhead)
        offsets = self._step_of_node[index].get(node) if index is not None else None
        if index is None or not offsets:
            return Phase.IDLE
        executed = playhead - self._first_step[index]
        if offsets[0] >= executed:
            return Phase.PENDING
        last = offsets[bisect_right(offsets, executed - 1) - 1]
        return Phase.CURRENT if last == executed - 1 else Phase.DONE

    def step_of(self, node: NodeId, playhead: int) -> Step | None:
        """The node's latest step executed in the pass at the playhead, None before it."""
        index = self.pass_index_at(playhead)
        if index is None:
            return None
        offsets = self._step_of_node[index].get(node, [])
        executed = playhead - self._first_step[index]
        at = bisect_right(offsets, executed - 1)
        return self.recording.passes[index].steps[offsets[at - 1]] if at else None

    def playheads_of(self, node: NodeId) -> tuple[int, ...]:
        """Every playhead at which the node has just been executed, in order."""
        return tuple(
            first + offset + 1
            for steps, first in zip(self._step_of_node, self._first_step, strict=False)
            for offset in steps.get(node, ())
        )

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

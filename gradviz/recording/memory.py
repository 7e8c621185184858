"""What a run held for its backward passes, from op to op and from step to step."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from typing import Final, NamedTuple

from gradviz.recording.diagnostics.evidence import Evidence
from gradviz.recording.diagnostics.held_memory import HeldMemory
from gradviz.recording.model import (
    Item,
    ItemKind,
    NodeId,
    Op,
    Pass,
    PassId,
    Recording,
    Step,
    TensorId,
    ValueId,
)

_BITS: Final = re.compile(r"\d+")


class Moment(NamedTuple):
    """Bytes that were held right after an op, or during a step.

    `saved` by autograd nodes for their backward, parameters not counted; `flowing` gradients on
    their way between nodes; `grads` in `.grad` of leaves. Each piece of memory counts once.
    `item` is the op or the autograd node, `pass_id` the pass of a step.
    """

    item: Item
    pass_id: PassId | None
    saved: int
    flowing: int
    grads: int

    @property
    def nbytes(self) -> int:
        """All together."""
        return self.saved + self.flowing + self.grads


def memory_moments(recording: Recording) -> tuple[Moment, ...]:
    """One moment for each op and each step, in the order of the run.

    Tensors that only names hold are not counted: nobody records when a name lets go.
    """
    ledger = _Ledger(recording)
    waiting = list(recording.passes)
    moments: list[Moment] = []
    for op in recording.ops:
        while waiting and waiting[0].ops_before <= op.id:
            moments += ledger.run(waiting.pop(0))
        moments.append(ledger.enter(op))
    for pass_ in waiting:
        moments += ledger.run(pass_)
    return tuple(moments)


def peak_of(moments: tuple[Moment, ...]) -> int | None:
    """The index of the first moment with the most bytes, None where nothing was held."""
    most = max(range(len(moments)), key=lambda i: moments[i].nbytes, default=None)
    return most if most is not None and moments[most].nbytes else None


class _Ledger:
    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._held = HeldMemory(Evidence(recording))
        self._grads: dict[TensorId, int] = {}
        self._grads_nbytes = 0

    def enter(self, op: Op) -> Moment:
        for number in op.autograd_nodes:
            self._held.hold(number, op.id)
        return self._moment(Item(ItemKind.OP, op.id), None, 0)

    def run(self, pass_: Pass) -> Iterator[Moment]:
        if pass_.accumulates:
            for leaf, grad in pass_.grads_before:
                self._hold_grad(leaf, grad)
        arriving: dict[NodeId, dict[int, int]] = defaultdict(dict)
        for step in pass_.steps:
            yield self._take(step, pass_, arriving)

    def _take(self, step: Step, pass_: Pass, arriving: dict[NodeId, dict[int, int]]) -> Moment:
        node = self._recording.autograd_nodes[step.autograd_node]
        came = sum(map(self._nbytes, step.grad_outputs))
        arriving.pop(node.id, None)
        # What a node sends lies beside what it was sent until it has ended.
        elsewhere = sum(sum(slots.values()) for slots in arriving.values())
        sent = 0
        seen: set[ValueId | None] = set(step.grad_outputs)
        for edge, value in zip(node.next, step.grad_inputs, strict=False):
            nbytes = self._nbytes(value)
            if edge is None or not nbytes:
                continue
            slots = arriving[edge.node]
            # A gradient that is handed on as it came is the same piece of memory.
            sent += 0 if value in seen or edge.slot in slots else nbytes
            seen.add(value)
            slots[edge.slot] = nbytes
        if node.leaf is not None and pass_.accumulates and step.leaf_grad is not None:
            # The first one is not copied: what came becomes `.grad`.
            fresh = not self._grads.get(node.leaf)
            self._hold_grad(node.leaf, step.leaf_grad)
            came = 0 if fresh else came
        moment = self._moment(Item(ItemKind.NODE, node.id), pass_.id, came + sent + elsewhere)
        if not pass_.retain_graph:
            self._held.free(node.id)
        return moment

    def _hold_grad(self, leaf: TensorId, grad: ValueId | None) -> None:
        self._grads_nbytes -= self._grads.get(leaf, 0)
        self._grads[leaf] = self._nbytes(grad)
        self._grads_nbytes += self._grads[leaf]

    def _moment(self, item: Item, pass_id: PassId | None, flowing: int) -> Moment:
        return Moment(item, pass_id, self._held.nbytes, flowing, self._grads_nbytes)

    def _nbytes(self, value_id: ValueId | None) -> int:
        value = self._recording.value(value_id)
        return 0 if value is None else value.numel * _width(value.dtype)


def _width(dtype: str) -> int:
    """Bytes of one element: `float32` 4, `complex64` 8, `bool` 1."""
    found = _BITS.search(dtype)
    return 1 if found is None else max(1, int(found[0]) // 8)

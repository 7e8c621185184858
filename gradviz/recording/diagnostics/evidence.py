"""What the finders ask of a recording: names, consumers, memory and order; each computed once."""

from __future__ import annotations

import ast
import itertools
from collections import defaultdict
from collections.abc import Iterable
from functools import cached_property
from typing import Final

import numpy as np

from gradviz.recording.format import format_place
from gradviz.recording.model import (
    LeafGrad,
    NodeId,
    Op,
    OpId,
    OpKind,
    Pass,
    PassId,
    Recording,
    Statistics,
    Tensor,
    TensorId,
    ValueId,
    line_of,
)
from gradviz.recording.naming import op_label, shorten
from gradviz.recording.reach import Reach
from gradviz.recording.replay import Replay, leaf_identities
from gradviz.recording.statistics import summarise
from gradviz.recording.values import to_array

ALIASES: Final = frozenset({"data", "detach", "detach_"})
"""Ops whose result shares the memory of their first input without being a view of it."""

_NO_GRAPH: Final = "does not require grad and does not have a grad_fn"
_LISTED: Final = 3
_LONGEST_CALL: Final = 48
_AT_ONCE: Final = 1 << 22


class Evidence:
    """A recording with what several finders need to know about it.

    Attributes:
        recording: what is looked at.
        identities: for each tensor, the first version of the leaf that it is.
    """

    def __init__(self, recording: Recording) -> None:
        self.recording = recording
        self.identities = leaf_identities(recording)
        self._memory: dict[TensorId, TensorId] = {}
        self._statistics: dict[ValueId, Statistics] = {}

    @cached_property
    def replay(self) -> Replay:
        """The steps of all passes."""
        return Replay(self.recording)

    @cached_property
    def consumers(self) -> dict[TensorId, list[OpId]]:
        """The ops that took a tensor, in order."""
        found: dict[TensorId, list[OpId]] = defaultdict(list)
        for op in self.recording.ops:
            for tensor in dict.fromkeys(op.inputs):
                found[tensor].append(op.id)
        return found

    def versions_of(self, identity: TensorId) -> list[TensorId]:
        """All versions of a leaf, by its first."""
        return [identity, *self._later_versions.get(identity, ())]

    @cached_property
    def _later_versions(self) -> dict[TensorId, list[TensorId]]:
        found: dict[TensorId, list[TensorId]] = defaultdict(list)
        for number, identity in enumerate(self.identities):
            if number != identity:
                found[identity].append(TensorId(number))
        return found

    @cached_property
    def steps_of(self) -> dict[NodeId, list[tuple[PassId, int]]]:
        """Every execution of a node: the pass and the step's index in it."""
        found: dict[NodeId, list[tuple[PassId, int]]] = defaultdict(list)
        for pass_ in self.recording.passes:
            for step in pass_.steps:
                found[step.autograd_node].append((pass_.id, step.index))
        return found

    @cached_property
    def called_models(self) -> frozenset[str]:
        """The names of the modules that were called, or of which a part was."""
        return frozenset(call.path.partition(".")[0] for call in self.recording.module_calls)

    @cached_property
    def made_by_pass(self) -> tuple[Pass, ...]:
        """The passes that put gradients into `.grad` and are not part of another pass."""
        return tuple(p for p in self.recording.passes if p.accumulates and p.parent is None)

    @cached_property
    def leaves_with_grad(self) -> frozenset[TensorId]:
        """The leaves that had a `.grad` at some time, by their first version.

        A hook may have used it and cleared it again before the pass ended.
        """
        nodes = self.recording.autograd_nodes
        during = (
            LeafGrad(leaf, step.grad_outputs[0])
            for pass_ in self.recording.passes
            if pass_.accumulates
            for step in pass_.steps
            if (leaf := nodes[step.autograd_node].leaf) is not None
        )
        around = (
            one
            for pass_ in self.recording.passes
            if pass_.accumulates
            for one in (*pass_.leaf_grads, *pass_.grads_before)
        )
        found = itertools.chain(during, around)
        return frozenset(self.identities[leaf] for leaf, grad in found if grad is not None)

    @cached_property
    def returned_leaves(self) -> frozenset[TensorId]:
        """The leaves whose gradient `torch.autograd.grad` returned, by their first version."""
        return frozenset(
            self.identities[leaf]
            for pass_ in self.recording.passes
            if not pass_.accumulates
            for leaf, grad in pass_.leaf_grads
            if grad is not None
        )

    @cached_property
    def leaf_nodes(self) -> dict[TensorId, list[NodeId]]:
        """The AccumulateGrads of the leaves that have any, by the leaf's first version."""
        found: dict[TensorId, list[NodeId]] = defaultdict(list)
        for node in self.recording.autograd_nodes:
            if node.leaf is not None:
                found[self.identities[node.leaf]].append(node.id)
        return found

    @cached_property
    def reach(self) -> Reach:
        """The autograd nodes, along the edges that gradients take."""
        nodes = self.recording.autograd_nodes
        edges = [(node.id, edge.node) for node in nodes for edge in node.next if edge is not None]
        ends = np.array(edges, np.intp).reshape(-1, 2)
        return Reach(len(nodes), ends[:, 0], ends[:, 1])

    @cached_property
    def failed_line(self) -> int | None:
        """The line in which backward could not start, where that ended the run."""
        error = self.recording.error
        return None if error is None or _NO_GRAPH not in error.message else error.line

    @cached_property
    def failed_root(self) -> TensorId | None:
        """The tensor from which backward could not start, where that ended the run."""
        return None if self.failed_line is None else _receiver(self.recording, self.failed_line)

    @cached_property
    def has_not_finite(self) -> bool:
        """Whether any value may hold NaN or Inf; most have none, and this is quick to tell."""
        pieces: dict[str, list[bytes]] = defaultdict(list)
        waiting = 0
        for value in self.recording.values:
            statistics = value.statistics
            if statistics is not None:
                if statistics.nan or statistics.inf:
                    return True
            elif value.data is not None and value.is_whole and value.storage[1:2] in "fc":
                pieces[value.storage].append(value.data)
                waiting += len(value.data)
                if waiting > _AT_ONCE:
                    if _any_not_finite(pieces):
                        return True
                    pieces.clear()
                    waiting = 0
        return _any_not_finite(pieces)

    def memory_of(self, tensor: TensorId) -> TensorId:
        """One tensor for all that share its memory: versions, views and detached twins."""
        trail: list[TensorId] = []
        at = tensor
        while at not in self._memory:
            trail.append(at)
            before = self._shares_with(self.recording.tensors[at])
            if before is None or before >= at:
                self._memory[at] = at
                break
            at = before
        root = self._memory[at]
        for one in trail:
            self._memory[one] = root
        return root

    def _shares_with(self, tensor: Tensor) -> TensorId | None:
        op = None if tensor.op is None else self.recording.ops[tensor.op]
        if op is not None and op.name == "data" and op.kind is OpKind.IN_PLACE:
            return op.inputs[1] if len(op.inputs) > 1 else None  # x.data = y
        if tensor.previous is not None:
            return tensor.previous
        if tensor.base is not None:
            return tensor.base
        if op is not None and op.name in ALIASES and op.inputs:
            return op.inputs[0]
        return None

    def statistics(self, value_id: ValueId | None) -> Statistics | None:
        """Statistics of a value, None where neither they nor all elements are known."""
        value = self.recording.value(value_id)
        if value is None or value.statistics is not None or not value.is_whole:
            return None if value is None else value.statistics
        if value.id not in self._statistics:
            self._statistics[value.id] = summarise(to_array(value))
        return self._statistics[value.id]

    def tensor_statistics(self, tensor: TensorId) -> Statistics | None:
        """Statistics of a tensor's value."""
        return self.statistics(self.recording.tensors[tensor].value)

    def name(self, tensor: TensorId) -> str:
        """The tensor's variable, else the text that made it."""
        found = self.recording.tensors[tensor]
        if found.name is not None:
            return found.name
        op = None if found.op is None else self.recording.ops[found.op]
        return shorten(op.text or op.name) if op is not None else f"tensor {tensor}"

    def names(self, tensors: Iterable[TensorId]) -> str:
        """`a, b, c, … (7)`: the first names, and how many there are if not all are listed."""
        names = list(dict.fromkeys(self.name(tensor) for tensor in tensors))
        if len(names) <= _LISTED:
            return ", ".join(names)
        return f"{', '.join(names[:_LISTED])}, … ({len(names)})"

    def label(self, op: Op) -> str:
        """`p = x + y`."""
        return op_label(self.recording, op)

    def node_label(self, node: NodeId) -> str:
        """The op that a node belongs to, the leaf that it accumulates into, else its own name."""
        found = self.recording.autograd_nodes[node]
        if found.leaf is not None:
            return self.name(found.leaf)
        op = self.op_of_node(node)
        return found.name if op is None else self.label(op)

    def op_of_node(self, node: NodeId) -> Op | None:
        """The op that made a node."""
        number = self.recording.autograd_nodes[node].op
        return None if number is None else self.recording.ops[number]

    def roots(self) -> str:
        """What the backward calls started from."""
        found = (t for p in self.made_by_pass for t in p.root_tensors if t is not None)
        return self.names(dict.fromkeys(found)) or "…"

    def pass_text(self, pass_: Pass) -> str:
        """The call that made a pass."""
        return shorten(pass_.text or "backward()", _LONGEST_CALL)

    def playhead(self, pass_: PassId, step: int) -> int:
        """The playhead at which a step has just been executed."""
        return self.replay.playhead_of(pass_, step)


def _any_not_finite(pieces: dict[str, list[bytes]]) -> bool:
    return any(
        not np.isfinite(np.frombuffer(b"".join(data), storage)).all()
        for storage, data in pieces.items()
    )


def say_place(thing: Op | Pass | None) -> str:
    """The line of an op or a pass within a sentence, with the file where it is another one."""
    return (None if thing is None else format_place(thing.location)) or "?"


def _receiver(recording: Recording, line: int) -> TensorId | None:
    """The tensor that `.backward()` or `grad` was to start from in a line, as it was last."""
    lines = recording.text.splitlines()
    if not 0 < line <= len(lines):
        return None
    try:
        tree = ast.parse(lines[line - 1].strip())
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return None
    for node in ast.walk(tree):
        match node:
            case (
                ast.Call(func=ast.Attribute(value=ast.Name(id=name), attr="backward"))
                | ast.Call(func=ast.Attribute(attr="grad"), args=[ast.Name(id=name), *_])
                | ast.Call(func=ast.Name(id="grad"), args=[ast.Name(id=name), *_])
            ):
                named = [t.id for t in recording.tensors if t.name == name]
                return named[-1] if named else None
            case ast.Call(func=ast.Attribute(value=receiver, attr="backward")):
                text = ast.unparse(receiver)
                made = [
                    out
                    for op in recording.ops
                    if line_of(op) == line and _same(op.text, text)
                    for out in op.outputs
                ]
                return made[-1] if made else None
    return None


def _same(text: str, unparsed: str) -> bool:
    try:
        return ast.unparse(ast.parse(text, mode="eval")) == unparsed
    except (SyntaxError, ValueError, MemoryError, RecursionError):
        return False

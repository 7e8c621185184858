"""What of two recordings means the same: by identity, or by what was written."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Hashable, Iterable, Sequence
from typing import NamedTuple

from gradviz.recording.model import (
    AutogradNode,
    NodeId,
    Op,
    OpKind,
    Pass,
    Recording,
    Step,
    Tensor,
    TensorId,
    ValueId,
)
from gradviz.recording.replay import leaf_identities
from gradviz.recording.sequences import Places, common_start, matched, unmatched


class TensorPair(NamedTuple):
    """A tensor of each recording, and the `.grad` that each ended with."""

    before: Tensor
    after: Tensor
    grad_before: ValueId | None
    grad_after: ValueId | None


class PassPair(NamedTuple):
    """A pass of each recording, and the steps that mean the same."""

    before: Pass
    after: Pass
    steps: Sequence[tuple[Step, Step]]


class Alignment(NamedTuple):
    """Which records of two recordings mean the same, in the order of the second one.

    `only_before` and `only_after` are the ops and passes that only one of the runs made.
    """

    tensors: Sequence[TensorPair]
    passes: Sequence[PassPair]
    only_before: Sequence[Op | Pass]
    only_after: Sequence[Op | Pass]

    @property
    def has_nothing(self) -> bool:
        """Whether no tensor of one is in the other."""
        return not self.tensors


def aligned_by_identity(before: Recording, after: Recording) -> Alignment:
    """For two runs of one text: identities mean the same until one makes a call of its own."""

    def is_same_step(one: Step, other: Step) -> bool:
        first = before.autograd_nodes[one.autograd_node]
        second = after.autograd_nodes[other.autograd_node]
        return first.id == second.id and first.name == second.name

    def is_same_pass(one: Pass, other: Pass) -> bool:
        same = common_start(one.steps, other.steps, is_same_step)
        return one.location == other.location and same == len(one.steps) == len(other.steps)

    ops = common_start(before.ops, after.ops, _is_same_call)
    tensors = common_start(before.tensors, after.tensors, _is_same_tensor)
    passes = common_start(before.passes, after.passes, is_same_pass)
    return Alignment(
        tensors=[
            TensorPair(one, other, one.grad, other.grad)
            for one, other in zip(before.tensors[:tensors], after.tensors, strict=False)
        ],
        passes=[
            PassPair(one, other, list(zip(one.steps, other.steps, strict=False)))
            for one, other in zip(before.passes[:passes], after.passes, strict=False)
        ],
        only_before=(*before.ops[ops:], *before.passes[passes:]),
        only_after=(*after.ops[ops:], *after.passes[passes:]),
    )


def aligned_by_text(before: Recording, after: Recording) -> Alignment:
    """For any two runs: calls are the same by what was written, where, and in which order.

    What was written differently is the same call where the calls around it are and it has the same
    name, or binds the same variables.
    """
    return _TextAligner(before, after).alignment()


class _TextAligner:
    """Pairs calls first, then what they took and made, their nodes, and the steps of these."""

    def __init__(self, before: Recording, after: Recording) -> None:
        self._before, self._after = before, after
        self._tensors: dict[TensorId, TensorId] = {}
        self._nodes: dict[NodeId, NodeId] = {}
        self._paired_tensors: set[TensorId] = set()
        self._paired_nodes: set[NodeId] = set()

    def alignment(self) -> Alignment:
        before, after = self._before, self._after
        ops = matched(before.ops, after.ops, self._op_keys(before), self._op_keys(after))
        passes = matched(before.passes, after.passes, _PASS_KEYS, _PASS_KEYS)
        self._pair_tensors([(before.ops[i], after.ops[j]) for i, j in ops])
        self._pair_nodes([(before.ops[i], after.ops[j]) for i, j in ops], passes)
        only_before, only_after = unmatched(before.ops, after.ops, ops)
        passes_before, passes_after = unmatched(before.passes, after.passes, passes)
        return Alignment(
            tensors=self._tensor_pairs(),
            passes=[self._pass_pair(before.passes[i], after.passes[j]) for i, j in passes],
            only_before=(*only_before, *passes_before),
            only_after=(*only_after, *passes_after),
        )

    def _tensor_pairs(self) -> list[TensorPair]:
        # A leaf has its `.grad` where it was last changed in place, which is told at the first.
        grads_before, grads_after = _last_grads(self._before), _last_grads(self._after)
        return [
            TensorPair(
                self._before.tensors[self._tensors[tensor.id]],
                tensor,
                grads_before.get(self._tensors[tensor.id]),
                grads_after.get(tensor.id),
            )
            for tensor in self._after.tensors
            if tensor.id in self._tensors
        ]

    def _op_keys(self, recording: Recording) -> list[Callable[[Op], Hashable]]:
        tensors = recording.tensors

        def written(op: Op) -> Hashable:
            return op.name, " ".join(op.text.split()), op.scope

        def shapes(op: Op) -> Hashable:
            return op.name, tuple(tensors[i].shape for i in op.outputs)

        def results(op: Op) -> Hashable:
            names = tuple(tensors[i].name for i in op.outputs)
            return names if any(names) else object()

        # Twice, since in very long runs the first time does not find all.
        return [written, written, lambda op: (op.name, op.scope), shapes, results]

    def _pair_tensors(self, ops: Sequence[tuple[Op, Op]]) -> None:
        for one, other in ops:
            for first, second in self._of_ops(one.outputs, other.outputs):
                self._pair(first, second)
        taken = [pair for one, other in ops for pair in self._of_ops(one.inputs, other.inputs)]
        for first, second in taken:
            if first.name == second.name:
                self._pair(first, second)
        remaining: dict[str, deque[Tensor]] = defaultdict(deque)
        for tensor in self._before.tensors:
            is_free = tensor.id not in self._paired_tensors
            if tensor.name and is_free and _is_source(self._before, tensor):
                remaining[tensor.name].append(tensor)
        for tensor in self._after.tensors:
            namesakes = remaining.get(tensor.name or "")
            is_free = tensor.id not in self._tensors
            if namesakes and is_free and _is_source(self._after, tensor):
                self._pair(namesakes.popleft(), tensor)
        for first, second in taken:
            self._pair(first, second)

    def _of_ops(
        self, before: Sequence[TensorId], after: Sequence[TensorId]
    ) -> Iterable[tuple[Tensor, Tensor]]:
        """What two ops took or made: by place, or by name where they differ in number."""
        first = [self._before.tensors[i] for i in before]
        second = [self._after.tensors[i] for i in after]
        if len(first) == len(second):
            return zip(first, second, strict=True)
        named = {tensor.name: tensor for tensor in first if tensor.name is not None}
        return [(named[one.name], one) for one in second if one.name in named]

    def _pair(self, before: Tensor, after: Tensor) -> None:
        is_free = after.id not in self._tensors and before.id not in self._paired_tensors
        if is_free and _is_source(self._before, before) == _is_source(self._after, after):
            self._tensors[after.id] = before.id
            self._paired_tensors.add(before.id)

    def _pair_nodes(self, ops: Sequence[tuple[Op, Op]], passes: Places) -> None:
        before, after = self._before, self._after
        for one, other in ops:
            first = [before.autograd_nodes[i] for i in one.autograd_nodes]
            second = [after.autograd_nodes[i] for i in other.autograd_nodes]
            for i, j in matched(first, second, [_name], [_name]):
                self._pair_node(first[i].id, second[j].id)
        # What arrives at a result can be compared, whatever computed it.
        for number, counterpart in self._tensors.items():
            maker, other_maker = (
                None if tensor.op is None or tensor.output_nr else tensor.autograd_node
                for tensor in (before.tensors[counterpart], after.tensors[number])
            )
            if maker is not None and other_maker is not None:
                self._pair_node(maker, other_maker)
        leaves = {node.leaf: node.id for node in before.autograd_nodes if node.leaf is not None}
        for node in after.autograd_nodes:
            leaf = None if node.leaf is None else self._tensors.get(node.leaf)
            if leaf in leaves:
                self._pair_node(leaves[leaf], node.id)
        for i, j in passes:
            for root, other_root in zip(
                before.passes[i].roots, after.passes[j].roots, strict=False
            ):
                self._pair_alike(root.node, other_root.node)
        self._pair_what_follows()

    def _pair_what_follows(self) -> None:
        """Nodes that no op has, such as those of a gradient's own graph: by what sends to them."""
        waiting = list(self._nodes.items())
        while waiting:
            after, before = waiting.pop()
            edges = zip(
                self._before.autograd_nodes[before].next,
                self._after.autograd_nodes[after].next,
                strict=False,
            )
            for one, other in edges:
                if one is not None and other is not None and self._pair_alike(one.node, other.node):
                    waiting.append((other.node, one.node))

    def _pair_alike(self, before: NodeId, after: NodeId) -> bool:
        first, second = self._before.autograd_nodes[before], self._after.autograd_nodes[after]
        is_owned = first.op is not None or second.op is not None
        return first.name == second.name and not is_owned and self._pair_node(before, after)

    def _pair_node(self, before: NodeId, after: NodeId) -> bool:
        if after in self._nodes or before in self._paired_nodes:
            return False
        self._nodes[after] = before
        self._paired_nodes.add(before)
        return True

    def _pass_pair(self, before: Pass, after: Pass) -> PassPair:
        executed = {step.autograd_node: step for step in before.steps}
        counterparts = ((self._nodes.get(step.autograd_node), step) for step in after.steps)
        return PassPair(
            before,
            after,
            [(executed[node], step) for node, step in counterparts if node in executed],
        )


def _is_source(recording: Recording, tensor: Tensor) -> bool:
    """Whether it was there before, or was made from no tensor."""
    return tensor.op is None or recording.ops[tensor.op].kind is OpKind.SOURCE


def _last_grads(recording: Recording) -> dict[TensorId, ValueId | None]:
    """The `.grad` of each tensor at the end, by its first version where it is a leaf."""
    identities = leaf_identities(recording)
    return {identities[t.id]: t.grad for t in recording.tensors if t.grad is not None}


def _name(node: AutogradNode) -> Hashable:
    return node.name


_PASS_KEYS: list[Callable[[Pass], Hashable]] = [
    lambda pass_: (" ".join(pass_.text.split()), pass_.accumulates),
    lambda pass_: pass_.accumulates,
]


def _is_same_call(one: Op, other: Op) -> bool:
    return one.name == other.name and one.location == other.location and one.inputs == other.inputs


def _is_same_tensor(one: Tensor, other: Tensor) -> bool:
    return one.op == other.op and one.slot == other.slot and one.version == other.version

"""What an overlay tells of every tensor, op, autograd node and scope: a category or a number."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from enum import Enum
from typing import Any, Final, NamedTuple

import numpy as np

from gradviz.recording.compare import Comparison, Quantity
from gradviz.recording.model import ItemKind, NodeId, Op, PassId, Recording
from gradviz.recording.replay import Carrier
from gradviz.recording.scopes import scopes_of
from gradviz.recording.search import value_facts

Floats = np.ndarray[Any, np.dtype[np.float64]]
Ints = np.ndarray[Any, np.dtype[np.intp]]

NONE: Final = -1
"""Instead of a category: this item has none."""


class Overlay(Enum):
    """By what the graph is coloured."""

    NONE = "none"
    DTYPE = "dtype"
    DEVICE = "device"
    TIME = "time"
    GRADIENT = "gradient"
    BYTES = "bytes"
    DIFFERENCE = "difference"


class Differs(Enum):
    """What of an item is not the same in two runs; the order is that of the categories."""

    VALUE = "value"
    GRADIENT = "gradient"
    BOTH = "both"


class Categories(NamedTuple):
    """A category of every item, an index into `names` or `NONE`.

    A scope with several has the index `len(names)`.
    """

    names: tuple[str, ...]
    of: Mapping[ItemKind, Ints]


class Quantities(NamedTuple):
    """A number of every item, NaN where there is none; `bad` are those with NaN or Inf.

    A folded scope has the sum of what is in it, of gradients the largest.
    """

    of: Mapping[ItemKind, Floats]
    bad: Mapping[ItemKind, np.ndarray[Any, np.dtype[np.bool_]]]


def dtypes(recording: Recording) -> Categories:
    """The dtype of tensors and of what ops and their autograd nodes work on."""
    return _by_tensor(recording, [tensor.dtype for tensor in recording.tensors])


def devices(recording: Recording) -> Categories:
    """The device of tensors and of what ops and their autograd nodes work on."""
    return _by_tensor(recording, [tensor.device for tensor in recording.tensors])


def _by_tensor(recording: Recording, texts: list[str]) -> Categories:
    names = tuple(sorted(set(texts), key=lambda name: (name != "cpu", name)))
    number = {name: code for code, name in enumerate(names)}
    tensors = np.array([number[text] for text in texts], np.intp)
    made = [_told_by(op) for op in recording.ops]
    ops = np.append(tensors, NONE)[np.array(made, np.intp)]
    nodes = np.full(len(recording.autograd_nodes), NONE, np.intp)
    for node in recording.autograd_nodes:
        if node.leaf is not None:
            nodes[node.id] = tensors[node.leaf]
        elif node.op is not None:
            nodes[node.id] = ops[node.op]
    scopes = _over_scopes(recording, ops, _only(len(names)), NONE, np.intp)
    return Categories(names, _by_kind(tensors, ops, nodes, scopes))


def _told_by(op: Op) -> int:
    """The tensor whose dtype and device are those of an op."""
    return next(iter((*op.outputs, *op.inputs)), NONE)


def _only(several: int) -> Callable[[Ints], int]:
    def find(codes: Ints) -> int:
        codes = codes[codes != NONE]
        if not len(codes):
            return NONE
        return int(codes[0]) if (codes == codes[0]).all() else several

    return find


def times(recording: Recording) -> Quantities:
    """Seconds of ops, and of autograd nodes over all steps; of a scope's both together."""
    ops = np.array([op.seconds for op in recording.ops], np.float64)
    nodes = np.zeros(len(recording.autograd_nodes))
    for pass_ in recording.passes:
        for step in pass_.steps:
            nodes[step.autograd_node] += step.seconds
    both = ops.copy()
    for node in recording.autograd_nodes:
        if node.op is not None:
            both[node.op] += nodes[node.id]
    scopes = _over_scopes(recording, both, np.sum, 0.0, np.float64)
    tensors = np.zeros(len(recording.tensors))
    return _quantities(*(_known(x) for x in (tensors, ops, nodes, scopes)))


def sizes(recording: Recording) -> Quantities:
    """Bytes of tensors, of what ops make and of what autograd nodes keep for backward."""
    tensors = np.array([tensor.nbytes for tensor in recording.tensors], np.float64)
    made = (sum(int(tensors[t]) for t in op.outputs) for op in recording.ops)
    ops = np.fromiter(made, np.float64, len(recording.ops))
    saved = (node.saved_nbytes for node in recording.autograd_nodes)
    nodes = np.fromiter(saved, np.float64, len(recording.autograd_nodes))
    scopes = _over_scopes(recording, ops, np.sum, 0.0, np.float64)
    return _quantities(*(_known(x) for x in (tensors, ops, nodes, scopes)))


def _known(numbers: Floats) -> Floats:
    return np.where(numbers > 0, numbers, np.nan)


class Gradients:
    """The norms of the gradients of one pass, or of all: each slot's largest.

    Raises nothing for a recording without passes: then nothing has a gradient.
    """

    def __init__(self, recording: Recording, pass_id: PassId | None) -> None:
        self._recording = recording
        facts = value_facts(recording)
        norms: list[float] = facts[:, 0].tolist()
        bad: list[bool] = ((facts[:, 3] > 0) | (facts[:, 4] > 0)).tolist()
        self._slots: dict[Carrier, tuple[float, bool]] = {}
        nodes = np.full(len(recording.autograd_nodes), np.nan)
        bad_nodes = np.zeros(len(nodes), np.bool_)
        tensors = np.full(len(recording.tensors), np.nan)
        bad_tensors = np.zeros(len(tensors), np.bool_)
        passes = recording.passes if pass_id is None else (recording.passes[pass_id],)
        for pass_ in passes:
            for step in pass_.steps:
                node = step.autograd_node
                for values, came in ((step.grad_outputs, True), (step.grad_inputs, False)):
                    for slot, value in enumerate(values):
                        if value is None:
                            continue
                        norm, is_bad = norms[value], bad[value]
                        carrier = Carrier(node, slot, came)
                        before = self._slots.get(carrier, (norm, False))
                        self._slots[carrier] = (max(before[0], norm), before[1] or is_bad)
                        bad_nodes[node] |= is_bad
                        if came:
                            nodes[node] = np.fmax(nodes[node], norm)
            for leaf, grad in pass_.leaf_grads:
                if grad is not None:
                    tensors[leaf] = np.fmax(tensors[leaf], norms[grad])
                    bad_tensors[leaf] |= bad[grad]
        for tensor in recording.tensors:
            if tensor.autograd_node is not None and not tensor.is_leaf:
                carrier = Carrier(tensor.autograd_node, tensor.output_nr, True)
                norm, is_bad = self._slots.get(carrier, (np.nan, False))
                tensors[tensor.id], bad_tensors[tensor.id] = norm, is_bad
        ops = np.full(len(recording.ops), np.nan)
        bad_ops = np.zeros(len(ops), np.bool_)
        for record in recording.autograd_nodes:
            if record.op is not None:
                ops[record.op] = np.fmax(ops[record.op], nodes[record.id])
                bad_ops[record.op] |= bad_nodes[record.id]
        scopes = _over_scopes(recording, ops, _largest, np.nan, np.float64)
        bad_scopes = _over_scopes(recording, bad_ops, np.any, False, np.bool_)
        self.quantities = Quantities(
            _by_kind(tensors, ops, nodes, scopes),
            _by_kind(bad_tensors, bad_ops, bad_nodes, bad_scopes),
        )

    def of_edges(self, carriers: Iterable[tuple[Carrier, ...]]) -> tuple[Floats, Any]:
        """The largest norm on each edge, NaN for none, and whether NaN or Inf is on it."""
        norms: list[float] = []
        bad: list[bool] = []
        for of_edge in carriers:
            here = [self._slots[carrier] for carrier in of_edge if carrier in self._slots]
            norms.append(max((norm for norm, _ in here), default=np.nan))
            bad.append(any(is_bad for _, is_bad in here))
        return np.array(norms, np.float64), np.array(bad, np.bool_)


def _largest(numbers: Floats) -> float:
    numbers = numbers[~np.isnan(numbers)]
    return float(numbers.max()) if len(numbers) else np.nan


def differences(comparison: Comparison) -> Categories:
    """What of each item of the second recording is not as in the first: `Differs` by index."""
    recording = comparison.after
    tensors = np.zeros(len(recording.tensors), np.intp)
    nodes = np.zeros(len(recording.autograd_nodes), np.intp)
    for one in comparison.differences:
        bit = 1 if one.quantity is Quantity.VALUE else 2
        of_kind = tensors if one.item.kind is ItemKind.TENSOR else nodes
        of_kind[one.item.id] |= bit
    ops = np.zeros(len(recording.ops), np.intp)
    for op in recording.ops:
        for tensor in op.outputs:
            ops[op.id] |= tensors[tensor] & 1
        for node in op.autograd_nodes:
            ops[op.id] |= nodes[node]
    scopes = _over_scopes(recording, ops, _joined, 0, np.intp)
    of = _by_kind(tensors - 1, ops - 1, nodes - 1, scopes - 1)
    return Categories(tuple(one.value for one in Differs), of)


def _joined(bits: Ints) -> int:
    return int(np.bitwise_or.reduce(bits)) if len(bits) else 0


def changed_slots(comparison: Comparison) -> frozenset[Carrier]:
    """The gradients on the way that are not as in the first run."""
    return frozenset(
        Carrier(NodeId(one.item.id), one.slot, one.quantity is Quantity.ARRIVED)
        for one in comparison.differences
        if one.item.kind is ItemKind.NODE
    )


def _quantities(tensors: Floats, ops: Floats, nodes: Floats, scopes: Floats) -> Quantities:
    of = _by_kind(tensors, ops, nodes, scopes)
    return Quantities(of, {kind: np.zeros(len(x), np.bool_) for kind, x in of.items()})


def _by_kind(tensors: Any, ops: Any, nodes: Any, scopes: Any) -> dict[ItemKind, Any]:
    return {
        ItemKind.TENSOR: tensors,
        ItemKind.OP: ops,
        ItemKind.NODE: nodes,
        ItemKind.SCOPE: scopes,
    }


def _over_scopes(
    recording: Recording, ops: Any, fold: Callable[[Any], Any], empty: Any, dtype: Any
) -> Any:
    """Something of each scope from what is known of its ops."""
    scopes = scopes_of(recording).scopes
    found = np.full(len(scopes), empty, dtype)
    for scope in scopes:
        if scope.stop > scope.start:
            found[scope.id] = fold(ops[scope.start : scope.stop])
    return found

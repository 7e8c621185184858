"""What the tensors of a backward pass are called in its formulas: the person's own names."""

from __future__ import annotations

import re
from collections import defaultdict
from typing import Final

import msgspec

from gradviz.recording.layers import layers_of
from gradviz.recording.model import (
    AutogradNode,
    NextEdge,
    NodeId,
    Op,
    OpKind,
    Pass,
    Recording,
    Tensor,
    TensorId,
    TensorRole,
)
from gradviz.recording.recomputed import step_around
from gradviz.recording.replay import leaf_identities
from gradviz.recording.values import to_number

MAX_TEXT: Final = 28
"""Characters of an expression that still reads as a name inside a fraction."""

MAX_ROOT_TEXT: Final = 16
"""Characters of what is differentiated beyond which it is called L: it is in every fraction."""

_TRANSPOSES: Final = frozenset({"T", "Transpose"})
_OF_BACKWARD: Final = re.compile(r"(.+?)Backward(?:Data)?Backward")
_MAX_TRANSPOSES: Final = 4
"""Of transposes of one another that are looked through."""

_WHOLE_MODULES: Final = frozenset(
    {
        "Addmm",
        "Convolution",
        "Embedding",
        "NativeBatchNorm",
        "NativeGroupNorm",
        "NativeLayerNorm",
    }
)
"""Nodes that do all that a module of torch's does; others may be a part of what one does."""

_SUBSCRIPTS: Final = str.maketrans("0123456789", "₀₁₂₃₄₅₆₇₈₉")


def own_name(tensor: Tensor) -> str | None:
    """The name that the person gave a tensor; none where it only has a place in a list."""
    return None if tensor.name is None or tensor.name.endswith("]") else tensor.name


def shorten(text: str, limit: int = MAX_TEXT) -> str:
    """The text on one line, its middle left out where it is long."""
    text = " ".join(text.split())
    if len(text) <= limit:
        return text
    head = (limit - 1) * 2 // 3
    return f"{text[:head].rstrip()}…{text[len(text) - (limit - 1 - head) :].lstrip()}"


class Edges:
    """Which tensor a gradient edge belongs to, and who sends gradients along it.

    Attributes:
        into: the (node, slot) pairs that send to an edge, in recorded order.
    """

    def __init__(self, recording: Recording) -> None:
        self._recording = recording
        self._identities = leaf_identities(recording)
        self._tensor_at: dict[NextEdge, TensorId] = {}
        self._edges_of: dict[TensorId, list[NextEdge]] = defaultdict(list)
        self.into: dict[NextEdge, list[NextEdge]] = defaultdict(list)
        self._senders: dict[NodeId, list[NextEdge]] = defaultdict(list)
        for tensor in recording.tensors:
            if tensor.autograd_node is not None:
                self._log(NextEdge(tensor.autograd_node, tensor.output_nr), tensor)
        for node in recording.autograd_nodes:
            if node.leaf is not None:
                self._log(NextEdge(node.id, 0), recording.tensors[node.leaf])
            for slot, edge in enumerate(node.next):
                if edge is not None:
                    sender = NextEdge(node.id, slot)
                    self.into[edge].append(sender)
                    self._senders[edge.node].append(sender)

    def _log(self, edge: NextEdge, tensor: Tensor) -> None:
        known = self._tensor_at.get(edge)
        if known is None or self._recording.tensors[known].name is None:
            self._tensor_at[edge] = tensor.id
        edges = self._edges_of[self.identity_of(tensor.id)]
        if edge not in edges:
            edges.append(edge)

    def senders_to(self, node: NodeId) -> tuple[NextEdge, ...]:
        """The (node, slot) pairs that send to any edge of a node."""
        return tuple(self._senders.get(node, ()))

    def identity_of(self, tensor: TensorId) -> TensorId:
        """One identity for all versions of a leaf: updating a weight in place keeps its `.grad`."""
        return self._identities[tensor]

    def tensor_at(self, edge: NextEdge) -> TensorId | None:
        """The tensor whose gradient arrives at this edge, None for what lives inside an op."""
        return self._tensor_at.get(edge)

    def edges_of(self, tensor: TensorId) -> tuple[NextEdge, ...]:
        """The edges at which a tensor's gradient arrives; a leaf has one per AccumulateGrad."""
        return tuple(self._edges_of.get(self.identity_of(tensor), ()))


class Root(msgspec.Struct, frozen=True):
    """What a pass differentiates: its symbol, and what the symbol stands for where it is new."""

    symbol: str
    meaning: str = ""


class PassNames:
    """Names within one pass; tensors that share a variable are told apart by an index.

    Attributes:
        root: what is differentiated.
    """

    def __init__(self, recording: Recording, edges: Edges, pass_: Pass) -> None:
        self._recording = recording
        self._edges = edges
        self._executed = {step.autograd_node: step for step in pass_.steps}
        self._originals = _originals(recording, pass_)
        self._modules = self._results_of_modules()
        self._index = self._number_namesakes()
        self._single_root: NextEdge | None = None
        self.root = self._find_root(pass_)

    def _number_namesakes(self) -> dict[TensorId, int]:
        by_name: dict[str, set[TensorId]] = defaultdict(set)
        for node_id in self._executed:
            for tensor_id in self._tensors_around(self._recording.autograd_nodes[node_id]):
                by_name[self._base(tensor_id)].add(self._edges.identity_of(tensor_id))
        return {
            tensor: index
            for tensors in by_name.values()
            if len(tensors) > 1
            for index, tensor in enumerate(sorted(tensors), start=1)
        }

    def _tensors_around(self, node: AutogradNode) -> list[TensorId]:
        op = None if node.op is None else self._recording.ops[node.op]
        around = [] if op is None else [*op.inputs, *op.outputs]
        return around if node.leaf is None else [*around, node.leaf]

    def _find_root(self, pass_: Pass) -> Root:
        symbols = [self.edge(root) for root in pass_.roots]
        if len(symbols) != 1:
            return self._stand_in(" + ".join(symbols))
        if not self._starts_at_one(pass_.roots[0]):
            return self._stand_in(f"Σ(v · {symbols[0]})", "v is the gradient given to backward")
        root = Root(symbols[0])
        if len(root.symbol) > MAX_ROOT_TEXT and "(" in root.symbol:
            meaning = self._recording.tensors[t].op if (t := pass_.root_tensors[0]) else None
            text = root.symbol if meaning is None else self._recording.ops[meaning].text
            root = self._stand_in(shorten(text or root.symbol, 60))
        self._single_root = pass_.roots[0]
        return root

    def _stand_in(self, meaning: str, comment: str = "") -> Root:
        taken = {tensor.name for tensor in self._recording.tensors}
        symbol = next(s for s in ("L", "ℒ") if s not in taken or s == "ℒ")
        return Root(symbol, f"{symbol} = {meaning}" + (f", {comment}" if comment else ""))

    def _starts_at_one(self, root: NextEdge) -> bool:
        step = self._executed.get(root.node)
        if step is None or root.slot >= len(step.grad_outputs):
            return True
        return to_number(self._recording.value(step.grad_outputs[root.slot])) == 1.0

    def tensor(self, tensor_id: TensorId) -> str:
        """A tensor's symbol: its variable, else its expression in parentheses."""
        index = self._index.get(self._edges.identity_of(tensor_id))
        subscript = "" if index is None else str(index).translate(_SUBSCRIPTS)
        return self._base(tensor_id) + subscript

    def _base(self, tensor_id: TensorId) -> str:
        tensor = self._recording.tensors[tensor_id]
        if tensor.name is not None:
            return tensor.name
        if tensor.op is None:
            original = self._originals.get(tensor_id)
            if original is None:
                return f"(tensor {tensor_id})"
            return f"{self._base(original)}.detach()"
        op = self._recording.ops[tensor.op]
        part = f"[{tensor.slot}]" if len(op.outputs) > 1 else ""
        if op.scope and op.text in ("", op.name):
            # Made inside a module of torch's own: the module says more than `linear`.
            return f"{op.scope}(·){part}"
        return f"({shorten(op.text or op.name)}){part}"

    def edge(self, edge: NextEdge, depth: int = 2) -> str:
        """The symbol of what a gradient edge belongs to; inside an op, the node's function."""
        if edge == self._single_root:
            return self.root.symbol
        tensor_id = self._edges.tensor_at(edge)
        node = self._recording.autograd_nodes[edge.node]
        if tensor_id is not None and not self._is_recomputed(tensor_id, node):
            return self.tensor(tensor_id)
        module = self._modules.get(node.id)
        if module is not None:
            return module
        twice = _OF_BACKWARD.match(node.name)
        if twice is not None:
            # `TanhBackwardBackward0` belongs to what `TanhBackward0` sent.
            return self._sent_by(node, f"{twice[1]}Backward") or f"{twice[1]}′(…)"
        function = node.name.partition("Backward")[0]
        if function in _TRANSPOSES and depth > -_MAX_TRANSPOSES:
            inside = ", ".join(self.edge(e, depth - 1) for e in node.next if e is not None)
            return inside.removesuffix("ᵀ") if inside.endswith("ᵀ") else f"{inside}ᵀ"
        if depth <= 0:
            return f"{function}(…)"
        inside = ", ".join(self.edge(e, depth - 1) for e in node.next if e is not None)
        text = f"{function}({inside})"
        return text if len(text) <= MAX_TEXT else f"{function}(…)"

    def _sent_by(self, node: AutogradNode, name: str) -> str | None:
        """The derivative that a step of an earlier pass with `create_graph=True` sent: `dy/dh`.

        None where it is not certain which step made the node, or where that sent a part of a sum.
        """
        recording = self._recording
        maker = layers_of(recording).get(node.id)
        if maker is None:
            return None
        pass_ = recording.passes[maker]
        nodes = [recording.autograd_nodes[step.autograd_node] for step in pass_.steps]
        makers = [one for one in nodes if one.name.rstrip("0123456789") == name]
        if len(makers) > 1:
            # One that needs its op's input or result leads to where that comes from.
            led_to = {edge for edge in node.next if edge is not None}
            makers = [
                one for one in makers if NextEdge(one.id, 0) in led_to or led_to & set(one.next)
            ]
        if len(makers) != 1 or len(pass_.roots) != 1:
            return None
        target = next((edge for edge in makers[0].next if edge is not None), None)
        executed = {one.id for one in nodes}
        if target is None or sum(s.node in executed for s in self._edges.into[target]) != 1:
            return None
        root = pass_.root_tensors[0]
        if root is None or root == self._edges.tensor_at(target):
            return None
        return f"d{self.tensor(root)}/d{self.edge(target, 0)}"

    def _is_recomputed(self, tensor_id: TensorId, node: AutogradNode) -> bool:
        """Whether a tensor came out of what was computed again in backward, without a name."""
        tensor = self._recording.tensors[tensor_id]
        return tensor.name is None and tensor.op is None and node.leaf is None

    def _results_of_modules(self) -> dict[NodeId, str]:
        """What modules returned where they were computed again: `block.0(·)`."""
        found: dict[str, list[NodeId]] = defaultdict(list)
        for number in reversed(self._executed):  # as they were called
            node = self._recording.autograd_nodes[number]
            if node.op is None and node.name.partition("Backward")[0] in _WHOLE_MODULES:
                module = self._module_of(node)
                if module:
                    found[module].append(number)
        names: dict[NodeId, str] = {}
        for module, numbers in found.items():
            for index, number in enumerate(numbers, start=1):
                call = str(index).translate(_SUBSCRIPTS) if len(numbers) > 1 else ""
                names[number] = f"{module}(·){call}"
        return names

    def _module_of(self, node: AutogradNode) -> str:
        """The module whose parameters a node takes; empty where there is none."""
        nodes = self._recording.autograd_nodes
        for edge in node.next:
            behind = None if edge is None else nodes[edge.node]
            if behind is not None and behind.name.partition("Backward")[0] in _TRANSPOSES:
                behind = next((nodes[e.node] for e in behind.next if e is not None), None)
            if behind is None or behind.leaf is None:
                continue
            leaf = self._recording.tensors[behind.leaf]
            module, _, own = (leaf.name or "").rpartition(".")
            if leaf.role is TensorRole.PARAMETER and module and own:
                return module
        return ""


def _originals(recording: Recording, pass_: Pass) -> dict[TensorId, TensorId]:
    """For the unnamed leaves of what was computed again, the tensors that they are copies of.

    A reentrant checkpoint detaches what it was given, in order, before it computes again; what it
    took from around it, such as parameters, it takes again.
    """
    around = step_around(recording, pass_)
    if around is None or recording.autograd_nodes[around.node].op is None:
        return {}
    op = node_op(recording, around.node)
    assert op is not None
    nodes = recording.autograd_nodes
    leaves = [nodes[step.autograd_node].leaf for step in pass_.steps]
    found = [recording.tensors[leaf] for leaf in leaves if leaf is not None]
    copies = sorted(leaf.id for leaf in found if leaf.name is None)
    taken = {leaf.name for leaf in found}
    asked = (recording.tensors[t] for t in op.inputs)
    given = [t.id for t in asked if t.requires_grad and (t.name is None or t.name not in taken)]
    shapes = [[recording.tensors[t].shape for t in some] for some in (copies, given)]
    return dict(zip(copies, given, strict=True)) if shapes[0] == shapes[1] else {}


def op_label(recording: Recording, op: Op) -> str:
    """The op as an assignment where its result has a name: `p = x + y`."""
    names = [recording.tensors[t].name for t in op.outputs]
    text = shorten(op.text or op.name, 48)
    if op.scope and op.text in ("", op.name):
        text = f"{op.scope}: {op.name}"
    known = [name for name in names if name is not None]
    if op.kind in (OpKind.IN_PLACE, OpKind.STEP):
        return f"{text} = …" if op.name == "setitem" else text
    return f"{', '.join(known)} = {text}" if known and len(known) == len(names) else text


def node_op(recording: Recording, node_id: NodeId) -> Op | None:
    """The op that a node belongs to."""
    op_id = recording.autograd_nodes[node_id].op
    return None if op_id is None else recording.ops[op_id]

"""The local derivative of one edge of the backward graph: its formula and its number."""

from __future__ import annotations

from typing import Any, Final

import msgspec
import numpy as np

from gradviz.recording.expression import (
    Derivative,
    Expression,
    NotComputableError,
    Number,
    Symbol,
    evaluate,
)
from gradviz.recording.formulas import (
    GRADIENT,
    fill,
    holds_usually,
    is_whole,
    literal,
    names_in,
    node_template,
    op_template,
    written_operands,
)
from gradviz.recording.model import (
    AutogradNode,
    Location,
    NextEdge,
    Op,
    Recording,
    TensorId,
    ValueId,
)
from gradviz.recording.naming import Edges, PassNames
from gradviz.recording.values import to_array

Array = np.ndarray[Any, Any]
Known = dict[Expression, Array | None]

MAX_CHECKED: Final = 4096
"""Elements of an operand up to which a formula is checked against the recorded gradient."""


class Local(msgspec.Struct, frozen=True):
    """How much an op's result changes with one operand.

    `formula` is the local derivative, or with `is_whole` all that the edge sends, with the
    incoming gradient in it. `is_summed` says that the operand was broadcast, so that the products
    are added up to its shape. `number` is its worth where operand and result are single numbers;
    `is_measured` says that it was not computed from the formula but is the recorded outgoing
    gradient over the incoming one.
    """

    formula: Expression | None = None
    is_whole: bool = False
    is_summed: bool = False
    number: float | None = None
    is_measured: bool = False


class LocalDerivatives:
    """Finds formulas for the edges of one pass; one that contradicts the recording is dropped."""

    def __init__(self, recording: Recording, edges: Edges, names: PassNames) -> None:
        self._recording = recording
        self._edges = edges
        self._names = names
        self._lines = recording.text.splitlines()

    def of(
        self, sender: NextEdge, result: NextEdge, upstream: ValueId | None, sent: ValueId | None
    ) -> Local:
        """The derivative of the tensor at `result` by what `sender` sends to.

        `sender.node` is `result.node`, or another node of the same op.
        """
        recorded = _Recorded(self._array(upstream), self._array(sent))
        found = self._formula(sender, result, recorded)
        if found is None:
            return Local(number=recorded.ratio, is_measured=recorded.ratio is not None)
        formula, whole, known = found
        summed = not whole and recorded.is_summed
        number: float | None = None
        if recorded.are_numbers:
            if whole:
                known = {**known, self._gradient(result): np.asarray(1.0)}
            number = _single(_try(formula, known))
        if number is not None:
            return Local(formula, whole, summed, number)
        return Local(formula, whole, summed, recorded.ratio, recorded.ratio is not None)

    def _gradient(self, result: NextEdge) -> Derivative:
        return Derivative(self._names.root.symbol, self._names.edge(result))

    def _formula(
        self, sender: NextEdge, result: NextEdge, recorded: _Recorded
    ) -> tuple[Expression, bool, Known] | None:
        node = self._recording.autograd_nodes[sender.node]
        op = None if node.op is None else self._recording.ops[node.op]
        if sender.node == result.node:
            template = node_template(node.name, sender.slot)
            operands = self._node_operands(node, op)
            checked = holds_usually(node.name)
            found = self._filled(template, operands, result, recorded, checked=checked)
            if found is not None:
                return found
        position = self._position(sender, op)
        if op is None or position is None:
            return None
        operands = [self._tensor_operand(t) for t in op.inputs]
        operands += self._written(op)
        template = op_template(op.name, position)
        return self._filled(template, operands, result, recorded, checked=False)

    def _filled(
        self,
        template: str | None,
        operands: list[tuple[Expression, Array | None]],
        result: NextEdge,
        recorded: _Recorded,
        *,
        checked: bool,
    ) -> tuple[Expression, bool, Known] | None:
        if template is None:
            return None
        if template == GRADIENT and recorded.is_summed:
            template = f"sum({GRADIENT})"
        bound = self._bind(template, operands, result, recorded)
        if bound is None:
            return None
        symbols = {name: expression for name, (expression, _) in bound.items()}
        by_element = any(a is not None and a.size > 1 for _, a in bound.values())
        by_element = by_element or not recorded.are_numbers
        formula = fill(template, symbols, by_element=by_element)
        known: Known = {e: array for e, array in bound.values() if not isinstance(e, Number)}
        whole = is_whole(template)
        computed = _try(formula, known)
        if recorded.contradicts(computed, whole=whole) or (checked and computed is None):
            return None
        return formula, whole, known

    def _bind(
        self,
        template: str,
        operands: list[tuple[Expression, Array | None]],
        result: NextEdge,
        recorded: _Recorded,
    ) -> dict[str, tuple[Expression, Array | None]] | None:
        bound = dict(zip("abcdef", operands, strict=False))
        bound["y"] = (Symbol(self._names.edge(result)), self._edge_array(result))
        bound[GRADIENT] = (self._gradient(result), recorded.upstream)
        if recorded.sent is not None and recorded.upstream is not None:
            bound["N"] = (Number(float(recorded.sent.size)), None)
            ratio = recorded.sent.size / max(recorded.upstream.size, 1)
            bound["K"] = (Number(ratio), None)
            shape = recorded.sent.shape
            samples = recorded.sent.size / shape[1] if len(shape) > 1 else 1.0
            bound["B"] = (Number(samples), None)
        else:
            bound["N"] = (Symbol("N"), None)
            bound["K"] = (Symbol("n"), None)
            bound["B"] = (Symbol("N"), None)
        if len(operands) == 2:
            bound["k"] = operands[1]
        needed = names_in(template)
        return {n: bound[n] for n in needed} if needed <= bound.keys() else None

    def _position(self, sender: NextEdge, op: Op | None) -> int | None:
        target = self._target(sender)
        if op is None or target is None:
            return None
        inputs = [self._edges.identity_of(t) for t in op.inputs]
        identity = self._edges.identity_of(target)
        return inputs.index(identity) if inputs.count(identity) == 1 else None

    def _target(self, sender: NextEdge) -> TensorId | None:
        edge = self._recording.autograd_nodes[sender.node].next[sender.slot]
        return None if edge is None else self._edges.tensor_at(edge)

    def _node_operands(
        self, node: AutogradNode, op: Op | None
    ) -> list[tuple[Expression, Array | None]]:
        """Operands by slot, then those of the op that have no edge: constants and numbers."""
        operands: list[tuple[Expression, Array | None] | None] = []
        used: list[TensorId] = []
        for edge in node.next:
            tensor = None if edge is None else self._edges.tensor_at(edge)
            if edge is None:
                operands.append(None)
            elif tensor is None:
                operands.append((Symbol(self._names.edge(edge)), None))
            else:
                used.append(self._edges.identity_of(tensor))
                version = self._version_in(op, tensor)
                operands.append(self._tensor_operand(version))
        spare = self._without_edges(op, used)
        filled = [operand or (spare.pop(0) if spare else None) for operand in operands]
        return [o for o in (*filled, *spare) if o is not None] if None not in filled else []

    def _version_in(self, op: Op | None, tensor: TensorId) -> TensorId:
        identity = self._edges.identity_of(tensor)
        inputs = () if op is None else op.inputs
        return next((t for t in inputs if self._edges.identity_of(t) == identity), tensor)

    def _without_edges(
        self, op: Op | None, used: list[TensorId]
    ) -> list[tuple[Expression, Array | None]]:
        if op is None:
            return []
        inner = len(op.autograd_nodes) > 1
        rest = [
            t
            for t in op.inputs
            if self._edges.identity_of(t) not in used
            and not (inner and self._recording.tensors[t].requires_grad)
        ]
        return [self._tensor_operand(t) for t in rest] + self._written(op)

    def _written(self, op: Op) -> list[tuple[Expression, Array | None]]:
        """The operands that are not tensors, as the person wrote them.

        None where it cannot be told which of the operands these are: a tensor may be written as
        `self.layer(x)`, or by another of its names.
        """
        written = written_operands(op.text, op.name)
        if not written.are_sure:
            return []
        of_tensors = {text for tensor in op.inputs for text in self._texts(tensor)}
        rest = [text for text in written.operands if text not in of_tensors]
        tensors = len(op.inputs) - (written.receiver is not None)
        numbers = len(written.operands) - tensors
        if len(rest) != numbers:
            rest = [text for text in rest if isinstance(literal(text), Number)]
        if len(rest) != numbers:
            return []
        found = map(literal, rest)
        return [(one, np.asarray(one.value) if isinstance(one, Number) else None) for one in found]

    def _texts(self, tensor_id: TensorId) -> set[str]:
        """What a tensor may be written as: its name, or what made it."""
        tensor = self._recording.tensors[tensor_id]
        texts = {tensor.name or ""}
        if tensor.op is not None:
            op = self._recording.ops[tensor.op]
            texts |= {" ".join(op.text.split()), self._source(op.location)}
        return texts

    def _source(self, location: Location | None) -> str:
        """The text at a place of the document; of a module's op, the call of that module."""
        if location is None or location.file or location.line != location.end_line:
            return ""
        line = "".join(self._lines[location.line - 1 : location.line])
        return " ".join(line[location.column : location.end_column].split())

    def _tensor_operand(self, tensor_id: TensorId) -> tuple[Expression, Array | None]:
        value = self._recording.tensors[tensor_id].value
        return Symbol(self._names.tensor(tensor_id)), self._array(value)

    def _edge_array(self, edge: NextEdge) -> Array | None:
        tensor = self._edges.tensor_at(edge)
        return None if tensor is None else self._array(self._recording.tensors[tensor].value)

    def _array(self, value_id: ValueId | None) -> Array | None:
        value = self._recording.value(value_id)
        if value is None or not value.is_whole or value.numel > MAX_CHECKED:
            return None
        array = to_array(value)
        return array.astype(np.complex128 if array.dtype.kind == "c" else np.float64)


class _Recorded(msgspec.Struct, frozen=True):
    upstream: Array | None
    sent: Array | None

    @property
    def are_numbers(self) -> bool:
        return all(array is not None and array.size == 1 for array in (self.upstream, self.sent))

    @property
    def is_summed(self) -> bool:
        if self.upstream is None or self.sent is None:
            return False
        return self.upstream.size > self.sent.size

    @property
    def ratio(self) -> float | None:
        if self.upstream is None or self.sent is None or not self.are_numbers:
            return None
        below, above = self.upstream.reshape(()), self.sent.reshape(())
        if below == 0 or below.dtype.kind == "c" or above.dtype.kind == "c":
            return None
        return float(above / below)

    def contradicts(self, computed: Array | None, *, whole: bool) -> bool:
        """Whether what the formula gives is surely not what was recorded."""
        if computed is None or self.upstream is None or self.sent is None:
            return False
        with np.errstate(all="ignore"):
            try:
                sent = computed if whole else computed * self.upstream
                sent = _sum_to(sent, self.sent.shape)
                return not np.allclose(sent, self.sent, rtol=2e-2, atol=1e-5, equal_nan=True)
            except ValueError:
                return True


def _sum_to(array: Array, shape: tuple[int, ...]) -> Array:
    """Undo broadcasting as autograd does, or broadcast what is smaller."""
    if array.ndim > len(shape):
        array = array.sum(axis=tuple(range(array.ndim - len(shape))))
    stretched = tuple(i for i, n in enumerate(array.shape[-len(shape) :]) if n != 1)
    offset = len(shape) - array.ndim
    summed = tuple(i for i in stretched if shape[i + offset] == 1)
    if summed:
        array = array.sum(axis=summed, keepdims=True)
    return np.broadcast_to(array, shape)


def _try(expression: Expression, known: Known) -> Array | None:
    with np.errstate(all="ignore"):
        try:
            return evaluate(expression, known)
        except (NotComputableError, ValueError):
            return None


def _single(array: Array | None) -> float | None:
    if array is None or array.size != 1 or array.dtype.kind == "c":
        return None
    return float(array.reshape(()))

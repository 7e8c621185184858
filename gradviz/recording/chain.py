"""The chain rule of a backward pass, in the person's own names and with the recorded numbers.

For a tensor t of a pass that differentiates L: dL/dt is the sum, over the executed consumers c
of t, of dL/dc times dc/dt. What was recorded is the truth; formulas only explain it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any, Final

import msgspec
import numpy as np

from gradviz.recording.expression import (
    ONE,
    Apply,
    Derivative,
    Equation,
    Expression,
    Number,
    Pending,
    Product,
    Shown,
    Sum,
    Symbol,
    to_text,
)
from gradviz.recording.format import (
    elements_of,
    format_elements,
    format_norm,
    format_number,
    format_shape,
)
from gradviz.recording.local import Local, LocalDerivatives
from gradviz.recording.model import NextEdge, NodeId, OpId, PassId, Step, TensorId, Value, ValueId
from gradviz.recording.naming import Edges, PassNames
from gradviz.recording.replay import Replay
from gradviz.recording.values import to_array, to_number

MAX_SHOWN: Final = 6
"""Elements of a tensor that are written out within an equation."""

MAX_TERMS: Final = 6
"""Terms of a sum that are written out; a weight of a loop may have thousands."""


class ChainTerm(msgspec.Struct, frozen=True, kw_only=True):
    """What one consumer contributes: `upstream` times `local`.

    `total` is what the term is a part of, `through` the symbol of the consumer's result, `op` the
    op that consumed. `from_root` says
    that the result is what the pass differentiates, so that `upstream` is 1. `is_repeated` says
    that the same result uses the tensor more than once. `contribution` is what the engine sent;
    `playhead` the moment from which it is known, and `is_delivered` whether that was reached.
    """

    op: OpId | None
    node: NodeId
    slot: int
    through: str
    result: TensorId | None
    total: Derivative
    upstream: Derivative
    upstream_value: ValueId | None
    local: Derivative
    derivative: Local
    contribution: ValueId | None
    playhead: int
    from_root: bool
    is_repeated: bool
    is_delivered: bool


class ChainRule(msgspec.Struct, frozen=True, kw_only=True):
    """The chain rule of one tensor at a moment.

    `total` is the derivative that it explains. `equation` has the symbols, the numbers that the
    playhead has reached and, once all terms are there, the sum; `where` explains its factors.
    `so_far` is the sum of the terms that have arrived while others are still to come.
    """

    tensor: TensorId | None
    total: Derivative
    terms: tuple[ChainTerm, ...]
    equation: Equation
    where: tuple[Equation, ...]
    so_far: Expression | None
    is_root: bool
    is_complete: bool
    root_meaning: str = ""

    @property
    def text(self) -> str:
        """The equation on one line."""
        return self.equation.text


class Chain:
    """Answers chain-rule questions about a recording, one pass at a time."""

    def __init__(self, replay: Replay) -> None:
        self.replay = replay
        self.edges = Edges(replay.recording)
        self._passes: dict[PassId, PassChain] = {}

    def pass_at(self, playhead: int) -> PassChain | None:
        """The chain rule of the pass that the playhead is in."""
        index = self.replay.pass_index_at(playhead)
        return None if index is None else self.of_pass(index)

    def of_pass(self, index: int) -> PassChain:
        """The chain rule of a pass, made when first asked for."""
        pass_id = PassId(index)
        if pass_id not in self._passes:
            self._passes[pass_id] = PassChain(self.replay, self.edges, index)
        return self._passes[pass_id]

    def rule_of(self, tensor: TensorId, playhead: int) -> ChainRule | None:
        """The chain rule of a tensor, None where it takes no part in the pass at the playhead."""
        chain = self.pass_at(playhead)
        return None if chain is None else chain.rule_of(tensor, playhead)


class PassChain:
    """The chain rule of one pass.

    Attributes:
        names: what things are called in this pass.
    """

    def __init__(self, replay: Replay, edges: Edges, index: int) -> None:
        self._replay = replay
        self._recording = replay.recording
        self._edges = edges
        self._index = index
        self._pass = replay.recording.passes[index]
        self._steps: dict[NodeId, Step] = {s.autograd_node: s for s in self._pass.steps}
        self.names = PassNames(self._recording, edges, self._pass)
        self._locals = LocalDerivatives(self._recording, edges, self.names)

    def derivative(self, edge: NextEdge) -> Derivative:
        """The derivative that arrives at an edge."""
        return Derivative(self.names.root.symbol, self.names.edge(edge))

    def rule_of(self, tensor: TensorId, playhead: int) -> ChainRule | None:
        """The chain rule of a tensor at a playhead, None where it takes no part in this pass."""
        return self.rule_at(self._edges.edges_of(tensor), tensor, playhead)

    def rule_of_edge(self, edge: NextEdge, playhead: int) -> ChainRule | None:
        """The chain rule of what a gradient edge belongs to."""
        tensor = self._edges.tensor_at(edge)
        edges = (edge,) if tensor is None else self._edges.edges_of(tensor)
        return self.rule_at(edges, tensor, playhead)

    def rule_at(
        self, edges: tuple[NextEdge, ...], tensor: TensorId | None, playhead: int
    ) -> ChainRule | None:
        """The chain rule of the edges of one tensor."""
        senders = [
            sender
            for edge in edges
            for sender in self._edges.into.get(edge, ())
            if sender.node in self._steps
        ]
        is_root = any(edge in self._pass.roots for edge in edges)
        if not edges or not (senders or is_root):
            return None
        senders.sort(key=lambda sender: self._steps[sender.node].index)
        edge = edges[0]
        results = [self._result_of(sender) for sender in senders]
        uses = Counter(results)
        terms = tuple(
            self._term(
                sender,
                result,
                edge,
                playhead,
                repeated=uses[result] > 1,
                explained=number < MAX_TERMS - 2 or number == len(senders) - 1,
            )
            for number, (sender, result) in enumerate(zip(senders, results, strict=True))
        )
        return self._make_rule(edges, tensor, terms, playhead, is_root=is_root)

    def _result_of(self, sender: NextEdge) -> NextEdge:
        """The result that a sending node belongs to: that of its op where that is one tensor."""
        here = NextEdge(sender.node, self._delivering_slot(sender.node))
        edge = here
        seen = {edge}
        while self._edges.tensor_at(edge) is None and edge not in self._pass.roots:
            op = self._recording.autograd_nodes[edge.node].op
            above = [e for e in self._edges.into.get(edge, ()) if e.node in self._steps]
            same = [e for e in above if self._recording.autograd_nodes[e.node].op == op]
            if op is None or len(same) != 1 or len(above) != 1:
                return here
            edge = NextEdge(same[0].node, self._delivering_slot(same[0].node))
            if edge in seen:
                return here
            seen.add(edge)
        return edge

    def _delivering_slot(self, node: NodeId) -> int:
        grads = self._steps[node].grad_outputs
        return next((i for i, grad in enumerate(grads) if grad is not None), 0)

    def _term(
        self,
        sender: NextEdge,
        result: NextEdge,
        edge: NextEdge,
        playhead: int,
        *,
        repeated: bool,
        explained: bool,
    ) -> ChainTerm:
        step, above = self._steps[sender.node], self._steps[result.node]
        upstream = _item(above.grad_outputs, result.slot)
        sent = _item(step.grad_inputs, sender.slot)
        symbol = self.names.edge(result)
        known_from = self._replay.playhead_of(self._index, step.index)
        only_root = self._pass.roots == (result,) and symbol == self.names.root.symbol
        return ChainTerm(
            op=self._recording.autograd_nodes[sender.node].op,
            node=sender.node,
            slot=sender.slot,
            through=symbol,
            result=self._edges.tensor_at(result),
            total=self.derivative(edge),
            upstream=self.derivative(result),
            upstream_value=upstream,
            local=Derivative(symbol, self.names.edge(edge)),
            derivative=self._locals.of(sender, result, upstream, sent) if explained else Local(),
            contribution=sent,
            playhead=known_from,
            from_root=only_root and not self._edges.into.get(result),
            is_repeated=repeated,
            is_delivered=known_from <= playhead,
        )

    def _make_rule(
        self,
        edges: tuple[NextEdge, ...],
        tensor: TensorId | None,
        terms: tuple[ChainTerm, ...],
        playhead: int,
        *,
        is_root: bool,
    ) -> ChainRule:
        total = self.derivative(edges[0])
        delivered = [term for term in terms if term.is_delivered]
        complete = len(delivered) == len(terms)
        sides: list[Expression] = [total]
        if terms and not is_root:
            sides.append(_add([_symbols(term) for term in terms]))
            if delivered:
                sides.append(_add([self._numbers(term) for term in terms]))
        if complete and (delivered or playhead > self._replay.span_of(self._index)[0]):
            sides.append(self._sum(edges, delivered, is_root=is_root))
        return ChainRule(
            tensor=tensor,
            total=total,
            terms=terms,
            equation=Equation(_without_repetition(sides)),
            where=self._where(terms),
            so_far=_total(self._recording.values, delivered)
            if delivered and not complete
            else None,
            is_root=is_root,
            is_complete=complete,
            root_meaning=self.names.root.meaning,
        )

    def _numbers(self, term: ChainTerm) -> Expression:
        if not term.is_delivered:
            return Pending()
        sent = self._recording.value(term.contribution)
        number = to_number(self._recording.value(term.upstream_value))
        local = term.derivative.number
        if number is None or local is None or to_number(sent) is None:
            return show_value(sent)
        if term.from_root:
            return Number(local)
        return Product((Number(number), Number(local)))

    def _sum(
        self, edges: tuple[NextEdge, ...], delivered: list[ChainTerm], *, is_root: bool
    ) -> Expression:
        if len(delivered) == 1 and not is_root:
            return show_value(self._recording.value(delivered[0].contribution))
        executed = [edge for edge in edges if edge.node in self._steps]
        if len(executed) == 1:
            step = self._steps[executed[0].node]
            return show_value(self._recording.value(_item(step.grad_outputs, executed[0].slot)))
        return _total(self._recording.values, delivered)

    def _where(self, terms: tuple[ChainTerm, ...]) -> tuple[Equation, ...]:
        lines: list[Equation] = []
        for term in terms:
            sides: list[Expression] = [term.local]
            local = term.derivative
            if local.formula is not None and not local.is_whole:
                sides.append(local.formula)
            if local.number is not None and term.is_delivered:
                sides.append(Number(local.number))
            equation = Equation(_without_repetition(sides))
            hidden = term.is_repeated or term.from_root or (local.is_whole and local.number is None)
            if len(equation.sides) > 1 and not hidden and equation not in lines:
                lines.append(equation)
        return tuple(lines)


def _symbols(term: ChainTerm) -> Expression:
    formula = term.derivative.formula
    whole = term.derivative.is_whole
    is_number = term.derivative.number is not None
    if formula is not None and whole and not is_number:
        return formula
    if term.from_root:
        return formula if formula is not None and not whole else term.local
    factor: Expression = term.local
    if term.is_repeated and formula is not None and not whole:
        factor = formula
    product = Product((term.upstream, factor), "·" if is_number or formula is None else "⊙")
    return Apply("Σ", (product,)) if term.derivative.is_summed else product


def _item(values: tuple[ValueId | None, ...], slot: int) -> ValueId | None:
    return values[slot] if slot < len(values) else None


def _add(terms: list[Expression]) -> Expression:
    if len(terms) > MAX_TERMS:
        terms = [*terms[: MAX_TERMS - 2], Symbol("⋯"), terms[-1]]
    return terms[0] if len(terms) == 1 else Sum(tuple(terms))


def _without_repetition(sides: list[Expression]) -> tuple[Expression, ...]:
    kept = [sides[0]]
    for side in sides[1:]:
        if to_text(side) != to_text(kept[-1]):
            kept.append(side)
    return tuple(kept)


def _total(values: tuple[Value, ...], terms: list[ChainTerm]) -> Expression:
    arrays: list[np.ndarray[Any, Any]] = []
    for term in terms:
        value = None if term.contribution is None else values[term.contribution]
        if value is None:
            continue
        if not value.is_whole:
            return Symbol("…")
        arrays.append(to_array(value))
    if not arrays:
        return Number(0.0)
    with np.errstate(all="ignore"):
        total = arrays[0]
        for array in arrays[1:]:
            total = total + array
    return _show_array(total)


def _show_array(array: np.ndarray[Any, Any]) -> Expression:
    if array.size == 1 and array.dtype.kind != "c":
        return Number(float(array.reshape(())))
    if array.size <= MAX_SHOWN:
        return Shown(format_elements(array))
    norm = float(np.sqrt((np.abs(array.astype(np.float64)) ** 2).sum()))
    return Shown(f"({format_shape(array.shape)}, ‖g‖ = {format_number(norm)})")


def show_value(value: Value | None) -> Expression:
    """A gradient within an equation: its number, its few elements, or its shape and norm."""
    if value is None:
        return Symbol("undefined")
    number = to_number(value)
    if number is not None:
        return ONE if number == 1.0 else Number(number)
    if value.is_whole and value.numel <= MAX_SHOWN:
        elements = elements_of(value)
        if elements is not None:
            return Shown(format_elements(elements))
    norm = format_norm(value)
    return Shown(f"({format_shape(value.shape)}{', ' + norm if norm else ''})")

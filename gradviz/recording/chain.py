"""The chain rule of a backward pass, in the person's own names and with the recorded numbers.

For a tensor t of a pass that differentiates L: dL/dt is the sum, over the executed consumers c
of t, of dL/dc times dc/dt. What was recorded is the truth; formulas only explain it.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

import msgspec
import numpy as np

from gradviz.recording.chain_terms import (
    ChainRule,
    ChainTerm,
    add_terms,
    explanations,
    item_at,
    numbers_of,
    own_formulas,
    show_value,
    sign_of,
    symbols_of,
    total_of,
    without_repetition,
)
from gradviz.recording.expression import (
    Derivative,
    Equation,
    Expression,
    Product,
    to_text,
)
from gradviz.recording.format import elements_of
from gradviz.recording.local import LocalDerivatives
from gradviz.recording.model import (
    NextEdge,
    NodeId,
    OpId,
    PassId,
    Step,
    TensorId,
    Value,
)
from gradviz.recording.naming import Edges, PassNames
from gradviz.recording.replay import Replay
from gradviz.recording.senders import Senders

MAX_FACTORS: Final = 4
"""Factors of a product up to which the whole way from the root is written in symbols."""

MAX_WRITTEN: Final = 48
"""Characters of a sum of such products that are still read at a glance."""

MANY: Final = 1_000
"""Senders to one tensor that are better looked up beforehand."""

MAX_TERMS: Final = 6
"""Terms of a sum up to which all are written out; a weight of a loop may have thousands."""

LATEST: Final = 3
"""Of a longer sum, the terms that are written out: those that have just arrived."""


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
        self._senders: dict[tuple[NextEdge, ...], Senders | None] = {}
        self._terms: dict[tuple[NextEdge, NextEdge], ChainTerm] = {}

    def derivative(self, edge: NextEdge) -> Derivative:
        """The derivative that arrives at an edge."""
        return Derivative(self.names.root.symbol, self.names.edge(edge))

    def rule_of(self, tensor: TensorId, playhead: int) -> ChainRule | None:
        """The chain rule of a tensor at a playhead, None where it takes no part in this pass."""
        return self.rule_at(self._edges.edges_of(tensor), tensor, playhead)

    def rule_of_edge(
        self, edge: NextEdge, playhead: int, *, only_arrived: bool = False
    ) -> ChainRule | None:
        """The chain rule of what a gradient edge belongs to.

        With `only_arrived` dots stand for the terms that are still to come.
        """
        tensor = self._edges.tensor_at(edge)
        return self.rule_at(self._edges_with(edge), tensor, playhead, only_arrived=only_arrived)

    def terms_of_tensor(
        self, tensor: TensorId, nodes: frozenset[NodeId], playhead: int
    ) -> tuple[ChainTerm, ...]:
        """The terms of a tensor's chain rule that these nodes contribute."""
        return self._terms_from(self._edges.edges_of(tensor), nodes, playhead)

    def terms_of_edge(
        self, edge: NextEdge, nodes: frozenset[NodeId], playhead: int
    ) -> tuple[ChainTerm, ...]:
        """The terms of an edge's chain rule that these nodes contribute."""
        return self._terms_from(self._edges_with(edge), nodes, playhead)

    def rule_at(
        self,
        edges: tuple[NextEdge, ...],
        tensor: TensorId | None,
        playhead: int,
        *,
        only_arrived: bool = False,
    ) -> ChainRule | None:
        """The chain rule of the edges of one tensor."""
        senders = self._senders_to(edges)
        if senders is None:
            return None
        arrived = senders.arrived(playhead)
        first, last = 0, len(senders)
        if len(senders) > MAX_TERMS:
            last = max(arrived, LATEST)
            first = last - LATEST
        if only_arrived:
            last = min(last, arrived)
        terms = tuple(self._term_at(senders, n, arrived) for n in range(first, last))
        return self._make_rule(senders, tensor, terms, first, playhead)

    def count_at(self, edge: NextEdge) -> int:
        """How many terms the derivative at an edge is the sum of; 0 where it is not a sum."""
        senders = self._senders_to(self._edges_with(edge))
        return 0 if senders is None or self._is_root(senders.edges) else len(senders)

    def terms_at(
        self, edge: NextEdge, first: int, last: int, playhead: int
    ) -> tuple[ChainTerm, ...]:
        """Terms number `first` to `last` (exclusive) of an edge, in the order of execution."""
        senders = self._senders_to(self._edges_with(edge))
        if senders is None:
            return ()
        arrived = senders.arrived(playhead)
        numbers = range(first, min(last, len(senders)))
        return tuple(self._term_at(senders, number, arrived) for number in numbers)

    def start_at(self, edge: NextEdge) -> Equation:
        """The derivative by what backward begins with: 1, or the gradient that it was given."""
        step = self._steps.get(edge.node)
        given = None if step is None else item_at(step.grad_outputs, edge.slot)
        return Equation((self.derivative(edge), show_value(self._recording.value(given))))

    def equation_of(self, term: ChainTerm) -> Equation:
        """What one consumer contributes: the product, in symbols to the root, and the numbers.

        It begins with the whole derivative where this consumer is the only one.
        """
        edge = self._recording.autograd_nodes[term.node].next[term.slot]
        is_alone = edge is not None and self.count_at(edge) == 1
        sides: list[Expression] = [term.total] if is_alone else []
        sides += [symbols_of(term), *self._all_written_out((term,))]
        if term.is_delivered:
            sides += [
                numbers_of(self._recording, term),
                show_value(self._recording.value(term.contribution)),
            ]
        return Equation(without_repetition(sides))

    def _terms_from(
        self, edges: tuple[NextEdge, ...], nodes: frozenset[NodeId], playhead: int
    ) -> tuple[ChainTerm, ...]:
        senders = self._senders_to(edges)
        if senders is None:
            return ()
        arrived = senders.arrived(playhead)
        found = (n for n, sender in enumerate(senders.all) if sender.node in nodes)
        return tuple(self._term_at(senders, n, arrived) for n in found)

    def part_of(self, sender: NextEdge, edge: NextEdge) -> tuple[int, int]:
        """Which of how many terms a sender's is, counted from 1; (1, 1) for the only one."""
        senders = self._senders_to(self._edges_with(edge))
        number = None if senders is None else senders.position(sender)
        return (1, 1) if senders is None or number is None else (number + 1, len(senders))

    def _edges_with(self, edge: NextEdge) -> tuple[NextEdge, ...]:
        tensor = self._edges.tensor_at(edge)
        return (edge,) if tensor is None else self._edges.edges_of(tensor)

    def _senders_to(self, edges: tuple[NextEdge, ...]) -> Senders | None:
        """Who sends along these edges, None where they take no part in this pass."""
        if edges not in self._senders:
            self._senders[edges] = self._find_senders(edges)
        return self._senders[edges]

    def _find_senders(self, edges: tuple[NextEdge, ...]) -> Senders | None:
        senders = [
            sender
            for edge in edges
            for sender in self._edges.into.get(edge, ())
            if sender.node in self._steps
        ]
        if not edges or not (senders or self._is_root(edges)):
            return None
        senders.sort(key=lambda sender: self._steps[sender.node].index)
        steps = [self._steps[sender.node] for sender in senders]
        return Senders(
            edges,
            tuple(senders),
            [self._replay.playhead_of(self._index, step.index) for step in steps],
            tuple(item_at(t.grad_inputs, e.slot) for t, e in zip(steps, senders, strict=True)),
            self._recording.values,
        )

    def _is_repeated(self, senders: Senders, number: int, result: NextEdge) -> bool:
        """Whether another sender belongs to the same result; it is of the same op then."""
        op = self._recording.autograd_nodes[senders.all[number].node].op
        return any(
            other != senders.all[number] and self._result_of(other) == result
            for other in self._senders_of_op(op)
            if senders.position(other) is not None
        )

    def _senders_of_op(self, op: OpId | None) -> tuple[NextEdge, ...]:
        """What an op's nodes send along; the nodes without an op are looked at all together."""
        if op is not None:
            nodes: Iterable[NodeId] = self._recording.ops[op].autograd_nodes
        else:
            nodes = (n for n in self._steps if self._recording.autograd_nodes[n].op is None)
        return tuple(
            NextEdge(node, slot)
            for node in nodes
            for slot in range(len(self._recording.autograd_nodes[node].next))
        )

    def prepare(self) -> None:
        """Look up beforehand who sends to what very many send to, since that takes a while."""
        for edge, senders in self._edges.into.items():
            if len(senders) >= MANY:
                self._senders_to(self._edges_with(edge))

    def _is_root(self, edges: tuple[NextEdge, ...]) -> bool:
        return any(edge in self._pass.roots for edge in edges)

    def _term_at(self, senders: Senders, number: int, arrived: int) -> ChainTerm:
        """A term, made once: only whether it has arrived depends on the playhead."""
        sender = senders.all[number]
        key = (sender, senders.edges[0])
        if key not in self._terms:
            self._terms[key] = self._term(senders, number)
        term = self._terms[key]
        is_delivered = number < arrived
        if term.is_delivered == is_delivered:
            return term
        return msgspec.structs.replace(term, is_delivered=is_delivered)

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

    def _term(self, senders: Senders, number: int) -> ChainTerm:
        sender, edge = senders.all[number], senders.edges[0]
        result = self._result_of(sender)
        step, above = self._steps[sender.node], self._steps[result.node]
        upstream = item_at(above.grad_outputs, result.slot)
        sent = item_at(step.grad_inputs, sender.slot)
        symbol = self.names.edge(result)
        only_root = self._pass.roots == (result,) and symbol == self.names.root.symbol
        return ChainTerm(
            op=self._recording.autograd_nodes[sender.node].op,
            node=sender.node,
            slot=sender.slot,
            through=symbol,
            result=self._edges.tensor_at(result),
            result_edge=result,
            total=self.derivative(edge),
            upstream=self.derivative(result),
            upstream_value=upstream,
            local=Derivative(symbol, self.names.edge(edge)),
            derivative=self._locals.of(sender, result, upstream, sent),
            contribution=sent,
            playhead=senders.playhead_of(number),
            from_root=only_root and not self._edges.into.get(result),
            is_repeated=self._is_repeated(senders, number, result),
            is_delivered=True,
        )

    def _make_rule(
        self,
        senders: Senders,
        tensor: TensorId | None,
        terms: tuple[ChainTerm, ...],
        first: int,
        playhead: int,
    ) -> ChainRule:
        is_root = self._is_root(senders.edges)
        total = self.derivative(senders.edges[0])
        arrived = senders.arrived(playhead)
        complete = arrived == len(senders)
        following = len(senders) - first - len(terms)
        sides: list[Expression] = [total]
        if terms and not is_root:
            sides.append(add_terms([symbols_of(term) for term in terms], first, following))
            if not (first or following):
                sides += self._all_written_out(terms)
            if arrived:
                sides.append(
                    add_terms(
                        [numbers_of(self._recording, term) for term in terms], first, following
                    )
                )
        if complete and (arrived or playhead > self._replay.span_of(self._index)[0]):
            sides.append(self._sum(senders, is_root=is_root))
        return ChainRule(
            tensor=tensor,
            total=total,
            terms=terms,
            equation=Equation(without_repetition(sides)),
            where=explanations(terms),
            so_far=total_of(senders, arrived) if arrived and not complete else None,
            is_root=is_root,
            is_complete=complete,
            root_meaning=self.names.root.meaning,
            count=len(senders),
            arrived=arrived,
            edge=senders.edges[0],
            changed_to=self._changed_to(senders) if complete and arrived and not is_root else None,
            own_formulas=own_formulas(self._recording, terms),
        )

    def _all_written_out(self, terms: tuple[ChainTerm, ...]) -> list[Expression]:
        """The sum in symbols down to the root, as one side; none where it would not be read."""
        written: list[Expression] = []
        for term in terms:
            side = self._written_out(term)
            if side is None:
                return []
            written.append(side)
        total = add_terms(written, 0, 0)
        return [total] if len(to_text(total)) <= MAX_WRITTEN else []

    def _written_out(self, term: ChainTerm) -> Expression | None:
        """The term as a product of textbook formulas from the root on: `z · 1`."""
        factors = self._factors(term)
        if factors is None:
            return None
        return factors[0] if len(factors) == 1 else Product(factors, sign_of(term))

    def _factors(self, term: ChainTerm) -> tuple[Expression, ...] | None:
        """Local derivatives from the root to this term, None where one is not a factor.

        One that has several consumers is a sum, and one that is broadcast is summed: those keep
        the symbol of their derivative, and are explained by a rule of their own.
        """
        factors: list[Expression] = []
        while len(factors) < MAX_FACTORS:
            local = term.derivative
            if local.formula is None or local.is_whole or local.is_summed:
                return None
            factors.insert(0, local.formula)
            if term.from_root:
                return tuple(factors)
            senders = self._senders_to(self._edges_with(term.result_edge))
            if senders is None or len(senders) != 1 or self._is_root(senders.edges):
                return None
            term = self._term_at(senders, 0, 1)
        return None

    def _sum(self, senders: Senders, *, is_root: bool) -> Expression:
        if len(senders) == 1 and not is_root:
            return show_value(self._recording.value(senders.contribution(0)))
        received = self._received(senders)
        if received is not None and (is_root or self._changed_to(senders) is None):
            return show_value(received)
        return total_of(senders, len(senders))

    def _received(self, senders: Senders) -> Value | None:
        """What the engine handed on as the sum, where there is one place at which it did."""
        executed = [edge for edge in senders.edges if edge.node in self._steps]
        if len(executed) != 1:
            return None
        step = self._steps[executed[0].node]
        return self._recording.value(item_at(step.grad_outputs, executed[0].slot))

    def _changed_to(self, senders: Senders) -> Expression | None:
        """What went on instead of the sum: a hook of the person's own may replace a gradient."""
        received = self._received(senders)
        if received is None or not received.is_whole or not senders.is_known(len(senders)):
            return None
        total, found = senders.sum_of(len(senders)), elements_of(received)
        if total is None or found is None or total.shape != found.shape:
            return None
        same = np.allclose(total, found, rtol=1e-3, atol=1e-6, equal_nan=True)
        return None if same else show_value(received)

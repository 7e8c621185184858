"""What a step of a backward pass did, told in one sentence with its chain rules."""

from __future__ import annotations

import msgspec

from gradviz.recording.chain import Chain, PassChain
from gradviz.recording.chain_terms import ChainRule, show_value
from gradviz.recording.expression import Derivative, Expression, to_text
from gradviz.recording.model import (
    NextEdge,
    NodeId,
    OpId,
    Pass,
    Step,
    Tensor,
    TensorId,
    ValueId,
)
from gradviz.recording.naming import node_op, op_label


class Flow(msgspec.Struct, frozen=True, kw_only=True):
    """A gradient that came in or went out: `part` of `parts` where several terms are summed."""

    derivative: Derivative
    tensor: TensorId | None
    value: ValueId | None
    shown: Expression
    part: int = 1
    parts: int = 1

    @property
    def text(self) -> str:
        """`dg/dx = 3`, or `3 towards dg/dx` where it is one part of a sum."""
        derivative, shown = to_text(self.derivative), to_text(self.shown)
        return f"{derivative} = {shown}" if self.parts == 1 else f"{shown} towards {derivative}"


class Accumulation(msgspec.Struct, frozen=True, kw_only=True):
    """What AccumulateGrad did to a leaf: `.grad` before and after."""

    leaf: TensorId
    name: str
    before: ValueId | None
    after: ValueId | None
    shown_before: Expression
    shown_after: Expression


class StepStory(msgspec.Struct, frozen=True, kw_only=True):
    """What one step did; `number` counts from 1 within its pass of `count` steps."""

    number: int
    count: int
    node: NodeId
    node_name: str
    op: OpId | None
    label: str
    line: int | None
    received: tuple[Flow, ...]
    sent: tuple[Flow, ...]
    accumulation: Accumulation | None
    rules: tuple[ChainRule, ...]

    @property
    def place(self) -> str:
        """`p = x + y, line 6`; empty where neither is known."""
        parts = [self.label] if self.label else []
        return ", ".join(parts if self.line is None else [*parts, f"line {self.line}"])

    @property
    def sentence(self) -> str:
        """The step in one English sentence."""
        place = f" ({self.place})" if self.place else ""
        start = f"Step {self.number} of {self.count}: {self.node_name}{place}"
        received = ", ".join(flow.text for flow in self.received) or "nothing"
        change = self.accumulation
        if change is not None:
            after = to_text(change.shown_after)
            now = f"which is now {after}"
            if change.before is not None:
                now = f"which was {to_text(change.shown_before)} and is now {after}"
            return f"{start} added {received} to {change.name}.grad, {now}."
        sent = ", ".join(flow.text for flow in self.sent) or "nothing"
        return f"{start} received {received} and sent {sent}."


def story_at(chain: Chain, playhead: int, *, only_arrived: bool = False) -> StepStory | None:
    """The step that the playhead has just reached, None before a pass's first step.

    With `only_arrived` its rules leave out the terms that are still to come.
    """
    moment = chain.replay.moment_at(playhead)
    pass_chain = chain.pass_at(playhead)
    if moment is None or moment.step is None or pass_chain is None:
        return None
    return _Teller(chain, pass_chain, moment.pass_, playhead, only_arrived).tell(moment.step)


class _Teller:
    def __init__(
        self,
        chain: Chain,
        pass_chain: PassChain,
        pass_: Pass,
        playhead: int,
        only_arrived: bool,
    ) -> None:
        self._only_arrived = only_arrived
        self._chain = chain
        self._recording = chain.replay.recording
        self._pass_chain = pass_chain
        self._pass = pass_
        self._playhead = playhead

    def tell(self, step: Step) -> StepStory:
        node = self._recording.autograd_nodes[step.autograd_node]
        op = node_op(self._recording, node.id)
        leaf = None if node.leaf is None else self._recording.tensors[node.leaf]
        targets = [
            edge if edge is not None and value is not None else None
            for edge, value in zip(node.next, step.grad_inputs, strict=False)
        ]
        rules: list[ChainRule] = []
        for edge in dict.fromkeys(t for t in targets if t is not None):
            rule = self._pass_chain.rule_of_edge(
                edge, self._playhead, only_arrived=self._only_arrived
            )
            if rule is not None:
                rules.append(rule)
        if leaf is not None:
            rule = self._pass_chain.rule_of(leaf.id, self._playhead)
            rules = [] if rule is None else [rule]
        return StepStory(
            number=step.index + 1,
            count=len(self._pass.steps),
            node=node.id,
            node_name=node.name,
            op=None if op is None else op.id,
            label="" if op is None else op_label(self._recording, op),
            line=None
            if op is None or op.location is None or op.location.file
            else op.location.line,
            received=tuple(
                self._flow(NextEdge(node.id, slot), value)
                for slot, value in enumerate(step.grad_outputs)
                if value is not None
            ),
            sent=tuple(
                self._flow(edge, step.grad_inputs[slot], NextEdge(node.id, slot))
                for slot, edge in enumerate(targets)
                if edge is not None
            ),
            accumulation=None if leaf is None else self._accumulation(leaf, step),
            rules=tuple(rules),
        )

    def _flow(
        self, edge: NextEdge, value_id: ValueId | None, sender: NextEdge | None = None
    ) -> Flow:
        part, parts = (1, 1) if sender is None else self._pass_chain.part_of(sender, edge)
        return Flow(
            derivative=self._pass_chain.derivative(edge),
            tensor=self._chain.edges.tensor_at(edge),
            value=value_id,
            shown=show_value(self._recording.value(value_id)),
            part=part,
            parts=parts,
        )

    def _accumulation(self, leaf: Tensor, step: Step) -> Accumulation | None:
        before = self._chain.replay.leaf_grad_before(leaf.id, self._playhead)
        if step.leaf_grad is None:
            return None
        return Accumulation(
            leaf=leaf.id,
            name=self._pass_chain.names.tensor(leaf.id),
            before=before,
            after=step.leaf_grad,
            shown_before=show_value(self._recording.value(before)),
            shown_after=show_value(self._recording.value(step.leaf_grad)),
        )

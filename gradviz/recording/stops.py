"""Where breakpoints are hit in one recording."""

from __future__ import annotations

from typing import Any, assert_never

import msgspec
import numpy as np

from gradviz.recording.breakpoints import Breakpoint, Condition, Place, text_of
from gradviz.recording.executions import calls_around, executions_of
from gradviz.recording.items import node_item, op_item, scope_item, tensor_item
from gradviz.recording.model import Item, NodeId, Op, Recording, Tensor, line_of
from gradviz.recording.moves import Steps
from gradviz.recording.nesting import Integers
from gradviz.recording.scopes import scopes_of
from gradviz.recording.step_facts import Flags, StepFacts, entries


class Stops:
    """Finds the hits of breakpoints in one recording."""

    def __init__(self, recording: Recording, steps: Steps, facts: StepFacts) -> None:
        self._recording = recording
        self._steps = steps
        self._facts = facts
        self._known: dict[Breakpoint, Integers] = {}

    def hits(self, point: Breakpoint) -> Integers:
        """Every playhead at which a breakpoint is hit, sorted, on or off, counted or not.

        What lasts for several steps is hit where it begins: each execution of a line or an op, each
        call of a module, a gradient that stays NaN. A line that calls backward is hit at the first
        step of that pass as well.
        """
        bare = msgspec.structs.replace(point, hits=1, enabled=True)
        found = self._known.get(bare)
        if found is None:
            found = self._known[bare] = np.flatnonzero(self._find(bare)) + 1
        return found

    def stops(self, points: tuple[Breakpoint, ...]) -> Integers:
        """Every playhead to stop at, sorted."""
        found = [self.hits(point)[point.hits - 1 :] for point in points if point.enabled]
        return np.unique(np.concatenate(found)) if found else np.empty(0, np.int64)

    def items_on(self, point: Breakpoint) -> tuple[Item, ...]:
        """The items that a breakpoint is on; none for a line, which has no card of its own."""
        match point.on:
            case Place.ANYWHERE | Place.LINE:
                return ()
            case Place.OP:
                return tuple(op_item(op.id) for op in self._ops_of(point))
            case Place.NODE:
                return tuple(map(node_item, self._nodes_of(point)))
            case Place.TENSOR:
                return tuple(tensor_item(tensor.id) for tensor in self._tensors_of(point))
            case Place.MODULE:
                scopes = scopes_of(self._recording).scopes
                return tuple(scope_item(one.id) for one in scopes if one.path == point.scope)
            case _:
                assert_never(point.on)

    def _find(self, point: Breakpoint) -> Flags:
        holds = self._at_place(point) & self._meets(point)
        if point.when is Condition.ACCUMULATES or point.on in (Place.NODE, Place.TENSOR):
            return holds
        if point.when is not Condition.ALWAYS:
            return entries(holds, self._steps.passes)
        if point.on is Place.ANYWHERE:
            return holds
        found = self._first_of_each(holds, self._executions(point))
        if point.on is Place.LINE and point.line is not None:
            found |= self._first_of_passes(point.line)
        return found

    def _first_of_passes(self, line: int) -> Flags:
        """Where each pass begins that a line called."""
        places = [pass_.location for pass_ in self._recording.passes]
        is_of_line = np.array([one is not None and one.line == line for one in places], np.bool_)
        passes, first = np.unique(self._steps.passes, return_index=True)
        found = np.zeros(self._steps.length, np.bool_)
        found[first[is_of_line[passes]]] = True
        return found

    def _first_of_each(self, holds: Flags, executions: Integers) -> Flags:
        """Where each execution of a place begins in each pass."""
        at = np.flatnonzero(holds)
        _, execution = np.unique(executions[at], return_inverse=True)
        _, first = np.unique(self._steps.passes[at] * len(at) + execution, return_index=True)
        found = np.zeros_like(holds)
        found[at[first]] = True
        return found

    def _executions(self, point: Breakpoint) -> Integers:
        """A number for each step, the same for those of one execution of a breakpoint's place."""
        steps = self._steps
        if point.on is Place.MODULE:
            calls = [self._call_of(point.scope, *path) for path in steps.scope_paths]
            return np.array(calls, np.int64)[steps.scopes]
        if point.on is Place.OP:
            return steps.ops
        numbers = np.arange(len(self._recording.ops))
        ops = [op for op in self._recording.ops if line_of(op) == point.line]
        for op, execution in executions_of(self._recording, ops).items():
            numbers[op] = execution
        of_leaf = -2 - steps.leaves
        return np.where(steps.ops >= 0, numbers[steps.ops] if len(numbers) else of_leaf, of_leaf)

    def _call_of(self, scope: str, path: str, number: int) -> int:
        """Which call of a module a step belongs to, by the innermost module that it is in."""
        calls = calls_around(self._recording, path, number)
        return next((call.number for call in calls if call.path == scope), 0)

    def _meets(self, point: Breakpoint) -> Flags:
        facts = self._facts
        match point.when:
            case Condition.ALWAYS:
                return np.ones(self._steps.length, np.bool_)
            case Condition.NOT_FINITE:
                return facts.has_nan | facts.has_inf
            case Condition.NORM_ABOVE:
                return facts.norms > point.threshold
            case Condition.NORM_BELOW:
                return facts.norms < point.threshold
            case Condition.ZEROS_ABOVE:
                return facts.zero_fractions > point.threshold
            case Condition.ACCUMULATES:
                return facts.accumulates
            case _:
                assert_never(point.when)

    def _at_place(self, point: Breakpoint) -> Flags:
        steps = self._steps
        match point.on:
            case Place.ANYWHERE:
                return np.ones(steps.length, np.bool_)
            case Place.LINE:
                return self._of_ops(
                    [op.id for op in self._recording.ops if line_of(op) == point.line]
                ) | self._of_leaves(
                    [t for t in self._recording.tensors if t.is_leaf and t.line == point.line]
                )
            case Place.OP:
                return self._of_ops([op.id for op in self._ops_of(point)])
            case Place.NODE:
                return np.isin(steps.nodes, self._nodes_of(point))
            case Place.TENSOR:
                return self._of_tensors(point)
            case Place.MODULE:
                inside = [
                    path == point.scope or path.startswith(point.scope + ".")
                    for path, _ in steps.scope_paths
                ]
                return np.array(inside, np.bool_)[steps.scopes]
            case _:
                assert_never(point.on)

    def _of_ops(self, ops: list[Any]) -> Flags:
        return np.isin(self._steps.ops, ops)

    def _of_leaves(self, leaves: list[Tensor]) -> Flags:
        return np.isin(self._steps.leaves, [leaf.id for leaf in leaves])

    def _ops_of(self, point: Breakpoint) -> list[Op]:
        """The executions of the written op that a breakpoint names."""
        alike = [
            op
            for op in self._recording.ops
            if text_of(op) == point.text and op.scope == point.scope and line_of(op) == point.line
        ]
        columns = sorted({op.location.column for op in alike if op.location is not None})
        if point.on is not Place.OP or not columns:
            return alike
        wanted = columns[point.number] if point.number < len(columns) else None
        return [op for op in alike if op.location is not None and op.location.column == wanted]

    def _nodes_of(self, point: Breakpoint) -> list[NodeId]:
        nodes = self._recording.autograd_nodes
        if not point.text:
            return [n.id for n in nodes if n.op is None and n.name == point.name]
        found = []
        for op in self._ops_of(point):
            alike = [n for n in op.autograd_nodes if nodes[n].name == point.name]
            found += alike[point.number : point.number + 1]
        return found

    def _of_tensors(self, point: Breakpoint) -> Flags:
        named = self._tensors_of(point)
        made = [tensor for tensor in named if not tensor.is_leaf]
        nodes = [tensor.autograd_node for tensor in made if tensor.autograd_node is not None]
        return self._of_leaves(named) | np.isin(self._steps.nodes, nodes)

    def _tensors_of(self, point: Breakpoint) -> list[Tensor]:
        return [
            tensor
            for tensor in self._recording.tensors
            if tensor.name == point.name
            and (tensor.is_leaf if point.line is None else tensor.line == point.line)
        ]

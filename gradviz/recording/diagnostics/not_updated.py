"""Parameters that get gradients which no optimizer uses."""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Iterator
from typing import Final

from gradviz.recording.diagnostics.evidence import Evidence, say_place
from gradviz.recording.diagnostics.finding import (
    QT_TRANSLATE_NOOP,
    Finding,
    FindingKind,
    Severity,
)
from gradviz.recording.items import tensor_item
from gradviz.recording.model import Op, OpKind, Pass, TensorId, TensorRole, line_of

NOT_UPDATED: Final = QT_TRANSLATE_NOOP(
    "Findings",
    "{tensors}: {backward} (line {backward_line}) computes gradients that no optimizer uses: "
    "{op} (line {line}) was not given these parameters. Modules in a plain list or dictionary are "
    "not in model.parameters(): put them into an nn.ModuleList or nn.ModuleDict. What is not to be "
    "trained needs no gradient: requires_grad_(False).",
)


def find_not_updated(evidence: Evidence) -> Iterator[Finding]:
    """One finding for all of them, where two steps passed them over.

    A single step tells nothing: that of another optimizer may come next.
    """
    steps = [op for op in evidence.recording.ops if op.kind is OpKind.STEP and op.outputs]
    if not steps:
        return
    changed = {
        evidence.memory_of(tensor)
        for op in evidence.recording.ops
        if op.kind in (OpKind.STEP, OpKind.IN_PLACE)
        for tensor in (*op.outputs, *(op.inputs if op.kind is OpKind.STEP else ()))
    }
    passed_over: dict[TensorId, list[tuple[Pass, Op]]] = defaultdict(list)
    for pass_, step in _used(evidence, steps):
        for leaf, grad in pass_.leaf_grads:
            identity = evidence.identities[leaf]
            is_parameter = evidence.recording.tensors[leaf].role is TensorRole.PARAMETER
            if grad is not None and is_parameter and evidence.memory_of(leaf) not in changed:
                passed_over[identity].append((pass_, step))
    found = {leaf: of_leaf for leaf, of_leaf in passed_over.items() if len(of_leaf) > 1}
    if found:
        first = next(iter(found))
        yield _finding(evidence, list(found), *found[first][0])


def _used(evidence: Evidence, steps: list[Op]) -> Iterator[tuple[Pass, Op]]:
    """The last pass before each step, where there is one since the step before."""
    passes = deque(evidence.made_by_pass)
    for step in steps:
        last = None
        while passes and passes[0].ops_before <= step.id:
            last = passes.popleft()
        if last is not None:
            yield last, step


def _finding(evidence: Evidence, leaves: list[TensorId], pass_: Pass, step: Op) -> Finding:
    return Finding(
        kind=FindingKind.NOT_UPDATED,
        severity=Severity.WARNING,
        template=NOT_UPDATED,
        parameters={
            "tensors": evidence.names(leaves),
            "backward": evidence.pass_text(pass_),
            "backward_line": say_place(pass_),
            "op": evidence.label(step),
            "line": say_place(step),
        },
        item=tensor_item(leaves[0]),
        line=line_of(step),
    )

"""Find what is wrong or suspicious in a recording, and say it in a sentence each.

A finder is a function from `Evidence` to findings, in a module of its own; it is added to
`FINDERS`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Final

import msgspec

from gradviz.recording.diagnostics.backward_not_finite import find_backward_not_finite
from gradviz.recording.diagnostics.backward_twice import find_backward_twice
from gradviz.recording.diagnostics.broadcast import find_broadcast
from gradviz.recording.diagnostics.constant_term import find_constant_term
from gradviz.recording.diagnostics.dead_relu import find_dead_relu
from gradviz.recording.diagnostics.depth import find_depth
from gradviz.recording.diagnostics.evidence import Evidence
from gradviz.recording.diagnostics.finding import Finding, FindingKind, Severity
from gradviz.recording.diagnostics.flat import find_flat
from gradviz.recording.diagnostics.forward_not_finite import find_forward_not_finite
from gradviz.recording.diagnostics.idle_step import find_idle_step
from gradviz.recording.diagnostics.in_place import find_in_place
from gradviz.recording.diagnostics.kept_graph import find_kept_graph
from gradviz.recording.diagnostics.loss_input import find_loss_input
from gradviz.recording.diagnostics.missing_grad import (
    GradExplainer,
    explain_missing_grads,
    find_missing_grad,
)
from gradviz.recording.diagnostics.moved_leaf import find_moved_leaf
from gradviz.recording.diagnostics.no_graph import find_no_graph
from gradviz.recording.diagnostics.not_cleared import find_not_cleared
from gradviz.recording.diagnostics.not_updated import find_not_updated
from gradviz.recording.diagnostics.redrawn import find_redrawn
from gradviz.recording.diagnostics.saved_memory import SavedMemory, find_saved_memory
from gradviz.recording.diagnostics.saved_memory import saved_memory as _saved_memory
from gradviz.recording.diagnostics.silent_write import find_silent_write
from gradviz.recording.diagnostics.survey import Depth, Survey, survey
from gradviz.recording.diagnostics.verified import verified_findings
from gradviz.recording.model import Item, ItemKind, NodeId, Recording, TensorId

__all__ = [
    "FINDERS",
    "Depth",
    "Finding",
    "FindingKind",
    "GradExplainer",
    "SavedMemory",
    "Severity",
    "Survey",
    "find",
    "saved_memory",
    "survey",
    "verified_findings",
    "why_no_grad",
]

FINDERS: Final[tuple[Callable[[Evidence], Iterable[Finding]], ...]] = (
    find_in_place,
    find_backward_twice,
    find_no_graph,
    find_silent_write,
    find_redrawn,
    find_forward_not_finite,
    find_backward_not_finite,
    find_missing_grad,
    find_depth,
    find_dead_relu,
    find_flat,
    find_loss_input,
    find_not_cleared,
    find_idle_step,
    find_not_updated,
    find_kept_graph,
    find_broadcast,
    find_constant_term,
    find_moved_leaf,
    find_saved_memory,
)

_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}


def find(recording: Recording) -> tuple[Finding, ...]:
    """Everything that was found, the most serious first."""
    evidence = Evidence(recording)
    found = [_with_step(evidence, one) for finder in FINDERS for one in finder(evidence)]
    return tuple(sorted(found, key=lambda finding: _RANK[finding.severity]))


def _with_step(evidence: Evidence, finding: Finding) -> Finding:
    """The finding with the step of its op or node, where backward came by there."""
    if finding.playhead is not None or finding.item is None:
        return finding
    nodes: tuple[NodeId, ...] = ()
    match finding.item:
        case Item(kind=ItemKind.OP, id=number):
            nodes = evidence.recording.ops[number].autograd_nodes
        case Item(kind=ItemKind.NODE, id=number):
            nodes = (NodeId(number),)
        case Item(kind=ItemKind.TENSOR, id=number):
            node = evidence.recording.tensors[number].autograd_node
            nodes = () if node is None else (node,)
    steps = [evidence.steps_of[node][0] for node in nodes if node in evidence.steps_of]
    if not steps:
        return finding
    playhead = min(evidence.playhead(pass_, step) for pass_, step in steps)
    return msgspec.structs.replace(finding, playhead=playhead)


def why_no_grad(recording: Recording) -> dict[TensorId, Finding]:
    """For every named tensor whose `.grad` is None at the end of the run: why."""
    return explain_missing_grads(Evidence(recording))


def saved_memory(recording: Recording) -> SavedMemory:
    """Bytes saved for backward per op and module, and the most that was held at once."""
    return _saved_memory(Evidence(recording))

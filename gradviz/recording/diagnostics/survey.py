"""The facts behind the findings, whether or not something is wrong."""

from __future__ import annotations

from typing import Final, NamedTuple

from gradviz.recording.diagnostics.depth import Layer, layers_of
from gradviz.recording.diagnostics.evidence import Evidence
from gradviz.recording.diagnostics.finding import Finding, Severity
from gradviz.recording.diagnostics.missing_grad import explain_missing_grads
from gradviz.recording.diagnostics.saved_memory import SavedMemory, saved_memory
from gradviz.recording.model import PassId, Recording

_RANK: Final = {severity: rank for rank, severity in enumerate(Severity)}


class Depth(NamedTuple):
    """The layers of one pass, from the input to the loss."""

    pass_id: PassId
    layers: tuple[Layer, ...]


class Survey(NamedTuple):
    """What a recording has to tell beside its findings.

    `missing` says for every named tensor without `.grad` why that is so, the most serious first;
    `depths` has each pass with at least two layers; `memory` what was saved for backward.
    """

    missing: tuple[Finding, ...]
    depths: tuple[Depth, ...]
    memory: SavedMemory


def survey(recording: Recording) -> Survey:
    """Look through a recording."""
    evidence = Evidence(recording)
    missing = explain_missing_grads(evidence).values()
    depths = (Depth(p.id, layers_of(evidence, p)[::-1]) for p in recording.passes)
    return Survey(
        tuple(sorted(missing, key=lambda one: (_RANK[one.severity], one.line or 0))),
        tuple(depth for depth in depths if len(depth.layers) > 1),
        saved_memory(evidence),
    )

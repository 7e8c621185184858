"""Which autograd nodes a backward pass with `create_graph=True` made: a layer of its own."""

from __future__ import annotations

from bisect import bisect_left

from gradviz.recording.model import NodeId, PassId, Recording
from gradviz.recording.per_recording import PerRecording


def _find_layers(recording: Recording) -> dict[NodeId, PassId]:
    layers: dict[NodeId, PassId] = {}
    makers = [pass_.id for pass_ in recording.passes if pass_.create_graph]
    if not makers:
        return layers
    for maker in makers:
        number = recording.passes[maker].ops_before
        # `torch.autograd.grad` is an op itself, the one after those before the pass.
        if number < len(recording.ops) and recording.ops[number].name == "grad":
            layers.update(dict.fromkeys(recording.ops[number].autograd_nodes, maker))
    for pass_ in recording.passes:
        before = bisect_left(makers, pass_.id)
        if not before:
            continue
        for step in pass_.steps:
            node = recording.autograd_nodes[step.autograd_node]
            # Made by no op, and stepped after such a pass: by the latest one before.
            if node.op is None and node.leaf is None:
                layers.setdefault(node.id, makers[before - 1])
    return layers


layers_of = PerRecording(_find_layers)
"""For each autograd node that was made during a pass that pass, nothing for all others."""

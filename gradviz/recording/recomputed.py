"""Passes through what was computed again during backward, which has no ops of its own."""

from __future__ import annotations

from typing import Final, NamedTuple

from gradviz.recording.model import NodeId, Pass, PassId, Recording
from gradviz.recording.per_recording import PerRecording


def _none_yet(_recording: Recording) -> dict[PassId, bool]:
    return {}


_recomputed: Final = PerRecording(_none_yet)


class Around(NamedTuple):
    """The step of another pass, counted from 0, during which a pass ran."""

    pass_id: PassId
    step: int
    node: NodeId


def step_around(recording: Recording, pass_: Pass) -> Around | None:
    """The step during which a pass ran, None where it ran by itself or that is not known."""
    if pass_.parent is None or pass_.parent_step is None:
        return None
    steps = recording.passes[pass_.parent].steps
    if not 0 <= pass_.parent_step < len(steps):
        return None
    node = steps[pass_.parent_step].autograd_node
    return Around(pass_.parent, pass_.parent_step, node)


def is_recomputed(recording: Recording, pass_: Pass) -> bool:
    """Whether a pass ran inside a step, through nodes that belong to no op.

    A reentrant checkpoint computes its segment again while its step runs, and calls backward on
    what it has made.
    """
    known = _recomputed(recording)
    if pass_.id not in known:
        nodes = recording.autograd_nodes
        known[pass_.id] = step_around(recording, pass_) is not None and all(
            nodes[step.autograd_node].op is None for step in pass_.steps
        )
    return known[pass_.id]


def pass_with_ops(recording: Recording, pass_: Pass) -> Pass:
    """The pass itself; of one that goes through no op, the nearest around it that does."""
    while is_recomputed(recording, pass_):
        assert pass_.parent is not None
        pass_ = recording.passes[pass_.parent]
    return pass_

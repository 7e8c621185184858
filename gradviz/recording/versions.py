"""The versions of a tensor: the records that in-place changes, such as an optimizer's, made."""

from __future__ import annotations

from gradviz.recording.model import PassId, Recording, TensorId


def versions_of(recording: Recording, tensor: TensorId) -> tuple[TensorId, ...]:
    """All records of the same tensor, from the first one to the last one."""
    first = tensor
    while (before := recording.tensors[first].previous) is not None and before < first:
        first = before
    chain = {first: None}
    for later in recording.tensors[first + 1 :]:
        if later.previous in chain:
            chain[later.id] = None
    return tuple(chain)


def version_in_pass(recording: Recording, tensor: TensorId, pass_id: PassId) -> TensorId:
    """The version of a leaf that a pass computed with; `tensor` itself where it used none other.

    Of several it is `tensor` where that is among them, else the last one.
    """
    selected = recording.tensors[tensor]
    if not selected.is_leaf:
        return tensor
    versions = {
        version
        for version in versions_of(recording, tensor)
        if recording.tensors[version].is_leaf
        and recording.tensors[version].requires_grad == selected.requires_grad
    }
    used: set[TensorId] = set()
    for step in recording.passes[pass_id].steps:
        op = recording.autograd_nodes[step.autograd_node].op
        if op is not None:
            used.update(versions.intersection(recording.ops[op].inputs))
    return tensor if tensor in used or not used else max(used)

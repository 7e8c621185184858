"""Which autograd nodes keep a tensor for backward."""

from __future__ import annotations

from gradviz.recording.model import NodeId, Recording, TensorId


def saved_by(recording: Recording, tensor: TensorId) -> tuple[NodeId, ...]:
    """The nodes that saved this very version of a tensor, in the order in which they were made.

    Only what consumed it or made it can have done so, and none of that is older than the tensor.
    """
    made_by = recording.tensors[tensor].op
    first = 0 if made_by is None else made_by
    return tuple(
        number
        for op in recording.ops[first:]
        if tensor in op.inputs or tensor in op.outputs
        for number in op.autograd_nodes
        if any(saved.tensor == tensor for saved in recording.autograd_nodes[number].saved)
    )

"""Recordings of nothing but steps, for tests of how the playhead moves through them."""

from __future__ import annotations

import msgspec
import numpy as np

from gradviz.recording.model import (
    AutogradNode,
    LeafGrad,
    Location,
    NextEdge,
    NodeId,
    Op,
    OpId,
    OpKind,
    Pass,
    PassId,
    Recording,
    Step,
    TensorId,
    Value,
    ValueId,
)
from tests.builders import make_value
from tests.gui.canvas.recordings import make_tensor

MODEL_WALK = (
    "mlp.fc2:linear",
    "bias",
    "mlp.fc2:linear",
    "mlp.act:relu",
    "mlp.fc1:linear",
    "weight",
    "embed:mul",
)


def make_walk(
    *passes: tuple[str, ...], gradients: tuple[float | list[float], ...] = ()
) -> Recording:
    """Passes of steps, each told as `scope#call:op`, or as the name of a leaf.

    Steps told alike are nodes of one op; one that is told again in another pass is the same node.
    `gradients` are what the steps receive, in the order of the playhead, and send on; 1.0 where
    there are fewer. An op stands on the line of its number + 2.
    """
    values: list[Value] = []
    ops: dict[str, Op] = {}
    nodes: dict[tuple[str, int], AutogradNode] = {}
    leaves: dict[str, TensorId] = {}
    recorded = []
    for number, told in enumerate(passes):
        steps = []
        seen: dict[str, int] = {}
        for index, what in enumerate(told):
            at = seen[what] = seen.get(what, -1) + 1
            if (what, at) not in nodes:
                nodes[what, at] = _node(NodeId(len(nodes)), what, ops, leaves)
            node = nodes[what, at]
            count = len(values)
            given = gradients[count] if count < len(gradients) else 1.0
            values.append(make_value(count, np.asarray(given, "<f4")))
            value = ValueId(count)
            steps.append(
                Step(
                    index=index,
                    autograd_node=node.id,
                    grad_outputs=(value,),
                    grad_inputs=() if node.leaf is not None else (value,),
                    leaf_grad=None if node.leaf is None else value,
                )
            )
        recorded.append(
            Pass(
                id=PassId(number),
                text="loss.backward()",
                location=Location(90 + number, 0, 90 + number, 15),
                accumulates=True,
                create_graph=False,
                roots=(NextEdge(steps[0].autograd_node, 0),) if steps else (),
                root_tensors=(None,) if steps else (),
                steps=tuple(steps),
                grads_before=tuple(LeafGrad(leaf, None) for leaf in leaves.values()),
                leaf_grads=(),
            )
        )
    owned = {op: [n.id for n in nodes.values() if n.op == op.id] for op in ops.values()}
    return Recording(
        text="\n".join(["import torch", *ops]),
        tensors=tuple(make_tensor(i, name=name) for i, name in enumerate(leaves)),
        ops=tuple(
            Op(
                id=op.id,
                name=op.name,
                kind=op.kind,
                text=op.text,
                location=op.location,
                scope=op.scope,
                call=op.call,
                autograd_nodes=tuple(owned[op]),
            )
            for op in ops.values()
        ),
        autograd_nodes=tuple(nodes.values()),
        passes=tuple(recorded),
        values=tuple(values),
    )


def _node(
    number: NodeId, what: str, ops: dict[str, Op], leaves: dict[str, TensorId]
) -> AutogradNode:
    place, colon, name = what.partition(":")
    if not colon:
        leaf = leaves.setdefault(what, TensorId(len(leaves)))
        return AutogradNode(id=number, name="AccumulateGrad", op=None, next=(), leaf=leaf)
    if what not in ops:
        scope, _, call = place.partition("#")
        line = len(ops) + 2
        ops[what] = Op(
            id=OpId(len(ops)),
            name=name,
            kind=OpKind.CALL,
            text=name,
            location=Location(line, 0, line, len(name)),
            scope=scope,
            call=int(call or 0),
        )
    node = f"{name.capitalize()}Backward0"
    return AutogradNode(id=number, name=node, op=ops[what].id, next=())


def nest(recording: Recording, *nested: tuple[int, int, int]) -> Recording:
    """The same with passes nested: each the pass, its parent and the parent's step."""
    passes = list(recording.passes)
    for number, parent, step in nested:
        passes[number] = msgspec.structs.replace(
            passes[number], parent=PassId(parent), parent_step=step
        )
    return msgspec.structs.replace(recording, passes=tuple(passes))

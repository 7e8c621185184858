"""Scenes of any size for the canvas, laid out on a grid, with one backward pass through them."""

from __future__ import annotations

import math

import numpy as np

from gradviz.gui.canvas.cards import CardMaker
from gradviz.gui.canvas.edges import Edge
from gradviz.gui.canvas.scene import Scene
from gradviz.layout.routes import joined
from gradviz.recording.model import (
    AutogradNode,
    ModuleCall,
    NextEdge,
    NodeId,
    Op,
    OpId,
    OpKind,
    Pass,
    PassId,
    Recording,
    Step,
    Tensor,
    TensorId,
    TensorRole,
    Value,
    ValueId,
)
from gradviz.recording.replay import Carrier
from gradviz.recording.view import op_item

PITCH = (130.0, 104.0)
"""Pixels from one card to the next, across and down."""


def make_scene(nodes: int) -> Scene:
    """As many rows as columns of ops, each of two above it; the shape of a square graph."""
    columns = round(math.sqrt(nodes))
    recording = make_recording(nodes, columns)
    maker = CardMaker(recording)
    cards = [maker.make(op_item(number), ()) for number in range(nodes)]
    number = np.arange(nodes)
    size = np.array([(card.width, card.height) for card in cards])
    centres = np.column_stack((number % columns, number // columns)) * PITCH
    rects = np.hstack((centres - size / 2, size))
    edges, lines = [], []
    for node in recording.autograd_nodes:
        for slot, following in enumerate(node.next):
            assert following is not None
            source, target = int(following.node), int(node.id)
            carriers = (Carrier(node.id, slot, incoming=False),)
            edges.append(Edge(source, target, TensorId(source), carriers))
            (x0, y0), (x1, y1) = centres[source], centres[target]
            top, bottom = y0 + size[source, 1] / 2, y1 - size[target, 1] / 2
            lines.append(np.array(((x0, top), (x0, top + 14), (x1, bottom - 14), (x1, bottom))))
    return Scene(recording, cards, rects, edges, joined(lines))


def make_recording(nodes: int, columns: int, *, row_is_module: bool = False) -> Recording:
    """Rows of ops, each of two above it, and a pass through them; a module for each row or none."""
    value = Value(
        id=ValueId(0),
        shape=(),
        dtype="float32",
        storage="float32",
        kept_shape=(),
        data=np.float32(0.5).tobytes(),
        statistics=None,
    )
    whole = ValueId(0)
    autograd_nodes: list[AutogradNode] = []
    ops: list[Op] = []
    tensors: list[Tensor] = []
    steps: list[Step] = []
    for number in range(nodes):
        above = [] if number < columns else [number - columns, number - columns + 1]
        autograd_nodes.append(
            AutogradNode(
                id=NodeId(number),
                name="MulBackward0",
                op=OpId(number),
                next=tuple(NextEdge(NodeId(source), 0) for source in above),
            )
        )
        ops.append(
            Op(
                id=OpId(number),
                name=("mul", "add", "relu", "linear")[number % 4],
                kind=OpKind.CALL,
                text="",
                location=None,
                scope=f"row{number // columns}" if row_is_module else "",
                module_type="Row" if row_is_module else "",
                inputs=tuple(TensorId(source) for source in above),
                outputs=(TensorId(number),),
                autograd_nodes=(NodeId(number),),
            )
        )
        tensors.append(
            Tensor(
                id=TensorId(number),
                name=None,
                line=1,
                shape=(),
                dtype="float32",
                device="cpu",
                requires_grad=True,
                is_leaf=False,
                role=TensorRole.INTERMEDIATE,
                nbytes=4,
                op=OpId(number),
                autograd_node=NodeId(number),
                value=whole,
            )
        )
    for node in reversed(autograd_nodes):
        steps.append(
            Step(
                index=len(steps),
                autograd_node=node.id,
                grad_outputs=(whole,),
                grad_inputs=tuple(whole for _ in node.next),
            )
        )
    backward = Pass(
        id=PassId(0),
        text="loss.backward()",
        location=None,
        accumulates=True,
        create_graph=False,
        roots=(NextEdge(NodeId(nodes - 1), 0),),
        root_tensors=(TensorId(nodes - 1),),
        steps=tuple(steps),
        grads_before=(),
        leaf_grads=(),
    )
    rows = range(-(-nodes // columns)) if row_is_module else ()
    return Recording(
        text="benchmark",
        module_calls=tuple(ModuleCall(path=f"row{i}", type="Row", call=0) for i in rows),
        tensors=tuple(tensors),
        ops=tuple(ops),
        autograd_nodes=tuple(autograd_nodes),
        passes=(backward,),
        values=(value,),
    )

"""Builders of recordings for tests that need neither torch nor a worker."""

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
    Statistics,
    Step,
    Tensor,
    TensorId,
    TensorRole,
    Value,
    ValueId,
)

CHAIN_RULE_TEXT = """\
import torch

x = torch.tensor(1., requires_grad=True)
y = torch.tensor(2., requires_grad=True)
z = torch.tensor(3., requires_grad=True)
p = x + y
g = p * z
g.backward()
"""


def make_value(value_id: int, array: float | list[float] | np.ndarray) -> Value:
    """A whole float32 value."""
    elements = np.asarray(array, dtype="<f4")
    finite = elements[np.isfinite(elements)].astype(np.float64)
    statistics = Statistics(
        min=float(finite.min()) if finite.size else None,
        max=float(finite.max()) if finite.size else None,
        mean=float(finite.mean()) if finite.size else None,
        std=float(finite.std()) if finite.size else None,
        norm=float(np.sqrt((finite**2).sum())) if finite.size else None,
        zeros=int((elements == 0).sum()),
        nan=int(np.isnan(elements).sum()),
        inf=int(np.isinf(elements).sum()),
    )
    return Value(
        id=ValueId(value_id),
        shape=elements.shape,
        dtype="float32",
        storage="<f4",
        kept_shape=elements.shape,
        data=elements.tobytes(),
        statistics=statistics,
    )


def make_chain_rule_recording() -> Recording:
    """`p = x + y; g = p * z; g.backward()` at 1, 2, 3, written by hand from the mathematics."""
    values: list[Value] = []

    def value(number: float) -> ValueId:
        values.append(make_value(len(values), number))
        return ValueId(len(values) - 1)

    def scalar(
        number: int, name: str, at: float, node: int, *, line: int, **more: object
    ) -> Tensor:
        defaults: dict[str, object] = {"role": TensorRole.LEAF, "is_leaf": True}
        return Tensor(
            id=TensorId(number),
            name=name,
            line=line,
            shape=(),
            dtype="float32",
            device="cpu",
            requires_grad=True,
            nbytes=4,
            autograd_node=NodeId(node),
            value=value(at),
            **(defaults | more),  # type: ignore[arg-type]
        )

    one, three = value(1.0), value(3.0)
    made = {"is_leaf": False}
    tensors = (
        scalar(0, "x", 1.0, 2, line=3, grad=three),
        scalar(1, "y", 2.0, 3, line=4, grad=three),
        scalar(2, "z", 3.0, 4, line=5, grad=three),
        scalar(3, "p", 3.0, 1, line=6, role=TensorRole.INTERMEDIATE, op=OpId(0), **made),
        scalar(4, "g", 9.0, 0, line=7, role=TensorRole.ROOT, op=OpId(1), **made),
    )
    ops = (
        Op(
            id=OpId(0),
            name="add",
            kind=OpKind.CALL,
            text="x + y",
            location=Location(6, 4, 6, 9),
            inputs=(TensorId(0), TensorId(1)),
            outputs=(TensorId(3),),
            autograd_nodes=(NodeId(1),),
        ),
        Op(
            id=OpId(1),
            name="mul",
            kind=OpKind.CALL,
            text="p * z",
            location=Location(7, 4, 7, 9),
            inputs=(TensorId(3), TensorId(2)),
            outputs=(TensorId(4),),
            autograd_nodes=(NodeId(0),),
        ),
    )
    nodes = (
        _node(0, "MulBackward0", op=1, to=(1, 4)),
        _node(1, "AddBackward0", op=0, to=(2, 3)),
        _node(2, "AccumulateGrad", leaf=0),
        _node(3, "AccumulateGrad", leaf=1),
        _node(4, "AccumulateGrad", leaf=2),
    )
    steps = (
        _step(0, 0, (one,), (three, three)),
        _step(1, 4, (three,), (), leaf_grad=three),
        _step(2, 1, (three,), (three, three)),
        _step(3, 2, (three,), (), leaf_grad=three),
        _step(4, 3, (three,), (), leaf_grad=three),
    )
    leaves = (TensorId(0), TensorId(1), TensorId(2))
    backward = Pass(
        id=PassId(0),
        text="g.backward()",
        location=Location(8, 0, 8, 12),
        accumulates=True,
        create_graph=False,
        roots=(NextEdge(NodeId(0), 0),),
        root_tensors=(TensorId(4),),
        steps=steps,
        grads_before=tuple(LeafGrad(leaf, None) for leaf in leaves),
        leaf_grads=tuple(LeafGrad(leaf, three) for leaf in leaves),
    )
    return Recording(
        text=CHAIN_RULE_TEXT,
        tensors=tensors,
        ops=ops,
        autograd_nodes=nodes,
        passes=(backward,),
        values=tuple(values),
    )


def _node(
    number: int,
    name: str,
    *,
    op: int | None = None,
    to: tuple[int, ...] = (),
    leaf: int | None = None,
) -> AutogradNode:
    return AutogradNode(
        id=NodeId(number),
        name=name,
        op=None if op is None else OpId(op),
        next=tuple(NextEdge(NodeId(target), 0) for target in to),
        leaf=None if leaf is None else TensorId(leaf),
    )


def _step(
    index: int,
    node: int,
    came_in: tuple[ValueId, ...],
    went_out: tuple[ValueId, ...],
    *,
    leaf_grad: ValueId | None = None,
) -> Step:
    return Step(
        index=index,
        autograd_node=NodeId(node),
        grad_outputs=came_in,
        grad_inputs=went_out,
        leaf_grad=leaf_grad,
    )


def make_transfer_recording(source: str, target: str) -> Recording:
    """A scalar that was copied from one device to another in two nanoseconds."""
    first = make_chain_rule_recording().tensors[0]
    tensors = tuple(
        msgspec.structs.replace(first, id=TensorId(number), device=device, value=None)
        for number, device in enumerate((source, target))
    )
    op = Op(
        id=OpId(0),
        name="to",
        kind=OpKind.TRANSFER,
        text=f"x.to('{target}')",
        location=None,
        scope="",
        inputs=(TensorId(0),),
        outputs=(TensorId(1),),
        seconds=2e-9,
    )
    return Recording(tensors=tensors, ops=(op,))

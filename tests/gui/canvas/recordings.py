"""Recordings for the canvas: many nodes, and data as odd as a person's code can make it."""

from __future__ import annotations

import math
from typing import Any

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
    Tensor,
    TensorId,
    TensorRole,
    Value,
    ValueId,
)
from tests.builders import make_value


def make_tensor(number: int, **fields: object) -> Tensor:
    """A scalar leaf on the CPU, but for what is said otherwise."""
    defaults: dict[str, object] = {
        "name": f"t{number}",
        "line": 1,
        "shape": (),
        "dtype": "float32",
        "device": "cpu",
        "requires_grad": True,
        "is_leaf": True,
        "role": TensorRole.LEAF,
        "nbytes": 4,
    }
    return Tensor(id=TensorId(number), **(defaults | fields))  # type: ignore[arg-type]


def make_ladder_recording(*, layers: int, width: int = 4, shape: tuple[int, ...] = ()) -> Recording:
    """`layers` rows of `width` ops, each of two neighbours above; one pass through all of it."""
    tensors: list[Tensor] = []
    ops: list[Op] = []
    nodes: list[AutogradNode] = []
    steps: list[Step] = []
    values = [make_value(0, np.full(shape, 0.5, "<f4"))]
    whole = ValueId(0)
    for column in range(width):
        nodes.append(
            AutogradNode(
                id=NodeId(column),
                name="AccumulateGrad",
                op=None,
                next=(),
                leaf=TensorId(column),
            )
        )
        tensors.append(
            make_tensor(
                column, name=f"w{column}", shape=shape, autograd_node=NodeId(column), value=whole
            )
        )
    for layer in range(layers):
        for column in range(width):
            above = [layer * width + column, layer * width + (column + 1) % width]
            number = len(tensors)
            op = len(ops)
            is_last = layer == layers - 1 and column == width - 1
            nodes.append(
                AutogradNode(
                    id=NodeId(number),
                    name="MulBackward0",
                    op=OpId(op),
                    next=tuple(NextEdge(NodeId(source), 0) for source in above),
                )
            )
            ops.append(
                Op(
                    id=OpId(op),
                    name="mul",
                    kind=OpKind.CALL,
                    text=f"h{above[0]} * h{above[1]}",
                    location=Location(layer + 2, 0, layer + 2, 5),
                    inputs=tuple(TensorId(source) for source in above),
                    outputs=(TensorId(number),),
                    autograd_nodes=(NodeId(number),),
                )
            )
            tensors.append(
                make_tensor(
                    number,
                    name=f"h{number}",
                    shape=shape,
                    is_leaf=False,
                    role=TensorRole.ROOT if is_last else TensorRole.INTERMEDIATE,
                    op=OpId(op),
                    autograd_node=NodeId(number),
                    value=whole,
                )
            )
    for node in reversed(nodes):
        steps.append(
            Step(
                index=len(steps),
                autograd_node=node.id,
                grad_outputs=(whole,),
                grad_inputs=tuple(whole for _ in node.next),
                leaf_grad=whole if node.leaf is not None else None,
            )
        )
    leaves = tuple(TensorId(column) for column in range(width))
    backward = Pass(
        id=PassId(0),
        text="loss.backward()",
        location=None,
        accumulates=True,
        create_graph=False,
        roots=(NextEdge(NodeId(len(nodes) - 1), 0),),
        root_tensors=(TensorId(len(tensors) - 1),),
        steps=tuple(steps),
        grads_before=tuple(LeafGrad(leaf, None) for leaf in leaves),
        leaf_grads=tuple(LeafGrad(leaf, whole) for leaf in leaves),
    )
    return Recording(
        text="ladder",
        tensors=tuple(tensors),
        ops=tuple(ops),
        autograd_nodes=tuple(nodes),
        passes=(backward,),
        values=tuple(values),
    )


def make_hub_recording(*, leaves: int) -> Recording:
    """Many scalar leaves that one op takes in, without a backward pass."""
    tensors = [make_tensor(number, name=f"x{number}", line=1) for number in range(leaves)]
    total = make_tensor(
        leaves, name="total", is_leaf=False, op=OpId(0), role=TensorRole.INTERMEDIATE
    )
    op = Op(
        id=OpId(0),
        name="stack",
        kind=OpKind.CALL,
        text="torch.stack(xs)",
        location=Location(line=2, column=0, end_line=2, end_column=4),
        inputs=tuple(tensor.id for tensor in tensors),
        outputs=(total.id,),
    )
    return Recording(tensors=(*tensors, total), ops=(op,))


def make_odd_recording() -> Recording:
    """NaN, infinity, nothing kept, no elements, and names of every alphabet and length."""
    values: list[Value] = []

    def value(array: float | list[float] | np.ndarray) -> ValueId:
        values.append(make_value(len(values), array))
        return ValueId(len(values) - 1)

    names = [
        "x" * 5000,
        "ñandú_größe",
        "变量_αβγ",
        "two\nlines\tand\x00control\x9c",
        "",
        "🙂",
        "<b>&amp;",
    ]
    tensors = [
        make_tensor(number, name=name, role=role, requires_grad=role is not TensorRole.CONSTANT)
        for number, (name, role) in enumerate(
            zip(names, [*TensorRole, TensorRole.LEAF, TensorRole.LEAF], strict=True)
        )
    ]
    more: tuple[dict[str, Any], ...] = (
        {"value": value(math.nan)},
        {"value": value([math.inf, -math.inf]), "shape": (2,)},
        {"value": value(np.zeros((0, 3))), "shape": (0, 3)},
        {"shape": tuple(range(1, 40)), "dtype": "complex128", "device": "cuda:7"},
        {"name": None, "op": OpId(1), "is_leaf": False, "role": TensorRole.ROOT},
        {"value": value(-1e-30)},
    )
    tensors += [make_tensor(len(names) + offset, **fields) for offset, fields in enumerate(more)]
    ops = [
        Op(
            id=OpId(number),
            name=name,
            kind=kind,
            text="f(" + "a + " * 300 + ")",
            location=None,
            scope="very.deep." * 30,
            inputs=(TensorId(0), TensorId(0), TensorId(5)),
            outputs=(TensorId(len(names) + 4),) if number == 1 else (),
        )
        for number, (name, kind) in enumerate(
            [
                ("__iadd__", OpKind.IN_PLACE),
                ("to", OpKind.TRANSFER),
                ("item", OpKind.EXIT),
                ("Adam.step", OpKind.STEP),
                ("x" * 300, OpKind.CALL),
                ("", OpKind.CALL),
            ]
        )
    ]
    return Recording(text="odd", tensors=tuple(tensors), ops=tuple(ops), values=tuple(values))

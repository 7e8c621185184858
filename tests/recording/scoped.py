"""Recordings of modules within modules, without torch."""

from __future__ import annotations

from gradviz.recording.model import (
    AutogradNode,
    Location,
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
)


class Program:
    """Writes a recording op by op, as the tracer would.

    Attributes:
        last: the newest result.
    """

    def __init__(self) -> None:
        self.tensors: list[Tensor] = []
        self.ops: list[Op] = []
        self.nodes: list[AutogradNode] = []
        self.calls: list[ModuleCall] = []
        self._open: list[int] = []
        self._counts: dict[str, int] = {}
        self._accumulators: dict[TensorId, NodeId] = {}
        self._weights: dict[str, TensorId] = {}
        self.last = self.tensor("x", role=TensorRole.CONSTANT)

    def tensor(
        self, name: str | None, *, role: TensorRole, op: OpId | None = None, node: int | None = None
    ) -> TensorId:
        number = TensorId(len(self.tensors))
        is_leaf = role in (TensorRole.PARAMETER, TensorRole.CONSTANT, TensorRole.LEAF)
        self.tensors.append(
            Tensor(
                id=number, name=name, line=None, shape=(2, 3), dtype="float32", device="cpu",
                requires_grad=role is not TensorRole.CONSTANT, is_leaf=is_leaf, role=role,
                nbytes=24, op=op, autograd_node=None if node is None else NodeId(node),
            )
        )  # fmt: skip
        return number

    def weight(self, name: str) -> TensorId:
        """A parameter; the same one for the same name."""
        if name not in self._weights:
            number = self._weights[name] = self.tensor(name, role=TensorRole.PARAMETER)
            node = NodeId(len(self.nodes))
            self.nodes.append(
                AutogradNode(id=node, name="AccumulateGrad", op=None, next=(), leaf=number)
            )
            self._accumulators[number] = node
        return self._weights[name]

    def enter(self, path: str, type_name: str) -> None:
        """A module's call begins."""
        call = self._counts.get(path, 0)
        self._counts[path] = call + 1
        parent = self._open[-1] if self._open else None
        self._open.append(len(self.calls))
        self.calls.append(ModuleCall(path, type_name, call, parent))

    def leave(self) -> None:
        """The innermost module's call ends."""
        self._open.pop()

    def op(
        self,
        name: str,
        *inputs: TensorId,
        makes: str | None = None,
        role: TensorRole = TensorRole.INTERMEDIATE,
        line: int = 1,
    ) -> TensorId:
        """An op on some tensors, on the last result where none are named."""
        inputs = inputs or (self.last,)
        number, node = OpId(len(self.ops)), NodeId(len(self.nodes))
        following = tuple(self._edge(tensor) for tensor in inputs)
        self.nodes.append(AutogradNode(id=node, name=f"{name}Backward", op=number, next=following))
        call = self.calls[self._open[-1]] if self._open else ModuleCall("", "", 0)
        self.last = self.tensor(makes, role=role, op=number, node=node)
        self.ops.append(
            Op(
                id=number, name=name, kind=OpKind.CALL, text=f"{name}(…)",
                location=Location(line, 0, line, 4), scope=call.path, module_type=call.type,
                call=call.call, inputs=inputs, outputs=(self.last,), autograd_nodes=(node,),
            )
        )  # fmt: skip
        return self.last

    def _edge(self, number: TensorId) -> NextEdge | None:
        tensor = self.tensors[number]
        if not tensor.requires_grad:
            return None
        node = tensor.autograd_node
        return NextEdge(self._accumulators[number] if node is None else node, 0)

    def finish(self, *, tells_calls: bool = True) -> Recording:
        """The recording, with one pass from the last result backwards."""
        steps = tuple(
            Step(index=i, autograd_node=node.id, grad_outputs=(None,), grad_inputs=())
            for i, node in enumerate(reversed(self.nodes))
        )
        root = self.tensors[self.last].autograd_node
        assert root is not None
        whole = Pass(
            id=PassId(0), text="loss.backward()", location=None, accumulates=True,
            create_graph=False, roots=(NextEdge(root, 0),), root_tensors=(self.last,), steps=steps,
            grads_before=(), leaf_grads=(),
        )  # fmt: skip
        return Recording(
            text="loss.backward()\n",
            tensors=tuple(self.tensors),
            ops=tuple(self.ops),
            autograd_nodes=tuple(self.nodes),
            passes=(whole,),
            module_calls=tuple(self.calls) if tells_calls else (),
        )


def run_blocks(program: Program, blocks: int) -> None:
    """A model of equal blocks with a skip connection each."""
    program.enter("model", "Model")
    for number in range(blocks):
        path = f"model.blocks.{number}"
        program.enter(path, "Block")
        skip = program.last
        program.enter(f"{path}.fc", "Linear")
        program.op("linear", program.last, program.weight(f"{path}.fc.weight"))
        program.leave()
        program.op("relu")
        program.op("add", program.last, skip)
        program.leave()
    program.leave()


def make_block_recording(blocks: int = 12, *, tells_calls: bool = True) -> Recording:
    """`loss = model(x).sum()` for a model of equal blocks."""
    program = Program()
    run_blocks(program, blocks)
    program.op("sum", makes="loss", role=TensorRole.ROOT)
    return program.finish(tells_calls=tells_calls)

"""Record a backward graph that exists already: its autograd nodes, their leaves, no ops."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import torch

from gradviz.errors import GradvizError
from gradviz.recording.model import (
    AutogradNode,
    NextEdge,
    NodeId,
    Recording,
    Tensor,
    TensorId,
    TensorRole,
    ValueId,
)
from gradviz.tracer.private.modes import quiet
from gradviz.tracer.readings import nbytes_of
from gradviz.tracer.values import ValueStore, dtype_name, shape_of


def record_existing(roots: Sequence[torch.Tensor], names: Mapping[str, object]) -> Recording:
    """The graph behind `roots`; `names` tells what its leaves are called.

    Raises GradvizError where a root has no graph.
    """
    for root in roots:
        if root.grad_fn is None:
            raise GradvizError(
                "This tensor has no backward graph: it is a leaf, it needs no gradient, or it was "
                "computed under no_grad."
            )
    with quiet(), torch.no_grad():
        return _Walk(names).record(roots)


class _Walk:
    """Goes through the graph, each node once, without recursion."""

    def __init__(self, names: Mapping[str, object]) -> None:
        self._names = _names_of_tensors(names)
        self._values = ValueStore()
        self._tensors: list[Tensor] = []
        self._nodes: list[AutogradNode] = []
        self._numbers: dict[Any, NodeId] = {}  # the nodes themselves, so that they stay alive

    def record(self, roots: Sequence[torch.Tensor]) -> Recording:
        """The recording of everything behind `roots`."""
        waiting = [root.grad_fn for root in roots]
        for node in waiting:
            self._number(node)
        while waiting:
            node = waiting.pop()
            for after, _ in node.next_functions:  # type: ignore[union-attr]
                if after is not None and after not in self._numbers:
                    self._number(after)
                    waiting.append(after)
        for root in roots:
            self._add_tensor(root, TensorRole.ROOT, self._numbers[root.grad_fn])
        for node, number in self._numbers.items():
            self._add_node(node, number)
        values, _ = self._values.finish()
        return Recording(
            tensors=tuple(self._tensors), autograd_nodes=tuple(self._nodes), values=values
        )

    def _number(self, node: Any) -> None:
        self._numbers.setdefault(node, NodeId(len(self._numbers)))

    def _add_node(self, node: Any, number: NodeId) -> None:
        leaf = None
        name = node.name().rpartition("::")[2]
        if name == "AccumulateGrad":
            variable = node.variable
            is_parameter = isinstance(variable, torch.nn.Parameter)
            role = TensorRole.PARAMETER if is_parameter else TensorRole.LEAF
            leaf = self._add_tensor(variable, role, number)
        edges = tuple(
            None if after is None else NextEdge(self._numbers[after], slot)
            for after, slot in node.next_functions
        )
        self._nodes.append(AutogradNode(id=number, name=name, op=None, next=edges, leaf=leaf))

    def _add_tensor(self, tensor: torch.Tensor, role: TensorRole, node: NodeId) -> TensorId:
        number = TensorId(len(self._tensors))
        grad = tensor.grad if tensor.is_leaf or tensor.retains_grad else None
        self._tensors.append(
            Tensor(
                id=number,
                name=self._names.get(id(tensor)),
                line=None,
                shape=shape_of(tensor),
                dtype=dtype_name(tensor.dtype),
                device=str(tensor.device),
                requires_grad=True,
                is_leaf=tensor.is_leaf,
                role=role,
                nbytes=nbytes_of(tensor),
                autograd_node=node,
                output_nr=tensor.output_nr,
                value=self._keep(tensor),
                grad=self._keep(grad),
            )
        )
        return number

    def _keep(self, tensor: torch.Tensor | None) -> ValueId | None:
        return None if tensor is None else self._values.keep(tensor)


def _names_of_tensors(names: Mapping[str, object]) -> dict[int, str]:
    found: dict[int, str] = {}
    for name, bound in names.items():
        if isinstance(bound, torch.nn.Module):
            for path, parameter in bound.named_parameters(prefix=name):
                found.setdefault(id(parameter), path)
        elif isinstance(bound, torch.Tensor) and not name.startswith("_"):
            found[id(bound)] = name
    return found

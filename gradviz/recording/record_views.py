"""Read-only views of the records of a recording: tensors, ops, autograd nodes, passes and steps.

A view wraps a record (`.record`). Where the record has identities the view has other views, and
where it has values the view has numpy arrays.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import numpy as np

from gradviz.recording.format import format_shape
from gradviz.recording.model import (
    AutogradNode,
    NodeId,
    Op,
    OpId,
    Pass,
    Recording,
    Statistics,
    Step,
    Tensor,
    TensorId,
    Value,
    ValueId,
)
from gradviz.recording.statistics import statistics_of
from gradviz.recording.values import to_array

if TYPE_CHECKING:
    from gradviz.recording.queries import RecordingView

Array = np.ndarray[Any, Any]

_View = TypeVar("_View", bound="_RecordView[Any]")
_Record = TypeVar("_Record")
_Call = TypeVar("_Call", bound="Op | Pass")


class Views(Sequence[_View]):
    """Records as views, made when they are asked for."""

    def __init__(
        self,
        recording: RecordingView,
        records: Sequence[Any],
        make: Callable[[RecordingView, Any], _View],
    ) -> None:
        self._recording = recording
        self._records = records
        self._make = make

    @overload
    def __getitem__(self, index: int) -> _View: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[_View]: ...
    def __getitem__(self, index: int | slice) -> _View | Sequence[_View]:
        if isinstance(index, slice):
            return Views(self._recording, self._records[index], self._make)
        return self._make(self._recording, self._records[index])

    def __len__(self) -> int:
        return len(self._records)

    def __repr__(self) -> str:
        shown = [repr(view) for view in self[:20]]
        more = [f"… {len(self) - 20} more"] if len(self) > 20 else []
        return "[" + ",\n ".join(shown + more) + "]"


class _RecordView(Generic[_Record]):
    """One record, with its recording at hand; two views of one record are equal."""

    __slots__ = ("_recording", "record")

    def __init__(self, recording: RecordingView, record: _Record) -> None:
        self._recording = recording
        self.record = record

    def __eq__(self, other: object) -> bool:
        return (
            isinstance(other, type(self))
            and other.record is self.record
            and other._recording.data is self._recording.data
        )

    def __hash__(self) -> int:
        return hash((type(self), id(self.record)))

    def _tensor(self, number: TensorId | None) -> TensorView | None:
        if number is None:
            return None
        return TensorView(self._recording, self._recording.data.tensors[number])

    def _op(self, number: OpId | None) -> OpView | None:
        return None if number is None else OpView(self._recording, self._recording.data.ops[number])

    def _node(self, number: NodeId | None) -> NodeView | None:
        if number is None:
            return None
        return NodeView(self._recording, self._recording.data.autograd_nodes[number])

    def _arrays(self, values: tuple[ValueId | None, ...]) -> tuple[Array | None, ...]:
        return tuple(self._recording.array(value) for value in values)

    def _value(self, value_id: ValueId | None) -> Value | None:
        return self._recording.data.value(value_id)


class TensorView(_RecordView[Tensor]):
    """A tensor at one version. `value` and `grad` are numpy arrays, `grad` that of the end."""

    __slots__ = ()

    @property
    def name(self) -> str | None:
        """What the person calls it."""
        return self.record.name

    @property
    def shape(self) -> tuple[int, ...]:
        """Its sizes."""
        return self.record.shape

    @property
    def dtype(self) -> str:
        """Torch's name of its type: `float32`."""
        return self.record.dtype

    @property
    def device(self) -> str:
        """Where it lives."""
        return self.record.device

    @property
    def requires_grad(self) -> bool:
        """Whether gradients flow to it."""
        return self.record.requires_grad

    @property
    def is_leaf(self) -> bool:
        """Whether no recorded op made it."""
        return self.record.is_leaf

    @property
    def line(self) -> int | None:
        """Where it was made or first seen."""
        return self.record.line

    @property
    def value(self) -> Array | None:
        """All its elements."""
        return self._recording.array(self.record.value)

    @property
    def grad(self) -> Array | None:
        """`.grad` at the end of the recording."""
        return self._recording.array(self.record.grad)

    @property
    def corner(self) -> Array | None:
        """The leading elements, as far as the recording holds them."""
        value = self._value(self.record.value)
        return None if value is None or value.data is None else to_array(value)

    @property
    def statistics(self) -> Statistics | None:
        """Of all its elements, also where only a corner was kept."""
        value = self._value(self.record.value)
        return None if value is None else statistics_of(value)

    @property
    def op(self) -> OpView | None:
        """The op that made it."""
        return self._op(self.record.op)

    @property
    def consumers(self) -> tuple[OpView, ...]:
        """The ops that took it, at this version."""
        number = self.record.id
        ops = self._recording.data.ops
        return tuple(OpView(self._recording, op) for op in ops if number in op.inputs)

    @property
    def autograd_node(self) -> NodeView | None:
        """Its `grad_fn`, or what accumulates the gradient of a leaf."""
        return self._node(self.record.autograd_node)

    def __repr__(self) -> str:
        shape = format_shape(self.shape) if self.shape else "scalar"
        return f"<tensor {self.name or self.record.id}: {self.dtype} {shape} on {self.device}>"


class _CallView(_RecordView[_Call]):
    """A call in the source: what ops and passes have in common."""

    __slots__ = ()

    @property
    def text(self) -> str:
        """The piece of source that made the call."""
        return self.record.text

    @property
    def line(self) -> int | None:
        """The line of that piece, in `file`."""
        return None if self.record.location is None else self.record.location.line

    @property
    def file(self) -> str:
        """The file that it is in, empty where that is not known."""
        location = self.record.location
        return "" if location is None else location.file or self._recording.data.filename

    @property
    def seconds(self) -> float:
        """How long it took."""
        return self.record.seconds


class OpView(_CallView[Op]):
    """One call of a torch function, as it was written."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Torch's name for it."""
        return self.record.name

    @property
    def scope(self) -> str:
        """The path of the module that made the call, empty outside modules."""
        return self.record.scope

    @property
    def inputs(self) -> tuple[TensorView, ...]:
        """The tensors that it took."""
        tensors = self._recording.data.tensors
        return tuple(TensorView(self._recording, tensors[i]) for i in self.record.inputs)

    @property
    def outputs(self) -> tuple[TensorView, ...]:
        """The tensors that it made."""
        tensors = self._recording.data.tensors
        return tuple(TensorView(self._recording, tensors[i]) for i in self.record.outputs)

    @property
    def autograd_nodes(self) -> tuple[NodeView, ...]:
        """The nodes that it added to the backward graph."""
        nodes = self._recording.data.autograd_nodes
        return tuple(NodeView(self._recording, nodes[i]) for i in self.record.autograd_nodes)

    def __repr__(self) -> str:
        return f"<op {self.name}: {self.text}>" if self.text else f"<op {self.name}>"


class NodeView(_RecordView[AutogradNode]):
    """One node of PyTorch's backward graph."""

    __slots__ = ()

    @property
    def name(self) -> str:
        """Torch's name for it: `MulBackward0`."""
        return self.record.name

    @property
    def op(self) -> OpView | None:
        """The op that made it."""
        return self._op(self.record.op)

    @property
    def leaf(self) -> TensorView | None:
        """The leaf whose gradient it accumulates."""
        return self._tensor(self.record.leaf)

    @property
    def next(self) -> tuple[NodeView | None, ...]:
        """Where it sends its outgoing gradients, one node for each."""
        return tuple(self._node(None if edge is None else edge.node) for edge in self.record.next)

    def __repr__(self) -> str:
        return f"<autograd node {self.name}>"


class PassView(_CallView[Pass]):
    """One backward call."""

    __slots__ = ()

    @property
    def roots(self) -> tuple[TensorView | None, ...]:
        """The tensors that it started from."""
        return tuple(self._tensor(root) for root in self.record.root_tensors)

    @property
    def steps(self) -> Sequence[StepView]:
        """Every node's execution, in the engine's own order."""
        return Views(self._recording, self.record.steps, StepView)

    @property
    def leaf_grads(self) -> dict[str, Array | None]:
        """What the pass left in `.grad`, by the leaves' names (`#3` for one without)."""
        tensors = self._recording.data.tensors
        return {
            tensors[leaf].name or f"#{leaf}": self._recording.array(grad)
            for leaf, grad in self.record.leaf_grads
        }

    @property
    def grad_norms(self) -> dict[str, float | None]:
        """The norm of what the pass left in `.grad`, by the leaves' names as in `leaf_grads`."""
        data = self._recording.data
        return {
            data.tensors[leaf].name or f"#{leaf}": norm_of(data, grad)
            for leaf, grad in self.record.leaf_grads
        }

    def __repr__(self) -> str:
        return f"<pass {self.text or self.record.id}: {len(self.record.steps)} steps>"


class StepView(_RecordView[Step]):
    """One node's execution within a pass; gradients in PyTorch's meaning."""

    __slots__ = ()

    @property
    def index(self) -> int:
        """Its place in the pass, from 0."""
        return self.record.index

    @property
    def autograd_node(self) -> NodeView:
        """The node that was executed."""
        nodes = self._recording.data.autograd_nodes
        return NodeView(self._recording, nodes[self.record.autograd_node])

    @property
    def grad_outputs(self) -> tuple[Array | None, ...]:
        """What came in from the output side."""
        return self._arrays(self.record.grad_outputs)

    @property
    def grad_inputs(self) -> tuple[Array | None, ...]:
        """What was sent on."""
        return self._arrays(self.record.grad_inputs)

    @property
    def leaf_grad(self) -> Array | None:
        """Where it accumulated: the leaf's `.grad` right after."""
        return self._recording.array(self.record.leaf_grad)

    @property
    def seconds(self) -> float:
        """How long it took, 0.0 where that was not measured."""
        return self.record.seconds

    def __repr__(self) -> str:
        return f"<step {self.index}: {self.autograd_node.name}>"


def norm_of(recording: Recording, value_id: ValueId | None) -> float | None:
    """The norm of a value, None for None."""
    value = recording.value(value_id)
    found = None if value is None else statistics_of(value)
    return None if found is None else found.norm

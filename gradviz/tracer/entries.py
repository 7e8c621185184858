"""What a run enters of each thing that it meets; after the run plain data is made of it."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Any, Final, NamedTuple

import msgspec
import torch

from gradviz.recording.model import (
    LeafGrad,
    NextEdge,
    NodeId,
    OpId,
    OpKind,
    PassId,
    TensorId,
    ValueId,
)
from gradviz.tracer.private.tensors import version
from gradviz.tracer.readings import pointer_of, version_of
from gradviz.tracer.source import Site
from gradviz.tracer.values import ORDINARY

_STRIDED: Final = torch.strided


class TensorEntry(msgspec.Struct, gc=False):
    """One tensor at one version; becomes a `recording.model.Tensor`."""

    name: str | None = None
    grad_of: TensorId | None = None
    line: int | None = None
    device: torch.device | None = None
    requires_grad: bool = False
    is_leaf: bool = True
    is_parameter: bool = False
    nbytes: int = 0
    version: int = 0
    previous: TensorId | None = None
    base: TensorId | None = None
    op: OpId | None = None
    slot: int = 0
    node: NodeId | None = None
    output_nr: int = 0
    value: ValueId | None = None
    grad: ValueId | None = None
    pointer: int = 0
    retains_grad: bool = False
    read_no_grad: int | None = None


class Identity(msgspec.Struct, gc=False):
    """One tensor object of the person's, over all its versions."""

    reference: Callable[[], Any]
    first: TensorId
    latest: TensorId
    version: int
    pointer: int
    module_name: str | None = None
    accumulator: NodeId | None = None
    grad_reference: weakref.ref[torch.Tensor] | None = None
    grad_version: int = 0
    grad_writes: int = 0
    grad_value: ValueId | None = None

    @classmethod
    def of(cls, tensor: torch.Tensor, number: TensorId) -> Identity:
        """The identity of a tensor that is met as `number`."""
        if type(tensor) in ORDINARY and tensor.layout is _STRIDED:
            try:
                return cls(weakref.ref(tensor), number, number, version(tensor), tensor.data_ptr())
            except RuntimeError:  # made in inference mode, or a transform's stand-in
                pass
        return cls(weakref.ref(tensor), number, number, version_of(tensor), pointer_of(tensor))


class NodeEntry(msgspec.Struct, gc=False):
    """One autograd node; becomes a `recording.model.AutogradNode`.

    Attributes:
        next: where it sends its gradients, each edge as `mark_of` writes it.
        saved: of each saved tensor the node's name for it, address, version, bytes.
    """

    name: str
    op: OpId | None
    next: tuple[int | None, ...] = ()
    leaf: TensorId | None = None
    saved: tuple[tuple[str, int, int, int], ...] = ()


SLOT_BITS: Final = 32
SLOT_MASK: Final = (1 << SLOT_BITS) - 1


def mark_of(node: NodeId, slot: int) -> int:
    """An edge as one number, which is made and found sooner than a record."""
    return node << SLOT_BITS | slot


def edge_of(mark: int) -> NextEdge:
    """The edge that `mark_of` wrote."""
    return NextEdge(mark >> SLOT_BITS, mark & SLOT_MASK)  # type: ignore[arg-type]  # felt, as are all


class CallEntry(NamedTuple):
    """One call of a module and the call during which it was made; the outside is its own empty one.

    Becomes a `recording.model.ModuleCall`.
    """

    path: str = ""
    type: str = ""
    call: int = 0
    parent: CallEntry | None = None


OUTSIDE: Final = CallEntry()


class OpEntry(msgspec.Struct, gc=False):
    """One call; becomes a `recording.model.Op`.

    Attributes:
        text: what is written there, empty where the site tells.
    """

    name: str
    kind: OpKind
    text: str
    site: Site
    scope: CallEntry = OUTSIDE
    inputs: tuple[TensorId, ...] = ()
    outputs: list[TensorId] = []
    nodes: tuple[NodeId, ...] = ()
    grad_enabled: bool = True
    seconds: float = 0.0


class StepEntry(msgspec.Struct, gc=False):
    """One node's execution; becomes a `recording.model.Step`.

    Attributes:
        grad_inputs: what it sent on; None says: exactly what then arrived where it was sent,
            but in the slots of `summed`.
        summed: slots, and what was sent there to be summed with something else.
        entered, started: when it was noticed, and when the noticing was done.
    """

    node: NodeId
    grad_outputs: tuple[ValueId | None, ...]
    grad_inputs: tuple[ValueId | None, ...] | None = ()
    leaf_grad: ValueId | None = None
    started: float = 0.0
    seconds: float = 0.0
    entered: float = 0.0
    summed: tuple[tuple[int, ValueId | None], ...] = ()


class PassEntry:
    """One backward call; becomes a `recording.model.Pass`.

    Attributes:
        text: what to call it where the site does not tell.
        raw_steps: the steps; of most of a plain pass node, value and times only are noted.
        ended: when the engine was done.
    """

    def __init__(self, number: PassId, text: str, site: Site) -> None:
        self.number = number
        self.text = text
        self.site = site
        self.accumulates = True
        self.create_graph = False
        self.roots: list[NextEdge] = []
        self.root_tensors: list[TensorId | None] = []
        self.raw_steps: list[Any] = []
        self.grads_before: list[LeafGrad] = []
        self.leaf_grads: list[LeafGrad] = []
        self.parent: PassId | None = None
        self.parent_step: int | None = None
        self.seconds = 0.0
        self.ops_before = 0
        self.retain_graph = False
        self.raised = ""
        self.redrawn: list[int] = []
        self.ended = 0.0
        self.is_plain = False

    @property
    def steps(self) -> list[StepEntry]:
        """The steps so far."""
        steps = self.raw_steps
        if self.is_plain or (steps and type(steps[-1]) is tuple):
            self.is_plain = False
            self._write_out()
        return steps

    def _write_out(self) -> None:
        steps = self.raw_steps
        for index, step in enumerate(steps):
            if type(step) is tuple:
                node, value, entered, started = step
                steps[index] = StepEntry(
                    node, (value,), None, None, started=started, entered=entered
                )
        ended = self.ended or (steps[-1].started if steps else 0.0)
        for step in reversed(steps):
            if not step.seconds:
                step.seconds = ended - step.started
            ended = step.entered
        if self.raised and steps and steps[-1].grad_inputs is None and not steps[-1].summed:
            steps[-1].grad_inputs = ()
            steps[-1].seconds = 0.0


PREVIOUS_AT: Final = 8
NAMED_AT: Final = 9
"""Where the version before and the name of a tensor stand in what `lean` notes of it."""


def name_in(raw: Any) -> str | None:
    """The name in a tensor's entry, or in what `lean` noted instead of one."""
    name: str | None = raw[NAMED_AT] if type(raw) is tuple else raw.name
    return name


def write_out(raw: tuple[Any, ...], op: OpId, tensors: list[Any]) -> OpEntry:
    """The entry of a call as `lean` notes it; those of what it made or changed go to `tensors`.

    Those that are there already stay: Ctrl+C may have come before that of the call.
    """
    (
        number, name, text, site, scope, inputs, nodes, grad_enabled, previous,
        _, line, device, requires_grad, nbytes, base, node, output_nr, value, pointer,
        seconds, changed,
    ) = raw  # fmt: skip
    kind = OpKind.CALL if previous is None else OpKind.IN_PLACE
    outputs = [number]
    if type(tensors[number]) is tuple:
        made = TensorEntry(
            name=tensors[number][NAMED_AT],
            line=line,
            device=device,
            requires_grad=requires_grad,
            is_leaf=node is None,
            nbytes=nbytes,
            base=base,
            op=op,
            node=node,
            output_nr=output_nr,
            value=value,
            pointer=pointer,
        )
        if previous is not None:
            _follow(made, previous, tensors)
        tensors[number] = made
    for one in changed:
        number, line, slot, device, requires_grad, nbytes, value, pointer, previous, _ = one
        outputs.append(number)
        if type(tensors[number]) is tuple:
            made = TensorEntry(
                name=tensors[number][NAMED_AT],
                line=line,
                device=device,
                requires_grad=requires_grad,
                nbytes=nbytes,
                op=op,
                slot=slot,
                value=value,
                pointer=pointer,
            )
            _follow(made, previous, tensors)
            tensors[number] = made
    return OpEntry(name, kind, text, site, scope, inputs, outputs, nodes, grad_enabled, seconds)


def _follow(entry: TensorEntry, previous: TensorId, tensors: list[Any]) -> None:
    before = tensors[previous]
    entry.previous = previous
    entry.version = before.version + 1
    entry.grad_of = before.grad_of

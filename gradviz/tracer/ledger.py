"""What has been seen so far: tensors with their versions, autograd nodes, ops and passes."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
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
from gradviz.tracer.private import LEAF_KIND, SAVED, base, node_number, saved_names, version
from gradviz.tracer.source import Site
from gradviz.tracer.values import ORDINARY, ValueStore, is_readable

_RUNS: Final = itertools.count()
_KEY: Final = "gradviz."
_STRIDED: Final = torch.strided
_TENSOR: Final = torch.Tensor
_PARAMETER: Final = torch.nn.Parameter
_CUSTOM: Final = torch.autograd.function.BackwardCFunction
Kind = tuple[str, tuple[str, ...], dict[int, tuple[str, ...]] | None]
"""A kind of node: name, saving attributes, and which of these are used with which edges."""

KINDS: Final[dict[type, Kind]] = {}
"""Torch's own kinds of nodes that were met; they last as long as torch."""
_SAVING_FOR_ANOTHER: Final = frozenset(
    {
        "MulBackward0", "DivBackward0", "MmBackward0", "BmmBackward0", "AddmmBackward0",
        "MvBackward0", "DotBackward0",
    }
)  # fmt: skip
"""Kinds that save each tensor for the gradient of others, and only where one of these needs it:
their edges tell which attributes are empty, and looking into each takes its time."""
_NAMELESS: Final = "CppFunction"
"""Kind of all those nodes that torch gave no kind of their own."""


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


def mark_of(node: NodeId, slot: int) -> int:
    """An edge as one number, which is made and found sooner than a record."""
    return node << SLOT_BITS | slot


def edge_of(mark: int) -> NextEdge:
    """The edge that `mark_of` wrote."""
    return NextEdge(NodeId(mark >> SLOT_BITS), mark & ((1 << SLOT_BITS) - 1))


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
        grad_inputs: what it sent on; None says: exactly what then arrived where it was sent.
        entered, started: when it was noticed, and when the noticing was done.
    """

    node: NodeId
    grad_outputs: tuple[ValueId | None, ...]
    grad_inputs: tuple[ValueId | None, ...] | None = ()
    leaf_grad: ValueId | None = None
    started: float = 0.0
    seconds: float = 0.0
    entered: float = 0.0


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
        self.ended = 0.0
        self.is_plain = False

    @property
    def steps(self) -> list[StepEntry]:
        """The steps so far."""
        if self.is_plain:
            self.is_plain = False
            self._write_out()
        return self.raw_steps

    def _write_out(self) -> None:
        steps = self.raw_steps
        for index, step in enumerate(steps):
            if type(step) is tuple:
                node, value, entered, started = step
                steps[index] = StepEntry(
                    node, (value,), None, None, started=started, entered=entered
                )
        ended = self.ended
        for step in reversed(steps):
            if not step.seconds:
                step.seconds = ended - step.started
            ended = step.entered
        if self.raised and steps and steps[-1].grad_inputs is None:
            steps[-1].grad_inputs = ()
            steps[-1].seconds = 0.0


class Ledger:
    """The growing record of one run.

    Attributes:
        values: the contents of tensors and gradients.
        nodes, passes: the entries; each one's index is its identity.
        raw_tensors, raw_ops: the entries, among them those that were noted in a hurry: see `lean`.
        by_object: what is known of a tensor object, by its address: an entry counts only while its
            reference is alive and the very object.
        key: under which a node's own dictionary says its number.
        line: line of the statement that is being executed, for tensors found without an op.
    """

    def __init__(self, values: ValueStore) -> None:
        self.values = values
        self.raw_tensors: list[Any] = []
        self.nodes: list[NodeEntry] = []
        self.raw_ops: list[Any] = []
        self._whole_ops = 0
        self.passes: list[PassEntry] = []
        self.line: int | None = None
        self.problems: list[str] = []
        self.key = f"{_KEY}{next(_RUNS)}"
        self.by_object: dict[int, Identity] = {}
        self._leaves: dict[TensorId, Identity] = {}
        self._writers: dict[int, OpId] = {}
        self._grads: dict[int, tuple[weakref.ref[torch.Tensor], TensorId]] = {}
        self._parameter_sources: dict[int, TensorId] = {}

    @property
    def tensors(self) -> list[TensorEntry]:
        """The entries of tensors, by their numbers."""
        if self._whole_ops < len(self.raw_ops):
            self._write_out()
        return self.raw_tensors

    @property
    def ops(self) -> list[OpEntry]:
        """The entries of ops, by their numbers."""
        if self._whole_ops < len(self.raw_ops):
            self._write_out()
        return self.raw_ops

    def _write_out(self) -> None:
        """Make entries of the calls that were noted in a hurry."""
        ops, tensors = self.raw_ops, self.raw_tensors
        for number in range(self._whole_ops, len(ops)):
            raw = ops[number]
            if type(raw) is tuple:
                ops[number], tensors[raw[0]] = written_out(raw, OpId(number))
        self._whole_ops = len(ops)

    # Tensors

    def identity(self, tensor: torch.Tensor) -> Identity | None:
        """What is known of this very tensor object, None if it was not met before."""
        known = self.by_object.get(id(tensor))
        if known is not None and known.reference() is tensor:
            return known
        return None

    def is_current(self, known: Identity, tensor: torch.Tensor) -> bool:
        """Whether nothing has changed the tensor since its latest record was made."""
        return known.version == version_of(tensor) and known.pointer == pointer_of(tensor)

    @contextmanager
    def swapping(self, *tensors: torch.Tensor) -> Iterator[None]:
        """Within this block nothing refers to these tensors, which are about to be exchanged."""
        found = [(self.identity(tensor), tensor) for tensor in tensors]
        known = [(identity, tensor) for identity, tensor in found if identity is not None]
        for identity, tensor in known:
            identity.reference = _nobody
            self._grads.pop(id(tensor), None)
        try:
            yield
        finally:
            for identity, tensor in known:
                identity.reference = weakref.ref(tensor)

    def identities(self) -> list[Identity]:
        """All tensor objects met that are alive or were a pass's leaves, by their first records.

        Of others that are gone only those are there whose address no other object took.
        """
        found = {id(one): one for one in (*self.by_object.values(), *self._leaves.values())}
        return sorted(found.values(), key=lambda one: one.first)

    def meet(self, tensor: torch.Tensor) -> TensorId:
        """The record of a tensor's present version, made now where there is none."""
        known = self.identity(tensor)
        if known is None:
            return self._meet_stranger(tensor)
        if self.is_current(known, tensor):
            return known.latest
        base = base_of(tensor)
        writer = self._writers.get(id(tensor if base is None else base))
        number = self._renew(known, tensor, reads_node=False)
        if writer is not None:
            entry = self.tensors[number]
            entry.op = writer
            entry.slot = len(self.ops[writer].outputs)
            self.ops[writer].outputs.append(number)
        return number

    def _meet_stranger(self, tensor: torch.Tensor) -> TensorId:
        known = self._meet_usual(tensor)
        if known is not None:
            return known.latest
        adopted = self._adopt_as_parameter(tensor)
        if adopted is not None:
            return adopted
        entry = self._enter(tensor, reads_node=False)
        entry.line = self.line
        number = TensorId(len(self.raw_tensors) - 1)
        owner = self._grads.get(id(tensor))
        if owner is not None and owner[0]() is tensor:
            entry.grad_of = owner[1]
        return number

    def _meet_usual(self, tensor: torch.Tensor) -> Identity | None:
        """Enter a leaf as most are, None where this one is not: the short way through `_enter`."""
        is_parameter = type(tensor) is _PARAMETER
        if not (is_parameter or type(tensor) is _TENSOR) or self._grads or tensor.is_nested:
            return None
        try:
            pointer, counted, source = tensor.data_ptr(), version(tensor), base(tensor)
        except RuntimeError:  # made in inference mode, or lies nowhere
            return None
        requires_grad = tensor.requires_grad
        if not pointer or source is not None or (requires_grad and tensor.grad_fn is not None):
            return None
        if is_parameter and pointer in self._parameter_sources:
            return None
        number = TensorId(len(self.raw_tensors))
        entry = TensorEntry(
            line=self.line,
            device=tensor.device,
            requires_grad=requires_grad,
            is_parameter=is_parameter,
            nbytes=tensor.nbytes,
            value=self.values.note(tensor, counted),
            pointer=pointer,
        )
        self.raw_tensors.append(entry)
        known = Identity(weakref.ref(tensor), number, number, counted, pointer)
        self.by_object[id(tensor)] = known
        return known

    def _adopt_as_parameter(self, tensor: torch.Tensor) -> TensorId | None:
        """`Parameter(torch.randn(3))` takes over the record of the tensor that it was made of."""
        if not _is_parameter(tensor) or not is_readable(tensor):
            return None
        number = self._parameter_sources.pop(pointer_of(tensor), None)
        if number is None:
            return None
        entry = self.tensors[number]
        if entry.name is not None or not self.values.holds(entry.value, tensor):
            return None
        entry.is_parameter = True
        entry.requires_grad = tensor.requires_grad
        self.by_object[id(tensor)] = Identity.of(tensor, number)
        return number

    def remember_source(self, tensor: torch.Tensor, number: TensorId) -> None:
        """Note a freshly made tensor, should a Parameter be made of it."""
        if tensor.is_floating_point() and not tensor.requires_grad:
            self._parameter_sources[pointer_of(tensor)] = number

    def add_output(self, tensor: torch.Tensor, op: OpId, slot: int) -> TensorId:
        """Enter a tensor that `op` has just made."""
        number = TensorId(len(self.raw_tensors))
        entry = self._enter(tensor, reads_node=True)
        entry.op = op
        entry.slot = slot
        entry.line = self.line
        return number

    def add_version(self, tensor: torch.Tensor, op: OpId, slot: int) -> TensorId:
        """Enter the new version of a tensor that `op` has just changed."""
        known = self.identity(tensor)
        if known is None:
            return self.add_output(tensor, op, slot)
        number = self._renew(known, tensor, reads_node=True)
        entry = self.raw_tensors[number]
        entry.op = op
        entry.slot = slot
        base = base_of(tensor)
        self._writers[id(tensor if base is None else base)] = op
        return number

    def _enter(self, tensor: torch.Tensor, *, reads_node: bool) -> TensorEntry:
        entry = TensorEntry()
        number = TensorId(len(self.raw_tensors))
        self.raw_tensors.append(entry)
        known = self.by_object[id(tensor)] = Identity.of(tensor, number)
        entry.pointer = known.pointer
        self._describe(entry, tensor, reads_node=reads_node)
        return entry

    def _renew(self, known: Identity, tensor: torch.Tensor, *, reads_node: bool) -> TensorId:
        before = self.tensors[known.latest]
        entry = TensorEntry()
        number = TensorId(len(self.raw_tensors))
        self.raw_tensors.append(entry)
        entry.previous = known.latest
        entry.version = before.version + 1
        entry.name = before.name
        entry.grad_of = before.grad_of
        entry.line = self.line
        known.latest = number
        known.version = version_of(tensor)
        known.pointer = entry.pointer = pointer_of(tensor)
        self._describe(entry, tensor, reads_node=reads_node)
        return number

    def _describe(self, entry: TensorEntry, tensor: torch.Tensor, *, reads_node: bool) -> None:
        entry.device = tensor.device
        entry.requires_grad = tensor.requires_grad
        entry.nbytes = nbytes_of(tensor)
        base = base_of(tensor)
        if base is not None:
            known = self.identity(base)
            entry.base = known.latest if known is not None else None
        entry.is_parameter = _is_parameter(tensor)
        entry.value = self.values.keep(tensor)
        if not entry.requires_grad:
            return
        # Reading `grad_fn` or `is_leaf` of a view whose base was changed makes autograd nodes and
        # so the order in which gradients are summed; only right after the op is it free. A view
        # of what needs no gradient has nothing to be made anew: it is a leaf of its own.
        if reads_node or base is None or not base.requires_grad:
            self.read_node(entry, tensor)
        else:
            entry.is_leaf = False

    def read_node(self, entry: TensorEntry, tensor: torch.Tensor) -> None:
        """Read the gradient edge of a tensor that the op before has just made or used."""
        node = tensor.grad_fn
        entry.is_leaf = node is None
        if node is not None:
            entry.node = self.node_id(node)
            entry.output_nr = tensor.output_nr

    def needs_node(self, number: TensorId) -> bool:
        """Whether the tensor's gradient edge has still to be read."""
        entry = self.raw_tensors[number]
        if type(entry) is tuple:
            return False
        return entry.requires_grad and not entry.is_leaf and entry.node is None

    def name_in_module(self, identity: Identity, path: str) -> None:
        """A parameter or buffer is called by its place in a module, in all its versions."""
        identity.module_name = path
        number: TensorId | None = identity.latest
        while number is not None:
            entry = self.raw_tensors[number]
            if type(entry) is tuple:
                entry = self.tensors[number]
            entry.name = path
            number = entry.previous

    def take_over(self, old: torch.Tensor, new: torch.Tensor) -> None:
        """`new` stands for `old` from now on: the same leaf on another device."""
        known = self.identity(old)
        if known is None or old is new:
            return
        entry = self.tensors[known.latest]
        entry.device = new.device
        entry.requires_grad = new.requires_grad
        successor = Identity.of(new, known.latest)
        successor.first = known.first
        successor.module_name = known.module_name
        successor.accumulator = known.accumulator
        if known.accumulator is not None:
            self._leaves[known.first] = successor
        self.by_object[id(new)] = successor

    def revalue(self, tensor: torch.Tensor) -> None:
        """A known tensor was given another value, behind the back of the code that made it."""
        known = self.identity(tensor)
        if known is not None:
            self.tensors[known.latest].value = self.values.keep(tensor)
            known.version = version_of(tensor)

    def note_grad(self, leaf: torch.Tensor, grad: torch.Tensor) -> None:
        """The person has got hold of `leaf.grad`."""
        self._grads[id(grad)] = (weakref.ref(grad), self.meet(leaf))

    def note_no_grad(self, tensor: torch.Tensor, line: int) -> None:
        """The person has read `tensor.grad` in this line and got None."""
        known = self.identity(tensor)
        if known is not None:
            self.tensors[known.latest].read_no_grad = line

    def refresh(self, tensor: torch.Tensor) -> None:
        """`requires_grad` of a known tensor may have been set."""
        known = self.identity(tensor)
        if known is not None:
            entry = self.tensors[known.latest]
            entry.requires_grad = tensor.requires_grad
            base = base_of(tensor)
            is_free = base is None or not base.requires_grad
            if entry.requires_grad and entry.node is None and is_free:
                entry.is_leaf = tensor.grad_fn is None

    def leaf_grad(
        self, known: Identity, leaf: torch.Tensor, arrived: ValueId | None = None
    ) -> ValueId | None:
        """The value of `leaf.grad`, kept once as long as it does not change.

        It may be the very gradient that has just arrived, which was kept then.
        """
        grad = leaf.grad
        if grad is None:
            return None
        changes = version_of(grad)
        seen = known.grad_reference() if known.grad_reference is not None else None
        if seen is not grad or known.grad_version != changes or changes < 0:
            known.grad_reference = weakref.ref(grad)
            known.grad_version = changes
            if arrived is not None and self.values.refers_to(arrived, grad):
                known.grad_value = arrived
            else:
                known.grad_value = self.values.keep(grad)
        return known.grad_value

    # Autograd nodes

    def add_nodes(self, roots: Iterable[Any], op: OpId, first: int, last: int) -> list[NodeId]:
        """Enter the nodes that `op` has made: those numbered from `first` to before `last`."""
        key, entries = self.key, self.nodes
        is_one = last - first == 1
        stack = [root for root in roots if root is not None]
        made: list[tuple[NodeEntry, Any, _Following, Kind]] = []
        numbers: list[NodeId] = []
        while stack:
            node = stack.pop()
            if not first <= node_number(node) < last:
                continue
            metadata = node.metadata
            if key in metadata:
                continue
            if metadata:
                _forget_earlier(metadata)
            number = metadata[key] = NodeId(len(entries))
            kind = KINDS.get(type(node)) or self.kind_of(node)
            entry = NodeEntry(kind[0], op)
            entries.append(entry)
            numbers.append(number)
            following = node.next_functions
            made.append((entry, node, following, kind))
            if not is_one:
                for after, _ in reversed(following):
                    if after is not None:
                        stack.append(after)
        for entry, node, following, kind in made:
            mask = self.link(entry, following)
            if kind[1]:
                entry.saved = saved_by(node, kind, mask)
        return numbers

    def disown_nodes(self) -> None:
        """An op that was about to be entered will not be: its nodes have none."""
        missing = len(self.raw_ops)
        for node in reversed(self.nodes):
            if node.op is not None:
                if node.op < missing:
                    return
                node.op = None

    def node_id(self, node: Any) -> NodeId:
        """The identity of a node; where it is new, it and all that it leads to are entered."""
        known: NodeId | None = node.metadata.get(self.key)
        if known is None:
            known = self._leaf_id(node) if type(node) is LEAF_KIND else self._add_node(node)
        return known

    def link(self, entry: NodeEntry, following: _Following) -> int:
        """Fill in where a node sends its gradients; returns which of its edges lead anywhere."""
        key = self.key
        edges: list[int | None] = []
        mask = 1
        for after, slot in following:
            mask <<= 1
            if after is None:
                edges.append(None)
                continue
            mask |= 1
            known = after.metadata.get(key)
            if known is None:
                known = self.node_id(after)
            edges.append(known << SLOT_BITS | slot)
        entry.next = tuple(edges)
        return mask

    def _add_node(self, node: Any) -> NodeId:
        """Enter a node that no op has made, and all that it leads to; deep graphs are no matter."""
        key = self.key
        first = self._new_node(node)
        waiting = [(first, node.next_functions)]
        while waiting:
            number, following = waiting.pop()
            for after, _ in following:
                if after is None or key in after.metadata:
                    continue
                if type(after) is LEAF_KIND:
                    self._leaf_id(after)
                else:
                    waiting.append((self._new_node(after), after.next_functions))
            self.link(self.nodes[number], following)
        return first

    def _new_node(self, node: Any) -> NodeId:
        number = NodeId(len(self.nodes))
        self.nodes.append(NodeEntry(self.kind_of(node)[0], None))
        metadata = node.metadata
        if metadata:
            _forget_earlier(metadata)
        metadata[self.key] = number
        return number

    def _leaf_id(self, node: Any) -> NodeId:
        """The identity of the node that adds to a leaf's `.grad`.

        Torch makes it anew when all its consumers have died: the variable lasts.
        """
        leaf = node.variable
        known = self.identity(leaf)
        if known is None:
            self.meet(leaf)
            known = self.identity(leaf)
        number = None if known is None else known.accumulator
        if number is None:
            number = self._new_node(node)
        else:
            node.metadata[self.key] = number
        if known is not None and known.accumulator is None:
            if not self.is_current(known, leaf):
                self.meet(leaf)
            known.accumulator = number
            self._leaves[known.first] = known
            self.nodes[number].leaf = known.first
            # A view made without grad of what needs it: only its node tells.
            self.tensors[known.latest].is_leaf = True
        return number

    def kind_of(self, node: Any) -> Kind:
        """The node's name, and the attributes in which it saves tensors."""
        kind = type(node)
        known = KINDS.get(kind)
        if known is None:
            name = node.name()
            name = name.rpartition("::")[2] if "::" in name else name
            known = (name, saved_names(kind), {} if name in _SAVING_FOR_ANOTHER else None)
            if kind.__name__ != _NAMELESS and not issubclass(kind, _CUSTOM):
                KINDS[kind] = known
        return known


_Following = tuple[tuple[Any, int], ...]
"""Where a node sends its gradients, as the node itself has it."""


def _forget_earlier(metadata: dict[Any, Any]) -> None:
    """A graph that outlives its recordings carries the number of the last only."""
    for earlier in [one for one in metadata if str(one).startswith(_KEY)]:
        del metadata[earlier]


def written_out(raw: tuple[Any, ...], op: OpId) -> tuple[OpEntry, TensorEntry]:
    """The entries of a call as `lean` notes it, and of its result."""
    (
        number, name, text, site, scope, inputs, nodes, grad_enabled, seconds,
        target, line, device, requires_grad, nbytes, base, node, output_nr, value, pointer,
    ) = raw  # fmt: skip
    call = OpEntry(
        name, OpKind.CALL, text, site, scope, inputs, [number], nodes, grad_enabled, seconds
    )
    made = TensorEntry(
        name=target,
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
    return call, made


def saved_by(node: Any, kind: Kind, mask: int) -> tuple[tuple[str, int, int, int], ...]:
    """What a node keeps for backward: of each tensor its name, address, version and bytes.

    `mask` says which of its edges lead anywhere, as `Ledger.link` tells it.
    """
    _, names, told_by_edges = kind
    if told_by_edges is None:
        return _read_saved(node, names)
    known = told_by_edges.get(mask)
    if known is not None:
        return _read_saved(node, known)
    saved = _read_saved(node, names)
    told_by_edges[mask] = tuple([one[0] for one in saved])
    return saved


def _read_saved(node: Any, names: tuple[str, ...]) -> tuple[tuple[str, int, int, int], ...]:
    found: list[tuple[str, int, int, int]] = []
    for name in names:
        try:
            saved = getattr(node, name)
        except RuntimeError:  # freed, or changed in place since
            continue
        if type(saved) is SAVED:
            data = saved.data
            if isinstance(data, torch.Tensor):  # hooks of the person's may have packed it
                found.append(_of_saved(name, data))
        elif saved is not None:
            for one in saved if type(saved) is tuple or type(saved) is list else (saved,):
                data = getattr(one, "data", None)
                if isinstance(data, torch.Tensor):
                    found.append(_of_saved(name, data))
    return tuple(found)


def _of_saved(name: str, data: torch.Tensor) -> tuple[str, int, int, int]:
    if type(data) is torch.Tensor:
        try:
            pointer = data.data_ptr()
            if pointer and not data.is_nested:
                return name, pointer, version(data), data.nbytes
        except RuntimeError:  # made in inference mode, or lies nowhere
            pass
    return name, pointer_of(data), version_of(data), nbytes_of(data)


def _is_parameter(tensor: torch.Tensor) -> bool:
    """As `isinstance` tells, which asks some Python code of torch's even of an ordinary tensor."""
    return type(tensor) is not _TENSOR and isinstance(tensor, _PARAMETER)


def _nobody() -> None:
    """A reference to what is not there."""


def version_of(tensor: torch.Tensor) -> int:
    """How often the tensor was changed in place; -1 for inference tensors, which do not count."""
    try:
        return version(tensor)
    except RuntimeError:
        return -1


def pointer_of(tensor: torch.Tensor) -> int:
    """Where the tensor's elements lie, 0 for layouts without one place."""
    if tensor.layout is not _STRIDED:
        return 0
    if type(tensor) not in ORDINARY and not is_readable(tensor):
        return 0
    try:
        return tensor.data_ptr()
    except RuntimeError:  # a transform's stand-in for a tensor
        return 0


def nbytes_of(tensor: torch.Tensor) -> int:
    """The size of the tensor's elements."""
    if tensor.layout is _STRIDED and not tensor.is_nested:
        return tensor.nbytes
    try:
        return tensor.values().nbytes
    except RuntimeError:
        return 0


def base_of(tensor: torch.Tensor) -> torch.Tensor | None:
    """The tensor that this one is a view of."""
    try:
        return base(tensor)
    except RuntimeError:  # inference tensors do not know
        return None

"""What has been seen so far: tensors with their versions, autograd nodes, ops and passes."""

from __future__ import annotations

import itertools
import weakref
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any, Final

import torch

from gradviz.recording.model import OpId, TensorId, ValueId
from gradviz.tracer.aliases import Aliases, Write
from gradviz.tracer.entries import (
    NAMED_AT,
    PREVIOUS_AT,
    Identity,
    NodeEntry,
    OpEntry,
    PassEntry,
    TensorEntry,
    write_out,
)
from gradviz.tracer.nodes import KEY, node_id
from gradviz.tracer.private.tensors import base, version
from gradviz.tracer.readings import base_of, nbytes_of, pointer_of, version_of
from gradviz.tracer.values import ValueStore, is_readable

_RUNS: Final = itertools.count()
_TENSOR: Final = torch.Tensor
_PARAMETER: Final = torch.nn.Parameter
_Writer = tuple[Callable[[], Any], int, OpId]
"""A tensor that an op has changed, its version after that, and the op."""


class Ledger:
    """The growing record of one run.

    Attributes:
        values: the contents of tensors and gradients.
        aliases: who writes to memory without counting that as a change of all that lies in it.
        nodes, passes: the entries; each one's index is its identity.
        raw_tensors, raw_ops: the entries, among them those that were noted in a hurry: see `lean`.
        by_object: what is known of a tensor object, by its address: an entry counts only while its
            reference is alive and the very object.
        key: under which a node's own dictionary says its number.
        leaves: the leaves of passes, by their first records.
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
        self.key = f"{KEY}{next(_RUNS)}"
        self.by_object: dict[int, Identity] = {}
        self.leaves: dict[TensorId, Identity] = {}
        self._writers: dict[int, _Writer] = {}
        self.aliases = Aliases(values)
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
                ops[number] = write_out(raw, OpId(number), tensors)
        self._whole_ops = len(ops)

    def write_out_rest(self) -> None:
        """Make entries of tensors whose op was not noted any more: Ctrl+C."""
        self._write_out()
        tensors = self.raw_tensors
        for raw in tensors:
            if type(raw) is tuple:
                for number in write_out(raw, OpId(len(self.raw_ops)), tensors).outputs:
                    tensors[number].op = None

    # Tensors

    def identity(self, tensor: torch.Tensor) -> Identity | None:
        """What is known of this very tensor object, None if it was not met before."""
        known = self.by_object.get(id(tensor))
        if known is not None and known.reference() is tensor:
            return known
        return None

    def is_current(self, known: Identity, tensor: torch.Tensor) -> bool:
        """Whether nothing has changed the tensor since its latest record was made."""
        is_same = known.version == version_of(tensor) and known.pointer == pointer_of(tensor)
        return is_same and self._written_behind(known, tensor) is None

    def is_outdated(self, known: Identity, tensor: torch.Tensor) -> bool:
        """Whether its memory was written to without this having counted as a change of it."""
        return self._written_behind(known, tensor) is not None

    def _written_behind(self, known: Identity, tensor: torch.Tensor) -> Write | None:
        aliases = self.aliases
        if not (aliases.shared or aliases.exposed) or not known.pointer:
            return None
        return aliases.written(tensor, known.latest, self.tensors[known.latest].value)

    @contextmanager
    def swapping(self, *tensors: torch.Tensor) -> Iterator[None]:
        """Within this block nothing refers to these tensors, which are about to be exchanged."""
        found = [(self.identity(tensor), tensor) for tensor in tensors]
        known = [(identity, tensor) for identity, tensor in found if identity is not None]
        for tensor in tensors:
            self._writers.pop(id(tensor), None)
            self._grads.pop(id(tensor), None)
        for identity, _ in known:
            identity.reference = _dead_reference
        try:
            yield
        finally:
            for identity, tensor in known:
                identity.reference = weakref.ref(tensor)

    def identities(self) -> list[Identity]:
        """All tensor objects met that are alive or were a pass's leaves, by their first records.

        Of others that are gone only those are there whose address no other object took.
        """
        found = {id(one): one for one in (*self.by_object.values(), *self.leaves.values())}
        return sorted(found.values(), key=lambda one: one.first)

    def meet(self, tensor: torch.Tensor) -> TensorId:
        """The record of a tensor's present version, made now where there is none."""
        known = self.identity(tensor)
        if known is None:
            return self._meet_new(tensor)
        if self.is_current(known, tensor):
            return known.latest
        writer = self._writer(known, tensor)
        number = self._renew(known, tensor, reads_node=False)
        if writer is not None:
            entry = self.tensors[number]
            entry.op = writer
            entry.slot = len(self.ops[writer].outputs)
            self.ops[writer].outputs.append(number)
        return number

    def _meet_new(self, tensor: torch.Tensor) -> TensorId:
        known = self.meet_usual(tensor)
        if known is not None:
            return known.latest
        adopted = self._adopt_as_parameter(tensor)
        if adopted is not None:
            return adopted
        # Reading its node may enter leaves that are behind it, which come after it.
        number = TensorId(len(self.raw_tensors))
        entry = self._enter(tensor, reads_node=False)
        entry.line = self.line
        owner = self._grads.get(id(tensor))
        if owner is not None and owner[0]() is tensor:
            entry.grad_of = owner[1]
        return number

    def meet_usual(self, tensor: torch.Tensor) -> Identity | None:
        """Enter a leaf as most are, None where this one is not: the short way through `meet`.

        It must not have been met before.
        """
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

    def add_version(
        self, tensor: torch.Tensor, op: OpId, slot: int, *, reads_node: bool = True
    ) -> TensorId:
        """Enter the new version of a tensor that `op` has just changed."""
        known = self.identity(tensor)
        if known is None:
            return self.add_output(tensor, op, slot)
        number = self._renew(known, tensor, reads_node=reads_node)
        entry = self.raw_tensors[number]
        entry.op = op
        entry.slot = slot
        self._note_writer(tensor, op)
        self.aliases.write(tensor, number, op)
        return number

    def add_usual_version(
        self, tensor: torch.Tensor, number: TensorId, op: OpId, counted: int, pointer: int
    ) -> None:
        """The short way through `add_version`, for a known tensor that is no view nor parameter.

        What it is now was noted as `number`; `counted` and `pointer` tell of it.
        """
        known = self.by_object[id(tensor)]
        known.latest, known.version, known.pointer = number, counted, pointer
        self._writers[id(tensor)] = known.reference, counted, op
        self.aliases.write(tensor, number, op)

    def changes_unseen(self, tensor: torch.Tensor) -> None:
        """Something that is not recorded is about to change the tensor."""
        self.aliases.write(tensor, TensorId(len(self.raw_tensors)), None)

    def expect_versions(self, tensor: torch.Tensor, op: OpId | None) -> None:
        """`op`, or something unseen, changes the tensor, which nothing counts.

        Each that lies in its memory, but for what `op` is known to have made, has a new version
        when it is used next.
        """
        made = () if op is None else self.ops[op].outputs
        self.aliases.share(tensor)
        self.aliases.write(tensor, made[0] if made else TensorId(len(self.raw_tensors)), op)

    def _note_writer(self, tensor: torch.Tensor, op: OpId) -> None:
        base = base_of(tensor)
        owner = tensor if base is None else base
        self._writers[id(owner)] = weakref.ref(owner), version_of(owner), op

    def _writer(self, known: Identity, tensor: torch.Tensor) -> OpId | None:
        """The op that made the tensor what it is, maybe by changing what it is a view of.

        None where something unseen did.
        """
        found: list[OpId] = []
        base = base_of(tensor)
        owner = tensor if base is None else base
        writer = self._writers.get(id(owner))
        count = version_of(tensor)
        if writer is not None and writer[0]() is owner and writer[1] == count != known.version:
            found.append(writer[2])
        behind = self._written_behind(known, tensor)
        if behind is not None and behind.op is not None:
            found.append(behind.op)
        return max(found, default=None)

    def _enter(self, tensor: torch.Tensor, *, reads_node: bool) -> TensorEntry:
        entry = TensorEntry()
        number = TensorId(len(self.raw_tensors))
        self.raw_tensors.append(entry)
        known = self.by_object[id(tensor)] = Identity.of(tensor, number)
        entry.pointer = known.pointer
        if tensor.is_inference():
            self.aliases.share(tensor)
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
        entry.line = before.line if self.line is None else self.line
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
        # of what needs no gradient has nothing to be made again: it is a leaf of its own.
        if reads_node or base is None or not base.requires_grad:
            self.read_node(entry, tensor)
        else:
            entry.is_leaf = False

    def read_node(self, entry: TensorEntry, tensor: torch.Tensor) -> None:
        """Read the gradient edge of a tensor that the op before has just made or used."""
        try:
            node = tensor.grad_fn
        except RuntimeError:  # a view that was made and changed while gradients were off
            entry.is_leaf = False
            return
        entry.is_leaf = node is None
        if node is not None:
            entry.node = node_id(self, node)
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
            number = self.name(number, path)

    def name(self, number: TensorId, name: str) -> TensorId | None:
        """Call one version of a tensor so; returns the version before it."""
        entry = self.raw_tensors[number]
        if type(entry) is tuple:
            self.raw_tensors[number] = (*entry[:NAMED_AT], name, *entry[NAMED_AT + 1 :])
            previous: TensorId | None = entry[PREVIOUS_AT]
            return previous
        entry.name = name
        return entry.previous  # type: ignore[no-any-return]

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
            self.leaves[known.first] = successor
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
        is_seen = seen is grad and known.grad_version == changes >= 0
        if is_seen and known.grad_writes != self.values.writes:
            # `w.grad.data.zero_()` leaves the version as it is.
            is_seen = self.values.holds(known.grad_value, grad)
        known.grad_writes = self.values.writes
        if not is_seen:
            known.grad_reference = weakref.ref(grad)
            known.grad_version = changes
            if arrived is not None and self.values.refers_to(arrived, grad):
                known.grad_value = arrived
            else:
                known.grad_value = self.values.keep(grad)
        return known.grad_value


def _is_parameter(tensor: torch.Tensor) -> bool:
    """As `isinstance` tells, which asks some Python code of torch's even of an ordinary tensor."""
    return type(tensor) is not _TENSOR and isinstance(tensor, _PARAMETER)


def _dead_reference() -> None:
    """Stands in for a weak reference whose object is gone."""

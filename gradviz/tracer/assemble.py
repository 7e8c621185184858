"""Make the plain data of a recording from the ledger of a run."""

from __future__ import annotations

from typing import NamedTuple

import torch

from gradviz.recording.model import (
    AutogradNode,
    ModuleCall,
    NodeId,
    Op,
    OpId,
    Pass,
    Saved,
    Step,
    Tensor,
    TensorId,
    TensorRole,
    Value,
    ValueId,
)
from gradviz.tracer.entries import (
    SLOT_BITS,
    SLOT_MASK,
    CallEntry,
    Identity,
    NodeEntry,
    OpEntry,
    StepEntry,
    TensorEntry,
    edge_of,
)
from gradviz.tracer.ledger import Ledger
from gradviz.tracer.private.nodes import plain_saved_name
from gradviz.tracer.values import ValueStore


class Assembled(NamedTuple):
    """The fields of a recording, and the tensors of the values that are not whole in it."""

    fields: tuple[
        tuple[Tensor, ...],
        tuple[Op, ...],
        tuple[AutogradNode, ...],
        tuple[Pass, ...],
        tuple[Value, ...],
    ]
    live: dict[ValueId, torch.Tensor]
    module_calls: tuple[ModuleCall, ...]


def assemble(ledger: Ledger) -> Assembled:
    """Make plain data of everything that a run entered."""
    tensors = _tensors(ledger)
    ops = tuple([_op(entry, number) for number, entry in enumerate(ledger.ops)])
    memory: dict[int, int] = {}
    nodes = tuple([_node(ledger, entry, n, memory) for n, entry in enumerate(ledger.nodes)])
    passes = tuple(_pass(ledger, number) for number in range(len(ledger.passes)))
    parameters = {one.value for one in ledger.tensors if one.is_parameter and one.value is not None}
    values, live = ledger.values.finish(parameters)
    return Assembled((tensors, ops, nodes, passes, values), live, _module_calls(ledger))


def _module_calls(ledger: Ledger) -> tuple[ModuleCall, ...]:
    """The calls that ops were made in, and those around them, in the order in which they began."""
    calls: list[ModuleCall] = []
    numbers: dict[int, int] = {}
    for entry in ledger.ops:
        chain = []
        around: CallEntry | None = entry.scope if entry.scope.path else None
        while around is not None and id(around) not in numbers:
            chain.append(around)
            around = around.parent
        for call in reversed(chain):
            parent = None if call.parent is None else numbers[id(call.parent)]
            numbers[id(call)] = len(calls)
            calls.append(ModuleCall(call.path, call.type, call.call, parent))
    return tuple(calls)


def mend(ledger: Ledger) -> None:
    """Leave out what is half entered: Ctrl+C may come between any two lines of the recorder.

    Comes before anything else is made of the ledger.
    """
    ledger.write_out_rest()
    ops, tensors = len(ledger.ops), len(ledger.tensors)
    for op in ledger.ops[-1:]:
        op.outputs = [number for number in op.outputs if number < tensors]
    for node in reversed(ledger.nodes):
        if node.op is not None and node.op < ops:
            break
        node.op = None
    for number, entry in enumerate(ledger.tensors[-1:], start=tensors - 1):
        if entry.op is not None and entry.op >= ops:
            entry.op = None
        if not entry.requires_grad or not entry.is_leaf or _is_accumulated(ledger, number):
            continue
        known = [one for one in ledger.by_object.values() if one.latest == number]
        tensor = known[0].reference() if known else None
        entry.is_leaf = tensor is not None and tensor.grad_fn is None


def _is_accumulated(ledger: Ledger, number: int) -> bool:
    """Whether a tensor, which may be gone, had a node that adds to its `.grad`."""
    return any(one.latest == number for one in ledger.leaves.values())


def read_final_grads(ledger: Ledger) -> None:
    """Keep `.grad` of the leaves as it is at the end; comes before `assemble`."""
    living: list[tuple[Identity, TensorEntry, torch.Tensor]] = []
    for identity in ledger.identities():
        entry = ledger.tensors[identity.latest]
        if identity.accumulator is not None:
            _give_accumulator(ledger, identity.latest, identity.accumulator)
        tensor = identity.reference()
        if tensor is None:
            entry.grad = identity.grad_value
        elif entry.requires_grad and (entry.is_leaf or tensor.retains_grad):
            living.append((identity, entry, tensor))
    # After those that are gone: a parameter and the tensor that it was made from are one record.
    for identity, entry, tensor in living:
        entry.grad = ledger.leaf_grad(identity, tensor)
        entry.retains_grad = not entry.is_leaf


def _give_accumulator(ledger: Ledger, latest: TensorId, accumulator: NodeId) -> None:
    number: TensorId | None = latest
    while number is not None:
        entry = ledger.tensors[number]
        if entry.is_leaf and entry.requires_grad:
            entry.node = accumulator
        number = entry.previous


def _tensors(ledger: Ledger) -> tuple[Tensor, ...]:
    roots = {number for entry in ledger.passes for number in entry.root_tensors}
    return tuple(
        [
            _tensor(ledger, TensorId(number), entry, is_root=number in roots)
            for number, entry in enumerate(ledger.tensors)
        ]
    )


def _tensor(ledger: Ledger, number: TensorId, entry: TensorEntry, *, is_root: bool) -> Tensor:
    name = entry.name
    if name is None and entry.grad_of is not None:
        owner = ledger.tensors[entry.grad_of].name
        name = None if owner is None else f"{owner}.grad"
    shape, dtype = _form(ledger.values, entry.value)
    return Tensor(
        id=number,
        name=name,
        line=entry.line,
        shape=shape,
        dtype=dtype,
        device=str(entry.device),
        requires_grad=entry.requires_grad,
        is_leaf=entry.is_leaf,
        role=_role(entry, is_root=is_root),
        nbytes=entry.nbytes,
        version=entry.version,
        previous=entry.previous,
        base=entry.base,
        op=entry.op,
        slot=entry.slot,
        autograd_node=entry.node,
        output_nr=entry.output_nr,
        value=entry.value,
        grad=entry.grad,
        retains_grad=entry.retains_grad,
        read_no_grad=entry.read_no_grad,
    )


def _form(values: ValueStore, value: ValueId | None) -> tuple[tuple[int, ...], str]:
    return ((), "") if value is None else values.form(value)


def _role(entry: TensorEntry, *, is_root: bool) -> TensorRole:
    if is_root:
        return TensorRole.ROOT
    if not entry.requires_grad:
        return TensorRole.CONSTANT
    if not entry.is_leaf:
        return TensorRole.INTERMEDIATE
    return TensorRole.PARAMETER if entry.is_parameter else TensorRole.LEAF


def _op(entry: OpEntry, number: int) -> Op:
    site = entry.site
    scope, module_type, call, _ = entry.scope
    return Op(
        id=OpId(number),
        name=entry.name,
        kind=entry.kind,
        text=entry.text or site.text or entry.name,
        location=site.location,
        scope=scope,
        module_type=module_type,
        call=call,
        inputs=entry.inputs,
        outputs=tuple(entry.outputs),
        autograd_nodes=entry.nodes,
        grad_enabled=entry.grad_enabled,
        seconds=entry.seconds,
    )


def _node(ledger: Ledger, entry: NodeEntry, number: int, memory: dict[int, int]) -> AutogradNode:
    saved = entry.saved
    return AutogradNode(
        id=NodeId(number),
        name=entry.name,
        op=entry.op,
        next=tuple([None if mark is None else edge_of(mark) for mark in entry.next]),
        leaf=entry.leaf,
        saved_nbytes=sum([one[3] for one in saved]) if saved else 0,
        saved=_saved(ledger, entry, memory) if saved else (),
    )


def _saved(ledger: Ledger, node: NodeEntry, memory: dict[int, int]) -> tuple[Saved, ...]:
    if not node.saved or node.op is None:
        return ()
    op, tensors = ledger.ops[node.op], ledger.tensors
    known = {tensors[number].pointer: number for number in op.inputs}
    made = {tensors[number].pointer: number for number in op.outputs}
    found: list[Saved] = []
    for raw, pointer, version, nbytes in node.saved:
        name = plain_saved_name(raw)
        # An op in place has one address for what it took and what it made of it.
        of_result = name in ("result", "output")
        first, second = (made, known) if of_result else (known, made)
        tensor = first.get(pointer, second.get(pointer)) if pointer else None
        place = memory.setdefault(pointer, len(memory))
        found.append(Saved(name, tensor, version, nbytes, place))
    return tuple(found)


def _pass(ledger: Ledger, number: int) -> Pass:
    entry = ledger.passes[number]
    arrived: dict[int, tuple[ValueId | None, ...]] = {
        step.node: step.grad_outputs for step in entry.steps
    }
    return Pass(
        id=entry.number,
        text=entry.site.text or entry.text,
        location=entry.site.location,
        accumulates=entry.accumulates,
        create_graph=entry.create_graph,
        roots=tuple(entry.roots),
        root_tensors=tuple(entry.root_tensors),
        steps=tuple(
            Step(
                index=index,
                autograd_node=step.node,
                grad_outputs=step.grad_outputs,
                grad_inputs=_sent(ledger, step, arrived),
                leaf_grad=step.leaf_grad,
                seconds=step.seconds,
            )
            for index, step in enumerate(entry.steps)
        ),
        grads_before=tuple(entry.grads_before),
        leaf_grads=tuple(entry.leaf_grads),
        parent=entry.parent,
        parent_step=entry.parent_step,
        seconds=entry.seconds,
        ops_before=entry.ops_before,
        retain_graph=entry.retain_graph,
        raised=entry.raised,
        redrawn=tuple(entry.redrawn),
    )


def _sent(
    ledger: Ledger, step: StepEntry, arrived: dict[int, tuple[ValueId | None, ...]]
) -> tuple[ValueId | None, ...]:
    if step.grad_inputs is not None:
        return step.grad_inputs
    sent: list[ValueId | None] = []
    for mark in ledger.nodes[step.node].next:
        received = None if mark is None else arrived.get(mark >> SLOT_BITS)
        sent.append(None if mark is None or received is None else received[mark & SLOT_MASK])
    for slot, value in step.summed:
        sent[slot] = value
    return tuple(sent)

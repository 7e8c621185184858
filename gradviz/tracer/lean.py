"""The usual call, entered in one go: nothing changes, one ordinary tensor comes out.

It does what `ForwardRecorder.enter` does for that case, written out in one place because every
call of a program goes through it.
"""

from __future__ import annotations

import weakref
from typing import Any, Final

import torch

from gradviz.recording.model import NextEdge, NodeId, OpId, OpKind, TensorId
from gradviz.tracer.ledger import (
    CallEntry,
    Identity,
    Ledger,
    NodeEntry,
    OpEntry,
    TensorEntry,
    saved_by,
)
from gradviz.tracer.private import base as base_of_ordinary
from gradviz.tracer.private import node_number, version
from gradviz.tracer.source import Site

_is_grad_enabled: Final = torch.is_grad_enabled
_Reference: Final = weakref.ref


def enter_call(
    ledger: Ledger,
    site: Site,
    names: tuple[str, str],
    scope: CallEntry,
    inputs: list[TensorId],
    result: torch.Tensor,
    window: tuple[int, int],
    seconds: float,
) -> None:
    """Enter an op whose inputs have been met; `names` are its own and its text."""
    ops, tensors = ledger.ops, ledger.tensors
    op, number = OpId(len(ops)), TensorId(len(tensors))
    first, last = window
    node = result.grad_fn
    nodes: tuple[NodeId, ...] = ()
    if node is not None and last > first:
        if last - first == 1 and node_number(node) == first:
            nodes = (_enter_node(ledger, node, op),)
        else:
            nodes = tuple(ledger.add_nodes((node,), op, first, last))
    name, text = names
    ops.append(
        OpEntry(
            name,
            OpKind.CALL,
            text,
            site,
            scope,
            tuple(inputs),
            [number],
            nodes,
            _is_grad_enabled(),
            seconds,
        )
    )
    pointer = result.data_ptr()
    base = base_of_ordinary(result)
    known_base = None if base is None else ledger.identity(base)
    entry = TensorEntry(
        None,
        None,
        ledger.line,
        result.device,
        node is not None or result.requires_grad,
        node is None,
        False,
        result.nbytes,
        0,
        None,
        None if known_base is None else known_base.latest,
        op,
        0,
        None,
        0,
        ledger.values.keep(result),
        None,
        pointer,
    )
    tensors.append(entry)
    if node is not None:
        entry.node = nodes[0] if len(nodes) == 1 else ledger.node_id(node)
        entry.output_nr = result.output_nr
    ledger.by_object[id(result)] = Identity(
        _Reference(result), number, number, version(result), pointer
    )


def _enter_node(ledger: Ledger, node: Any, op: OpId) -> NodeId:
    """Enter the one node that an op has made."""
    key, entries = ledger.key, ledger.nodes
    number = NodeId(len(entries))
    node.metadata[key] = number
    name, saved_names = ledger.kind_of(node)
    entry = NodeEntry(name, op)
    entries.append(entry)
    edges: list[NextEdge | None] = []
    for after, slot in node.next_functions:
        if after is None:
            edges.append(None)
        else:
            known = after.metadata.get(key)
            edges.append(NextEdge(ledger.node_id(after) if known is None else known, slot))
    entry.next = tuple(edges)
    if saved_names:
        entry.saved = saved_by(node, saved_names)
        entry.saved_nbytes = sum([one[3] for one in entry.saved])
    return number

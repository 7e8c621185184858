"""Autograd nodes: their numbers, where they send gradients, and what they save."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

import torch

from gradviz.recording.model import NodeId, OpId
from gradviz.tracer.entries import SLOT_BITS, NodeEntry
from gradviz.tracer.out_of_sight import without_us_told
from gradviz.tracer.private.nodes import (
    LEAF_KIND,
    SAVED,
    node_number,
    plain_saved_name,
    saved_names,
)
from gradviz.tracer.private.tensors import version
from gradviz.tracer.readings import nbytes_of, pointer_of, version_of

if TYPE_CHECKING:
    from gradviz.tracer.ledger import Ledger

KEY: Final = "gradviz."
"""What the names begin with under which a node's own dictionary says its number."""
_CUSTOM: Final = torch.autograd.function.BackwardCFunction
Kind = tuple[str, tuple[str, ...], dict[int, tuple[str, ...]] | None]
"""A kind of node: name, saving attributes, and which of these are used with which edges."""

KINDS: Final[dict[type, Kind]] = {}
"""Torch's own kinds of nodes that were met; they last as long as torch."""
_SAVED_FOR: Final[dict[str, dict[str, tuple[int, ...]]]] = {
    "MulBackward0": {"self": (1,), "other": (0,)},
    "DivBackward0": {"self": (1,), "other": (0, 1)},
    "MmBackward0": {"self": (1,), "mat2": (0,)},
    "BmmBackward0": {"self": (1,), "mat2": (0,)},
    "AddmmBackward0": {"mat1": (2,), "mat2": (1,)},
    "MvBackward0": {"self": (1,), "vec": (0,)},
    "DotBackward0": {"self": (1,), "tensor": (0,)},
}
"""Of kinds that save a tensor only where the gradient of another needs it: along which edges that
goes. Elsewhere the attribute is empty, and to look into each takes its time.

This cannot be learnt from the nodes: what hooks of the person's packed may look as empty."""
_MADE_BY: Final = "traceback_"
"""Where torch keeps in anomaly mode who made a node, to be shown when that makes NaN."""
_NAMELESS: Final = "CppFunction"
"""Kind of all those nodes that torch gave no kind of their own."""

_Following = tuple[tuple[Any, int], ...]
"""Where a node sends its gradients, as the node itself has it."""


def forget_earlier(metadata: dict[Any, Any]) -> None:
    """A graph that outlives its recordings carries the number of the last only.

    Of who made the node, which torch tells in anomaly mode, the recorder is left out.
    """
    if type(metadata.get(_MADE_BY)) is list:
        metadata[_MADE_BY] = without_us_told(metadata[_MADE_BY])
    for earlier in [one for one in metadata if str(one).startswith(KEY)]:
        del metadata[earlier]


def add_nodes(
    ledger: Ledger, roots: Iterable[Any], op: OpId, first: int, last: int
) -> list[NodeId]:
    """Enter the nodes that `op` has made: those numbered from `first` to before `last`."""
    key, entries = ledger.key, ledger.nodes
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
            forget_earlier(metadata)
        number = NodeId(len(entries))
        kind = KINDS.get(type(node)) or kind_of(node)
        entry = NodeEntry(kind[0], op)
        entries.append(entry)
        metadata[key] = number  # comes after its record is there: a run may be stopped between
        numbers.append(number)
        following = node.next_functions
        made.append((entry, node, following, kind))
        if not is_one:
            for after, _ in reversed(following):
                if after is not None:
                    stack.append(after)
    for entry, node, following, kind in made:
        mask = link(ledger, entry, following)
        if kind[1]:
            entry.saved = saved_by(node, kind, mask)
    return numbers


def disown_nodes(ledger: Ledger) -> None:
    """An op that was about to be entered will not be: its nodes have none."""
    missing = len(ledger.raw_ops)
    for node in reversed(ledger.nodes):
        if node.op is not None:
            if node.op < missing:
                return
            node.op = None


def node_id(ledger: Ledger, node: Any) -> NodeId:
    """The identity of a node; where it is new, it and all that it leads to are entered."""
    known: NodeId | None = node.metadata.get(ledger.key)
    if known is None:
        known = _leaf_id(ledger, node) if type(node) is LEAF_KIND else _add_node(ledger, node)
    return known


def link(ledger: Ledger, entry: NodeEntry, following: _Following) -> int:
    """Fill in where a node sends its gradients; returns which of its edges lead anywhere."""
    key = ledger.key
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
            known = node_id(ledger, after)
        edges.append(known << SLOT_BITS | slot)
    entry.next = tuple(edges)
    return mask


def _add_node(ledger: Ledger, node: Any) -> NodeId:
    """Enter a node that no op has made, and all that it leads to; however deep the graph."""
    key = ledger.key
    first = _new_node(ledger, node)
    waiting = [(first, node.next_functions)]
    while waiting:
        number, following = waiting.pop()
        for after, _ in following:
            if after is None or key in after.metadata:
                continue
            if type(after) is LEAF_KIND:
                _leaf_id(ledger, after)
            else:
                waiting.append((_new_node(ledger, after), after.next_functions))
        link(ledger, ledger.nodes[number], following)
    return first


def _new_node(ledger: Ledger, node: Any) -> NodeId:
    number = NodeId(len(ledger.nodes))
    ledger.nodes.append(NodeEntry(kind_of(node)[0], None))
    metadata = node.metadata
    if metadata:
        forget_earlier(metadata)
    metadata[ledger.key] = number
    return number


def _leaf_id(ledger: Ledger, node: Any) -> NodeId:
    """The identity of the node that adds to a leaf's `.grad`.

    Torch makes it again when all its consumers have died: the variable lasts.
    """
    leaf = node.variable
    known = ledger.identity(leaf)
    if known is None:
        ledger.meet(leaf)
        known = ledger.identity(leaf)
    number = None if known is None else known.accumulator
    if number is None:
        number = _new_node(ledger, node)
    else:
        node.metadata[ledger.key] = number
    if known is not None and known.accumulator is None:
        if not ledger.is_current(known, leaf):
            ledger.meet(leaf)
        known.accumulator = number
        ledger.leaves[known.first] = known
        ledger.nodes[number].leaf = known.first
        entry = ledger.raw_tensors[known.latest]
        if type(entry) is tuple or not entry.is_leaf:
            # A view made without grad of what needs it: only its node tells.
            ledger.tensors[known.latest].is_leaf = True
    return number


def kind_of(node: Any) -> Kind:
    """The node's name, and the attributes in which it saves tensors."""
    kind = type(node)
    known = KINDS.get(kind)
    if known is None:
        name = node.name()
        name = name.rpartition("::")[2] if "::" in name else name
        names = saved_names(kind)
        known = (name, names, _by_edges(names, _SAVED_FOR[name]) if name in _SAVED_FOR else None)
        if kind.__name__ != _NAMELESS and not issubclass(kind, _CUSTOM):
            KINDS[kind] = known
    return known


def _by_edges(
    names: tuple[str, ...], saved_for: dict[str, tuple[int, ...]]
) -> dict[int, tuple[str, ...]]:
    """For each choice of edges that lead somewhere, as `link` tells it, what is not empty."""
    count = 1 + max(edge for edges in saved_for.values() for edge in edges)
    found: dict[int, tuple[str, ...]] = {}
    for mask in range(1 << count, 2 << count):
        leading = {edge for edge in range(count) if mask >> (count - 1 - edge) & 1}
        found[mask] = tuple(
            name
            for name in names
            if not leading.isdisjoint(saved_for.get(plain_saved_name(name), leading))
        )
    return found


def saved_by(node: Any, kind: Kind, mask: int) -> tuple[tuple[str, int, int, int], ...]:
    """What a node keeps for backward: of each tensor its name, address, version and bytes.

    `mask` says which of its edges lead anywhere, as `link` tells it.
    """
    _, names, told_by_edges = kind
    return _read_saved(node, names if told_by_edges is None else told_by_edges.get(mask, names))


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

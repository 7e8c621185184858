"""The graph as drawn: which tensors, ops, autograd nodes and folded scopes, and their edges.

A view is a `networkx.DiGraph` whose nodes are `Item`s and whose edges all point the way the
forward pass runs, from leaves to roots. Node attribute: `role` (a `TensorRole`, an `OpKind`,
`ItemKind.NODE`, or of a folded scope its `ScopeKind`). Edge attributes: `tensor`, the identity of
the tensor that the edge stands for (None for a pairing, and for several tensors), `carriers`, the
gradients that flow back along it (a tuple of `Carrier`), and `count`, how many edges were merged
into it. Graph attribute `folding`: the `Folding`, which knows the boxes around open scopes
(`groups`), what is behind the folded ones (`folds`), and which card stands for what (`shown_as`).
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from threading import Lock
from typing import TYPE_CHECKING, Final

from gradviz.collector import no_collections
from gradviz.recording.flat_view import FlatView, flat_view
from gradviz.recording.folding import Fold, Folding, Group
from gradviz.recording.homes import Homes
from gradviz.recording.items import node_item, op_item, scope_item, tensor_item
from gradviz.recording.model import Item, Recording
from gradviz.recording.per_recording import PerRecording
from gradviz.recording.scopes import scopes_of
from gradviz.recording.view_options import (
    Arrangement,
    Folds,
    FoldStart,
    Heading,
    ViewMode,
    ViewOptions,
    default_view,
)

if TYPE_CHECKING:
    import networkx as nx

__all__ = [
    "Arrangement",
    "Fold",
    "FoldStart",
    "Folding",
    "Folds",
    "Group",
    "Heading",
    "ViewMode",
    "ViewOptions",
    "build_view",
    "default_view",
    "fold_view",
    "go_on",
    "graph_of",
    "node_item",
    "op_item",
    "scope_item",
    "tensor_item",
]

_MAX_KEPT: Final = 4
_keeping: Final = Lock()
_Flat = tuple[FlatView, Homes]


def _nothing_yet(_recording: Recording) -> OrderedDict[ViewOptions, _Flat]:
    return OrderedDict()


_flat_views: Final = PerRecording(_nothing_yet)
"""The views that were drawn last, before folding."""


def go_on() -> None:
    """Nobody wants to stop the building."""


def build_view(recording: Recording, options: ViewOptions | None = None) -> nx.DiGraph[Item]:
    """The graph to draw, with the attributes that this module's docstring names.

    Named tensors, leaves, parameters, constants from outside and roots are nodes of their own;
    an unnamed result of an op is the edge to its consumer. Ops that only make a tensor
    (`torch.zeros`) are drawn as that tensor.
    """
    return graph_of(fold_view(recording, options or default_view(recording)))


def graph_of(folding: Folding) -> nx.DiGraph[Item]:
    """A view that was folded, as `build_view` has it."""
    # Late, since the window is shown before anything heavy is imported.
    import networkx as nx

    graph: nx.DiGraph[Item] = nx.DiGraph(folding=folding)
    graph.add_nodes_from((item, {"role": role}) for item, role in folding.roles())
    items, edges = folding.items, folding.edges
    ends = zip(edges.sources.tolist(), edges.targets.tolist(), strict=True)
    told = zip(edges.tensors, edges.carriers, edges.counts.tolist(), strict=True)
    graph.add_edges_from(
        (items[u], items[v], {"tensor": tensor, "carriers": carriers, "count": count})
        for (u, v), (tensor, carriers, count) in zip(ends, told, strict=True)
    )
    return graph


@no_collections()
def fold_view(
    recording: Recording, options: ViewOptions, *, turn: Callable[[], None] | None = None
) -> Folding:
    """The same as plain data: what is folded, what is boxed, and what stands for what.

    `turn` is called now and then; what it raises ends the building.
    """
    flat, homes = _flat(recording, options, turn or go_on)
    return Folding(recording, flat, homes, options.folds)


def _flat(recording: Recording, options: ViewOptions, turn: Callable[[], None]) -> _Flat:
    kept = _flat_views(recording)
    key = ViewOptions(
        mode=options.mode,
        pass_id=options.pass_id,
        hide_constants=options.hide_constants,
        hide_outside=options.hide_outside,
        hide_nodes=options.hide_nodes,
    )
    with _keeping:
        found = kept.get(key)
    if found is None:
        flat = flat_view(recording, options, turn)
        found = flat, Homes(recording, scopes_of(recording), flat)
    with _keeping:
        kept[key] = found
        kept.move_to_end(key)
        while len(kept) > _MAX_KEPT:
            kept.popitem(last=False)
    return found

"""Which card stands for an item that is not drawn itself, and which tensor an edge stands for."""

from __future__ import annotations

from gradviz.gui.canvas.scene import Scene
from gradviz.recording.items import nodes_of_item, op_item, tensor_item
from gradviz.recording.model import Item, ItemKind, NextEdge
from gradviz.recording.naming import Edges


def standing_for(scene: Scene, item: Item) -> int | None:
    """The card of an item; of one that is not drawn, that of what belongs to it.

    An unnamed result is shown by the op that made it, an op by its autograd nodes and an autograd
    node by its op, all of these by the scope that they are folded into.
    """
    card = scene.index.get(item)
    if card is not None:
        return card
    recording = scene.recording
    if item.kind is ItemKind.TENSOR:
        if item.id >= len(recording.tensors):
            return None
        op = recording.tensors[item.id].op
        card = None if op is None else scene.index.get(op_item(op))
    if card is None and item.kind is not ItemKind.SCOPE:
        nodes = nodes_of_item(recording, item)
        card = next((card for node in nodes for card in scene.nodes.cards_of(node)), None)
    if card is None and scene.folding is not None:
        held = scene.folding.shown_as(item)
        card = None if held is None else scene.index.get(held)
    return card


def tensor_on_edge(scene: Scene, edge: int, edges: Edges) -> Item | None:
    """The tensor that an edge stands for, else the one whose gradient it carries."""
    drawn = scene.edges[edge]
    if drawn.tensor is not None:
        return tensor_item(drawn.tensor)
    for carrier in drawn.carriers:
        following = scene.recording.autograd_nodes[carrier.node].next
        at = NextEdge(carrier.node, carrier.slot)
        if not carrier.incoming:
            sent = following[carrier.slot] if carrier.slot < len(following) else None
            if sent is None:
                continue
            at = sent
        tensor = edges.tensor_at(at)
        if tensor is not None:
            return tensor_item(tensor)
    return None

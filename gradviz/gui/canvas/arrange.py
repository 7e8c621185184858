"""Lay out the cards and edges of a view as its options say."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from operator import attrgetter
from typing import TYPE_CHECKING, Final

from gradviz.gui.canvas.cards import Card
from gradviz.gui.canvas.frames import TITLE_HEIGHT
from gradviz.gui.canvas.identities import identities
from gradviz.gui.canvas.scene import Scene
from gradviz.layout import (
    MAX_NODES,
    Direction,
    Layout,
    NetworkxKind,
    layered_layout,
    networkx_layout,
    paired_layout,
)
from gradviz.layout.model import Point
from gradviz.recording.items import node_item, op_item, scope_item, tensor_item
from gradviz.recording.model import Item, ItemKind, Recording
from gradviz.recording.view import Folding
from gradviz.recording.view_options import Arrangement, Heading, ViewMode, ViewOptions

if TYPE_CHECKING:
    import networkx as nx

LAYER_GAP: Final = 52.0
"""Room between layers for a gradient's label and an arrowhead at either end."""
SIDEWAYS_GAP: Final = 104.0
"""The same where the graph reads to the right: labels are wider than high."""
MIN_KEPT: Final = 0.5
"""Part of the cards that must have been there before, for the layout to start from that."""
DIRECTIONS: Final = {Heading.DOWN: Direction.DOWN, Heading.RIGHT: Direction.RIGHT}
KINDS: Final = {
    Arrangement.SPRING: NetworkxKind.SPRING,
    Arrangement.KAMADA_KAWAI: NetworkxKind.KAMADA_KAWAI,
    Arrangement.CIRCULAR: NetworkxKind.CIRCULAR,
    Arrangement.MULTIPARTITE: NetworkxKind.MULTIPARTITE,
}


def gap_of(options: ViewOptions) -> float:
    """Pixels between the layers."""
    return LAYER_GAP if options.heading is Heading.DOWN else SIDEWAYS_GAP


def paths_of(folding: Folding) -> list[tuple[int, ...]]:
    """The scopes of each box, outermost first and its own last."""
    paths: dict[int, tuple[int, ...]] = {}
    for group in folding.groups:
        around = () if group.parent is None else paths[group.parent]
        paths[group.scope.id] = (*around, group.scope.id)
    return list(paths.values())


def arrange(
    graph: nx.DiGraph[Item],
    cards: Sequence[Card],
    recording: Recording,
    options: ViewOptions,
    *,
    previous: Scene | None = None,
    should_stop: Callable[[], bool] | None = None,
) -> Layout[Item]:
    """Lay a view out; what was in the scene before keeps its place as far as possible.

    A layout of networkx's that the graph cannot bear is replaced by the layered one.
    """
    direction = DIRECTIONS[options.heading]
    kind = KINDS.get(options.arrangement)
    if kind is not None and len(graph) <= MAX_NODES[kind]:
        gap = gap_of(options)
        return networkx_layout(
            graph, kind, direction=direction, layer_gap=gap, should_stop=should_stop
        )
    folding: Folding = graph.graph["folding"]
    before = None
    if previous is not None and previous.bends is direction:
        before = _layout_before(previous, recording, cards, folding)
    boxes = zip(folding.groups, paths_of(folding), strict=True)
    groups = {item: path for group, path in boxes for item in group.members}
    if options.mode is not ViewMode.BOTH:
        return layered_layout(
            graph,
            direction=direction,
            layer_gap=gap_of(options),
            key=_order_of,
            previous=before,
            should_stop=should_stop,
            groups=groups,
            frame_header=TITLE_HEIGHT,
        )
    return paired_layout(
        graph,
        _partners(recording),
        direction=direction,
        layer_gap=gap_of(options),
        key=_order_of,
        previous=before,
        should_stop=should_stop,
        groups=groups,
        frame_header=TITLE_HEIGHT,
    )


_RANKS: Final = {kind: rank for rank, kind in enumerate(sorted(ItemKind, key=attrgetter("value")))}


def _order_of(item: Item) -> tuple[int, int]:
    """What items are sorted by: the layout's own key for them says the same, and takes longer."""
    return _RANKS[item.kind], item.id


def _partners(recording: Recording) -> dict[Item, Item]:
    partner = {}
    for node in recording.autograd_nodes:
        if node.op is not None:
            partner[node_item(node.id)] = op_item(node.op)
        elif node.leaf is not None:
            partner[node_item(node.id)] = tensor_item(node.leaf)
    return partner


def _layout_before(
    scene: Scene, recording: Recording, cards: Sequence[Card], folding: Folding
) -> Layout[Item] | None:
    """What was drawn before, as a layout of what is to be drawn; None for another graph.

    A scope that was opened or folded since is both where it was: a card and a frame.
    """
    items: dict[int, Item]
    if scene.recording is recording:
        items = dict(enumerate(scene.items))
        kept = sum(card.item in scene.index for card in cards)
    else:
        now: dict[Hashable, Item] = {
            name: card.item for name, card in zip(identities(cards), cards, strict=True)
        }
        names = enumerate(identities(scene.cards))
        items = {number: now[name] for number, name in names if name in now}
        kept = len(items)
    if scene.bends is None or kept < MIN_KEPT * min(len(cards), len(scene.cards)):
        return None
    centres = (scene.rects[:, :2] + scene.rects[:, 2:] / 2).tolist()
    positions = {items[number]: (centres[number][0], centres[number][1]) for number in items}
    frames = {_now(frame.item, scene, folding): frame.box for frame in scene.frames}
    positions |= {item: box.centre for item, box in frames.items()}
    # A scope that was opened since is a frame now, where its card was.
    opened = {group.item for group in folding.groups}
    cards_opened = [number for number, item in items.items() if item in opened]
    boxes = {items[number]: scene.box_of(number) for number in cards_opened} | frames
    return Layout(
        positions=positions,
        routes=_RoutesBefore(scene, items),
        size=(scene.bounds.width, scene.bounds.height),
        frames={
            path: boxes[group.item]
            for group, path in zip(folding.groups, paths_of(folding), strict=True)
            if group.item in boxes
        },
        scopes=scene.scopes,
        direction=scene.bends,
    )


class _RoutesBefore(Mapping[tuple[Item, Item], list[Point]]):
    """The routes of a scene by what their ends are now; most of them nobody asks for."""

    def __init__(self, scene: Scene, items: Mapping[int, Item]) -> None:
        self._scene = scene
        self._number = {
            (items[edge.source], items[edge.target]): number
            for number, edge in enumerate(scene.edges)
            if edge.source in items and edge.target in items
        }

    def __getitem__(self, ends: tuple[Item, Item]) -> list[Point]:
        return [(x, y) for x, y in self._scene.route(self._number[ends]).tolist()]

    def __contains__(self, ends: object) -> bool:
        return ends in self._number

    def __iter__(self) -> Iterator[tuple[Item, Item]]:
        return iter(self._number)

    def __len__(self) -> int:
        return len(self._number)


def _now(item: Item, scene: Scene, folding: Folding) -> Item:
    """What an open scope of a scene is in a recording that may be another one."""
    tree = scene.folding.tree if scene.folding is not None else None
    if tree is None or tree is folding.tree:
        return item
    found = folding.tree.by_key.get(tree.scopes[item.id].key)
    return item if found is None else scope_item(found[0])

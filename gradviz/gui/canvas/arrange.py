"""Lay out the cards and edges of a view as its options say."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from functools import cached_property
from operator import attrgetter
from typing import TYPE_CHECKING, Final, NamedTuple

import numpy as np

from gradviz.gui.canvas.cards import Card
from gradviz.gui.canvas.frames import TITLE_HEIGHT
from gradviz.gui.canvas.geometry import Box, Indices, Points
from gradviz.gui.canvas.identities import identities
from gradviz.gui.canvas.scene import Scene
from gradviz.layout import (
    MAX_NODES,
    Direction,
    Layout,
    LayoutOptions,
    NetworkxKind,
    Routes,
    networkx_layout,
    paired_layout,
)
from gradviz.layout.layered import nested_picture
from gradviz.layout.model import Path, Point, Rectangle, Scopes
from gradviz.layout.routes import Lines, joined
from gradviz.layout.watch import Progress
from gradviz.recording.items import node_item, op_item, scope_item, tensor_item
from gradviz.recording.model import Item, ItemKind, Recording
from gradviz.recording.view import Folding, graph_of
from gradviz.recording.view_options import Arrangement, Heading, ViewMode, ViewOptions

if TYPE_CHECKING:
    import networkx as nx

LAYER_GAP: Final = 52.0
"""Room between layers for a gradient's label and an arrowhead at either end."""
SIDEWAYS_GAP: Final = 104.0
"""The same where the graph reads to the right: labels are wider than high."""
DEADLINE_SECONDS: Final = 10.0
"""A layout that takes longer is improved no further."""
FRAME_PADDING: Final = 24.0
"""Inside frames: the label of a gradient is wider than most ops and does not stick out."""
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


class Arranged(NamedTuple):
    """Where the cards and edges of a view are, in the view's order.

    `centres` are the middles of the cards, `frames` the boxes around open scopes by their paths;
    `direction` and `scopes` are as in `Layout`.
    """

    centres: Points
    lines: Lines
    frames: Mapping[Path, Rectangle]
    direction: Direction | None
    scopes: Scopes


def arrange(
    folding: Folding,
    cards: Sequence[Card],
    sizes: Points,
    recording: Recording,
    options: ViewOptions,
    *,
    previous: Scene | None,
    should_stop: Callable[[], bool] | None,
    progress: Progress | None,
) -> Arranged:
    """Lay a view out; what was in the scene before keeps its place as far as possible.

    After `DEADLINE_SECONDS` the picture is drawn as far as it has been improved by then.

    A layout of networkx's that the graph cannot bear is replaced by the layered one.
    """
    layout_options = LayoutOptions(
        direction=DIRECTIONS[options.heading],
        layer_gap=gap_of(options),
        frame_padding=FRAME_PADDING,
        frame_header=TITLE_HEIGHT,
        should_stop=should_stop,
        deadline_seconds=DEADLINE_SECONDS,
        progress=progress,
    )
    kind = KINDS.get(options.arrangement)
    if kind is not None and len(cards) <= MAX_NODES[kind]:
        return _arranged(folding, networkx_layout(_graph(folding, sizes), kind, layout_options))
    before = None
    if previous is not None and previous.bends is layout_options.direction:
        before = _layout_before(previous, recording, cards, folding)
    if folding.groups and options.mode is not ViewMode.BOTH:
        return _nested(folding, sizes, layout_options, before)
    boxes = zip(folding.groups, paths_of(folding), strict=True)
    layout = paired_layout(
        _graph(folding, sizes),
        _partners(recording) if options.mode is ViewMode.BOTH else {},
        layout_options,
        key=_order_of,
        previous=before,
        groups={item: path for group, path in boxes for item in group.members},
    )
    return _arranged(folding, layout)


def _graph(folding: Folding, sizes: Points) -> nx.DiGraph[Item]:
    graph = graph_of(folding)
    for item, (width, height) in zip(folding.items, sizes.tolist(), strict=True):
        graph.nodes[item].update(width=width, height=height)
    return graph


def _arranged(folding: Folding, layout: Layout[Item]) -> Arranged:
    """A layout in the order of the view."""
    items, merged, routes = folding.items, folding.edges, layout.routes
    pairs = zip(merged.sources.tolist(), merged.targets.tolist(), strict=True)
    ends = [(items[source], items[target]) for source, target in pairs]
    if isinstance(routes, Routes):
        lines = routes.chosen(ends)
    else:
        lines = joined([np.array(routes[edge], np.float64) for edge in ends])
    return Arranged(
        np.array([layout.positions[item] for item in items], np.float64).reshape(-1, 2),
        lines,
        layout.frames,
        layout.direction,
        layout.scopes,
    )


def _nested(
    folding: Folding,
    sizes: Points,
    options: LayoutOptions,
    before: Layout[Item] | None,
) -> Arranged:
    """A view with open scopes: laid out as arrays all along, since it may be large."""
    items, merged = folding.items, folding.edges
    codes = (_RANKS[item.kind] * MOST_ITEMS + item.id for item in items)
    order = np.argsort(np.fromiter(codes, np.int64, len(items)))
    place = np.empty(len(items), np.intp)
    place[order] = np.arange(len(items))
    path_of_scope = np.zeros(len(folding.tree.scopes) + 1, np.intp)
    path_of_scope[[group.scope.id for group in folding.groups]] = np.arange(len(folding.groups)) + 1
    picture = nested_picture(
        [items[number] for number in order.tolist()],
        sizes[order],
        np.column_stack((place[merged.sources], place[merged.targets])),
        [(), *paths_of(folding)],
        path_of_scope[folding.boxes[order]],
        options,
        previous=before,
    )
    return Arranged(
        picture.centres[place], picture.lines, picture.frames, options.direction, picture.scopes
    )


_RANKS: Final = {kind: rank for rank, kind in enumerate(sorted(ItemKind, key=attrgetter("value")))}


MOST_ITEMS: Final = 1 << 48
"""More than there can be of a kind."""


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
    if scene.recording is recording:
        places = scene.index
        kept = sum(card.item in places for card in cards)
    else:
        now: dict[Hashable, Item] = {
            name: card.item for name, card in zip(identities(cards), cards, strict=True)
        }
        names = enumerate(identities(scene.cards))
        places = {now[name]: number for number, name in names if name in now}
        kept = len(places)
    if scene.bends is None or kept < MIN_KEPT * min(len(cards), len(scene.cards)):
        return None
    frames = {_now(frame.item, scene, folding): frame.box for frame in scene.frames}
    # A scope that was opened since is a frame now, where its card was.
    boxes = {
        group.item: frames.get(group.item) or scene.box_of(places[group.item])
        for group in folding.groups
        if group.item in frames or group.item in places
    }
    return Layout(
        positions=_PositionsBefore(scene, places, frames),
        routes=_RoutesBefore(scene, places),
        size=(scene.bounds.width, scene.bounds.height),
        frames={
            path: boxes[group.item]
            for group, path in zip(folding.groups, paths_of(folding), strict=True)
            if group.item in boxes
        },
        scopes=scene.scopes,
        direction=scene.bends,
    )


class _PositionsBefore(Mapping[Item, Point]):
    """Where the cards and open scopes of a scene were by what they are now.

    Most of them nobody asks for.
    """

    def __init__(
        self, scene: Scene, places: Mapping[Item, int], frames: Mapping[Item, Box]
    ) -> None:
        self._scene, self._places, self._frames = scene, places, frames

    def __getitem__(self, item: Item) -> Point:
        if item in self._frames:
            return self._frames[item].centre
        left, top, width, height = self._scene.rects[self._places[item]].tolist()
        return left + width / 2, top + height / 2

    def __iter__(self) -> Iterator[Item]:
        return iter({**self._places, **self._frames})

    def __len__(self) -> int:
        return len({**self._places, **self._frames})


class _RoutesBefore(Mapping[tuple[Item, Item], list[Point]]):
    """The routes of a scene by what their ends are now; most of them nobody asks for."""

    def __init__(self, scene: Scene, places: Mapping[Item, int]) -> None:
        self._scene, self._places = scene, places

    @cached_property
    def _sorted(self) -> tuple[Indices, Indices]:
        """A number for the ends of each edge in ascending order, and which edge that is."""
        codes = self._scene.sources * len(self._scene.cards) + self._scene.targets
        order = np.argsort(codes)
        return codes[order], order

    def _find(self, ends: tuple[Item, Item]) -> int | None:
        source, target = (self._places.get(item) for item in ends)
        if source is None or target is None:
            return None
        codes, order = self._sorted
        code = source * len(self._scene.cards) + target
        at = int(np.searchsorted(codes, code))
        return int(order[at]) if at < len(codes) and codes[at] == code else None

    def __getitem__(self, ends: tuple[Item, Item]) -> list[Point]:
        number = self._find(ends)
        if number is None:
            raise KeyError(ends)
        return [(x, y) for x, y in self._scene.route(number).tolist()]

    def __contains__(self, ends: object) -> bool:
        return isinstance(ends, tuple) and self._find(ends) is not None

    def __iter__(self) -> Iterator[tuple[Item, Item]]:
        items = {number: item for item, number in self._places.items()}
        for edge in self._scene.edges:
            if edge.source in items and edge.target in items:
                yield items[edge.source], items[edge.target]

    def __len__(self) -> int:
        return sum(1 for _ in self)


def _now(item: Item, scene: Scene, folding: Folding) -> Item:
    """What an open scope of a scene is in a recording that may be another one."""
    tree = scene.folding.tree if scene.folding is not None else None
    if tree is None or tree is folding.tree:
        return item
    found = folding.tree.by_key.get(tree.scopes[item.id].key)
    return item if found is None else scope_item(found[0])

"""Whatever was shown before, a scene says the same as one that is built from nothing."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator

import networkx as nx
import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from gradviz.gui.canvas.arrange import FRAME_PADDING
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.frames import TITLE_HEIGHT
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.view_cards import ViewCardMaker
from gradviz.layout import Direction, LayoutOptions, layered_layout
from gradviz.recording.model import Item, ItemKind, Recording
from gradviz.recording.scopes import scopes_of
from gradviz.recording.view import build_view, fold_view
from gradviz.recording.view_options import Folds, FoldStart, Heading, ViewMode, ViewOptions
from tests.recording.scoped import Program

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

ARRAYS = (
    *("rects", "points", "starts", "kinds", "sources", "targets", "card_boxes", "edge_boxes"),
    *("segments", "segment_edge", "twins", "sharers", "is_carrier", "is_strong", "is_pairing"),
)


@st.composite
def recordings(draw: st.DrawFn) -> Recording:
    """Modules within modules, called in any order, whose ops take what was made anywhere."""
    program = Program()
    depth = 0
    paths = ["net"]
    program.enter("net", "Net")
    for number in range(draw(st.integers(4, 24))):
        match draw(st.sampled_from(("op", "op", "op", "enter", "leave"))):
            case "enter" if depth < 3:
                paths.append(f"{paths[-1]}.{draw(st.sampled_from('abc'))}")
                program.enter(paths[-1], draw(st.sampled_from(("A", "B"))))
                depth += 1
            case "leave" if depth:
                program.leave()
                paths.pop()
                depth -= 1
            case _:
                tensors = st.integers(0, len(program.tensors) - 1)
                taken = [program.tensors[draw(tensors)].id, program.last]
                if draw(st.booleans()):
                    taken.append(program.weight(f"{paths[-1]}.weight"))
                makes = f"h{number}" if draw(st.booleans()) else None
                program.op(draw(st.sampled_from(("mul", "add"))), *taken, makes=makes)
    for _ in paths:
        program.leave()
    program.op("sum")
    return program.finish()


@st.composite
def walks(draw: st.DrawFn) -> tuple[Recording, list[ViewOptions]]:
    """A recording, and views of it that follow on each other."""
    recording = draw(recordings())
    keys = sorted({scope.key for scope in scopes_of(recording).scopes})
    assume(keys)
    mode, heading = draw(st.sampled_from(ViewMode)), draw(st.sampled_from(Heading))
    folds = Folds(start=draw(st.sampled_from(FoldStart)))
    views = []
    for _ in range(draw(st.integers(2, 5))):
        views.append(ViewOptions(mode=mode, heading=heading, folds=folds))
        changed = draw(st.lists(st.sampled_from(keys), min_size=1, max_size=2))
        folds = folds.opening(*changed) if draw(st.booleans()) else folds.folding(*changed)
    return recording, views


def order_of(item: Item) -> tuple[int, int]:
    """Items are sorted by the name of their kind, then by their number."""
    return sorted(ItemKind, key=lambda kind: kind.value).index(item.kind), item.id


def scenes(recording: Recording, views: list[ViewOptions]) -> Iterator[tuple[Scene, Scene | None]]:
    """The scene of each view, one after the other as the window builds them, and that before it."""
    maker, before = ViewCardMaker(recording), None
    for view in views:
        scene = build_scene(recording, view, previous=before, maker=maker)
        yield scene, before
        before = scene


@settings(max_examples=30, deadline=None)
@given(walks())
def test_what_is_taken_over_is_as_if_it_were_made_anew(
    walk: tuple[Recording, list[ViewOptions]],
) -> None:
    recording, views = walk
    for (scene, before), view in zip(scenes(recording, views), views, strict=True):
        anew = build_scene(recording, view, previous=before)
        assert scene.cards == anew.cards and [*scene.edges] == [*anew.edges]
        assert scene.frames == anew.frames and scene.bounds == anew.bounds
        for name in ARRAYS:
            assert np.array_equal(getattr(scene, name), getattr(anew, name)), name
        assert np.array_equal(scene.chips.anchors, anew.chips.anchors)
        alone = build_scene(recording, view)
        assert scene.cards == alone.cards and [*scene.edges] == [*alone.edges]
        assert [f.item for f in scene.frames] == [f.item for f in alone.frames]


@settings(max_examples=20, deadline=None)
@given(walks())
def test_cards_and_edges_are_found_by_their_autograd_nodes(
    walk: tuple[Recording, list[ViewOptions]],
) -> None:
    recording, views = walk
    for scene, _ in scenes(recording, views):
        edges: dict[int, set[int]] = defaultdict(set)
        for number, edge in enumerate(scene.edges):
            for carrier in edge.carriers:
                edges[carrier.node].add(number)
        shown, nodes = scene.nodes, [node.id for node in recording.autograd_nodes]
        assert [shown.edges_of(node) for node in nodes] == [sorted(edges[node]) for node in nodes]
        cards: dict[int, list[int]] = defaultdict(list)
        for node, card in zip(*(links.tolist() for links in shown.links), strict=True):
            cards[node].append(card)
        assert [shown.cards_of(node) for node in nodes] == [cards[node] for node in nodes]


@settings(max_examples=20, deadline=None)
@given(walks())
def test_edges_are_merged_as_one_by_one(walk: tuple[Recording, list[ViewOptions]]) -> None:
    recording, views = walk
    whole = build_view(recording, ViewOptions(mode=views[0].mode))
    for view in views:
        folding = fold_view(recording, view)
        ends: Counter[tuple[Item | None, Item | None]] = Counter()
        for source, target in whole.edges():
            pair = folding.shown_as(source), folding.shown_as(target)
            if pair[0] != pair[1]:
                ends[pair] += whole.edges[source, target]["count"]
        graph = build_view(recording, view)
        assert {pair: graph.edges[pair]["count"] for pair in graph.edges()} == ends
        merged = zip(folding.edges.sources.tolist(), folding.edges.targets.tolist(), strict=True)
        assert [(folding.items[u], folding.items[v]) for u, v in merged] == list(graph.edges())


@settings(max_examples=20, deadline=None)
@given(walks())
def test_a_view_in_arrays_is_laid_out_as_its_graph(
    walk: tuple[Recording, list[ViewOptions]],
) -> None:
    recording, views = walk
    for view in views:
        scene = build_scene(recording, view)
        folding = scene.folding
        assert folding is not None
        if not folding.groups or view.mode is ViewMode.BOTH:
            continue
        graph: nx.DiGraph[Item] = build_view(recording, view)
        for card in scene.cards:
            graph.nodes[card.item].update(width=card.width, height=card.height)
        around: dict[int, tuple[int, ...]] = {}
        for group in folding.groups:
            parent = () if group.parent is None else around[group.parent]
            around[group.scope.id] = (*parent, group.scope.id)
        layout = layered_layout(
            graph,
            LayoutOptions(
                direction=Direction.DOWN if view.heading is Heading.DOWN else Direction.RIGHT,
                layer_gap=52.0 if view.heading is Heading.DOWN else 104.0,
                frame_padding=FRAME_PADDING,
                frame_header=TITLE_HEIGHT,
            ),
            key=order_of,
            groups={
                item: around[group.scope.id] for group in folding.groups for item in group.members
            },
        )
        centres = scene.rects[:, :2] + scene.rects[:, 2:] / 2
        laid_out = [layout.positions[item] for item in scene.items]
        assert np.allclose(centres, laid_out, atol=1e-9)
        assert [tuple(frame.box) for frame in scene.frames] == [
            layout.frames[around[frame.item.id]] for frame in scene.frames
        ]

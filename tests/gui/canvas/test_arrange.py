from __future__ import annotations

from collections.abc import Callable
from functools import partial

import msgspec
import numpy as np
import pytest

from benchmarks.scenes import make_recording
from gradviz.gui.canvas import arrange as arrange_module
from gradviz.gui.canvas.arrange import KINDS
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.graph_actions import MAX_CARDS
from gradviz.layout import MAX_NODES, Direction, Layout, movement
from gradviz.recording.model import Item, Recording
from gradviz.recording.scopes import ScopeKind, scopes_of
from gradviz.recording.view_options import (
    Arrangement,
    Folds,
    FoldStart,
    Heading,
    ViewMode,
    ViewOptions,
)
from tests.recording.scoped import Program, make_block_recording, run_blocks

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


def no_overlap(scene: Scene) -> bool:
    boxes = scene.card_boxes
    low = np.maximum(boxes[:, None, :2], boxes[None, :, :2])
    high = np.minimum(boxes[:, None, 2:], boxes[None, :, 2:])
    meet = ((high - low) > 0.5).all(axis=2)
    np.fill_diagonal(meet, val=False)
    return not meet.any()


@pytest.mark.parametrize("mode", ViewMode)
def test_to_the_right_every_edge_runs_from_right_borders_to_left_ones(mode: ViewMode) -> None:
    scene = build_scene(make_block_recording(3), ViewOptions(mode=mode, heading=Heading.RIGHT))

    assert scene.bends is Direction.RIGHT
    assert no_overlap(scene)
    for number, edge in enumerate(scene.edges):
        route = scene.route(number)
        # Beside their ops, autograd nodes are joined by way of lanes.
        if mode is not ViewMode.BOTH:
            assert route[0][0] > scene.centre_of(edge.source)[0]
            assert route[-1][0] < scene.centre_of(edge.target)[0]


@pytest.mark.parametrize("arrangement", KINDS)
def test_networkx_layouts_keep_cards_apart_and_lines_straight(arrangement: Arrangement) -> None:
    scene = build_scene(make_block_recording(3), ViewOptions(arrangement=arrangement))

    assert scene.bends is None
    assert scene.frames == ()
    assert (np.diff(scene.starts) == 2).all()
    assert no_overlap(scene)


def test_a_graph_too_large_for_a_layout_is_drawn_in_layers() -> None:
    recording = make_block_recording(120)
    assert len(build_scene(recording).cards) > MAX_CARDS[Arrangement.KAMADA_KAWAI]

    scene = build_scene(recording, ViewOptions(arrangement=Arrangement.KAMADA_KAWAI))

    assert scene.bends is Direction.DOWN


def test_the_window_offers_what_the_layouts_can_bear() -> None:
    assert {one: MAX_NODES[kind] for one, kind in KINDS.items()} == MAX_CARDS


def test_open_scopes_are_framed_and_titled() -> None:
    recording = make_block_recording(12)
    model, repeat = scopes_of(recording).scopes[:2]
    folds = Folds(FoldStart.FOLDED).opening(model.key, repeat.key)

    scene = build_scene(recording, ViewOptions(folds=folds))

    assert [(frame.title, frame.depth) for frame in scene.frames] == [
        ("model", 0),
        ("blocks × 12", 1),
    ]
    outer, inner = (frame.box for frame in scene.frames)
    assert outer.left < inner.left and inner.bottom < outer.bottom
    blocks = [scene.box_of(card) for card, item in enumerate(scene.items) if item.id > repeat.id]
    inside = [box for box in blocks if inner.contains(box.left, box.top)]
    assert len(inside) == 12


def branches(count: int, *, extra: bool) -> Recording:
    """Parallel branches that meet; one more op at the end of the first if asked for."""
    program = Program()
    x = program.last
    ends = []
    for number in range(count):
        program.last = x
        program.op("linear", x, program.weight(f"w{number}"))
        program.op(f"f{number}")
        if extra and number == 0:
            program.op("extra")
        ends.append(program.last)
    program.op("cat", *ends)
    return program.finish()


def test_after_an_edit_the_others_keep_their_order() -> None:
    before = build_scene(branches(5, extra=False))
    after = build_scene(branches(5, extra=True), previous=before)

    def order(scene: Scene) -> list[str]:
        ops = [n for n, c in enumerate(scene.cards) if c.labels[0].text.startswith("f")]
        ops.sort(key=lambda n: scene.centre_of(n)[0])
        return [scene.cards[n].labels[0].text for n in ops]

    assert order(after) == order(before)


def test_a_quite_different_graph_is_laid_out_as_if_there_had_been_none() -> None:
    program = Program()
    run_blocks(program, 6)
    other = program.finish()
    plain = build_scene(other)

    again = build_scene(
        msgspec.structs.replace(other), previous=build_scene(branches(9, extra=True))
    )

    assert np.array_equal(plain.rects, again.rects)


MADE = (partial(make_block_recording, 5), partial(branches, 5, extra=True))


@pytest.mark.parametrize("make", MADE)
def test_the_same_graph_stays_as_it_is(make: Callable[[], Recording]) -> None:
    recording = make()
    before = build_scene(recording)
    after = build_scene(msgspec.structs.replace(recording), previous=before)
    assert np.allclose(before.rects, after.rects)


@pytest.mark.parametrize("mode", ViewMode)
def test_what_is_all_open_stays_as_it_is_and_a_folded_block_swaps_nothing(mode: ViewMode) -> None:
    recording = make_block_recording(12)
    options = ViewOptions(mode=mode, folds=Folds(FoldStart.OPEN))
    before = build_scene(recording, options)
    again = build_scene(msgspec.structs.replace(recording), options, previous=before)
    assert np.array_equal(before.rects, again.rects)
    assert before.frames == again.frames

    blocks = [s for s in scopes_of(recording).scopes if s.kind is ScopeKind.MODULE]
    folds = options.folds.folding(blocks[len(blocks) // 2].key)
    after = build_scene(recording, msgspec.structs.replace(options, folds=folds), previous=before)
    assert len(after.cards) < len(before.cards)
    moved = movement(layout_of(before), layout_of(after))
    assert moved.swapped == 0
    assert moved.across <= 2.0


def layout_of(scene: Scene) -> Layout[Item]:
    positions = {item: scene.centre_of(card) for item, card in scene.index.items()}
    return Layout(positions=positions, routes={}, size=(0.0, 0.0))


@pytest.mark.parametrize(
    ("layout", "options"),
    [
        ("nested_picture", ViewOptions(folds=Folds(start=FoldStart.OPEN))),
        ("paired_layout", ViewOptions(mode=ViewMode.BOTH)),
    ],
)
def test_a_layout_that_takes_too_long_is_drawn_as_far_as_it_is(
    layout: str, options: ViewOptions, monkeypatch: pytest.MonkeyPatch
) -> None:
    made = []
    function = getattr(arrange_module, layout)

    def watched(*args: object, **kwargs: object) -> object:
        made.append(function(*args, **kwargs))
        return made[-1]

    monkeypatch.setattr(arrange_module, layout, watched)
    recording = make_recording(60, 6, row_is_module=True)
    build_scene(recording, options)
    monkeypatch.setattr(arrange_module, "DEADLINE_SECONDS", 0.0)
    assert no_overlap(build_scene(recording, options))
    assert [one.is_rough for one in made] == [False, True]

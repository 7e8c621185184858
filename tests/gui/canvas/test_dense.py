"""Many edges that share their way: what is painted of them, and where gradients are written."""

from __future__ import annotations

import numpy as np
import pytest

from gradviz.gui.canvas import chips
from gradviz.gui.canvas.chips import CELL, ChipPlaces, Room
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.curves import places_along, smooth_lines, tips_of
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.scene import Scene
from tests.gui.canvas.recordings import make_hub_recording, make_ladder_recording

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


@pytest.fixture(scope="module")
def hub(qapp: object) -> Scene:
    return build_scene(make_hub_recording(leaves=2_000))


def test_what_many_edges_share_is_one_piece(hub: Scene) -> None:
    every = np.arange(len(hub.edges))
    pieces = hub.pieces_in(every, hub.bounds)
    lines = np.round(hub.segments, 1)
    assert len({tuple(line) for line in lines.tolist()}) == len(pieces)
    assert len(pieces) < len(lines) / 2
    assert hub.sharers.max() > 10


def test_of_few_edges_the_same_pieces_are_found_as_of_many(hub: Scene) -> None:
    box = Box(*hub.centre_of(5), *hub.centre_of(900))
    box = Box(min(box[0], box[2]), min(box[1], box[3]), max(box[0], box[2]), max(box[1], box[3]))
    some = np.arange(150)
    more = np.arange(250)
    few = set(hub.twins[hub.pieces_in(some, box)].tolist())
    many = set(hub.twins[hub.pieces_in(more, box)].tolist())
    assert few and few <= many


def test_gradients_are_written_where_an_edge_is_alone(hub: Scene) -> None:
    every = np.arange(len(hub.edges))
    middles = places_along(hub, every, np.array((0.5,)))[:, 0]
    assert len(np.unique(np.round(middles), axis=0)) > 0.9 * len(every)
    assert np.allclose(ChipPlaces(hub).anchors, middles, rtol=0.0, atol=0.5)


def test_arrowheads_at_one_place_are_drawn_once(hub: Scene) -> None:
    every = np.arange(len(hub.edges))
    tips, ways = tips_of(hub, every, hub.bounds, at_start=False)
    assert 0 < len(tips) < len(every) / 4
    assert np.allclose(np.hypot(*ways.T), 1.0)


def test_lines_are_as_short_as_their_scale_wants(hub: Scene) -> None:
    slanted = hub.segments[np.abs(hub.segments[:, 2] - hub.segments[:, 0]) > 500][:1]
    assert len(smooth_lines(slanted, 1.0)) > len(smooth_lines(slanted, 0.02))


def test_an_edge_has_delivered_when_one_of_its_gradients_has_come() -> None:
    scene = build_scene(make_ladder_recording(layers=5, width=2))
    for playhead in range(scene.replay.length + 1):
        marks = Marks(scene, playhead)
        expected = [
            any(scene.replay.gradient_at(carrier, playhead) is not None for carrier in e.carriers)
            for e in scene.edges
        ]
        assert marks.delivered.tolist() == expected


def test_labels_of_a_square_are_placed_by_what_is_close_to_it(
    hub: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(chips, "_widest", lambda *_: 60.0)
    places = ChipPlaces(hub)
    asked: list[Box] = []
    edges_in = hub.edges_in
    monkeypatch.setattr(hub, "edges_in", lambda box: asked.append(box) or edges_in(box))
    for cell in places.near(hub.bounds):
        places.place(cell)
    assert hub.bounds.height > 5 * CELL
    assert asked
    assert all(box.width <= 2 * CELL and box.height <= 2 * CELL for box in asked)


def test_every_placed_label_is_clear_of_cards(hub: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(chips, "_widest", lambda *_: 60.0)
    places = ChipPlaces(hub)
    for cell in places.near(hub.bounds):
        places.place(cell)
    free = np.flatnonzero(places.rooms == Room.FREE)
    assert len(free) > 100
    x, y = places.anchors[free].T
    for number, card in enumerate(hub.card_boxes.tolist()):
        inside = (x > card[0]) & (x < card[2]) & (y > card[1]) & (y < card[3])
        assert not inside.any(), number

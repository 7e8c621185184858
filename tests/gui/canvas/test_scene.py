from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter

from gradviz.gui.canvas import painter as painter_module
from gradviz.gui.canvas.chips import CHIP_HEIGHT, Room, chip_text, chip_width
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.frames import title_of_frame
from gradviz.gui.canvas.geometry import Box, touching
from gradviz.gui.canvas.look import Detail, Look
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.navigation import Way, card_beyond
from gradviz.gui.canvas.painter import paint_scene
from gradviz.gui.canvas.spatial import SpatialIndex
from gradviz.gui.style import DARK, LIGHT
from gradviz.layout import LayoutCancelled
from gradviz.recording.model import NodeId, TensorId
from gradviz.recording.replay import Phase
from gradviz.recording.view import ViewMode, ViewOptions, node_item, op_item, tensor_item
from gradviz.recording.view_options import Arrangement, Folds, FoldStart, Heading
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.recordings import make_ladder_recording, make_odd_recording
from tests.recording.scoped import make_block_recording

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

X, Y, Z, P, G = (tensor_item(TensorId(number)) for number in range(5))
ADD, MUL = op_item(0), op_item(1)


def test_cards_do_not_overlap() -> None:
    boxes = build_scene(make_odd_recording()).card_boxes
    for number, box in enumerate(boxes):
        apart = (
            (boxes[:, 0] >= box[2])
            | (boxes[:, 2] <= box[0])
            | (boxes[:, 1] >= box[3])
            | (boxes[:, 3] <= box[1])
        )
        apart[number] = True
        assert apart.all()


def test_edges_end_at_the_borders_of_their_cards() -> None:
    scene = build_scene(make_ladder_recording(layers=6))
    for number, edge in enumerate(scene.edges):
        polyline = scene.route(number)
        source, target = scene.box_of(edge.source), scene.box_of(edge.target)
        assert source.grown(0.1).contains(*polyline[0].tolist())
        assert target.grown(0.1).contains(*polyline[-1].tolist())


def test_asking_for_a_box_gives_what_lies_in_it() -> None:
    scene = build_scene(make_chain_rule_recording())
    near_x = scene.box_of(scene.index[X])
    found = {scene.items[card] for card in scene.cards_in(near_x)}
    assert X in found and G not in found
    assert scene.card_at(*scene.centre_of(scene.index[P])) == scene.index[P]
    assert scene.card_at(-1e6, 0.0) is None


def test_a_tile_of_a_large_scene_visits_only_what_is_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    scene = build_scene(make_ladder_recording(layers=180, width=14))
    assert len(scene.cards) > 5000
    drawn: list[object] = []
    real = painter_module.paint_card
    monkeypatch.setattr(
        painter_module, "paint_card", lambda *args: (drawn.append(args[1]), real(*args))
    )
    image = QImage(256, 256, QImage.Format.Format_RGB32)
    x, y = scene.centre_of(2500)
    painter = QPainter(image)
    try:
        painter.translate(128 - x, 128 - y)
        paint_scene(
            painter, scene, Look(LIGHT), Box(x - 128, y - 128, x + 128, y + 128), Detail.FULL
        )
    finally:
        painter.end()
    assert scene.cards[2500] in drawn
    assert len(drawn) < 20


def test_from_far_away_no_card_is_painted_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    scene = build_scene(make_ladder_recording(layers=20))

    def refuse(*_: object) -> None:
        raise AssertionError("a card was painted by itself")

    monkeypatch.setattr(painter_module, "paint_card", refuse)
    image = QImage(300, 300, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    try:
        painter.scale(0.1, 0.1)
        paint_scene(painter, scene, Look(LIGHT), scene.bounds, Detail.BLOCKS, 0.1)
    finally:
        painter.end()
    x, y = scene.centre_of(0)
    assert image.pixelColor(int(x / 10), int(y / 10)).name() == LIGHT.leaf.line


def test_slanted_edges_are_not_paler_for_being_small() -> None:
    options = ViewOptions(arrangement=Arrangement.SPRING)
    scene, scale = build_scene(make_chain_rule_recording(), options), 0.25
    left, top, right, bottom = scene.bounds
    size = int((right - left) * scale), int((bottom - top) * scale)
    image = QImage(*size, QImage.Format.Format_RGB32)
    image.fill(QColor(DARK.canvas))
    painter = QPainter(image)
    try:
        painter.scale(scale, scale)
        painter.translate(-left, -top)
        paint_scene(painter, scene, Look(DARK), scene.bounds, Detail.LABELS, scale)
    finally:
        painter.end()
    ground, line = QColor(DARK.canvas).lightness(), QColor(DARK.edge).lightness()
    for number in range(len(scene.edges)):
        x, y = ((scene.route(number).mean(axis=0) - (left, top)) * scale).astype(int).tolist()
        around = [image.pixelColor(x + i, y + j) for i in (-1, 0, 1) for j in (-1, 0, 1)]
        seen = max(colour.lightness() for colour in around)
        assert seen - ground > 0.6 * (line - ground)


def edge_between(scene: object, source: object, target: object) -> int:
    return next(
        number
        for number, edge in enumerate(scene.edges)  # type: ignore[attr-defined]
        if (scene.items[edge.source], scene.items[edge.target]) == (source, target)  # type: ignore[attr-defined]
    )


def test_phases_follow_the_playhead() -> None:
    scene = build_scene(make_chain_rule_recording())
    phases = [Marks(scene, head).phase_of(scene.index[ADD]) for head in range(6)]
    assert phases == [Phase.PENDING] * 3 + [Phase.CURRENT] + [Phase.DONE] * 2
    at_z = Marks(scene, 2)
    assert at_z.current_cards == {scene.index[Z]}
    assert at_z.phase_of(scene.index[MUL]) is Phase.DONE


def test_gradients_stand_on_edges_from_their_step_on() -> None:
    scene = build_scene(make_chain_rule_recording())
    edge = edge_between(scene, X, ADD)
    chips = [Marks(scene, head).chip_of(edge) for head in range(6)]
    assert chips[:3] == [None] * 3
    assert [chip.text for chip in chips[3:] if chip is not None] == ["3"] * 3
    assert [chip.is_current for chip in chips[3:] if chip is not None] == [True, False, False]


def test_a_leaf_shows_its_grad_from_its_accumulation_on() -> None:
    scene = build_scene(make_chain_rule_recording())
    grads = [Marks(scene, head).grad_of(scene.index[X]) for head in range(6)]
    assert grads == [None] * 4 + ["3", "3"]
    assert Marks(scene, 5).grad_of(scene.index[P]) is None


def test_in_the_backward_view_the_node_itself_is_current() -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BACKWARD))
    assert Marks(scene, 2).current_cards == {scene.index[node_item(NodeId(4))]}


def test_large_gradients_are_written_as_their_norm() -> None:
    scene = build_scene(make_ladder_recording(layers=2, shape=(8, 8)))
    texts = {
        chip.text
        for edge in range(len(scene.edges))
        if (chip := Marks(scene, scene.replay.length).chip_of(edge)) is not None
    }
    assert "‖g‖ 4" in texts


def test_gradients_that_meet_in_one_tensor_are_added() -> None:
    scene = build_scene(make_ladder_recording(layers=1, width=1))
    edge = edge_between(scene, tensor_item(TensorId(0)), op_item(0))
    text = chip_text(scene.recording, scene.replay, scene.edges[edge].carriers, scene.replay.length)
    assert text == "0.5 + 0.5"


def test_labels_of_gradients_stay_clear_of_cards_and_of_each_other() -> None:
    for recording in (make_chain_rule_recording(), make_ladder_recording(layers=8, shape=(9, 9))):
        scene = build_scene(recording)
        marks = Marks(scene, scene.replay.length)
        chips = [marks.chip_of(edge) for edge in range(len(scene.edges))]
        boxes = np.array([c.box for c in chips if c is not None and c.room is Room.FREE])
        assert len(boxes)
        for number, box in enumerate(boxes):
            gap = np.maximum(boxes[:, :2] - box[2:], box[:2] - boxes[:, 2:]).max(axis=1)
            assert (np.delete(gap, number) > 4.0).all()
            others = np.vstack((scene.card_boxes, np.delete(boxes, number, axis=0)))
            wide = np.minimum(box[2], others[:, 2]) - np.maximum(box[0], others[:, 0])
            high = np.minimum(box[3], others[:, 3]) - np.maximum(box[1], others[:, 1])
            overlap = np.clip(wide, 0, None) * np.clip(high, 0, None)
            assert overlap.max() <= 0.2 * chip_width("‖g‖ 4.5") * CHIP_HEIGHT


def test_arrow_keys_lead_along_edges() -> None:
    scene = build_scene(make_chain_rule_recording())
    assert card_beyond(scene, scene.index[P], Way.UP) == scene.index[ADD]
    assert card_beyond(scene, scene.index[P], Way.DOWN) == scene.index[MUL]
    assert card_beyond(scene, scene.index[G], Way.DOWN) is None
    x, y = scene.index[X], scene.index[Y]
    left, right = sorted((x, y), key=lambda card: scene.centre_of(card)[0])
    assert card_beyond(scene, left, Way.RIGHT) == right
    assert card_beyond(scene, right, Way.LEFT) == left


def test_arrow_keys_lead_along_edges_to_the_right_where_the_graph_reads_so() -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions(heading=Heading.RIGHT))
    assert card_beyond(scene, scene.index[P], Way.LEFT) == scene.index[ADD]
    assert card_beyond(scene, scene.index[P], Way.RIGHT) == scene.index[MUL]
    x, y = scene.index[X], scene.index[Y]
    upper, lower = sorted((x, y), key=lambda card: scene.centre_of(card)[1])
    assert card_beyond(scene, upper, Way.DOWN) == lower
    assert card_beyond(scene, lower, Way.UP) == upper


def test_building_stops_soon_after_it_is_told_to() -> None:
    recording = make_ladder_recording(layers=40)
    asked = 0

    def should_stop() -> bool:
        nonlocal asked
        asked += 1
        return asked > stop_after

    stop_after = 10**9
    build_scene(recording, should_stop=should_stop)
    in_all = asked
    assert in_all > len(recording.ops), "asked often enough"
    for share in (0.01, 0.3, 0.6, 0.9):
        asked, stop_after = 0, int(in_all * share)
        # Search results out about a recording is kept; another one is looked at anew.
        another = msgspec.structs.replace(recording)
        with pytest.raises(LayoutCancelled):
            build_scene(another, should_stop=should_stop)
        assert asked == stop_after + 1


def test_of_very_many_labels_in_one_place_only_some_are_placed(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("gradviz.gui.canvas.chips.MOST", 10)
    scene = build_scene(make_ladder_recording(layers=8))
    rooms = [scene.chips.place_of(edge)[2] for edge in range(len(scene.edges))]
    assert rooms.count(Room.NONE) >= len(scene.edges) - 10
    assert Room.FREE in rooms


def test_labels_do_not_depend_on_where_one_looked_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradviz.gui.canvas.chips.FEW", 20)
    recording = make_ladder_recording(layers=40, width=8)
    down, up = build_scene(recording), build_scene(recording)
    edges = range(len(down.edges))
    places = [down.chips.place_of(edge) for edge in edges]
    for edge in reversed(edges):
        up.chips.place_of(edge)
    assert len({tuple(cell) for cell in down.chips._cell_of.tolist()}) > 4
    assert places == [up.chips.place_of(edge) for edge in edges]


def test_the_spatial_index_finds_what_looking_at_everything_finds() -> None:
    chance = np.random.default_rng(0)
    corner = chance.uniform(-20_000, 20_000, (2_000, 2))
    size = chance.exponential(200.0, (2_000, 2))
    size[::100] *= 60.0
    boxes = np.hstack((corner, corner + size))
    index = SpatialIndex(boxes)
    for x, y, reach in chance.uniform(-21_000, 21_000, (60, 3)).tolist():
        box = Box(x, y, x, y).grown(abs(reach) / 20)
        assert index.touching(box).tolist() == touching(boxes, box).tolist()
    assert len(index.touching(Box(-1e9, -1e9, 1e9, 1e9))) == len(boxes)
    assert not len(index.touching(Box(1e8, 1e8, 2e8, 2e8)))


def test_in_the_view_of_both_each_gradient_is_shown_once() -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BOTH))
    marks = Marks(scene, scene.replay.length)
    at_node = scene.is_backward
    forward = [number for number in range(len(scene.edges)) if not at_node[number]]
    told = {number for number in forward if marks.chip_of(number) is not None}
    assert told == {edge_between(scene, MUL, G)}, "the gradient that the pass begins with"
    assert scene.is_strong[edge_between(scene, X, ADD)]
    assert sum(marks.chip_of(number) is not None for number in np.flatnonzero(at_node)) >= 4


def test_where_only_gradients_run_the_arrow_points_their_way() -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BACKWARD))
    assert scene.is_backward.all()
    assert not build_scene(make_chain_rule_recording()).is_backward.any()


def test_labels_hide_no_title_of_a_frame(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("gradviz.gui.canvas.chips._widest", lambda *_: 100.0)
    scene = build_scene(make_block_recording(4), ViewOptions(folds=Folds(FoldStart.OPEN)))
    titles = np.array([title_of_frame(frame) for frame in scene.frames])
    places = [scene.chips.place_of(edge) for edge in range(len(scene.edges))]
    shown = [(x, y) for x, y, room in places if room is Room.FREE]
    assert shown and len(titles)
    half = CHIP_HEIGHT / 2
    boxes = [Box(x - 50.0, y - half, x + 50.0, y + half) for x, y in shown]
    assert not any(len(touching(titles, box)) for box in boxes)


def test_the_arrow_at_the_current_card_leaves_edges_free() -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BOTH))
    accumulates = [
        edge.target if scene.items[edge.source] in (X, Y, Z) else edge.source
        for number, edge in enumerate(scene.edges)
        if scene.is_backward[number] and {scene.items[end] for end in edge[:2]} & {X, Y, Z}
    ]
    assert [scene.marker_side(card) for card in accumulates] == [1, 1, 1]
    assert scene.marker_side(scene.index[MUL]) == -1


def test_no_label_stands_on_an_edge_that_is_shorter_than_it() -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions(mode=ViewMode.BOTH))
    last = Marks(scene, scene.replay.length)
    chips = [last.chip_of(edge) for edge in last.delivered_edges]
    flat = [chip for chip in chips if chip and np.ptp(scene.route(chip.edge)[:, 1]) < 1.0]
    assert flat and not any(chip.is_shown for chip in flat)

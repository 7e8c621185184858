from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QColor, QImage, QPainter
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.frames import Frame
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.look import Look
from gradviz.gui.canvas.marks import Marks
from gradviz.gui.canvas.motion import camera_after, transition_between
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.canvas.transition import matches
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.layout.model import Direction
from gradviz.layout.routes import Lines, joined
from gradviz.recording.model import Recording, TensorId
from gradviz.recording.view import ViewMode, ViewOptions, op_item, tensor_item
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.recordings import make_ladder_recording
from tests.gui.canvas.test_canvas import middle, sharp, show

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

STILL = Camera(10.0, 20.0, 0.8)


def moved(scene: Scene, dx: float, dy: float) -> Scene:
    return scene.with_changes(scene.rects + np.array((dx, dy, 0.0, 0.0)), {})


def test_cards_are_matched_by_item_within_a_run_and_by_what_they_are_between_runs() -> None:
    recording = make_chain_rule_recording()
    forward = build_scene(recording)
    both = build_scene(recording, ViewOptions(mode=ViewMode.BOTH))
    same = matches(forward, both)
    assert [both.items[i] for i in np.flatnonzero(same >= 0)] == [
        forward.items[i] for i in same[same >= 0]
    ]
    assert set(same[same >= 0].tolist()) == set(range(len(forward.cards)))
    again = build_scene(make_chain_rule_recording())
    assert (matches(forward, again) == np.arange(len(again.cards))).all()
    other = build_scene(make_ladder_recording(layers=2))
    assert (matches(forward, other) >= 0).sum() <= 1


def test_it_begins_where_the_cards_were_seen_and_ends_where_they_are() -> None:
    before = build_scene(make_chain_rule_recording())
    after = moved(before, 300.0, 0.0)
    old, new = Camera(5.0, 7.0, 0.5), Camera(90.0, -4.0, 1.25)
    way = transition_between(before, after, matches(before, after), before.rects, old, new)
    for card in range(len(after.cards)):
        start = way.rects_at(0.0)[card]
        seen = new.to_canvas(*start[:2].tolist())
        assert seen == pytest.approx(old.to_canvas(*before.rects[card, :2].tolist()))
        assert start[2] * new.scale == pytest.approx(before.rects[card, 2] * old.scale)
    assert np.allclose(way.rects_at(1.0), after.rects)
    assert way.is_visible
    rest = transition_between(before, before, matches(before, before), before.rects, old, old)
    assert not rest.is_visible


def test_what_a_scope_held_goes_into_its_card_and_comes_out_of_it() -> None:
    plain = build_scene(make_chain_rule_recording())
    scope = op_item(77)
    frame = Frame(scope, "fc", plain.bounds, 0)
    opened = Scene(
        plain.recording,
        plain.cards,
        plain.rects,
        plain.edges,
        Lines(plain.points, plain.starts),
        frames=[frame],
    )
    card = msgspec.structs.replace(plain.cards[0], item=scope)
    folded = Scene(plain.recording, [card], np.array([[500.0, 40.0, 100.0, 40.0]]), [], joined([]))
    out = transition_between(folded, opened, matches(folded, opened), folded.rects, STILL, STILL)
    place = Box(500.0, 40.0, 600.0, 80.0)
    for left, top, *_ in out.rects_at(0.0).tolist():
        assert place.contains(left, top)
    image = QImage(400, 300, QImage.Format.Format_RGB32)
    back = transition_between(opened, folded, matches(opened, folded), opened.rects, STILL, STILL)
    for way, scene in ((out, opened), (back, folded)):
        for share in (0.0, 0.3, 1.0):
            image.fill(0)
            painter = QPainter(image)
            try:
                way.paint(painter, Look(LIGHT), Marks(scene, 0), Box(0, 0, 900, 900), 0.8, share)
            finally:
                painter.end()
            assert not image.isNull()


def test_the_scope_that_was_toggled_stays_where_it_was_seen() -> None:
    plain = build_scene(make_chain_rule_recording())
    scope = op_item(77)
    frame = Frame(scope, "fc", Box(1000.0, 2000.0, 1400.0, 2600.0), 0)
    opened = Scene(
        plain.recording,
        plain.cards,
        plain.rects,
        plain.edges,
        Lines(plain.points, plain.starts),
        frames=[frame],
    )
    card = msgspec.structs.replace(plain.cards[0], item=scope)
    folded = Scene(plain.recording, [card], np.array([[500.0, 40.0, 100.0, 40.0]]), [], joined([]))
    camera = Camera(300.0, 0.0, 1.0)
    after = camera_after(folded, opened, matches(folded, opened), camera, (900, 700))
    assert after is not None
    assert after.to_canvas(1200.0, 2000.0) == pytest.approx(camera.to_canvas(550.0, 40.0))


@pytest.mark.parametrize("bends", Direction)
def test_what_is_beside_a_toggled_scope_stays_where_it_was_seen(bends: Direction) -> None:
    plain = build_scene(make_chain_rule_recording())
    scope = op_item(77)
    wide = Box(0.0, 0.0, 900.0, 600.0)
    opened = Scene(
        plain.recording,
        plain.cards,
        plain.rects,
        [],
        joined([]),
        frames=[Frame(scope, "fc", wide, 0)],
        bends=bends,
    )
    card = msgspec.structs.replace(plain.cards[0], item=scope)
    shifted = plain.rects + np.array((30.0, 30.0, 0.0, 0.0))
    rects = np.vstack((shifted, (10.0, 10.0, 100.0, 40.0)))
    folded = Scene(plain.recording, [*plain.cards, card], rects, [], joined([]), bends=bends)
    camera = Camera(-200.0, -100.0, 1.0)
    after = camera_after(opened, folded, matches(opened, folded), camera, (900, 700))
    assert after is not None
    # Along the edges the scope begins where it began, across them all else is where it was.
    assert after[:2] == ((-170.0, -90.0) if bends is Direction.DOWN else (-190.0, -70.0))


@pytest.mark.parametrize("is_at_end", [False, True])
def test_a_border_that_was_in_sight_is_so_in_another_kind_of_view(is_at_end: bool) -> None:
    before = build_scene(make_chain_rule_recording())
    bounds, by = before.bounds, 70.0 if is_at_end else -70.0
    size = int(bounds.width), int(bounds.height)
    camera = Camera(bounds.left - 10, bounds.top - 10, 1.0)
    if is_at_end:
        camera = camera.panned(-20.0, -20.0)
    after = outgrown(before, by, is_at_end=is_at_end)
    seen = camera_after(before, after, matches(before, after), camera, size)
    assert seen is not None
    view, last = seen.view(*size), after.bounds
    if is_at_end:
        assert view.right > last.right and view.bottom > last.bottom
    else:
        assert view.left < last.left and view.top < last.top


@pytest.mark.parametrize("sees_all", [False, True])
def test_what_is_in_the_middle_stays_in_sight_of_a_graph_that_has_grown_much(
    sees_all: bool,
) -> None:
    before = build_scene(make_chain_rule_recording())
    bounds = before.bounds
    camera = Camera(bounds.left - 10, bounds.top - 10, 1.0)
    slack = 20 if sees_all else -20
    size = int(bounds.width) + slack, int(bounds.height) + slack
    after = outgrown(before, -9_000.0, is_at_end=False)
    assert camera_after(before, after, matches(before, after), camera, size) == camera


def outgrown(scene: Scene, by: float, *, is_at_end: bool) -> Scene:
    """The scene with its last or first card further away."""
    rects = scene.rects.copy()
    outermost = rects[:, 1].argmax() if is_at_end else rects[:, 1].argmin()
    rects[outermost, :2] += by
    return Scene(scene.recording, scene.cards, rects, [], joined([]))


@pytest.mark.parametrize("is_kept_in_sight", [True, False])
def test_of_several_scopes_that_are_opened_what_is_in_the_middle_decides(
    is_kept_in_sight: bool,
) -> None:
    plain = build_scene(make_chain_rule_recording())
    first, second = op_item(77), op_item(78)
    frames = [
        Frame(first, "a", Box(0.0, 0.0, 300.0, 600.0), 0),
        Frame(second, "b", Box(0.0, 3000.0, 300.0, 3600.0), 0),
    ]
    kept = plain.cards[0]
    opened = Scene(
        plain.recording,
        [kept],
        np.array([[100.0, 3700.0, 100.0, 40.0]]),
        [],
        joined([]),
        frames=frames,
    )
    cards = [msgspec.structs.replace(kept, item=item) for item in (first, second)]
    down = 120.0 if is_kept_in_sight else 90_000.0
    rects = [[100.0, 0.0, 100.0, 40.0], [100.0, 60.0, 100.0, 40.0], [100.0, down, 100.0, 40.0]]
    folded = Scene(plain.recording, [*cards, kept], np.array(rects), [], joined([]))
    camera = Camera(0.0, 0.0, 1.0)
    after = camera_after(folded, opened, matches(folded, opened), camera, (300, 260))
    assert after is not None
    stays = (150.0, 3700.0, 120.0) if is_kept_in_sight else (150.0, 3000.0, 60.0)
    assert after.to_canvas(*stays[:2]) == pytest.approx((150.0, stays[2]))


def test_a_scope_wider_than_the_view_does_not_push_away_what_is_beside_it() -> None:
    plain = build_scene(make_chain_rule_recording())
    scope, kept = op_item(77), plain.cards[0]
    wide = Frame(scope, "a", Box(0.0, 0.0, 3000.0, 600.0), 0)
    rects = np.array([[2500.0, 650.0, 100.0, 40.0]])
    opened = Scene(plain.recording, [kept], rects, [], joined([]), frames=[wide])
    card = msgspec.structs.replace(kept, item=scope)
    rects = np.array([[100.0, 0.0, 100.0, 40.0], [100.0, 60.0, 100.0, 40.0]])
    folded = Scene(plain.recording, [card, kept], rects, [], joined([]))
    camera = Camera(0.0, 0.0, 1.0)
    after = camera_after(folded, opened, matches(folded, opened), camera, (300, 260))
    assert after is not None
    assert after.to_canvas(2550.0, 0.0) == pytest.approx((150.0, 0.0))


def shown_canvas(qtbot: QtBot, session: Session, appearance: Appearance) -> Canvas:
    canvas = Canvas(session, appearance)
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    show(qtbot, canvas, session, make_chain_rule_recording())
    return canvas


def renamed() -> Recording:
    recording = make_chain_rule_recording()
    tensors = list(recording.tensors)
    tensors[0] = msgspec.structs.replace(tensors[0], name="a_much_longer_name")
    return msgspec.structs.replace(recording, tensors=tuple(tensors))


def test_a_nearly_equal_run_moves_there_and_ends_sharp(qtbot: QtBot, session: Session) -> None:
    canvas = shown_canvas(qtbot, session, Appearance(LIGHT))
    sharp(qtbot, canvas)
    show(qtbot, canvas, session, renamed())
    assert not canvas.is_sharp
    canvas.grab()
    ended = sharp(qtbot, canvas)
    canvas.set_theme(LIGHT)
    assert ended == sharp(qtbot, canvas)


def test_what_stays_keeps_its_gradients_on_the_way(qtbot: QtBot, session: Session) -> None:
    canvas = shown_canvas(qtbot, session, Appearance(LIGHT))
    session.move_playhead(session.replay.length - 1)
    scene = canvas.scene
    assert scene is not None
    way = transition_between(scene, scene, matches(scene, scene), scene.rects, STILL, STILL)
    view = scene.bounds.grown(20.0)
    tint = QColor(LIGHT.current_fill).rgb()
    for scale, is_told in ((0.8, True), (0.45, False)):
        image = QImage(600, 600, QImage.Format.Format_RGB32)
        image.fill(QColor(LIGHT.canvas))
        painter = QPainter(image)
        try:
            painter.scale(scale, scale)
            painter.translate(-view.left, -view.top)
            way.paint(painter, Look(LIGHT), Marks(scene, session.playhead), view, scale, 0.5)
        finally:
            painter.end()
        pixels = {image.pixel(x, y) for x in range(600) for y in range(600)}
        # The row of `.grad`, where the picture that follows has it as well.
        assert (tint in pixels) is is_told
        # The lines along which gradients came are brown.
        assert any(QColor(pixel).red() - QColor(pixel).blue() > 60 for pixel in pixels)


def test_its_last_picture_stays_until_there_are_tiles(
    qtbot: QtBot, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    canvas = shown_canvas(qtbot, session, Appearance(LIGHT))
    sharp(qtbot, canvas)
    show(qtbot, canvas, session, renamed())
    monkeypatch.setattr("gradviz.gui.canvas.surface.FIRST_FRAME_SECONDS", 0.0)
    monkeypatch.setattr("gradviz.gui.canvas.surface.GOING_ON_SECONDS", 0.0)
    canvas._surface._seconds = 0.0
    qtbot.waitUntil(lambda: canvas._motion.transition is None)
    image = canvas.grab().toImage()
    assert not canvas.is_sharp
    scene = canvas.scene
    assert scene is not None
    for card in range(len(scene.cards)):
        left, top, _, bottom = scene.box_of(card)
        x, y = canvas.camera.to_canvas(left, (top + bottom) / 2)
        line = {image.pixel(int(x) + dx, int(y)) for dx in range(-2, 3)}
        assert line != {QColor(LIGHT.canvas).rgb()}


def test_with_reduced_motion_the_next_scene_is_there_at_once(
    qtbot: QtBot, session: Session
) -> None:
    appearance = Appearance(LIGHT)
    appearance.reduced_motion = True
    canvas = shown_canvas(qtbot, session, appearance)
    sharp(qtbot, canvas)
    show(qtbot, canvas, session, renamed())
    assert canvas._motion.transition is None
    sharp(qtbot, canvas)


def test_an_interrupted_way_goes_on_from_where_it_is(qtbot: QtBot, session: Session) -> None:
    canvas = shown_canvas(qtbot, session, Appearance(LIGHT))
    scene = canvas.scene
    assert scene is not None
    away = moved(scene, 400.0, 0.0)
    canvas.show_scene(away)
    canvas.show_scene(scene)
    transition = canvas._motion.transition
    assert transition is None or np.abs(transition.start - scene.rects).max() < 400.0
    sharp(qtbot, canvas)
    assert canvas.rect().contains(middle(canvas, tensor_item(TensorId(0))))

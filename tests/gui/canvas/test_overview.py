from __future__ import annotations

import numpy as np
import pytest
from PySide6.QtCore import QSize
from PySide6.QtGui import QColor, QImage, QPainter

from gradviz.gui.canvas.camera import Camera, fitting
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.look import CODE_OF_PHASE, NO_COLOUR, Colouring, Focus, Look
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.style import DARK, LIGHT
from gradviz.recording.replay import Phase
from tests.gui.canvas.recordings import make_ladder_recording

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

SIZE = (800, 600)


@pytest.fixture(scope="module")
def scene(qapp: object) -> Scene:
    return build_scene(make_ladder_recording(layers=30, width=6))


def picture(overview: Overview, camera: Camera, phases: np.ndarray) -> QImage:
    image = QImage(*SIZE, QImage.Format.Format_RGB32)
    painter = QPainter(image)
    try:
        overview.show(painter, camera, SIZE, phases)
    finally:
        painter.end()
    return image


def colour_of(image: QImage, camera: Camera, scene: Scene, card: int) -> str:
    x, y = camera.to_canvas(*scene.centre_of(card))
    return image.pixelColor(int(x), int(y)).name()


def near(scene: Scene, overview: Overview, card: int) -> Camera:
    x, y = scene.centre_of(card)
    scale = overview.scale
    return Camera(x - SIZE[0] / 2 / scale, y - SIZE[1] / 2 / scale, scale)


def test_blocks_have_the_colours_of_their_phases_forwards_and_back(scene: Scene) -> None:
    overview = Overview(scene, Look(LIGHT))
    camera = near(scene, overview, 5)
    idle = np.zeros(len(scene.cards), np.uint8)
    done = idle.copy()
    done[5], done[6] = CODE_OF_PHASE[Phase.DONE], CODE_OF_PHASE[Phase.PENDING]
    plain = picture(overview, camera, idle)
    assert colour_of(picture(overview, camera, done), camera, scene, 5) == LIGHT.done
    assert picture(overview, camera, idle) == plain


def test_blocks_are_coloured_by_role_again_when_all_is_done(scene: Scene) -> None:
    overview = Overview(scene, Look(LIGHT))
    camera = near(scene, overview, 5)
    plain = picture(overview, camera, np.zeros(len(scene.cards), np.uint8))
    done = np.full(len(scene.cards), CODE_OF_PHASE[Phase.DONE], np.uint8)
    assert picture(overview, camera, done) == plain


def test_it_is_cropped_as_the_camera_says(scene: Scene) -> None:
    overview = Overview(scene, Look(DARK))
    phases = np.zeros(len(scene.cards), np.uint8)
    far_away = picture(overview, Camera(1e6, 1e6, overview.scale), phases)
    assert far_away.pixelColor(400, 300) == QColor(DARK.canvas)
    whole = picture(overview, fitting(scene.bounds, *SIZE, largest=overview.scale), phases)
    colours = {whole.pixelColor(x, y).name() for x in range(SIZE[0]) for y in range(250, 350)}
    assert {DARK.op.line, DARK.intermediate.line} <= colours


def test_an_overlay_colours_blocks_and_a_focus_dims_them(scene: Scene) -> None:
    phases = np.zeros(len(scene.cards), np.uint8)
    cards = np.full(len(scene.cards), NO_COLOUR, np.uint8)
    cards[5] = 0
    coloured = Overview(scene, Look(LIGHT, colouring=Colouring((LIGHT.root,), cards)))
    camera = near(scene, coloured, 5)
    shown = picture(coloured, camera, phases)
    assert colour_of(shown, camera, scene, 5) == LIGHT.root.line
    some = np.zeros(len(scene.cards), np.bool_)
    some[5] = True
    focused = Overview(scene, Look(LIGHT, focus=Focus(some, np.zeros(len(scene.edges), np.bool_))))
    dimmed = picture(focused, camera, phases)
    other = next(card for card in range(5) if scene.kinds[card] == scene.kinds[5])
    at = near(scene, focused, other)
    bright = QColor(colour_of(dimmed, camera, scene, 5)).lightness()
    assert QColor(colour_of(picture(focused, at, phases), at, scene, other)).lightness() > bright


def test_very_many_changes_are_drawn_over_several_frames(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gradviz.gui.canvas.overview.CHANGES_AT_ONCE", 50)
    overview = Overview(scene, Look(LIGHT))
    camera = fitting(scene.bounds, *SIZE, largest=overview.scale)
    done = np.full(len(scene.cards), CODE_OF_PHASE[Phase.DONE], np.uint8)
    done[-1] = CODE_OF_PHASE[Phase.PENDING]
    frames = 1
    picture(overview, camera, done)
    while not overview.is_complete:
        picture(overview, camera, done)
        frames += 1
    assert frames >= len(scene.cards) // 50


def test_a_very_long_graph_is_painted_to_its_end() -> None:
    scene = build_scene(make_ladder_recording(layers=5, width=1))
    rects = scene.rects.copy()
    rects[-1, 1] += 2_000_000.0
    long = scene.with_changes(rects, {})
    overview = Overview(long, Look(LIGHT))
    phases = np.zeros(len(long.cards), np.uint8)
    last = len(long.cards) - 1
    camera = near(long, overview, last)
    shown = picture(overview, camera, phases)
    around = {shown.pixelColor(x, y).name() for x in range(390, 411) for y in range(290, 311)}
    assert LIGHT.op.line in around
    assert overview.small_image(QSize(100, 100)).height() <= 100


def test_long_upright_lines_are_as_if_drawn_dot_by_dot(
    scene: Scene, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = QSize(4_000, 4_000)
    counted = Overview(scene, Look(LIGHT)).small_image(whole)
    monkeypatch.setattr("gradviz.gui.canvas.overview.LONG", 10**9)
    monkeypatch.setattr("gradviz.gui.canvas.overview.DOTS_AT_ONCE", 1_000)
    assert Overview(scene, Look(LIGHT)).small_image(whole) == counted

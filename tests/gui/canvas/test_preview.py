from __future__ import annotations

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from benchmarks.scenes import make_recording
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.preview import between, preview, toggled
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.session import Session
from gradviz.gui.style import LIGHT, Appearance
from gradviz.recording.view_options import Folds, FoldStart, Heading, ViewOptions

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

OPEN = Folds(start=FoldStart.OPEN)
FOLDED = Folds(start=FoldStart.FOLDED)
KEY = "/row0"


def scene_of(folds: Folds, heading: Heading = Heading.DOWN) -> Scene:
    return build_scene(RECORDING, ViewOptions(folds=folds, heading=heading))


RECORDING = make_recording(60, 6, row_is_module=True)


def ends(scene: Scene, along: int) -> tuple[np.ndarray, np.ndarray]:
    return scene.rects[:, along], scene.rects[:, along] + scene.rects[:, along + 2]


def test_what_is_toggled_is_found_by_its_key() -> None:
    opened, folded = toggled(scene_of(FOLDED), FOLDED, FOLDED.opening(KEY))
    assert len(opened) == 1 and folded == []
    opened, folded = toggled(scene_of(OPEN), OPEN, OPEN.folding(KEY))
    assert opened == [] and len(folded) == 1
    assert toggled(scene_of(OPEN), OPEN, OPEN) == ([], [])
    assert toggled(scene_of(OPEN), OPEN, FOLDED) == ([], [])


@pytest.mark.parametrize("heading", Heading)
def test_what_is_behind_an_opened_scope_makes_room_and_nothing_goes_aside(
    heading: Heading,
) -> None:
    scene = scene_of(FOLDED, heading)
    along = 1 if heading is Heading.DOWN else 0
    (item,), _ = toggled(scene, FOLDED, FOLDED.opening(KEY))
    after = preview(scene, [item], [])
    assert after is not None
    card = scene.index[item]
    behind = ends(scene, along)[0] > ends(scene, along)[1][card]
    assert behind.any()
    moved = after.rects - scene.rects
    assert (moved[:, 1 - along] == 0).all()
    assert (moved[behind, along] > 50).all() and np.ptp(moved[behind, along]) == 0
    assert (moved[~behind, along] == 0).all()
    # Lines still begin at their cards.
    first = scene.starts[:-1][scene.sources == card]
    assert len(first) and (after.points[first] == scene.points[first]).all()


@pytest.mark.parametrize("heading", Heading)
def test_what_is_behind_a_folded_scope_comes_nearer_without_overlaps(heading: Heading) -> None:
    scene = scene_of(OPEN, heading)
    along = 1 if heading is Heading.DOWN else 0
    _, (item,) = toggled(scene, OPEN, OPEN.folding(KEY))
    after = preview(scene, [], [item])
    assert after is not None
    (frame,) = [frame for frame in scene.frames if frame.item == item]
    behind = ends(scene, along)[0] >= frame.box[along + 2]
    assert behind.any()
    assert (after.rects[behind, along] < scene.rects[behind, along]).all()
    inside = after.rects[:, 2] < scene.rects[:, 2] * 0.5
    assert inside.any()
    assert ends(after, along)[0][behind].min() >= ends(after, along)[1][inside].max()
    # Lines end where their cards are.
    last = after.points[after.starts[1:] - 1]
    of_behind = behind[after.targets]
    assert (last[of_behind, along] >= ends(after, along)[0][after.targets[of_behind]] - 8).all()


def test_a_preview_begins_with_the_scene_and_ends_with_itself() -> None:
    scene = scene_of(OPEN)
    after = preview(scene, *toggled(scene, OPEN, OPEN.folding(KEY)))
    assert after is not None
    assert np.array_equal(between(scene, after, 0.0).points, scene.points)
    assert np.allclose(between(scene, after, 1.0).rects, after.rects)


def test_the_canvas_moves_before_the_next_scene_is_there_and_goes_on_from_there(
    qtbot: QtBot,
) -> None:
    session = Session()
    canvas = Canvas(session, Appearance(LIGHT))
    qtbot.addWidget(canvas)
    canvas.resize(700, 500)
    canvas.show()
    session.show_recording(RECORDING)
    session.change_view(folds=OPEN)
    qtbot.waitUntil(lambda: canvas.is_sharp and bool(canvas.scene and canvas.scene.frames))
    before = canvas.scene
    assert before is not None
    with qtbot.waitSignal(canvas.scene_shown, timeout=20_000):
        session.change_view(folds=OPEN.folding(KEY))
        assert canvas.is_foreseen
        canvas.grab()
        assert canvas.scene is before
    assert not canvas.is_foreseen
    qtbot.waitUntil(lambda: canvas.is_sharp, timeout=20_000)


def test_what_is_taken_back_at_once_is_not_foreseen_any_more(qtbot: QtBot) -> None:
    session = Session()
    canvas = Canvas(session, Appearance(LIGHT))
    qtbot.addWidget(canvas)
    session.show_recording(RECORDING)
    canvas.cancel_building()
    canvas.show_scene(build_scene(RECORDING, session.view_options))
    folds = session.view_options.folds
    for changed, is_foreseen in ((folds.folding(KEY), True), (folds, False)):
        session.set_view_options(msgspec.structs.replace(session.view_options, folds=changed))
        canvas.cancel_building()
        assert canvas.is_foreseen is is_foreseen


def test_with_reduced_motion_nothing_is_foreseen(qtbot: QtBot) -> None:
    session, appearance = Session(), Appearance(LIGHT)
    appearance.reduced_motion = True
    canvas = Canvas(session, appearance)
    qtbot.addWidget(canvas)
    session.show_recording(RECORDING)
    canvas.cancel_building()
    canvas.show_scene(build_scene(RECORDING, session.view_options))
    session.change_view(folds=session.view_options.folds.folding(KEY))
    canvas.cancel_building()
    assert not canvas.is_foreseen

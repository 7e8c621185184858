from __future__ import annotations

import msgspec
import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from benchmarks.scenes import make_recording
from gradviz.gui.canvas import builder as builder_module
from gradviz.gui.canvas.builder import SceneBuilder
from gradviz.gui.canvas.look import Colouring, Look
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.style import LIGHT
from gradviz.recording.model import PassId, Recording
from gradviz.recording.view_options import Folds, FoldStart, ViewMode, ViewOptions

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]

OPEN = ViewOptions(folds=Folds(start=FoldStart.OPEN))
FOLDED = ViewOptions(folds=Folds(start=FoldStart.OPEN).folding("/row0"))


def built(qtbot: QtBot, builder: SceneBuilder, recording: Recording, options: ViewOptions) -> Scene:
    with qtbot.waitSignal(builder.scene_built, timeout=20_000) as signal:
        builder.build(recording, options, Look(LIGHT))
    assert signal.args is not None
    scene: Scene = signal.args[0]
    return scene


def test_a_scope_that_is_opened_again_is_just_as_it_was(qtbot: QtBot) -> None:
    recording, builder = make_recording(60, 6, row_is_module=True), SceneBuilder()
    first = built(qtbot, builder, recording, OPEN)
    folded = built(qtbot, builder, recording, FOLDED)
    assert len(folded.cards) < len(first.cards)
    assert built(qtbot, builder, recording, OPEN) is first
    assert built(qtbot, builder, recording, FOLDED) is folded


def test_another_recording_and_other_texts_are_built_anew(qtbot: QtBot) -> None:
    builder = SceneBuilder()
    recordings = [make_recording(60, 6, row_is_module=True) for _ in range(2)]
    first = built(qtbot, builder, recordings[0], OPEN)
    assert built(qtbot, builder, recordings[1], OPEN).recording is recordings[1]
    assert built(qtbot, builder, recordings[0], OPEN) is not first
    last = built(qtbot, builder, recordings[0], FOLDED)
    builder.forget()
    assert built(qtbot, builder, recordings[0], FOLDED) is not last


def test_what_is_kept_is_little(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(builder_module, "MAX_KEPT_CARDS", 70)
    recording, builder = make_recording(60, 6, row_is_module=True), SceneBuilder()
    first = built(qtbot, builder, recording, OPEN)
    built(qtbot, builder, recording, FOLDED)
    assert built(qtbot, builder, recording, OPEN) is not first


def test_a_kept_scene_is_not_delivered_once_another_is_asked_for(qtbot: QtBot) -> None:
    recording, builder = make_recording(60, 6, row_is_module=True), SceneBuilder()
    first = built(qtbot, builder, recording, OPEN)
    folded = built(qtbot, builder, recording, FOLDED)
    shown: list[Scene] = []
    builder.scene_built.connect(lambda scene, _overview: shown.append(scene))
    builder.build(recording, OPEN, Look(LIGHT))
    builder.build(recording, FOLDED, Look(LIGHT))
    qtbot.waitUntil(lambda: bool(shown))
    qtbot.wait(30)
    assert shown == [folded] and first is not folded


def test_a_later_pass_is_looked_at_before_anybody_steps_into_it(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = make_recording(200, 14)
    (first,) = recording.passes
    later = msgspec.structs.replace(first, id=PassId(1))
    recording = msgspec.structs.replace(recording, passes=(first, later))
    looked_at: list[int] = []

    def noting(_scene: Scene, pass_index: int) -> None:
        looked_at.append(pass_index)

    monkeypatch.setattr(Scene, "warm_pass", noting)
    built(qtbot, SceneBuilder(), recording, OPEN)
    qtbot.waitUntil(lambda: 1 in looked_at)


def test_a_scene_that_is_moved_to_comes_before_its_overview(qtbot: QtBot) -> None:
    recording, builder = make_recording(60, 6, row_is_module=True), SceneBuilder()
    came: list[tuple[Scene, object]] = []
    builder.scene_built.connect(lambda scene, overview: came.append((scene, overview)))

    def build(options: ViewOptions) -> None:
        with qtbot.waitSignal(builder.scene_built, timeout=20_000):
            builder.build(recording, options, Look(LIGHT), moves=True)

    build(OPEN)
    build(FOLDED)
    assert came[0][1] is not None, "there is nothing that could move to the first one"
    folded, overview = came[1]
    assert overview is None
    with qtbot.waitSignal(builder.overview_painted, timeout=20_000) as signal:
        builder.paint_overview(folded, Look(LIGHT))
    assert signal.args is not None
    build(OPEN)
    build(FOLDED)
    assert came[3] == (folded, signal.args[1]), "what was kept has it by now"


def test_only_the_last_overview_asked_for_is_painted(qtbot: QtBot) -> None:
    recording, builder = make_recording(60, 6, row_is_module=True), SceneBuilder()
    first = built(qtbot, builder, recording, OPEN)
    folded = built(qtbot, builder, recording, FOLDED)
    painted: list[Scene] = []
    builder.overview_painted.connect(lambda scene, _overview: painted.append(scene))
    for scene in (first, folded):
        builder.paint_overview(scene, Look(LIGHT))
    qtbot.waitUntil(lambda: bool(painted))
    qtbot.wait(30)
    assert painted == [folded]


def test_overviews_in_looks_that_hold_arrays_are_told_apart(qtbot: QtBot) -> None:
    recording, builder = make_recording(60, 6, row_is_module=True), SceneBuilder()
    scene = built(qtbot, builder, recording, FOLDED)
    looks = [
        Look(LIGHT, Colouring((LIGHT.leaf,), np.zeros(len(scene.cards), dtype=np.uint8)))
        for _ in range(2)
    ]
    builder._wanted = scene, looks[0]
    builder._paint_overview((scene, looks[1]))
    with qtbot.waitSignal(builder.overview_painted, timeout=20_000):
        builder.paint_overview(scene, looks[1])


@pytest.mark.parametrize("options", [OPEN, ViewOptions(mode=ViewMode.BOTH)])
def test_the_layout_of_what_is_asked_for_tells_how_far_it_is(
    qtbot: QtBot, options: ViewOptions
) -> None:
    recording, builder, told = make_recording(60, 6, row_is_module=True), SceneBuilder(), []
    builder.progressed.connect(told.append)
    built(qtbot, builder, recording, options)
    assert told == sorted(told)
    assert len(set(told)) > 2
    assert told[-1] == 100

from __future__ import annotations

import pytest

from benchmarks import canvas
from benchmarks.canvas import Stage, drag_ms, fold_ms, moved_ms
from benchmarks.scenes import make_scene
from gradviz.recording.view_options import FoldStart, ViewOptions

pytestmark = [pytest.mark.gui, pytest.mark.usefixtures("qapp")]


def test_the_scene_is_a_square_with_a_pass_through_all_of_it() -> None:
    scene = make_scene(400)
    assert len(scene.cards) == 400
    assert len(scene.edges) == 2 * 380
    assert scene.replay.length == 400
    assert set(scene.nodes.links[0].tolist()) == set(range(400))


def test_a_stage_paints_all_nodes_until_it_is_sharp() -> None:
    stage = Stage(make_scene(400))
    assert stage.first_picture() > 0.0
    stage.until_sharp()
    assert stage.canvas.is_sharp
    view, bounds = stage.canvas.view(), stage.scene.bounds
    assert view.left <= bounds.left
    assert view.right >= bounds.right
    colours = {stage.image.pixelColor(x, 400).name() for x in range(stage.image.width())}
    assert len(colours) > 3


def test_the_moved_picture_shows_cards_on_their_way(monkeypatch: pytest.MonkeyPatch) -> None:
    running: list[bool] = []
    real = Stage.frame

    def frame(stage: Stage, change: object) -> float:
        spent = real(stage, change)  # type: ignore[arg-type]
        running.append(stage.canvas._motion.transition is not None)
        return spent

    monkeypatch.setattr(canvas.Stage, "frame", frame)
    assert moved_ms(400) > 0.0
    assert any(running)


@pytest.mark.parametrize("start", [FoldStart.FOLDED, FoldStart.OPEN])
def test_a_module_is_opened_and_folded(start: FoldStart, monkeypatch: pytest.MonkeyPatch) -> None:
    foreseen = []

    def foresee(stage: canvas.Stage, options: ViewOptions) -> None:
        wish(stage, options)
        foreseen.append(stage.canvas.is_foreseen)

    wish = canvas.wish
    monkeypatch.setattr(canvas, "wish", foresee)
    assert all(milliseconds > 0.0 for milliseconds in fold_ms(400, start))
    assert foreseen and all(foreseen)


def test_a_card_is_dragged() -> None:
    assert drag_ms(400) > 0.0

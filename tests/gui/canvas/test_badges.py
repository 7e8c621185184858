"""Notes beside cards: what has just arrived, and the running sum."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.badges import Badges, place_badge
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.compose import build_scene
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance
from gradviz.recording.model import ItemKind, Recording
from gradviz.recording.view_options import Folds, FoldStart, ViewMode, ViewOptions
from tests.builders import make_chain_rule_recording
from tests.recording.test_chain import repeat_pass
from tests.recording.test_sums import THRICE
from tests.recording.test_view import record

pytestmark = pytest.mark.gui

SCALARS = """\
import torch
x = torch.tensor(2., requires_grad=True)
h = x * 1
(h * 3 + h * 5 + h * 7).backward()
"""


def notes(scene: Scene, badges: Badges) -> list[list[tuple[str, str]]]:
    """The notes at every playhead: what they stand beside, and what they say."""

    def name(card: int) -> str:
        item = scene.items[card]
        is_tensor = item.kind is ItemKind.TENSOR
        return str(scene.recording.tensors[item.id].name) if is_tensor else item.kind.value

    return [
        [(name(badge.card), badge.text) for badge in badges.at(scene, playhead)]
        for playhead in range(scene.replay.length + 1)
    ]


def badges_of(recording: Recording) -> Badges:
    session = Session()
    session.show_recording(recording)
    return Badges(session.sums, session.chain.edges)


def test_the_sum_grows_beside_the_tensor_until_it_is_taken(qtbot: QtBot) -> None:
    recording = record(SCALARS)
    scene = build_scene(recording, ViewOptions())
    told = [note for at in notes(scene, badges_of(recording)) for note in at]
    assert [text for name, text in told if name == "h"] == [
        "Σ 1/3 = 7",
        "Σ 1/3 = 7",
        "Σ 2/3 = 7 + 5 = 12",
        "Σ 3/3 = 12 + 3 = 15",
    ]
    assert told[-1] == ("x", "← 15")


def test_a_sum_of_lists_leaves_out_its_terms_before_a_number_is_cut(qtbot: QtBot) -> None:
    text = SCALARS.replace("tensor(2.,", "tensor([1.5, 2.25, 3.125, 4.0625],")
    recording = record(text.replace(".backward()", ".sum().backward()"))
    scene = build_scene(recording, ViewOptions())
    told = [note for at in notes(scene, badges_of(recording)) for note in at]
    assert ("h", "Σ 2/3 = [12, 12, 12, 12]") in told
    one = record(
        text.replace("[1.5, 2.25, 3.125, 4.0625]", "[2.]").replace(
            ".backward()", ".sum().backward()"
        )
    )
    told = [note for at in notes(build_scene(one, ViewOptions()), badges_of(one)) for note in at]
    assert ("h", "Σ 2/3 = [7] + [5] = [12]") in told


@pytest.mark.parametrize("mode", ViewMode)
def test_in_every_view_the_sum_has_a_card(qtbot: QtBot, mode: ViewMode) -> None:
    recording = record(THRICE)
    scene = build_scene(recording, ViewOptions(mode=mode))
    texts = [text for at in notes(scene, badges_of(recording)) for _, text in at]
    assert "Σ 3/3 = [8, 8] + [2, 2] = [10, 10]" in texts


def test_sums_inside_a_folded_card_are_not_noted_beside_it(qtbot: QtBot) -> None:
    lines = ["import torch", "x = torch.tensor(2., requires_grad=True)", "h = x * 1"]
    lines += ["for _ in range(9):", "    h = (h.sin() * h.cos())", "h.backward()"]
    recording = record("\n".join(lines))
    scene = build_scene(recording, ViewOptions(folds=Folds(FoldStart.FOLDED)))
    told = [note for at in notes(scene, badges_of(recording)) for note in at]
    assert {name for name, _ in told} <= {"x", "h"}
    is_open = build_scene(recording, ViewOptions())
    assert len([n for at in notes(is_open, badges_of(recording)) for n in at]) > len(told)


def test_a_second_pass_says_what_it_adds(qtbot: QtBot) -> None:
    recording = repeat_pass(make_chain_rule_recording(), cleared=False)
    scene = build_scene(recording, ViewOptions())
    told = notes(scene, badges_of(recording))
    assert told[4] == [("x", "← 3")]
    assert told[9] == [("x", "+ 3")]


def test_of_very_many_sums_only_what_the_step_changed_is_noted(
    qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    recording = record(SCALARS)
    monkeypatch.setattr("gradviz.gui.canvas.badges._MANY", 1)
    scene = build_scene(recording, ViewOptions())
    few = badges_of(recording)
    texts = [text for at in notes(scene, few) for _, text in at]
    assert texts.count("Σ 1/3 = 7") == 2  # one open sum is not many
    monkeypatch.setattr("gradviz.gui.canvas.badges._MANY", 0)
    assert [text for at in notes(scene, few) for _, text in at] == ["← 15"]


def test_the_notes_are_drawn_and_gone_with_the_step(qtbot: QtBot) -> None:
    session = Session()
    canvas = Canvas(session, Appearance())
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(record(SCALARS))

    def picture() -> QImage:
        qtbot.waitUntil(lambda: canvas.grab() is not None and canvas.is_sharp)
        return canvas.grab().toImage()

    session.move_playhead(4)
    assert canvas.badges is not None
    with_notes = picture()
    kept, canvas.badges = canvas.badges, None
    assert picture() != with_notes
    canvas.badges = kept
    assert picture() == with_notes


def test_a_note_covers_no_card(qtbot: QtBot) -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions())
    for card in range(len(scene.items)):
        rect = place_badge(scene, card, 80.0, 0)
        for left, top, right, bottom in scene.card_boxes:
            assert not rect.intersects(QRectF(QPointF(left, top), QPointF(right, bottom)))


def test_a_note_is_in_view_where_its_card_is(qtbot: QtBot) -> None:
    scene = build_scene(make_chain_rule_recording(), ViewOptions())
    for card in range(len(scene.items)):
        left, top, right, bottom = scene.box_of(card)
        usual = place_badge(scene, card, 60.0, 0)
        assert place_badge(scene, card, 60.0, 0, scene.bounds.grown(500.0)) == usual
        # At the right edge of the canvas, and in its corners.
        for view in (
            Box(left - 200.0, top - 200.0, right + 4.0, bottom + 200.0),
            Box(left - 4.0, top - 4.0, right + 200.0, bottom + 200.0),
            Box(left - 200.0, top - 4.0, right + 4.0, bottom + 200.0),
        ):
            rect = place_badge(scene, card, 60.0, 0, view)
            assert view.holds(Box(rect.left(), rect.top(), rect.right(), rect.bottom()))
            overlapped = [
                QRectF(QPointF(*box[:2]), QPointF(*box[2:])).intersects(rect)
                for box in scene.card_boxes.tolist()
            ]
            assert not any(overlapped)

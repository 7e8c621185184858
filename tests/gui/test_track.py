"""The track of all steps: where things are, what is marked, scrubbing and zooming."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from gradviz.gui.session import Session
from gradviz.gui.style import DARK, LIGHT, Appearance
from gradviz.gui.timeline import Timeline
from gradviz.gui.timeline.scale import Columns, Scale, extent, heights
from gradviz.gui.timeline.track import Track
from gradviz.gui.timeline.wording import pass_names
from gradviz.recording.breakpoints import line_breakpoint
from gradviz.recording.items import tensor_item
from gradviz.recording.model import TensorId
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.recordings import make_ladder_recording
from tests.recording.test_chain import repeat_pass
from tests.recording.test_view import record
from tests.recording.walks import MODEL_WALK, make_walk

pytestmark = pytest.mark.gui

LEFT = Qt.MouseButton.LeftButton


# Places.


@given(st.integers(1, 100_000), st.integers(1, 2_000))
def test_the_step_under_a_point_is_the_one_that_is_meant(length: int, width: int) -> None:
    scale = Scale(0, length, 10, 10 + width)
    for playhead in {0, 1, length // 2, length - 1, length}:
        assert abs(scale.playhead_at(scale.x_of(playhead)) - playhead) <= 1 + length / width
        if scale.pixels_per_step > 8 and playhead < length:
            assert scale.playhead_at(scale.x_of(playhead + 0.5)) == playhead + 1


@given(
    st.integers(1, 5_000),
    st.floats(0.01, 100.0),
    st.floats(0.0, 1.0),
    st.floats(0.0, 1.0),
)
def test_zooming_stays_within_the_steps(
    length: int, factor: float, at: float, place: float
) -> None:
    first, last = Scale(0, length, 0, 800).zoomed(4.0, 800 * at, length)
    first, last = Scale(first, last, 0, 800).zoomed(factor, 800 * place, length)
    assert 0 <= first < last <= length + 1e-6


def test_zooming_keeps_the_point_where_it_is() -> None:
    scale = Scale(0, 1000, 0, 800)
    before = scale.first + 300 / scale.pixels_per_step
    zoomed = Scale(*scale.zoomed(5.0, 300, 1000), 0, 800)
    assert zoomed.x_of(before) == pytest.approx(300)
    assert zoomed.span == pytest.approx(200)


@given(st.integers(1, 3_000), st.integers(5, 400), st.randoms())
def test_columns_lose_no_extreme_and_no_mark(length: int, width: int, random) -> None:
    numbers = np.array([random.choice([math.nan, random.uniform(1, 9)]) for _ in range(length)])
    columns = Columns(Scale(0, length, 3, 3 + width), length)
    assert len(columns) <= max(width + 1, length if length <= width else 0)
    if not np.isnan(numbers).all():
        assert np.nanmax(columns.largest(numbers)) == np.nanmax(numbers)
        assert np.nanmin(columns.smallest(numbers)) == np.nanmin(numbers)
    one = np.zeros(length, np.bool_)
    one[random.randrange(length)] = True
    assert len(columns.any(one)) == 1


def test_heights_are_logarithmic() -> None:
    shown = heights(np.array([1e-4, 1e-2, 1.0, 0.0, math.nan]), *extent(np.array([1e-4, 1.0])))
    assert shown[:4].tolist() == pytest.approx([0.0, 0.5, 1.0, 0.0])
    assert math.isnan(shown[4])
    assert heights(np.array([3.0, 0.0]), 3.0, 3.0).tolist() == [1.0, 0.0]
    assert extent(np.array([math.nan, 0.0, math.inf])) == (1.0, 1.0)


# What is shown.


@pytest.fixture
def timeline(qtbot: QtBot, session: Session) -> Timeline:
    made = Timeline(session, Appearance())
    qtbot.addWidget(made)
    made.resize(900, 120)
    made.show()
    return made


@pytest.fixture
def track(timeline: Timeline) -> Track:
    return timeline.track


def picture(track: Track) -> QImage:
    return track.grab().toImage()


def has_colour(image: QImage, colour: str, x: float, *, reach: int = 8) -> bool:
    """Whether something of a colour stands near a column."""
    ratio = image.devicePixelRatio()
    wanted = tuple(int(colour[i : i + 2], 16) for i in (1, 3, 5))
    for column in range(int((x - reach) * ratio), int((x + reach) * ratio)):
        for row in range(image.height()):
            pixel = image.pixelColor(column, row)
            if all(
                abs(a - b) < 12
                for a, b in zip((pixel.red(), pixel.green(), pixel.blue()), wanted, strict=True)
            ):
                return True
    return False


def test_breakpoints_nan_and_accumulations_are_marked(session: Session, track: Track) -> None:
    walk = make_walk((":a", ":b", "w", ":c"), gradients=(1.0, math.nan, 2.0, 3.0))
    session.show_recording(walk)
    middles = [track.centre_of(step + 0.5) for step in range(4)]
    bad = [has_colour(picture(track), LIGHT.error, x) for x in middles]
    leaf = [has_colour(picture(track), LIGHT.leaf.line, x) for x in middles]
    assert bad == [False, True, False, False]
    assert leaf == [False, False, True, False]
    session.set_breakpoints((line_breakpoint(4),))  # the op of step 4
    assert has_colour(picture(track), LIGHT.error, middles[3])


def test_the_steps_of_the_selection_are_marked(session: Session, track: Track) -> None:
    session.show_recording(make_chain_rule_recording())
    before = picture(track)
    session.select(tensor_item(TensorId(0)))
    assert picture(track) != before
    session.select(None)
    assert picture(track) == before


def test_the_theme_changes_every_colour(session: Session, timeline: Timeline) -> None:
    session.show_recording(make_chain_rule_recording())
    x = timeline.track.centre_of(1.5)
    assert has_colour(picture(timeline.track), LIGHT.leaf.line, x)
    timeline.track.set_theme(DARK)
    assert has_colour(picture(timeline.track), DARK.leaf.line, x)


HESSIAN = """\
import torch
x = torch.tensor([2., 3.], requires_grad=True)
y = (x ** 3).sum()
(g,) = torch.autograd.grad(y, x, create_graph=True)
(g ** 2).sum().backward()
"""
REENTRANT = """\
import torch
from torch.utils.checkpoint import checkpoint
x = torch.randn(3, requires_grad=True)
h = checkpoint(torch.sin, x, use_reentrant=True)
h.sum().backward()
"""


def test_passes_are_named_by_kind_and_line_and_by_what_they_are_inside_of() -> None:
    recording = record(HESSIAN)
    names = [pass_names(recording, pass_) for pass_ in recording.passes]
    assert names[0] == (
        "1 · grad (create_graph) · line 4",
        "1 · grad (create_graph)",
        "1 · grad",
        "1",
    )
    assert names[1][0] == "2 · backward · line 5"
    inner = record(REENTRANT)
    assert [p.parent for p in inner.passes] == [None, 0]
    assert pass_names(inner, inner.passes[1])[0].endswith("inside pass 1, step 2")


def test_nested_passes_and_very_many_are_painted(
    qtbot: QtBot, session: Session, timeline: Timeline
) -> None:
    track = timeline.track
    for recording in (record(REENTRANT), make_walk(*[(":a", "w")] * 700)):
        session.show_recording(recording)
        qtbot.waitUntil(lambda: timeline.debugger.facts is not None)
        session.move_playhead(session.replay.length)
        image, x = picture(track), track.centre_of(0) + 3
        assert any(has_colour(image, c, x) for c in (LIGHT.gradient, LIGHT.gradient_text))


def test_100_000_steps_are_painted_by_columns(session: Session, track: Track) -> None:
    session.show_recording(make_ladder_recording(layers=2_500, width=4))
    assert track.maximum() == 10_004
    columns = Columns(track.scale, 10_004)
    assert len(columns) <= track.width()
    assert not picture(track).isNull()


def test_the_tooltip_tells_the_step_and_the_pass(session: Session, track: Track) -> None:
    session.show_recording(make_chain_rule_recording())
    at = QPointF(track.centre_of(3.5), 35)
    assert track.tooltip_at(at).startswith("Step 4 of 5 · AccumulateGrad · x")
    assert "received ‖g‖ = 3" in track.tooltip_at(at)
    assert "changes .grad" in track.tooltip_at(at)
    assert track.tooltip_at(QPointF(at.x(), 6)).startswith("g.backward()\n1 · backward · line 8")


# Mouse and keys.


def test_dragging_scrubs(qtbot: QtBot, session: Session, track: Track) -> None:
    session.show_recording(make_walk(MODEL_WALK))
    visited: list[int] = []
    session.playhead_moved.connect(visited.append)
    places = [QPoint(round(track.centre_of(p + 0.5)), 40) for p in (1, 4, 2)]
    qtbot.mousePress(track, LEFT, pos=places[0])
    for place in places[1:]:
        qtbot.mouseMove(track, place)
    qtbot.mouseRelease(track, LEFT, pos=places[-1])
    assert visited == [2, 5, 3]
    qtbot.mouseMove(track, places[1])
    assert session.playhead == 3


def test_arrows_step_and_ctrl_arrows_step_over(
    qtbot: QtBot, session: Session, track: Track
) -> None:
    session.show_recording(make_walk(MODEL_WALK))
    ctrl = Qt.KeyboardModifier.ControlModifier
    visited = []
    for key, modifier in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Right, ctrl),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.NoModifier),
        (Qt.Key.Key_Left, ctrl),
        (Qt.Key.Key_End, Qt.KeyboardModifier.NoModifier),
    ):
        qtbot.keyClick(track, key, modifier)
        visited.append(session.playhead)
    assert visited == [1, 3, 2, 0, 7]


def test_keys_and_double_clicks_zoom_and_the_playhead_stays_in_sight(
    qtbot: QtBot, session: Session, track: Track
) -> None:
    session.show_recording(repeat_pass(make_chain_rule_recording(), cleared=False))
    qtbot.keyClick(track, Qt.Key.Key_Return)
    assert track.in_sight == (0.0, 5.0)
    session.move_playhead(8)
    first, last = track.in_sight
    assert first <= 8 <= last
    qtbot.keyClick(track, Qt.Key.Key_0)
    assert not track.is_zoomed
    qtbot.keyClick(track, Qt.Key.Key_Plus)
    assert track.is_zoomed
    qtbot.keyClick(track, Qt.Key.Key_Minus)
    assert not track.is_zoomed
    at = QPoint(round(track.centre_of(7)), 6)
    qtbot.mouseDClick(track, LEFT, pos=at)
    assert track.in_sight == (5.0, 10.0)
    qtbot.mouseDClick(track, LEFT, pos=QPoint(track.width() // 2, 6))
    assert not track.is_zoomed


def test_another_recording_is_shown_whole(session: Session, timeline: Timeline) -> None:
    session.show_recording(make_walk(MODEL_WALK))
    timeline.track.zoom(2.0)
    session.show_recording(make_chain_rule_recording())
    assert timeline.track.in_sight == (0.0, 5.0)


# The bar.


def test_every_command_of_the_step_menu_moves_as_it_says(
    session: Session, timeline: Timeline
) -> None:
    session.show_recording(make_walk(MODEL_WALK))
    session.set_breakpoints((line_breakpoint(4),))
    session.select(tensor_item(TensorId(1)))
    visited = []
    for command in (
        "step_over",
        "step_into",
        "step_out",
        "step_into_back",
        "step_over_back",
        "step_out_back",
        "go_last",
        "run_back",
        "go_first",
        "run_on",
        "next_event",
        "previous_event",
        "zoom_pass",
    ):
        timeline.do(command)
        visited.append(session.playhead)
    assert visited == [3, 4, 6, 5, 4, 0, 7, 5, 0, 5, 6, 6, 6]


def test_playing_stops_at_a_breakpoint(qtbot: QtBot, session: Session, timeline: Timeline) -> None:
    session.show_recording(make_walk(MODEL_WALK))
    session.set_breakpoints((line_breakpoint(3),))
    timeline.speed.setCurrentIndex(timeline.speed.count() - 1)
    timeline.toggle_play()
    qtbot.waitUntil(lambda: not timeline.is_playing)
    assert session.playhead == 4


def test_the_label_stands_under_the_buttons_where_there_is_little_room(
    qtbot: QtBot, session: Session, timeline: Timeline
) -> None:
    session.show_recording(make_chain_rule_recording())
    timeline.resize(420, 130)
    qtbot.waitUntil(lambda: timeline.label.y() > timeline.buttons["step_into"].y())
    assert timeline.label.width() > 300
    timeline.resize(1000, 130)
    qtbot.waitUntil(lambda: timeline.label.x() > timeline.buttons["go_last"].x())

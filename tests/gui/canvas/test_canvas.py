from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import (
    QColor,
    QImage,
    QMouseEvent,
    QNativeGestureEvent,
    QPointingDevice,
    QWheelEvent,
)
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QToolTip
from pytestqt.qtbot import QtBot

from benchmarks.scenes import make_scene
from gradviz.gui.canvas.camera import COMFORTABLE, READABLE
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.describe import describe
from gradviz.gui.canvas.edges import DrawnEdges
from gradviz.gui.canvas.geometry import Box
from gradviz.gui.canvas.look import Look
from gradviz.gui.canvas.overview import Overview
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.session import Session
from gradviz.gui.style import DARK, LIGHT, PROJECTOR_SCALE, Appearance
from gradviz.layout.routes import joined
from gradviz.recording.model import Item, ItemKind, OpId, Recording, RunStatus, TensorId
from gradviz.recording.view import FoldStart, ViewMode, ViewOptions, node_item, op_item, tensor_item
from gradviz.recording.view_options import Arrangement
from tests.builders import make_chain_rule_recording
from tests.gui.canvas.recordings import make_ladder_recording, make_odd_recording
from tests.recording.scoped import make_block_recording
from tests.recording.test_view import record

pytestmark = pytest.mark.gui

X, P, ADD = tensor_item(TensorId(0)), tensor_item(TensorId(3)), op_item(0)


@pytest.fixture
def canvas(qtbot: QtBot, session: Session, appearance: Appearance) -> Canvas:
    canvas = Canvas(session, appearance)
    qtbot.addWidget(canvas)
    canvas.resize(900, 700)
    canvas.show()
    return canvas


def show(qtbot: QtBot, canvas: Canvas, session: Session, recording: Recording) -> None:
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(recording)


def sharp(qtbot: QtBot, canvas: Canvas) -> QImage:
    canvas.grab()
    qtbot.waitUntil(lambda: not canvas.grab().isNull() and canvas.is_sharp)
    return canvas.grab().toImage()


def middle(canvas: Canvas, item: Item) -> QPoint:
    assert canvas.scene is not None
    point = canvas.scene.centre_of(canvas.scene.index[item])
    return QPointF(*canvas.camera.to_canvas(*point)).toPoint()


def wheel(canvas: Canvas, at: QPointF, modifiers: Qt.KeyboardModifier, angle: int = 120) -> None:
    event = QWheelEvent(
        at,
        canvas.mapToGlobal(at),
        QPoint(),
        QPoint(0, angle),
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def move_pointer(
    canvas: Canvas, to: QPoint, held: Qt.MouseButton = Qt.MouseButton.NoButton
) -> None:
    at = QPointF(to)
    event = QMouseEvent(
        QEvent.Type.MouseMove,
        at,
        canvas.mapToGlobal(at),
        Qt.MouseButton.NoButton,
        held,
        Qt.KeyboardModifier.NoModifier,
    )
    QApplication.sendEvent(canvas, event)


def has_colour(image: QImage, colour: str, *, around: QPoint, reach: int) -> bool:
    wanted = QColor(colour)
    return any(
        image.pixelColor(x, y) == wanted
        for x in range(max(0, around.x() - reach), min(image.width(), around.x() + reach))
        for y in range(max(0, around.y() - reach), min(image.height(), around.y() + reach))
    )


def test_a_click_selects_the_card_under_it(qtbot: QtBot, canvas: Canvas, session: Session) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=middle(canvas, P))
    assert session.selection == P
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=QPoint(4, 4))
    assert session.selection is None


def drag(canvas: Canvas, start: QPoint, by: QPoint) -> None:
    QTest.mousePress(canvas, Qt.MouseButton.LeftButton, pos=start)
    move_pointer(canvas, start + by / 2, Qt.MouseButton.LeftButton)
    move_pointer(canvas, start + by, Qt.MouseButton.LeftButton)


def test_a_drag_beside_the_cards_pans_and_selects_nothing(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    before, place = canvas.camera, middle(canvas, P)
    drag(canvas, QPoint(5, 5), QPoint(60, 40))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(65, 45))
    assert session.selection is None
    assert canvas.camera.scale == before.scale
    assert middle(canvas, P) == place + QPoint(60, 40)


def test_space_and_the_middle_button_pan_also_over_a_card(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    place = middle(canvas, P)
    QTest.keyPress(canvas, Qt.Key.Key_Space)
    assert canvas.cursor().shape() is Qt.CursorShape.OpenHandCursor
    drag(canvas, place, QPoint(30, 20))
    QTest.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=place)
    QTest.keyRelease(canvas, Qt.Key.Key_Space)
    assert middle(canvas, P) == place + QPoint(30, 20)
    assert canvas.offset_of(P) is None
    QTest.mousePress(canvas, Qt.MouseButton.MiddleButton, pos=place)
    move_pointer(canvas, place + QPoint(10, 0), Qt.MouseButton.MiddleButton)
    QTest.mouseRelease(canvas, Qt.MouseButton.MiddleButton, pos=place)
    assert middle(canvas, P) == place + QPoint(40, 20)


def test_a_double_click_activates(qtbot: QtBot, canvas: Canvas, session: Session) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    with qtbot.waitSignal(canvas.node_activated) as activated:
        QTest.mouseDClick(canvas, Qt.MouseButton.LeftButton, pos=middle(canvas, ADD))
    assert activated.args == [ADD]


def test_ctrl_wheel_keeps_the_point_under_the_pointer(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    at = QPointF(233.0, 411.0)
    below = canvas.camera.to_scene(at.x(), at.y())
    scale = canvas.camera.scale
    wheel(canvas, at, Qt.KeyboardModifier.ControlModifier)
    assert canvas.camera.scale > scale
    assert canvas.camera.to_scene(at.x(), at.y()) == pytest.approx(below)


@pytest.mark.parametrize("spread", [0.25, -0.2])
def test_a_pinch_on_the_track_pad_keeps_the_point_between_the_fingers(
    qtbot: QtBot, canvas: Canvas, session: Session, spread: float
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    at = QPointF(233.0, 411.0)
    below, scale = canvas.camera.to_scene(at.x(), at.y()), canvas.camera.scale
    pad = QPointingDevice.primaryPointingDevice()
    zoom = Qt.NativeGestureType.ZoomNativeGesture
    pinch = QNativeGestureEvent(zoom, pad, 2, at, at, canvas.mapToGlobal(at), spread, QPointF())
    assert QApplication.sendEvent(canvas, pinch)
    assert canvas.camera.scale == pytest.approx(scale * (1.0 + spread))
    assert canvas.camera.to_scene(at.x(), at.y()) == pytest.approx(below)


def test_the_plain_wheel_pans_unless_it_is_set_to_zoom(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    before = canvas.camera
    wheel(canvas, QPointF(100, 100), Qt.KeyboardModifier.NoModifier)
    assert canvas.camera.scale == before.scale
    assert canvas.camera.top < before.top and canvas.camera.left == before.left
    wheel(canvas, QPointF(100, 100), Qt.KeyboardModifier.ShiftModifier)
    assert canvas.camera.left < before.left
    canvas.wheel_zooms = True
    wheel(canvas, QPointF(100, 100), Qt.KeyboardModifier.NoModifier)
    assert canvas.camera.scale > before.scale


def test_keys_zoom_fit_and_walk_along_edges(qtbot: QtBot, canvas: Canvas, session: Session) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    fitted = canvas.camera
    QTest.keyClick(canvas, Qt.Key.Key_Plus)
    assert canvas.camera.scale > fitted.scale
    QTest.keyClick(canvas, Qt.Key.Key_0)
    assert canvas.camera.scale == pytest.approx(1.0)
    QTest.keyClick(canvas, Qt.Key.Key_F, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.camera == fitted
    session.select(X)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert session.selection == ADD
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    assert session.selection == P
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    QTest.keyClick(canvas, Qt.Key.Key_Up)
    assert session.selection is not None and session.selection.kind is ItemKind.TENSOR
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.selection is None


def test_an_open_scope_can_be_selected_walked_into_and_folded(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    canvas.scope_toggled.connect(session.toggle_scope)
    show(qtbot, canvas, session, make_block_recording(2))
    assert canvas.scene is not None
    frame = next(f for f in canvas.scene.frames if f.title.endswith("blocks.1"))
    canvas.zoom_to_selection()
    bare = sharp(qtbot, canvas)
    session.select(frame.item)
    assert canvas.selected is None and canvas.selected_box() == frame.box
    assert sharp(qtbot, canvas) != bare
    canvas.zoom_to_selection()
    assert canvas.view().holds(frame.box) and not canvas.view().holds(canvas.scene.bounds)
    QTest.keyClick(canvas, Qt.Key.Key_Down)
    first = session.selection
    assert first is not None and frame.box.holds(canvas.scene.box_of(canvas.scene.index[first]))
    session.select(frame.item)
    with qtbot.waitSignal(canvas.scene_shown):
        QTest.keyClick(canvas, Qt.Key.Key_Return)
    assert frame.item in canvas.scene.index and canvas.selected_frame is None


def test_the_view_is_kept_while_stepping_and_for_a_run_of_the_same_structure(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    canvas.zoom_in()
    canvas.pan(37.0, -12.0)
    kept = canvas.camera
    session.move_playhead(3)
    assert canvas.camera == kept
    show(qtbot, canvas, session, make_chain_rule_recording())
    assert canvas.camera == kept
    show(qtbot, canvas, session, make_ladder_recording(layers=3))
    assert canvas.camera != kept


def test_stepping_shows_gradients_and_going_back_takes_them_away(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    assert canvas.marks is not None and not canvas.marks.current_cards
    session.move_playhead(3)
    assert canvas.scene is not None
    edge = next(
        number
        for number, edge in enumerate(canvas.scene.edges)
        if (canvas.scene.items[edge.source], canvas.scene.items[edge.target]) == (X, ADD)
    )
    chip = canvas.marks.chip_of(edge)
    assert chip is not None and chip.text == "3" and chip.is_current
    assert canvas.marks.current_cards == {canvas.scene.index[ADD]}
    session.move_playhead(2)
    assert canvas.marks.chip_of(edge) is None


def test_the_current_step_is_outlined_on_the_screen(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    at = middle(canvas, ADD)
    assert not has_colour(sharp(qtbot, canvas), LIGHT.current, around=at, reach=60)
    session.move_playhead(3)
    assert has_colour(sharp(qtbot, canvas), LIGHT.current, around=at, reach=60)
    session.move_playhead(0)
    assert not has_colour(sharp(qtbot, canvas), LIGHT.current, around=at, reach=60)


@pytest.mark.parametrize("mode", ViewMode)
def test_stepping_repaints_all_that_changed(
    qtbot: QtBot, canvas: Canvas, session: Session, appearance: Appearance, mode: ViewMode
) -> None:
    session.set_view_options(ViewOptions(mode=mode))
    show(qtbot, canvas, session, make_ladder_recording(layers=3, width=3))
    sharp(qtbot, canvas)
    for playhead in (1, 2, 7, 12, 11, 4, session.replay.length, 0, 3):
        session.move_playhead(playhead)
        stepped = sharp(qtbot, canvas)
        appearance.theme_changed.emit(LIGHT)
        assert stepped == sharp(qtbot, canvas), playhead


def test_a_step_repaints_few_tiles_of_a_large_graph(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_ladder_recording(layers=60, width=8))
    canvas.zoom(0.3 / canvas.camera.scale)
    sharp(qtbot, canvas)
    session.move_playhead(200)
    sharp(qtbot, canvas)
    painted = canvas.painted_tiles
    session.move_playhead(201)
    sharp(qtbot, canvas)
    assert canvas.painted_tiles - painted <= 4


def test_another_theme_repaints_everything(
    qtbot: QtBot, canvas: Canvas, session: Session, appearance: Appearance
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    assert sharp(qtbot, canvas).pixelColor(5, 5) == QColor(LIGHT.canvas)
    appearance.set_theme(DARK)
    assert sharp(qtbot, canvas).pixelColor(5, 5) == QColor(DARK.canvas)


def test_an_overview_that_was_painted_for_another_theme_is_not_shown(
    qtbot: QtBot, canvas: Canvas, session: Session, appearance: Appearance
) -> None:
    show(qtbot, canvas, session, make_ladder_recording(layers=40))
    scene = canvas.scene
    assert scene is not None
    late = Overview(scene, canvas.look)
    with qtbot.waitSignal(canvas._builder.overview_painted):
        appearance.set_theme(DARK)
    shown = canvas.minimap.grab().toImage()
    canvas.show_overview(scene, late)
    assert canvas.minimap.grab().toImage() == shown


def test_selecting_elsewhere_scrolls_the_card_into_view(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_ladder_recording(layers=30))
    canvas.zoom(3.0 / canvas.camera.scale)
    assert canvas.scene is not None
    canvas.centre_on(*canvas.scene.centre_of(0))
    last = canvas.scene.items[int(canvas.scene.rects[:, 1].argmax())]
    assert not canvas.rect().contains(middle(canvas, last))
    session.select(last)
    assert canvas.rect().contains(middle(canvas, last))


def test_selecting_what_is_in_view_moves_nothing(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    fitted = canvas.camera
    assert canvas.scene is not None
    for item in canvas.scene.items:
        session.select(item)
        assert canvas.camera == fitted


def test_an_unnamed_result_is_shown_by_the_op_that_made_it(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    recording = make_chain_rule_recording()
    unnamed = msgspec.structs.replace(recording.tensors[3], name=None)
    tensors = (*recording.tensors[:3], unnamed, recording.tensors[4])
    show(qtbot, canvas, session, msgspec.structs.replace(recording, tensors=tensors))
    canvas.pan(5000.0, 0.0)
    session.select(P)
    assert canvas.rect().contains(middle(canvas, op_item(OpId(0))))


def test_an_empty_canvas_says_why(qtbot: QtBot, canvas: Canvas, session: Session) -> None:
    show(qtbot, canvas, session, Recording(text="1 + 1"))
    assert "nothing with torch" in canvas.accessibleDescription()
    show(qtbot, canvas, session, Recording(text="x", status=RunStatus.ERROR))
    assert "stopped" in canvas.accessibleDescription()
    show(qtbot, canvas, session, Recording())
    assert "Ctrl+Enter" in canvas.accessibleDescription()
    image = canvas.grab().toImage()
    assert has_colour(image, LIGHT.muted, around=canvas.rect().center(), reach=200)


def test_the_old_picture_stays_until_the_new_one_is_there(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    old = canvas.scene
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(make_ladder_recording(layers=20))
        assert canvas.scene is old
        canvas.grab()
    assert canvas.scene is not old


def test_an_earlier_run_s_graph_is_taken_away_when_the_layout_takes_long(
    qtbot: QtBot, canvas: Canvas, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    place, stroke = middle(canvas, X), LIGHT.leaf.line
    assert has_colour(sharp(qtbot, canvas), stroke, around=place, reach=120)
    build = canvas._builder.build
    monkeypatch.setattr(canvas._builder, "build", lambda *_, **__: None)
    recording = make_ladder_recording(layers=2)
    session.show_recording(recording)
    qtbot.waitUntil(lambda: canvas.is_withheld)
    assert not has_colour(canvas.grab().toImage(), stroke, around=place, reach=120)
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, pos=place)
    assert session.selection is None
    with qtbot.waitSignal(canvas.scene_shown):
        build(recording, session.view_options, Look(LIGHT))
    assert not canvas.is_withheld


def test_an_empty_canvas_no_longer_says_why_once_another_run_has_a_graph(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, Recording(text="1 + 1"))
    assert canvas.message != ""
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(make_chain_rule_recording())
        assert canvas.message == ""


def test_an_item_may_be_selected_before_its_recording_is_laid_out(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    recording = make_ladder_recording(layers=20)
    item = op_item(recording.ops[-1].id)
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(recording)
        session.select(item)
        assert canvas.selected is None
    assert canvas.selected is not None


def test_only_the_latest_of_several_recordings_is_drawn(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    shown = []
    canvas.scene_shown.connect(lambda: shown.append(canvas.scene))
    last = make_chain_rule_recording()
    with qtbot.waitSignal(canvas.scene_shown):
        for layers in (40, 30, 20):
            session.show_recording(make_ladder_recording(layers=layers))
        session.show_recording(last)
    assert [scene.recording for scene in shown if scene is not None] == [last]


def test_a_layout_that_takes_a_while_says_how_far_it_is(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    said: list[str] = []
    canvas._builder.progressed.connect(lambda _: said.append(canvas.message))
    session.start_folds(FoldStart.OPEN)
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(make_ladder_recording(layers=40))
        canvas._on_late()
    assert said[-1] == "Laying out the graph… 100 %"
    assert canvas.message == ""


def test_another_view_that_takes_a_while_says_so_over_the_old_one_and_can_be_given_up(
    qtbot: QtBot, canvas: Canvas, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    before, scene = session.view_options, canvas.scene
    built: list[object] = []
    canvas._builder.scene_built.connect(lambda *_: built.append(session.view_options))
    other = ViewOptions(mode=ViewMode.BACKWARD)
    # Nothing is ready before it is given up.
    monkeypatch.setattr("gradviz.gui.canvas.builder.start_soon", lambda _thread: None)
    session.set_view_options(other)
    assert canvas.notice.isHidden()
    qtbot.waitUntil(canvas.notice.isVisible)
    assert not canvas.is_withheld and canvas.scene is scene
    assert canvas.notice.label.text() == "Laying out the graph…"
    canvas._builder.progressed.emit(40)
    assert canvas.notice.label.text() == "Laying out the graph… 40 %"
    canvas.notice.button.click()
    assert canvas.notice.isHidden() and session.view_options == before
    session.set_view_options(other)
    qtbot.waitUntil(canvas.notice.isVisible)
    session.select(X)
    QTest.keyClick(canvas, Qt.Key.Key_Escape)
    assert session.view_options == before and session.selection == X
    assert not built and canvas.scene is scene
    session.set_view_options(other)
    qtbot.waitUntil(canvas.notice.isVisible)
    # Another run's graph is not to be seen under this one's progress.
    session.show_recording(make_ladder_recording(layers=2))
    assert canvas.notice.isHidden()
    qtbot.waitUntil(lambda: canvas.is_withheld)
    assert canvas.notice.isHidden() and canvas.message == "Laying out the graph…"


def test_view_options_change_what_is_drawn(qtbot: QtBot, canvas: Canvas, session: Session) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    with qtbot.waitSignal(canvas.scene_shown):
        session.set_view_options(ViewOptions(mode=ViewMode.BACKWARD))
    assert canvas.scene is not None and node_item(0) in canvas.scene.index


def test_the_minimap_appears_when_the_graph_is_larger_than_the_view(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    session.start_folds(FoldStart.OPEN)
    show(qtbot, canvas, session, make_ladder_recording(layers=30))
    canvas.fit()
    assert not canvas.minimap.isVisible()
    canvas.zoom_to_actual_size()
    assert canvas.minimap.isVisible()
    assert canvas.rect().contains(canvas.minimap.geometry())
    QTest.mouseClick(canvas.minimap, Qt.MouseButton.LeftButton, pos=QPoint(10, 4))
    top = canvas.view().top
    QTest.mouseClick(
        canvas.minimap, Qt.MouseButton.LeftButton, pos=QPoint(10, canvas.minimap.height() - 4)
    )
    assert canvas.view().top > top + 500


def test_the_minimap_goes_where_it_hides_fewer_cards(
    qtbot: QtBot, canvas: Canvas, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Wherever the tests before have left the pointer.
    monkeypatch.setattr(canvas.minimap, "underMouse", lambda: False)
    monkeypatch.setattr(QApplication, "mouseButtons", lambda: Qt.MouseButton.NoButton)
    session.start_folds(FoldStart.OPEN)
    show(qtbot, canvas, session, make_ladder_recording(layers=30, width=1))
    canvas.zoom_to_actual_size()
    usual = canvas.minimap.geometry()
    assert canvas.scene is not None
    centre = canvas.scene.centre_of(len(canvas.scene.cards) // 2)
    x, y = canvas.camera.to_canvas(*centre)
    canvas.pan(usual.center().x() - x, usual.center().y() - y)
    assert canvas.minimap.geometry() == usual
    assert (hidden := canvas.count_under(usual)) > 0
    qtbot.waitUntil(lambda: canvas.minimap.geometry() != usual, timeout=30_000)
    assert canvas.count_under(canvas.minimap.geometry()) < hidden
    assert canvas.rect().contains(canvas.minimap.geometry())


def test_tooltips_are_plain_text_about_the_card(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    session.move_playhead(4)
    told = canvas.tooltip_at(QPointF(middle(canvas, X)))
    assert told.splitlines()[:2] == ["x", "leaf"]
    assert ".grad 3" in told and "float32" in told and "cpu" in told
    assert "x + y" in canvas.tooltip_at(QPointF(middle(canvas, ADD)))
    assert canvas.tooltip_at(QPointF(3, 3)) == ""


def test_the_title_of_an_open_box_tells_what_is_in_it(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    session.start_folds(FoldStart.OPEN)
    show(qtbot, canvas, session, make_block_recording())
    assert canvas.scene is not None
    frame = next(f for f in canvas.scene.frames if f.title.endswith("blocks.1"))
    title = QPointF(*canvas.camera.to_canvas(frame.box.right - 4, frame.box.top + 6))
    folded = describe(session.replay, frame.item, session.playhead)
    assert canvas.tooltip_at(title) == folded


@pytest.mark.parametrize("scale", [0.1, 0.3, 1.0, 4.0])
def test_odd_data_is_painted(qtbot: QtBot, canvas: Canvas, session: Session, scale: float) -> None:
    show(qtbot, canvas, session, make_odd_recording())
    canvas.zoom(scale / canvas.camera.scale)
    assert canvas.scene is not None
    for item in canvas.scene.items:
        session.select(item)
        assert canvas.tooltip_at(QPointF(middle(canvas, item)))
    assert not sharp(qtbot, canvas).isNull()


def test_hovering_lights_a_card_up(qtbot: QtBot, canvas: Canvas, session: Session) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    before = sharp(qtbot, canvas)
    move_pointer(canvas, middle(canvas, P))
    assert sharp(qtbot, canvas) != before
    assert canvas.cursor().shape() is Qt.CursorShape.PointingHandCursor


def test_a_graph_too_large_to_be_read_opens_at_its_root(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    recording = make_ladder_recording(layers=60)
    session.start_folds(FoldStart.OPEN)
    show(qtbot, canvas, session, recording)
    assert canvas.scene is not None
    assert canvas.camera.scale == COMFORTABLE
    root = canvas.scene.start_box()
    view = canvas.view()
    assert view.left <= root.left
    assert root.bottom <= view.bottom
    canvas.fit()
    assert canvas.camera.scale < READABLE


def test_a_graph_that_was_too_small_to_be_read_is_fitted_once_it_can_be(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    canvas.zoom(0.2 / canvas.camera.scale)
    assert canvas.camera.scale < READABLE
    with qtbot.waitSignal(canvas.scene_shown):
        session.set_view_options(ViewOptions(mode=ViewMode.BOTH))
    assert canvas.camera.scale >= READABLE
    canvas.zoom(0.8 / canvas.camera.scale)
    with qtbot.waitSignal(canvas.scene_shown):
        session.set_view_options(ViewOptions(mode=ViewMode.FORWARD))
    assert canvas.camera.scale == pytest.approx(0.8)


def test_a_graph_that_was_seen_in_part_is_fitted_once_it_can_be(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    session.start_folds(FoldStart.OPEN)
    show(qtbot, canvas, session, make_ladder_recording(layers=60))
    assert canvas.camera.scale == COMFORTABLE
    show(qtbot, canvas, session, make_ladder_recording(layers=3))
    assert canvas.shows_all
    show(qtbot, canvas, session, make_ladder_recording(layers=60))
    canvas.zoom_to_actual_size()
    show(qtbot, canvas, session, make_ladder_recording(layers=3))
    assert canvas.shows_all, "at whatever scale a part was looked at"


def test_of_a_networkx_layout_that_was_seen_whole_all_is_seen_when_it_grows(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    code = "y = x = torch.ones((), requires_grad=True)\nfor _ in range(60): y = (y * 2).sin()"
    show(qtbot, canvas, session, record(f"import torch\n{code}\ny.backward()\n"))
    with qtbot.waitSignal(canvas.scene_shown):
        session.change_view(arrangement=Arrangement.SPRING)
    canvas.fit()
    assert canvas.camera.scale >= READABLE
    with qtbot.waitSignal(canvas.scene_shown):
        session.start_folds(FoldStart.OPEN)
    assert canvas.scene is not None and canvas.scene.bends is None
    assert canvas.camera.scale < READABLE and canvas.shows_all


def test_what_is_opened_out_of_a_few_enlarged_cards_is_seen_in_actual_size(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    code = "y = x = torch.ones((), requires_grad=True)\nfor _ in range(200): y = (y * 2).sin()"
    show(qtbot, canvas, session, record(f"import torch\n{code}\ny.backward()\n"))
    assert canvas.scene is not None and canvas.camera.scale > 1.0
    scope = next(item for item in canvas.scene.items if item.kind is ItemKind.SCOPE)
    box = canvas.scene.box_of(canvas.scene.index[scope])
    before = canvas.camera.to_canvas((box.left + box.right) / 2, box.top)
    with qtbot.waitSignal(canvas.scene_shown):
        session.toggle_scope(scope)
    assert canvas.camera.scale == pytest.approx(1.0)
    frame = next(frame.box for frame in canvas.scene.frames if frame.item == scope)
    after = canvas.camera.to_canvas((frame.left + frame.right) / 2, frame.top)
    assert after == pytest.approx(before, abs=100.0)
    canvas.zoom(1.4)
    enlarged = canvas.camera.scale
    with qtbot.waitSignal(canvas.scene_shown):
        session.set_view_options(ViewOptions(mode=ViewMode.BOTH, folds=session.view_options.folds))
    assert canvas.camera.scale == enlarged, "what somebody enlarged stays so"


def test_the_canvas_follows_projector_mode(qtbot: QtBot, session: Session) -> None:
    appearance = Appearance(LIGHT)
    canvases = [Canvas(session, appearance)]
    try:
        appearance.set_projector(True)
        canvases.append(Canvas(session, appearance))
        assert [canvas.enlargement for canvas in canvases] == [PROJECTOR_SCALE, PROJECTOR_SCALE]
    finally:
        appearance.set_projector(False)
    for canvas in canvases:
        qtbot.addWidget(canvas)
        assert canvas.enlargement == 1.0


def test_for_an_audience_the_graph_is_larger_where_it_is_read(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    session.start_folds(FoldStart.OPEN)
    show(qtbot, canvas, session, make_ladder_recording(layers=60))
    canvas.set_enlargement(1.3)
    assert canvas.camera.scale == COMFORTABLE * 1.3
    canvas.set_enlargement(1.0)
    assert canvas.camera.scale == COMFORTABLE
    canvas.fit()
    whole = canvas.camera
    canvas.set_enlargement(1.3)
    assert canvas.camera == whole, "all of it is what somebody wants to see"
    canvas.zoom_to_actual_size()
    canvas.set_enlargement(1.0)
    assert canvas.camera.scale == 1.0
    single = record("import torch\nx = torch.ones(2, requires_grad=True)\n")
    show(qtbot, canvas, session, single)
    canvas.fit()
    usual = canvas.camera.scale
    canvas.set_enlargement(1.3)
    assert canvas.camera.scale == pytest.approx(usual * 1.3) and canvas.shows_all


def test_what_was_stepped_to_before_the_graph_was_drawn_is_in_view(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    session.start_folds(FoldStart.OPEN)
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(make_ladder_recording(layers=60))
        session.move_playhead(session.replay.length)
    assert canvas.scene is not None and canvas.marks is not None
    (current,) = canvas.marks.current_cards
    assert canvas.view().holds(canvas.scene.box_of(current))


def test_a_small_graph_opens_whole(qtbot: QtBot, canvas: Canvas, session: Session) -> None:
    show(qtbot, canvas, session, make_chain_rule_recording())
    assert canvas.camera.scale >= READABLE
    assert canvas.scene is not None
    view, bounds = canvas.view(), canvas.scene.bounds
    assert view.left <= bounds.left
    assert bounds.bottom <= view.bottom


def test_the_current_step_is_brought_into_view_without_zooming(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    recording = make_ladder_recording(layers=60)
    show(qtbot, canvas, session, recording)
    scale = canvas.camera.scale
    session.move_playhead(session.replay.length)
    assert canvas.camera.scale == scale
    assert canvas.scene is not None
    assert canvas.marks is not None
    for card in canvas.marks.current_cards:
        box, view = canvas.scene.box_of(card), canvas.view()
        assert view.top <= box.top
        assert box.bottom <= view.bottom


WIDE = """import torch
from torch.utils.checkpoint import checkpoint
block = torch.nn.Sequential(torch.nn.Linear(3, 4), torch.nn.ReLU(), torch.nn.Linear(4, 3))
x = torch.ones(2, 3, requires_grad=True)
y = checkpoint(block, block(x * 2), use_reentrant=True)
(y ** 2).mean().backward()
"""


def test_another_view_keeps_the_current_step_in_sight(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    canvas.resize(400, 450)
    show(qtbot, canvas, session, record(WIDE))
    session.move_playhead(9)
    for mode in (ViewMode.BACKWARD, ViewMode.BOTH, ViewMode.FORWARD):
        with qtbot.waitSignal(canvas.scene_shown):
            session.change_view(mode=mode)
        assert canvas.scene is not None
        assert canvas.marks is not None
        assert any(
            canvas.view().contains(*canvas.scene.centre_of(card))
            for card in canvas.marks.current_cards
        ), mode


def test_what_opened_in_part_shows_more_in_a_larger_window_until_it_is_moved(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    session.start_folds(FoldStart.OPEN)
    show(qtbot, canvas, session, make_block_recording(40))
    before = canvas.view()
    assert not before.holds(canvas.content_box())
    canvas.resize(1000, 1100)
    after = canvas.view()
    assert after.height > before.height
    assert canvas.content_box().bottom <= after.bottom <= before.bottom + 1.0
    canvas.pan(0.0, 10.0)
    moved = canvas.camera
    canvas.resize(900, 700)
    assert canvas.camera == moved


@pytest.mark.parametrize("by", [1.0, 0.3])
def test_another_view_of_a_graph_that_is_seen_as_a_whole_is_seen_as_a_whole(
    qtbot: QtBot, canvas: Canvas, session: Session, by: float
) -> None:
    session.start_folds(FoldStart.OPEN)
    show(qtbot, canvas, session, make_block_recording(40))
    canvas.fit()
    if by != 1.0:
        canvas.zoom(by)
    assert canvas.camera.scale < READABLE
    for mode in (ViewMode.BOTH, ViewMode.FORWARD):
        with qtbot.waitSignal(canvas.scene_shown):
            session.change_view(mode=mode)
        assert canvas.shows_all
        assert canvas.camera.scale < READABLE
        assert canvas.camera == canvas.fitting(canvas.content_box())


def test_where_no_path_leads_to_a_card_is_told_beside_it(
    qtbot: QtBot, canvas: Canvas, session: Session, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[tuple[QPoint, str]] = []
    monkeypatch.setattr(QToolTip, "showText", lambda at, text, *_more: shown.append((at, text)))
    show(qtbot, canvas, session, make_chain_rule_recording())
    session.select(tensor_item(TensorId(0)))
    place = middle(canvas, tensor_item(TensorId(1)))
    shift = Qt.KeyboardModifier.ShiftModifier
    QTest.mouseClick(canvas, Qt.MouseButton.LeftButton, shift, place)
    assert shown == [(canvas.mapToGlobal(place), "No path leads from one to the other.")]
    assert canvas.look.focus is None


def test_what_is_revealed_is_brought_into_view(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    recording = make_block_recording(40)
    session.start_folds(FoldStart.FOLDED)
    show(qtbot, canvas, session, recording)
    canvas.zoom_to_actual_size()
    op = op_item(recording.ops[-2].id)
    session.reveal(op)
    qtbot.waitUntil(lambda: canvas.scene is not None and op in canvas.scene.index)

    def is_in_view() -> bool:
        assert canvas.scene is not None
        box = canvas.scene.box_of(canvas.scene.index[op])
        x, y = canvas.camera.to_canvas(box.left, box.top)
        return 0 <= x <= canvas.width() and 0 <= y <= canvas.height()

    qtbot.waitUntil(is_in_view)


def long_scene() -> Scene:
    """Five hundred cards in a column."""
    cards = make_scene(500)
    rects = cards.rects.copy()
    rects[:, :2] = np.column_stack((-rects[:, 2] / 2, np.arange(len(rects)) * 90.0))
    return Scene(cards.recording, cards.cards, rects, DrawnEdges.of([]), joined([]))


def test_the_minimap_of_a_long_graph_is_broad_enough_to_be_seen(canvas: Canvas) -> None:
    scene = long_scene()
    minimap = canvas.minimap
    minimap.show_scene(scene, Overview(scene, canvas.look))
    minimap.show_view(scene, Box(-90.0, 20_000.0, 90.0, 21_000.0), frozenset())
    picture = minimap.grab().toImage()
    row = [picture.pixelColor(x, 20).name() for x in range(2, minimap.width() - 2)]
    assert sum(colour != LIGHT.canvas for colour in row) >= 10
    # Of a view that is less than a pixel the frame is still seen.
    column = [picture.pixelColor(4, y).name() for y in range(2, minimap.height() - 2)]
    assert sum(colour != LIGHT.canvas for colour in column) >= 5
    chosen: list[tuple[float, float]] = []
    minimap.place_chosen.connect(lambda x, y: chosen.append((x, y)))
    middle = minimap.rect().center()
    QTest.mouseClick(minimap, Qt.MouseButton.LeftButton, pos=middle)
    x, y = scene.bounds.centre
    assert chosen[0] == (pytest.approx(x, abs=20), pytest.approx(y, rel=0.02))


def test_fitting_a_graph_that_would_be_a_line_shows_its_breadth(
    qtbot: QtBot, canvas: Canvas
) -> None:
    scene = long_scene()
    canvas.present(scene, 0)
    canvas.selected = 250
    with qtbot.waitSignal(canvas.fitted_across):
        canvas.fit_or_span()
    view = canvas.view()
    assert view.left <= scene.bounds.left and view.right >= scene.bounds.right
    assert view.holds(scene.box_of(250)) and canvas.camera.scale >= READABLE
    canvas.selected = None
    canvas.fit_or_span()
    assert canvas.view().holds(scene.start_box())


def test_fitting_a_graph_that_is_not_too_long_shows_all_of_it(
    qtbot: QtBot, canvas: Canvas, session: Session
) -> None:
    show(qtbot, canvas, session, make_ladder_recording(layers=6))
    assert canvas.scene is not None
    with qtbot.assertNotEmitted(canvas.fitted_across):
        canvas.fit_or_span()
    assert canvas.view().holds(canvas.scene.bounds.grown(-1.0)) and canvas.shows_all

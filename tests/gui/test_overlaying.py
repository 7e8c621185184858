from __future__ import annotations

import msgspec
import numpy as np
import pytest
from PySide6.QtGui import QColor
from pytestqt.qtbot import QtBot

from gradviz.gui.canvas.camera import Camera
from gradviz.gui.canvas.canvas import Canvas
from gradviz.gui.canvas.look import NO_COLOUR, Colouring
from gradviz.gui.overlaying import Overlays
from gradviz.gui.session import Session
from gradviz.gui.style import (
    DARK,
    LIGHT,
    SCALE_STEPS,
    Appearance,
    Paint,
    Theme,
    category_paint,
    scale_paint,
)
from gradviz.recording.compare import Comparison
from gradviz.recording.items import op_item, tensor_item
from gradviz.recording.model import Recording, TensorId
from gradviz.recording.overlays import Overlay
from tests.builders import make_chain_rule_recording, make_value
from tests.gui.canvas.recordings import make_ladder_recording

pytestmark = pytest.mark.gui

P, ADD = tensor_item(TensorId(3)), op_item(0)


@pytest.fixture
def canvas(qtbot: QtBot, session: Session, appearance: Appearance) -> Canvas:
    canvas = Canvas(session, appearance)
    qtbot.addWidget(canvas)
    canvas.resize(800, 600)
    canvas.show()
    show(qtbot, canvas, session, make_chain_rule_recording())
    return canvas


@pytest.fixture
def overlays(session: Session, canvas: Canvas, appearance: Appearance) -> Overlays:
    return Overlays(session, canvas, appearance, parent=canvas)


def show(qtbot: QtBot, canvas: Canvas, session: Session, recording: Recording) -> None:
    with qtbot.waitSignal(canvas.scene_shown):
        session.show_recording(recording)


def code_of(canvas: Canvas, item: object) -> int:
    assert canvas.scene is not None
    assert canvas.look.colouring is not None
    return int(canvas.look.colouring.cards[canvas.scene.index[item]])  # type: ignore[index]


def contrast(paint: Paint) -> float:
    def luminance(name: str) -> float:
        parts = [part / 255 for part in QColor(name).getRgb()[:3]]  # type: ignore[index]
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
        return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))

    low, high = sorted((luminance(paint.fill), luminance(paint.text)))
    return (high + 0.05) / (low + 0.05)


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_texts_are_readable_on_every_colour(theme: Theme) -> None:
    scale = [scale_paint(theme, step / (SCALE_STEPS - 1)) for step in range(SCALE_STEPS)]
    for paint in (*scale, *(category_paint(theme, number) for number in range(6))):
        assert contrast(paint) >= 4.5, paint


@pytest.mark.parametrize("theme", [LIGHT, DARK])
def test_the_scale_runs_one_way_in_lightness(theme: Theme) -> None:
    fills = [scale_paint(theme, step / 23).fill for step in range(24)]
    grey = [
        0.2126 * c.redF() + 0.7152 * c.greenF() + 0.0722 * c.blueF() for c in map(QColor, fills)
    ]
    steps = np.diff(grey)
    assert (steps < 0).all() or (steps > 0).all()


def test_the_graph_is_coloured_and_gets_its_colours_back(
    canvas: Canvas, overlays: Overlays
) -> None:
    before = canvas.grab().toImage()
    overlays.choose(Overlay.GRADIENT)
    assert code_of(canvas, P) == SCALE_STEPS - 1
    assert canvas.look.colouring is not None
    assert canvas.look.colouring.edges is not None
    assert not overlays.legend.isHidden()
    assert overlays.legend.ends.text() == "0 – 3"
    assert canvas.grab().toImage() != before
    overlays.legend.closed.emit()
    assert canvas.look.colouring is None
    assert overlays.legend.isHidden()
    assert overlays.overlay is Overlay.NONE


def test_the_next_scene_is_coloured_too(
    qtbot: QtBot, canvas: Canvas, overlays: Overlays, session: Session
) -> None:
    overlays.choose(Overlay.DTYPE)
    show(qtbot, canvas, session, make_ladder_recording(layers=3))
    assert code_of(canvas, ADD) == 0


def test_a_large_graph_is_coloured_beside_the_window(
    qtbot: QtBot, canvas: Canvas, overlays: Overlays, session: Session
) -> None:
    show(qtbot, canvas, session, make_ladder_recording(layers=500))
    overlays.choose(Overlay.BYTES)
    qtbot.waitUntil(lambda: canvas.look.colouring is not None)
    assert code_of(canvas, tensor_item(TensorId(0))) != NO_COLOUR


def test_a_click_on_a_category_lets_its_cards_stand_out(canvas: Canvas, overlays: Overlays) -> None:
    overlays.choose(Overlay.DEVICE)
    button = overlays.legend.rows[0]
    assert canvas.scene is not None
    # What its tensors take there stands beside the device.
    assert button.text() == f"cpu · 20 bytes ({len(canvas.scene.cards)})"
    assert overlays.legend.height() >= overlays.legend.sizeHint().height()
    assert overlays.legend.rect().contains(button.geometry())
    button.click()
    assert canvas.look.focus is not None
    assert canvas.look.focus.cards.all()
    assert button.isChecked()
    button.click()
    assert canvas.look.focus is None
    assert not button.isChecked()


def test_what_a_what_if_run_changed_is_marked(
    qtbot: QtBot, canvas: Canvas, overlays: Overlays, session: Session
) -> None:
    overlays.choose(Overlay.DIFFERENCE)
    assert overlays.legend.remark.text() == "No what-if run is shown."
    before = session.recording
    changed = before.tensors[3].value
    assert changed is not None
    values = tuple(make_value(v.id, 8.0) if v.id == changed else v for v in before.values)
    after = msgspec.structs.replace(before, values=values)
    show(qtbot, canvas, session, after)
    overlays.set_comparison(Comparison(before, after))
    assert code_of(canvas, P) != NO_COLOUR
    assert code_of(canvas, tensor_item(TensorId(0))) == NO_COLOUR
    assert [row.text() for row in overlays.legend.rows] == ["value (2)"]


def test_the_theme_changes_the_colours(
    canvas: Canvas, overlays: Overlays, appearance: Appearance
) -> None:
    overlays.choose(Overlay.GRADIENT)
    light = canvas.look.colouring
    appearance.theme = DARK
    appearance.theme_changed.emit(DARK)
    assert canvas.look.colouring is not None
    assert light is not None
    assert canvas.look.colouring.palette != light.palette


def test_colours_that_somebody_else_puts_there_are_left(canvas: Canvas, overlays: Overlays) -> None:
    overlays.choose(Overlay.DTYPE)
    assert canvas.scene is not None
    other = Colouring((LIGHT.leaf,), np.zeros(len(canvas.scene.cards), np.uint8))
    canvas.set_colouring(other)
    overlays.leave()
    assert canvas.look.colouring is other
    assert overlays.legend.isHidden()


def test_a_step_within_a_pass_does_not_colour_anew(
    canvas: Canvas, overlays: Overlays, session: Session
) -> None:
    overlays.choose(Overlay.GRADIENT)
    before = canvas.look.colouring
    session.move_playhead(2)
    assert canvas.look.colouring is before


def test_the_legend_stands_where_it_hides_no_card(canvas: Canvas, overlays: Overlays) -> None:
    assert canvas.scene is not None
    overlays.choose(Overlay.GRADIENT)
    assert canvas.count_under(overlays.legend.geometry()) == 0
    in_corner = overlays.legend.pos()
    x, y = canvas.scene.centre_of(0)
    scale = canvas.camera.scale
    middle = overlays.legend.geometry().center()
    canvas.set_camera(Camera(x - middle.x() / scale, y - middle.y() / scale, scale))
    overlays.choose(Overlay.BYTES)
    assert overlays.legend.pos() != in_corner
    assert canvas.count_under(overlays.legend.geometry()) == 0


def test_the_legend_makes_room_when_all_is_to_be_seen(canvas: Canvas, overlays: Overlays) -> None:
    overlays.choose(Overlay.TIME)
    canvas.zoom_in()
    overlays.legend.move(canvas.rect().center() - overlays.legend.rect().center())
    before = overlays.legend.pos()
    canvas.pan(3.0, 0.0)
    assert overlays.legend.pos() == before, "it stays while somebody looks around"
    canvas.fit()
    assert canvas.count_under(overlays.legend.geometry()) == 0


def test_the_legend_takes_the_minimaps_corner_only_while_that_is_free(
    canvas: Canvas, overlays: Overlays
) -> None:
    overlays.choose(Overlay.TIME)
    legend, minimap = overlays.legend, canvas.minimap
    middle = canvas.rect().center()
    legend._hides = lambda place: int(place.left() < middle.x() or place.top() < middle.y())
    assert minimap.isHidden()
    legend.place()
    assert legend.x() > middle.x() and legend.y() > middle.y()
    minimap.show()
    minimap.keep_in_corner()
    assert minimap.geometry().intersects(legend.geometry())
    minimap.make_room(lambda _place: 0)
    assert not minimap.geometry().intersects(legend.geometry())

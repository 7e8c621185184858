"""What a value holds: numbers, heat map and histogram, from here or from the engine."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Iterator

import msgspec
import numpy as np
import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from gradviz.gui.engine import EngineState
from gradviz.gui.inspector.contents import ContentsView, Look
from gradviz.gui.inspector.mosaic import is_kernel, mosaic_of
from gradviz.gui.style import DARK, LIGHT
from gradviz.recording.model import Value
from gradviz.recording.pictures import histogram_of, picture_of
from gradviz.worker.messages import NOT_KEPT, ValueFetched
from tests.builders import make_value
from tests.gui.inspector.test_inspector import FakeEngine

pytestmark = pytest.mark.gui


@pytest.fixture
def engine() -> FakeEngine:
    return FakeEngine()


@pytest.fixture
def contents(qtbot: QtBot, engine: FakeEngine) -> Iterator[ContentsView]:
    outer = QWidget()
    view = ContentsView(engine, LIGHT, parent=outer)
    view.resize(380, 600)
    qtbot.addWidget(outer)
    outer.resize(400, 620)
    outer.show()
    yield view


def look_at(qtbot: QtBot, contents: ContentsView, look: Look) -> None:
    contents.buttons[look].click()
    qtbot.waitUntil(lambda: contents.heat_map is not None, timeout=20_000)


def colours_of(widget: QWidget) -> set[str]:
    image = widget.grab().toImage()
    xs, ys = range(0, image.width(), 3), range(0, image.height(), 3)
    return {image.pixelColor(x, y).name() for x in xs for y in ys}


def large(shape: tuple[int, ...]) -> Value:
    return msgspec.structs.replace(
        make_value(0, np.zeros((1,) * len(shape))), shape=shape, statistics=None
    )


def test_a_matrix_can_be_looked_at_as_heat_map(qtbot: QtBot, contents: ContentsView) -> None:
    array = np.array([[1.0, np.nan, -2.0], [np.inf, 0.0, 3.0]], dtype="<f4")
    contents.show_value(make_value(0, array), "")
    look_at(qtbot, contents, Look.HEAT_MAP)
    plot = contents.heat_map
    assert plot is not None and plot.isVisible()
    assert not contents.grid.isVisible()
    assert plot.marks() == (1, 1)
    assert plot.accessibleName() == "Heat map of 2 × 3 cells, from -2 to 3. 1 NaN, 1 Inf."
    assert {LIGHT.error_fill, LIGHT.series[1]} <= colours_of(plot)
    contents.set_theme(DARK)
    assert DARK.series[1] in colours_of(plot)


def test_the_axes_of_a_heat_map_number_nothing_beside_it(
    qtbot: QtBot, contents: ContentsView
) -> None:
    contents.show_value(make_value(0, np.ones((4, 9), dtype="<f4")), "")
    look_at(qtbot, contents, Look.HEAT_MAP)
    assert contents.heat_map is not None
    for side, last in (("left", 3), ("bottom", 8)):
        marks = contents.heat_map.getAxis(side).tickValues(-5, 20, 200)
        assert {v for _, values in marks for v in values} >= {0}
        assert all(0 <= v <= last for _, values in marks for v in values)
        close = contents.heat_map.getAxis(side).tickValues(-0.5, 1.5, 400)
        assert {v for _, values in close for v in values} == {0, 1}


def test_another_tensor_is_shown_from_its_beginning(contents: ContentsView) -> None:
    bars = contents.grid.table.verticalScrollBar(), contents.grid.table.horizontalScrollBar()
    contents.show_value(make_value(0, np.zeros((40, 20))), "")
    for bar in bars:
        bar.setValue(bar.maximum())
    contents.show_value(make_value(1, np.ones((40, 20))), "")
    assert all(bar.value() > 0 for bar in bars)
    contents.show_value(make_value(2, np.ones((41, 20))), "")
    assert [bar.value() for bar in bars] == [0, 0]


def test_a_vector_can_be_looked_at_as_histogram(qtbot: QtBot, contents: ContentsView) -> None:
    array = np.array([0.0, 1.0, 1.0, np.nan, -np.inf], dtype="<f4")
    contents.show_value(make_value(0, array), "")
    look_at(qtbot, contents, Look.HISTOGRAM)
    plot = contents.histogram
    assert plot is not None and plot.isVisible()
    assert plot.histogram == histogram_of(array)
    counts = plot.getAxis("left")
    assert {v for _, values in counts.tickValues(0, 1.1, 400) for v in values} == {0, 1}
    assert counts.tickStrings([0, 1], 1.0, 0.1) == ["0", "1"]
    assert plot.accessibleName() == "Histogram from 0 to 1. 1 × NaN, 1 × -Inf"


def test_a_single_number_has_no_looks(contents: ContentsView) -> None:
    contents.show_value(make_value(0, 2.5), "")
    assert contents.scalar.text() == "2.5"
    assert not contents.buttons[Look.NUMBERS].isVisible()


def test_the_heat_map_of_a_large_value_is_made_by_the_engine(
    qtbot: QtBot, contents: ContentsView, engine: FakeEngine
) -> None:
    contents.show_value(large((4, 1000, 800)), "")
    contents.boxes[0].setValue(2)
    look_at(qtbot, contents, Look.HEAT_MAP)
    assert engine.wanted[-1] == (False, True)
    assert engine.asked[-1][1:3] == ((2, 0, 0), (3, 1000, 800))
    picture = picture_of(np.ones((1000, 800)))
    engine.value_fetched.emit(
        ValueFetched(value=engine.asked[-1][0], start=(2, 0, 0), picture=picture)
    )
    assert contents.heat_map is not None and contents.heat_map.picture == picture
    assert contents.note.text() == "Each cell shows the largest magnitude among 4 × 4 elements."
    contents.boxes[0].setValue(3)
    assert engine.asked[-1][1] == (3, 0, 0)


def test_the_histogram_of_a_large_value_is_made_by_the_engine_once(
    qtbot: QtBot, contents: ContentsView, engine: FakeEngine
) -> None:
    contents.show_value(large((1000, 800)), "")
    look_at(qtbot, contents, Look.HISTOGRAM)
    contents.buttons[Look.NUMBERS].click()
    contents.buttons[Look.HISTOGRAM].click()
    assert [wanted for wanted in engine.wanted if wanted[0]] == [(True, False)]
    made = histogram_of(np.arange(5.0))
    engine.value_fetched.emit(ValueFetched(value=engine.asked[-1][0], histogram=made))
    assert contents.histogram is not None and contents.histogram.histogram == made


def test_without_the_engine_the_corner_is_shown_and_said_to_be_one(
    qtbot: QtBot, contents: ContentsView, engine: FakeEngine
) -> None:
    contents.show_value(large((1000, 800)), "")
    engine.value_fetched.emit(ValueFetched(value=engine.asked[-1][0], problem="It is gone."))
    look_at(qtbot, contents, Look.HEAT_MAP)
    assert contents.heat_map is not None and contents.heat_map.picture is not None
    assert contents.heat_map.picture.rows == 1
    assert contents.note.text() == "It is gone. Showing the first 1×1 of 1000×800."


def test_weights_of_a_convolution_are_images(
    qtbot: QtBot, contents: ContentsView, engine: FakeEngine
) -> None:
    weight = np.arange(2 * 3 * 3 * 3, dtype="<f4").reshape(2, 3, 3, 3)
    contents.show_value(make_value(0, weight), "")
    look_at(qtbot, contents, Look.HEAT_MAP)
    assert contents.heat_map is not None and contents.heat_map.picture is not None
    assert contents.heat_map.picture == mosaic_of(weight)
    assert not any(box.isVisible() for box in contents.boxes)
    assert "a group for each output" in contents.note.text()


def test_every_kernel_is_in_the_mosaic() -> None:
    weight = np.arange(1, 1 + 8 * 2 * 3 * 3, dtype="<f4").reshape(8, 2, 3, 3)
    cells = mosaic_of(weight).matrix()
    assert set(weight.ravel()) <= set(cells.ravel())
    assert 0.3 < cells.shape[0] / cells.shape[1] < 3
    np.testing.assert_array_equal(cells[:3, :3], weight[0, 0])


def test_a_batch_of_images_is_no_weight() -> None:
    assert is_kernel((8, 3, 3, 3))
    assert not is_kernel((8, 3, 32, 32))
    assert not is_kernel((8, 3, 1, 1))
    assert not is_kernel((8, 8))


def test_the_inspector_is_imported_without_pyqtgraph() -> None:
    code = (
        "import sys, gradviz.gui.inspector\n"
        "print([m for m in ('pyqtgraph', 'torch') if m in sys.modules])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60, check=True
    )
    assert done.stdout.strip() == "[]"


def test_a_value_that_was_not_kept_is_recomputed_on_request(
    contents: ContentsView, engine: FakeEngine
) -> None:
    value = large((1000, 800))
    contents.show_value(value, "")
    assert not contents.again.isVisible()
    engine.value_fetched.emit(ValueFetched(value=value.id, problem=NOT_KEPT))
    assert contents.again.isVisible()

    contents.again.click()
    assert engine.recomputed == [value.id]
    assert not contents.again.isEnabled()
    engine.value_fetched.emit(ValueFetched(value=value.id, is_recomputed=True, differs=True))
    assert not contents.again.isVisible()
    assert contents.note.text() == (
        "Recomputed by running the code again. It differs from the value in the run that is shown."
    )
    assert contents.grid.model.rowCount() == 1000
    asked = len(engine.asked)
    contents.grid.model.index(500, 500).data()
    assert len(engine.asked) == asked + 1


@pytest.mark.parametrize("state", [EngineState.READY, EngineState.DEAD])
def test_after_a_stopped_recompute_the_value_can_be_recomputed_again(
    contents: ContentsView, engine: FakeEngine, state: EngineState
) -> None:
    value = large((1000, 800))
    contents.show_value(value, "")
    engine.value_fetched.emit(ValueFetched(value=value.id, problem=NOT_KEPT))
    contents.again.click()
    for busy in (EngineState.BUSY, EngineState.STOPPING):
        engine.state_changed.emit(busy)
        assert not contents.again.isEnabled()
    engine.state_changed.emit(state)
    assert contents.again.isEnabled()
    assert contents.again.text() == "Recompute it"


def test_a_number_that_the_recording_does_not_have_is_asked_for(
    contents: ContentsView, engine: FakeEngine
) -> None:
    value = msgspec.structs.replace(make_value(0, np.float32(0)), data=None, storage="")
    contents.show_value(value, "")
    assert (value.id, (), ()) in {one[:3] for one in engine.asked}
    cell = contents.grid.model.index(0, 0)
    assert contents.grid.model.data(cell) == "…"
    data = np.float32(2.5).tobytes()
    engine.value_fetched.emit(ValueFetched(value=value.id, storage="<f4", data=data))
    assert contents.grid.model.data(cell) == "2.5"


def test_a_parameter_that_has_no_shape_yet_can_be_looked_at(
    contents: ContentsView, engine: FakeEngine
) -> None:
    value = msgspec.structs.replace(make_value(0, np.float32(0)), data=None, storage="")
    contents.show_value(value, "")
    engine.value_fetched.emit(ValueFetched(value=value.id, problem=NOT_KEPT))
    assert contents.note.text()
    assert contents.grid.model.data(contents.grid.model.index(0, 0)) != "0"


def test_a_value_that_was_not_kept_can_be_recomputed_when_it_is_looked_at_again(
    contents: ContentsView, engine: FakeEngine
) -> None:
    corner = np.zeros((64, 64), dtype="<f4")  # more than what is in sight
    value = msgspec.structs.replace(make_value(0, corner), shape=(1000, 800), statistics=None)
    contents.show_value(value, "")
    engine.value_fetched.emit(ValueFetched(value=value.id, problem=NOT_KEPT))
    contents.show_value(make_value(1, np.ones(3)), "")
    assert not contents.again.isVisible()
    contents.show_value(value, "")
    assert contents.again.isVisible()
    assert contents.note.text() == (
        "The recording had no room for all of this value. Showing the first 64×64 of 1000×800."
    )


def test_what_cannot_be_recomputed_says_so(contents: ContentsView, engine: FakeEngine) -> None:
    value = large((1000, 800))
    contents.show_value(value, "")
    engine.value_fetched.emit(ValueFetched(value=value.id, problem=NOT_KEPT))
    contents.again.click()
    engine.value_fetched.emit(ValueFetched(value=value.id, problem="It is other."))
    assert contents.note.text().startswith("It is other.")
    assert not contents.again.isVisible()

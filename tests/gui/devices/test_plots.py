"""The plots of the device panel: what they draw, tell and select."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QGuiApplication

from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.devices.results import ResultsView, View
from gradviz.gui.style import DARK, Appearance
from gradviz.recording.machine import DeviceLoad
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.timing import Ceiling, Measurement, TimedPart, Timing
from tests.builders import make_chain_rule_recording

pytestmark = pytest.mark.gui


def measure(part: TimedPart, seconds: float, **more: object) -> Measurement:
    given: dict[str, object] = {"text": "z = x * y", "line": 4, "device": "cpu", "threads": 1}
    return Measurement(
        part=part,
        seconds=(0.9 * seconds, seconds, 1.2 * seconds),
        **(given | more),  # type: ignore[arg-type]
    )


OPS = Timing(
    measurements=(
        measure(TimedPart.OP, 1e-3, text="a @ b", ops=(2, 5), flops=2_000, moved_nbytes=1_000),
        measure(TimedPart.OP, 1.5e-3, text="a + b", ops=(1,), flops=10, moved_nbytes=1_000),
        measure(TimedPart.OP_BACKWARD, 2e-3, text="a @ b", ops=(2, 5), flops=4, moved_nbytes=8),
    ),
    ceilings=(
        Ceiling(device="cpu", threads=1, dtype="", bytes_per_second=1e10, flops_per_second=5e10),
    ),
)
SWEEP = Timing(
    measurements=tuple(
        measure(TimedPart.FORWARD, seconds, size=size, device=device)
        for device, size, seconds in (
            *(("cpu", 64, 1e-5), ("cpu", 512, 1e-3), ("cpu", 4096, 1e-1)),
            *(("cuda:0", 64, 1e-4), ("cuda:0", 512, 2e-4), ("cuda:0", 4096, 1e-3)),
        )
    ),
    sweep="n",
)


@pytest.fixture
def results(qtbot) -> Iterator[ResultsView]:
    loader = PlotLoader()
    view = ResultsView(Appearance(), loader)
    qtbot.addWidget(view)
    view.resize(320, 600)
    view.show()
    with qtbot.waitSignal(loader.loaded, timeout=20_000):
        loader.start()
    yield view


def test_each_view_says_what_to_do_while_it_has_nothing_to_show(results: ResultsView) -> None:
    said = set()
    for view in View:
        results.set_view(view)
        assert results.plot is None or results.plot.isHidden()
        assert results.message.text()
        said.add(results.message.text())
    assert len(said) == len(View)


@pytest.mark.parametrize(
    ("timing", "view"), [(OPS, View.OPS), (SWEEP, View.SIZES)], ids=["ops", "sweep"]
)
def test_the_plot_that_says_most_is_chosen(
    results: ResultsView, timing: Timing, view: View
) -> None:
    results.set_timing(timing)
    results.show_what_was_timed()
    assert results.view is view
    assert not results.plot.isHidden()


def test_ops_are_sorted_by_what_all_their_executions_take(results: ResultsView) -> None:
    results.set_timing(OPS)
    results.set_view(View.OPS)
    rows = results.plot.rows
    assert [row.forward.text for row in rows] == ["a @ b", "a + b"]
    assert rows[0].total == pytest.approx(2 * (1e-3 + 2e-3))
    assert rows[1].backward is None


def test_the_crossover_is_told_and_drawn_only_where_there_is_one(results: ResultsView) -> None:
    results.set_timing(SWEEP)
    results.set_view(View.SIZES)
    assert results.sentence.text() == "From n = 512 on cuda:0 is faster than cpu."
    cpu = tuple(m for m in SWEEP.measurements if m.device == "cpu")
    results.set_timing(Timing(measurements=cpu, sweep="n"))
    assert results.sentence.text() == ""
    assert results.plot.crossovers == ()


@pytest.mark.parametrize(
    ("low", "high", "room", "shown"),
    [
        (-1.4, 2.0, 0.3, [0.05, 0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100]),
        (-1.4, 2.0, 0.4, [0.1, 0.3, 1, 3, 10, 30, 100]),
        (-1.4, 2.0, 0.9, [0.1, 1, 10, 100]),
        (0.69, 0.85, 0.5, [5, 6, 7]),
        (0.0, 0.4, 0.04, [1, 2]),
    ],
)
def test_ticks_of_a_logarithmic_axis_are_round_and_do_not_touch(
    low: float, high: float, room: float, shown: list[float]
) -> None:
    from gradviz.gui.devices.plot import log_ticks

    assert [10**value for value in log_ticks(low, high, room)] == pytest.approx(shown)


def test_points_under_the_roof_say_how_much_of_it_they_reach(results: ResultsView) -> None:
    results.set_timing(OPS)
    results.set_view(View.ROOFLINE)
    told = [point.text for point in results.plot.hover]
    # 2 FLOP per byte at 10 GB/s are 20 GFLOP/s, of which 2 MFLOP/s were reached.
    assert any("a @ b" in text and "0.01 % of what the device reaches" in text for text in told)


def test_a_sample_moves_the_live_lines_and_draws_none_anew(qtbot, results: ResultsView) -> None:
    from gradviz.gui.devices.live_plot import SAMPLES, LivePlot

    def load(utilisation: float | None) -> DeviceLoad:
        return DeviceLoad(name="a", utilisation=utilisation, used_nbytes=1, total_nbytes=4)

    plot = LivePlot(DARK)
    qtbot.addWidget(plot)
    plot.set_loads([load(0.5)])
    drawn = plot.listDataItems()
    plot.set_loads([load(0.5), load(0.75)])
    assert plot.listDataItems() == drawn
    xs, busy = drawn[0].getData()
    assert list(xs) == [SAMPLES - 2, SAMPLES - 1] and list(busy) == [0.5, 0.75]
    assert list(drawn[1].getData()[1]) == [0.25, 0.25]
    # A device that does not tell how busy it is has the line of its memory only.
    plot.set_loads([load(None)])
    assert len(plot.listDataItems()) == 1
    plot.set_loads([])
    assert len(plot.listDataItems()) == 0


def test_memory_is_drawn_from_the_run_that_is_shown(results: ResultsView) -> None:
    results.set_recording(make_chain_rule_recording())
    results.set_view(View.MEMORY)
    if results.plot is not None and not results.plot.isHidden():
        assert "At most" in results.sentence.text()
    else:
        assert results.message.text()


def at(plot, index: int) -> QPointF:
    point = plot.hover[index]
    view = plot.getPlotItem().getViewBox()
    return QPointF(plot.mapFromScene(view.mapViewToScene(QPointF(point.x, point.y))))


@pytest.mark.parametrize("view", [View.BARS, View.OPS, View.ROOFLINE])
def test_the_pointer_reads_numbers_at_each_point(results: ResultsView, view: View) -> None:
    results.set_timing(OPS)
    results.set_view(view)
    found = results.plot.point_at(at(results.plot, 0))
    assert (found is not None and "Median" in found.text) or "GFLOP/s" in found.text
    assert results.plot.point_at(QPointF(-500, -500)) is None


def test_a_click_on_an_op_selects_it(qtbot, results: ResultsView) -> None:
    results.set_timing(OPS)
    results.set_view(View.OPS)
    with qtbot.waitSignal(results.item_chosen) as chosen:
        place = at(results.plot, 0).toPoint()
        qtbot.mouseClick(results.plot.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert chosen.args == [Item(ItemKind.OP, 2)]


def test_the_picture_of_a_plot_is_copied(results: ResultsView) -> None:
    results.set_timing(SWEEP)
    results.set_view(View.SIZES)
    results.copy_picture()
    image = QGuiApplication.clipboard().image()
    assert image.width() == 2 * results.plot.width()
    colours = {
        image.pixelColor(x, y).name()
        for x in range(0, image.width(), 3)
        for y in range(0, image.height(), 3)
    }
    assert len(colours) > 5


def test_all_plots_follow_the_theme_and_a_larger_font(results: ResultsView) -> None:
    results.set_timing(OPS)
    heights = {}
    for view in (View.BARS, View.OPS, View.ROOFLINE):
        results.set_view(view)
        heights[view] = results.plot.height()
    font = results.font()
    font.setPointSizeF(2 * font.pointSizeF())
    results.setFont(font)
    results._on_theme_changed(DARK)
    for view, height in heights.items():
        results.set_view(view)
        assert results.plot.height() > 1.5 * height
        assert results.plot.backgroundBrush().color().name() == DARK.base


def test_what_is_plotted_is_described_to_screen_readers(results: ResultsView) -> None:
    results.set_timing(OPS)
    results.set_view(View.BARS)
    assert "1.00 ms" in results.plot.accessibleDescription()

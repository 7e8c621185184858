"""What a value holds: its number, a table, a heat map or a histogram, and its statistics."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.buttons import toggle_button
from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.engine import EngineState
from gradviz.gui.flow_layout import FlowLayout
from gradviz.gui.inspector import wording
from gradviz.gui.inspector.colour_scale import ColourScale
from gradviz.gui.inspector.elements import Elements, Index, ValueSource, leading_sizes
from gradviz.gui.inspector.mosaic import is_kernel, mosaic_of
from gradviz.gui.inspector.parts import Facts, Heading, Remark, clear
from gradviz.gui.inspector.value_grid import ValueGrid
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.style import Theme
from gradviz.recording.format import format_number, format_shape
from gradviz.recording.model import Statistics, Value, ValueId
from gradviz.recording.pictures import Histogram, Picture, histogram_of, picture_of
from gradviz.recording.statistics import statistics_of
from gradviz.recording.values import decode
from gradviz.worker.messages import NOT_KEPT, FetchValue, ValueFetched

if TYPE_CHECKING:
    from gradviz.gui.inspector.plots import HeatMap, HistogramPlot

PLOTS: Final = "gradviz.gui.inspector.plots"
_PLOT_HEIGHT: Final = 260


class Look(Enum):
    """How a value is shown."""

    NUMBERS = "numbers"
    HEAT_MAP = "heat-map"
    HISTOGRAM = "histogram"


class ContentsView(Retranslated, QWidget):
    """Shows one value; what of it is not here is fetched from the engine.

    Attributes:
        look: how it is shown.
        heat_map, histogram: the plots, None until they were first asked for.

    Signals:
        drawn: a plot shows what was asked for.
    """

    drawn = Signal()

    def __init__(self, source: ValueSource, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._source = source
        self._theme = theme
        self.look = Look.NUMBERS
        self._value: Value | None = None
        self._reason = ""
        self._elements: Elements | None = None
        self._statistics: dict[ValueId, Statistics] = {}
        self._histograms: dict[ValueId, Histogram] = {}
        self._pictures: dict[tuple[ValueId, Index], Picture] = {}
        self._asked: set[object] = set()
        self._loader = PlotLoader(PLOTS, parent=self)
        self._loader.loaded.connect(self._on_loaded)
        self.heat_map: HeatMap | None = None
        self.histogram: HistogramPlot | None = None
        self._build(theme)
        source.value_fetched.connect(self._on_value_fetched)
        source.state_changed.connect(self._on_source_state_changed)
        self._retranslate()

    def _build(self, theme: Theme) -> None:
        self.buttons = {look: self._toggle() for look in Look}
        self._group = QButtonGroup(self)
        self.buttons[Look.NUMBERS].setChecked(True)
        self._looks = QWidget(self)
        row = FlowLayout(spacing=0, parent=self._looks)
        for button in self.buttons.values():
            self._group.addButton(button)
            row.addWidget(button)
        self._index_row = QWidget(self)
        self._index_layout = QHBoxLayout(self._index_row)
        self._index_layout.setContentsMargins(0, 0, 0, 0)
        self.boxes: list[QSpinBox] = []
        self._sizes: Index = ()
        self._rest = QLabel(self._index_row)
        self._rest.setTextFormat(Qt.TextFormat.PlainText)
        self._rest.hide()
        self.scalar = Heading(scale=2.2, parent=self)
        self.grid = ValueGrid(theme, parent=self)
        self._plots = QVBoxLayout()
        self._plots.setContentsMargins(0, 0, 0, 0)
        self._plots.setSpacing(2)
        self.scale = ColourScale(theme, parent=self)
        self.note = Remark(parent=self)
        self.again = QPushButton(self)
        self.again.clicked.connect(self._on_recompute)
        self._recomputed: dict[ValueId, bool] = {}
        self._problems: dict[ValueId, str] = {}
        self.statistics = Facts(parent=self)
        self.statistics_note = Remark(parent=self)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(6)
        layout.addWidget(self.scalar)
        layout.addWidget(self._looks)
        layout.addWidget(self._index_row)
        layout.addWidget(self.grid)
        layout.addLayout(self._plots)
        layout.addWidget(self.scale)
        layout.addWidget(self.note)
        layout.addWidget(self.again, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self.statistics)
        layout.addWidget(self.statistics_note)

    def _toggle(self) -> QToolButton:
        button = toggle_button(self._on_look_chosen, parent=self)
        button.setProperty("narrow", True)
        button.setMinimumWidth(24)
        return button

    def _retranslate(self) -> None:
        self.buttons[Look.NUMBERS].setText(self.tr("Numbers"))
        self.buttons[Look.HEAT_MAP].setText(self.tr("Heat map"))
        self.buttons[Look.HISTOGRAM].setText(self.tr("Histogram"))
        self._name_again(is_busy=not self.again.isEnabled())
        self.again.setToolTip(
            self.tr("Runs the same code again, without its output, to compute this value again")
        )
        self._name_boxes()
        self._refresh()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._theme = theme
        self.grid.set_theme(theme)
        self.scale.set_theme(theme)
        for plot in (self.heat_map, self.histogram):
            if plot is not None:
                plot.set_theme(theme)

    def forget(self) -> None:
        """Values of another recording mean nothing any more."""
        self._value = self._elements = None
        self._statistics.clear()
        self._histograms.clear()
        self._pictures.clear()
        self._asked.clear()
        self._recomputed.clear()
        self._problems.clear()

    def show_value(self, value: Value | None, reason: str) -> None:
        """Show a value, or the reason why there is none."""
        self._reason = reason
        if value != self._value or value is None:
            self._value = value
            self._elements = None if value is None else Elements(value, self._source)
            if value is not None and self._elements is not None and value.id in self._problems:
                self._elements.problem = self._problems[value.id]
            self._make_boxes(() if value is None else leading_sizes(value.shape))
        self._refresh()

    def leading_index(self) -> Index:
        """The chosen index of each dimension before the last two."""
        return tuple(box.value() for box in self.boxes)

    def _refresh(self) -> None:
        value, elements = self._value, self._elements
        is_scalar = value is not None and value.numel == 1 and value.is_whole
        has_cells = elements is not None and value is not None and value.numel > 0
        has_cells = has_cells and not is_scalar
        shows_kernels = has_cells and self.look is Look.HEAT_MAP and self._is_kernel()
        self.scalar.setVisible(is_scalar)
        self._looks.setVisible(has_cells)
        self._index_row.setVisible(
            has_cells and bool(self.boxes) and self.look is not Look.HISTOGRAM and not shows_kernels
        )
        self.grid.setVisible(has_cells and self.look is Look.NUMBERS)
        if is_scalar and elements is not None and elements.whole is not None:
            self.scalar.set_text(format_number(elements.whole.reshape(()).item()))
        if has_cells and self.look is Look.NUMBERS:
            self.grid.show_elements(elements, self.leading_index())
        self._show_plots(has_cells=has_cells)
        self.note.set_text(self._note())
        self.again.setVisible(elements is not None and elements.problem == NOT_KEPT)
        self._show_statistics(is_scalar=is_scalar)

    # Plots.

    def _show_plots(self, *, has_cells: bool) -> None:
        wants_map = has_cells and self.look is Look.HEAT_MAP
        wants_histogram = has_cells and self.look is Look.HISTOGRAM
        if (wants_map or wants_histogram) and self.heat_map is None:
            if not self._loader.is_loaded:
                self._loader.start()
            else:
                self._make_plots()
        picture = self._picture() if wants_map else None
        histogram = self._histogram() if wants_histogram else None
        if self.heat_map is not None and self.histogram is not None:
            self.heat_map.setVisible(picture is not None)
            self.histogram.setVisible(histogram is not None)
            if picture is not None:
                self.heat_map.show_picture(picture)
            if histogram is not None:
                self.histogram.show_histogram(histogram)
            if picture is not None or histogram is not None:
                self.drawn.emit()
        self.scale.setVisible(picture is not None and self.heat_map is not None)
        if picture is not None:
            self.scale.show_cells(picture.matrix())

    def _on_loaded(self) -> None:
        if not self._loader.problem:
            self._make_plots()
        self._refresh()

    def _make_plots(self) -> None:
        if self.heat_map is not None:
            return
        from gradviz.gui.inspector.plots import HeatMap, HistogramPlot

        self.heat_map = HeatMap(self._theme, parent=self)
        self.histogram = HistogramPlot(self._theme, parent=self)
        for plot in (self.heat_map, self.histogram):
            plot.setFixedHeight(_PLOT_HEIGHT)
            plot.hide()
            self._plots.addWidget(plot)

    def _is_kernel(self) -> bool:
        return self._value is not None and is_kernel(self._value.shape)

    def _picture(self) -> Picture | None:
        """The heat map of what is chosen, None while it is being fetched."""
        value, elements = self._value, self._elements
        if value is None or elements is None:
            return None
        leading = () if self._is_kernel() else self.leading_index()
        key = (value.id, leading)
        if key in self._pictures:
            return self._pictures[key]
        here = elements.whole
        if here is None and elements.problem:
            here = elements.kept
        if here is not None:
            if self._is_kernel() and here.ndim == 4:
                picture = mosaic_of(here)
            else:
                inside = all(i < n for i, n in zip(leading, here.shape, strict=False))
                matrix = here[leading] if inside else here[(0,) * len(leading)]
                columns = matrix.shape[-1] if matrix.ndim else 1
                picture = picture_of(matrix.reshape(-1, columns))
            self._pictures[key] = picture
            return picture
        if key not in self._asked:
            self._asked.add(key)
            if self._is_kernel():
                self._source.fetch_value(FetchValue(value=value.id))
            else:
                stop = (*(i + 1 for i in leading), *value.shape[len(leading) :])
                start = (*leading, *(0 for _ in value.shape[len(leading) :]))
                self._source.fetch_value(
                    FetchValue(value=value.id, start=start, stop=stop, picture=True)
                )
        return None

    def _histogram(self) -> Histogram | None:
        value, elements = self._value, self._elements
        if value is None or elements is None:
            return None
        if value.id in self._histograms:
            return self._histograms[value.id]
        here = elements.whole
        if here is None and elements.problem:
            here = elements.kept
        if here is not None:
            self._histograms[value.id] = histogram_of(here)
            return self._histograms[value.id]
        if ("histogram", value.id) not in self._asked:
            self._asked.add(("histogram", value.id))
            self._source.fetch_value(FetchValue(value=value.id, histogram=True))
        return None

    def _is_only_more(self) -> bool:
        """Whether what has arrived changes cells of the table and nothing else."""
        return (
            self.look is Look.NUMBERS and self._elements is not None and not self._elements.problem
        )

    # Texts.

    def _note(self) -> str:
        value, elements = self._value, self._elements
        if value is None or elements is None:
            return self._reason
        if value.numel == 0:
            return self.tr("It has no elements.")
        if self.look is not Look.NUMBERS and self._loader.problem:
            return self.tr("The plot could not be made: {}").format(self._loader.problem)
        parts = []
        if elements.problem:
            parts.append(in_language(elements.problem))
            if elements.kept is not None:
                text = self.tr("Showing the first {} of {}.")
                kept, whole = elements.kept.shape, value.shape
                parts.append(text.format(format_shape(kept), format_shape(whole)))
        elif self.look is Look.HEAT_MAP:
            picture = self._pictures.get(
                (value.id, () if self._is_kernel() else self.leading_index())
            )
            if picture is not None and (picture.row_step, picture.column_step) != (1, 1):
                text = self.tr("Each cell shows the largest magnitude among {} × {} elements.")
                parts.append(text.format(picture.row_step, picture.column_step))
            if self._is_kernel():
                text = self.tr("Kernels: a group for each output, with an image for each input.")
                parts.append(text)
        if value.id in self._recomputed:
            parts.append(self.tr("Recomputed by running the code again."))
            if self._recomputed[value.id]:
                text = self.tr("It differs from the value in the run that is shown.")
                parts.append(text)
        return " ".join(parts)

    def _show_statistics(self, *, is_scalar: bool) -> None:
        value = self._value
        statistics = None
        if value is not None and not is_scalar:
            statistics = self._statistics.get(value.id) or statistics_of(value)
        is_complex = value is not None and value.dtype.startswith("complex")
        self.statistics.show_facts(
            ()
            if statistics is None
            else wording.statistics_facts(statistics, is_complex=is_complex)
        )
        self.statistics_note.set_text(
            self.tr("|z| are the absolute values of the elements.")
            if statistics is not None and is_complex
            else ""
        )
        if value is None or is_scalar or statistics is not None or not value.numel:
            return
        if ("statistics", value.id) not in self._asked:
            self._asked.add(("statistics", value.id))
            empty = (0,) * len(value.shape)
            self._source.fetch_value(
                FetchValue(value=value.id, start=empty, stop=empty, statistics=True)
            )

    # The index of the dimensions before the last two.

    def _make_boxes(self, sizes: Index) -> None:
        if sizes == self._sizes:
            return
        self._sizes = sizes
        clear(self._index_layout)
        self.boxes = []
        for size in sizes:
            box = QSpinBox(self._index_row)
            box.setRange(0, max(size - 1, 0))
            box.valueChanged.connect(self._on_index_changed)
            self.boxes.append(box)
            self._index_layout.addWidget(box)
        self._rest = QLabel(self._index_row)
        self._rest.setTextFormat(Qt.TextFormat.PlainText)
        self._index_layout.addWidget(self._rest)
        self._index_layout.addStretch(1)
        self._name_boxes()

    def _name_boxes(self) -> None:
        for dimension, box in enumerate(self.boxes):
            name = self.tr("Index along dimension {}").format(dimension)
            box.setAccessibleName(name)
            box.setToolTip(name)
        self._rest.setText(self.tr("of {}").format(" × ".join(map(str, self._sizes))))

    # What happens.

    def _on_index_changed(self) -> None:
        self._refresh()

    def _on_look_chosen(self) -> None:
        self.look = next(look for look, button in self.buttons.items() if button.isChecked())
        self._refresh()

    def _on_recompute(self) -> None:
        if self._value is not None and self._source.recompute(self._value.id):
            self._name_again(is_busy=True)

    def _name_again(self, *, is_busy: bool) -> None:
        self.again.setEnabled(not is_busy)
        self.again.setText(self.tr("Recomputing…") if is_busy else self.tr("Recompute it"))

    def _on_source_state_changed(self, state: EngineState) -> None:
        if state not in (EngineState.BUSY, EngineState.STOPPING):
            # Also where it was stopped, or its process ended, and no answer comes.
            self._name_again(is_busy=False)

    def _take_recomputed(self, fetched: ValueFetched) -> None:
        self._recomputed[fetched.value] = fetched.differs
        self._problems.pop(fetched.value, None)
        self._asked.clear()
        for known in (self._statistics, self._histograms):
            known.pop(fetched.value, None)
        for key in [key for key in self._pictures if key[0] == fetched.value]:
            del self._pictures[key]
        if self._elements is not None and self._elements.value.id == fetched.value:
            self._elements.restart()
        self._refresh()

    def _on_value_fetched(self, fetched: ValueFetched) -> None:
        self._name_again(is_busy=False)
        if fetched.is_recomputed:
            self._take_recomputed(fetched)
            return
        if fetched.problem:
            self._problems[fetched.value] = fetched.problem
        if fetched.statistics is not None:
            self._statistics[fetched.value] = fetched.statistics
        if fetched.histogram is not None:
            self._histograms[fetched.value] = fetched.histogram
        value = self._value
        if value is None or fetched.value != value.id or self._elements is None:
            return
        if fetched.picture is not None:
            leading = fetched.start[: len(self._sizes)]
            self._pictures[value.id, leading] = fetched.picture
        is_kernels = self._is_kernel() and fetched.data and fetched.shape == value.shape
        if is_kernels:
            array = decode(fetched.data, fetched.storage, fetched.shape)
            self._pictures[value.id, ()] = mosaic_of(array)
        elif self._elements.take(fetched) and self._is_only_more():
            self.grid.model.refresh()
            return
        self._refresh()

"""Gradients by depth: one point and one row for each layer of a backward pass."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QComboBox, QSizePolicy, QVBoxLayout, QWidget

from gradviz.gui.devices.plot_loader import PlotLoader
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Theme
from gradviz.gui.survey.fact_table import MAX_ROWS, FactTable, Row
from gradviz.recording.diagnostics import Depth
from gradviz.recording.format import format_number, format_place
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.naming import op_label, shorten

if TYPE_CHECKING:
    from gradviz.gui.survey.depth_plot import DepthPlot

PLOT: Final = "gradviz.gui.survey.depth_plot"
MAX_PASSES: Final = 1_000
_PLOT_HEIGHT: Final = 200


class DepthView(Retranslated, QWidget):
    """Shows how large the gradient is that reaches each layer.

    Attributes:
        passes: which backward pass is shown.
        plot: the points, None until they were first asked for.
        table: the same as rows.
    """

    def __init__(self, session: Session, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._theme = theme
        self._depths: tuple[Depth, ...] = ()
        self.plot: DepthPlot | None = None
        self._loader = PlotLoader(PLOT, parent=self)
        self._loader.loaded.connect(self._on_loaded)
        self.summary = PlainLabel(parent=self)
        self.passes = QComboBox(self)
        self.passes.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.passes.currentIndexChanged.connect(self._on_pass_chosen)
        self._place = QVBoxLayout()
        self.table = FactTable(session, parent=self)
        self.table.clicked.connect(self._on_row_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(12, 10, 12, 10)
        layout.setSpacing(8)
        layout.addWidget(self.summary)
        layout.addWidget(self.passes)
        layout.addLayout(self._place)
        layout.addWidget(self.table, 1)
        self._retranslate()

    def _retranslate(self) -> None:
        self.table.setAccessibleName(self.tr("Layers and the size of their gradients"))
        self.passes.setAccessibleName(self.tr("Backward pass"))
        self._fill_passes()

    def set_theme(self, theme: Theme) -> None:
        """Draw in other colours."""
        self._theme = theme
        if self.plot is not None:
            self.plot.set_theme(theme)

    def show_depths(self, depths: tuple[Depth, ...]) -> None:
        """Show the passes of another run; that at the playhead first."""
        self._depths = depths[:MAX_PASSES]
        if depths:
            self._loader.start()
        index = self._session.replay.pass_index_at(self._session.playhead)
        there = (n for n, depth in enumerate(self._depths) if depth.pass_id == index)
        self._fill_passes(next(there, 0))

    def _fill_passes(self, current: int | None = None) -> None:
        current = self.passes.currentIndex() if current is None else current
        self.passes.blockSignals(True)
        self.passes.clear()
        for depth in self._depths:
            pass_ = self._session.recording.passes[depth.pass_id]
            text = self.tr("Pass {number}: {call}, line {line}")
            call, place = shorten(pass_.text or "backward()"), format_place(pass_.location)
            self.passes.addItem(text.format(number=depth.pass_id + 1, call=call, line=place or "?"))
        self.passes.setCurrentIndex(max(current, 0) if self._depths else -1)
        self.passes.blockSignals(False)
        self._refresh()

    def _current(self) -> Depth | None:
        at = self.passes.currentIndex()
        return self._depths[at] if 0 <= at < len(self._depths) else None

    def _refresh(self) -> None:
        depth = self._current()
        self.passes.setVisible(len(self._depths) > 1)
        self.table.setVisible(depth is not None)
        if self.plot is not None:
            self.plot.setVisible(depth is not None)
        if depth is None:
            self.summary.set_text(
                self.tr(
                    "No backward pass sent finite gradients through two layers with weights of "
                    "their own."
                )
            )
            return
        self.summary.set_text(
            self.tr(
                "Root mean square of the gradient that reached each layer, from the input to the "
                "loss. Click a point or a row to go to its layer."
            )
        )
        rows = self._rows(depth)
        titles = (self.tr("Layer"), self.tr("Line"), "#", self.tr("Gradient"))
        self.table.show_rows(titles, rows, sorted_by=2, descending=False)
        if self.plot is not None:
            names = tuple(row.cells[0] for row in rows)
            self.plot.show_layers(names, tuple(layer.size for layer in depth.layers[:MAX_ROWS]))

    def _rows(self, depth: Depth) -> list[Row]:
        recording, rows = self._session.recording, []
        for number, layer in enumerate(depth.layers[:MAX_ROWS], start=1):
            name = layer.op.scope or op_label(recording, layer.op)
            line = -1.0 if layer.op.location is None else float(layer.op.location.line)
            cells = (name, format_place(layer.op.location), str(number), format_number(layer.size))
            playhead = self._session.replay.playhead_of(depth.pass_id, layer.step)
            item = Item(ItemKind.OP, layer.op.id)
            rows.append(Row(cells, (name, line, number, layer.size), item, playhead))
        return rows

    def _on_loaded(self) -> None:
        if self._loader.problem:
            return  # the table says the same
        from gradviz.gui.survey.depth_plot import DepthPlot

        self.plot = DepthPlot(self._theme, parent=self)
        self.plot.setFixedHeight(_PLOT_HEIGHT)
        self.plot.chosen.connect(self._on_point_chosen)
        self._place.addWidget(self.plot)
        self._refresh()

    def _on_pass_chosen(self) -> None:
        self._refresh()

    def _on_row_chosen(self, index: QModelIndex) -> None:
        if self.plot is not None and index.isValid():
            self.plot.mark(int(self.table.facts.rows[index.row()].cells[2]) - 1)

    def _on_point_chosen(self, number: int) -> None:
        depth = self._current()
        if depth is None or self.plot is None:
            return
        row = self._rows(depth)[number]
        self.plot.mark(number)
        if row.playhead is not None:
            self._session.move_playhead(row.playhead)
        self._session.select(row.item)

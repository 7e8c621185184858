"""Where each tensor is, and moving them: the table, its buttons and the pending moves."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QSignalBlocker, Qt
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QMenu,
    QPushButton,
    QSizePolicy,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.export.timing import format_bytes
from gradviz.gui.devices import placements
from gradviz.gui.devices.tensor_table import COLUMNS, NAME, TensorTableModel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Item, ItemKind, Tensor
from gradviz.recording.view import tensor_item

_MEASURED_ROWS: Final = 100


class TensorView(Retranslated, QWidget):
    """A table of tensors with one selection with the window, and the moves that wait.

    Attributes:
        model: the rows.
        table: shows them.
    """

    def __init__(
        self, session: Session, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._settings_of_run = session.run_settings
        self._devices: tuple[str, ...] = ("cpu",)
        self.model = TensorTableModel(appearance.theme)
        self._build()
        session.recording_changed.connect(self._on_recording_changed)
        session.selection_changed.connect(self._on_selection_changed)
        session.run_settings_changed.connect(self._on_run_settings_changed)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._on_recording_changed()
        self._retranslate()

    def _retranslate(self) -> None:
        self.move_selected.setText(self.tr("Move selected to"))
        self.move_leaves.setText(self.tr("Move all leaves to"))
        self.back.setText(self.tr("Back"))
        self.back.setToolTip(self.tr("Take back the moves that wait for the next run"))
        self.table.setAccessibleName(self.tr("Tensors and their devices"))
        self.model.retranslate()
        self._fit_columns()
        self._refresh_texts(self._pending())

    def _build(self) -> None:
        self.move_selected = self._menu_button()
        self.move_leaves = self._menu_button()
        self.back = QToolButton(self)
        self.back.clicked.connect(self._on_back_clicked)
        self.table = QTableView(self)
        self.table.setModel(self.model)
        self.table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setAlternatingRowColors(True)
        self.table.setShowGrid(False)
        self.table.setTabKeyNavigation(False)
        self.table.setWordWrap(False)
        self.table.verticalHeader().hide()
        self.table.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        # So that it does not grow with the recording. 0, the rows in sight, is every row as long
        # as the table is hidden.
        header.setResizeContentsPrecision(_MEASURED_ROWS)
        header.setSectionResizeMode(QHeaderView.ResizeMode.Interactive)
        self.table.selectionModel().selectionChanged.connect(self._on_rows_selected)
        self.pending = self._label()
        self.totals = self._label()
        self.hint = self._label()

        buttons = QHBoxLayout()
        buttons.setSpacing(6)
        buttons.addWidget(self.move_selected)
        buttons.addWidget(self.move_leaves)
        buttons.addStretch()
        waiting = QHBoxLayout()
        waiting.addWidget(self.pending, 1)
        waiting.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(buttons)
        layout.addWidget(self.hint)
        layout.addWidget(self.table, 1)
        layout.addLayout(waiting)
        layout.addWidget(self.totals)

    def _label(self) -> QLabel:
        label = QLabel(self)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        return label

    def _menu_button(self) -> QPushButton:
        button = QPushButton(self)
        menu = QMenu(button)
        menu.triggered.connect(self._on_move_chosen)
        button.setMenu(menu)
        return button

    def set_devices(self, devices: Sequence[str]) -> None:
        """Offer these devices as targets."""
        self._devices = tuple(devices)
        for button in (self.move_selected, self.move_leaves):
            menu = button.menu()
            menu.clear()
            for device in self._devices:
                menu.addAction(device)
        self._refresh_buttons()

    @property
    def selected_tensors(self) -> list[Tensor]:
        """The tensors whose rows are selected."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.tensors[row] for row in rows]

    def _on_move_chosen(self, action: QAction) -> None:
        for_all = action.parent() is self.move_leaves.menu()
        tensors = self.model.tensors if for_all else self.selected_tensors
        settings = placements.move(self._session.run_settings, tensors, action.text())
        self._session.set_run_settings(settings)

    def _on_back_clicked(self) -> None:
        names = {move.name for move in self._pending()}
        settings = placements.move_back(self._session.run_settings, names)
        kept = self._settings_of_run.placement
        restored = {name: kept[name] for name in names if name in kept}
        if restored:
            placement = {**settings.placement, **restored}
            settings = msgspec.structs.replace(settings, placement=placement)
        self._session.set_run_settings(settings)

    def _pending(self) -> tuple[placements.PendingMove, ...]:
        return placements.pending_moves(
            self.model.tensors, self._session.run_settings, self._settings_of_run
        )

    def _on_recording_changed(self) -> None:
        self._settings_of_run = self._session.run_settings
        tensors = placements.shown_tensors(self._session.recording)
        moves = placements.pending_moves(tensors, self._session.run_settings, self._settings_of_run)
        with QSignalBlocker(self.table.selectionModel()):
            self.model.set_tensors(tensors, moves)
        self._fit_columns()
        self._refresh_texts(moves)
        self._on_selection_changed(self._session.selection)

    def _fit_columns(self) -> None:
        for column in range(COLUMNS):
            self.table.resizeColumnToContents(column)

    def _on_run_settings_changed(self) -> None:
        moves = self._pending()
        self.model.set_moves(moves)
        self._fit_columns()
        self._refresh_texts(moves)

    def _refresh_texts(self, moves: tuple[placements.PendingMove, ...]) -> None:
        lines = [
            self.tr("{name}: {source} → {target} on the next run").format(
                name=move.name, source=move.source, target=move.target
            )
            for move in moves[:4]
        ]
        if len(moves) > 4:
            lines.append(self.tr("… and {} more").format(len(moves) - 4))
        self.pending.setText("\n".join(lines))
        self.pending.setVisible(bool(moves))
        self.back.setVisible(bool(moves))
        totals = placements.nbytes_by_device(self.model.tensors)
        self.totals.setText(
            "   ".join(f"{device}: {format_bytes(nbytes)}" for device, nbytes in totals.items())
        )
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        has_targets = len(self._devices) > 1
        movable = any(placements.is_movable(t) for t in self.model.tensors)
        selected = any(placements.is_movable(t) for t in self.selected_tensors)
        self.move_leaves.setEnabled(has_targets and movable)
        self.move_selected.setEnabled(has_targets and selected)
        if not self.model.tensors:
            hint = self.tr("Run the text to see where its tensors are.")
        elif not has_targets:
            hint = self.tr("There is no second device on this machine to move a tensor to.")
        else:
            hint = ""
        self.hint.setText(hint)
        self.hint.setVisible(bool(hint))

    def _on_rows_selected(self, _now: QItemSelection, _before: QItemSelection) -> None:
        self._refresh_buttons()
        selected = self.selected_tensors
        if len(selected) == 1:
            self._session.select(tensor_item(selected[0].id))

    def _on_selection_changed(self, item: Item | None) -> None:
        selection = self.table.selectionModel()
        if item is None or item.kind is not ItemKind.TENSOR:
            return
        if any(tensor.id == item.id for tensor in self.selected_tensors):
            return
        for row, tensor in enumerate(self.model.tensors):
            if tensor.id == item.id:
                index = self.model.index(row, NAME)
                flags = QItemSelectionModel.SelectionFlag
                selection.select(index, flags.ClearAndSelect | flags.Rows)
                self.table.scrollTo(index)
                return

    def _on_theme_changed(self, theme: Theme) -> None:
        self.model.set_theme(theme)
        self.pending.setStyleSheet(f"color: {theme.accent}")
        for label in (self.totals, self.hint):
            label.setStyleSheet(f"color: {theme.muted}")

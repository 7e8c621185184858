"""Where each tensor is, and moving them: the table, its buttons and the pending moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import msgspec
from PySide6.QtCore import QItemSelection, QItemSelectionModel, QSignalBlocker, Qt, Signal
from PySide6.QtGui import QAction, QShowEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QCheckBox,
    QHBoxLayout,
    QMenu,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.documents.placing import variables_of, with_device
from gradviz.errors import GradvizError
from gradviz.gui.devices import placements
from gradviz.gui.devices.device_chips import Chip, DeviceChips
from gradviz.gui.devices.fitted_table import FittedTable
from gradviz.gui.devices.overlays import device_colour, devices_of
from gradviz.gui.devices.tensor_table import NAME, TensorTableModel
from gradviz.gui.devices.timing_controls import outline
from gradviz.gui.devices.transfer_list import TransferList
from gradviz.gui.flow_layout import FlowLayout
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Item, ItemKind, Recording, Tensor
from gradviz.recording.residence import nbytes_by_device, shown_tensors
from gradviz.recording.view import tensor_item

_SMALL: Final = 3_000
"""Tensors; of more, nothing is looked up before somebody looks at this view."""


class TensorView(Retranslated, QWidget):
    """A table of tensors with one selection with the window, and the moves that wait.

    Attributes:
        model: the rows.
        table: shows them.
        chips: the devices, with what is on them; rows can be dropped onto them.
        transfers: the copies between devices that the run made.

    Signals:
        overlay_wanted: whether the graph should be coloured by device (bool).
        text_changed: a placement was written into this text (str).
    """

    overlay_wanted = Signal(bool)
    text_changed = Signal(str)

    def __init__(
        self,
        session: Session,
        appearance: Appearance,
        *,
        document_text: Callable[[], str] = str,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._appearance = appearance
        self._document_text = document_text
        self._settings_of_run = session.run_settings
        self._is_behind = False
        self._devices: tuple[str, ...] = ("cpu",)
        self._problem = ""
        self._placement_of_text: dict[str, dict[str, str]] = {}
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
        self.move_module.setText(self.tr("Move module"))
        self.write.setText(self.tr("Write it into the code"))
        self.write.setToolTip(
            self.tr("Write it into the text instead, as ordinary PyTorch; it can be undone")
        )
        self.colour.setText(self.tr("Colour the graph by device"))
        self._transfers_title.setText(self.tr("Transfers of the run"))
        self.back.setText(self.tr("Back"))
        self.back.setToolTip(self.tr("Undo the moves that wait for the next run"))
        self.table.setAccessibleName(self.tr("Tensors and their devices"))
        self.model.retranslate()
        self.table.resizeColumnsToContents()
        self._refresh_texts(self._pending())

    def _build(self) -> None:
        self.move_selected = self._menu_button()
        self.move_leaves = self._menu_button()
        self.move_module = self._menu_button()
        self.move_module.menu().triggered.disconnect(self._on_move_chosen)
        self.write = QPushButton(self)
        self.write.clicked.connect(self.write_placement)
        self.colour = QCheckBox(self)
        self.colour.toggled.connect(self.overlay_wanted)
        self.chips = DeviceChips(self._appearance, parent=self)
        self.chips.names_dropped.connect(self._on_names_dropped)
        self._transfers_title = PlainLabel(parent=self)
        self.transfers = TransferList(parent=self)
        self.transfers.chosen.connect(self._session.select)
        self.back = QToolButton(self)
        self.back.clicked.connect(self._on_back_clicked)
        self.table = FittedTable(self.model, parent=self)
        self.table.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.table.setDragEnabled(True)
        self.table.setDragDropMode(QAbstractItemView.DragDropMode.DragOnly)
        self.table.horizontalHeader().setDefaultAlignment(
            Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
        )
        self.table.text_resized.connect(self.transfers.fit)
        self.table.selectionModel().selectionChanged.connect(self._on_rows_selected)
        self.pending = PlainLabel(parent=self)
        self.hint = PlainLabel(parent=self)

        buttons = FlowLayout(spacing=6)
        buttons.addWidget(self.move_selected)
        buttons.addWidget(self.move_leaves)
        buttons.addWidget(self.move_module)
        waiting = QHBoxLayout()
        waiting.addWidget(self.pending, 1)
        waiting.addWidget(self.back, 0, Qt.AlignmentFlag.AlignTop)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(8, 8, 8, 8)
        layout.addLayout(buttons)
        layout.addWidget(self.hint)
        layout.addWidget(self.table, 1)
        layout.addLayout(waiting)
        layout.addWidget(self.write, 0, Qt.AlignmentFlag.AlignLeft)
        layout.addWidget(self._transfers_title)
        layout.addWidget(self.transfers)
        layout.addWidget(self.chips)
        layout.addWidget(self.colour)

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
        self._offer_modules()
        self._show_chips()
        self._refresh_buttons()

    def _offer_modules(self) -> None:
        menu = self.move_module.menu()
        menu.clear()
        modules = self._modules()
        for module in modules:
            inner = menu.addMenu(module)
            for device in self._devices:
                inner.addAction(device).setData(module)
            inner.triggered.connect(self._on_module_moved)
        self.move_module.setVisible(bool(modules))

    def _modules(self) -> tuple[str, ...]:
        return placements.modules_in(self._movable())

    def _movable(self) -> tuple[Tensor, ...]:
        return placements.movable_of(self.model.tensors, self.model.variables)

    def _on_module_moved(self, action: QAction) -> None:
        self._move_names([str(action.data())], action.text())

    def _on_names_dropped(self, names: list[str], device: str) -> None:
        self._move_names(names, device)

    def _move_names(self, names: Sequence[str], device: str) -> None:
        settings = placements.move_names(self._session.run_settings, names, device)
        self._session.set_run_settings(settings)

    def tell_coloured(self, is_coloured: bool) -> None:
        """Whether the graph is coloured by device, wherever that was chosen."""
        with QSignalBlocker(self.colour):
            self.colour.setChecked(is_coloured)

    def fill_menu(self, menu: QMenu, item: Item) -> None:
        """Offer to move what a card of the graph shows, where it can be moved by name."""
        names = self._movable_names(item)
        if not names or len(self._devices) < 2:
            return
        inner = menu.addMenu(self.tr("Move {} to").format(names[0] if len(names) == 1 else ""))
        for device in self._devices:
            inner.addAction(device).setData(names)
        inner.triggered.connect(self._on_card_moved)
        menu.addSeparator()

    def _movable_names(self, item: Item) -> list[str]:
        recording = self._session.recording
        number = item.id
        if item.kind is ItemKind.NODE:
            leaf = recording.autograd_nodes[number].leaf
            if leaf is None:
                return []
            number = leaf
        elif item.kind is not ItemKind.TENSOR:
            return []
        tensor = recording.tensors[number]
        is_movable = tensor.name is not None and self.model.is_movable(tensor)
        return [tensor.name] if tensor.name is not None and is_movable else []

    def _on_card_moved(self, action: QAction) -> None:
        self._move_names(action.data(), action.text())

    def _show_chips(self) -> None:
        if self._is_behind:
            return
        held = nbytes_by_device(self.model.tensors)
        devices = devices_of(self._session.recording)
        self.chips.show_devices(
            tuple(
                Chip(name, held.get(name, 0), device_colour(self._appearance.theme, devices, name))
                for name in dict.fromkeys((*self._devices, *devices))
            )
        )

    def write_placement(self) -> None:
        """Write where the next run would put tensors and modules into the text itself."""
        self._catch_up()
        text = self._document_text()
        modules = self._modules()
        written: list[str] = []
        self._problem = ""
        for name, device in self._session.run_settings.placement.items():
            try:
                text = with_device(text, name, device, is_module=name in modules or "." in name)
                written.append(name)
            except GradvizError as problem:
                self._problem = str(problem)
        if written:
            placement = self._session.run_settings.placement
            left = {n: d for n, d in placement.items() if n not in written}
            self._placement_of_text = {self._document_text(): placement, text: left}
            self.text_changed.emit(text)
            self._set_placement(left)
        self._refresh_buttons()

    def follow_text(self) -> None:
        """Undo and redo of what was written into the text take the placement along."""
        if self._placement_of_text:
            placement = self._placement_of_text.get(self._document_text())
            if placement is not None:
                self._set_placement(placement)

    def _set_placement(self, placement: dict[str, str]) -> None:
        settings = self._session.run_settings
        self._session.set_run_settings(msgspec.structs.replace(settings, placement=placement))

    def _show_transfers(self) -> None:
        self.transfers.show_transfers(Recording() if self._is_behind else self._session.recording)
        self._transfers_title.setVisible(not self.transfers.isHidden())

    @property
    def selected_tensors(self) -> list[Tensor]:
        """The tensors whose rows are selected."""
        rows = sorted(index.row() for index in self.table.selectionModel().selectedRows())
        return [self.model.tensors[row] for row in rows]

    def _on_move_chosen(self, action: QAction) -> None:
        for_all = action.parent() is self.move_leaves.menu()
        tensors = self.model.tensors if for_all else self.selected_tensors
        movable = placements.movable_of(tensors, self.model.variables)
        settings = placements.move(self._session.run_settings, movable, action.text())
        self._session.set_run_settings(settings)

    def _on_back_clicked(self) -> None:
        names = {move.name for move in self._pending()}
        settings = placements.move_back(self._session.run_settings, names | set(self._lost()))
        kept = self._settings_of_run.placement
        restored = {name: kept[name] for name in names if name in kept}
        if restored:
            placement = {**settings.placement, **restored}
            settings = msgspec.structs.replace(settings, placement=placement)
        self._session.set_run_settings(settings)

    def _pending(self) -> tuple[placements.PendingMove, ...]:
        return placements.pending_moves(
            self._movable(), self._session.run_settings, self._settings_of_run
        )

    def _lost(self) -> tuple[str, ...]:
        """What is placed but was not in the run that is shown."""
        if not self.model.tensors:
            return ()
        return placements.lost_names(self._movable(), self._session.run_settings)

    def showEvent(self, event: QShowEvent) -> None:
        """Show what changed while nobody looked."""
        super().showEvent(event)
        self._catch_up()

    def _on_recording_changed(self) -> None:
        self._settings_of_run = self._session.run_settings
        self._problem = ""
        self._is_behind = False
        if self.isVisible() or len(self._session.recording.tensors) <= _SMALL:
            self._show_tensors(shown_tensors(self._session.recording))
        else:
            self._is_behind = True
            self._show_tensors(())

    def _catch_up(self) -> None:
        if self._is_behind:
            self._is_behind = False
            self._show_tensors(shown_tensors(self._session.recording))

    def _show_tensors(self, tensors: tuple[Tensor, ...]) -> None:
        variables = variables_of(self._session.recording.text) if tensors else frozenset()
        moves = placements.pending_moves(
            placements.movable_of(tensors, variables),
            self._session.run_settings,
            self._settings_of_run,
        )
        with QSignalBlocker(self.table.selectionModel()):
            self.model.set_tensors(tensors, moves, variables)
        self.table.resizeColumnsToContents()
        self._offer_modules()
        self._show_transfers()
        self._refresh_texts(moves)
        self._on_selection_changed(self._session.selection)

    def _on_run_settings_changed(self) -> None:
        moves = self._pending()
        self.model.set_moves(moves)
        self.table.resizeColumnsToContents()
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
        placement = self._session.run_settings.placement
        lines += [
            self.tr("{name} → {target}: this run has nothing by that name").format(
                name=name, target=placement[name]
            )
            for name in self._lost()
        ]
        self.pending.setText("\n".join(lines))
        self.pending.setVisible(bool(lines))
        self.back.setVisible(bool(lines))
        self._show_chips()
        self._refresh_buttons()

    def _refresh_buttons(self) -> None:
        has_targets = len(self._devices) > 1
        movable = any(self.model.is_movable(t) for t in self.model.tensors)
        selected = any(self.model.is_movable(t) for t in self.selected_tensors)
        self.move_leaves.setEnabled(has_targets and movable)
        self.move_selected.setEnabled(has_targets and selected)
        self.move_module.setEnabled(has_targets)
        if not self.model.tensors:
            hint = self.tr("Run the text to see where its tensors are.")
        elif not has_targets:
            hint = self.tr("There is no second device on this machine to move a tensor to.")
        else:
            hint = ""
        self.write.setVisible(bool(self._session.run_settings.placement))
        if self._problem:
            hint = in_language(self._problem)
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
        outline(self.colour, theme)
        self.model.set_theme(theme)
        self.pending.setStyleSheet(f"color: {theme.accent}")
        for label in (self.hint, self._transfers_title):
            label.setStyleSheet(f"color: {theme.muted}")
        self._show_chips()

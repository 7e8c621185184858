"""The panel of the breakpoints: list, switch on and off, add, edit, remove."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import msgspec
from PySide6.QtCore import QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QApplication, QHBoxLayout, QMenu, QToolButton, QVBoxLayout, QWidget

from gradviz.gui.breakpoint_form import BreakpointForm
from gradviz.gui.breakpoint_list import BreakpointList, BreakpointModel
from gradviz.gui.breakpoint_wording import place_text
from gradviz.gui.buttons import flat_button
from gradviz.gui.debugger import Debugger
from gradviz.gui.icons import make_icon
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.breakpoints import (
    Breakpoint,
    Condition,
    Place,
    breakpoint_on,
    line_breakpoint,
)
from gradviz.recording.model import ItemKind
from gradviz.recording.moves import next_stop

_SMALLEST_WIDTH: Final = 220


class BreakpointPanel(Retranslated, QWidget):
    """Lists the session's breakpoints and lets one be edited under the list.

    Attributes:
        count: how many are switched on.

    Signals:
        counted: `count` has changed (int).
        line_wanted: a line of the text should be shown (int).
    """

    counted = Signal(int)
    line_wanted = Signal(int)

    def __init__(
        self,
        debugger: Debugger,
        appearance: Appearance,
        *,
        line_of_cursor: Callable[[], int],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._debugger = debugger
        self._session = debugger.session
        self._line_of_cursor = line_of_cursor
        self.count = 0
        self.setObjectName("breakpoints")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(_SMALLEST_WIDTH)
        self._build()
        debugger.stops_changed.connect(self._on_stops_changed)
        self._session.playhead_moved.connect(self._on_playhead_moved)
        self._appearance = appearance
        appearance.theme_changed.connect(self._on_theme_changed)
        appearance.text_scaled.connect(self._on_text_scaled)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        self._on_stops_changed()

    def _build(self) -> None:
        self.model = BreakpointModel(self._debugger, parent=self)
        self.list = BreakpointList(parent=self)
        self.list.setModel(self.model)
        self.list.remove_wanted.connect(self.remove_selected)
        self.list.doubleClicked.connect(self._on_double_clicked)
        self.list.selectionModel().currentChanged.connect(self._on_current_changed)
        self.remark = PlainLabel(parent=self)
        self.remark.setObjectName("remark")
        self.remark.setContentsMargins(16, 14, 16, 14)
        self.menu = QMenu(self)
        self.menu.aboutToShow.connect(self._fill_menu)
        self.add_button = self._tool()
        self.add_button.setMenu(self.menu)
        self.add_button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        self.remove_button = self._tool()
        self.remove_button.clicked.connect(self.remove_selected)
        self.switch_button = self._tool()
        self.switch_button.clicked.connect(self.switch_all)
        row = QHBoxLayout()
        row.setContentsMargins(8, 6, 8, 4)
        row.setSpacing(4)
        for button in (self.add_button, self.remove_button, self.switch_button):
            row.addWidget(button)
        row.addStretch(1)
        self.form = BreakpointForm(parent=self)
        self.form.edited.connect(self._on_edited)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addLayout(row)
        layout.addWidget(self.remark)
        layout.addWidget(self.list, 1)
        layout.addWidget(self.form)
        layout.addStretch(0)

    def _tool(self) -> QToolButton:
        button = flat_button(self)
        button.setIconSize(QSize(16, 16))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Breakpoints"))
        self.add_button.setText(self.tr("Add"))
        self.add_button.setToolTip(self.tr("Stop at a line, at the selection, or when …"))
        self.remove_button.setText(self.tr("Remove"))
        self.remove_button.setToolTip(self.tr("Remove the selected breakpoint (Del)"))
        self.switch_button.setText(self.tr("All on/off"))
        self.switch_button.setToolTip(self.tr("Turn all breakpoints off, or on again"))
        self.remark.set_text(
            self.tr(
                "No breakpoints. Click beside a line number, press F9, or choose Break here in "
                "the menu of a node. F8 runs to the next one, Shift+F8 to the previous one."
            )
        )
        self.model.refresh()
        self.form.retranslate()

    # Commands.

    def add(self, point: Breakpoint) -> None:
        """Add a breakpoint and choose it."""
        points = self._session.breakpoints
        if point not in points:
            self._session.set_breakpoints((*points, point))
        row = self._session.breakpoints.index(point)
        self.list.setCurrentIndex(self.model.index(row))

    def remove_selected(self) -> None:
        """Remove the breakpoint that is chosen."""
        row = self.list.currentIndex().row()
        points = self._session.breakpoints
        if 0 <= row < len(points):
            self._session.set_breakpoints(points[:row] + points[row + 1 :])
            self.list.setCurrentIndex(self.model.index(min(row, len(points) - 2)))

    def switch_all(self) -> None:
        """Switch all off where one is on, else all on."""
        points = self._session.breakpoints
        is_on = not any(point.enabled for point in points)
        self._session.set_breakpoints(
            tuple(msgspec.structs.replace(point, enabled=is_on) for point in points)
        )

    def _fill_menu(self) -> None:
        self.menu.clear()
        line = self._line_of_cursor()
        self._offer(self.tr("On line {} of the text").format(line), line_breakpoint(line))
        item = self._session.selection
        if item is not None:
            point = self._debugger.breakpoint_on(item)
            self._offer(self.tr("On the selection: {}").format(place_text(point)), point)
            for scope in self._scopes_of_selection():
                text = self.tr("On module {}").format(scope)
                self._offer(text, Breakpoint(on=Place.MODULE, scope=scope))
        self.menu.addSeparator()
        for text, when, threshold in (
            (self.tr("Where a gradient has NaN or Inf"), Condition.NOT_FINITE, 0.0),
            (self.tr("Where a leaf accumulates"), Condition.ACCUMULATES, 0.0),
            (self.tr("Where a norm is above a threshold"), Condition.NORM_ABOVE, 100.0),
            (self.tr("Where a norm is below a threshold"), Condition.NORM_BELOW, 1e-6),
            (self.tr("Where most of a gradient is zero"), Condition.ZEROS_ABOVE, 0.9),
        ):
            self._offer(text, Breakpoint(when=when, threshold=threshold))

    def _offer(self, text: str, point: Breakpoint) -> None:
        action = self.menu.addAction(text.replace("&", "&&"))
        action.setData(point)
        action.triggered.connect(self._on_offer_taken)

    def _on_offer_taken(self) -> None:
        action = self.sender()
        if isinstance(action, QAction):
            self.add(action.data())

    def _scopes_of_selection(self) -> list[str]:
        """The modules around the selected op or node, the innermost first."""
        item = self._session.selection
        if item is None or item.kind is ItemKind.TENSOR:
            return []
        path = breakpoint_on(self._session.recording, item).scope.split(".")
        return [".".join(path[:depth]) for depth in range(len(path), 0, -1) if path[0]]

    # What happens.

    def _on_stops_changed(self) -> None:
        row = self.list.currentIndex().row()
        before = self.model.rowCount()
        self.model.refresh()
        points = self._session.breakpoints
        if before != len(points) and points:
            self.list.setCurrentIndex(self.model.index(min(max(row, 0), len(points) - 1)))
        self.remark.setVisible(not points)
        self.list.setVisible(bool(points))
        self.remove_button.setEnabled(bool(points))
        self.switch_button.setEnabled(bool(points))
        self._show_form()
        count = sum(point.enabled for point in points)
        if count != self.count:
            self.count = count
            self.counted.emit(count)

    def _on_playhead_moved(self) -> None:
        if self.isVisible():
            self.model.refresh()

    def _on_current_changed(self) -> None:
        self._show_form()

    def _show_form(self) -> None:
        self.form.show_point(self.model.point(self.list.currentIndex().row()))

    def _on_edited(self, point: Breakpoint) -> None:
        row = self.list.currentIndex().row()
        if self.model.point(row) is not None:
            self.model.replace(row, point)

    def _on_double_clicked(self, index: QModelIndex) -> None:
        """Go to its next hit, to the first one after the last, and show its line."""
        point = self.model.point(index.row())
        if point is None:
            return
        hits = self._debugger.hits(point)
        if len(hits):
            found = next_stop(hits, self._session.playhead)
            self._session.move_playhead(int(hits[0]) if found is None else found)
        if point.line is not None:
            self.line_wanted.emit(point.line)

    def _on_theme_changed(self, theme: Theme) -> None:
        for button, icon in (
            (self.add_button, "add"),
            (self.remove_button, "remove"),
            (self.switch_button, "breakpoint"),
        ):
            button.setIcon(make_icon(icon, theme))
        self._update_style(theme)

    def _on_text_scaled(self) -> None:
        self._update_style(self._appearance.theme)
        self.list.scheduleDelayedItemsLayout()

    def _update_style(self, theme: Theme) -> None:
        points = self._appearance.scaled_font().pointSizeF()
        # Larger fields would need more room than a panel has.
        field_points = QApplication.font().pointSizeF()
        self.setStyleSheet(
            f"QWidget#breakpoints > QListView, QLabel {{ font-size: {points:.1f}pt; }}"
            f"QComboBox, QLineEdit, QAbstractSpinBox {{ font-size: {field_points:.1f}pt; }}"
            f"QWidget#breakpoints, QListView {{ background: {theme.base}; border: none; }}"
            f" QLabel#remark {{ color: {theme.muted}; background: transparent; }}"
            f" QListView::item {{ padding: 6px 10px; color: {theme.text}; }}"
            f" QListView::item:selected {{ background: {theme.current_line}; }}"
            # As the marks in the margin: a disc that is filled where the breakpoint is on.
            f" QListView::indicator {{ width: 11px; height: 11px; border-radius: 6px;"
            f" border: 1.5px solid {theme.error}; background: transparent; }}"
            f" QListView::indicator:checked {{ background: {theme.error}; }}"
            f" QWidget#breakpoint_form {{ border-top: 1px solid {theme.border}; }}"
        )

"""The panel of the breakpoints: list, switch on and off, add, edit, remove."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, Final

import msgspec
from PySide6.QtCore import (
    QAbstractListModel,
    QModelIndex,
    QPersistentModelIndex,
    QSignalBlocker,
    QSize,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDoubleSpinBox,
    QFormLayout,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QMenu,
    QSpinBox,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.breakpoint_wording import condition_name, condition_text, place_text
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

_Index = QModelIndex | QPersistentModelIndex
_Role = Qt.ItemDataRole
_SMALLEST_WIDTH: Final = 220
_MOST_HITS: Final = 1_000_000


class BreakpointModel(QAbstractListModel):
    """The session's breakpoints as rows that can be ticked."""

    def __init__(self, debugger: Debugger, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._debugger = debugger
        self._points: tuple[Breakpoint, ...] = debugger.session.breakpoints

    def refresh(self) -> None:
        """Show the session's breakpoints as they are now."""
        points = self._debugger.session.breakpoints
        if len(points) == len(self._points):
            self._points = points
            if points:
                self.dataChanged.emit(self.index(0), self.index(len(points) - 1))
            return
        self.beginResetModel()
        self._points = points
        self.endResetModel()

    def point(self, row: int) -> Breakpoint | None:
        """The breakpoint of a row."""
        return self._points[row] if 0 <= row < len(self._points) else None

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        """Number of breakpoints."""
        return 0 if parent.isValid() else len(self._points)

    def flags(self, index: _Index) -> Qt.ItemFlag:
        """Every row can be ticked."""
        flags = Qt.ItemFlag
        if not index.isValid():
            return flags.NoItemFlags
        return (
            flags.ItemIsEnabled
            | flags.ItemIsSelectable
            | flags.ItemIsUserCheckable
            | flags.ItemNeverHasChildren
        )

    def data(self, index: _Index, role: int = _Role.DisplayRole) -> Any:
        """Place, condition and hits."""
        point = self.point(index.row()) if index.isValid() else None
        if point is None:
            return None
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            return self.text_of(point)
        if role == _Role.CheckStateRole:
            return Qt.CheckState.Checked if point.enabled else Qt.CheckState.Unchecked
        return None

    def setData(self, index: _Index, value: Any, role: int = _Role.EditRole) -> bool:
        """Switch a breakpoint on or off."""
        point = self.point(index.row())
        if role != _Role.CheckStateRole or point is None:
            return False
        is_on = Qt.CheckState(value) is Qt.CheckState.Checked
        self.replace(index.row(), msgspec.structs.replace(point, enabled=is_on))
        return True

    def replace(self, row: int, point: Breakpoint) -> None:
        """Put another breakpoint in a row."""
        points = list(self._points)
        points[row] = point
        self._debugger.session.set_breakpoints(tuple(points))

    def text_of(self, point: Breakpoint) -> str:
        """A breakpoint on two or three lines: where, when, and how often."""
        lines = (place_text(point), condition_text(point), self.hits_text(point))
        return "\n".join(line for line in lines if line)

    def hits_text(self, point: Breakpoint) -> str:
        """How often it has been hit by the playhead, and how often in all."""
        hits = self._debugger.hits(point)
        if not len(hits):
            return self.tr("not hit")
        by_now = int((hits <= self._debugger.session.playhead).sum())
        text = self.tr("hit {} of {}").format(by_now, len(hits))
        if point.hits > 1:
            text += " · " + self.tr("stops from hit {} on").format(point.hits)
        return text


class BreakpointPanel(Retranslated, QWidget):
    """Lists the session's breakpoints and lets one be edited under the list.

    Attributes:
        count: how many are switched on.

    Signals:
        counted: `count` has changed (int).
        line_wanted: a line of the text shall be shown (int).
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
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        self._on_stops_changed()

    def _build(self) -> None:
        self.model = BreakpointModel(self._debugger, parent=self)
        self.list = _List(parent=self)
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
        self.form = _Form(parent=self)
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
        button = QToolButton(self)
        button.setAutoRaise(True)
        button.setIconSize(QSize(16, 16))
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        return button

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Breakpoints"))
        self.add_button.setText(self.tr("Add"))
        self.add_button.setToolTip(self.tr("Stop at a line, at what is selected, or when …"))
        self.remove_button.setText(self.tr("Remove"))
        self.remove_button.setToolTip(self.tr("Remove the breakpoint that is chosen (Del)"))
        self.switch_button.setText(self.tr("All on/off"))
        self.switch_button.setToolTip(self.tr("Switch all breakpoints off, or on again"))
        self.remark.set_text(
            self.tr(
                "No breakpoints. Click beside a line number, press F9, or choose Break here in the "
                "menu of a node. F8 runs to the next one, Shift+F8 to the one before."
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
            self._offer(self.tr("On what is selected: {}").format(place_text(point)), point)
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
        self.setStyleSheet(
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


class _List(QListView):
    """Rows of two lines; Delete removes."""

    remove_wanted = Signal()

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Delete removes the chosen row."""
        if event.key() == Qt.Key.Key_Delete:
            self.remove_wanted.emit()
        else:
            super().keyPressEvent(event)


class _Form(QWidget):
    """Edits the condition of the chosen breakpoint.

    Signals:
        edited: the person wants it so (`Breakpoint`).
    """

    edited = Signal(object)

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setObjectName("breakpoint_form")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._point: Breakpoint | None = None
        self.condition = QComboBox(self)
        for condition in Condition:
            self.condition.addItem("", condition)
        self.threshold = QLineEdit(self)
        self.percent = QDoubleSpinBox(self)
        self.percent.setRange(0.0, 100.0)
        self.percent.setSuffix(" %")
        self.hits = QSpinBox(self)
        self.hits.setRange(1, _MOST_HITS)
        self._labels = [QLabel(self) for _ in range(3)]
        form = QFormLayout(self)
        form.setContentsMargins(12, 10, 12, 10)
        form.setVerticalSpacing(6)
        form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        amount = QHBoxLayout()
        amount.addWidget(self.threshold)
        amount.addWidget(self.percent)
        form.addRow(self._labels[0], self.condition)
        form.addRow(self._labels[1], amount)
        form.addRow(self._labels[2], self.hits)
        self.condition.activated.connect(self._on_condition_chosen)
        self.threshold.editingFinished.connect(self._on_edited)
        self.percent.valueChanged.connect(self._on_edited)
        self.hits.valueChanged.connect(self._on_edited)

    def retranslate(self) -> None:
        """Set every text in the language in use."""
        texts = (self.tr("Stop when"), self.tr("Threshold"), self.tr("From hit"))
        fields = (self.condition, self.threshold, self.hits)
        for label, text, field in zip(self._labels, texts, fields, strict=True):
            label.setText(text)
            field.setAccessibleName(text)
        self.percent.setAccessibleName(texts[1])
        for row in range(self.condition.count()):
            self.condition.setItemText(row, condition_name(self.condition.itemData(row)))
        self.hits.setToolTip(self.tr("The hits before this one are passed over"))

    def show_point(self, point: Breakpoint | None) -> None:
        """Show the condition of a breakpoint."""
        self._point = point
        self.setVisible(point is not None)
        if point is None:
            return
        has_norm = point.when in (Condition.NORM_ABOVE, Condition.NORM_BELOW)
        is_zeros = point.when is Condition.ZEROS_ABOVE
        self._labels[1].setVisible(has_norm or is_zeros)
        self.threshold.setVisible(has_norm)
        self.percent.setVisible(is_zeros)
        with (
            QSignalBlocker(self.condition),
            QSignalBlocker(self.percent),
            QSignalBlocker(self.hits),
        ):
            self.condition.setCurrentIndex(list(Condition).index(point.when))
            self.percent.setValue(100 * point.threshold if is_zeros else 0.0)
            self.hits.setValue(point.hits)
        if not self.threshold.hasFocus() or _number(self.threshold.text()) != point.threshold:
            self.threshold.setText(f"{point.threshold:g}")

    def _on_condition_chosen(self) -> None:
        if self._point is None:
            return
        when = self.condition.currentData()
        usual = {
            Condition.NORM_ABOVE: 100.0,
            Condition.NORM_BELOW: 1e-6,
            Condition.ZEROS_ABOVE: 0.9,
        }
        if when is not self._point.when:
            threshold = usual.get(when, 0.0)
            self.edited.emit(msgspec.structs.replace(self._point, when=when, threshold=threshold))

    def _on_edited(self) -> None:
        point = self._point
        if point is None:
            return
        threshold = point.threshold
        if point.when is Condition.ZEROS_ABOVE:
            threshold = self.percent.value() / 100
        elif point.when in (Condition.NORM_ABOVE, Condition.NORM_BELOW):
            written = _number(self.threshold.text())
            threshold = threshold if written is None else written
            self.threshold.setText(f"{threshold:g}")
        changed = msgspec.structs.replace(point, threshold=threshold, hits=self.hits.value())
        if changed != point:
            self.edited.emit(changed)


def _number(text: str) -> float | None:
    """A threshold as it was written, with a point or a comma; None where it is none."""
    try:
        number = float(text.strip().replace(",", "."))
    except ValueError:
        return None
    return number if 0 <= number < float("inf") else None

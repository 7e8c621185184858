"""The list of the breakpoints: each with where and when it stops, and how often it was hit."""

from __future__ import annotations

from typing import Any

import msgspec
from PySide6.QtCore import QAbstractListModel, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QWidget

from gradviz.gui.breakpoint_wording import condition_text, place_text
from gradviz.gui.debugger import Debugger
from gradviz.gui.table_model import NO_INDEX, ModelIndex
from gradviz.recording.breakpoints import Breakpoint

_Role = Qt.ItemDataRole


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

    def rowCount(self, parent: ModelIndex = NO_INDEX) -> int:
        """Number of breakpoints."""
        return 0 if parent.isValid() else len(self._points)

    def flags(self, index: ModelIndex) -> Qt.ItemFlag:
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

    def data(self, index: ModelIndex, role: int = _Role.DisplayRole) -> Any:
        """Place, condition and hits."""
        point = self.point(index.row()) if index.isValid() else None
        if point is None:
            return None
        if role in (_Role.DisplayRole, _Role.ToolTipRole):
            return self.text_of(point)
        if role == _Role.CheckStateRole:
            return Qt.CheckState.Checked if point.enabled else Qt.CheckState.Unchecked
        return None

    def setData(self, index: ModelIndex, value: Any, role: int = _Role.EditRole) -> bool:
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


class BreakpointList(QListView):
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

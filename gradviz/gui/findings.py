"""What gradviz found by itself in the run that is shown, each finding a click away."""

from __future__ import annotations

import threading
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QFrame, QListView, QVBoxLayout, QWidget

from gradviz.gui.finding_list import FindingDelegate, FindingModel
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.diagnostics import Finding, Severity, find
from gradviz.recording.model import Recording

_POLL_MS: Final = 15
_SMALLEST_WIDTH: Final = 220


class FindingsPanel(Retranslated, QWidget):
    """Lists the findings of the session's recording, which are looked for on a thread.

    Attributes:
        list: the findings; hidden where there are none.
        remark: the sentence that stands in its place.
        count: how many errors and warnings there are.

    Signals:
        counted: `count` of another recording is known (int), 0 while it is being looked at.
    """

    counted = Signal(int)

    def __init__(
        self, session: Session, appearance: Appearance, *, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._search: _Search | None = None
        self._is_searched = True
        self._problem = ""
        self.count = 0
        self.setObjectName("findings")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(_SMALLEST_WIDTH)
        self.remark = PlainLabel(parent=self)
        self.remark.setObjectName("remark")
        self.remark.setContentsMargins(16, 14, 16, 14)
        self.list = _List(parent=self)
        self._model = FindingModel(parent=self)
        self._delegate = FindingDelegate(appearance.theme, parent=self.list)
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.remark)
        layout.addWidget(self.list, 1)
        layout.addStretch(0)
        # Polled rather than signalled: the thread may outlive this widget, and touches nothing
        # of Qt's.
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._on_tick)
        session.recording_changed.connect(self._on_recording_changed)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        self._on_recording_changed()

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is listed."""
        return self._model.findings

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Findings"))
        self._show_remark()
        self.list.scheduleDelayedItemsLayout()
        self.list.viewport().update()

    def _on_recording_changed(self) -> None:
        # What was found in another recording must not be clicked any more.
        self._show((), problem="")
        self._is_searched = _is_empty(self._session.recording)
        self._show_remark()
        if not self._is_searched and self._search is None:
            self._begin()

    def _begin(self) -> None:
        self._search = _Search(self._session.recording)
        self._search.start()
        self._timer.start()

    def _on_tick(self) -> None:
        search = self._search
        if search is None or search.is_alive():
            return
        self._timer.stop()
        self._search = None
        if search.recording is self._session.recording:
            self._is_searched = True
            self._show(search.findings, problem=search.problem)
        elif not _is_empty(self._session.recording):
            self._begin()

    def _show(self, findings: tuple[Finding, ...], *, problem: str) -> None:
        self._problem = problem
        self._model.set_findings(findings)
        self._show_remark()
        self.count = sum(finding.severity is not Severity.NOTE for finding in findings)
        self.counted.emit(self.count)

    def _show_remark(self) -> None:
        if _is_empty(self._session.recording):
            text = self.tr("Run the code: what looks wrong in it is listed here.")
        elif not self._is_searched:
            text = self.tr("Looking…")
        elif self._problem:
            text = self.tr("The run could not be looked at: {}").format(self._problem)
        else:
            text = self.tr("Nothing suspicious found in this run.")
        self.remark.set_text(text)
        self.remark.setVisible(not self._model.findings)
        self.list.setVisible(bool(self._model.findings))

    def _on_chosen(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        finding = self._model.findings[index.row()]
        if finding.playhead is not None:
            self._session.move_playhead(finding.playhead)
        if finding.item is not None:
            self._session.select(finding.item)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._delegate.theme = theme
        self.setStyleSheet(
            f"QWidget#findings, QListView {{ background: {theme.base}; border: none; }}"
            f" QLabel#remark {{ color: {theme.muted}; background: transparent; }}"
        )
        self.list.viewport().update()


class _List(QListView):
    """A list whose rows are as wide as it is, and so as high as their text needs."""

    def __init__(self, *, parent: QWidget) -> None:
        super().__init__(parent)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        # Thousands of rows are measured a few at a time.
        self.setLayoutMode(QListView.LayoutMode.Batched)
        self.setMouseTracking(True)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Wrap for the new width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.scheduleDelayedItemsLayout()


class _Search(threading.Thread):
    """Looks through one recording, which never changes."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(name="findings", daemon=True)
        self.recording = recording
        self.findings: tuple[Finding, ...] = ()
        self.problem = ""

    def run(self) -> None:
        """Find."""
        try:
            self.findings = find(self.recording)
        except Exception as problem:
            # A recording may come from a file: what it lacks costs the findings, not the window.
            self.problem = f"{type(problem).__name__}: {problem}"


def _is_empty(recording: Recording) -> bool:
    return not (recording.tensors or recording.ops or recording.passes or recording.error)

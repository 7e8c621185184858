"""Why `.grad` of each named tensor without one is None, one sentence each."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.gui.finding_list import FindingDelegate, FindingList, FindingModel, go_to
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Theme
from gradviz.recording.diagnostics import Finding


class MissingView(Retranslated, QWidget):
    """Why `.grad` of each named tensor without one is None."""

    def __init__(self, session: Session, theme: Theme, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._is_known = False
        self._is_looking = False
        self._problem = ""
        self.remark = PlainLabel(parent=self)
        self.remark.setObjectName("remark")
        self.remark.setContentsMargins(16, 14, 16, 14)
        self.list = FindingList(parent=self)
        self.rows = FindingModel(parent=self)
        self._delegate = FindingDelegate(theme, parent=self.list)
        self.list.setModel(self.rows)
        self.list.setItemDelegate(self._delegate)
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.remark)
        layout.addWidget(self.list, 1)
        layout.addStretch(0)
        self._retranslate()

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Why .grad is None"))
        if not self._is_known:
            text = self.tr("Looking…") if self._is_looking else ""
        elif self._problem:
            text = self.tr("The run could not be analysed: {}").format(self._problem)
        else:
            text = self.tr("No named tensor lacks a .grad.")
        self.remark.set_text(text)
        self.remark.setVisible(not self.rows.findings)
        self.list.setVisible(bool(self.rows.findings))
        self.list.scheduleDelayedItemsLayout()

    def set_theme(self, theme: Theme) -> None:
        """Use another theme's colours."""
        self._delegate.theme = theme
        self.list.viewport().update()

    def begin(self) -> None:
        """Say that the reasons are being looked for."""
        self._is_looking = True
        self._retranslate()

    def show_findings(self, findings: tuple[Finding, ...] | None, problem: str = "") -> None:
        """Show the reasons; None before they were looked for."""
        self._is_known, self._problem = findings is not None, problem
        self._is_looking = False
        self.rows.set_findings(findings or ())
        self._retranslate()

    def _on_chosen(self, index: QModelIndex) -> None:
        if index.isValid():
            go_to(self._session, self.rows.findings[index.row()])

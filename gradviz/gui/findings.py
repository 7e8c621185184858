"""The panel of the findings in the run that is shown, each of which leads to its place."""

from __future__ import annotations

from enum import IntEnum
from functools import partial
from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtWidgets import (
    QStackedWidget,
    QTabBar,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.finding_list import FindingDelegate, FindingList, FindingModel, go_to
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.gui.survey.depth_view import DepthView
from gradviz.gui.survey.fact_table import table_style
from gradviz.gui.survey.memory_view import MemoryView
from gradviz.gui.survey.missing_view import MissingView
from gradviz.gui.threads import Background
from gradviz.recording.diagnostics import Finding, Severity, Survey, find, survey, verified_findings
from gradviz.recording.model import Recording, RunStatus

_SMALLEST_WIDTH: Final = 220


class Page(IntEnum):
    """The pages of the panel, in the order of their tabs."""

    FINDINGS = 0
    MISSING = 1
    DEPTH = 2
    MEMORY = 3


class FindingsPanel(Retranslated, QWidget):
    """Lists the findings of the session's recording, which are looked for on a thread.

    What it has to tell beside them is looked through when one of the other pages is opened.

    Attributes:
        tabs: the pages.
        list: the findings; hidden where there are none.
        remark: the sentence that stands in its place.
        missing: why `.grad` of each named tensor without one is None.
        depths: the size of gradients by layer.
        memory: what is saved for backward.
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
        self._appearance = appearance
        self._surveyed: Recording | None = None
        self._is_searched = True
        self._problem = ""
        self._found: tuple[Finding, ...] = ()
        self.count = 0
        self.setObjectName("findings")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setMinimumWidth(_SMALLEST_WIDTH)
        self.remark = PlainLabel(parent=self)
        self.remark.setObjectName("remark")
        self.list = FindingList(parent=self)
        self._model = FindingModel(parent=self)
        self._delegate = FindingDelegate(appearance.theme, parent=self.list)
        self.list.setModel(self._model)
        self.list.setItemDelegate(self._delegate)
        self.list.clicked.connect(self._on_chosen)
        self.list.activated.connect(self._on_chosen)
        self._build_pages(appearance.theme)
        self._search = Background("findings", parent=self)
        self._surveying = Background("survey", parent=self)
        session.recording_changed.connect(self._on_recording_changed)
        session.concealment_changed.connect(self._conceal)
        session.gradients_verified.connect(self._on_gradients_verified)
        appearance.theme_changed.connect(self._on_theme_changed)
        appearance.text_scaled.connect(self._on_text_scaled)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        self._on_recording_changed()

    def _build_pages(self, theme: Theme) -> None:
        self.tabs = QTabBar(self)
        self.tabs.setDrawBase(False)
        self.tabs.setExpanding(False)
        self.tabs.setUsesScrollButtons(True)
        self.missing = MissingView(self._session, theme, parent=self)
        self.depths = DepthView(self._session, theme, parent=self)
        self.memory = MemoryView(self._session, parent=self)
        first = QWidget(self)
        column = QVBoxLayout(first)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(self.remark)
        column.addWidget(self.list, 1)
        column.addStretch(0)
        self.pages = QStackedWidget(self)
        for page in (first, self.missing, self.depths, self.memory):
            page.setObjectName("page")
            self.pages.addWidget(page)
            self.tabs.addTab("")
        self.tabs.currentChanged.connect(self._on_page_chosen)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(0)
        layout.addWidget(self.tabs)
        layout.addWidget(self.pages, 1)
        self._concealed = PlainLabel(parent=self)
        self._concealed.setObjectName("remark")
        self._concealed.setAlignment(Qt.AlignmentFlag.AlignTop)
        self._concealed.hide()
        layout.addWidget(self._concealed, 1)

    @property
    def findings(self) -> tuple[Finding, ...]:
        """What is listed."""
        return self._model.findings

    def _retranslate(self) -> None:
        self.list.setAccessibleName(self.tr("Findings"))
        titles = {
            Page.FINDINGS: (self.tr("Findings", "tab"), self.tr("What looks wrong in this run")),
            Page.MISSING: (
                self.tr(".grad is None"),
                self.tr("Why each named tensor without .grad has none"),
            ),
            Page.DEPTH: (self.tr("Depth"), self.tr("The size of gradients, layer by layer")),
            Page.MEMORY: (self.tr("Memory"), self.tr("What is saved for backward")),
        }
        self.tabs.setAccessibleName(self.tr("Pages of the findings"))
        for page, (title, help_) in titles.items():
            self.tabs.setTabText(page, title)
            self.tabs.setTabToolTip(page, help_)
        self._concealed.set_text(
            self.tr("While you predict, nothing is shown here that could give the gradients away.")
        )
        self._show_remark()
        self.list.scheduleDelayedItemsLayout()
        self.list.viewport().update()

    def _conceal(self) -> None:
        """While a learner predicts gradients, only what is not a gradient is told."""
        is_hidden = self._session.conceals and self.tabs.currentIndex() != Page.MEMORY
        self.pages.setVisible(not is_hidden)
        self._concealed.setVisible(is_hidden)

    def _on_recording_changed(self) -> None:
        # Search results in another recording must not be clicked any more.
        self._show((), problem="")
        self._is_searched = self._session.recording.is_empty
        self._show_remark()
        if not self._is_searched and not self._search.is_busy:
            self._begin()
        self._clear_survey()
        self._look_through()

    def _begin(self) -> None:
        """Look for findings; where another recording is shown meanwhile, in that one next."""
        recording = self._session.recording
        self._search.call(
            partial(find, recording),
            lambda findings: self._on_searched(recording, findings),
            # A recording may come from a file: what it lacks costs the findings, not the window.
            failed=lambda error: self._on_searched(recording, (), _problem_of(error)),
        )

    def _on_searched(
        self, recording: Recording, findings: tuple[Finding, ...], problem: str = ""
    ) -> None:
        if recording is self._session.recording:
            self._is_searched = True
            self._show(findings, problem=problem)
        elif not self._session.recording.is_empty:
            self._begin()

    def _on_page_chosen(self, page: int) -> None:
        self.pages.setCurrentIndex(page)
        self._conceal()
        self._look_through()

    def _clear_survey(self) -> None:
        """What was told of another recording must not be clicked any more."""
        self._surveyed = None
        self.missing.show_findings(None)
        self.depths.show_depths(())
        self.memory.show_memory(None)

    def _look_through(self) -> None:
        """Look through the recording where a page is open that needs it."""
        recording = self._session.recording
        is_wanted = self.tabs.currentIndex() != Page.FINDINGS and self._surveyed is not recording
        if is_wanted and not self._surveying.is_busy:
            self.missing.begin()
            self._surveying.call(
                partial(survey, recording),
                lambda found: self._on_surveyed(recording, found),
                failed=lambda error: self._on_surveyed(recording, None, _problem_of(error)),
            )

    def _on_surveyed(self, recording: Recording, found: Survey | None, problem: str = "") -> None:
        if recording is not self._session.recording:
            self._look_through()
            return
        self._surveyed = recording
        self.missing.show_findings(() if found is None else found.missing, problem)
        self.depths.show_depths(() if found is None else found.depths)
        self.memory.show_memory(None if found is None else found.memory)

    def _on_gradients_verified(self) -> None:
        if self._is_searched:
            self._show(self._found, problem=self._problem)

    def _checked(self) -> tuple[Finding, ...]:
        """What was asked for comes first."""
        verification = self._session.verification
        if verification is None or not self._is_searched:
            return ()
        return tuple(verified_findings(self._session.recording, verification))

    def _show(self, findings: tuple[Finding, ...], *, problem: str) -> None:
        self._problem = problem
        self._found = findings
        findings = (*self._checked(), *findings)
        self._model.set_findings(findings)
        self._show_remark()
        self.count = sum(finding.severity is not Severity.NOTE for finding in findings)
        self.counted.emit(self.count)

    def _show_remark(self) -> None:
        if self._session.recording.is_empty:
            text = self.tr("Run the code: what looks wrong in it is listed here.")
        elif not self._is_searched:
            text = self.tr("Looking…")
        elif self._problem:
            text = self.tr("The run could not be analysed: {}").format(self._problem)
        elif self._session.recording.status is not RunStatus.OK:
            text = self.tr("Nothing suspicious found in what ran before it ended.")
        else:
            text = self.tr("Nothing suspicious found in this run.")
        self.remark.set_text(text)
        self.remark.setVisible(not self._model.findings)
        self.list.setVisible(bool(self._model.findings))

    def _on_chosen(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        go_to(self._session, self._model.findings[index.row()])

    def _on_text_scaled(self) -> None:
        self._update_style(self._appearance.theme)
        self.list.scheduleDelayedItemsLayout()
        self.missing.list.scheduleDelayedItemsLayout()

    def _on_theme_changed(self, theme: Theme) -> None:
        self._delegate.theme = theme
        self.missing.set_theme(theme)
        self.depths.set_theme(theme)
        self._update_style(theme)
        self.list.viewport().update()

    def _update_style(self, theme: Theme) -> None:
        points = self._appearance.scaled_font().pointSizeF()
        self.setStyleSheet(
            f"QWidget#findings QStackedWidget QWidget {{ font-size: {points:.1f}pt; }}"
            f"QWidget#findings > QLabel#remark {{ font-size: {points:.1f}pt; }}"
            f"QWidget#findings, QListView {{ background: {theme.base}; border: none; }}"
            f" QLabel#remark {{ color: {theme.muted}; background: transparent;"
            " padding: 14px 16px; }"
            f" QTabBar::tab {{ color: {theme.muted}; background: {theme.window};"
            " padding: 5px 5px; border: none; border-bottom: 2px solid transparent; }"
            f" QTabBar::tab:selected {{ color: {theme.text}; background: {theme.base};"
            f" border-bottom-color: {theme.accent}; }}"
            f" QTabBar::tab:focus {{ color: {theme.accent}; }}"
            f" QTabBar {{ background: {theme.window}; }}"
            f"{table_style(theme)}"
        )
        self.list.viewport().update()


def _problem_of(error: Exception) -> str:
    return f"{type(error).__name__}: {error}"

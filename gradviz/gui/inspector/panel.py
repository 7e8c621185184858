"""The inspector: the current step and the selected item, as a page to read."""

from __future__ import annotations

from PySide6.QtGui import QShowEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from gradviz.gui.canvas.describe import describe
from gradviz.gui.inspector.elements import ValueSource
from gradviz.gui.inspector.op_page import OpPage
from gradviz.gui.inspector.parts import Remark, hairline, style_sheet
from gradviz.gui.inspector.step_page import StepPage
from gradviz.gui.inspector.tensor_page import TensorPage
from gradviz.gui.page import Page
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.recording.model import Item, ItemKind, NodeId, OpId, TensorId


class Inspector(Retranslated, Page):
    """Shows the step at the playhead, and under it what is selected.

    Attributes:
        step_page: the current step; there whenever something has been run.
        tensor_page: the selected tensor, hidden where none is.
        op_page: the selected op or autograd node, hidden where none is.
        scope_text: the selected module, loop or round in a few lines, hidden where none is.
        empty: the sentence that stands there while there is nothing to explain.
    """

    def __init__(
        self,
        session: Session,
        engine: ValueSource,
        appearance: Appearance,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._appearance = appearance
        self._chain = session.chain
        self._is_stale = True
        self.setMinimumWidth(220)
        page = QWidget(self)
        page.setObjectName("page")
        self.empty = Remark(parent=page)
        self.step_page = StepPage(session, appearance.theme, parent=page)
        self.tensor_page = TensorPage(session, engine, appearance.theme, parent=page)
        self.op_page = OpPage(session, appearance.theme, parent=page)
        self.scope_text = Remark(parent=page)
        self._line = hairline(page)
        layout = QVBoxLayout(page)
        layout.setContentsMargins(16, 14, 16, 14)
        layout.setSpacing(12)
        for widget in (
            self.empty,
            self.step_page,
            self._line,
            self.tensor_page,
            self.op_page,
            self.scope_text,
        ):
            layout.addWidget(widget)
        layout.addStretch(1)
        self.setWidget(page)
        session.recording_changed.connect(self._on_recording_changed)
        session.playhead_moved.connect(self._on_playhead_moved)
        session.selection_changed.connect(self._on_selection_changed)
        session.concealment_changed.connect(self._update)
        appearance.theme_changed.connect(self._on_theme_changed)
        appearance.text_scaled.connect(self._on_text_scaled)
        self._on_theme_changed(appearance.theme)
        self._retranslate()

    def _retranslate(self) -> None:
        self.setAccessibleName(self.tr("Inspector"))
        self.tensor_page.retranslate()
        self._refresh()

    def showEvent(self, event: QShowEvent) -> None:
        """Catch up with what happened while nobody looked."""
        super().showEvent(event)
        if self._is_stale:
            self._refresh()

    def _on_recording_changed(self) -> None:
        self._chain = self._session.chain
        self.tensor_page.forget()
        self._update()

    def _on_playhead_moved(self) -> None:
        self._update()
        self.step_page.announce()

    def _on_selection_changed(self, item: Item | None) -> None:
        self._update()
        if item is not None and self.isVisible():
            page = self.tensor_page if item.kind is ItemKind.TENSOR else self.op_page
            self.ensureWidgetVisible(page.heading)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._update_style()
        for page in (self.step_page, self.tensor_page, self.op_page):
            page.set_theme(theme)

    def _on_text_scaled(self) -> None:
        self._update_style()
        self._update()

    def _update_style(self) -> None:
        points = self._appearance.scaled_font().pointSizeF()
        self.setStyleSheet(style_sheet(self._appearance.theme, points))

    def _update(self) -> None:
        if self.isVisible():
            self._refresh()
        else:
            self._is_stale = True

    def _refresh(self) -> None:
        self._is_stale = False
        recording, item = self._session.recording, self._session.selection
        has_run = not recording.is_empty
        self.empty.set_text("" if has_run else self._why_empty())
        self.step_page.setVisible(has_run)
        self._line.setVisible(item is not None)
        kind = None if item is None else item.kind
        self.tensor_page.setVisible(kind is ItemKind.TENSOR)
        self.op_page.setVisible(kind in (ItemKind.OP, ItemKind.NODE))
        self.scope_text.set_text("")
        if has_run:
            self.step_page.refresh(self._chain)
        match item:
            case Item(kind=ItemKind.TENSOR, id=number):
                self.tensor_page.show_tensor(TensorId(number), self._chain, self.step_page.rules)
            case Item(kind=ItemKind.OP, id=number):
                self.op_page.show_op(OpId(number), self._chain)
            case Item(kind=ItemKind.NODE, id=number):
                self.op_page.show_node(NodeId(number), self._chain)
            case Item(kind=ItemKind.SCOPE):
                replay, playhead = self._session.replay, self._session.playhead
                self.scope_text.set_text(describe(replay, item, playhead))
            case _:
                pass

    def _why_empty(self) -> str:
        if self._session.recording.text.strip():
            return self.tr("This run made no tensors.")
        return self.tr("Run the code to see what it computes.")

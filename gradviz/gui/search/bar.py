"""The strip above the graph in which a person searches it, with the list of what was found."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QEvent, QModelIndex, QObject, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QListView,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.buttons import flat_button
from gradviz.gui.icons import make_icon
from gradviz.gui.labels import ElidedLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.search.finder import Finder
from gradviz.gui.search.results import ResultModel
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.gui.timers import single_shot
from gradviz.recording.model import Item, ItemKind
from gradviz.recording.query import seeks_missing_grad
from gradviz.recording.view_options import ViewMode

if TYPE_CHECKING:
    from gradviz.gui.canvas.canvas import Canvas

_TYPING_MS: Final = 120
"""After a key one waits so long for the next, where a search takes a while."""
_MAX_ROWS: Final = 7
_MIN_WIDTH: Final = 90
_MIN_TOLD: Final = 90


class SearchBar(Retranslated, QFrame):
    """Enter goes to the next match, Shift+Enter to the one before, Esc back to the graph.

    Attributes:
        line: what is sought.
        results: the list of what was found.
        answer: how much was found, or why the query cannot be answered.
        reveal_button: shows a match that is folded up or hidden.
        finder: answers the queries.
    """

    def __init__(
        self,
        session: Session,
        canvas: Canvas,
        appearance: Appearance,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("search_bar")
        self._session, self._canvas = session, canvas
        self._number: int | None = None
        self._wants_first = False
        self.finder = Finder(parent=self)
        self.finder.answered.connect(self._on_answered)
        self._typing = single_shot(self, self._seek, _TYPING_MS)
        self._build()
        session.recording_changed.connect(self._on_recording_changed)
        session.selection_changed.connect(self._on_selection_changed)
        session.concealment_changed.connect(self._on_concealment_changed)
        canvas.scene_shown.connect(self._on_scene_shown)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        self.hide()

    def _build(self) -> None:
        self._icon = QLabel()
        self.line = QLineEdit()
        self.line.setClearButtonEnabled(True)
        self.line.setMinimumWidth(_MIN_WIDTH)
        self.line.installEventFilter(self)
        self.line.textChanged.connect(self._on_text_changed)
        self.answer = ElidedLabel()
        self.answer.setMinimumWidth(_MIN_TOLD)
        self.reveal_button = QPushButton()
        self.reveal_button.clicked.connect(self.reveal)
        self.reveal_button.hide()
        self._previous, self._next, self._list, self._close = (flat_button() for _ in range(4))
        self._previous.clicked.connect(self.find_previous)
        self._next.clicked.connect(self.find_next)
        self._list.setCheckable(True)
        self._list.setChecked(True)
        self._list.toggled.connect(self._show_list)
        self._close.clicked.connect(self.dismiss)
        row = QHBoxLayout()
        row.setContentsMargins(12, 4, 6, 4)
        row.setSpacing(6)
        row.addWidget(self._icon)
        row.addWidget(self.line, 2)
        row.addWidget(self.answer, 3)
        for widget in (self.reveal_button, self._previous, self._next, self._list, self._close):
            row.addWidget(widget)
        self.model = ResultModel(parent=self)
        self.results = QListView()
        self.results.setModel(self.model)
        self.results.setUniformItemSizes(True)
        self.results.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.results.setTextElideMode(Qt.TextElideMode.ElideRight)
        self.results.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.results.setFrameShape(QFrame.Shape.NoFrame)
        self.results.clicked.connect(self._on_row)
        self.results.activated.connect(self._on_row_opened)
        self.results.installEventFilter(self)
        self.results.hide()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addLayout(row)
        column.addWidget(self.results)

    def _retranslate(self) -> None:
        self.line.setPlaceholderText(
            self.tr("Find in the graph: relu, 3x4, grad is None, /conv\\d/")
        )
        self.line.setAccessibleName(self.tr("Find in the graph"))
        self.line.setToolTip(
            self.tr(
                "Names, ops, autograd nodes, modules, dtypes, devices and texts; all words must "
                "match.\nShapes: 3x4, (3, 4), *x4\nLines: line 7, line 3-9\n"
                "Conditions: grad is None, requires_grad, leaf, parameter, constant, nan, inf, "
                "in-place\nNumbers: norm > 10, grad norm < 1e-6, numel >= 1000, bytes > 1 MB, "
                "time > 2 ms\nRegular expressions: /conv\\d/\nnot negates a word."
            )
        )
        self.results.setAccessibleName(self.tr("Search results"))
        self.reveal_button.setText(self.tr("Reveal"))
        self.reveal_button.setToolTip(
            self.tr("Open what it is folded up in, turn off what hides it")
        )
        for button, text in (
            (self._previous, self.tr("Previous (Shift+Enter)")),
            (self._next, self.tr("Next (Enter)")),
            (self._list, self.tr("List the results")),
            (self._close, self.tr("Close (Esc)")),
        ):
            button.setToolTip(text)
            button.setAccessibleName(text)
        self._tell()

    # Opening and closing.

    def open(self) -> None:
        """Show the strip, ready to type."""
        self.show()
        self.line.selectAll()
        self.line.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self._seek()

    def dismiss(self) -> None:
        """Hide it, take the marks away, go back to the graph."""
        self.hide()
        self._typing.stop()
        self.finder.forget()
        self._canvas.set_matches(None)
        self._canvas.setFocus()

    # Finding.

    def find_next(self) -> None:
        """Select the next match, the first one again after the last."""
        self._go(1)

    def find_previous(self) -> None:
        """Select the match before, the last one again before the first."""
        self._go(-1)

    def _go(self, by: int) -> None:
        if self._typing.isActive() or self.finder.is_busy:
            # What was typed last is sought first.
            self._wants_first = True
            self.search_now()
            return
        count = len(self.finder.found)
        if not count:
            return
        if self._number is None:
            number = 0 if by > 0 else count - 1
        else:
            number = (self._number + by) % count
        self._choose(number)

    def search_now(self) -> None:
        """Search for what was typed without waiting for another key."""
        if self._typing.isActive():
            self._typing.stop()
            self._seek()

    def _choose(self, number: int) -> None:
        self._number = number
        self._session.select(self.finder.found.item(number))
        self._show_current()

    def _show_current(self) -> None:
        if self._number is not None:
            index = self.model.index(self.model.row_of(self._number))
            self.results.setCurrentIndex(index)
            self.results.scrollTo(index)
        else:
            self.results.clearSelection()
        self._tell()

    def _on_text_changed(self) -> None:
        self._number = None
        self._typing.start()

    def _on_concealment_changed(self) -> None:
        if not self.isHidden():
            self._seek()

    def _seek(self) -> None:
        self.finder.ask(
            self._session.recording,
            self._canvas.scene,
            self.line.text(),
            conceals=self._session.conceals,
        )

    def _on_answered(self) -> None:
        if self.isHidden():
            return
        found, standing = self.finder.found, self.finder.standing
        self.model.show(self._session.recording, self._canvas.scene, found)
        self._canvas.set_matches(None if standing is None else standing.cards)
        selection = self._session.selection
        self._number = None if selection is None else found.number_of(selection)
        self._show_list()
        self._show_current()
        if self._wants_first:
            self._wants_first = False
            if len(found) and self._number is None:
                self._choose(0)
        self._announce()

    def _on_recording_changed(self) -> None:
        self._number = None
        self.finder.forget()
        self.model.show(self._session.recording, None, self.finder.found)
        if not self.isHidden():
            self._show_list()
            self._tell()

    def _on_scene_shown(self) -> None:
        if not self.isHidden():
            self._seek()

    def _on_selection_changed(self, item: Item | None) -> None:
        if self.isHidden() or self.finder.is_busy:
            return
        number = None if item is None else self.finder.found.number_of(item)
        if number is not None and number != self._number:
            self._number = number
            self._show_current()
        else:
            self._tell()

    # Revealing.

    def _hides(self) -> bool:
        """Whether the current match is not drawn itself and could be."""
        scene = self._canvas.scene
        if self._number is None or scene is None or self._number >= len(self.finder.found):
            return False
        item = self.finder.found.item(self._number)
        if item in scene.index:
            return False
        held = None if scene.folding is None else scene.folding.shown_as(item)
        if held is None:
            return item.kind is not ItemKind.SCOPE
        return held.kind is ItemKind.SCOPE and held != item

    def reveal(self) -> None:
        """Let the current match be drawn: open what is around it, switch off what hides it."""
        if self._number is None or not self._hides():
            return
        session, item = self._session, self.finder.found.item(self._number)
        if session.folding().shown_as(item) is None:
            session.show_hidden()
            if (
                session.folding().shown_as(item) is None
                and session.view_options.pass_id is not None
            ):
                session.limit_to_pass(False)
            if session.folding().shown_as(item) is None:
                session.change_view(mode=ViewMode.BOTH)
        session.reveal(item)

    # What is told.

    def _tell(self) -> None:
        self.reveal_button.setVisible(self._hides())
        self.answer.set_text(self._sentence())

    def _sentence(self) -> str:
        if self.finder.problem:
            return in_language(self.finder.problem)
        if not self.line.text().strip():
            return ""
        count = len(self.finder.found)
        if not count and seeks_missing_grad(self.line.text()):
            # Before the first step each card tells None: what is sought is what keeps it.
            return self.tr("Nothing found: in the end every leaf has its gradient")
        if not count:
            return self.tr("Nothing found")
        told = [self.tr("%Ln found", "", count)]
        if self._number is not None:
            told = [self.tr("{} of {}").format(self._number + 1, count)]
        standing = self.finder.standing
        if standing is not None and standing.folded:
            told.append(self.tr("%Ln folded up", "", standing.folded))
        if standing is not None and standing.absent:
            told.append(self.tr("%Ln not drawn", "", standing.absent))
        return ", ".join(told)

    def _announce(self) -> None:
        text = self._sentence()
        if text and QAccessible.isActive():
            QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self.line, text))

    # The list and the keys.

    def _show_list(self) -> None:
        rows = self.model.rowCount()
        self.results.setVisible(bool(rows) and self._list.isChecked())
        self._list.setEnabled(bool(rows))
        if rows:
            height = self.results.sizeHintForRow(0)
            self.results.setFixedHeight(height * min(rows, _MAX_ROWS) + 4)

    def _on_row(self, index: QModelIndex) -> None:
        number = self.model.number_at(index.row())
        if number is not None:
            self._choose(number)

    def _on_row_opened(self, index: QModelIndex) -> None:
        self._on_row(index)
        self.reveal()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Enter, Shift+Enter, Esc and the arrows."""
        if event.type() != QEvent.Type.KeyPress or not isinstance(event, QKeyEvent):
            return super().eventFilter(watched, event)
        key = event.key()
        if key == Qt.Key.Key_Escape:
            self.dismiss()
            return True
        if watched is self.line and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
                self.find_previous()
            else:
                self.find_next()
            return True
        if watched is self.line and key == Qt.Key.Key_Down and self.results.isVisible():
            self.results.setFocus()
            if self._number is None:
                self.find_next()
            return True
        if watched is self.results and key in (Qt.Key.Key_Up, Qt.Key.Key_Down):
            if self._number == 0 and key == Qt.Key.Key_Up:
                self.line.setFocus()
            else:
                self._go(1 if key == Qt.Key.Key_Down else -1)
            return True
        return super().eventFilter(watched, event)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._icon.setPixmap(make_icon("find", theme, theme.muted).pixmap(16, 16))
        for button, name in (
            (self._previous, "previous"),
            (self._next, "next"),
            (self._list, "chevron-down"),
            (self._close, "close"),
        ):
            button.setIcon(make_icon(name, theme))
        self.setStyleSheet(
            f"#search_bar {{ background: {theme.alternate}; border: none;"
            f" border-bottom: 1px solid {theme.border}; }}"
            f"QLabel {{ color: {theme.muted}; background: transparent; }}"
            f"QListView {{ background: {theme.base}; color: {theme.text};"
            f" border-top: 1px solid {theme.border}; }}"
            f"QListView::item {{ padding: 2px 8px; }}"
            f"QListView::item:selected {{ background: {theme.accent};"
            f" color: {theme.accent_text}; }}"
        )

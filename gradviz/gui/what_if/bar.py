"""The strip above the graph in which a person changes a value and sees what became of it."""

from __future__ import annotations

from typing import Final

from PySide6.QtCore import QModelIndex, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QFrame,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.icons import make_icon
from gradviz.gui.labels import ElidedLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.style import Appearance, Theme
from gradviz.gui.what_if.differences import COLUMNS, DifferenceModel
from gradviz.gui.what_if.what_if import WhatIf
from gradviz.recording.answers import UnreadableAnswerError, read_answer
from gradviz.recording.changeable import Changeable, changeable
from gradviz.recording.changes import Change, LeafChange
from gradviz.recording.format import format_number, format_value

_MOST_HEIGHT: Final = 190
_LEAST_INPUT_WIDTH: Final = 120
_MOST_INPUT_WIDTH: Final = 320


class WhatIfBar(Retranslated, QFrame):
    """Asks for another value of what is selected; then tells what differs, and leads back.

    Attributes:
        edit: the value as it is typed.
        differences: the table of what differs, shown on request.

    Signals:
        closed: the person has closed it.
    """

    closed = Signal()

    def __init__(
        self,
        session: Session,
        what_if: WhatIf,
        appearance: Appearance,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("what_if_bar")
        self._session = session
        self._what_if = what_if
        self._subject: Changeable | None = None
        self._is_wanted = False
        self._problem = ""
        self._build()
        session.selection_changed.connect(self._on_moved)
        session.playhead_moved.connect(self._on_moved)
        session.recording_changed.connect(self._on_recording_changed)
        what_if.changed.connect(self._show)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        self.hide()

    def _build(self) -> None:
        self._icon = QLabel()
        self._title = QLabel()
        self._title.setObjectName("what_if_title")
        self._title.setTextFormat(Qt.TextFormat.PlainText)
        self.edit = QLineEdit()
        self.edit.setMinimumWidth(_LEAST_INPUT_WIDTH)
        self.edit.setMaximumWidth(_MOST_INPUT_WIDTH)
        self.edit.returnPressed.connect(self._on_run)
        self.edit.textEdited.connect(self._on_edited)
        self._run = QPushButton()
        self._run.clicked.connect(self._on_run)
        self._hint = ElidedLabel()
        self._count = QToolButton()
        self._count.setCheckable(True)
        self._count.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._count.toggled.connect(self._on_table_toggled)
        self._back = QPushButton()
        self._back.clicked.connect(self._what_if.leave)
        self._close = QToolButton()
        self._close.setAutoRaise(True)
        self._close.clicked.connect(self.close_bar)
        row = QHBoxLayout()
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(8)
        row.addWidget(self._icon)
        row.addWidget(self._title)
        row.addWidget(self.edit, 3)
        row.addWidget(self._run)
        row.addStretch(1)
        row.addWidget(self._close)
        below = QHBoxLayout()
        below.setContentsMargins(36, 0, 12, 5)
        below.setSpacing(8)
        below.addWidget(self._hint, 1)
        below.addWidget(self._count)
        below.addWidget(self._back)
        self._below = QWidget()
        self._below.setLayout(below)
        self._model = DifferenceModel()
        self.differences = QTableView()
        self.differences.setModel(self._model)
        self.differences.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.differences.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.differences.setShowGrid(False)
        self.differences.setTabKeyNavigation(False)
        self.differences.setWordWrap(False)
        self.differences.verticalHeader().hide()
        self.differences.verticalHeader().setDefaultSectionSize(self.fontMetrics().height() + 8)
        header = self.differences.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)
        header.setHighlightSections(False)
        for column in range(COLUMNS):
            header.setSectionResizeMode(column, QHeaderView.ResizeMode.Stretch)
        self.differences.clicked.connect(self._on_chosen)
        self.differences.activated.connect(self._on_chosen)
        self.differences.hide()
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(0)
        column_layout.addLayout(row)
        column_layout.addWidget(self._below)
        column_layout.addWidget(self.differences)

    def _retranslate(self) -> None:
        self._run.setText(self.tr("Run with it"))
        self._back.setText(self.tr("Back to the run"))
        self._back.setToolTip(self.tr("Show the run again that was not changed"))
        self._close.setToolTip(self.tr("Close (Esc)"))
        self._close.setAccessibleName(self.tr("Close"))
        self.differences.setAccessibleName(self.tr("What differs from the run before"))
        self.edit.setAccessibleName(self.tr("The value that it shall have"))
        self._model.retranslate()
        self._show()

    def open(self) -> None:
        """Ask for another value of what is selected."""
        self._is_wanted = True
        self._take_subject()
        self._show()
        self.edit.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.edit.selectAll()

    def close_bar(self) -> None:
        """Hide the strip, and show the run again that was not changed."""
        self._is_wanted = False
        if self._what_if.is_active:
            self._what_if.leave()
        self._show()
        self.closed.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Escape closes."""
        if event.key() == Qt.Key.Key_Escape:
            self.close_bar()
        else:
            super().keyPressEvent(event)

    def _on_moved(self) -> None:
        if self._is_wanted and not self.edit.hasFocus():
            self._take_subject()
            self._show()

    def _on_recording_changed(self) -> None:
        if self._is_wanted:
            self._take_subject()
            self._show()

    def _take_subject(self) -> None:
        session = self._session
        found = changeable(session.replay, session.selection, session.playhead)
        if found is None and session.selection is not None:
            found = changeable(session.replay, None, session.playhead)
        self._subject = found
        self._problem = ""
        self.edit.setText("" if found is None else format_value(found.value, 64) or "")

    def _on_edited(self) -> None:
        self._problem = ""
        self._show_hint()

    def _on_run(self) -> None:
        subject = self._subject
        if subject is None:
            return
        try:
            given = read_answer(self.edit.text(), subject.value.shape, {})
        except UnreadableAnswerError as problem:
            self._problem = str(problem)
            self._show_hint()
            return
        values = tuple(float(one) for one in given.reshape(-1))
        change = subject.changed_to(self._session.recording, values)
        if change is not None:
            self._is_wanted = True
            self._what_if.change(change)

    def _on_table_toggled(self, is_shown: bool) -> None:
        self.differences.setVisible(is_shown)

    def _on_chosen(self, index: QModelIndex) -> None:
        if not index.isValid():
            return
        difference = self._model.differences[index.row()]
        if difference.pass_id is not None and difference.step is not None:
            replay = self._session.replay
            self._session.move_playhead(replay.playhead_of(difference.pass_id, difference.step))
        self._session.select(difference.item)

    def _show(self) -> None:
        is_active = self._what_if.is_active
        self.setVisible(self._is_wanted or is_active)
        subject = self._subject
        has_subject = self._is_wanted and subject is not None
        self.edit.setVisible(has_subject)
        self._run.setVisible(has_subject)
        self._back.setVisible(is_active)
        comparison = self._what_if.comparison
        self._count.setVisible(comparison is not None)
        if comparison is not self._model.comparison:
            self._model.set_comparison(comparison)
            rows = self.differences.verticalHeader().defaultSectionSize() * self._model.rowCount()
            header = self.differences.horizontalHeader().sizeHint().height()
            self.differences.setFixedHeight(min(rows + header + 4, _MOST_HEIGHT))
        if comparison is None:
            self._count.setChecked(False)
        else:
            self._count.setText(self.tr("%n value(s) differ", "", len(comparison.differences)))
        self._title.setText(self._title_text())
        self._show_hint()

    def _title_text(self) -> str:
        subject = self._subject
        if not self._is_wanted or subject is None:
            return self.tr("What if…")
        if subject.is_leaf:
            return self.tr("What if {name} were").format(name=subject.name)
        return self.tr("What if the gradient into {name} were").format(name=subject.name)

    def _show_hint(self) -> None:
        text = self._hint_text()
        self._hint.set_text(text)
        self._below.setVisible(bool(text))

    def _hint_text(self) -> str:
        if self._problem:
            return in_language(self._problem)
        if self._what_if.is_active:
            told = ", ".join(self._told(change) for change in self._what_if.changes)
            comparison = self._what_if.comparison
            if comparison is not None and comparison.parted_at:
                other = self.tr("from line {line} on the run took another way")
                told = f"{told}; {other.format(line=comparison.parted_at)}"
            return told
        if self._subject is None:
            return self.tr("Select a leaf with few elements, or a step of the backward pass.")
        return ""

    def _told(self, change: Change) -> str:
        if len(change.values) == 1:
            value = format_number(change.values[0])
        else:
            value = f"[{', '.join(map(format_number, change.values[:4]))}"
            value += "]" if len(change.values) <= 4 else ", …]"
        if isinstance(change, LeafChange):
            return f"{change.name} = {value}"
        return self.tr("gradient into {name} = {value}").format(name=change.node_name, value=value)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._icon.setPixmap(make_icon("edit", theme, theme.accent).pixmap(16, 16))
        self._close.setIcon(make_icon("close", theme))
        self._count.setIcon(make_icon("chevron-down", theme))
        self.setStyleSheet(
            f"#what_if_bar {{ background: {theme.current_line}; border: none;"
            f" border-bottom: 1px solid {theme.border}; }}"
            f"#what_if_bar QLabel {{ color: {theme.text}; background: transparent; }}"
            f"#what_if_title {{ font-weight: 600; }}"
            f"#what_if_bar QTableView {{ border: none; border-top: 1px solid {theme.border}; }}"
        )

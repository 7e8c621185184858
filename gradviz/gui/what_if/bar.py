"""The strip above the graph in which a person changes a value and sees what became of it."""

from __future__ import annotations

import contextlib
import re
from typing import Final

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLineEdit,
    QPushButton,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.icons import make_icon
from gradviz.gui.inspector.elements import ValueSource
from gradviz.gui.labels import ElidedLabel, PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.sentences import in_language
from gradviz.gui.session import Session
from gradviz.gui.strip import Strip
from gradviz.gui.style import Appearance, Theme
from gradviz.gui.what_if.element_table import ElementTable
from gradviz.gui.what_if.what_if import WhatIf
from gradviz.recording.changeable import Changeable, changeable
from gradviz.recording.changes import Change, LeafChange
from gradviz.recording.edits import OLD, UnusableEditError, edited, element_edit, written
from gradviz.recording.model import NextEdge, NodeId, Value
from gradviz.recording.values import to_array

_MAX_WRITTEN: Final = 64
"""Elements of a value that is written out to be typed over."""
_MAX_TOLD: Final = 60
_TEXTS_FROM: Final = 560
"""Width from which on there is room for the texts of all buttons."""
_TITLE_SHARE: Final = 0.5
_UNMADE: Final = "was not changed"
_MIN_INPUT_WIDTH: Final = 100
_MAX_INPUT_WIDTH: Final = 320


class WhatIfBar(Retranslated, Strip):
    """Asks for another value of what is selected; then tells what differs, and leads back.

    Attributes:
        edit: the value as it is typed.
    """

    def __init__(
        self,
        session: Session,
        what_if: WhatIf,
        source: ValueSource,
        appearance: Appearance,
        *,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__("what_if_bar", "edit", session, parent)
        self._session = session
        self._what_if = what_if
        self._subject: Changeable | None = None
        self._is_wanted = False
        self._problem = ""
        self._build(source, appearance.theme)
        session.selection_changed.connect(self._on_moved)
        session.playhead_moved.connect(self._on_moved)
        session.recording_changed.connect(self._on_recording_changed)
        what_if.changed.connect(self._show)
        session.concealment_changed.connect(self._on_recording_changed)
        appearance.theme_changed.connect(self._on_theme_changed)
        self._on_theme_changed(appearance.theme)
        self._retranslate()
        self.hide()

    def _build(self, source: ValueSource, theme: Theme) -> None:
        self._title = ElidedLabel()
        self._title.setObjectName("what_if_title")
        self._title.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.edit = QLineEdit()
        self.edit.setMinimumWidth(_MIN_INPUT_WIDTH)
        self.edit.setMaximumWidth(_MAX_INPUT_WIDTH)
        self.edit.returnPressed.connect(self._on_run)
        self.edit.textEdited.connect(self._on_edited)
        self._run = QPushButton()
        self._run.clicked.connect(self._on_run)
        self._shows_elements = QToolButton()
        self._shows_elements.setCheckable(True)
        self._shows_elements.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self._shows_elements.toggled.connect(self._show)
        self.elements = ElementTable(source, theme)
        self.elements.model.typed.connect(self._on_element_typed)
        self._hint = PlainLabel()
        self._count.toggled.connect(self._on_table_toggled)
        self._back = QPushButton()
        self._back.clicked.connect(self._what_if.leave)
        head = _row(self._icon, self._title)
        head.addStretch(1)
        typed = _row(self.edit, self._shows_elements, self._run)
        typed.setStretch(0, 3)
        typed.addStretch(1)
        self._asking = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._asking.setSpacing(8)
        self._asking.addLayout(head)
        self._asking.addLayout(typed, 1)
        row = QHBoxLayout()
        row.setContentsMargins(12, 5, 6, 5)
        row.setSpacing(8)
        row.addLayout(self._asking, 1)
        row.addWidget(self._close, 0, Qt.AlignmentFlag.AlignTop)
        self._below = QWidget()
        self._told_row = QBoxLayout(QBoxLayout.Direction.LeftToRight, self._below)
        self._told_row.setSpacing(8)
        self._told_row.addWidget(self._hint, 1)
        buttons = _row(self._count, self._back)
        buttons.addStretch(1)
        self._told_row.addLayout(buttons)
        self.differences.hide()
        column_layout = QVBoxLayout(self)
        column_layout.setContentsMargins(0, 0, 0, 0)
        column_layout.setSpacing(0)
        column_layout.addLayout(row)
        column_layout.addWidget(self.elements)
        column_layout.addWidget(self._below)
        column_layout.addWidget(self.differences)

    def _retranslate(self) -> None:
        self._run.setText(self.tr("Run"))
        self._run.setToolTip(self.tr("Run with it"))
        self._back.setText(self.tr("Back to the run"))
        self._back.setToolTip(self.tr("Show the unchanged run again"))
        self._close.setToolTip(self.tr("Close (Esc)"))
        self._close.setAccessibleName(self.tr("Close"))
        self.differences.setAccessibleName(self.tr("What differs from the run before"))
        self.edit.setAccessibleName(self.tr("The value that it should have"))
        self.edit.setPlaceholderText(self.tr("0, 2*value, value + 0.1"))
        self.edit.setToolTip(
            self.tr(
                "A number, a list, or an expression over the old value, such as 2*value; a part "
                "of it by value[0, 3] = 5 or value[1:3] *= 2. Separate several with ;"
            )
        )
        self._shows_elements.setAccessibleName(self.tr("Elements"))
        self._shows_elements.setText(self.tr("Elements"))
        self._shows_elements.setToolTip(self.tr("Change single elements in a table"))
        self.differences.rows.retranslate()
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
        super().close_bar()

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where it is narrow, what can be said by an icon is."""
        super().resizeEvent(event)
        is_wide = event.size().width() >= _TEXTS_FROM
        self._shows_elements.setToolButtonStyle(
            Qt.ToolButtonStyle.ToolButtonTextBesideIcon
            if is_wide
            else Qt.ToolButtonStyle.ToolButtonIconOnly
        )
        self._icon.setVisible(is_wide)
        direction = QBoxLayout.Direction
        for layout in (self._asking, self._told_row):
            layout.setDirection(direction.LeftToRight if is_wide else direction.TopToBottom)
            layout.setSpacing(8 if is_wide else 4)
        self._told_row.setContentsMargins(36 if is_wide else 12, 0, 12, 5)
        self._fit_title(self._title.full_text())

    def _fit_title(self, title: str) -> None:
        """As wide as it is; where it is narrow, it has a row of its own."""
        needed = self._title.fontMetrics().horizontalAdvance(title) + 8
        share = _TITLE_SHARE if self.width() >= _TEXTS_FROM else 1.0
        room = int(self.width() * share) - 44
        self._title.setFixedWidth(max(min(needed, room), 0))

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
        ahead = not session.conceals
        found = changeable(session.replay, session.selection, session.playhead, ahead=ahead)
        if found is None and session.selection is not None:
            found = changeable(session.replay, None, session.playhead)
        self._subject = found
        self._problem = ""
        self.edit.setText("" if found is None else self._first_text(found))

    def _first_text(self, subject: Changeable) -> str:
        """What there is to begin with: the change that was made already, or the old value."""
        change = subject.changed_by(self._session.recording, "")
        made = None if change is None else self._what_if.change_like(change)
        if made is not None:
            return made.edit
        return written(to_array(subject.value)) if _is_short(subject.value) else OLD

    def _old_value(self, subject: Changeable) -> Value:
        """What `value` stands for: what the text itself makes, without its own change."""
        original = self._what_if.original
        if original is None:
            return subject.value
        found = subject.in_recording(original)
        return subject.value if found is None else found

    def _on_edited(self) -> None:
        self._problem = ""
        self._show_hint()
        self._show_edit()

    def _on_element_typed(self, place: tuple[int, ...], number: str) -> None:
        """The typed element becomes a part of the text, which is what will be done."""
        kept = self.edit.text().strip().rstrip(";")
        made = element_edit(place, number)
        self.edit.setText(made if kept in ("", OLD) else f"{kept}; {made}")
        self._on_edited()

    def _show_edit(self) -> None:
        subject = self._subject
        if subject is None or self.elements.isHidden():
            return
        becomes, old = None, self._old_value(subject)
        if old.is_whole:
            with contextlib.suppress(UnusableEditError):
                becomes = edited(self.edit.text(), to_array(old), subject.edited_name)
        self.elements.show_edit(becomes, self.edit.text())

    def _on_run(self) -> None:
        subject = self._subject
        if subject is None:
            return
        self._problem = subject.problem_of(self.edit.text())
        if self._problem:
            self._show_hint()
            return
        change = subject.changed_by(self._session.recording, self.edit.text().strip())
        if change is not None:
            self._is_wanted = True
            self._what_if.change(change)

    def _on_table_toggled(self, is_shown: bool) -> None:
        self.differences.setVisible(is_shown)

    def _show(self) -> None:
        is_active = self._what_if.is_active
        self.setVisible(self._is_wanted or is_active)
        subject = self._subject
        has_subject = self._is_wanted and subject is not None
        self.edit.setVisible(has_subject)
        self._run.setVisible(has_subject)
        self._shows_elements.setVisible(has_subject)
        shows_elements = has_subject and self._shows_elements.isChecked()
        self.elements.setVisible(shows_elements)
        if shows_elements and subject is not None:
            self.elements.show_value(self._old_value(subject))
            self._show_edit()
        self._back.setVisible(is_active)
        comparison = self._what_if.comparison
        is_told = comparison is not None and not self._session.conceals
        self._count.setVisible(is_told)
        self.differences.setVisible(is_told and self._count.isChecked())
        self.differences.show_comparison(comparison)
        if comparison is None:
            self._count.setChecked(False)
        else:
            self._count.setText(self.tr("%Ln value(s) differ", "", len(comparison.differences)))
        title = self._title_text()
        self._fit_title(title)
        self._title.set_text(title)
        self._show_hint()

    def _title_text(self) -> str:
        subject = self._subject
        if not self._is_wanted or subject is None:
            return self.tr("What if…")
        if subject.is_leaf:
            return self.tr("What if {name} were").format(name=subject.name)
        assert subject.step is not None
        name = self._name_at(subject.step.autograd_node, subject.slot)
        if name is not None:
            return self.tr("What if the gradient of {name} were").format(name=name)
        return self.tr("What if the gradient into {name} were").format(name=subject.name)

    def _name_at(self, node: NodeId, slot: int) -> str | None:
        """The variable whose gradient comes into a node."""
        tensor = self._session.chain.edges.tensor_at(NextEdge(node, slot))
        return None if tensor is None else self._session.recording.tensors[tensor].name

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
                other = self.tr("from line {line} on, the run took a different path")
                told = f"{told}; {other.format(line=comparison.parted_at)}"
            unmade = [one for one in self._session.recording.warnings if _UNMADE in one]
            return " ".join([told, *map(in_language, unmade)])
        if self._subject is None:
            return self.tr("Select a leaf, or a step of the backward pass.")
        return ""

    def _told(self, change: Change) -> str:
        edit = " ".join(change.edit.split())
        if len(edit) > _MAX_TOLD:
            edit = f"{edit[:_MAX_TOLD]}…"
        if isinstance(change, LeafChange):
            return f"{change.name}: {edit}" if _is_partial(edit) else f"{change.name} = {edit}"
        name = self._name_at(change.node, change.slot)
        if name is not None:
            return self.tr("gradient of {name}: {value}").format(name=name, value=edit)
        return self.tr("gradient into {name}: {value}").format(name=change.node_name, value=edit)

    def _on_theme_changed(self, theme: Theme) -> None:
        self._paint_in(theme)
        self._shows_elements.setIcon(make_icon("table", theme))
        self.elements.set_theme(theme)


def _row(*widgets: QWidget) -> QHBoxLayout:
    row = QHBoxLayout()
    row.setSpacing(8)
    for widget in widgets:
        row.addWidget(widget)
    return row


def _is_short(value: Value) -> bool:
    return value.is_whole and value.numel <= _MAX_WRITTEN


def _is_partial(edit: str) -> bool:
    """Whether an edit has assignments in it, besides comparisons."""
    return re.search(r"(?<![<>=!])=(?!=)", edit) is not None

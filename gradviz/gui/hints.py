"""A handful of hints about the window, for who starts it for the first time."""

from __future__ import annotations

from collections.abc import Callable
from enum import Enum, auto
from typing import Final

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, QPoint, QRect, Qt
from PySide6.QtGui import QAccessible, QAccessibleAnnouncementEvent, QKeyEvent
from PySide6.QtWidgets import (
    QFrame,
    QHBoxLayout,
    QLabel,
    QMainWindow,
    QPushButton,
    QVBoxLayout,
    QWidget,
)

from gradviz.gui.action_spec import QT_TRANSLATE_NOOP
from gradviz.gui.labels import PlainLabel
from gradviz.gui.retranslated import Retranslated
from gradviz.gui.ring import PLACED, Ring
from gradviz.gui.session import Session
from gradviz.gui.settings import Settings
from gradviz.gui.style import Appearance
from gradviz.gui.timers import single_shot

_WIDTH_EM: Final = 21
"""Width of the card, in widths of the letter m: a line that is read at one glance."""
_LARGEST_POINTS: Final = 14.0
"""In larger text the card would hide what it is about."""
_MARGIN: Final = 12
_LARGEST_SHARE: Final = 0.5
"""A card higher than this part of its place stands above it."""


class HintPlace(Enum):
    """The parts of the window that hints are about."""

    CODE = auto()
    STEPS = auto()
    GRAPH = auto()
    RULE = auto()


class Hint(msgspec.Struct, frozen=True):
    """One hint: about which place, and what it says, in English."""

    place: HintPlace
    text: str


HINTS: Final = (
    Hint(
        HintPlace.CODE,
        QT_TRANSLATE_NOOP(
            "Hints",
            "This is ordinary PyTorch code. Change it and press Ctrl+Enter: it runs, and its graph "
            "is drawn.",
        ),
    ),
    Hint(
        HintPlace.STEPS,
        QT_TRANSLATE_NOOP(
            "Hints",
            "Step through the backward pass: F10 steps over one op, Shift+F10 steps back. "
            "The gradients appear on the edges.",
        ),
    ),
    Hint(
        HintPlace.GRAPH,
        QT_TRANSLATE_NOOP(
            "Hints",
            "Click a card, such as x, to inspect it. Ctrl+wheel zooms, and F shows everything.",
        ),
    ),
    Hint(
        HintPlace.RULE,
        QT_TRANSLATE_NOOP(
            "Hints",
            "Here is the chain rule for this step and for what you clicked, in your own names. "
            "Examples has more to try; Ctrl+Shift+P finds every command.",
        ),
    ),
)
"""In the order in which they are shown."""


class HintCard(Retranslated, QFrame):
    """One hint at a time in a card over its place, which is outlined; nothing waits for it.

    `place_of` brings a place in front and says which widget it is, None while it is not built.
    Who does what a hint tells is shown the next one. Closed by its button, by Esc or at its end,
    it does not come by itself again.

    Attributes:
        number: which hint is shown, None for none.
        text: what it says.
        later: leads to the next one.
        close_button: ends them.
    """

    def __init__(
        self,
        window: QMainWindow,
        session: Session,
        settings: Settings,
        appearance: Appearance,
        *,
        place_of: Callable[[HintPlace], QWidget | None],
    ) -> None:
        super().__init__(window)
        self._window, self._session = window, session
        self._settings, self._appearance = settings, appearance
        self._place_of = place_of
        self._place: QWidget | None = None
        self._focus_before: QWidget | None = None
        self.number: int | None = None
        self.setObjectName("hint")
        self._ring = Ring(window, appearance)
        self._count = QLabel()
        self._count.setObjectName("count")
        self.text = PlainLabel()
        self.later, self.close_button = QPushButton(), QPushButton()
        for button in (self.later, self.close_button):
            # Who clicks one goes on typing where the keyboard is.
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.later.clicked.connect(self.go_on)
        self.close_button.clicked.connect(self.end)
        row = QHBoxLayout()
        row.addWidget(self._count, 1)
        row.addWidget(self.close_button)
        row.addWidget(self.later)
        column = QVBoxLayout(self)
        column.setContentsMargins(14, 12, 12, 10)
        column.setSpacing(8)
        column.addWidget(self.text)
        column.addLayout(row)
        self._soon = single_shot(self, self._settle)
        session.recording_changed.connect(self._on_ran)
        session.playhead_moved.connect(self._on_stepped)
        session.selection_changed.connect(self._on_selected)
        appearance.theme_changed.connect(self._update_style)
        appearance.text_scaled.connect(self._update_style)
        self._update_style()
        self.hide()
        self._retranslate()

    def offer(self) -> None:
        """Show the first hint as soon as there is a graph, unless they were closed before."""
        if self._settings.are_hints_over:
            return
        if self._session.recording.tensors:
            self.begin()
        else:
            self._session.recording_changed.connect(self._on_recording_changed)

    def _on_recording_changed(self) -> None:
        if self._session.recording.tensors:
            self._session.recording_changed.disconnect(self._on_recording_changed)
            self.begin()

    def begin(self) -> None:
        """Show the first hint."""
        self._show(0)

    def begin_with_focus(self) -> None:
        """Show the first hint, or the one that is shown, with the keyboard in its card."""
        if self.number is None:
            self.begin()
        self._focus_before = self._window.focusWidget()
        self.later.setFocus(Qt.FocusReason.OtherFocusReason)

    def go_on(self) -> None:
        """Show the next hint, or none after the last."""
        self._show(len(HINTS) if self.number is None else self.number + 1)

    def end(self) -> None:
        """Show no hint any more, at this start and others."""
        had_focus = self.isAncestorOf(self._window.focusWidget())
        self.number = None
        self._settings.are_hints_over = True
        self._watch(None)
        self.hide()
        self._ring.surround(None)
        if had_focus and self._focus_before is not None:
            self._focus_before.setFocus(Qt.FocusReason.OtherFocusReason)

    def _show(self, number: int) -> None:
        """Show a hint, or the next one with something to be seen; behind the last, none."""
        while number < len(HINTS):
            place = self._place_of(HINTS[number].place)
            is_seen = place is not None and place.isVisibleTo(self._window)
            if is_seen and (
                HINTS[number].place is not HintPlace.STEPS or self._session.replay.length
            ):
                break
            number += 1
        else:
            self.end()
            return
        self.number = number
        self._watch(place)
        self._retranslate()
        self._settle()
        text = f"{self._count.text()}: {self.text.text()}"
        QAccessible.updateAccessibility(QAccessibleAnnouncementEvent(self, text))

    def _retranslate(self) -> None:
        number = 0 if self.number is None else self.number
        is_last = number + 1 == len(HINTS)
        self.setAccessibleName(self.tr("Hint"))
        self._count.setText(self.tr("{} of {}").format(number + 1, len(HINTS)))
        self.text.setText(QCoreApplication.translate("Hints", HINTS[number].text))
        self.later.setText(self.tr("Done") if is_last else self.tr("Next"))
        self.close_button.setText(self.tr("No more hints"))
        self.close_button.setToolTip(self.tr("Help → Hints shows them again"))
        self.close_button.setVisible(not is_last)
        self._soon.start()

    def _on_ran(self) -> None:
        if self._session.recording.tensors:
            self._go_on_from(HintPlace.CODE)

    def _on_stepped(self) -> None:
        self._go_on_from(HintPlace.STEPS)

    def _on_selected(self) -> None:
        self._go_on_from(HintPlace.GRAPH)

    def _go_on_from(self, place: HintPlace) -> None:
        if self.number is not None and HINTS[self.number].place is place:
            self.go_on()

    # Where it stands.

    def _watch(self, place: QWidget | None) -> None:
        for watched in (self._place, self._window, self._window.centralWidget()):
            if watched is not None:
                watched.removeEventFilter(self)
        self._place = place
        for watched in (place, self._window, self._window.centralWidget()):
            if place is not None and watched is not None:
                watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Stay with the place when it is moved, shown or hidden, and over it.

        Qt raises the centre of the window whenever another dock comes to the front.
        """
        if event.type() in PLACED or event.type() is QEvent.Type.ZOrderChange:
            self._soon.start()
        return super().eventFilter(watched, event)

    def _settle(self) -> None:
        place, window = self._place, self._window
        is_seen = self.number is not None and place is not None and place.isVisible()
        self.setVisible(is_seen)
        self._ring.surround(place if is_seen else None)
        if place is None or not is_seen:
            return
        around = QRect(place.mapTo(window, QPoint(0, 0)), place.size())
        width = _WIDTH_EM * self.text.fontMetrics().horizontalAdvance("m")
        width = min(max(width, self.minimumSizeHint().width()), window.width() - 2 * _MARGIN)
        self.resize(width, self.heightForWidth(width))
        stands_inside = self.height() <= _LARGEST_SHARE * around.height()
        bottom = around.bottom() if stands_inside else around.top()
        left = min(around.left() + _MARGIN, window.width() - width - _MARGIN)
        self.move(max(left, _MARGIN), max(bottom - _MARGIN - self.height(), _MARGIN))
        self.raise_()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Esc closes the hints."""
        if event.key() == Qt.Key.Key_Escape:
            self.end()
        else:
            super().keyPressEvent(event)

    def _update_style(self) -> None:
        theme = self._appearance.theme
        points = min(self._appearance.scaled_font().pointSizeF(), _LARGEST_POINTS)
        self.setStyleSheet(
            f"#hint {{ background: {theme.base}; border: 1px solid {theme.accent};"
            f" border-radius: 8px; }}"
            f"QLabel {{ color: {theme.text}; background: transparent; font-size: {points:.1f}pt; }}"
            f"#count {{ color: {theme.muted}; }}"
        )
        self._soon.start()

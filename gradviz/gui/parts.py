"""Go from one part of the window to the next with the keyboard."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication, QMainWindow, QWidget

from gradviz.gui.ring import Ring
from gradviz.gui.style import Appearance


class Parts(QObject):
    """Gives the focus to text, output, graph, steps and panel in turn.

    The tab key cannot do that: in the text it indents. `places` says what the parts are, in their
    order; those that are not there or not to be seen are passed over. The one that was reached is
    outlined while it has the focus.

    Attributes:
        ring: the outline.
    """

    def __init__(
        self,
        window: QMainWindow,
        appearance: Appearance,
        places: Callable[[], Iterable[QWidget | None]],
    ) -> None:
        super().__init__(window)
        self._window, self._places = window, places
        self.ring = Ring(window, appearance)
        application = QApplication.instance()
        assert isinstance(application, QApplication)
        application.focusChanged.connect(self._on_focus_changed)

    @property
    def handlers(self) -> dict[str, Callable[[], object]]:
        """What each command does, by its id."""
        return {"next_part": self.go_on, "previous_part": self.go_back}

    def go_on(self) -> None:
        """Go to the next part, from the last one to the first."""
        self._go(1)

    def go_back(self) -> None:
        """Go to the part before, from the first one to the last."""
        self._go(-1)

    def _go(self, direction: int) -> None:
        targets = [
            (part, target)
            for part in self._places()
            if part is not None and part.isVisible() and (target := _first_stop(part)) is not None
        ]
        here = next((n for n, (part, _) in enumerate(targets) if self._is_in(part)), None)
        if here is None:
            here = -1 if direction > 0 else 0
        part, target = targets[(here + direction) % len(targets)]
        target.setFocus(Qt.FocusReason.ShortcutFocusReason)
        self.ring.surround(part)

    def _is_in(self, part: QWidget) -> bool:
        focus = self._window.focusWidget()
        return part is focus or part.isAncestorOf(focus)

    def _on_focus_changed(self, _old: QWidget | None, _new: QWidget | None) -> None:
        part = self.ring.place
        if part is not None and not self._is_in(part):
            self.ring.surround(None)


def _first_stop(part: QWidget) -> QWidget | None:
    """What takes the focus in a part: itself, or the first of what the tab key would reach."""
    stop: QWidget | None = part
    while stop is not None and (stop is part or part.isAncestorOf(stop)):
        if stop.focusPolicy() & Qt.FocusPolicy.TabFocus and stop.isVisible() and stop.isEnabled():
            return stop
        stop = stop.nextInFocusChain()
    return None

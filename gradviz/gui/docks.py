"""The panels at the side of the window: which there are, their titles, and how wide they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from PySide6.QtCore import QCoreApplication, QEvent, QObject, Qt, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from gradviz.gui.action_spec import QT_TRANSLATE_NOOP
from gradviz.gui.timers import single_shot

FIRST_WIDTH: Final = 330
_DIRECTLY: Final = Qt.FindChildOption.FindDirectChildrenOnly
_SMALLEST_WIDTH: Final = 250
_SHARE: Final = 0.25
"""Of a window that becomes narrower the panels keep this much at most."""
_LARGEST_SHARE: Final = 0.38
"""So much of a narrow window may go to the titles of all panels beside each other."""
_SLACK: Final = 3
"""Pixels that a dock's width may be off what it was given, for handles and rounding."""


class DockSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One panel; texts are in English and translated where they are shown.

    `counted` is the title where there is something to count, with `{}` for the number.
    """

    id: str
    title: str
    counted: str = ""


INSPECTOR: Final = "inspector"
FINDINGS: Final = "findings"
BREAKPOINTS: Final = "breakpoints"
DEVICES: Final = "devices"

DOCKS: Final = (
    DockSpec(id=INSPECTOR, title=QT_TRANSLATE_NOOP("Docks", "Inspector")),
    DockSpec(
        id=FINDINGS,
        title=QT_TRANSLATE_NOOP("Docks", "Findings"),
        counted=QT_TRANSLATE_NOOP("Docks", "Findings ({})"),
    ),
    DockSpec(
        id=BREAKPOINTS,
        title=QT_TRANSLATE_NOOP("Docks", "Breaks"),
        counted=QT_TRANSLATE_NOOP("Docks", "Breaks ({})"),
    ),
    DockSpec(id=DEVICES, title=QT_TRANSLATE_NOOP("Docks", "Devices")),
)


class Docks(Mapping[str, QDockWidget]):
    """The docks of a window by the `id` of their `DockSpec`, as tabs in one place at its right.

    Attributes:
        window: whose they are.
    """

    def __init__(self, window: QMainWindow) -> None:
        self.window = window
        self._counts: dict[str, int] = {}
        self._wanted_width = FIRST_WIDTH
        self._titles_may_be_cut = False
        self._shows_counts = True
        self._room_without_counts = 0
        self._room_timer = single_shot(window, self._on_room_due)
        self._docks = {spec.id: _make_dock(spec.id, window) for spec in DOCKS}
        self._watch = _WindowWatch(self)
        right = Qt.DockWidgetArea.RightDockWidgetArea | Qt.DockWidgetArea.LeftDockWidgetArea
        window.setTabPosition(right, QTabWidget.TabPosition.North)
        first, *others = self.values()
        for before, dock in zip([first, *others], others, strict=False):
            window.tabifyDockWidget(before, dock)
        first.raise_()

    def __getitem__(self, name: str) -> QDockWidget:
        return self._docks[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._docks)

    def __len__(self) -> int:
        return len(self._docks)

    def retranslate(self) -> None:
        """Title every dock in the language that is in use now."""
        for spec in DOCKS:
            self._name(spec)
        self.make_room_for_titles()

    def set_count(self, name: str, count: int) -> None:
        """Show a count in a panel's title, since its tab is not always in front."""
        self._counts[name] = count
        for spec in DOCKS:
            if spec.id == name:
                self._name(spec)
        self.make_room_for_titles()

    def _name(self, spec: DockSpec) -> None:
        count = self._counts.get(spec.id, 0) if self._shows_counts else 0
        text = spec.counted if count and spec.counted else spec.title
        self[spec.id].setWindowTitle(QCoreApplication.translate("Docks", text).format(count))

    def place(self) -> int:
        """Give the docks their first width in a window that has its size; returns it."""
        share = min(FIRST_WIDTH, round(self.window.width() * _SHARE))
        self.window.resizeDocks([self[INSPECTOR]], [share], Qt.Orientation.Horizontal)
        return share

    def shown_width(self) -> int | None:
        """How wide they are; None where they are not all in one place."""
        shown = self._shown()
        return shown[0].width() if len(shown) == 1 else None

    def keep_width(self) -> None:
        """The width that they have now is the one that the person wants."""
        width = self.shown_width()
        if width is not None:
            self._wanted_width = width
            self._titles_may_be_cut = width < self._width_of_titles() - _SLACK

    def make_room_for_titles(self) -> None:
        """Let no title be cut short; where there is no room, the counts are left out."""
        self._show_counts(True)
        # The tabs know what they need after their titles have been set.
        self._room_timer.start()

    def _on_room_due(self) -> None:
        self.fit_window()
        if self._wanted_by_titles() > self._width_of_titles():
            self._room_without_counts = self._room()
            self._show_counts(False)

    def use_room(self) -> None:
        """Show the counts again where there is more room than when they were left out."""
        if not self._shows_counts and self._room() > self._room_without_counts:
            self.make_room_for_titles()

    def _show_counts(self, shows: bool) -> None:
        if shows != self._shows_counts:
            self._shows_counts = shows
            for spec in DOCKS:
                self._name(spec)

    def _shown(self) -> list[QDockWidget]:
        return [d for d in self.values() if not d.isFloating() and not d.visibleRegion().isEmpty()]

    def bring_to_front(self, name: str) -> QDockWidget:
        """Let a panel be seen, and return its dock."""
        dock = self[name]
        dock.show()
        dock.raise_()
        return dock

    def in_front(self) -> QWidget | None:
        """The panel that is to be seen, None where they are all closed or in windows of theirs."""
        return next((dock.widget() for dock in self._shown()), None)

    def _wanted_by_titles(self) -> int:
        bars = self.window.findChildren(QTabBar, options=_DIRECTLY)
        return max((bar.sizeHint().width() for bar in bars if not bar.isHidden()), default=0)

    def _width_of_titles(self) -> int:
        share = round(self.window.width() * _LARGEST_SHARE)
        return min(self._wanted_by_titles(), share, self._room())

    def _room(self) -> int:
        """What the other parts of the window leave."""
        others = self.window.centralWidget()
        smallest = 0 if others is None else others.minimumSizeHint().width()
        return self.window.width() - smallest - _SLACK

    def fit_window(self) -> None:
        """Be as wide as is wanted, or narrower where the window is."""
        shown = self._shown()
        if len(shown) != 1:
            return
        titles = self._width_of_titles()
        # Docks that share their place are as wide as the widest of them has to be.
        smallest = max(dock.minimumSizeHint().width() for dock in self.values())
        share = max(_SMALLEST_WIDTH, smallest, titles, round(self.window.width() * _SHARE))
        wanted = self._wanted_width if self._titles_may_be_cut else max(self._wanted_width, titles)
        width = min(wanted, share, self._room())
        if abs(shown[0].width() - width) > _SLACK:
            self.window.resizeDocks(shown, [width], Qt.Orientation.Horizontal)


class _WindowWatch(QObject):
    """Keeps the width that the docks have after the person has dragged their edge.

    Tells them, too, when the other parts of the window may leave more room.
    """

    def __init__(self, docks: Docks) -> None:
        super().__init__(docks.window)
        self._docks = docks
        self._before: int | None = None
        docks.window.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Compare the width at the beginning and the end of what the mouse does."""
        if event.type() in (QEvent.Type.LayoutRequest, QEvent.Type.Resize):
            self._docks.use_room()
        elif event.type() == QEvent.Type.MouseButtonPress:
            self._before = self._docks.shown_width()
        elif event.type() == QEvent.Type.MouseButtonRelease:
            # The window has still to hear of it.
            QTimer.singleShot(0, self._compare)
        return super().eventFilter(watched, event)

    def _compare(self) -> None:
        if self._before is not None and self._before != self._docks.shown_width():
            self._docks.keep_width()
        self._before = None


def _make_dock(name: str, window: QMainWindow) -> QDockWidget:
    dock = QDockWidget(window)
    # The name under which the layout is stored.
    dock.setObjectName(f"{name}_dock")
    dock.setAllowedAreas(
        Qt.DockWidgetArea.LeftDockWidgetArea | Qt.DockWidgetArea.RightDockWidgetArea
    )
    # The tab names it already.
    dock.setTitleBarWidget(QWidget())
    placeholder = QWidget()
    placeholder.setMinimumWidth(_SMALLEST_WIDTH)
    dock.setWidget(placeholder)
    window.addDockWidget(Qt.DockWidgetArea.RightDockWidgetArea, dock)
    return dock

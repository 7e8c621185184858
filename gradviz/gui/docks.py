"""The panels at the side of the window: which there are, their titles, and how wide they are."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Final

import msgspec
from PySide6.QtCore import QCoreApplication, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QDockWidget, QMainWindow, QTabBar, QTabWidget, QWidget

from gradviz.gui.action_spec import QT_TRANSLATE_NOOP

FIRST_WIDTH: Final = 330
_DIRECTLY: Final = Qt.FindChildOption.FindDirectChildrenOnly
_SMALLEST_WIDTH: Final = 250
_SHARE: Final = 0.26
"""Of a window that becomes narrower the panels keep this much at most."""
_LARGEST_SHARE: Final = 0.38
"""So much of a narrow window may go to the titles of all panels beside each other."""


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
    """The docks of a window by the `id` of their `DockSpec`, as tabs in one place at its right."""

    def __init__(self, window: QMainWindow) -> None:
        self._window = window
        self._counts: dict[str, int] = {}
        self._wanted_width = FIRST_WIDTH
        self._given_width = 0
        self._room_timer = QTimer(window)
        self._room_timer.setSingleShot(True)
        self._room_timer.setInterval(0)
        self._room_timer.timeout.connect(self._on_room_due)
        self._docks = {spec.id: _make_dock(spec.id, window) for spec in DOCKS}
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
        count = self._counts.get(spec.id, 0)
        text = spec.counted if count and spec.counted else spec.title
        self[spec.id].setWindowTitle(QCoreApplication.translate("Docks", text).format(count))

    def place(self) -> None:
        """Give the docks their first width in a window that has its size."""
        share = min(FIRST_WIDTH, round(self._window.width() * _SHARE))
        self._window.resizeDocks([self[INSPECTOR]], [share], Qt.Orientation.Horizontal)

    def make_room_for_titles(self) -> None:
        """Let no title be cut short where the window has room for all of them."""
        # The tabs know what they need after their titles have been set.
        self._room_timer.start()

    def _on_room_due(self) -> None:
        shown = self._shown()
        if len(shown) == 1 and shown[0].width() < (width := self._width_of_titles()):
            self._window.resizeDocks(shown, [width], Qt.Orientation.Horizontal)
            self._given_width = shown[0].width()

    def _shown(self) -> list[QDockWidget]:
        return [d for d in self.values() if not d.isFloating() and not d.visibleRegion().isEmpty()]

    def _width_of_titles(self) -> int:
        bars = self._window.findChildren(QTabBar, options=_DIRECTLY)
        wanted = max((bar.sizeHint().width() for bar in bars if not bar.isHidden()), default=0)
        return min(wanted, round(self._window.width() * _LARGEST_SHARE))

    def on_window_resized(self, event: QResizeEvent) -> None:
        """Become narrower with the window, and as wide as before when it grows again."""
        shown = self._shown()
        if len(shown) != 1 or not event.oldSize().isValid():
            return
        width = shown[0].width()
        if width != self._given_width:
            # The person, or a restored layout, chose it.
            self._wanted_width = width
        # Docks that share their place are as wide as the widest of them has to be.
        smallest = max(dock.minimumSizeHint().width() for dock in self.values())
        share = max(
            _SMALLEST_WIDTH,
            smallest,
            self._width_of_titles(),
            round(self._window.width() * _SHARE),
        )
        self._given_width = min(self._wanted_width, share)
        if width != self._given_width:
            self._window.resizeDocks(shown, [self._given_width], Qt.Orientation.Horizontal)


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

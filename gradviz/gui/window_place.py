"""Where the window is on the screen and how it is divided, also from one start to the next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from PySide6.QtCore import QLockFile, QPoint, QSize, Qt
from PySide6.QtWidgets import QMainWindow, QSplitter

from gradviz.gui.docks import Docks
from gradviz.gui.settings import Settings
from gradviz.gui.side_by_side import Tile

FIRST_SIZE: Final = QSize(1400, 900)
_SMALLEST_HEIGHT: Final = 480
_LEFT_WIDTH: Final = 440
_LEFT_SHARE: Final = 0.337
"""Of 1280 pixels, x = torch.tensor(1., requires_grad=True) can be read whole beside a scroll bar
with so much, and the bar over the graph keeps its words."""
_CASCADE: Final = QPoint(36, 36)
_MOST_WINDOWS: Final = 8
_FRAME: Final = QSize(4, 36)
"""Room for the frame that the system draws around a window, before that is known."""


class WindowPlace:
    """Saves and restores the geometry of a window, its docks and its splitters (by name)."""

    def __init__(
        self,
        window: QMainWindow,
        settings: Settings,
        docks: Docks,
        splitters: Mapping[str, QSplitter],
    ) -> None:
        self._window, self._settings = window, settings
        self._docks, self._splitters = docks, splitters
        self._is_tiled = False
        self._lock: QLockFile | None = None

    def restore(self) -> None:
        """Place everything as it was when it was saved last, or as at the first start."""
        window, settings = self._window, self._settings
        screen = window.screen().availableGeometry().size()
        window.resize(FIRST_SIZE.boundedTo(screen - _FRAME))
        window.setMinimumHeight(_SMALLEST_HEIGHT)
        beside_docks = window.width() - self._docks.place()
        left = min(_LEFT_WIDTH, round(window.width() * _LEFT_SHARE))
        self._splitters["main"].setSizes([left, beside_docks - left])
        is_placed = window.restoreGeometry(settings.layout("geometry"))
        if is_placed and not (window.isMaximized() or window.isFullScreen()):
            self._stand_beside_others()
        if window.restoreState(settings.layout("state")):
            self._docks.keep_width()
        for name, splitter in self._splitters.items():
            splitter.restoreState(settings.layout(name))

    def _stand_beside_others(self) -> None:
        """Leave the corners of the windows of other processes free, which stood here first."""
        folder = self._settings.path.parent
        for number in range(_MOST_WINDOWS):
            lock = QLockFile(str(folder / f"window-{number}.lock"))
            if lock.tryLock(0):
                self._lock = lock
                place = self._window.geometry().translated(_CASCADE * number)
                if self._window.screen().availableGeometry().contains(place):
                    self._window.move(self._window.pos() + _CASCADE * number)
                return

    def save(self) -> None:
        """Save how everything is placed; of a tiled window not where it is."""
        settings = self._settings
        if not self._is_tiled:
            settings.set_layout("geometry", self._window.saveGeometry())
        settings.set_layout("state", self._window.saveState())
        for name, splitter in self._splitters.items():
            settings.set_layout(name, splitter.saveState())
        settings.sync()
        self._lock = None

    def take_tile(self, tile: Tile) -> None:
        """Move the window to a part of the screen beside other windows."""
        window = self._window
        self._is_tiled = True
        window.setWindowState(Qt.WindowState.WindowNoState)
        is_framed = window.isVisible()
        frame = window.frameGeometry().size() - window.geometry().size() if is_framed else _FRAME
        smallest = window.minimumSizeHint() + frame
        place = tile.place_in(window.screen().availableGeometry(), smallest)
        window.move(place.topLeft())
        window.resize(place.size() - frame)

"""Several files at once: each in a window and process of its own, side by side on the screen."""

from __future__ import annotations

import math
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import msgspec
from PySide6.QtCore import QRect, QSize

from gradviz.errors import GradvizError
from gradviz.export.process import TILE_OPTION, start_window

_MAX_IN_A_ROW: Final = 3
_MAX_DRAFTS: Final = 5
"""Each window has an engine of its own; what is left waits for the next start."""


class Tile(msgspec.Struct, frozen=True):
    """One of the equal parts that the screen is divided into, counted from 0, row by row."""

    index: int
    count: int

    @classmethod
    def parse(cls, text: str) -> Tile:
        """Read what `str` writes, such as `1/3`; raises GradvizError where it is something else."""
        index, _, count = text.partition("/")
        if not (index.isdecimal() and count.isdecimal() and int(index) < int(count)):
            raise GradvizError(f"{text} is not part of the screen, such as 0/2.")
        return cls(int(index), int(count))

    def __str__(self) -> str:
        return f"{self.index}/{self.count}"

    def place_in(self, screen: QRect, smallest: QSize) -> QRect:
        """The tile's place on a screen; where there is too little room, windows overlap."""
        rows = 1 if self.count <= _MAX_IN_A_ROW else 2
        columns = math.ceil(self.count / rows)
        row, column = divmod(self.index, columns)
        width, height = screen.width() // columns, screen.height() // rows
        size = QSize(width, height).expandedTo(smallest).boundedTo(screen.size())
        x = min(screen.x() + column * width, screen.x() + screen.width() - size.width())
        y = min(screen.y() + row * height, screen.y() + screen.height() - size.height())
        return QRect(x, y, size.width(), size.height())


def open_others(paths: Sequence[Path]) -> Tile:
    """Open all files but the first in windows of their own; the tile of the first one's window."""
    for index, path in enumerate(paths[1:], start=1):
        tile = Tile(index, len(paths))
        start_window(TILE_OPTION, str(tile), str(path.absolute()), outlives_terminal=False)
    return Tile(0, len(paths))


def open_drafts(count: int) -> Tile | None:
    """Open windows for drafts that were left behind, each of which takes over one.

    Returns the tile of this window, None where it stays alone.
    """
    windows = 1 + min(count, _MAX_DRAFTS)
    for index in range(1, windows):
        start_window(TILE_OPTION, str(Tile(index, windows)), outlives_terminal=False)
    return Tile(0, windows) if windows > 1 else None

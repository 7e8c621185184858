"""What the window remembers between two starts, in an INI file."""

from __future__ import annotations

from enum import Enum
from pathlib import Path
from typing import Final

from PySide6.QtCore import QByteArray, QSettings

from gradviz.gui.languages import LanguageChoice

MAX_RECENT: Final = 12
MIN_FONT_POINTS: Final = 6
MAX_FONT_POINTS: Final = 48
DEFAULT_FONT_POINTS: Final = 11
PROJECTOR_POINTS: Final = 18
"""What is still read from the last row of a lecture hall."""


class ThemeChoice(Enum):
    """Which theme the person wants."""

    SYSTEM = "system"
    LIGHT = "light"
    DARK = "dark"


class Settings:
    """Typed access to the stored settings; an invalid entry reads as the default."""

    def __init__(self) -> None:
        self._store = QSettings(
            QSettings.Format.IniFormat, QSettings.Scope.UserScope, "gradviz", "gradviz"
        )

    @property
    def path(self) -> Path:
        """The file that holds them."""
        return Path(self._store.fileName())

    @property
    def theme(self) -> ThemeChoice:
        """The theme that the person chose."""
        try:
            return ThemeChoice(self._text("window/theme"))
        except ValueError:
            return ThemeChoice.SYSTEM

    @theme.setter
    def theme(self, choice: ThemeChoice) -> None:
        self._store.setValue("window/theme", choice.value)

    @property
    def language(self) -> LanguageChoice:
        """The language that the person chose."""
        try:
            return LanguageChoice(self._text("window/language"))
        except ValueError:
            return LanguageChoice.SYSTEM

    @language.setter
    def language(self, choice: LanguageChoice) -> None:
        self._store.setValue("window/language", choice.value)

    @property
    def reduced_motion(self) -> bool:
        """Whether nothing should move by itself."""
        return self._text("window/reduced_motion") == "true"

    @reduced_motion.setter
    def reduced_motion(self, is_reduced: bool) -> None:
        self._store.setValue("window/reduced_motion", "true" if is_reduced else "false")

    @property
    def pictures_as_shown(self) -> bool:
        """Whether exported pictures have the window's colours, not those of white paper."""
        return self._text("pictures/as_shown") == "true"

    @pictures_as_shown.setter
    def pictures_as_shown(self, are_as_shown: bool) -> None:
        self._store.setValue("pictures/as_shown", "true" if are_as_shown else "false")

    @property
    def projector(self) -> bool:
        """Whether all text should be large."""
        return self._text("window/projector") == "true"

    @projector.setter
    def projector(self, is_on: bool) -> None:
        self._store.setValue("window/projector", "true" if is_on else "false")

    @property
    def are_hints_over(self) -> bool:
        """Whether the hints for a first start have been seen or closed."""
        return self._text("window/hints_over") == "true"

    @are_hints_over.setter
    def are_hints_over(self, are_over: bool) -> None:
        self._store.setValue("window/hints_over", "true" if are_over else "false")

    @property
    def font_points(self) -> int:
        """Size of the editor's text, in points."""
        try:
            points = int(self._text("editor/font_points"))
        except ValueError:
            return DEFAULT_FONT_POINTS
        return min(max(points, MIN_FONT_POINTS), MAX_FONT_POINTS)

    @font_points.setter
    def font_points(self, points: int) -> None:
        self._store.setValue("editor/font_points", points)

    @property
    def recent(self) -> tuple[Path, ...]:
        """The documents used last, newest first, missing ones included."""
        stored = self._store.value("document/recent")
        # A list with one entry comes back from the file as that entry.
        names = [stored] if isinstance(stored, str) else stored
        if not isinstance(names, list):
            return ()
        return tuple(Path(name) for name in names if isinstance(name, str) and name)[:MAX_RECENT]

    def add_recent(self, path: Path) -> None:
        """Put a document in front of the recent ones."""
        path = path.absolute()
        others = [str(known) for known in self.recent if known != path]
        self._store.setValue("document/recent", [str(path), *others][:MAX_RECENT])

    def forget_recent(self, path: Path) -> None:
        """Take a document out of the recent ones."""
        self._store.setValue(
            "document/recent", [str(known) for known in self.recent if known != path]
        )

    def clear_recent(self) -> None:
        """Forget all recent documents."""
        self._store.remove("document/recent")

    def layout(self, name: str) -> QByteArray:
        """The saved geometry or state of a part of the window; empty where there is none."""
        stored = self._store.value(f"layout/{name}")
        return stored if isinstance(stored, QByteArray) else QByteArray()

    def set_layout(self, name: str, state: QByteArray) -> None:
        """Save the geometry or state of a part of the window."""
        self._store.setValue(f"layout/{name}", state)

    def sync(self) -> None:
        """Write everything to the file now."""
        self._store.sync()

    def _text(self, key: str) -> str:
        stored = self._store.value(key)
        return stored if isinstance(stored, str) else str(stored) if stored is not None else ""

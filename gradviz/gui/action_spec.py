"""The declaration of a command of the window, and the menus."""

from __future__ import annotations

import sys
from typing import Final

import msgspec


def QT_TRANSLATE_NOOP(_context: str, text: str) -> str:
    """Mark a text for lupdate, which knows this name; PySide's own returns `object`."""
    return text


def control_key(system: str = sys.platform) -> str:
    """What Qt calls the key that has Ctrl on it: on macOS its `Ctrl` is ⌘.

    There ⌘Tab and ⌘Space are the system's own.
    """
    return "Meta" if system == "darwin" else "Ctrl"


class ActionSpec(msgspec.Struct, frozen=True, kw_only=True):
    """One command; texts are in English and translated where they are shown.

    `starts_group` draws a line above it in its menu; `submenu` puts it into one of that title.
    """

    id: str
    menu: str
    text: str
    shortcuts: tuple[str, ...] = ()
    icon: str = ""
    tooltip: str = ""
    checkable: bool = False
    starts_group: bool = False
    submenu: str = ""


FILE: Final = QT_TRANSLATE_NOOP("Actions", "&File")
EDIT: Final = QT_TRANSLATE_NOOP("Actions", "&Edit")
RUN: Final = QT_TRANSLATE_NOOP("Actions", "&Run")
STEP: Final = QT_TRANSLATE_NOOP("Actions", "&Step")
VIEW: Final = QT_TRANSLATE_NOOP("Actions", "&View")
HELP: Final = QT_TRANSLATE_NOOP("Actions", "&Help")
MENUS: Final = (FILE, EDIT, RUN, STEP, VIEW, HELP)

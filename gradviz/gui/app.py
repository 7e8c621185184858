"""Start the window."""

from __future__ import annotations

import contextlib
import ctypes
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Final

from PySide6.QtWidgets import QApplication

import gradviz
from gradviz.gui.engine import Engine
from gradviz.gui.garbage import GarbageWatch
from gradviz.gui.icons import program_icon
from gradviz.gui.languages import Languages
from gradviz.gui.looks import theme_for
from gradviz.gui.main_window import MainWindow
from gradviz.gui.session import Session
from gradviz.gui.settings import Settings
from gradviz.gui.side_by_side import Tile, open_others
from gradviz.gui.style import Appearance
from gradviz.gui.termination import TerminationWatch
from gradviz.gui.threads import share_python_fairly, wait_for_threads

_MAX_WAIT_SECONDS: Final = 5.0
"""For work beside a window that is closed; most of it is told to stop and does so at once."""


def run_app(
    paths: Sequence[Path] = (), *, tile: Tile | None = None, is_temporary: bool = False
) -> int:
    """Show the window on the first file, where one is given, until it is closed; the exit status.

    Other files get windows in processes of their own beside this one. `tile` is the part of the
    screen to take where another window has started this one. A temporary file is one that
    `recording.show()` made for this window: it goes once it was read.
    """
    _take_own_place_in_taskbar()
    application = QApplication.instance()
    if not isinstance(application, QApplication):
        application = QApplication(sys.argv[:1])
    application.setApplicationName("gradviz")
    application.setApplicationDisplayName("gradviz")
    application.setApplicationVersion(gradviz.__version__)
    application.setDesktopFileName("gradviz")
    application.setWindowIcon(program_icon())
    share_python_fairly()
    settings = Settings()
    languages = Languages()
    languages.use(settings.language)
    appearance = Appearance()
    appearance.set_theme(theme_for(settings.theme))
    window = MainWindow(Session(), Engine(), appearance, settings, languages=languages)
    if len(paths) > 1:
        tile = open_others(paths)
    if tile is not None:
        window.take_tile(tile)
    window.show()
    window.start(paths[0] if paths else None)
    if not paths and tile is None:
        window.open_other_drafts()
        window.hints.offer()
    if paths and is_temporary:
        settings.forget_recent(paths[0].absolute())
        _remove(paths[0])
    termination, garbage = TerminationWatch(), GarbageWatch()
    status = application.exec()
    termination.stop()
    window.shut_down()
    garbage.stop()
    wait_for_threads(_MAX_WAIT_SECONDS)
    return status


def _take_own_place_in_taskbar() -> None:
    """Have Windows show the window as a program of its own: else it is Python's, with its icon."""
    windll = getattr(ctypes, "windll", None)
    if windll is not None:
        windll.shell32.SetCurrentProcessExplicitAppUserModelID("gradviz.gradviz")


def _remove(path: Path) -> None:
    with contextlib.suppress(OSError):
        path.unlink()
        path.parent.rmdir()

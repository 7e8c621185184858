"""Start the gradviz program itself in another process."""

from __future__ import annotations

import os
import site
import subprocess
import sys
from pathlib import Path
from typing import Final

import gradviz

TEMPORARY_OPTION: Final = "--temporary"
"""The file is the window's own, which removes it when it has read it."""
TILE_OPTION: Final = "--tile"
"""The part of the screen that the window takes, such as `0/2`."""

_OWN_CONSOLE: Final[int] = getattr(subprocess, "CREATE_NO_WINDOW", 0)
"""On Windows: a console of its own that is not shown, which its children have too."""

_windows: list[subprocess.Popen[bytes]] = []
"""Kept so that nobody complains of a process that is not waited for."""


def start_window(*arguments: str, outlives_terminal: bool) -> None:
    """Start `gradviz` with these arguments in a process of its own, and return at once.

    With `outlives_terminal`, a Ctrl+C there does not end the window.
    """
    _windows[:] = [window for window in _windows if window.poll() is None]
    _windows.append(
        subprocess.Popen(
            [*program_command(), *arguments],
            env=own_environment(),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            start_new_session=outlives_terminal,
            # Windows has no sessions: what shares the console hears Ctrl+C and closes with it.
            creationflags=_OWN_CONSOLE if outlives_terminal else 0,
        )
    )


def program_command() -> list[str]:
    """The command line that starts `gradviz` with this Python."""
    # Without the current folder, which may hold another gradviz.py.
    return [sys.executable, "-P", "-m", "gradviz"]


def own_environment() -> dict[str, str]:
    """Environment variables with which a child finds this gradviz, installed or not."""
    root = Path(gradviz.__file__).resolve().parent.parent
    installed = (*site.getsitepackages(), site.getusersitepackages())
    # Site-packages must not come before the standard library, which is where the variable would
    # put it; the two may be spelt in different ways, through links or in another case.
    if root in (Path(folder).resolve() for folder in installed):
        return dict(os.environ)
    paths = [str(root), *filter(None, [os.environ.get("PYTHONPATH")])]
    return {**os.environ, "PYTHONPATH": os.pathsep.join(paths)}

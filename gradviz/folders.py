"""Tell by the name of a file whose folder it lies in, however the system writes such names."""

from __future__ import annotations

import linecache
import os
import sysconfig
from typing import Final

INSTALLED: Final = frozenset({"site-packages", "dist-packages"})
"""Folders that packages are installed in."""
_SEPARATOR: Final = os.sep


def plain_name(filename: str) -> str:
    """A file's name with `/` between its folders, and one way to write a drive of Windows."""
    if _SEPARATOR == "/":
        return filename
    name = filename.replace("\\", "/").removeprefix("//?/")
    return name[:1].upper() + name[1:] if name[1:2] == ":" else name


def folder_of(filename: str) -> str:
    """The plain name of the folder that holds a file, with a `/` at its end."""
    return plain_name(filename).rpartition("/")[0] + "/"


def is_of_library(filename: str) -> bool:
    """Whether a file belongs to Python's own library or to an installed package."""
    name = plain_name(filename)
    return name.startswith(_STANDARD) or not INSTALLED.isdisjoint(name.split("/"))


def _standard() -> tuple[str, ...]:
    # Where Python lies behind a link, the two spell it in different ways.
    told = plain_name(sysconfig.get_path("stdlib")) + "/"
    return "<frozen", *{told, folder_of(linecache.__file__)}


_STANDARD: Final = _standard()

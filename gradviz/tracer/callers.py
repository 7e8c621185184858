"""Read the caller's names and text, and leave no trace in its frame."""

from __future__ import annotations

import inspect
import linecache
import sys
from types import FrameType
from typing import Final

_ONLY_OURS: Final = 3
"""References to a frame's own snapshot of its locals: the frame's, ours, and getrefcount's."""


def names_in(frame: FrameType) -> dict[str, object]:
    """What the caller's local names stand for, in a module its global ones."""
    snapshot = frame.f_locals
    names = dict(snapshot)
    if sys.version_info < (3, 13) and frame.f_code.co_flags & inspect.CO_OPTIMIZED:
        # The frame keeps this snapshot, and with it everything that the person deletes later.
        # Somebody who called locals() holds the same dictionary and needs it.
        if sys.getrefcount(snapshot) <= _ONLY_OURS:
            snapshot.clear()
    return names


def name_bound_in(frame: FrameType, value: object) -> str | None:
    """What is bound to a value: a variable, or an attribute of the method's `self`."""
    names = names_in(frame)
    owner = names.pop("self", None)
    for name, bound in (*frame.f_globals.items(), *names.items()):
        if bound is value:
            return name
    try:
        attributes = object.__getattribute__(owner, "__dict__")
    except AttributeError:
        return None
    parts = attributes.get("_modules")  # where an nn.Module keeps those that it has
    for part in (attributes, parts if isinstance(parts, dict) else {}):
        for name, bound in part.items():
            if bound is value:
                return str(name)
    return None


def text_of(frame: FrameType) -> str:
    """The text of the caller's file or cell; empty where Python does not know it."""
    lines = linecache.getlines(frame.f_code.co_filename, frame.f_globals)
    return "".join(lines)

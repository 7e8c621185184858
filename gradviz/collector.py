"""Pause the garbage collector while many objects are made that are certainly no garbage."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

_lock = Lock()
_blocks = 0
_was_enabled = False


@contextmanager
def no_collections() -> Iterator[None]:
    """Pause garbage collection in this block, which makes many objects that live on.

    Looking for garbage among them would take longer than making them.

    Several threads may be in such blocks at once; the last to leave turns collection on again.
    """
    global _blocks, _was_enabled
    with _lock:
        if not _blocks:
            _was_enabled = gc.isenabled()
            gc.disable()
        _blocks += 1
    try:
        yield
    finally:
        with _lock:
            _blocks -= 1
            if not _blocks and _was_enabled:
                gc.enable()

"""Keep the garbage collector from looking at what is certainly none."""

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
    """Make many records that live on: looking for garbage among them takes longer than they do.

    Threads may be in such blocks at once; the last to leave gives the collector back.
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

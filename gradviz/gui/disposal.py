"""Free a large recording a little at a time: in one go the window would stand still."""

from __future__ import annotations

import gc
import weakref
from collections.abc import Collection, Iterable
from time import perf_counter
from typing import Any, Final

from PySide6.QtCore import QObject, QTimer

LARGE: Final = 2_000
"""Entries of a container that are freed one by one; fewer take no time."""
_DEPTH: Final = 5
_TICK_MS: Final = 8
_SLICE_SECONDS: Final = 0.004
_CHUNK: Final = 200
_OURS: Final = "gradviz."


class Disposal(QObject):
    """Holds what large containers contain until nobody else does, and lets go in slices."""

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._held: list[_Held] = []
        self._timer = QTimer(self)
        self._timer.setInterval(_TICK_MS)
        self._timer.timeout.connect(self._free_some)

    @property
    def is_busy(self) -> bool:
        """Whether something is still held."""
        return bool(self._held)

    def take(self, owner: object, *others: object) -> None:
        """Hold what `owner` and `others` contain; it is freed after `owner` is gone."""
        containers = _large_containers((owner, *others))
        if containers:
            self._held.append(_Held(weakref.ref(owner), containers))
            self._timer.start()

    def _free_some(self) -> None:
        deadline = perf_counter() + _SLICE_SECONDS
        for held in self._held:
            while held.owner() is None and held.free_chunk() and perf_counter() < deadline:
                pass
        self._held = [held for held in self._held if not held.is_empty]
        if not self._held:
            self._timer.stop()


class _Held:
    """The containers of an owner, emptied from their ends after it is gone."""

    def __init__(self, owner: weakref.ref[Any], containers: list[Collection[Any]]) -> None:
        self.owner = owner
        self._containers = containers
        self._entries: list[Any] = []

    @property
    def is_empty(self) -> bool:
        return not self._entries and not self._containers

    def free_chunk(self) -> bool:
        """Let go of a few entries; whether there is time for more in this slice."""
        if self._entries:
            del self._entries[-_CHUNK:]
            return True
        if self._containers:
            # A list of our own, since a container itself may not be changed.
            self._entries = list(self._containers.pop())
        return False


def _large_containers(roots: Iterable[object]) -> list[Collection[Any]]:
    """The lists, tuples, sets and values of dicts with many entries that the roots lead to."""
    found: list[Collection[Any]] = []
    seen: set[int] = set()
    layer = [root for root in roots if root is not None]
    for _ in range(_DEPTH):
        following: list[Any] = []
        for one in layer:
            if id(one) in seen:
                continue
            seen.add(id(one))
            if isinstance(one, (list, tuple, dict, set, frozenset)):
                if len(one) >= LARGE:
                    found.append(one.values() if isinstance(one, dict) else one)
                elif len(one) < _CHUNK:
                    following.extend(one.values() if isinstance(one, dict) else one)
            elif type(one).__module__.startswith(_OURS) and not isinstance(one, QObject):
                following.extend(gc.get_referents(one))
                following.extend(_untracked_fields(one))
        layer = following
    return found


def _untracked_fields(one: object) -> list[object]:
    """The fields of a struct that the collector does not look at."""
    fields = getattr(one, "__struct_fields__", ())
    return [getattr(one, name) for name in fields]

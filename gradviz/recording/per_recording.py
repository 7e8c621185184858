"""Cache what was computed from a recording for as long as the recording lives."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from typing import Generic, TypeVar

from gradviz.recording.model import Recording

T = TypeVar("T")


class PerRecording(Generic[T]):
    """A function of a recording that is computed once for each; `make` must not keep it alive."""

    def __init__(self, make: Callable[[Recording], T]) -> None:
        self._make = make
        self._known: dict[int, tuple[weakref.ref[Recording], T]] = {}

    def __call__(self, recording: Recording) -> T:
        """What `make` returned for this recording."""
        key = id(recording)
        found = self._known.get(key)
        if found is not None and found[0]() is recording:
            return found[1]
        made = self._make(recording)

        def forget(reference: weakref.ref[Recording]) -> None:
            entry = self._known.get(key)
            if entry is not None and entry[0] is reference:
                del self._known[key]

        self._known[key] = (weakref.ref(recording, forget), made)
        return made

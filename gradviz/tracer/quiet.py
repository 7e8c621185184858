"""Keep the recorder's own work out of the person's sight."""

from __future__ import annotations

import logging
from typing import Final

_MAX_PROBLEMS: Final = 20
_log = logging.getLogger(__name__)


class Overhead:
    """What recording cost, and what it could not record.

    Attributes:
        seconds: time spent on recording rather than on the person's code.
        problems: sentences on what is missing in the recording.
    """

    def __init__(self) -> None:
        self.seconds = 0.0
        self.problems: list[str] = []

    def fail(self, error: Exception) -> None:
        """Note that recording failed; the person's program goes on as if nothing had happened."""
        _log.debug("recording failed", exc_info=error)
        sentence = f"A part could not be recorded ({type(error).__name__}: {error})."
        if sentence not in self.problems and len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(sentence)

    def warn(self, sentence: str) -> None:
        """Say something about the recording, once."""
        if sentence not in self.problems and len(self.problems) < _MAX_PROBLEMS:
            self.problems.append(sentence)

"""Find in the recording that is shown, beside the window's thread where that takes long."""

from __future__ import annotations

import threading
from typing import Final

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.gui.canvas.card_lookup import CardLookup, Standing
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.threads import has_ended, start_soon
from gradviz.recording.model import Recording
from gradviz.recording.query import UnreadableQueryError
from gradviz.recording.search import KINDS, NOTHING, Found, find

_POLL_MS: Final = 10
SMALL: Final = 3_000
"""Tensors and autograd nodes together; up to here a search takes the window's thread a few ms."""


class Finder(QObject):
    """Answers the latest query, in the latest scene.

    Attributes:
        found: what the query found.
        standing: the cards of the scene that stand for it, None where there is no scene.
        problem: why the query cannot be answered, in English, empty where it was.

    Signals:
        answered: the query that was asked last has its answer.
    """

    answered = Signal()

    def __init__(self, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.found: Found = NOTHING
        self.standing: Standing | None = None
        self.problem = ""
        self._lookup: CardLookup | None = None
        self._work: _Finding | None = None
        # Polled rather than signalled: the thread may outlive this object.
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._on_tick)

    @property
    def is_busy(self) -> bool:
        """Whether the last query is still to be answered."""
        return self._work is not None

    def ask(self, recording: Recording, scene: Scene | None, text: str) -> None:
        """Find what a query means; an earlier one is dropped."""
        if scene is not None and scene.recording is not recording:
            scene = None
        known = self._lookup
        lookup = known if known is not None and known.scene is scene else None
        self._work = work = _Finding(recording, scene, text, lookup)
        if len(recording.tensors) + len(recording.autograd_nodes) <= SMALL:
            work.run()
            self._deliver(work)
        else:
            start_soon(work)
            self._timer.start()

    def forget(self) -> None:
        """Nothing is sought."""
        self._timer.stop()
        self._work = self._lookup = self.standing = None
        self.found, self.problem = NOTHING, ""

    def _on_tick(self) -> None:
        if self._work is not None and has_ended(self._work):
            self._deliver(self._work)

    def _deliver(self, work: _Finding) -> None:
        self._timer.stop()
        self._work = None
        self.found, self.standing, self.problem = work.found, work.standing, work.problem
        self._lookup = work.lookup
        self.answered.emit()


class _Finding(threading.Thread):
    """Answers one query; touches nothing of Qt's."""

    def __init__(
        self, recording: Recording, scene: Scene | None, text: str, lookup: CardLookup | None
    ) -> None:
        super().__init__(name="searching", daemon=True)
        self._recording, self._scene, self._text = recording, scene, text
        self.lookup = lookup
        self.found: Found = NOTHING
        self.standing: Standing | None = None
        self.problem = ""

    def run(self) -> None:
        """Find it, and the cards that stand for it."""
        try:
            self.found = find(self._recording, self._text)
        except UnreadableQueryError as error:
            self.problem = str(error)
        if self._scene is not None and len(self.found):
            if self.lookup is None:
                self.lookup = CardLookup(self._scene)
            self.standing = self.lookup.standing(KINDS, self.found.ids)

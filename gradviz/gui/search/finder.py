"""Find in the recording that is shown, beside the window's thread where that takes long."""

from __future__ import annotations

from functools import partial
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal

from gradviz.gui.canvas.card_lookup import CardLookup, Standing
from gradviz.gui.canvas.scene import Scene
from gradviz.gui.threads import Background
from gradviz.recording.concealing import query_tells_gradients
from gradviz.recording.model import Recording
from gradviz.recording.query import UnreadableQueryError
from gradviz.recording.search import KINDS, NOTHING, Found, find

CONCEALED: Final = "While you predict, you cannot search by gradients."
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
        self._background = Background("search", parent=self)

    @property
    def is_busy(self) -> bool:
        """Whether the last query is still to be answered."""
        return self._background.is_busy

    def ask(
        self, recording: Recording, scene: Scene | None, text: str, *, conceals: bool = False
    ) -> None:
        """Find what a query means; an earlier one is dropped.

        Where `conceals` is set, nothing is found by the size of gradients.
        """
        if scene is not None and scene.recording is not recording:
            scene = None
        known = self._lookup
        lookup = known if known is not None and known.scene is scene else None
        self._background.call(
            partial(_answer, recording, scene, text, lookup, conceals),
            self._deliver,
            at_once=len(recording.tensors) + len(recording.autograd_nodes) <= SMALL,
        )

    def forget(self) -> None:
        """Nothing is sought."""
        self._background.drop()
        self._lookup = self.standing = None
        self.found, self.problem = NOTHING, ""

    def _deliver(self, answer: _Answer) -> None:
        self.found, self.standing, self.problem, self._lookup = answer
        self.answered.emit()


class _Answer(NamedTuple):
    found: Found
    standing: Standing | None
    problem: str
    lookup: CardLookup | None


def _answer(
    recording: Recording,
    scene: Scene | None,
    text: str,
    lookup: CardLookup | None,
    conceals: bool,
) -> _Answer:
    """Answer a query, with the cards that stand for what was found."""
    if conceals and query_tells_gradients(text):
        return _Answer(NOTHING, None, CONCEALED, lookup)
    try:
        found = find(recording, text)
    except UnreadableQueryError as error:
        return _Answer(NOTHING, None, str(error), lookup)
    if scene is None or not len(found):
        return _Answer(found, None, "", lookup)
    lookup = lookup or CardLookup(scene)
    return _Answer(found, lookup.standing(KINDS, found.ids), "", lookup)

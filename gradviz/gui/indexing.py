"""Show recordings in the session; a large one is indexed on a thread first."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Final, NamedTuple

from PySide6.QtCore import QObject, Signal

from gradviz.gui.session import Session
from gradviz.gui.threads import Background
from gradviz.recording.model import Recording

if TYPE_CHECKING:
    from gradviz.recording.chain import Chain
    from gradviz.recording.moves import Moves
    from gradviz.recording.sums import Sums

SMALL: Final = 3_000
"""Tensors and steps together; up to here the indices take the window's thread a few ms."""
_LARGE_PASS: Final = 1_000
"""Steps of a pass whose names are found on the thread too, before anybody looks at it."""


class RecordingShower(QObject):
    """Hands recordings to the session without holding the window up.

    Signals:
        shown: the recording that was asked for last is shown.
    """

    shown = Signal()

    def __init__(self, session: Session, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._background = Background("recording-index", parent=self)
        session.recording_changed.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether a recording is still to be shown."""
        return self._background.is_busy

    def show(self, recording: Recording) -> None:
        """Show a recording: a small one at once, a large one as soon as it is indexed."""
        self.cancel()
        if _is_small(recording):
            self._session.show_recording(recording)
            self.shown.emit()
        else:
            # What is shown until then is not a run whose values the worker still has.
            self._session.select(None)
            self._background.call(
                partial(_index, recording),
                self._show_indexed,
                # What failed there fails again, and is told, where it is needed.
                failed=lambda _error: self._show_indexed(_Indices(recording)),
            )

    def cancel(self) -> None:
        """Show nothing more: something else is shown."""
        self._background.drop()

    def _show_indexed(self, indices: _Indices) -> None:
        self._session.show_recording(
            indices.recording, chain=indices.chain, moves=indices.moves, sums=indices.sums
        )
        self.shown.emit()


class _Indices(NamedTuple):
    recording: Recording
    chain: Chain | None = None
    moves: Moves | None = None
    sums: Sums | None = None


def _index(recording: Recording) -> _Indices:
    # Late, since the window is shown before anything heavy is imported.
    from gradviz.recording.chain import Chain
    from gradviz.recording.moves import Moves
    from gradviz.recording.replay import Replay
    from gradviz.recording.sums import Sums

    replay = Replay(recording)
    chain = Chain(replay)
    for index, pass_ in enumerate(recording.passes):
        if index == 0 or len(pass_.steps) >= _LARGE_PASS:
            chain.of_pass(index).prepare()
    return _Indices(recording, chain, Moves(replay), Sums(replay))


def _is_small(recording: Recording) -> bool:
    steps = sum(len(pass_.steps) for pass_ in recording.passes)
    return len(recording.tensors) + steps <= SMALL

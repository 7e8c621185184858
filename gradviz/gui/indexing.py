"""Show recordings in the session; of a large one the indices are made on a thread first."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING, Final

from PySide6.QtCore import QObject, QTimer, Signal

from gradviz.gui.session import Session
from gradviz.gui.threads import has_ended, start_soon
from gradviz.recording.model import Recording

if TYPE_CHECKING:
    from gradviz.recording.chain import Chain
    from gradviz.recording.moves import Moves
    from gradviz.recording.sums import Sums

_POLL_MS: Final = 15
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
        self._work: _Indexing | None = None
        # Polled rather than signalled: the thread may outlive this object.
        self._timer = QTimer(self)
        self._timer.setInterval(_POLL_MS)
        self._timer.timeout.connect(self._on_tick)
        session.recording_changed.connect(self.cancel)

    @property
    def is_busy(self) -> bool:
        """Whether a recording is still to be shown."""
        return self._work is not None

    def show(self, recording: Recording) -> None:
        """Show a recording: a small one at once, a large one as soon as it is indexed."""
        self.cancel()
        if _is_small(recording):
            self._session.show_recording(recording)
            self.shown.emit()
        else:
            # What is shown until then is no run of which the worker still has values.
            self._session.select(None)
            self._work = _Indexing(recording)
            start_soon(self._work)
            self._timer.start()

    def cancel(self) -> None:
        """Show nothing more: something else is shown."""
        self._work = None
        self._timer.stop()

    def _on_tick(self) -> None:
        work = self._work
        if work is None or not has_ended(work):
            return
        self.cancel()
        self._session.show_recording(
            work.recording, chain=work.chain, moves=work.moves, sums=work.sums
        )
        self.shown.emit()


class _Indexing(threading.Thread):
    """Makes the indices of one recording, which never changes."""

    def __init__(self, recording: Recording) -> None:
        super().__init__(name="recording-index", daemon=True)
        self.recording = recording
        self.chain: Chain | None = None
        self.moves: Moves | None = None
        self.sums: Sums | None = None

    def run(self) -> None:
        """Make them; what fails here fails again, and is told, where it is needed."""
        # Late, since the window is shown before anything heavy is imported.
        from gradviz.recording.chain import Chain
        from gradviz.recording.moves import Moves
        from gradviz.recording.replay import Replay
        from gradviz.recording.sums import Sums

        replay = Replay(self.recording)
        chain = Chain(replay)
        self.moves, self.sums = Moves(replay), Sums(replay)
        for index, pass_ in enumerate(self.recording.passes):
            if index == 0 or len(pass_.steps) >= _LARGE_PASS:
                chain.of_pass(index).prepare()
        self.chain = chain


def _is_small(recording: Recording) -> bool:
    steps = sum(len(pass_.steps) for pass_ in recording.passes)
    return len(recording.tensors) + steps <= SMALL

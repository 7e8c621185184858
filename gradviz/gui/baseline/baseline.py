"""The recording that the shown graph is compared with, also after the next run."""

from __future__ import annotations

from functools import partial
from pathlib import Path

from PySide6.QtCore import QObject, Signal

from gradviz.documents.recording_file import read_recording
from gradviz.errors import GradvizError
from gradviz.gui.session import Session
from gradviz.gui.threads import Background
from gradviz.recording.alignment import aligned_by_text
from gradviz.recording.model import Recording
from gradviz.recording.tolerant import TolerantComparison


class Baseline(QObject):
    """Compares what is shown with one recording, until it is left.

    Attributes:
        name: what the recording is called, empty where there is none.
        comparison: of the shown graph with it, None while it is being made.

    Signals:
        changed: any of these is another one.
        refused: why a recording cannot be compared (str).
    """

    changed = Signal()
    refused = Signal(str)

    def __init__(self, session: Session, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._session = session
        self._opening: Path | None = None
        self._recording: Recording | None = None
        self.name = ""
        self.comparison: TolerantComparison | None = None
        self._background = Background("baseline", parent=self)
        session.recording_changed.connect(self._on_recording_changed)

    @property
    def is_active(self) -> bool:
        """Whether something is compared, or will be."""
        return self._recording is not None

    def open(self, path: Path) -> None:
        """Compare with a recording on disk."""
        self._opening = path
        self._background.call(
            partial(_read_and_compare, path, self._session.recording),
            partial(self._on_read, path.name),
            failed=self._on_failed,
        )

    def leave(self) -> None:
        """Show the graph alone again."""
        self._background.drop()
        self._opening = None
        if self._recording is None:
            return
        self._recording = self.comparison = None
        self.name = ""
        self.changed.emit()

    def _on_read(self, name: str, comparison: TolerantComparison) -> None:
        self._opening = None
        if comparison.pairs.alignment.has_nothing:
            text = self.tr("{name} has nothing in common with this graph: no tensor of it is here.")
            self.refused.emit(text.format(name=name))
            return
        self._recording, self.name = comparison.before, name
        self._on_compared(comparison)

    def _on_compared(self, comparison: TolerantComparison) -> None:
        self.comparison = comparison
        self.changed.emit()

    def _on_failed(self, error: Exception) -> None:
        self._opening = None
        if not isinstance(error, GradvizError):
            raise error
        self.refused.emit(str(error))

    def _on_recording_changed(self) -> None:
        if self._opening is not None:
            self.open(self._opening)
            return
        self._background.drop()
        if self._recording is None:
            return
        shown = self._session.recording
        if not shown.has_graph:
            self.leave()
            return
        self.comparison = None
        self._background.call(partial(_compared, self._recording, shown), self._on_compared)
        self.changed.emit()


def _read_and_compare(path: Path, shown: Recording) -> TolerantComparison:
    return _compared(read_recording(path), shown)


def _compared(before: Recording, after: Recording) -> TolerantComparison:
    return TolerantComparison(before, after, aligned_by_text(before, after))

"""Runs of the document with other values, beside the run that they started from."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import QObject, Signal

from gradviz.gui.run_control import RunControl
from gradviz.gui.session import Session
from gradviz.gui.threads import Background
from gradviz.recording.changes import Change, LeafChange
from gradviz.recording.compare import Comparison
from gradviz.recording.model import Item, ItemKind, Recording
from gradviz.recording.verification import Verification


class WhatIf(QObject):
    """The changes that the person has made, and what became of them.

    Attributes:
        changes: those that the next run is made with, and the shown one was.
        original: the run that they started from, None where nothing is changed.
        comparison: of the shown run with it, None while it is being made.

    Signals:
        changed: any of these is another one.
    """

    changed = Signal()

    def __init__(
        self, session: Session, run_control: RunControl, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._session = session
        self._run_control = run_control
        self._run_number = 0
        self._verification: Verification | None = None
        self._place: tuple[int, Item | None] = (0, None)
        self.changes: tuple[Change, ...] = ()
        self.original: Recording | None = None
        self.comparison: Comparison | None = None
        self._background = Background("comparison", parent=self)
        session.recording_changed.connect(self._on_recording_changed)

    @property
    def is_active(self) -> bool:
        """Whether the shown run is one with changes, or will be."""
        return self.original is not None

    def change(self, change: Change) -> None:
        """Run again with one more change; one of the same thing is replaced."""
        kept = [one for one in self.changes if not _is_same_place(one, change)]
        self._run((*kept, change))

    def change_like(self, change: Change) -> Change | None:
        """The change that was made at the place of this one, None where there is none."""
        return next((one for one in self.changes if _is_same_place(one, change)), None)

    def leave(self) -> None:
        """Show the run again that the changes started from."""
        original = self.original
        if original is None:
            return
        number = self._run_number
        self._remember_place()
        self._reset()
        self._run_control.show_again(original, number, self._verification)
        self._go_back_to_place()
        self.changed.emit()

    def _run(self, changes: tuple[Change, ...]) -> None:
        if self._run_control.obstacle:
            # It says itself why not.
            self._run_control.run()
            return
        if self.original is None:
            self.original = self._session.recording
            self._run_number = self._run_control.shown_run
            self._verification = self._session.verification
        self._remember_place()
        self.changes = changes
        self._run_control.run(changes=changes, beside=self._run_number)
        self.changed.emit()

    def _reset(self) -> None:
        self.changes, self.original, self.comparison = (), None, None
        self._background.drop()

    def _on_recording_changed(self) -> None:
        if self.original is None:
            return
        self.comparison = None
        if self._run_control.shown_changes != self.changes:
            # An ordinary run, or another document.
            self._reset()
        else:
            compare = partial(
                Comparison, self.original, self._session.recording, self._run_control.extents
            )
            self._background.call(compare, self._on_compared)
            self._go_back_to_place()
        self.changed.emit()

    def _remember_place(self) -> None:
        self._place = (self._session.playhead, self._session.selection)

    def _go_back_to_place(self) -> None:
        """The same moment and the same item as before; both mean the same in the other run."""
        playhead, item = self._place
        session = self._session
        session.move_playhead(playhead)
        records = {
            ItemKind.TENSOR: session.recording.tensors,
            ItemKind.OP: session.recording.ops,
            ItemKind.NODE: session.recording.autograd_nodes,
        }
        if item is not None and item.id < len(records.get(item.kind, ())):
            session.select(item)

    def _on_compared(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self.changed.emit()


def _is_same_place(one: Change, other: Change) -> bool:
    if isinstance(one, LeafChange) or isinstance(other, LeafChange):
        return (
            isinstance(one, LeafChange)
            and isinstance(other, LeafChange)
            and one.tensor == other.tensor
        )
    return (one.pass_id, one.node, one.slot) == (other.pass_id, other.node, other.slot)

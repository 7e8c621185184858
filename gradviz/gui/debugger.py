"""A debugger's moves through the recorded steps, and the breakpoints on the way."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final, NamedTuple

import msgspec
import numpy as np
from PySide6.QtCore import QObject, Signal

from gradviz.gui.session import Session
from gradviz.gui.threads import Background
from gradviz.recording.breakpoints import Breakpoint, breakpoint_on, place_of, toggled
from gradviz.recording.model import Item, Recording
from gradviz.recording.moves import Move, Steps, events_of, next_stop
from gradviz.recording.nesting import Integers
from gradviz.recording.step_facts import StepFacts
from gradviz.recording.stops import Stops

_SMALL_NBYTES: Final = 1 << 18
"""What holds less than this and as few steps is looked through at once."""
_FEW_STEPS: Final = 400
_LineMap = Callable[[int], int | None]
_NOWHERE: Final = np.empty(0, np.int64)


class Debugger(QObject):
    """Moves the session's playhead, and computes facts about all steps in the background.

    Attributes:
        session: whose playhead is moved and whose breakpoints are used.
        facts: of all steps, None while they are being looked through.

    Signals:
        facts_known: `facts` of another recording are there, or are not there any more.
        stops_changed: breakpoints are hit elsewhere.
    """

    facts_known = Signal()
    stops_changed = Signal()

    def __init__(self, session: Session, *, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.session = session
        self.facts: StepFacts | None = None
        self._stops: Stops | None = None
        self._recorded_line: _LineMap = _same_line
        self._written_line: _LineMap = _same_line
        self._events_of: Item | None = None
        self._events = _NOWHERE
        self._background = Background("step-facts", parent=self)
        session.recording_changed.connect(self._on_recording_changed)
        session.breakpoints_changed.connect(self.stops_changed)
        self._on_recording_changed()

    def follow_text(self, recorded_line: _LineMap, written_line: _LineMap) -> None:
        """Use these functions to convert lines of the text to lines of the recording and back."""
        self._recorded_line, self._written_line = recorded_line, written_line
        self.stops_changed.emit()

    # Moves.

    def move(self, move: Move) -> None:
        """Make a move."""
        self.session.move_playhead(self.session.moves.target(move, self.session.playhead))

    def run(self, *, back: bool = False) -> None:
        """To the next (or previous) breakpoint, where there is none to the end (or start)."""
        found = next_stop(self.stops(), self.session.playhead, back=back)
        end = 0 if back else self.session.replay.length
        self.session.move_playhead(end if found is None else found)

    def go_to_event(self, *, back: bool = False) -> None:
        """To the next (or previous) event on the selected item; nothing where there is none."""
        found = next_stop(self.selected_events(), self.session.playhead, back=back)
        if found is not None:
            self.session.move_playhead(found)

    def has_event(self, *, back: bool = False) -> bool:
        """Whether there is a next (or previous) event on the selected item."""
        events, playhead = self.selected_events(), self.session.playhead
        return next_stop(events, playhead, back=back) is not None

    def selected_events(self) -> Integers:
        """Every playhead at which something happens to the selected item."""
        item = self.session.selection
        if item is None:
            return _NOWHERE
        if item != self._events_of:
            self._events_of = item
            self._events = events_of(self.session.replay, self.session.chain.edges, item)
        return self._events

    # Breakpoints.

    def hits(self, point: Breakpoint) -> Integers:
        """Every playhead at which a breakpoint is hit; none while the steps are looked through."""
        here = self._in_recording(point)
        return _NOWHERE if here is None or self._stops is None else self._stops.hits(here)

    def stops(self) -> Integers:
        """Every playhead at which to stop, sorted."""
        if self._stops is None:
            return _NOWHERE
        points = (self._in_recording(point) for point in self.session.breakpoints)
        return self._stops.stops(tuple(point for point in points if point is not None))

    def broken_items(self) -> dict[Item, bool]:
        """The items that breakpoints are on, and whether one of these is switched on."""
        found: dict[Item, bool] = {}
        for point in self.session.breakpoints:
            here = self._in_recording(point)
            if here is not None and self._stops is not None:
                for item in self._stops.items_on(here):
                    found[item] = point.enabled or found.get(item, False)
        return found

    def breakpoint_on(self, item: Item) -> Breakpoint:
        """A breakpoint on an item of the recording, its line that of the text as it stands."""
        point = breakpoint_on(self.session.recording, item)
        if point.line is None:
            return point
        line = self._written_line(point.line)
        return msgspec.structs.replace(point, line=point.line if line is None else line)

    def toggle_item(self, item: Item) -> None:
        """Set or remove a breakpoint on an item."""
        points = toggled(self.session.breakpoints, self.breakpoint_on(item))
        self.session.set_breakpoints(points)

    def is_on(self, item: Item) -> bool:
        """Whether there is a breakpoint on an item, whatever its condition."""
        place = self.breakpoint_on(item)
        return any(place_of(point) == place for point in self.session.breakpoints)

    def _in_recording(self, point: Breakpoint) -> Breakpoint | None:
        """A breakpoint with its line as it was run, None where that line has changed since."""
        if point.line is None:
            return point
        line = self._recorded_line(point.line)
        return None if line is None else msgspec.structs.replace(point, line=line)

    # Looking through the steps.

    def _on_recording_changed(self) -> None:
        self._events_of = None
        self.facts = self._stops = None
        if self._background.is_busy:
            return  # One at a time: `_adopt` begins the next one.
        recording = self.session.recording
        is_small = _is_small(recording)
        if not is_small:
            self.facts_known.emit()
        self._background.call(partial(_look_through, recording), self._adopt, at_once=is_small)

    def _adopt(self, known: _Known) -> None:
        if known.recording is not self.session.recording:
            self._on_recording_changed()
            return
        self.facts, self._stops = known.facts, known.stops
        self.facts_known.emit()
        self.stops_changed.emit()


class _Known(NamedTuple):
    recording: Recording
    facts: StepFacts
    stops: Stops


def _look_through(recording: Recording) -> _Known:
    facts = StepFacts(recording)
    return _Known(recording, facts, Stops(recording, Steps(recording), facts))


def _is_small(recording: Recording) -> bool:
    if sum(len(pass_.steps) for pass_ in recording.passes) > _FEW_STEPS:
        return False
    nbytes = 0
    for value in recording.values:
        nbytes += len(value.data or b"")
        if nbytes > _SMALL_NBYTES:
            return False
    return True


def _same_line(line: int) -> int | None:
    return line

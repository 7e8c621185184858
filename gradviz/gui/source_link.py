"""Keep the selected item and the place in the text together, in both directions."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Final, NamedTuple

from PySide6.QtCore import QObject, Signal

from gradviz.gui.editor.code_editor import CodeEditor
from gradviz.gui.line_map import LineMap
from gradviz.gui.session import Session
from gradviz.gui.timers import single_shot
from gradviz.recording.items import nodes_of_item, op_item, tensor_item
from gradviz.recording.model import (
    Item,
    ItemKind,
    Location,
    OpId,
    Recording,
    Tensor,
    TensorId,
)
from gradviz.recording.per_recording import PerRecording

# The cursor rests this long before it selects, so that running through lines stays light.
_REST_MS: Final = 80
_MAX_LINES: Final = 200
"""No op is written over more lines; a file may say so."""
_WORD: Final = re.compile(r"\w+")


class SourceLink(QObject):
    """Selects what the text cursor is in, and marks the text of what is selected.

    While the person types nothing is selected, and the cursor is never moved.

    Signals:
        lines_matched: it is known again which line of the text stood where in the recording.
    """

    lines_matched = Signal()

    def __init__(
        self, editor: CodeEditor, session: Session, *, parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._editor = editor
        self._session = session
        self._to_editor = LineMap("", "")
        self._from_editor = LineMap("", "")
        self._is_selecting = False
        self._rest = single_shot(self, self._on_cursor_rested, _REST_MS)
        self._edited = single_shot(self, self._match_lines, _REST_MS)
        editor.cursorPositionChanged.connect(self._on_cursor_moved)
        editor.textChanged.connect(self._on_text_changed)
        session.recording_changed.connect(self._on_recording_changed)
        session.selection_changed.connect(self._on_selection_changed)
        session.playhead_moved.connect(self._on_playhead_moved)

    def go_to(self, item: Item) -> None:
        """Put the text cursor at the text of an item."""
        location = location_of(self._session.recording, item)
        location = None if location is None else self._to_editor.location(location)
        if location is not None:
            self._editor.go_to_line(location.line, location.column)

    def recorded_line(self, line: int) -> int | None:
        """Where a line of the text stood when it was run, None where it was changed since."""
        return self._from_editor.line(line)

    def written_line(self, line: int) -> int | None:
        """Where a line of the recording stands in the text, None where it was changed."""
        return self._to_editor.line(line)

    def _on_recording_changed(self) -> None:
        self._match_lines()
        self._editor.set_highlight(None)
        self._editor.set_step_highlight(None)

    def _match_lines(self) -> None:
        recorded, written = self._session.recording.text, self._editor.toPlainText()
        self._to_editor = LineMap(recorded, written)
        self._from_editor = LineMap(written, recorded)
        self.lines_matched.emit()

    def _on_text_changed(self) -> None:
        self._rest.stop()
        self._edited.start()

    def _on_cursor_moved(self) -> None:
        if not self._edited.isActive():
            self._rest.start()

    def _on_cursor_rested(self) -> None:
        if not self._editor.hasFocus():
            return
        line, column = self._editor.place_of_cursor()
        recorded_line = self._from_editor.line(line)
        if recorded_line is None:
            return
        item = item_at(
            self._session.recording,
            recorded_line,
            column,
            self._session.selection,
            self._runs_in_pass,
        )
        if item is not None:
            self._is_selecting = True
            try:
                self._session.select(self._session.in_drawn_pass(item))
            finally:
                self._is_selecting = False

    def _on_selection_changed(self, item: Item | None) -> None:
        self._highlight(item, quiet=self._is_selecting)

    def _runs_in_pass(self, item: Item) -> bool:
        """Whether an item takes part in the pass at the playhead."""
        replay = self._session.replay
        index = replay.pass_index_at(self._session.playhead)
        if index is None:
            return False
        first, last = replay.span_of(index)
        return any(
            first < playhead <= last
            for node in nodes_of_item(replay.recording, item)
            for playhead in replay.playheads_of(node)
        )

    def _on_playhead_moved(self, playhead: int) -> None:
        """Mark the text of the op whose node was just executed, beside that of the selection."""
        moment = self._session.replay.moment_at(playhead)
        location = None
        if moment is not None and moment.step is not None:
            step = Item(ItemKind.NODE, moment.step.autograd_node)
            location = location_of(self._session.recording, step)
        if location is not None:
            location = self._to_editor.location(location)
        self._editor.set_step_highlight(location, scroll=self._session.selection is None)

    def _highlight(self, item: Item | None, *, quiet: bool) -> None:
        location = None if item is None else location_of(self._session.recording, item)
        if location is not None:
            location = self._to_editor.location(location)
        self._editor.set_highlight(location, scroll=not quiet)


def location_of(recording: Recording, item: Item) -> Location | None:
    """The piece of text that stands for an item, None where it has none."""
    match item.kind:
        case ItemKind.OP:
            return _location_of_op(recording, item.id)
        case ItemKind.TENSOR:
            return _location_of_tensor(recording, item.id)
        case ItemKind.NODE:
            node = recording.autograd_nodes[item.id]
            if node.op is not None:
                return _location_of_op(recording, node.op)
            return None if node.leaf is None else _location_of_tensor(recording, node.leaf)
        case ItemKind.SCOPE:
            # Late, since the window is shown before anything heavy is imported.
            from gradviz.recording.scopes import scopes_of

            return _location_of_op(recording, scopes_of(recording).scopes[item.id].start)


def _location_of_op(recording: Recording, op_id: int) -> Location | None:
    location = recording.ops[op_id].location
    # What is in another file has no place in this text.
    return None if location is None or location.file else location


def _location_of_tensor(recording: Recording, tensor_id: int) -> Location | None:
    tensor = recording.tensors[tensor_id]
    if tensor.line is None:
        return None if tensor.op is None else _location_of_op(recording, tensor.op)
    lines = recording.text.split("\n")
    if not 0 < tensor.line <= len(lines):
        return None
    text = lines[tensor.line - 1]
    code = text.split("#")[0].rstrip()
    start = len(code) - len(code.lstrip())
    return Location(tensor.line, start, tensor.line, max(len(code), start))


class _Line(NamedTuple):
    """What a line of the recorded text stands for."""

    tensors: list[Tensor]
    ops: list[tuple[Location, OpId]]


def _find_lines(recording: Recording) -> dict[int, _Line]:
    lines: dict[int, _Line] = {}
    for tensor in recording.tensors:
        if tensor.line is not None:
            lines.setdefault(tensor.line, _Line([], [])).tensors.append(tensor)
    for op in recording.ops:
        place = _location_of_op(recording, op.id)
        if place is not None:
            for line in range(place.line, min(place.end_line, place.line + _MAX_LINES) + 1):
                lines.setdefault(line, _Line([], [])).ops.append((place, op.id))
    return lines


_lines_of = PerRecording(_find_lines)


def item_at(
    recording: Recording,
    line: int,
    column: int,
    selected: Item | None,
    is_wanted: Callable[[Item], bool] | None = None,
) -> Item | None:
    """The item that a place of the recorded text stands for, None where there is none.

    A tensor's name stands for the tensor that it was bound to on that line; else the innermost op
    around the place; else what the line made. Of an op executed many times it is the one that is
    selected already, else the last one that is wanted, else the last one.
    """
    there = _lines_of(recording).get(line)
    if there is None:
        return None
    choice = _Choice(selected, is_wanted)
    word = _word_at(recording.text, line, column)
    named = [tensor for tensor in there.tensors if tensor.name is not None and tensor.name == word]
    if named:
        return choice.of([tensor_item(tensor.id) for tensor in named])
    around: dict[tuple[int, int], list[Item]] = {}
    for place, op in there.ops:
        if _contains(place, line, column):
            size = (place.end_line - place.line, place.end_column - place.column)
            around.setdefault(size, []).append(op_item(op))
    if around:
        return _drawn(recording, choice.of(around[min(around)]))
    if there.tensors:
        known = [t for t in there.tensors if t.name is not None] or there.tensors
        return choice.of([tensor_item(tensor.id) for tensor in known])
    ops = [op_item(op) for place, op in there.ops if place.line == line]
    return _drawn(recording, choice.of(ops)) if ops else None


class _Choice(NamedTuple):
    """Which of several executions of a line is meant."""

    selected: Item | None
    is_wanted: Callable[[Item], bool] | None

    def of(self, items: list[Item]) -> Item:
        """Choose among the executions, of which there is at least one."""
        if self.selected is not None and self.selected in items:
            return self.selected
        if self.is_wanted is not None:
            return next((item for item in reversed(items) if self.is_wanted(item)), items[-1])
        return items[-1]


def _drawn(recording: Recording, item: Item) -> Item:
    # An op that only makes a tensor is drawn as that tensor.
    op = recording.ops[item.id]
    return tensor_item(TensorId(op.outputs[0])) if not op.inputs and op.outputs else item


def _contains(place: Location, line: int, column: int) -> bool:
    return (place.line, place.column) <= (line, column) <= (place.end_line, place.end_column)


def _word_at(text: str, line: int, column: int) -> str:
    lines = text.split("\n")
    if not 0 < line <= len(lines):
        return ""
    for word in _WORD.finditer(lines[line - 1]):
        if word.start() <= column <= word.end():
            return word[0]
    return ""

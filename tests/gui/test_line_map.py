from __future__ import annotations

from gradviz.gui.line_map import LineMap
from gradviz.recording.model import Location


def test_unchanged_text_maps_to_itself() -> None:
    assert LineMap("a\nb", "a\nb").line(2) == 2


def test_lines_follow_what_was_put_above_them() -> None:
    lines = LineMap("a\nb\nc", "new\na\nb\nc")
    assert [lines.line(n) for n in (1, 2, 3)] == [2, 3, 4]


def test_a_changed_line_is_nowhere() -> None:
    assert LineMap("a\nb\nc", "a\nB\nc").line(2) is None
    assert LineMap("a\nb\nc", "a\nB\nc").line(3) == 3


def test_a_location_needs_all_its_lines() -> None:
    lines = LineMap("f(\nx)\ny", "f(\nnew,\nx)\ny")
    assert lines.location(Location(1, 0, 2, 2)) is None
    assert lines.location(Location(3, 0, 3, 1)) == Location(4, 0, 4, 1)

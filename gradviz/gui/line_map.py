"""Where the lines of a text went when the text was edited."""

from __future__ import annotations

from difflib import SequenceMatcher

import msgspec

from gradviz.recording.model import Location


class LineMap:
    """Maps lines of an older text to those of a newer one, as far as they are unchanged."""

    def __init__(self, old: str, new: str) -> None:
        self._is_same = old == new
        self._lines: dict[int, int] = {}
        if self._is_same:
            return
        matcher = SequenceMatcher(None, old.split("\n"), new.split("\n"), autojunk=False)
        for start, target, size in matcher.get_matching_blocks():
            self._lines.update((start + i + 1, target + i + 1) for i in range(size))

    def line(self, line: int) -> int | None:
        """The line's number in the newer text, None where it was changed or taken out."""
        return line if self._is_same else self._lines.get(line)

    def location(self, location: Location) -> Location | None:
        """The location in the newer text, None where one of its lines was changed."""
        start, end = self.line(location.line), self.line(location.end_line)
        if start is None or end is None or end - start != location.end_line - location.line:
            return None
        return msgspec.structs.replace(location, line=start, end_line=end)

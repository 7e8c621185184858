"""Format the error of a run as a compiler does: place, message, the line with a caret, help."""

from __future__ import annotations

from typing import Final

from gradviz.recording.model import RunError

_TAB: Final = 4


def error_text(error: RunError, text: str, filename: str) -> str:
    """`filename:line:column: Type: message`, the line of `text` it is about, and what to do.

    Columns count from 1 here, as editors and compilers write them.
    """
    place = filename
    if error.line is not None:
        place += f":{error.line}"
        if error.column is not None:
            place += f":{error.column + 1}"
    message = f"{error.type}: {error.message}" if error.message else error.type
    parts = [f"{place}: {message}", *_excerpt(error, text)]
    if error.help:
        parts.append(f"help: {error.help}")
    return "\n".join(parts) + "\n"


def _excerpt(error: RunError, text: str) -> list[str]:
    lines = text.split("\n")
    if error.line is None or not 1 <= error.line <= len(lines):
        return []
    line = lines[error.line - 1]
    margin = f"{error.line:>5} | "
    shown = [margin + line.expandtabs(_TAB)]
    if error.column is not None and error.column <= len(line):
        ends_here = error.end_line in (None, error.line) and error.end_column is not None
        end = error.end_column if ends_here and error.end_column is not None else error.column + 1
        before = len(line[: error.column].expandtabs(_TAB))
        marked = len(line[: max(end, error.column + 1)].expandtabs(_TAB)) - before
        shown.append(" " * (len(margin) - 2) + "| " + " " * before + "^" * max(1, marked))
    return shown

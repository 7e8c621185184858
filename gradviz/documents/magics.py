"""Drop what only IPython understands from a text, so that Python is left on the same lines."""

from __future__ import annotations

import re
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import Final

from gradviz.documents.nesting import inside_statement

_MAGIC: Final = re.compile(
    r"^(?P<indent>[ \t]*)%(?P<name>time(?:it)?)(?:[ \t]+-(?:[nrp][ \t]*\d+|[oqct]))*[ \t]+(?=\S)"
)
_PASSED_OVER: Final = re.compile(
    r"^(?P<indent>[ \t]*)(?:%(?!time(?:it)?\b)[A-Za-z_].*|!.*|\?\??[\w.]+[ \t]*|[\w.]+\?\??[ \t]*)$"
)
_CELL_MAGIC: Final = re.compile(r"^%%time(?:it)?\b.*$")
_FOLDER: Final = re.compile(r"(?P<indent>[ \t]*)%cd(?:[ \t]+-q)?(?:[ \t]+(?P<folder>[^-\s].*))?$")
_SHOWN_VARIABLE: Final = re.compile(r"(?P<indent>[ \t]*)%env[ \t]+(?P<name>\w+)[ \t]*$")
_VARIABLE: Final = re.compile(
    r"(?P<indent>[ \t]*)%(?:env|set_env)[ \t]+(?P<name>\w+)(?:[ \t]*=[ \t]*|[ \t]+)(?P<value>.*)$"
)
_NAME: Final = re.compile(r"[ \t]*%(?P<name>[A-Za-z_]\w*)")
_ALIKE: Final = 0.7
_CELL: Final = re.compile(r"#\s*%%")


def in_python(line: str) -> str | None:
    """What `%cd folder` and `%env NAME=value` do, as Python; None for any other line.

    A value in which IPython would put what names mean is none of these.
    """
    folder = _FOLDER.match(line.rstrip())
    if folder is not None:
        path = _unquoted(folder["folder"] or "~")
        return (
            f'{folder["indent"]}__import__("os").chdir(__import__("os").path.expanduser({path!r}))'
        )
    shown = _SHOWN_VARIABLE.match(line)
    if shown is not None:
        return f'{shown["indent"]}__import__("os").environ.get({shown["name"]!r})'
    variable = _VARIABLE.match(line.rstrip())
    if variable is not None and not re.search(r"[{$]", variable["value"]):
        name, value = variable["name"], variable["value"]
        return f'{variable["indent"]}__import__("os").environ[{name!r}] = {value!r}'
    return None


def is_misspelt(line: str) -> bool:
    """Whether it is meant to be timed: passed over, its statement would be lost."""
    magic = _NAME.match(line)
    if magic is None or magic["name"] in ("time", "timeit"):
        return False
    ratios = (SequenceMatcher(None, magic["name"], known).ratio() for known in ("time", "timeit"))
    return max(ratios) > _ALIKE


def _unquoted(path: str) -> str:
    is_quoted = len(path) > 1 and path[0] == path[-1] and path[0] in "\"'"
    return path[1:-1] if is_quoted else path


def without_magics(text: str) -> str:
    """The text without magics, on the same lines.

    Of the timing magics the statement stays, `%cd` and `%env` become what they do, other lines that
    only a notebook needs become `pass`. Cell magics other than those of timing fail when it is run.
    """
    lines = text.split("\n")
    start = 0
    for index, line in enumerate(lines):
        if _CELL.match(line):
            start = index + 1
        elif line.strip()[:1] in ("%", "!", "?") or line.rstrip()[-1:] == "?":
            lines[index] = _without_magic(line, lines[start:index])
    return "\n".join(lines)


def _without_magic(line: str, before: Sequence[str]) -> str:
    if _CELL_MAGIC.match(line):
        return ""
    if _MAGIC.match(line):
        return _MAGIC.sub(r"\g<indent>", line)
    if not _PASSED_OVER.match(line) or is_misspelt(line) or inside_statement(before):
        return line
    return in_python(line) or _PASSED_OVER.sub(r"\g<indent>pass", line)


def dropped_columns(text: str) -> list[int]:
    """How many columns `without_magics` takes from each line before what it leaves."""
    found = (_MAGIC.match(line) for line in text.split("\n"))
    return [0 if m is None else m.end() - len(m["indent"]) for m in found]


def repeated_lines(text: str) -> frozenset[int]:
    """The lines (from 1) whose statement `%timeit` repeats."""
    found = (_MAGIC.match(line) for line in text.split("\n"))
    return frozenset(
        i for i, m in enumerate(found, start=1) if m is not None and m["name"] == "timeit"
    )

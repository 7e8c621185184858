"""Drop IPython's timing magics from a text, so that what is left is Python on the same lines."""

from __future__ import annotations

import re
from typing import Final

_MAGIC: Final = re.compile(
    r"^(?P<indent>[ \t]*)%(?P<name>time(?:it)?)(?:[ \t]+-(?:[nrp][ \t]*\d+|[oqct]))*[ \t]+(?=\S)"
)
_PASSED_OVER: Final = re.compile(
    r"^(?P<indent>[ \t]*)(?:%(?:matplotlib|config|load_ext|reload_ext|autoreload)\b.*|!.*|"
    r"\?\??[\w.]+[ \t]*|[\w.]+\?\??[ \t]*)$"
)
_CELL_MAGIC: Final = re.compile(r"^%%time(?:it)?\b.*$")


def without_magics(text: str) -> str:
    """The text without timing magics, on the same lines; unknown magics fail when it is run."""
    lines = [_CELL_MAGIC.sub("", line) for line in text.split("\n")]
    lines = [_PASSED_OVER.sub(r"\g<indent>pass", line) for line in lines]
    return "\n".join(_MAGIC.sub(r"\g<indent>", line) for line in lines)


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
